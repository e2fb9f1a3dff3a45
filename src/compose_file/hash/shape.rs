//! How Compose writes a service as JSON when it hashes it: which attributes, in which order, and which
//! of them also when they say nothing.
//!
//! Compose froze the order of the attributes of a service, so that containers stay when it is updated
//! (`internal/confighash` of docker/compose); within them it is that of its types.

use Shape::{Each, Fields, Plain};

/// What stands at a place.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// What is there; the keys of mappings are the user's.
    Plain,
    /// The items of a list, or the values of a mapping.
    Each(&'static Shape),
    /// Attributes.
    Fields(&'static [Field]),
}

/// An attribute.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its key in the canonical file.
    pub key: &'static str,
    /// Its key in what is hashed.
    pub name: &'static str,
    pub shape: Shape,
    pub written: Written,
}

/// When an attribute is written.
#[derive(Debug, Clone, Copy)]
pub enum Written {
    /// When it says something: not `0`, `false`, `""` or nothing at all, nor this text.
    Said(&'static str),
    /// When it is there, whatever it says.
    There,
    /// Always; without it, as this JSON.
    Always(&'static str),
}

impl Field {
    const fn with(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }
}

const fn field(key: &'static str, written: Written) -> Field {
    Field { key, name: key, shape: Plain, written }
}

const fn said(key: &'static str) -> Field {
    field(key, Written::Said(""))
}

/// A number that is printed as a text, in which none is this one.
const fn but(key: &'static str, none: &'static str) -> Field {
    field(key, Written::Said(none))
}

const fn there(key: &'static str) -> Field {
    field(key, Written::There)
}

const fn always(key: &'static str, none: &'static str) -> Field {
    field(key, Written::Always(none))
}

/// The attributes of a service that say something of its containers.
pub const SERVICE: &[Field] = &[
    said("annotations"),
    there("attach"),
    said("develop").with(Fields(DEVELOP)),
    said("blkio_config").with(Fields(BLOCK_IO)),
    said("cap_add"),
    said("cap_drop"),
    said("cgroup_parent"),
    said("cgroup"),
    said("cpu_count"),
    said("cpu_percent"),
    said("cpu_period"),
    said("cpu_quota"),
    said("cpu_rt_period"),
    said("cpu_rt_runtime"),
    said("cpus"),
    said("cpuset"),
    said("cpu_shares"),
    always("command", "null"),
    said("configs").with(Each(&Fields(FILE))),
    said("container_name"),
    said("credential_spec").with(Fields(CREDENTIAL_SPEC)),
    said("deploy").with(Fields(DEPLOY)),
    said("device_cgroup_rules"),
    said("devices").with(Each(&Fields(DEVICE))),
    said("dns"),
    said("dns_opt"),
    said("dns_search"),
    said("domainname"),
    always("entrypoint", "null"),
    said("provider").with(Fields(PROVIDER)),
    said("environment"),
    said("expose"),
    said("external_links"),
    said("extra_hosts"),
    said("group_add"),
    said("gpus").with(Each(&Fields(REQUEST))),
    said("hostname"),
    said("healthcheck").with(Fields(HEALTHCHECK)),
    said("image"),
    there("init"),
    said("ipc"),
    said("isolation"),
    said("labels"),
    said("links"),
    said("logging").with(Fields(LOGGING)),
    but("mem_limit", "0"),
    but("mem_reservation", "0"),
    but("memswap_limit", "0"),
    but("mem_swappiness", "0"),
    said("mac_address"),
    said("models").with(Each(&Fields(MODEL))),
    said("network_mode"),
    said("networks").with(Each(&Fields(NETWORK))),
    said("oom_kill_disable"),
    said("oom_score_adj"),
    said("pid"),
    said("pids_limit"),
    said("platform"),
    said("ports").with(Each(&Fields(PORT))),
    said("privileged"),
    said("read_only"),
    said("restart"),
    said("runtime"),
    said("secrets").with(Each(&Fields(FILE))),
    said("security_opt"),
    but("shm_size", "0"),
    said("stdin_open"),
    there("stop_grace_period"),
    said("stop_signal"),
    said("storage_opt"),
    said("sysctls"),
    said("tmpfs"),
    said("tty"),
    said("ulimits").with(Each(&Fields(LIMIT))),
    said("use_api_socket"),
    said("user"),
    said("userns_mode"),
    said("uts"),
    said("volumes").with(Each(&Fields(MOUNT))),
    said("volumes_from"),
    said("working_dir"),
    said("pre_start").with(Each(&Fields(PRE_START))),
    said("post_start").with(Each(&Fields(HOOK))),
    said("pre_stop").with(Each(&Fields(HOOK))),
    said("pull_refresh_after"),
    there("umask"),
];

const PRE_START: &[Field] = &[
    said("annotations"),
    said("blkio_config").with(Fields(BLOCK_IO)),
    said("cap_add"),
    said("cap_drop"),
    said("cgroup_parent"),
    said("cgroup"),
    said("cpu_count"),
    said("cpu_percent"),
    said("cpu_period"),
    said("cpu_quota"),
    said("cpu_rt_period"),
    said("cpu_rt_runtime"),
    said("cpus"),
    said("cpuset"),
    said("cpu_shares"),
    always("command", "null"),
    said("configs").with(Each(&Fields(FILE))),
    said("credential_spec").with(Fields(CREDENTIAL_SPEC)),
    said("device_cgroup_rules"),
    said("devices").with(Each(&Fields(DEVICE))),
    said("dns"),
    said("dns_opt"),
    said("dns_search"),
    said("domainname"),
    always("entrypoint", "null"),
    said("environment"),
    said("extra_hosts"),
    said("group_add"),
    said("gpus").with(Each(&Fields(REQUEST))),
    said("hostname"),
    said("image"),
    there("init"),
    said("ipc"),
    said("isolation"),
    said("labels"),
    said("logging").with(Fields(LOGGING)),
    but("mem_limit", "0"),
    but("mem_reservation", "0"),
    but("memswap_limit", "0"),
    but("mem_swappiness", "0"),
    said("mac_address"),
    said("models").with(Each(&Fields(MODEL))),
    said("network_mode"),
    said("networks").with(Each(&Fields(NETWORK))),
    said("oom_kill_disable"),
    said("oom_score_adj"),
    said("pid"),
    said("pids_limit"),
    said("platform"),
    said("privileged"),
    said("pull_policy"),
    said("pull_refresh_after"),
    said("read_only"),
    said("runtime"),
    said("secrets").with(Each(&Fields(FILE))),
    said("security_opt"),
    but("shm_size", "0"),
    there("stop_grace_period"),
    said("stop_signal"),
    said("storage_opt"),
    said("sysctls"),
    said("tmpfs"),
    said("ulimits").with(Each(&Fields(LIMIT))),
    there("umask"),
    said("use_api_socket"),
    said("user"),
    said("userns_mode"),
    said("uts"),
    said("volumes").with(Each(&Fields(MOUNT))),
    said("volumes_from"),
    said("working_dir"),
    said("per_replica"),
];

const HOOK: &[Field] = &[
    always("command", "null"),
    said("user"),
    said("privileged"),
    said("working_dir"),
    said("environment"),
];

const BLOCK_IO: &[Field] = &[
    said("weight"),
    said("weight_device").with(Each(&Fields(WEIGHT))),
    said("device_read_bps").with(Each(&Fields(RATE))),
    said("device_read_iops").with(Each(&Fields(RATE))),
    said("device_write_bps").with(Each(&Fields(RATE))),
    said("device_write_iops").with(Each(&Fields(RATE))),
];

// these have no names of their own for JSON
const WEIGHT: &[Field] =
    &[always("path", "\"\"").named("Path"), always("weight", "0").named("Weight")];

const RATE: &[Field] =
    &[always("path", "\"\"").named("Path"), always("rate", "\"0\"").named("Rate")];

const FILE: &[Field] = &[said("source"), said("target"), said("uid"), said("gid"), there("mode")];

const CREDENTIAL_SPEC: &[Field] = &[said("config"), said("file"), said("registry")];

const DEPLOY: &[Field] = &[
    said("mode"),
    said("labels"),
    said("update_config").with(Fields(UPDATE)),
    said("rollback_config").with(Fields(UPDATE)),
    always("resources", "{}").with(Fields(RESOURCES)),
    said("restart_policy").with(Fields(RESTART_POLICY)),
    always("placement", "{}").with(Fields(PLACEMENT)),
    said("endpoint_mode"),
];

const UPDATE: &[Field] = &[
    there("parallelism"),
    but("delay", "0s"),
    said("failure_action"),
    but("monitor", "0s"),
    said("max_failure_ratio"),
    said("order"),
];

const RESOURCES: &[Field] =
    &[said("limits").with(Fields(RESOURCE)), said("reservations").with(Fields(RESOURCE))];

const RESOURCE: &[Field] = &[
    said("cpus"),
    but("memory", "0"),
    said("pids"),
    said("devices").with(Each(&Fields(REQUEST))),
    said("generic_resources").with(Each(&Fields(GENERIC_RESOURCE))),
];

const GENERIC_RESOURCE: &[Field] =
    &[said("discrete_resource_spec").with(Fields(DISCRETE_RESOURCE))];

const DISCRETE_RESOURCE: &[Field] = &[always("kind", "\"\""), always("value", "0")];

const REQUEST: &[Field] =
    &[said("capabilities"), said("driver"), said("count"), said("device_ids"), said("options")];

const RESTART_POLICY: &[Field] =
    &[said("condition"), there("delay"), there("max_attempts"), there("window")];

const PLACEMENT: &[Field] = &[
    said("constraints"),
    said("preferences").with(Each(&Fields(&[said("spread")]))),
    said("max_replicas_per_node"),
];

const DEVELOP: &[Field] = &[said("watch").with(Each(&Fields(WATCH)))];

const WATCH: &[Field] = &[
    always("path", "\"\""),
    always("action", "\"\""),
    said("target"),
    always("exec", "{\"command\":null}").with(Fields(HOOK)),
    said("include"),
    said("ignore"),
    said("initial_sync"),
];

const DEVICE: &[Field] = &[said("source"), said("target"), said("permissions")];

const PROVIDER: &[Field] = &[said("type"), said("options")];

const HEALTHCHECK: &[Field] = &[
    said("test"),
    there("timeout"),
    there("interval"),
    there("retries"),
    there("start_period"),
    there("start_interval"),
    said("disable"),
];

const LOGGING: &[Field] = &[said("driver"), said("options")];

const MODEL: &[Field] = &[said("endpoint_var"), said("model_var")];

const NETWORK: &[Field] = &[
    said("aliases"),
    said("driver_opts"),
    said("gw_priority"),
    said("interface_name"),
    said("ipv4_address"),
    said("ipv6_address"),
    said("link_local_ips"),
    said("mac_address"),
    said("priority"),
    there("use_service_name_alias"),
];

const PORT: &[Field] = &[
    said("name"),
    said("mode"),
    said("host_ip"),
    said("target"),
    said("published"),
    said("protocol"),
    said("app_protocol"),
];

const LIMIT: &[Field] = &[said("soft"), said("hard")];

const MOUNT: &[Field] = &[
    said("type"),
    said("source"),
    said("target"),
    said("read_only"),
    said("consistency"),
    said("bind").with(Fields(BIND)),
    said("volume").with(Fields(&[said("labels"), said("nocopy"), said("subpath")])),
    said("tmpfs").with(Fields(&[but("size", "0"), said("mode")])),
    said("image").with(Fields(&[said("subpath")])),
];

// a host path is created unless that is turned off
const BIND: &[Field] =
    &[said("selinux"), said("propagation"), there("create_host_path"), said("recursive")];
