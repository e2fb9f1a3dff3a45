use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::schema::{defaults, managed_fields, validation};
use super::super::store::{Draft, Key, Rejected, Stored, Write};
use super::options::{WriteOptions, Written};
use super::{Verbs, admission, field_validation, metadata, refusal, scale};
use crate::kubernetes::{Kind, Status};

/// Attempts at a change when others write the same object in between.
const ATTEMPTS: usize = 64;

/// A change of one object: who asks, to what part of it, and whether by apply.
#[derive(Clone, Copy)]
pub(super) struct Changing<'a> {
    pub key: &'a Key,
    pub subresource: &'a str,
    pub options: &'a WriteOptions,
    /// Server-side apply has recorded who owns what.
    pub by_apply: bool,
}

impl Verbs {
    /// [`Verbs::update`], with all that the HTTP answer needs.
    pub async fn update_written(
        &self,
        key: &Key,
        subresource: &str,
        mut object: Value,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        let mut warnings = Vec::new();
        if subresource != "scale" {
            metadata::set_type(key.kind, &mut object)?;
            warnings = field_validation::check(&mut object, options)?;
        }
        let changing = Changing { key, subresource, options, by_apply: false };
        let mut written = self.change(changing, |_, _| Ok(object.clone())).await?;
        written.warnings.append(&mut warnings);
        Ok(written)
    }

    /// Reads, changes and writes an object, again from the start when someone else was faster;
    /// a body with a `resourceVersion` then fails by itself.
    ///
    /// `change` gets the object (or its `Scale`) and returns its new state.
    pub(super) async fn change(
        &self,
        changing: Changing<'_>,
        change: impl Fn(&Value, &mut Vec<String>) -> Result<Value, Status>,
    ) -> Result<Written, Status> {
        let Changing { key, subresource, .. } = changing;
        let mut attempts = ATTEMPTS;
        loop {
            attempts -= 1;
            let old = self.get(key)?;
            let before = old.value();
            let mut warnings = Vec::new();
            let new = if subresource == "scale" {
                let scale = scale::scale_of(key.kind, &before)
                    .ok_or_else(|| refusal::not_found(key.kind, &key.name))?;
                scale::set_replicas(key, &old, &before, &change(&scale, &mut warnings)?)?
            } else {
                change(&before, &mut warnings)?
            };
            match self.write_change(changing, &old, &before, new).await {
                Ok(object) => return Ok(Written { object, created: false, warnings }),
                Err(Refused::Changed) if attempts > 0 => {}
                Err(Refused::Changed) => return Err(refusal::modified(key)),
                Err(Refused::For(status)) => return Err(status),
            }
        }
    }

    async fn write_change(
        &self,
        changing: Changing<'_>,
        old: &Arc<Stored>,
        before: &Value,
        mut new: Value,
    ) -> Result<Arc<Stored>, Refused> {
        let Changing { key, subresource, options, by_apply } = changing;
        let kind = key.kind;
        metadata::keep_identity(key, old, before, &mut new)?;
        let mut new = restricted(kind, subresource, before, new);
        let mut allocation = None;
        if subresource.is_empty() || subresource == "scale" {
            defaults::apply_defaults(kind, &mut new);
            admission::admit_update(key, before, &mut new)?;
            allocation = Some(self.allocate(kind, &mut new, Some(before))?);
            let causes = validation::validate(kind, &new, Some(before));
            if !causes.is_empty() {
                return Err(refusal::invalid(kind, &key.name, causes).into());
            }
        }
        metadata::count_generation(kind, before, &mut new);
        if !by_apply {
            let now = Timestamp::now();
            let writer = managed_fields::Writer { manager: &options.manager, subresource, now };
            managed_fields::track_update(kind, Some(before), &mut new, writer);
        }
        let ends = ends_deletion(kind, old, &new);
        if !ends && metadata::is_same(before, &new) {
            return Ok(Arc::clone(old));
        }
        let draft = Draft::new(kind, &new);
        if options.dry_run {
            return Ok(Arc::new(draft.unsaved(old.revision)));
        }
        let written = if ends {
            self.commit_delete(key, old.revision, Some(draft)).await?
        } else {
            self.store.commit(Write::Replace(draft, old.revision)).await.map_err(|error| {
                match error {
                    Rejected::Changed => Refused::Changed,
                    other => Refused::For(refusal::rejected(key, &other)),
                }
            })?
        };
        if let Some(allocation) = allocation {
            allocation.keep();
        }
        Ok(written)
    }
}

/// Why a change was not written.
pub(super) enum Refused {
    /// The object was changed since it was read.
    Changed,
    /// For good.
    For(Status),
}

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        Self::For(status)
    }
}

/// The new state, with all that the subresource may not change as it was.
fn restricted(kind: &Kind, subresource: &str, before: &Value, new: Value) -> Value {
    let parts: &[&str] = match subresource {
        "" => {
            let mut new = new;
            if kind.has_status {
                copy(before, &mut new, "/status");
            }
            return new;
        }
        "scale" => return new,
        "status" => &["/status"],
        "finalize" => &["/spec/finalizers"],
        "ephemeralcontainers" => &["/spec/ephemeralContainers"],
        "resize" => &["/spec/containers", "/spec/initContainers"],
        "approval" => &["/status/conditions"],
        "binding" => &["/spec/nodeName", "/status"],
        _ => &[],
    };
    let mut result = before.clone();
    for part in parts {
        copy(&new, &mut result, part);
    }
    // Apply records ownership in the new state; for other writes it is the same in both.
    copy(&new, &mut result, "/metadata/managedFields");
    result
}

/// Makes the field at a path (of one or two names) the same in `to` as in `from`.
fn copy(from: &Value, to: &mut Value, path: &str) {
    let (parent, field) = path.rsplit_once('/').unwrap_or(("", path));
    let value = from.pointer(path);
    if to.pointer(parent).is_none()
        && let (Some(fields), Some(_)) = (to.as_object_mut(), value)
    {
        fields.insert(parent.trim_start_matches('/').to_owned(), json!({}));
    }
    let Some(fields) = to.pointer_mut(parent).and_then(Value::as_object_mut) else { return };
    match value {
        Some(value) => drop(fields.insert(field.to_owned(), value.clone())),
        None => drop(fields.shift_remove(field)),
    }
}

/// Whether the write takes away the last thing that a deletion waits for.
fn ends_deletion(kind: &Kind, old: &Stored, new: &Value) -> bool {
    let grace = new.pointer("/metadata/deletionGracePeriodSeconds").and_then(Value::as_i64);
    let namespace_waits = kind.group.is_empty()
        && kind.plural == "namespaces"
        && new
            .pointer("/spec/finalizers")
            .and_then(Value::as_array)
            .is_some_and(|finalizers| !finalizers.is_empty());
    old.deleting && !metadata::has_finalizers(new) && grace.unwrap_or(0) == 0 && !namespace_waits
}
