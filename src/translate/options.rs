use std::path::PathBuf;

use super::bind_policy::BindPolicy;
use super::models::ModelEndpoints;
use super::secret_variables::SecretVariables;

/// What the translation depends on, beside the project.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the user")]
pub struct Options {
    /// The namespace that every object names; none leaves it to whoever applies them.
    pub namespace: Option<String>,
    /// Whether the namespace is among the objects.
    pub create_namespace: bool,
    /// Whether whoever applies the manifests waits at the gates between the waves.
    pub ordered: bool,
    /// Whether the networks become NetworkPolicies.
    pub network_policies: bool,
    /// How services that depend on others wait for them, where nobody else orders the start.
    pub wait: Wait,
    /// How the outside reaches what services publish.
    pub publish: Publish,
    /// What a volume asks for that says no size, as a Kubernetes quantity.
    pub volume_size: String,
    /// The `StorageClass` of every volume; none leaves it to the cluster.
    pub storage_class: Option<String>,
    /// The rights of the containers.
    pub security: Security,
    /// Whose objects the manifests take over.
    pub compat: Compat,
    /// Where the names of files start in places: an `env_file` is known by its path.
    pub working_directory: PathBuf,
    /// What becomes of bind mounts, where a service says nothing else.
    pub bind: BindPolicy,
    /// Whether each `env_file` becomes a `ConfigMap`, where a service says nothing else.
    pub env_config_maps: bool,
    /// Whether volumes are filled with what images have in their place, where a service says nothing else.
    pub seed_volumes: bool,
    /// Which Secrets there are in the manifests.
    pub secrets: Secrets,
    /// Which variables hold secrets, where a service says nothing else.
    pub secret_variables: SecretVariables,
    /// Where models are served, where the compose file says nothing else.
    pub models: ModelEndpoints,
}

/// What rights the containers have beside those that the project speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    /// Those that they have with Compose.
    #[default]
    Compose,
    /// Those of the profile "restricted" of the Pod Security Standards.
    Restricted,
}

/// Whose objects in a cluster the manifests can take over, so that these are updated and not replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compat {
    /// Those of longshore.
    #[default]
    Longshore,
    /// Those of kompose: the same selectors, which cannot change on a Deployment that is there, the same claims with
    /// what they hold, the same names of Services, ConfigMaps and containers, and Services with the published ports, by
    /// which clients in the cluster have reached them.
    Kompose,
}

impl Options {
    /// What a volume asks for that says no size, unless the user says otherwise.
    pub const VOLUME_SIZE: &'static str = "1Gi";

    /// The same, where kompose has made the volume: a claim cannot always grow.
    pub const VOLUME_SIZE_OF_KOMPOSE: &'static str = super::kompose::VOLUME_SIZE;
}

impl Default for Options {
    fn default() -> Self {
        Self {
            namespace: None,
            create_namespace: false,
            ordered: false,
            network_policies: false,
            wait: Wait::default(),
            publish: Publish::LoadBalancer,
            volume_size: Self::VOLUME_SIZE.to_owned(),
            storage_class: None,
            security: Security::default(),
            compat: Compat::default(),
            working_directory: PathBuf::new(),
            bind: BindPolicy::default(),
            env_config_maps: false,
            seed_volumes: false,
            secrets: Secrets::Inline,
            secret_variables: SecretVariables::default(),
            models: ModelEndpoints::default(),
        }
    }
}

/// Which Secrets there are in the manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// All, with what they hold.
    Inline,
    /// None: pods refer to Secrets that must be there already, and nothing tells what they hold.
    Reference,
    /// All, and nothing else.
    Only,
}

/// How the outside reaches what services publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publish {
    /// At an address of its own, on the published ports.
    LoadBalancer,
    /// At the address of every node; on the published ports where the cluster gives these to nodes.
    NodePort,
    /// Not at all: what is published is for the cluster alone.
    None,
}

impl Publish {
    /// The `type` of the Service, none when there is none.
    pub fn service_type(self) -> Option<&'static str> {
        match self {
            Self::LoadBalancer => Some("LoadBalancer"),
            Self::NodePort => Some("NodePort"),
            Self::None => None,
        }
    }
}

/// How the pods of a service wait for those of others.
#[derive(Debug, Clone)]
pub struct Wait {
    /// What they wait for.
    pub until: WaitFor,
    /// The image that tries names and ports: it has `sh`, `nc` and `getent`.
    pub image: String,
    /// The image that asks for Jobs: its entrypoint is `kubectl`.
    pub kubectl_image: String,
}

impl Wait {
    /// A small one with all that it takes; its resolver knows the search domains of a cluster.
    pub const IMAGE: &'static str = "alpine:3.22";
    /// The one that Kubernetes itself publishes.
    pub const KUBECTL_IMAGE: &'static str = "registry.k8s.io/kubectl:v1.35.0";
}

impl Default for Wait {
    fn default() -> Self {
        Self {
            until: WaitFor::Healthy,
            image: Self::IMAGE.to_owned(),
            kubectl_image: Self::KUBECTL_IMAGE.to_owned(),
        }
    }
}

/// Which conditions of `depends_on` are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitFor {
    /// `service_healthy` and `service_completed_successfully`.
    Healthy,
    /// These, and `service_started`.
    Started,
    /// None.
    None,
}
