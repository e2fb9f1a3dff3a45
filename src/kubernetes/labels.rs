//! Label and annotation keys, once.

/// The service's name.
pub const NAME: &str = "app.kubernetes.io/name";
/// The project: with [`NAME`] the selector of every workload.
pub const INSTANCE: &str = "app.kubernetes.io/instance";
/// The project.
pub const PART_OF: &str = "app.kubernetes.io/part-of";
/// [`LONGSHORE`] on everything that longshore made.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY`], and the field manager of server-side apply.
pub const LONGSHORE: &str = "longshore";
/// On pods: a hash over the configs and secrets that they read, so that new content gives new pods.
pub const CONFIG_HASH: &str = "longshore.dev/config-hash";
/// On pods, with a name behind it: the pods are among those that this name leads to.
pub const ALIAS_PREFIX: &str = "alias.longshore.dev/";
/// On pods, with a network behind it: the pods are on this network of the project.
pub const NETWORK_PREFIX: &str = "network.longshore.dev/";
/// On pods, with a network behind it: the pods are on this network, whatever project they are of.
pub const EXTERNAL_NETWORK_PREFIX: &str = "external-network.longshore.dev/";
/// On pods: a hash over the services whose update replaces them (`restart: true` in `depends_on`).
pub const RESTART_HASH: &str = "longshore.dev/restart-hash";
/// The label by which kompose selects the pods of a service.
pub const KOMPOSE: &str = "io.kompose.service";
/// On namespaces: the profile of the Pod Security Standards that pods must meet, and are warned and audited by.
pub const POD_SECURITY: [&str; 3] = [
    "pod-security.kubernetes.io/enforce",
    "pod-security.kubernetes.io/warn",
    "pod-security.kubernetes.io/audit",
];
/// The strictest of the profiles.
pub const RESTRICTED: &str = "restricted";
/// A condition of Services: whether their ports listen on the machine of the bundled cluster.
pub const PUBLISHED: &str = "longshore.dev/Published";
/// On nodes: what runs their pods, e.g. `simulated`.
pub const RUNTIME: &str = "longshore.dev/runtime";
