use clap::ValueEnum;

use crate::control_plane::Containers;

/// What pods run on.
#[derive(Debug, Clone, Copy, clap::Args)]
#[group(id = "containers")]
pub struct Args {
    /// What pods run on
    #[arg(long, value_name = "RUNTIME", env = "LONGSHORE_RUNTIME", default_value = "auto")]
    runtime: Runtime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Runtime {
    /// Docker Engine, or what answers its API, when there is one; else they are simulated
    Auto,
    /// Docker Engine, or what answers its API
    Docker,
    /// Nothing: pods become ready, or end, by rule
    Simulated,
}

impl Args {
    /// The choice, in the control plane's terms.
    pub fn choice(self) -> Containers {
        match self.runtime {
            Runtime::Auto => Containers::WhenPossible,
            Runtime::Docker => Containers::Real,
            Runtime::Simulated => Containers::Simulated,
        }
    }

    /// The same choice for another process.
    pub fn argument(self) -> String {
        let name = self.runtime.to_possible_value().map(|value| value.get_name().to_owned());
        format!("--runtime={}", name.unwrap_or_default())
    }
}
