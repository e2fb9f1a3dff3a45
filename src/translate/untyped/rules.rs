use super::Class::{self, Harmless, Local, NoEquivalent, NotYet};

/// What is said about the attributes that match a pattern.
#[derive(Debug)]
pub struct Rule {
    /// A path in which `*` stands for any one name; list indices are left out.
    pub pattern: &'static str,
    /// What becomes of them.
    pub class: Class,
    /// What to do about it.
    pub help: &'static str,
    /// Values that ask for what Kubernetes does anyway: nothing is lost.
    pub exact: &'static [&'static str],
}

const fn rule(pattern: &'static str, class: Class, help: &'static str) -> Rule {
    Rule { pattern, class, help, exact: &[] }
}

impl Rule {
    const fn but(self, exact: &'static [&'static str]) -> Self {
        Self { exact, ..self }
    }
}

const BUILD: &str = "give it to the tool that builds the image";
const LOCAL_TOOL: &str = "nothing to do: it is for the tool on this machine";
const DISKS: &str = "disk rates of a container are up to the node and its storage";
const SCHEDULER: &str = "the processor time of a container is set with `cpus` alone";
const CNI: &str = "the addresses and interfaces of pods are up to the network of the cluster";
const KUBELET_RESTART: &str = "the kubelet waits longer after each failure, up to five minutes";
const GPU: &str = "ask for the GPU in the template of the container: `resources.limits`, e.g. `nvidia.com/gpu: 1`";
const MODEL: &str = "run the model as a service of its own and pass its address in `environment`";
const HOOK: &str =
    "add it to the template of the container: `lifecycle.postStart` or `lifecycle.preStop`";
const ROLLBACK: &str =
    "roll back with `kubectl rollout undo`; it uses the same strategy as an update";

