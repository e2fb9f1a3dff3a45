use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::super::store::{Draft, Key, Rejected, Stored, Write};
use super::options::{DeleteOptions, Deleted, Propagation};
use super::update::Refused;
use super::{Verbs, metadata, refusal};
use crate::kubernetes::Status;

/// Namespaces that nobody may delete.
const UNDELETABLE: &[&str] = &["default", "kube-system", "kube-public", "kube-node-lease"];
/// The finalizer of `propagationPolicy: Foreground`.
const FOREGROUND: &str = "foregroundDeletion";
/// The finalizer of `propagationPolicy: Orphan`.
const ORPHAN: &str = "orphan";
/// `terminationGracePeriodSeconds` of a pod that does not say.
const POD_GRACE: i64 = 30;

impl Verbs {
    pub(super) async fn delete_object(
        &self,
        key: &Key,
        options: &DeleteOptions,
    ) -> Result<Deleted, Status> {
        loop {
            let old = self.get(key)?;
            check_preconditions(key, &old, options)?;
            match self.delete_once(key, &old, options).await {
                Err(Refused::Changed) => {}
                Err(Refused::For(status)) => return Err(status),
                Ok(deleted) => return Ok(deleted),
            }
        }
    }

    /// The end of an object; gives back what it had allocated.
    pub(super) async fn commit_delete(
        &self,
        key: &Key,
        revision: u64,
        last: Option<Draft>,
    ) -> Result<Arc<Stored>, Refused> {
        let write = Write::Delete(key.clone(), revision, last);
        let gone = self.store.commit(write).await.map_err(|error| match error {
            Rejected::Changed => Refused::Changed,
            other => Refused::For(refusal::rejected(key, &other)),
        })?;
        self.release(key.kind, &gone);
        Ok(gone)
    }

    async fn delete_once(
        &self,
        key: &Key,
        old: &Arc<Stored>,
        options: &DeleteOptions,
    ) -> Result<Deleted, Refused> {
        let before = old.value();
        match plan(key, &before, options, Timestamp::now())? {
            Step::Nothing => Ok(Deleted::Pending(Arc::clone(old))),
            Step::Gone if options.dry_run => Ok(Deleted::Gone(Arc::clone(old))),
            Step::Gone => Ok(Deleted::Gone(self.commit_delete(key, old.revision, None).await?)),
            Step::Mark(new) => {
                let draft = Draft::new(key.kind, &new);
                if options.dry_run {
                    return Ok(Deleted::Pending(Arc::new(draft.unsaved(old.revision))));
                }
                let write = Write::Replace(draft, old.revision);
                match self.store.commit(write).await {
                    Ok(marked) => Ok(Deleted::Pending(marked)),
                    Err(Rejected::Changed) => Err(Refused::Changed),
                    Err(other) => Err(Refused::For(refusal::rejected(key, &other))),
                }
            }
        }
    }
}

/// What a delete does to an object.
enum Step {
    /// It is on its way already.
    Nothing,
    /// The object goes at once.
    Gone,
    /// The object stays for now, in this state.
    Mark(Value),
}

fn plan(
    key: &Key,
    before: &Value,
    options: &DeleteOptions,
    now: Timestamp,
) -> Result<Step, Status> {
    let is = |plural| key.kind.group.is_empty() && key.kind.plural == plural;
    if is("namespaces") && UNDELETABLE.contains(&key.name.as_str()) {
        return Err(refusal::forbidden(key.kind, &key.name, "this namespace may not be deleted"));
    }
    let mut new = before.clone();
    let grace = if is("pods") { pod_grace(before, options) } else { 0 };
    let namespace_waits = is("namespaces")
        && new.pointer("/spec/finalizers").and_then(Value::as_array).is_some_and(|f| !f.is_empty());
    let metadata = metadata::of(&mut new)?;
    set_finalizers(metadata, options.propagation);
    let waits = metadata.get("finalizers").is_some() || namespace_waits;
    if !waits && grace == 0 {
        return Ok(Step::Gone);
    }
    let marked = metadata.get("deletionTimestamp").is_some();
    let shortens = metadata
        .get("deletionGracePeriodSeconds")
        .and_then(Value::as_i64)
        .is_some_and(|current| grace < current);
    if !marked || shortens {
        let end = now.saturating_add(SignedDuration::from_secs(grace)).unwrap_or(now);
        metadata.insert("deletionTimestamp".to_owned(), metadata::seconds(end));
        metadata.insert("deletionGracePeriodSeconds".to_owned(), json!(grace));
        if !marked && let Some(generation) = metadata.get("generation").and_then(Value::as_i64) {
            metadata.insert("generation".to_owned(), json!(generation + 1));
        }
    }
    if namespace_waits && let Some(fields) = new.as_object_mut() {
        let status = fields.entry("status").or_insert_with(|| json!({}));
        status["phase"] = json!("Terminating");
    }
    Ok(if new == *before { Step::Nothing } else { Step::Mark(new) })
}

/// The seconds that a pod gets to end; none when nothing of it can run any more.
fn pod_grace(pod: &Value, options: &DeleteOptions) -> i64 {
    let text = |path| pod.pointer(path).and_then(Value::as_str).unwrap_or("");
    let finished = matches!(text("/status/phase"), "Succeeded" | "Failed");
    if text("/spec/nodeName").is_empty() || finished {
        return 0;
    }
    let wanted = options.grace_period.or_else(|| {
        pod.pointer("/metadata/deletionGracePeriodSeconds")
            .or_else(|| pod.pointer("/spec/terminationGracePeriodSeconds"))
            .and_then(Value::as_i64)
    });
    wanted.unwrap_or(POD_GRACE).max(0)
}

/// Adds and removes the finalizers that stand for the propagation policy.
fn set_finalizers(metadata: &mut Map<String, Value>, propagation: Option<Propagation>) {
    let mut finalizers: Vec<Value> =
        metadata.get("finalizers").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(propagation) = propagation {
        finalizers.retain(|finalizer| finalizer != FOREGROUND && finalizer != ORPHAN);
        match propagation {
            Propagation::Foreground => finalizers.push(json!(FOREGROUND)),
            Propagation::Orphan => finalizers.push(json!(ORPHAN)),
            Propagation::Background => {}
        }
    }
    if finalizers.is_empty() {
        metadata.shift_remove("finalizers");
    } else {
        metadata.insert("finalizers".to_owned(), Value::Array(finalizers));
    }
}

fn check_preconditions(key: &Key, old: &Stored, options: &DeleteOptions) -> Result<(), Status> {
    let checks = [
        ("UID", &options.uid, old.uid.clone()),
        ("ResourceVersion", &options.resource_version, old.revision.to_string()),
    ];
    for (name, expected, actual) in checks {
        if let Some(expected) = expected
            && *expected != actual
        {
            return Err(refusal::conflict(
                key,
                &format!(
                    "Precondition failed: {name} in precondition: {expected}, {name} in object \
                     meta: {actual}"
                ),
            ));
        }
    }
    Ok(())
}
