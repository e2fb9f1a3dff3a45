/// What the translation depends on, beside the project.
#[derive(Debug, Clone)]
pub struct Options {
    /// The namespace that every object names; none leaves it to whoever applies them.
    pub namespace: Option<String>,
    /// Whether whoever applies the manifests waits at the gates between the waves.
    pub ordered: bool,
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
            volume_size: Self::VOLUME_SIZE.to_owned(),
            storage_class: None,
        }
    }
}
