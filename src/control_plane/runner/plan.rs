use std::fmt;

use jiff::Timestamp;
use k8s_openapi::Metadata;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::{Value, json};

use super::kind_of;
use crate::control_plane::store::Key;
use crate::control_plane::verbs::Propagation;
use crate::kubernetes::Kind;

/// What is to be done, in order, and when to look again if nothing happens before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) operations: Vec<Operation>,
    pub(crate) again_at: Option<Timestamp>,
}

/// One write.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    /// Creates an object; `{}` in the note stands for its name.
    Create { kind: &'static Kind, namespace: String, object: Value, note: Option<Note> },
    /// Merges a patch (RFC 7386) into an object or its subresource.
    Patch { target: Reference, subresource: &'static str, patch: Value, note: Option<Note> },
    /// Replaces a subresource.
    Replace { target: Reference, subresource: &'static str, object: Value },
    /// Deletes an object.
    Delete {
        target: Reference,
        grace_period: Option<i64>,
        propagation: Propagation,
        note: Option<Note>,
    },
    /// Assigns a pod to a node.
    Bind { target: Reference, node: String, note: Note },
    /// Records an event.
    Record(Note),
}

/// The identity of an object: another one with the same name is not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) key: Key,
    pub(crate) uid: String,
}

/// An event to be recorded, for `kubectl describe`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Note {
    pub(crate) about: ObjectReference,
    pub(crate) warning: bool,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

impl Plan {
    /// Adds an operation.
    pub(crate) fn push(&mut self, operation: Operation) {
        self.operations.push(operation);
    }

    /// Looks again at this time, or earlier if that was said before.
    pub(crate) fn look_again(&mut self, at: Timestamp) {
        self.again_at = Some(self.again_at.map_or(at, |before| before.min(at)));
    }
}

impl Reference {
    /// The identity of a typed object.
    pub(crate) fn to<T: Metadata<Ty = ObjectMeta>>(object: &T) -> Self {
        let metadata = object.metadata();
        Self {
            key: Key::new(
                kind_of::<T>(),
                metadata.namespace.clone().unwrap_or_default(),
                metadata.name.clone().unwrap_or_default(),
            ),
            uid: metadata.uid.clone().unwrap_or_default(),
        }
    }
}

impl Operation {
    /// Creates a typed object in its namespace.
    pub(crate) fn create<T: Metadata<Ty = ObjectMeta> + Serialize>(
        object: &T,
        note: Option<Note>,
    ) -> Self {
        let namespace = object.metadata().namespace.clone().unwrap_or_default();
        Self::Create { kind: kind_of::<T>(), namespace, object: json!(object), note }
    }

    /// Writes the status of a typed object, whatever else changed in it meanwhile: a status has one writer.
    pub(crate) fn status<T: Metadata<Ty = ObjectMeta> + Serialize>(object: &T) -> Self {
        let mut operation = Self::status_of_version(object);
        if let Self::Replace { object, .. } = &mut operation
            && let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut)
        {
            metadata.remove("resourceVersion");
        }
        operation
    }

    /// Writes the status of a typed object that others write into, too: a conflict when it changed meanwhile.
    pub(crate) fn status_of_version<T: Metadata<Ty = ObjectMeta> + Serialize>(object: &T) -> Self {
        Self::Replace {
            target: Reference::to(object),
            subresource: "status",
            object: json!(object),
        }
    }

    /// Merges a patch into a typed object.
    pub(crate) fn patch<T: Metadata<Ty = ObjectMeta>>(object: &T, patch: Value) -> Self {
        Self::Patch { target: Reference::to(object), subresource: "", patch, note: None }
    }

    /// Deletes a typed object; its dependents go after it.
    pub(crate) fn delete<T: Metadata<Ty = ObjectMeta>>(object: &T, note: Option<Note>) -> Self {
        Self::Delete {
            target: Reference::to(object),
            grace_period: None,
            propagation: Propagation::Background,
            note,
        }
    }
}

impl Note {
    /// Something that went well.
    pub(crate) fn normal<T: Metadata<Ty = ObjectMeta>>(
        about: &T,
        reason: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { about: object_reference(about), warning: false, reason, message: message.into() }
    }

    /// Something that went wrong.
    pub(crate) fn warning<T: Metadata<Ty = ObjectMeta>>(
        about: &T,
        reason: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { about: object_reference(about), warning: true, reason, message: message.into() }
    }

    /// Names the part of the object, e.g. `spec.containers{web}`.
    pub(crate) fn at(mut self, field_path: String) -> Self {
        self.about.field_path = Some(field_path);
        self
    }
}

fn object_reference<T: Metadata<Ty = ObjectMeta>>(object: &T) -> ObjectReference {
    let metadata = object.metadata();
    ObjectReference {
        api_version: Some(T::API_VERSION.to_owned()),
        kind: Some(T::KIND.to_owned()),
        namespace: metadata.namespace.clone(),
        name: metadata.name.clone(),
        uid: metadata.uid.clone(),
        resource_version: metadata.resource_version.clone(),
        field_path: None,
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key.kind.kind, self.key.name)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.warning { "Warning" } else { "Normal" };
        write!(f, "{kind} {}: {}", self.reason, self.message)
    }
}

/// One line per operation: what logs show and what tests compare.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = match self {
            Self::Create { kind, object, note, .. } => {
                let metadata = object.get("metadata");
                let field = |name| metadata.and_then(|m| m.get(name)).and_then(Value::as_str);
                write!(f, "create {} ", kind.kind)?;
                match (field("name"), field("generateName")) {
                    (Some(name), _) => f.write_str(name)?,
                    (None, prefix) => write!(f, "{}*", prefix.unwrap_or_default())?,
                }
                note.as_ref()
            }
            Self::Patch { target, subresource, patch, note } => {
                let slash = if subresource.is_empty() { "" } else { "/" };
                write!(f, "patch {target}{slash}{subresource} {patch}")?;
                note.as_ref()
            }
            Self::Replace { target, subresource, object } => {
                let part = object.get(*subresource).unwrap_or(object);
                write!(f, "{subresource} {target} {part}")?;
                None
            }
            Self::Delete { target, note, .. } => {
                write!(f, "delete {target}")?;
                note.as_ref()
            }
            Self::Bind { target, node, note } => {
                write!(f, "bind {target} to {node}")?;
                Some(note)
            }
            Self::Record(note) => return write!(f, "record {note}"),
        };
        match note {
            Some(note) => write!(f, " ({note})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for operation in &self.operations {
            writeln!(f, "{operation}")?;
        }
        match self.again_at {
            Some(at) => writeln!(f, "again at {at}"),
            None => Ok(()),
        }
    }
}
