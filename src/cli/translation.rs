use std::path::PathBuf;

use super::content::{Bind, ContentArgs, SecretsArg};
use super::push::read_digests;
use crate::build::Names;
use crate::translate::{
    BindPolicy, Compat, ModelEndpoints, Options, Publish, SecretVariables, Security, Wait, WaitFor,
    is_quantity,
};

/// How the project becomes objects: the options of every command that translates.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Translation options")]
pub struct TranslationArgs {
    /// How the outside reaches what services publish
    ///
    /// [default: loadbalancer; none with `--compat kompose`, where labels say it]
    #[arg(long, value_enum)]
    publish: Option<PublishArg>,
    /// Write a `NetworkPolicy` for each network, so that pods reach only those they share one with
    #[arg(long, alias = "generate-network-policies")]
    network_policies: bool,
    /// What a volume asks for that says no size [default: 1Gi; 100Mi with `--compat kompose`]
    #[arg(long, alias = "pvc-request-size", value_name = "QUANTITY", value_parser = quantity)]
    volume_size: Option<String>,
    /// `StorageClass` of the volumes [default: that of the cluster]
    #[arg(long, value_name = "NAME")]
    storage_class: Option<String>,
    /// JSON patches or strategic merge patches for the objects, as in a kustomization; may be repeated
    #[arg(long = "patch", value_name = "FILE")]
    pub patches: Vec<PathBuf>,
    /// Rights of the containers
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = SecurityArg::Compose)]
    security: SecurityArg,
    /// Whose objects in the cluster the manifests take over
    #[arg(long, value_name = "TOOL", value_enum, default_value_t = CompatArg::Longshore)]
    compat: CompatArg,
    /// Address of what serves the language models in the cluster, for one model or for all; may be repeated
    #[arg(long = "model-endpoint", value_name = "[MODEL=]URL", value_parser = ModelEndpoints::parse)]
    model_endpoints: Vec<ModelEndpoints>,
    /// Registry and namespace of the images that are built and whose names have no registry, e.g.
    /// `registry.example/team`; as with `build` and `push`
    #[arg(long, value_name = "PREFIX", value_parser = prefix)]
    registry_prefix: Option<String>,
    /// File of `push --digests`: what it has a digest of is named by it
    #[arg(long, value_name = "FILE")]
    pin: Option<PathBuf>,
    #[command(flatten)]
    content: ContentArgs,
    #[arg(skip)]
    wait: Wait,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum CompatArg {
    /// Those of longshore
    Longshore,
    /// Those of kompose: its selectors, names, claims and published ports, so that it is updated in place
    Kompose,
}

impl From<CompatArg> for Compat {
    fn from(argument: CompatArg) -> Self {
        match argument {
            CompatArg::Longshore => Self::Longshore,
            CompatArg::Kompose => Self::Kompose,
        }
    }
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum SecurityArg {
    /// As with Compose
    Compose,
    /// By the Pod Security profile of this name, as far as the services allow
    Restricted,
}

impl From<SecurityArg> for Security {
    fn from(argument: SecurityArg) -> Self {
        match argument {
            SecurityArg::Compose => Self::Compose,
            SecurityArg::Restricted => Self::Restricted,
        }
    }
}

/// How pods wait for others where nobody orders the start.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Translation options")]
pub struct WaitArgs {
    /// Which conditions of `depends_on` pods wait for, in init containers
    #[arg(long, value_enum, value_name = "CONDITION", default_value_t = WaitForArg::Healthy)]
    wait_for: WaitForArg,
    /// Image of the init containers that try names and ports: with `sh`, `nc` and `getent`
    #[arg(long, value_name = "IMAGE", default_value = Wait::IMAGE)]
    wait_image: String,
    /// Image of the init containers that wait for Jobs: its entrypoint is `kubectl`
    #[arg(long, value_name = "IMAGE", default_value = Wait::KUBECTL_IMAGE)]
    kubectl_image: String,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum WaitForArg {
    /// `service_healthy` and `service_completed_successfully`
    Healthy,
    /// These, and `service_started`: until a pod is ready
    Started,
    /// None
    None,
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

impl From<WaitForArg> for WaitFor {
    fn from(argument: WaitForArg) -> Self {
        match argument {
            WaitForArg::Healthy => Self::Healthy,
            WaitForArg::Started => Self::Started,
            WaitForArg::None => Self::None,
        }
    }
}

impl TranslationArgs {
    /// Which Secrets there are among the objects.
    pub fn secrets(&self) -> SecretsArg {
        self.content.secrets
    }

    /// Registry and namespace of the images that are built.
    pub fn registry_prefix(&self) -> Option<String> {
        self.registry_prefix.clone()
    }

    /// What the images that are built are called.
    pub fn names(&self) -> anyhow::Result<Names> {
        let digests = self.pin.as_deref().map(read_digests).transpose()?;
        Ok(Names { prefix: self.registry_prefix.clone(), digests })
    }

    /// Which variables hold secrets.
    pub fn secret_variables(&self) -> SecretVariables {
        self.content.secret_variables()
    }

    /// Whether what kompose has deployed is taken over.
    pub fn is_for_kompose(&self) -> bool {
        self.compat == CompatArg::Kompose
    }

    /// With pods that wait as the user says.
    #[must_use]
    pub fn waiting(self, wait: WaitArgs) -> Self {
        let WaitArgs { wait_for, wait_image, kubectl_image } = wait;
        let wait = Wait { until: wait_for.into(), image: wait_image, kubectl_image };
        Self { wait, ..self }
    }

    /// The options of the translation; `ordered` when whoever applies the manifests waits between the waves.
    pub fn options(self, namespace: Option<String>, ordered: bool) -> Options {
        let Self {
            publish,
            network_policies,
            volume_size,
            storage_class,
            patches: _,
            security,
            compat,
            model_endpoints,
            registry_prefix: _,
            pin: _,
            content,
            wait,
        } = self;
        let secret_variables = content.secret_variables();
        let ContentArgs { bind, env_configmaps, seed_volumes, secrets, secret_variables: _ } =
            content;
        let mut models = ModelEndpoints::default();
        for more in model_endpoints {
            models.add(more);
        }
        let compat = compat.into();
        let (by_default, size, auto) = match compat {
            Compat::Longshore => (Publish::LoadBalancer, Options::VOLUME_SIZE, BindPolicy::Auto),
            Compat::Kompose => {
                (Publish::None, Options::VOLUME_SIZE_OF_KOMPOSE, BindPolicy::Kompose)
            }
        };
        Options {
            namespace,
            create_namespace: false,
            ordered,
            network_policies,
            wait,
            publish: publish.map_or(by_default, Into::into),
            volume_size: volume_size.unwrap_or_else(|| size.to_owned()),
            storage_class,
            security: security.into(),
            compat,
            working_directory: PathBuf::new(),
            bind: bind.map_or(auto, Bind::policy),
            env_config_maps: env_configmaps || compat == Compat::Kompose,
            seed_volumes,
            secrets: secrets.into(),
            secret_variables,
            models,
        }
    }
}

/// What stands before the name of an image.
pub(super) fn prefix(text: &str) -> Result<String, String> {
    let prefix = text.trim_end_matches('/');
    if prefix.is_empty() || prefix.contains("://") || prefix.contains(char::is_whitespace) {
        return Err("write a registry and a namespace, e.g. `registry.example/team`".to_owned());
    }
    Ok(prefix.to_owned())
}

fn quantity(text: &str) -> Result<String, String> {
    if is_quantity(text) {
        Ok(text.to_owned())
    } else {
        Err("write an amount of storage, e.g. `10Gi`".to_owned())
    }
}
