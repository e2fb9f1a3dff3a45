//! The labels by which we find again what we made on an engine.

/// The cluster that a container, network or image belongs to.
pub const CLUSTER: &str = "dev.longshore.cluster";
/// What a container is for: one of the values below.
pub const ROLE: &str = "dev.longshore.role";
/// [`ROLE`] of the container that holds a pod's network.
pub const SANDBOX: &str = "sandbox";
/// [`ROLE`] of a pod's container.
pub const CONTAINER: &str = "container";
/// [`ROLE`] of the gateway of the service network.
pub const GATEWAY: &str = "gateway";
/// [`ROLE`] of a container that works on files of the machine.
pub const HELPER: &str = "helper";
/// How often the container was started before.
pub const ATTEMPT: &str = "dev.longshore.attempt";
/// The contents of an image that is ours.
pub const DIGEST: &str = "dev.longshore.digest";

/// The pod's name; this and the next ones are those that the kubelet gives.
pub const POD_NAME: &str = "io.kubernetes.pod.name";
/// The pod's namespace.
pub const POD_NAMESPACE: &str = "io.kubernetes.pod.namespace";
/// The pod's uid.
pub const POD_UID: &str = "io.kubernetes.pod.uid";
/// The name of the container in its pod.
pub const CONTAINER_NAME: &str = "io.kubernetes.container.name";
