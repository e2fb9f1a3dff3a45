//! Labels that longshore reads as settings, with kompose's spelling as the second.

/// A cron expression: the service becomes a `CronJob`.
pub const CRON: &[&str] = &["longshore.cron", "kompose.cronjob.schedule"];
/// `Allow`, `Forbid` or `Replace`.
pub const CRON_CONCURRENCY: &[&str] =
    &["longshore.cron.concurrency-policy", "kompose.cronjob.concurrency_policy"];
/// Host names, separated by commas, each with an optional path.
pub const INGRESS_HOST: &[&str] = &["longshore.ingress.host", "kompose.service.expose"];
/// The path of the hosts that name none.
pub const INGRESS_PATH: &[&str] = &["longshore.ingress.path"];
/// The Secret with the certificate of the hosts.
pub const INGRESS_TLS_SECRET: &[&str] =
    &["longshore.ingress.tls-secret", "kompose.service.expose.tls-secret"];
/// The `IngressClass`.
pub const INGRESS_CLASS: &[&str] =
    &["longshore.ingress.class", "kompose.service.expose.ingress-class-name"];
/// The container port that the Ingress leads to.
pub const INGRESS_PORT: &[&str] = &["longshore.ingress.port"];
/// What follows is the key of an annotation of the Ingress.
pub const INGRESS_ANNOTATION: &str = "longshore.ingress.annotation.";
/// What follows is a name in `external_links`, and the value its host name.
pub const EXTERNAL_LINK: &str = "longshore.external-link.";
/// How the outside reaches the service: `loadbalancer`, `nodeport`, `none` or `headless`.
pub const SERVICE_TYPE: &[&str] = &["longshore.service.type", "kompose.service.type"];
/// The port of the nodes that the one published port has, with `nodeport`.
pub const NODE_PORT: &[&str] = &["longshore.service.node-port", "kompose.service.nodeport.port"];
/// Where what comes from outside may go: `Cluster`, or `Local` to keep the address of the client.
pub const EXTERNAL_TRAFFIC: &[&str] =
    &["longshore.service.external-traffic-policy", "kompose.service.external-traffic-policy"];
/// The kind of the workload: `deployment`, `daemonset` or `statefulset`.
pub const CONTROLLER: &[&str] = &["longshore.controller", "kompose.controller.type"];
/// With kompose's `--service-group-mode label`: services with the same value share a pod.
pub const SERVICE_GROUP: &[&str] = &["kompose.service.group"];
/// The name of the objects, instead of the service's.
pub const NAME: &[&str] = &["longshore.name", "kompose.service.name_override"];
/// The name of the workload, instead of the service's: for a pod that several services share.
pub const POD: &[&str] = &["longshore.pod"];
/// Whether the ports are also ports of the node.
pub const HOST_PORTS: &[&str] = &[
    "longshore.host-ports",
    "kompose.controller.port.expose",
    // As the documentation of kompose has it.
    "kompose.controller.expose.port",
];
/// The image of a container that runs to its end before the service starts.
pub const INIT_IMAGE: &[&str] = &["longshore.init.image", "kompose.init.containers.image"];
/// The name of that container.
pub const INIT_NAME: &[&str] = &["longshore.init.name", "kompose.init.containers.name"];
/// Its command: words of a shell, or a list with commas.
pub const INIT_COMMAND: &[&str] = &["longshore.init.command", "kompose.init.containers.command"];
/// The `StorageClass` of a volume.
pub const STORAGE_CLASS: &[&str] =
    &["longshore.volume.storage-class", "kompose.volume.storage-class-name"];
