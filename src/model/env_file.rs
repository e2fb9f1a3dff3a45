use serde::Serialize;

use super::attribute::unset;

/// One entry of `env_file`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#env_file>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnvFile {
    /// `path`, absolute.
    pub path: String,
    /// `required`: false if the file may be missing.
    pub required: bool,
    /// `format`: `raw` for a file without quotes and variables.
    #[serde(skip_serializing_if = "unset")]
    pub format: Option<String>,
}
