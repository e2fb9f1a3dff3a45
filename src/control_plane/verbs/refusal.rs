//! The errors of the verbs, in upstream's words.

use super::super::store::{Key, Rejected};
use crate::kubernetes::{Cause, Kind, Reason, Status};

/// 404.
pub fn not_found(kind: &Kind, name: &str) -> Status {
    about(Reason::NotFound, kind, name, "not found")
}

/// 409 for a create.
pub fn already_exists(kind: &Kind, name: &str) -> Status {
    about(Reason::AlreadyExists, kind, name, "already exists")
}

/// 409 for an update from a stale state.
pub fn modified(key: &Key) -> Status {
    conflict(
        key,
        "the object has been modified; please apply your changes to the latest version and try \
         again",
    )
}

/// 409 for a precondition that does not hold.
pub fn conflict(key: &Key, why: &str) -> Status {
    let Key { kind, name, .. } = key;
    let message = format!("Operation cannot be fulfilled on {} \"{name}\": {why}", resource(kind));
    Status::new(Reason::Conflict, message).about(kind.group, kind.plural, name)
}

/// 403 of admission.
pub fn forbidden(kind: &Kind, name: &str, why: &str) -> Status {
    about(Reason::Forbidden, kind, name, &format!("is forbidden: {why}"))
}

/// 400.
pub fn bad_request(message: impl Into<String>) -> Status {
    Status::new(Reason::BadRequest, message)
}

/// 422: `Deployment.apps "x" is invalid: spec.selector: Required value`.
pub fn invalid(kind: &Kind, name: &str, causes: Vec<Cause>) -> Status {
    let findings: Vec<_> =
        causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
    let findings = match findings.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    let dot = if kind.group.is_empty() { "" } else { "." };
    let message = format!("{}{dot}{} \"{name}\" is invalid: {findings}", kind.kind, kind.group);
    let mut status = Status::new(Reason::Invalid, message).about(kind.group, kind.kind, name);
    status.causes = causes;
    status
}

/// What a commit's rejection means for the client.
pub fn rejected(key: &Key, rejected: &Rejected) -> Status {
    match rejected {
        Rejected::Exists => already_exists(key.kind, &key.name),
        Rejected::Changed => modified(key),
        Rejected::NamespaceGone => terminating(key.kind, &key.name, &key.namespace),
        Rejected::Backend(_) => Status::new(Reason::InternalError, rejected.to_string()),
        Rejected::Closed => Status::new(Reason::ServiceUnavailable, "the server is shutting down"),
    }
}

/// 403 for new content in a namespace that goes away.
pub fn terminating(kind: &Kind, name: &str, namespace: &str) -> Status {
    let why = format!(
        "unable to create new content in namespace {namespace} because it is being terminated"
    );
    let mut status = forbidden(kind, name, &why);
    status.causes.push(Cause {
        reason: "NamespaceTerminating",
        message: format!("namespace {namespace} is being terminated"),
        field: "metadata.namespace".to_owned(),
    });
    status
}

fn about(reason: Reason, kind: &Kind, name: &str, what: &str) -> Status {
    Status::new(reason, format!("{} \"{name}\" {what}", resource(kind))).about(
        kind.group,
        kind.plural,
        name,
    )
}

/// `deployments.apps`.
fn resource(kind: &Kind) -> String {
    match kind.group {
        "" => kind.plural.to_owned(),
        group => format!("{}.{group}", kind.plural),
    }
}
