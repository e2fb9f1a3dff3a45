//! Field ownership and server-side apply, as k8s.io/structured-merge-diff defines them.

mod field_set;
mod managers;
mod walk;

use jiff::Timestamp;
use serde_json::{Map, Value};

use self::field_set::{FieldSet, describe};
use self::managers::{Manager, Managers, Operation, Owned, unowned};
use self::walk::Duplicates;
use super::defaults;
use crate::kubernetes::schema::{self, Fault, Type};
use crate::kubernetes::{Cause, Kind, Reason, Status};

/// Who writes, when, and through which subresource.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// The field manager.
    pub manager: &'a str,
    /// The subresource, empty for the object itself.
    pub subresource: &'a str,
    /// The time of the write.
    pub now: Timestamp,
}

/// Server-side apply: merges `config` into `live` and returns the new object with its `managedFields`.
///
/// The result has its defaults; it is `live` itself when nothing changes, the time of the entry included.
/// Without `force`, a field that another manager owns with another value is a conflict (409).
pub fn apply(
    kind: &Kind,
    live: Option<&Value>,
    config: &Value,
    writer: Writer<'_>,
    force: bool,
) -> Result<Value, Status> {
    let run = Apply::prepare(kind, live, config, writer)?;
    let applied = run.apply(force);
    match applied {
        Err(conflicts) if run.is_migration(&conflicts) => run.apply(true),
        applied => applied,
    }
    .map_err(Conflicts::into_status)
}

/// Records in `new` who owns what after a create, update or patch that is not an apply.
pub fn track_update(kind: &Kind, old: Option<&Value>, new: &mut Value, writer: Writer<'_>) {
    let mut managers = managers_of_update(old, new, writer);
    let manager = Manager {
        name: name_or_unknown(writer.manager),
        operation: Operation::Update,
        version: kind.api_version(),
        subresource: writer.subresource.to_owned(),
    };
    let old = old.map_or_else(empty, without_managers);
    update(kind, &old, &without_managers(new), &mut managers, &manager, writer.now);
    managers.write(new);
}

/// One apply, ready to run with and without force.
struct Apply<'a> {
    kind: &'a Kind,
    place: Type,
    live: Option<&'a Value>,
    /// `live` without its managers; an empty object when there is none.
    base: Value,
    /// The merge of `base` and the config, before anything is pruned.
    merged: Value,
    config_fields: FieldSet,
    managers: Managers,
    manager: Manager,
    writer: Writer<'a>,
}

/// Fields that others own with other values.
struct Conflicts(Vec<(Manager, FieldSet)>);

impl<'a> Apply<'a> {
    fn prepare(
        kind: &'a Kind,
        live: Option<&'a Value>,
        config: &Value,
        writer: Writer<'a>,
    ) -> Result<Self, Status> {
        if config.pointer("/metadata/managedFields").is_some_and(|fields| !fields.is_null()) {
            return Err(Status::new(Reason::BadRequest, "metadata.managedFields must be nil"));
        }
        let refused = |error: String| {
            let text = |field| config.pointer(field).and_then(Value::as_str).unwrap_or_default();
            let message = format!(
                "failed to create typed patch object ({}/{}; {}, Kind={}): {error}",
                text("/metadata/namespace"),
                text("/metadata/name"),
                kind.api_version(),
                kind.kind
            );
            Status::new(Reason::BadRequest, message)
        };
        refuse_wrong_fields(config).map_err(refused)?;
        let mut config = config.clone();
        schema::prune(&mut config);
        remove_fields_of_others(kind, &mut config, writer.subresource);

        let place = type_of(kind);
        let base = live.map_or_else(empty, without_managers);
        let mut managers = live.and_then(Managers::read).unwrap_or_default();
        if live.is_some() && managers.entries.is_empty() {
            let manager = Manager {
                name: "before-first-apply".to_owned(),
                operation: Operation::Update,
                version: kind.api_version(),
                subresource: String::new(),
            };
            update(kind, &empty(), &base, &mut managers, &manager, writer.now);
        }
        Ok(Self {
            kind,
            place,
            live,
            merged: walk::merge(place, &base, &config).map_err(refused)?,
            base,
            config_fields: walk::field_set(place, &config, Duplicates::Refused).map_err(refused)?,
            managers,
            manager: Manager {
                name: name_or_unknown(writer.manager),
                operation: Operation::Apply,
                version: String::new(),
                subresource: writer.subresource.to_owned(),
            },
            writer,
        })
    }

