/// What the translation depends on, beside the project.
#[derive(Debug, Clone)]
pub struct Options {
    /// The namespace that every object names; none leaves it to whoever applies them.
    pub namespace: Option<String>,
    /// Whether whoever applies the manifests waits at the gates between the waves.
    pub ordered: bool,
    /// How the outside reaches what services publish.
    pub publish: Publish,
    /// What a volume asks for that says no size, as a Kubernetes quantity.
    pub volume_size: String,
    /// The `StorageClass` of every volume; none leaves it to the cluster.
    pub storage_class: Option<String>,
}

impl Options {
    /// What a volume asks for that says no size, unless the user says otherwise.
    pub const VOLUME_SIZE: &'static str = "1Gi";
}

impl Default for Options {
    fn default() -> Self {
        Self {
            namespace: None,
            ordered: false,
            publish: Publish::LoadBalancer,
            volume_size: Self::VOLUME_SIZE.to_owned(),
            storage_class: None,
        }
    }
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
