use serde::{Serialize, Serializer};

/// `pull_policy`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#pull_policy>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullPolicy {
    /// `always`.
    Always,
    /// `never`.
    Never,
    /// `missing` or `if_not_present`.
    Missing,
    /// `build`.
    Build,
    /// `daily`, `weekly`, `every_…`, as written.
    Every(String),
}

/// `restart`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#restart>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// `no`.
    No,
    /// `always`.
    Always,
    /// `on-failure`, with the number of attempts if there is one.
    OnFailure(Option<u32>),
    /// `unless-stopped`.
    UnlessStopped,
}

impl Serialize for PullPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Missing => "missing",
            Self::Build => "build",
            Self::Every(text) => text,
        })
    }
}

impl Serialize for Restart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::No => serializer.serialize_str("no"),
            Self::Always => serializer.serialize_str("always"),
            Self::UnlessStopped => serializer.serialize_str("unless-stopped"),
            Self::OnFailure(None) => serializer.serialize_str("on-failure"),
            Self::OnFailure(Some(attempts)) => {
                serializer.collect_str(&format_args!("on-failure:{attempts}"))
            }
        }
    }
}
