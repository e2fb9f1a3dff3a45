use std::path::PathBuf;

use crate::translate::{Options, Publish, is_quantity};

/// How the project becomes objects: the options of every command that translates.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Translation options")]
pub struct TranslationArgs {
    /// How the outside reaches what services publish
    #[arg(long, value_enum, default_value_t = PublishArg::Loadbalancer)]
    publish: PublishArg,
    /// What a volume asks for that says no size
    #[arg(long, value_name = "QUANTITY", value_parser = quantity, default_value = Options::VOLUME_SIZE)]
    volume_size: String,
    /// `StorageClass` of the volumes [default: that of the cluster]
    #[arg(long, value_name = "NAME")]
    storage_class: Option<String>,
    /// JSON patches or strategic merge patches for the objects, as in a kustomization; may be repeated
    #[arg(long = "patch", value_name = "FILE")]
    pub patches: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum PublishArg {
    /// At an address of its own, on the published ports
    Loadbalancer,
    /// At every node; on the published port if it is one of 30000-32767
    Nodeport,
    /// Not at all, but for services with an Ingress
    None,
}

impl From<PublishArg> for Publish {
    fn from(argument: PublishArg) -> Self {
        match argument {
            PublishArg::Loadbalancer => Self::LoadBalancer,
            PublishArg::Nodeport => Self::NodePort,
            PublishArg::None => Self::None,
        }
    }
}

impl TranslationArgs {
    /// The options of the translation; `ordered` when whoever applies the manifests waits between the waves.
    pub fn options(self, namespace: Option<String>, ordered: bool) -> Options {
        let Self { publish, volume_size, storage_class, patches: _ } = self;
        let publish = publish.into();
        Options { namespace, ordered, publish, volume_size, storage_class }
    }
}

fn quantity(text: &str) -> Result<String, String> {
    if is_quantity(text) {
        Ok(text.to_owned())
    } else {
        Err("write an amount of storage, e.g. `10Gi`".to_owned())
    }
}
