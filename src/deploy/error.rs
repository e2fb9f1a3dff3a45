use std::fmt::Write as _;

use super::{Failed, Id};

/// Why a deployment stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No answer from the cluster.
    #[error("cannot reach the cluster at {address}: {}", explain(source))]
    Unreachable {
        /// The URL of the API server.
        address: String,
        /// What the connection said.
        #[source]
        source: Box<kube::Error>,
    },
    /// The cluster answered a request with an error.
    #[error("cannot {what}: {}", explain(source))]
    Request {
        /// The request in words, e.g. `list Deployments in namespace shop`.
        what: String,
        /// The cluster's answer.
        #[source]
        source: Box<kube::Error>,
    },
    /// The cluster does not take the objects; nothing was changed.
    #[error("the cluster refused {}", list(.0))]
    Refused(Vec<Refusal>),
    /// Objects with these names are there, and are not of this project; nothing was changed.
    #[error(
        "namespace `{namespace}` has objects with these names that are not of project `{project}`: {}",
        ids(objects)
    )]
    Foreign {
        /// The namespace.
        namespace: String,
        /// The project.
        project: String,
        /// The objects of somebody else.
        objects: Vec<Id>,
    },
    /// The object is of a kind that longshore does not know.
    #[error("`{kind}/{name}` has an unknown kind: `{api_version}` `{kind}`")]
    UnknownKind {
        /// `apiVersion`.
        api_version: String,
        /// `kind`.
        kind: String,
        /// `metadata.name`.
        name: String,
    },
    /// The object says that it belongs elsewhere.
    #[error("`{object}` names namespace `{found}`, but the project goes to `{expected}`")]
    OtherNamespace {
        /// The object.
        object: Id,
        /// The namespace that it names.
        found: String,
        /// The namespace of the project.
        expected: String,
    },
    /// A workload failed, or was not ready in time.
    #[error("{0}")]
    Failed(Box<Failed>),
    /// A published port does not listen, on a cluster that says so.
    #[error("service `{service}` is not published: {reason}")]
    NotPublished {
        /// The Compose service.
        service: String,
        /// Why, and who has the port.
        reason: String,
    },
    /// Something was not gone in time.
    #[error("not gone after {after:?}: {}", ids(objects))]
    NotGone {
        /// How long it was waited for.
        after: std::time::Duration,
        /// What is still there.
        objects: Vec<Id>,
    },
}

/// One object that the cluster does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The object.
    pub object: Id,
    /// The cluster's words.
    pub message: String,
}

impl Error {
    /// What to do about it, in general.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unreachable { .. } => Some(
                "check that the cluster runs and that the kubeconfig names it; without \
                 `--context` and `--kubeconfig` longshore uses its own cluster"
                    .to_owned(),
            ),
            Self::Request { source, .. } => match source.as_ref() {
                source if has_code(source, 401) || has_code(source, 403) => Some(
                    "the user of the kubeconfig may not do this; choose another `--context`, or \
                     let an administrator grant it"
                        .to_owned(),
                ),
                _ => None,
            },
            Self::Refused(_) => Some(
                "nothing was changed; the cluster's words name the field to change in the compose \
                 file or the template"
                    .to_owned(),
            ),
            Self::Foreign { .. } => Some(
                "nothing was changed; use another namespace (`-n`), or delete or rename these \
                 objects"
                    .to_owned(),
            ),
            Self::UnknownKind { .. } => {
                Some("correct `apiVersion` and `kind` in the template that prints it".to_owned())
            }
            Self::OtherNamespace { expected, .. } => Some(format!(
                "leave `metadata.namespace` out of the template, or do not give `-n {expected}`"
            )),
            Self::Failed(failed) => failed.help(),
            Self::NotPublished { .. } => Some(
                "end the program that has the port, or publish another one; all else of the \
                 project runs"
                    .to_owned(),
            ),
            Self::NotGone { .. } => Some(
                "wait longer with `--timeout`, or look at `metadata.finalizers` of these objects"
                    .to_owned(),
            ),
        }
    }

    pub(super) fn refused(object: Id, error: &kube::Error) -> Self {
        Self::Refused(vec![Refusal { object, message: explain(error) }])
    }
}

/// What a client error means for people: the API's own message, or the root of the chain.
pub(super) fn explain(error: &kube::Error) -> String {
    if let kube::Error::Api(status) = error {
        return if status.message.is_empty() {
            format!("HTTP status {} {}", status.code, status.reason).trim_end().to_owned()
        } else {
            status.message.clone()
        };
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Whether the cluster answered with this HTTP status code.
pub(super) fn has_code(error: &kube::Error, code: u16) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == code)
}

/// Whether there was no answer at all.
pub(super) fn is_unreachable(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Service(_) | kube::Error::HyperError(_))
}

fn ids(objects: &[Id]) -> String {
    let names: Vec<String> = objects.iter().map(|id| format!("`{id}`")).collect();
    names.join(", ")
}

fn list(refusals: &[Refusal]) -> String {
    if let [only] = refusals {
        return format!("`{}`: {}", only.object, only.message);
    }
    let mut text = format!("{} objects", refusals.len());
    for Refusal { object, message } in refusals {
        let _ = write!(text, "\n  `{object}`: {message}");
    }
    text
}
