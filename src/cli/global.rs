use std::path::PathBuf;

use super::diagnostics::{Diagnostics, allow, fail_on};
use crate::diagnostic::{Allow, FailOn};

/// The options that every subcommand takes.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Compose file, may be repeated; `-` reads standard input [default: compose.yaml, searched upwards]
    #[arg(short = 'f', long = "file", value_name = "FILE", global = true)]
    pub files: Vec<PathBuf>,
    /// Project name
    #[arg(short = 'p', long, value_name = "NAME", global = true)]
    pub project_name: Option<String>,
    /// Directory that relative paths start from [default: that of the first compose file]
    #[arg(long, value_name = "DIR", global = true)]
    pub project_directory: Option<PathBuf>,
    /// Profile to enable, may be repeated
    #[arg(long = "profile", value_name = "PROFILE", global = true)]
    pub profiles: Vec<String>,
    /// Also take the networks, volumes, configs and secrets that no service uses
    #[arg(long, global = true)]
    pub all_resources: bool,
    /// File with variables for interpolation, may be repeated [default: .env]
    #[arg(long = "env-file", value_name = "FILE", global = true)]
    pub env_files: Vec<PathBuf>,
    /// Namespace of the objects
    #[arg(short = 'n', long, value_name = "NAMESPACE", value_parser = namespace, global = true)]
    pub namespace: Option<String>,
    /// Kubeconfig of a cluster to use instead of the bundled control plane
    #[arg(long, value_name = "FILE", global = true)]
    pub kubeconfig: Option<PathBuf>,
    /// Kubeconfig context of a cluster to use instead of the bundled control plane
    #[arg(long, value_name = "NAME", global = true)]
    pub context: Option<String>,
    /// Directory with templates that replace built-in ones, file by file
    #[arg(long, value_name = "DIR", global = true)]
    pub templates: Option<PathBuf>,
    /// Treat warnings as errors
    #[arg(long, alias = "error-on-warning", global = true)]
    pub strict: bool,
    /// Findings that count as errors: `warning`, `note`, `loss`, a class of loss or a code; may be repeated
    #[arg(long, value_name = "LEVEL|CLASS|CODE", value_delimiter = ',', value_parser = fail_on, global = true)]
    pub fail_on: Vec<(String, FailOn)>,
    /// Finding to allow, everywhere or at a Compose path and below it; may be repeated
    #[arg(long, value_name = "CODE[:PATH]", value_delimiter = ',', value_parser = allow, global = true)]
    pub allow: Vec<Allow>,
    /// How diagnostics are written: `text`, `json`, `sarif`, `github`, `gitlab` or `junit`, to standard error or
    /// to a file; may be repeated [default: text]
    #[arg(long, value_name = "FORMAT[=FILE]", value_delimiter = ',', value_parser = Diagnostics::parse, global = true)]
    pub diagnostics: Vec<Diagnostics>,
    /// On standard error, tell errors alone; files of `--diagnostics` have all
    #[arg(long, global = true)]
    pub suppress_warnings: bool,
    /// How progress is shown
    #[arg(long, value_enum, default_value_t = Progress::Auto, global = true)]
    pub progress: Progress,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub color: Color,
    /// Directory of the bundled control plane's state [default: `$XDG_DATA_HOME/longshore`]
    #[arg(long, value_name = "DIR", env = "LONGSHORE_DATA_DIR", global = true)]
    pub data_dir: Option<PathBuf>,
}

/// What Kubernetes would refuse as the name of a namespace is refused before anything is written.
fn namespace(text: &str) -> Result<String, String> {
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    let is_name = bytes.len() <= 63
        && bytes.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && is_end(bytes.first())
        && is_end(bytes.last());
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("use at most 63 lower-case letters, digits and `-`".to_owned())
    }
}

/// `--progress`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Progress {
    /// `tty` on a terminal, else `plain`
    Auto,
    /// Live lines
    Tty,
    /// One line per change
    Plain,
    /// One JSON object per change
    Json,
    /// Nothing
    Quiet,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    /// Whether what is written has colours, to a terminal or not.
    pub(super) fn applies(self, is_terminal: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                is_terminal && !refused
            }
        }
    }
}
