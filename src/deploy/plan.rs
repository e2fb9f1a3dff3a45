use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use super::kinds::{VOLUME, apply_order, is_workload};
use super::workload::{Phase, workload_state};
use super::{Delivery, Effect, Id, Observed, Target};
use crate::kubernetes::{Gate, GateCondition, Object};

/// How many changed fields a line of a plan names.
const FIELDS_TOLD: usize = 3;

/// What `up` will do, in the order in which it does it; prints as text.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The project and its namespace.
    pub target: Target,
    /// The stages, each finished before the next starts.
    pub stages: Vec<Stage>,
}

/// Operations that go together, and what is waited for after them.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// What is printed above it.
    pub title: String,
    /// In order.
    pub operations: Vec<Operation>,
    /// What must hold before the next stage.
    pub gates: Vec<Gate>,
}

/// One object and what happens to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What happens.
    pub action: Action,
    /// Why.
    pub cause: Why,
    /// The object: as it shall be, or as it is when it is deleted or kept.
    pub object: Object,
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is created.
    Create,
    /// It is changed in place.
    Apply,
    /// It is deleted and created again.
    Replace,
    /// It is deleted.
    Delete,
    /// Nothing, and that is worth a word.
    Keep,
    /// Nothing: it is as it shall be.
    Leave,
}

/// Why an operation is in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The cluster has none.
    New,
    /// These fields change.
    Changed(Vec<String>),
    /// The cluster tells only when it is applied.
    Unknown,
    /// Nothing changes.
    Unchanged,
    /// These fields change, and cannot in place.
    Immutable(Vec<String>),
    /// The Job failed before: it gets a new try.
    FailedBefore,
    /// The project no longer has it.
    LeftProject,
    /// The project no longer has it, but it holds data.
    VolumeLeftProject,
    /// Its claim changed where it cannot, and it holds data.
    VolumeImmutable(Vec<String>),
}

/// What a plan may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanOptions {
    /// What becomes of objects of the project that the delivery does not have.
    pub others: Others,
}

/// What becomes of objects of the project that the delivery does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// They left the project, and are deleted; volumes are kept.
    Delete,
    /// They left the project, and are kept.
    Keep,
    /// They are of services that are not delivered: nothing is said of them.
    Ignore,
}

impl Plan {
    /// Decides what makes the cluster have the delivery.
    pub fn new(delivery: &Delivery, observed: &Observed, options: PlanOptions) -> Self {
        let mut stages = Vec::new();
        if observed.namespace.is_none() {
            let create = Operation {
                action: Action::Create,
                cause: Why::New,
                object: delivery.namespace.clone(),
            };
            stages.push(Stage::new("namespace", vec![create]));
        }
        // What left goes first: it may hold a port that a renamed service wants.
        let left = left_project(delivery, observed, options.others);
        if !left.is_empty() {
            stages.push(Stage::new("left the project", left));
        }
        for (number, wave) in (1..).zip(&delivery.waves) {
            let operations = wave.objects.iter().map(|object| operation(object, observed));
            stages.push(Stage {
                title: format!("wave {number}"),
                operations: operations.collect(),
                gates: wave.gates.clone(),
            });
        }
        Self { target: delivery.target.clone(), stages }
    }

    /// Whether carrying it out changes nothing.
    pub fn is_empty(&self) -> bool {
        self.operations().all(|operation| !operation.changes())
    }

    /// Whether something keeps running once all is ready, or starts again by itself.
    pub fn runs_on(&self) -> bool {
        self.operations()
            .filter(|operation| operation.action != Action::Delete)
            .any(|operation| is_workload(&operation.object) && operation.object.kind() != "Job")
    }

    /// All operations, in order.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.stages.iter().flat_map(|stage| &stage.operations)
    }
}

impl Stage {
    fn new(title: &str, operations: Vec<Operation>) -> Self {
        Self { title: title.to_owned(), operations, gates: Vec::new() }
    }
}

impl Operation {
    /// Whether it changes anything in the cluster.
    pub fn changes(&self) -> bool {
        !matches!(self.action, Action::Keep | Action::Leave)
    }
}

fn left_project(delivery: &Delivery, observed: &Observed, others: Others) -> Vec<Operation> {
    if others == Others::Ignore {
        return Vec::new();
    }
    let wanted: BTreeSet<Id> = delivery.objects().map(Id::of).collect();
    let mut left: Vec<(&Id, &Object)> =
        observed.objects.iter().filter(|(id, _)| !wanted.contains(id)).collect();
    left.sort_by_key(|(id, _)| (std::cmp::Reverse(apply_order(&id.kind)), *id));
    left.into_iter()
        .map(|(id, object)| {
            let (action, cause) = if id.kind == VOLUME {
                (Action::Keep, Why::VolumeLeftProject)
            } else if others == Others::Delete {
                (Action::Delete, Why::LeftProject)
            } else {
                (Action::Keep, Why::LeftProject)
            };
            Operation { action, cause, object: object.clone() }
        })
        .collect()
}