/// The rules; of two that match, the first one speaks, so the longer one stands first.
pub const RULES: &[Rule] = &[
    rule("services.*.annotations", NotYet, "add them to the template of the pod"),
    rule("services.*.attach", Local, LOCAL_TOOL),
    rule("services.*.blkio_config", NoEquivalent, DISKS),
    rule("services.*.build", Local, BUILD),
    rule("services.*.cgroup", NoEquivalent, "the kubelet owns the tree of control groups")
        .but(&["private"]),
    rule("services.*.cgroup_parent", NoEquivalent, "the kubelet owns the tree of control groups"),
    rule("services.*.cpu_count", NotYet, "use `cpus`"),
    rule("services.*.cpu_percent", NoEquivalent, "use `cpus`"),
    rule("services.*.cpu_period", NotYet, "use `cpus`: the quota divided by the period"),
    rule("services.*.cpu_quota", NotYet, "use `cpus`: the quota divided by the period"),
    rule("services.*.cpu_rt_period", NoEquivalent, SCHEDULER),
    rule("services.*.cpu_rt_runtime", NoEquivalent, SCHEDULER),
    rule(
        "services.*.cpu_shares",
        NotYet,
        "use `deploy.resources.reservations.cpus`: shares divided by 1024",
    ),
    rule(
        "services.*.cpuset",
        NoEquivalent,
        "let the kubelet choose cores: policy `static` and whole `cpus`",
    ),
    rule(
        "services.*.credential_spec",
        NotYet,
        "set `windowsOptions` in the template of the container",
    ),
    rule("services.*.deploy.resources.reservations.devices", NotYet, GPU),
    rule("services.*.deploy.resources.reservations.generic_resources", NotYet, GPU),
    rule("services.*.deploy.restart_policy.delay", NoEquivalent, KUBELET_RESTART),
    rule("services.*.deploy.restart_policy.window", NoEquivalent, KUBELET_RESTART),
    rule("services.*.deploy.rollback_config", NoEquivalent, ROLLBACK),
    rule(
        "services.*.deploy.update_config.failure_action",
        NoEquivalent,
        "an update that fails stops where it is; go back with `kubectl rollout undo`",
    ),
    rule(
        "services.*.deploy.update_config.max_failure_ratio",
        NoEquivalent,
        "an update stops at the first pod that does not become ready",
    ),
    rule(
        "services.*.deploy.update_config.monitor",
        NotYet,
        "use `delay`, which becomes `minReadySeconds`",
    ),
    rule("services.*.develop", Local, LOCAL_TOOL),
    rule("services.*.device_cgroup_rules", NoEquivalent, "`privileged: true` is the only way"),
    rule(
        "services.*.devices",
        NotYet,
        "use the device plugin of the device, or `privileged: true` with a hostPath volume",
    ),
    rule("services.*.domainname", NotYet, "set `subdomain` in the template of the pod"),
    rule("services.*.env_file", Local, "nothing to do: its variables are in `env`"),
    rule("services.*.external_links", NotYet, "use `SERVICE.NAMESPACE` as the host name"),
    rule("services.*.gpus", NotYet, GPU),
    rule("services.*.ipc", NotYet, "set `hostIPC` in the template of the pod").but(&[
        "",
        "private",
        "shareable",
    ]),
    rule("services.*.isolation", NotYet, "set `runtimeClassName` in the template of the pod")
        .but(&["default", "process"]),
    rule("services.*.label_file", Local, "nothing to do: its labels are in `labels`"),
    rule(
        "services.*.logging",
        NoEquivalent,
        "collect logs from the nodes; rotation is a setting of the kubelet",
    ),
    rule("services.*.mac_address", NoEquivalent, CNI),
    rule("services.*.mem_swappiness", NoEquivalent, "swap is a setting of the kubelet"),
    rule("services.*.memswap_limit", NoEquivalent, "swap is a setting of the kubelet").but(&["0"]),
    rule("services.*.models", NotYet, MODEL),
    rule("services.*.networks.*.driver_opts", NoEquivalent, CNI),
    rule("services.*.networks.*.gw_priority", Harmless, "a pod has one network").but(&["0"]),
    rule("services.*.networks.*.interface_name", NoEquivalent, CNI),
    rule("services.*.networks.*.link_local_ips", NoEquivalent, CNI),
    rule("services.*.networks.*.mac_address", NoEquivalent, CNI),
    rule("services.*.networks.*.priority", Harmless, "a pod has one network").but(&["0"]),
    rule(
        "services.*.networks.*.use_service_name_alias",
        NoEquivalent,
        "a Service can be reached by its name from the whole namespace",
    )
    .but(&["true"]),
    rule("services.*.oom_kill_disable", NoEquivalent, "raise the memory limit").but(&["false"]),
    rule(
        "services.*.oom_score_adj",
        NoEquivalent,
        "set equal limits and reservations: such pods are ended last",
    )
    .but(&["0"]),
    rule("services.*.pid", NotYet, "set `hostPID` in the template of the pod").but(&[""]),
    rule(
        "services.*.pids_limit",
        NoEquivalent,
        "set `podPidsLimit` in the configuration of the kubelet",
    )
    .but(&["0", "-1"]),
    rule("services.*.post_start", NotYet, HOOK),
    rule("services.*.pre_start", NotYet, "add an init container to the template of the pod"),
    rule("services.*.pre_stop", NotYet, HOOK),
    rule(
        "services.*.provider",
        NoEquivalent,
        "create what the provider makes, and pass its address in `environment`",
    ),
    rule("services.*.pull_refresh_after", NoEquivalent, "use `pull_policy: always`"),
    rule("services.*.runtime", NotYet, "set `runtimeClassName` in the template of the pod")
        .but(&["runc"]),
    rule(
        "services.*.security_opt",
        NotYet,
        "set `securityContext` in the template of the container",
    ),
    rule(
        "services.*.storage_opt",
        NotYet,
        "set the limit `ephemeral-storage` in the template of the container",
    ),
    rule("services.*.umask", NoEquivalent, "set it in the command: `sh -c 'umask 027 && exec …'`"),
    rule(
        "services.*.use_api_socket",
        NoEquivalent,
        "a cluster has no container engine to talk to; use the Kubernetes API",
    )
    .but(&["false"]),
    rule("services.*.userns_mode", NotYet, "set `hostUsers` in the template of the pod")
        .but(&["host", ""]),
    rule("services.*.uts", NotYet, "use `network_mode: host`, which shares the host name too")
        .but(&[""]),
    rule(
        "services.*.volumes.bind.propagation",
        NotYet,
        "set `mountPropagation` in the template of the container",
    ),
    rule(
        "services.*.volumes.bind.recursive",
        NotYet,
        "set `recursiveReadOnly` in the template of the container",
    ),
    rule("services.*.volumes.bind.selinux", NoEquivalent, "label the path on the node"),
    rule("services.*.volumes.consistency", Local, LOCAL_TOOL),
    rule("services.*.volumes.image", NotYet, "add an `image` volume to the template of the pod"),
    rule("services.*.volumes.tmpfs.mode", NoEquivalent, "everyone may write to a volume in memory"),
    rule("services.*.volumes.volume", NotYet, "put the labels on the volume itself"),
    rule("services.*.volumes_from", NotYet, "repeat the volumes of the other service"),
    rule("services.*.x-longshore", NotYet, "longshore has no such settings yet"),
    rule("jobs.*", NotYet, "write a Job or a CronJob into a template"),
    rule("networks.*.attachable", Local, LOCAL_TOOL),
    rule("networks.*.driver", NoEquivalent, CNI).but(&["bridge", "overlay", "default"]),
    rule("networks.*.driver_opts", NoEquivalent, CNI),
    rule("networks.*.enable_ipv4", NoEquivalent, CNI).but(&["true"]),
    rule("networks.*.enable_ipv6", NoEquivalent, CNI).but(&["false"]),
    rule("networks.*.ipam", NoEquivalent, CNI),
    rule(
        "secrets.*.driver",
        NotYet,
        "use an operator that brings secrets from outside, and `external: true`",
    ),
    rule(
        "secrets.*.driver_opts",
        NotYet,
        "use an operator that brings secrets from outside, and `external: true`",
    ),
    rule("secrets.*.template_driver", NoEquivalent, "fill in the template before"),
    rule("configs.*.template_driver", NoEquivalent, "fill in the template before"),
    rule("models", NotYet, MODEL),
    rule("version", Harmless, "remove it: it has no meaning any more"),
];