    fn apply(&self, force: bool) -> Result<Value, Conflicts> {
        let mut managers = self.managers.clone();
        let owned = Owned {
            fields: self.config_fields.clone(),
            version: self.kind.api_version(),
            time: Some(self.writer.now),
        };
        let last = managers.entries.insert(self.manager.clone(), owned);
        let mut object = match last {
            Some(last) => self.prune(&last.fields, &managers),
            None => self.merged.clone(),
        };
        defaults::apply_defaults(self.kind, &mut object);

        let comparison = walk::compare(self.place, &self.base, &object).unwrap_or_default();
        let taken = take_over(&mut managers, Some(&self.manager), &comparison);
        if !force && !taken.is_empty() {
            return Err(Conflicts(taken));
        }
        managers.strip(&self.manager);
        Ok(self.unless_unchanged(object, &managers))
    }

    /// Removes what the manager applied before and omits now, unless someone else owns it.
    fn prune(&self, last: &FieldSet, managers: &Managers) -> Value {
        let named = |set: &FieldSet| set.with_named_fields(self.place);
        let paths = |value: &Value| {
            named(&walk::field_set(self.place, value, Duplicates::Kept).unwrap_or_default())
        };
        let without =
            |set: &FieldSet| walk::remove(self.place, &self.merged, set).unwrap_or_else(empty);
        let merged = paths(&self.merged);
        let last = named(last);
        let owned = managers
            .entries
            .values()
            .fold(FieldSet::default(), |all, owned| all.union(&owned.fields));
        // What somebody owns comes back, and so does what nobody ever applied.
        let pruned = paths(&without(&last)).union(&named(&owned));
        let pruned = paths(&without(&merged.difference(&pruned)));
        without(&merged.difference(&pruned).intersection(&last))
    }

    /// The live object when only the time of the entry would change.
    fn unless_unchanged(&self, mut object: Value, managers: &Managers) -> Value {
        if let Some(live) = self.live
            && object == self.base
            && timeless(managers) == timeless(&self.managers)
        {
            return live.clone();
        }
        managers.write(&mut object);
        object
    }

    /// Whether kubectl takes over what `kubectl apply` without `--server-side` wrote before:
    /// all conflicts are on fields of the last applied configuration that nobody changed since.
    fn is_migration(&self, conflicts: &Conflicts) -> bool {
        const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
        let annotations = self.base.pointer("/metadata/annotations");
        let last_applied = annotations
            .and_then(|annotations| annotations.get(LAST_APPLIED)?.as_str())
            .and_then(|text| serde_json::from_str::<Value>(text).ok());
        let Some(last_applied) = last_applied.filter(|_| self.manager.name == "kubectl") else {
            return false;
        };
        let (Ok(fields), Ok(comparison)) = (
            walk::field_set(self.place, &last_applied, Duplicates::Kept),
            walk::compare(self.place, &last_applied, &self.base),
        ) else {
            return false;
        };
        let allowed = fields.difference(&comparison.changed()).difference(&comparison.removed);
        conflicts.0.iter().all(|(_, fields)| fields.difference(&allowed).is_empty())
    }
}

impl Conflicts {
    /// 409 with upstream's message and one cause per field.
    fn into_status(self) -> Status {
        let mut causes = Vec::new();
        let mut lines = Vec::new();
        for (manager, fields) in &self.0 {
            let manager = manager.describe();
            lines.push(format!("conflicts with {manager}:"));
            fields.for_each(&mut |path| {
                lines.push(format!("- {}", describe(path)));
                causes.push(Cause {
                    reason: "FieldManagerConflict",
                    message: format!("conflict with {manager}"),
                    field: describe(path),
                });
            });
        }
        let message = match causes.as_slice() {
            [only] => format!("Apply failed with 1 conflict: {}: {}", only.message, only.field),
            several => {
                format!("Apply failed with {} conflicts: {}", several.len(), lines.join("\n"))
            }
        };
        Status { causes, ..Status::new(Reason::Conflict, message) }
    }
}

