use indexmap::IndexMap;

use crate::model::{
    Build, Condition, Dependency, ExtraHost, Healthcheck, HealthcheckTest, PullPolicy, Restart,
    Service, Ulimit,
};

use super::deploy::deploy;
use super::fields::Fields;
use super::mount::{config_mount, mount, secret_mount};
use super::network::{expose, published_port, service_network};
use crate::load::tree::Value;

/// Binds one service.
pub(super) fn service(fields: &mut Fields<'_, '_>) -> Service {
    for used_up in ["env_file", "label_file", "extends"] {
        fields.discard(used_up);
    }
    Service {
        annotations: fields.pairs("annotations"),
        build: fields.fields("build", build),
        cap_add: fields.strings("cap_add"),
        cap_drop: fields.strings("cap_drop"),
        command: fields.optional_strings("command"),
        configs: fields.items("configs", config_mount),
        container_name: fields.string("container_name"),
        cpus: fields.float("cpus"),
        depends_on: fields.members("depends_on", dependency),
        deploy: fields.fields("deploy", deploy),
        dns: fields.strings("dns"),
        dns_opt: fields.strings("dns_opt"),
        dns_search: fields.strings("dns_search"),
        entrypoint: fields.optional_strings("entrypoint"),
        environment: fields.optional_pairs("environment"),
        expose: expose(fields),
        extra_hosts: extra_hosts(fields),
        group_add: fields.strings("group_add"),
        healthcheck: fields.fields("healthcheck", healthcheck),
        hostname: fields.string("hostname"),
        image: fields.string("image"),
        init: fields.bool("init"),
        labels: fields.pairs("labels"),
        links: links(fields),
        mem_limit: fields.bytes("mem_limit"),
        mem_reservation: fields.bytes("mem_reservation"),
        network_mode: fields.string("network_mode"),
        networks: fields.members("networks", service_network),
        platform: fields.string("platform"),
        ports: fields.items("ports", published_port),
        privileged: fields.bool("privileged"),
        profiles: fields.strings("profiles"),
        pull_policy: fields.parsed("pull_policy", "a pull policy", |text| Some(pull_policy(text))),
        read_only: fields.bool("read_only"),
        restart: fields.parsed(
            "restart",
            "`no`, `always`, `unless-stopped`, `on-failure` or `on-failure:ATTEMPTS`",
            restart,
        ),
        scale: fields.integer("scale"),
        secrets: fields.items("secrets", secret_mount),
        shm_size: fields.bytes("shm_size"),
        stdin_open: fields.bool("stdin_open"),
        stop_grace_period: fields.duration("stop_grace_period"),
        stop_signal: fields.string("stop_signal"),
        sysctls: fields.pairs("sysctls"),
        tmpfs: fields.strings("tmpfs"),
        tty: fields.bool("tty"),
        ulimits: ulimits(fields),
        user: fields.string("user"),
        volumes: fields.items("volumes", mount),
        working_dir: fields.string("working_dir"),
    }
}

fn build(fields: &mut Fields<'_, '_>) -> Build {
    Build {
        context: fields.string("context").unwrap_or_default(),
        dockerfile: fields.string("dockerfile").map(Into::into),
        dockerfile_inline: fields.string("dockerfile_inline"),
        args: fields.pairs("args"),
        target: fields.string("target"),
    }
}

fn dependency(fields: &mut Fields<'_, '_>) -> Dependency {
    const CONDITIONS: [(&str, Condition); 3] = [
        ("service_started", Condition::Started),
        ("service_healthy", Condition::Healthy),
        ("service_completed_successfully", Condition::CompletedSuccessfully),
    ];
    Dependency {
        condition: fields.word("condition", &CONDITIONS).unwrap_or(Condition::Started),
        required: fields.bool("required").unwrap_or(true),
        restart: fields.bool("restart").unwrap_or(false),
    }
}

fn healthcheck(fields: &mut Fields<'_, '_>) -> Healthcheck {
    let disabled = fields.bool("disable").unwrap_or(false);
    let test = fields.optional_strings("test").and_then(|words| healthcheck_test(words, fields));
    Healthcheck {
        test: if disabled { Some(HealthcheckTest::Disabled) } else { test },
        interval: fields.duration("interval"),
        timeout: fields.duration("timeout"),
        retries: fields.integer("retries"),
        start_period: fields.duration("start_period"),
        start_interval: fields.duration("start_interval"),
    }
}

fn healthcheck_test(words: Vec<String>, fields: &mut Fields<'_, '_>) -> Option<HealthcheckTest> {
    let mut words = words.into_iter();
    match words.next().as_deref() {
        None => None,
        Some("NONE") => Some(HealthcheckTest::Disabled),
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

fn extra_hosts(fields: &mut Fields<'_, '_>) -> Vec<ExtraHost> {
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

fn links(fields: &mut Fields<'_, '_>) -> Vec<(String, String)> {
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

fn ulimits(fields: &mut Fields<'_, '_>) -> IndexMap<String, Ulimit> {
    let mut limits = IndexMap::new();
    fields.fields("ulimits", |fields| {
        for name in fields.names() {
            let limit = if fields.is_mapping(&name) {
                fields.fields(&name, |sides| {
                    Some(Ulimit { soft: sides.integer("soft")?, hard: sides.integer("hard")? })
                })
            } else {
                Some(fields.integer(&name).map(|limit| Ulimit { soft: limit, hard: limit }))
            };
            if let Some(limit) = limit.flatten() {
                limits.insert(name, limit);
            }
        }
    });
    limits
}
