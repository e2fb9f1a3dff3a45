use indexmap::IndexMap;

use crate::load::tree::Value;
use crate::model::{
    Condition, CredentialSpec, Dependency, ExtraHost, Healthcheck, HealthcheckTest, Logging,
    Provider, PullPolicy, Restart, Service, ServiceModel, Ulimit,
};

use super::USED_UP;
use super::build::build;
use super::deploy::deploy;
use super::device::{block_io, device, device_request};
use super::fields::Fields;
use super::file::{config_mount, secret_mount};
use super::hook::{develop, hook, pre_start};
use super::mount::mount;
use super::network::{expose, published_port, service_network};

/// Binds one service.
pub(super) fn service(fields: &mut Fields<'_>) -> Service {
    for key in USED_UP.iter().filter_map(|(path, _)| path.strip_prefix("services.")) {
        fields.discard(key);
    }
    Service {
        annotations: fields.pairs("annotations"),
        attach: fields.bool("attach"),
        blkio_config: fields.fields("blkio_config", block_io),
        build: fields.fields("build", build),
        cap_add: fields.strings("cap_add"),
        cap_drop: fields.strings("cap_drop"),
        cgroup: fields.string("cgroup"),
        cgroup_parent: fields.string("cgroup_parent"),
        command: fields.optional_strings("command"),
        configs: fields.items("configs", config_mount),
        container_name: fields.string("container_name"),
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
        depends_on: fields.members("depends_on", dependency),
        deploy: fields.fields("deploy", deploy),
        develop: fields.fields("develop", develop),
        device_cgroup_rules: fields.strings("device_cgroup_rules"),
        devices: fields.items("devices", device),
        dns: fields.strings("dns"),
        dns_opt: fields.strings("dns_opt"),
        dns_search: fields.strings("dns_search"),
        domainname: fields.string("domainname"),
        entrypoint: fields.optional_strings("entrypoint"),
        environment: fields.optional_pairs("environment"),
        expose: expose(fields),
        external_links: fields.strings("external_links"),
        extra_hosts: extra_hosts(fields),
        gpus: fields.items("gpus", device_request),
        group_add: fields.strings("group_add"),
        healthcheck: fields.fields("healthcheck", healthcheck),
        hostname: fields.string("hostname"),
        image: fields.string("image"),
        init: fields.bool("init"),
        ipc: fields.string("ipc"),
        isolation: fields.string("isolation"),
        labels: fields.pairs("labels"),
        links: links(fields),
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
        ports: fields.items("ports", published_port),
        post_start: fields.items("post_start", |fields| Some(hook(fields))),
        pre_start: fields.items("pre_start", |fields| Some(pre_start(fields))),
        pre_stop: fields.items("pre_stop", |fields| Some(hook(fields))),
        privileged: fields.bool("privileged"),
        profiles: fields.strings("profiles"),
        provider: fields.fields("provider", provider),
        pull_policy: fields.parsed("pull_policy", "a pull policy", |text| Some(pull_policy(text))),
        pull_refresh_after: fields.string("pull_refresh_after"),
        read_only: fields.bool("read_only"),
        restart: fields.parsed(
            "restart",
            "`no`, `always`, `unless-stopped`, `on-failure` or `on-failure:ATTEMPTS`",
            restart,
        ),
        runtime: fields.string("runtime"),
        scale: fields.integer("scale"),
        secrets: fields.items("secrets", secret_mount),
        security_opt: fields.strings("security_opt"),
        shm_size: fields.bytes("shm_size"),
        stdin_open: fields.bool("stdin_open"),
        stop_grace_period: fields.duration("stop_grace_period"),
        stop_signal: fields.string("stop_signal"),
        storage_opt: fields.pairs("storage_opt"),
        sysctls: fields.pairs("sysctls"),
        tmpfs: fields.strings("tmpfs"),
        tty: fields.bool("tty"),
        ulimits: ulimits(fields),
        use_api_socket: fields.bool("use_api_socket"),
        user: fields.string("user"),
        userns_mode: fields.string("userns_mode"),
        uts: fields.string("uts"),
        volumes: fields.items("volumes", mount),
        volumes_from: fields.strings("volumes_from"),
        working_dir: fields.string("working_dir"),
        extensions: fields.extensions(),
    }
}