/// What the volumes of a service become: `persistentVolumeClaim`, `emptyDir`, `hostPath` or `configMap`.
pub const VOLUME_TYPE: &[&str] = &["kompose.volume.type"];
/// The part of each volume of a service that is mounted.
pub const VOLUME_SUB_PATH: &[&str] = &["longshore.volume.subpath", "kompose.volume.subpath"];
/// The volumes that a claim takes: those with the label `io.kompose.service` and this value.
pub const VOLUME_SELECTOR: &[&str] = &["longshore.volume.selector", "kompose.volume.selector"];
/// How often a run of a `CronJob` is tried again.
pub const CRON_BACKOFF_LIMIT: &[&str] =
    &["longshore.cron.backoff-limit", "kompose.cronjob.backoff_limit"];
/// `Always`, `Never` or `IfNotPresent`.
pub const IMAGE_PULL_POLICY: &[&str] =
    &["longshore.image-pull-policy", "kompose.image-pull-policy"];
/// The Secret with the password of the registry.
pub const IMAGE_PULL_SECRET: &[&str] =
    &["longshore.image-pull-secret", "kompose.image-pull-secret"];
/// The `RuntimeClass` of the pods.
pub const RUNTIME_CLASS: &[&str] = &["longshore.runtime-class"];
/// The `ServiceAccount` of the pods.
pub const SERVICE_ACCOUNT: &[&str] = &["longshore.service-account", "kompose.serviceaccount-name"];
/// The group that the volumes belong to.
pub const FS_GROUP: &[&str] = &["longshore.fs-group", "kompose.security-context.fsgroup"];
/// The limit of a container's own file system.
pub const STORAGE_LIMIT: &[&str] =
    &["longshore.ephemeral-storage.limit", "kompose.ephemeral-storage.limit"];
/// What of the node's storage is reserved for it.
pub const STORAGE_REQUEST: &[&str] =
    &["longshore.ephemeral-storage.request", "kompose.ephemeral-storage.request"];
/// The fewest pods of an autoscaler.
pub const SCALING_MIN: &[&str] = &["longshore.autoscale.min", "kompose.hpa.replicas.min"];
/// The most pods of an autoscaler.
pub const SCALING_MAX: &[&str] = &["longshore.autoscale.max", "kompose.hpa.replicas.max"];
/// The use of processors that an autoscaler aims at, in percent.
pub const SCALING_CPU: &[&str] = &["longshore.autoscale.cpu", "kompose.hpa.cpu"];
/// The use of memory that an autoscaler aims at, in percent.
pub const SCALING_MEMORY: &[&str] = &["longshore.autoscale.memory", "kompose.hpa.memory"];
/// On a volume: how much storage to ask for.
pub const VOLUME_SIZE: &[&str] = &["longshore.volume.size", "kompose.volume.size"];

/// What becomes of bind mounts: the words of `--bind`.
pub const BIND: &[&str] = &["longshore.bind"];
/// Whether each `env_file` becomes a `ConfigMap`: `true` or `false`.
pub const ENV_CONFIG_MAPS: &[&str] = &["longshore.env-configmaps"];
/// Whether volumes are filled with what the image has in their place: `true` or `false`.
pub const SEED_VOLUMES: &[&str] = &["longshore.seed-volumes"];
/// Whether the cluster sets `stop_signal`: `true` or `false`.
pub const STOP_SIGNAL: &[&str] = &["longshore.stop-signal"];
/// Which variables hold secrets, and which do not: the words of `--secret-variables`.
pub const SECRET_VARIABLES: &[&str] = &["longshore.secret-variables"];

/// All that ask for an autoscaler.
pub const SCALING: &[&[&str]] = &[SCALING_MIN, SCALING_MAX, SCALING_CPU, SCALING_MEMORY];

/// The labels of one probe.
#[derive(Debug, Clone, Copy)]
pub struct ProbeLabels {
    /// Whether there is none.
    pub disable: &'static [&'static str],
    /// A command line.
    pub test: &'static [&'static str],
    /// The path that is asked for over HTTP.
    pub http_path: &'static [&'static str],
    /// The port that is asked over HTTP.
    pub http_port: &'static [&'static str],
    /// The port that is connected to.
    pub tcp_port: &'static [&'static str],
    /// How often.
    pub interval: &'static [&'static str],
    /// How long an answer may take.
    pub timeout: &'static [&'static str],
    /// How many failures count.
    pub retries: &'static [&'static str],
    /// How long after the start.
    pub start_period: &'static [&'static str],
}

