use crate::translate::{BindPolicy, SecretVariables, Secrets};

/// What becomes of files, volumes and secrets: a part of the translation options.
#[derive(Debug, Clone, clap::Args)]
pub struct ContentArgs {
    /// What becomes of bind mounts; the label `longshore.bind` says it for one service
    ///
    /// [default: auto; with `--compat kompose` what kompose makes: a claim also of what is not there]
    #[arg(long, value_enum, value_name = "POLICY")]
    pub bind: Option<Bind>,
    /// Keep what each `env_file` says in a `ConfigMap` of its own, without what is secret; the label
    /// `longshore.env-configmaps` says it for one service; `--compat kompose` does so anyway
    #[arg(long)]
    pub env_configmaps: bool,
    /// Fill empty volumes with what the image has in their place, as Docker does; the label
    /// `longshore.seed-volumes` says it for one service
    #[arg(long)]
    pub seed_volumes: bool,
    /// Which Secrets there are among the objects
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = SecretsArg::Inline)]
    pub secrets: SecretsArg,
    /// Variables that hold secrets beside those that look like it, e.g. `APP_ID,*_DSN`; `!NAME` holds none. May be repeated;
    /// the label `longshore.secret-variables` says it for one service
    #[arg(long, value_name = "NAMES", value_parser = SecretVariables::parse)]
    pub secret_variables: Vec<SecretVariables>,
}

impl ContentArgs {
    /// All rules, in their order.
    pub fn secret_variables(&self) -> SecretVariables {
        let mut all = SecretVariables::default();
        for more in &self.secret_variables {
            all.add(more.clone());
        }
        all
    }
}

/// `--secrets`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SecretsArg {
    /// All, with what they hold
    Inline,
    /// None: pods refer to Secrets that must be there already
    Reference,
    /// All, and nothing else
    Only,
}

impl From<SecretsArg> for Secrets {
    fn from(argument: SecretsArg) -> Self {
        match argument {
            SecretsArg::Inline => Self::Inline,
            SecretsArg::Reference => Self::Reference,
            SecretsArg::Only => Self::Only,
        }
    }
}

/// `--bind`.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Bind {
    /// `ConfigMap`s for small files of the project, claims for its empty directories, else paths of the node
    Auto,
    /// `ConfigMap`s; what none can hold is an error
    Configmap,
    /// Paths of the node
    Hostpath,
    /// Claims, but for files and for what belongs to the node
    Pvc,
    /// Errors
    Refuse,
}

impl Bind {
    /// The policy of the translation.
    pub fn policy(self) -> BindPolicy {
        match self {
            Self::Auto => BindPolicy::Auto,
            Self::Configmap => BindPolicy::ConfigMap,
            Self::Hostpath => BindPolicy::HostPath,
            Self::Pvc => BindPolicy::Claim,
            Self::Refuse => BindPolicy::Refuse,
        }
    }
}