fn credential_spec(fields: &mut Fields<'_>) -> CredentialSpec {
    CredentialSpec {
        config: fields.string("config"),
        file: fields.string("file"),
        registry: fields.string("registry"),
        extensions: fields.extensions(),
    }
}

fn logging(fields: &mut Fields<'_>) -> Logging {
    Logging {
        driver: fields.string("driver"),
        options: fields.pairs("options"),
        extensions: fields.extensions(),
    }
}

fn provider(fields: &mut Fields<'_>) -> Provider {
    Provider {
        kind: fields.string("type").unwrap_or_default(),
        options: fields.repeated_pairs("options"),
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

fn dependency(fields: &mut Fields<'_>) -> Dependency {
    const CONDITIONS: [(&str, Condition); 3] = [
        ("service_started", Condition::Started),
        ("service_healthy", Condition::Healthy),
        ("service_completed_successfully", Condition::CompletedSuccessfully),
    ];
    Dependency {
        condition: fields.word("condition", &CONDITIONS).unwrap_or(Condition::Started),
        required: fields.bool("required").unwrap_or(true),
        restart: fields.bool("restart").unwrap_or(false),
        extensions: fields.extensions(),
    }
}

fn healthcheck(fields: &mut Fields<'_>) -> Healthcheck {
    Healthcheck {
        test: fields.optional_strings("test").and_then(|words| healthcheck_test(words, fields)),
        disable: fields.bool("disable").unwrap_or(false),
        interval: fields.duration("interval"),
        timeout: fields.duration("timeout"),
        retries: fields.integer("retries"),
        start_period: fields.duration("start_period"),
        start_interval: fields.duration("start_interval"),
        extensions: fields.extensions(),
    }
}

fn healthcheck_test(words: Vec<String>, fields: &mut Fields<'_>) -> Option<HealthcheckTest> {
    let mut words = words.into_iter();
    match words.next().as_deref() {
        None => None,
        Some("NONE") => Some(HealthcheckTest::None),
        Some("CMD") => Some(HealthcheckTest::Command(words.collect())),
        Some("CMD-SHELL") => Some(HealthcheckTest::Shell(words.collect::<Vec<_>>().join(" "))),
        Some(other) => {
            fields.error(
                format!("a healthcheck cannot start with `{other}`"),
                "start the list with `CMD`, `CMD-SHELL` or `NONE`, or write the test as one text",
            );
            None
        }
    }
}

/// Binds `extra_hosts`.
pub(super) fn extra_hosts(fields: &mut Fields<'_>) -> Vec<ExtraHost> {
    let Some(Value::Mapping(hosts)) = fields.take("extra_hosts").map(|node| node.value) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (name, entry) in hosts {
        for address in entry.node.as_sequence().unwrap_or_default() {
            let address = address.to_text().unwrap_or_default();
            all.push(ExtraHost { name: name.clone(), address });
        }
    }
    all
}

fn links(fields: &mut Fields<'_>) -> Vec<(String, String)> {
    let links = fields.strings("links").into_iter();
    links
        .map(|link| match link.split_once(':') {
            Some((service, alias)) => (service.to_owned(), alias.to_owned()),
            None => (link.clone(), link),
        })
        .collect()
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

fn restart(text: &str) -> Option<Restart> {
    match text.split_once(':').unwrap_or((text, "")) {
        ("no", "") => Some(Restart::No),
        ("always", "") => Some(Restart::Always),
        ("unless-stopped", "") => Some(Restart::UnlessStopped),
        ("on-failure", "") => Some(Restart::OnFailure(None)),
        ("on-failure", attempts) => Some(Restart::OnFailure(Some(attempts.parse().ok()?))),
        _ => None,
    }
}

/// Binds `ulimits`.
pub(super) fn ulimits(fields: &mut Fields<'_>) -> IndexMap<String, Ulimit> {
    let mut limits = IndexMap::new();
    fields.fields("ulimits", |fields| {
        for name in fields.names() {
            let limit = if fields.is_mapping(&name) {
                fields.fields(&name, |sides| {
                    Some(Ulimit {
                        soft: sides.integer("soft")?,
                        hard: sides.integer("hard")?,
                        extensions: sides.extensions(),
                    })
                })
            } else {
                Some(fields.integer(&name).map(Ulimit::both))
            };
            if let Some(limit) = limit.flatten() {
                limits.insert(name, limit);
            }
        }
    });
    limits
}