/// Gives the changes between two objects to a manager; what changed nobody else owns any more.
fn update(
    kind: &Kind,
    old: &Value,
    new: &Value,
    managers: &mut Managers,
    manager: &Manager,
    now: Timestamp,
) {
    // Upstream does not track objects that the types cannot describe, such as lists with items without keys.
    let Ok(mut comparison) = walk::compare(type_of(kind), old, new) else { return };
    for set in [&mut comparison.added, &mut comparison.removed, &mut comparison.modified] {
        remove_paths_of_others(kind, set, &manager.subresource);
    }
    take_over(managers, None, &comparison);
    let changed = comparison.changed().difference(&unowned());
    if !changed.is_empty() {
        let version = manager.version.clone();
        let owned = managers.entries.entry(manager.clone()).or_insert_with(|| Owned {
            fields: FieldSet::default(),
            version,
            time: None,
        });
        owned.fields = owned.fields.union(&changed);
        owned.time = Some(now);
    }
    managers.cap();
}

/// Takes changed and removed fields from all managers but one; returns the changed ones that they owned.
fn take_over(
    managers: &mut Managers,
    except: Option<&Manager>,
    comparison: &walk::Comparison,
) -> Vec<(Manager, FieldSet)> {
    let changed = comparison.changed();
    let mut taken = Vec::new();
    for (manager, owned) in &mut managers.entries {
        if Some(manager) == except {
            continue;
        }
        let conflicting = owned.fields.intersection(&changed);
        owned.fields = owned.fields.difference(&conflicting).difference(&comparison.removed);
        if !conflicting.is_empty() {
            taken.push((manager.clone(), conflicting));
        }
    }
    managers.drop_empty();
    taken
}

/// Those that the client sends, so that it can change them; but not through subresources, and a client that knows
/// nothing of them must not delete them. `[{}]` deletes them on purpose.
fn managers_of_update(old: Option<&Value>, new: &Value, writer: Writer<'_>) -> Managers {
    let of_old = || old.and_then(Managers::read).unwrap_or_default();
    if !writer.subresource.is_empty() {
        return of_old();
    }
    let sent = new.pointer("/metadata/managedFields").and_then(Value::as_array);
    if let Some([Value::Object(only)]) = sent.map(Vec::as_slice)
        && only.is_empty()
    {
        return Managers::default();
    }
    match Managers::read(new) {
        Some(managers) if !managers.entries.is_empty() => managers,
        _ => of_old(),
    }
}

fn refuse_wrong_fields(config: &Value) -> Result<(), String> {
    let wrong = schema::check(config)
        .into_iter()
        .find(|problem| matches!(problem.fault, Fault::Unknown | Fault::Mistyped));
    match wrong {
        Some(problem) if problem.fault == Fault::Unknown => {
            Err(format!(".{}: field not declared in schema", problem.path))
        }
        Some(problem) => Err(format!(".{}: {}", problem.path, problem.message)),
        None => Ok(()),
    }
}

/// The status belongs to its subresource, and the rest to the object.
fn remove_fields_of_others(kind: &Kind, object: &mut Value, subresource: &str) {
    if let (Some(field), Some(object)) =
        (field_of_others(kind, subresource), object.as_object_mut())
    {
        object.shift_remove(field);
    }
}

fn remove_paths_of_others(kind: &Kind, set: &mut FieldSet, subresource: &str) {
    if let Some(field) = field_of_others(kind, subresource) {
        set.remove_field(field);
    }
}

fn field_of_others(kind: &Kind, subresource: &str) -> Option<&'static str> {
    match subresource {
        "" if kind.has_status => Some("status"),
        "status" => Some("spec"),
        _ => None,
    }
}

fn type_of(kind: &Kind) -> Type {
    Type::of_kind(&kind.api_version(), kind.kind).unwrap_or_else(Type::any)
}

fn name_or_unknown(manager: &str) -> String {
    if manager.is_empty() { "unknown".to_owned() } else { manager.to_owned() }
}

fn timeless(managers: &Managers) -> Managers {
    let mut managers = managers.clone();
    managers.entries.values_mut().for_each(|owned| owned.time = None);
    managers
}

fn without_managers(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.shift_remove("managedFields");
    }
    object
}

fn empty() -> Value {
    Value::Object(Map::new())
}

#[cfg(test)]
mod tests;
