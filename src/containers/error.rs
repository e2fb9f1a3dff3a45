use crate::deploy;

/// Why a container was not reached.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The cluster.
    #[error(transparent)]
    Cluster(#[from] deploy::Error),
    /// The project has no such service.
    #[error("project `{project}` has no service `{service}` in the cluster")]
    NoService {
        /// The project.
        project: String,
        /// The service.
        service: String,
        /// The services that it has.
        known: Vec<String>,
    },
    /// The service has no container to reach.
    #[error("no container of service `{service}` is running")]
    NotRunning {
        /// The service.
        service: String,
    },
    /// The service has fewer containers.
    #[error("service `{service}` has no running container {index}")]
    NoIndex {
        /// The service.
        service: String,
        /// The index.
        index: usize,
    },
    /// A command could not be run, or the connection to it broke.
    #[error("cannot {what} in `{replica}`: {reason}")]
    Session {
        /// What was wanted.
        what: &'static str,
        /// Where.
        replica: String,
        /// What the cluster said.
        reason: String,
    },
    /// A file or port of this machine.
    #[error("{what}: {source}")]
    Here {
        /// What was to be done.
        what: String,
        /// Why it was not.
        source: std::io::Error,
    },
}

impl Error {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Cluster(error) => error.help(),
            Self::NoService { known, .. } if known.is_empty() => {
                Some("`longshore up` brings the project up".to_owned())
            }
            Self::NoService { known, .. } => Some(format!("it has: {}", known.join(", "))),
            Self::NotRunning { .. } | Self::NoIndex { .. } => {
                Some("`longshore ps` shows the state of the services".to_owned())
            }
            Self::Session { .. } | Self::Here { .. } => None,
        }
    }
}
