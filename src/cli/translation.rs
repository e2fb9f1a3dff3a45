use crate::translate::{Options, is_quantity};

/// How the project becomes objects: the options of every command that translates.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Translation options")]
pub struct TranslationArgs {
    /// What a volume asks for that says no size
    #[arg(long, value_name = "QUANTITY", value_parser = quantity, default_value = Options::VOLUME_SIZE)]
    volume_size: String,
    /// `StorageClass` of the volumes [default: that of the cluster]
    #[arg(long, value_name = "NAME")]
    storage_class: Option<String>,
}

impl TranslationArgs {
    /// The options of the translation; `ordered` when whoever applies the manifests waits between the waves.
    pub fn options(self, namespace: Option<String>, ordered: bool) -> Options {
        let Self { volume_size, storage_class } = self;
        Options { namespace, ordered, volume_size, storage_class }
    }
}

fn quantity(text: &str) -> Result<String, String> {
    if is_quantity(text) {
        Ok(text.to_owned())
    } else {
        Err("write an amount of storage, e.g. `10Gi`".to_owned())
    }
}
