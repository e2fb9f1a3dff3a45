use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Note, Operation, Plan, Recorder, Reference};
use crate::control_plane::verbs::{DeleteOptions, Patch, Verbs, WriteOptions};
use crate::kubernetes::{Reason, Status};

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing to do until something happens.
    Done,
    /// Come back at this time.
    Again(Timestamp),
    /// It failed: come back after a back-off.
    Retry(String),
}

/// Carries out plans in the name of one component; cheap to clone. It decides nothing.
#[derive(Clone)]
pub(crate) struct Executor {
    verbs: Verbs,
    recorder: Recorder,
    component: &'static str,
}

impl Executor {
    /// An executor that writes and records as `component`.
    pub(crate) fn new(verbs: Verbs, recorder: Recorder, component: &'static str) -> Self {
        Self { verbs, recorder, component }
    }

    /// The same, as another component.
    pub(crate) fn named(&self, component: &'static str) -> Self {
        Self { component, ..self.clone() }
    }

    /// Carries out a plan; what fails does not keep the rest from being done, but creates stop at the first failure.
    pub(crate) async fn execute(&self, plan: Plan) -> Outcome {
        let mut failure = None;
        for operation in plan.operations {
            if failure.is_some() && matches!(operation, Operation::Create { .. }) {
                continue;
            }
            tracing::debug!(component = self.component, %operation);
            if let Err(status) = self.carry_out(operation).await
                && !is_terminating(&status)
            {
                failure.get_or_insert(status.message);
            }
        }
        match (failure, plan.again_at) {
            (Some(message), _) => Outcome::Retry(message),
            (None, Some(at)) => Outcome::Again(at),
            (None, None) => Outcome::Done,
        }
    }

    /// Records an event; returns at once.
    pub(crate) fn record(&self, note: Note) {
        self.recorder.record(self.component, note);
    }

    async fn carry_out(&self, operation: Operation) -> Result<(), Status> {
        let options =
            WriteOptions { manager: self.component.to_owned(), ..WriteOptions::default() };
        match operation {
            Operation::Create { kind, namespace, object, note } => {
                match self.verbs.create(kind, &namespace, object, &options).await {
                    Ok(created) => self.note(note.map(|note| named(note, &created.name))),
                    Err(status) => return Err(self.create_failed(status, note)),
                }
            }
            Operation::Patch { target, subresource, mut patch, note } => {
                set_uid(&mut patch, &target);
                let patch = Patch::Merge(patch);
                found(self.verbs.patch(&target.key, subresource, patch, &options).await)?;
                self.note(note);
            }
            Operation::Replace { target, subresource, mut object } => {
                set_uid(&mut object, &target);
                found(self.verbs.update(&target.key, subresource, object, &options).await)?;
            }
            Operation::Delete { target, grace_period, propagation, note } => {
                let uid = (!target.uid.is_empty()).then_some(target.uid);
                let propagation = Some(propagation);
                let options =
                    DeleteOptions { grace_period, propagation, uid, ..DeleteOptions::default() };
                if found(self.verbs.delete(&target.key, &options).await)?.is_some() {
                    self.note(note);
                }
            }
            Operation::Bind { target, node, note } => {
                let binding = json!({"target": {"kind": "Node", "name": node}});
                if found(self.verbs.bind(&target.key, &binding, &options).await)?.is_some() {
                    self.record(note);
                }
            }
            Operation::Record(note) => self.record(note),
        }
        Ok(())
    }

    fn note(&self, note: Option<Note>) {
        if let Some(note) = note {
            self.record(note);
        }
    }

    fn create_failed(&self, status: Status, note: Option<Note>) -> Status {
        if let Some(note) = note
            && !is_terminating(&status)
        {
            let message = format!("Error creating: {}", status.message);
            self.record(Note { warning: true, reason: "FailedCreate", message, ..note });
        }
        status
    }
}

/// An object that is gone needs no more writes: its deletion is, or will be, observed.
fn found<T>(result: Result<T, Status>) -> Result<Option<T>, Status> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(status) if status.reason == Reason::NotFound => Ok(None),
        Err(status) => Err(status),
    }
}

/// Nothing is created in a namespace that is being deleted, and that is no failure.
fn is_terminating(status: &Status) -> bool {
    status.reason == Reason::Forbidden
        && status.causes.iter().any(|cause| cause.reason == "NamespaceTerminating")
}

fn named(mut note: Note, name: &str) -> Note {
    note.message = note.message.replace("{}", name);
    note
}

/// The uid in the body is a precondition: a new object of the same name is left alone.
fn set_uid(body: &mut Value, target: &Reference) {
    if !target.uid.is_empty()
        && let Some(object) = body.as_object_mut()
    {
        let metadata = object.entry("metadata").or_insert_with(|| json!({}));
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.insert("uid".to_owned(), target.uid.clone().into());
        }
    }
}
