use indexmap::IndexMap;

use crate::model::{
    Container, CredentialSpec, EnvFile, ExtraHost, Logging, PullPolicy, ServiceModel, Ulimit,
};

use super::device::{block_io, device, device_request};
use super::fields::Fields;
use super::file::{config_mount, secret_mount};
use super::mount::mount;
use super::network::service_network;

/// Binds what a service, a job or a `pre_start` hook says of its container.
pub(super) fn container(fields: &mut Fields<'_>) -> Container {
    Container {
        annotations: fields.pairs("annotations"),
        blkio_config: fields.fields("blkio_config", block_io),
        cap_add: fields.strings("cap_add"),
        cap_drop: fields.strings("cap_drop"),
        cgroup: fields.string("cgroup"),
        cgroup_parent: fields.string("cgroup_parent"),
        command: fields.optional_strings("command"),
        configs: fields.items("configs", config_mount),
        cpu_count: fields.integer("cpu_count"),
        cpu_percent: fields.float("cpu_percent"),
        cpu_period: fields.integer("cpu_period"),
        cpu_quota: fields.integer("cpu_quota"),
        cpu_rt_period: fields.integer("cpu_rt_period"),
        cpu_rt_runtime: fields.integer("cpu_rt_runtime"),
        cpu_shares: fields.integer("cpu_shares"),
        cpus: fields.float("cpus"),
        cpuset: fields.string("cpuset"),
        credential_spec: fields.fields("credential_spec", credential_spec),
        device_cgroup_rules: fields.strings("device_cgroup_rules"),
        devices: fields.items("devices", device),
        dns: fields.strings("dns"),
        dns_opt: fields.strings("dns_opt"),
        dns_search: fields.strings("dns_search"),
        domainname: fields.string("domainname"),
        entrypoint: fields.optional_strings("entrypoint"),
        env_file: fields.items("env_file", env_file),
        environment: fields.optional_pairs("environment"),
        extra_hosts: extra_hosts(fields),
        gpus: fields.items("gpus", |fields| Some(device_request(fields))),
        group_add: fields.strings("group_add"),
        hostname: fields.string("hostname"),
        image: fields.string("image"),
        init: fields.bool("init"),
        ipc: fields.string("ipc"),
        isolation: fields.string("isolation"),
        label_file: fields.strings("label_file"),
        labels: fields.pairs("labels"),
        logging: fields.fields("logging", logging),
        mac_address: fields.string("mac_address"),
        mem_limit: fields.bytes("mem_limit"),
        mem_reservation: fields.bytes("mem_reservation"),
        mem_swappiness: fields.bytes("mem_swappiness"),
        memswap_limit: fields.bytes("memswap_limit"),
        models: fields.members("models", service_model),
        network_mode: fields.string("network_mode"),
        networks: fields.members("networks", service_network),
        oom_kill_disable: fields.bool("oom_kill_disable"),
        oom_score_adj: fields.integer("oom_score_adj"),
        pid: fields.string("pid"),
        pids_limit: fields.integer("pids_limit"),
        platform: fields.string("platform"),
        privileged: fields.bool("privileged"),
        pull_policy: fields.parsed("pull_policy", "a pull policy", |text| Some(pull_policy(text))),
        pull_refresh_after: fields.string("pull_refresh_after"),
        read_only: fields.bool("read_only"),
        runtime: fields.string("runtime"),
        secrets: fields.items("secrets", secret_mount),
        security_opt: fields.strings("security_opt"),
        shm_size: fields.bytes("shm_size"),
        stop_grace_period: fields.duration("stop_grace_period"),
        stop_signal: fields.string("stop_signal"),
        storage_opt: fields.pairs("storage_opt"),
        sysctls: fields.pairs("sysctls"),
        tmpfs: fields.strings("tmpfs"),
        ulimits: ulimits(fields),
        umask: fields.integer("umask"),
        use_api_socket: fields.bool("use_api_socket"),
        user: fields.string("user"),
        userns_mode: fields.string("userns_mode"),
        uts: fields.string("uts"),
        volumes: fields.items("volumes", mount),
        volumes_from: fields.strings("volumes_from"),
        working_dir: fields.string("working_dir"),
    }
}

/// Binds `extra_hosts`.
pub(super) fn extra_hosts(fields: &mut Fields<'_>) -> Vec<ExtraHost> {
    let mut all = Vec::new();
    for (name, entry) in fields.mapping("extra_hosts") {
        for address in entry.node.as_sequence().unwrap_or_default() {
            let address = address.to_text().unwrap_or_default();
            all.push(ExtraHost { name: name.clone(), address });
        }
    }
    all
}

/// Binds `ulimits`.
pub(super) fn ulimits(fields: &mut Fields<'_>) -> IndexMap<String, Ulimit> {
    let mut limits = IndexMap::new();
    fields.fields("ulimits", |fields| {
        for name in fields.names() {
            let limit = if fields.is_mapping(&name) {
                // the schema asks for both sides, but not where the name has capitals or `_`
                fields.fields(&name, |sides| Ulimit {
                    soft: sides.integer("soft").unwrap_or(0),
                    hard: sides.integer("hard").unwrap_or(0),
                    extensions: sides.extensions(),
                })
            } else {
                fields.integer(&name).map(Ulimit::both)
            };
            if let Some(limit) = limit {
                limits.insert(name, limit);
            }
        }
    });
    limits
}

fn credential_spec(fields: &mut Fields<'_>) -> CredentialSpec {
    CredentialSpec {
        config: fields.string("config"),
        file: fields.string("file"),
        registry: fields.string("registry"),
        extensions: fields.extensions(),
    }
}

fn env_file(fields: &mut Fields<'_>) -> Option<EnvFile> {
    Some(EnvFile {
        path: fields.required("path", "entry", "the path of a file")?,
        required: fields.bool("required").unwrap_or(true),
        format: fields.string("format"),
    })
}

fn logging(fields: &mut Fields<'_>) -> Logging {
    Logging {
        driver: fields.string("driver"),
        options: fields.pairs("options"),
        extensions: fields.extensions(),
    }
}

fn service_model(fields: &mut Fields<'_>) -> ServiceModel {
    ServiceModel {
        endpoint_var: fields.string("endpoint_var"),
        model_var: fields.string("model_var"),
        extensions: fields.extensions(),
    }
}

fn pull_policy(text: &str) -> PullPolicy {
    match text {
        "always" => PullPolicy::Always,
        "never" => PullPolicy::Never,
        "missing" | "if_not_present" => PullPolicy::Missing,
        "build" => PullPolicy::Build,
        other => PullPolicy::Every(other.to_owned()),
    }
}