macro_rules! probe_labels {
    ($constant:ident, $name:literal) => {
        /// The labels of this probe.
        pub const $constant: ProbeLabels = ProbeLabels {
            disable: probe_labels!($name, "disable", "disable"),
            test: probe_labels!($name, "test", "test"),
            http_path: probe_labels!($name, "http-path", "http_get_path"),
            http_port: probe_labels!($name, "http-port", "http_get_port"),
            tcp_port: probe_labels!($name, "tcp-port", "tcp_port"),
            interval: probe_labels!($name, "interval", "interval"),
            timeout: probe_labels!($name, "timeout", "timeout"),
            retries: probe_labels!($name, "retries", "retries"),
            start_period: probe_labels!($name, "start-period", "start_period"),
        };
    };
    ($name:literal, $own:literal, $kompose:literal) => {
        &[
            concat!("longshore.", $name, ".", $own),
            concat!("kompose.service.healthcheck.", $name, ".", $kompose),
        ]
    };
}

probe_labels!(READINESS, "readiness");
probe_labels!(LIVENESS, "liveness");

impl ProbeLabels {
    /// All of them.
    pub const fn all(&self) -> [&'static [&'static str]; 9] {
        let Self { disable, test, http_path, http_port, tcp_port, .. } = *self;
        let Self { interval, timeout, retries, start_period, .. } = *self;
        [disable, test, http_path, http_port, tcp_port, interval, timeout, retries, start_period]
    }
}

/// What a service can carry, beside those of [`READINESS`] and [`LIVENESS`].
const OF_SERVICES: &[&[&str]] = &[
    BIND,
    ENV_CONFIG_MAPS,
    SEED_VOLUMES,
    STOP_SIGNAL,
    SECRET_VARIABLES,
    CRON,
    CRON_CONCURRENCY,
    CRON_BACKOFF_LIMIT,
    CONTROLLER,
    SERVICE_GROUP,
    NAME,
    POD,
    HOST_PORTS,
    INIT_IMAGE,
    INIT_NAME,
    INIT_COMMAND,
    VOLUME_SIZE,
    STORAGE_CLASS,
    VOLUME_TYPE,
    VOLUME_SUB_PATH,
    INGRESS_HOST,
    INGRESS_PATH,
    INGRESS_PORT,
    INGRESS_TLS_SECRET,
    INGRESS_CLASS,
    SERVICE_TYPE,
    NODE_PORT,
    EXTERNAL_TRAFFIC,
    IMAGE_PULL_POLICY,
    IMAGE_PULL_SECRET,
    RUNTIME_CLASS,
    SERVICE_ACCOUNT,
    FS_GROUP,
    STORAGE_LIMIT,
    STORAGE_REQUEST,
    SCALING_MIN,
    SCALING_MAX,
    SCALING_CPU,
    SCALING_MEMORY,
];
/// All that a service can carry.
pub fn of_services() -> Vec<&'static [&'static str]> {
    let mut all = OF_SERVICES.to_vec();
    all.extend(READINESS.all());
    all.extend(LIVENESS.all());
    all
}

/// What a pod has once for all of its services.
pub const OF_PODS: &[&[&str]] = &[IMAGE_PULL_SECRET, RUNTIME_CLASS, SERVICE_ACCOUNT];
/// All that `deploy` can carry.
pub const OF_DEPLOY: &[&[&str]] = &[STORAGE_LIMIT, STORAGE_REQUEST];
/// All that a volume can carry.
pub const OF_VOLUMES: &[&[&str]] = &[VOLUME_SIZE, STORAGE_CLASS, VOLUME_SELECTOR];