fn operation(object: &Object, observed: &Observed) -> Operation {
    let id = Id::of(object);
    let live = observed.objects.get(&id);
    let (action, cause) = match observed.effects.get(&id) {
        _ if live.is_some_and(has_failed) => (Action::Replace, Why::FailedBefore),
        None | Some(Effect::Created) => (Action::Create, Why::New),
        Some(Effect::Unchanged) => (Action::Leave, Why::Unchanged),
        Some(Effect::Unknown) => (Action::Apply, Why::Unknown),
        // A Job does its work once: only a new one does the new work.
        Some(Effect::Changed(fields)) if id.kind == "Job" && changes_template(fields) => {
            (Action::Replace, Why::Immutable(fields.clone()))
        }
        Some(Effect::Changed(fields)) => (Action::Apply, Why::Changed(fields.clone())),
        Some(Effect::Immutable(fields)) if id.kind == VOLUME => {
            (Action::Keep, Why::VolumeImmutable(fields.clone()))
        }
        Some(Effect::Immutable(fields)) => (Action::Replace, Why::Immutable(fields.clone())),
    };
    // What stays as it is must be waited for in the generation that the cluster has.
    let object = match (action, live) {
        (Action::Keep | Action::Leave, Some(live)) => live.clone(),
        _ => object.clone(),
    };
    Operation { action, cause, object }
}

fn changes_template(fields: &[String]) -> bool {
    fields.iter().any(|field| field.starts_with("spec.template"))
}

/// A failed Job never starts again by itself.
fn has_failed(live: &Object) -> bool {
    live.kind() == "Job" && matches!(workload_state(live).phase, Phase::Failed { .. })
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target { project, namespace } = &self.target;
        writeln!(f, "project {project} in namespace {namespace}")?;
        let width = self.operations().map(|operation| Id::of(&operation.object).to_string().len());
        let width = width.max().unwrap_or(0);
        for Stage { title, operations, gates } in &self.stages {
            writeln!(f, "{title}:")?;
            for Operation { action, cause, object } in operations {
                let id = Id::of(object).to_string();
                writeln!(f, "  {} {id:width$}  {cause}", action.sign())?;
            }
            for gate in gates {
                writeln!(f, "  wait until {}", in_words(gate))?;
            }
        }
        if self.is_empty() {
            writeln!(f, "nothing to change")?;
        }
        Ok(())
    }
}

impl Action {
    fn sign(self) -> char {
        match self {
            Self::Create => '+',
            Self::Apply => '~',
            Self::Replace => '±',
            Self::Delete => '-',
            Self::Keep => '!',
            Self::Leave => '=',
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => f.write_str("new"),
            Self::Changed(fields) => write!(f, "changed: {}", told(fields)),
            Self::Unknown => f.write_str("changed or not: the cluster cannot try it"),
            Self::Unchanged => f.write_str("unchanged"),
            Self::Immutable(fields) => {
                write!(f, "replaced: {} cannot change in place", told(fields))
            }
            Self::FailedBefore => f.write_str("replaced: it failed before"),
            Self::LeftProject => f.write_str("no longer in the project"),
            Self::VolumeLeftProject => {
                f.write_str("kept: a volume, no longer in the project (`down -v` deletes volumes)")
            }
            Self::VolumeImmutable(fields) => write!(
                f,
                "kept as it is: {} of a volume cannot change (`down -v` deletes volumes and their \
                 data)",
                told(fields)
            ),
        }
    }
}

fn told(fields: &[String]) -> String {
    let mut text = fields.iter().take(FIELDS_TOLD).cloned().collect::<Vec<_>>().join(", ");
    if let Some(more) = fields.len().checked_sub(FIELDS_TOLD).filter(|more| *more > 0) {
        let _ = write!(text, " and {more} more");
    }
    text
}

/// E.g. `Job/migrate is complete`.
pub(super) fn in_words(gate: &Gate) -> String {
    let state = match gate.until {
        GateCondition::Started => "has started",
        GateCondition::Ready => "is ready",
        GateCondition::Complete => "is complete",
    };
    let softly = if gate.required { "" } else { " (not required)" };
    format!("{}/{} {state}{softly}", gate.kind, gate.name)
}

#[cfg(test)]
mod tests;
