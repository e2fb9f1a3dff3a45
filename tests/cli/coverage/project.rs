use std::fs;

use longshore::diagnostic::{Report, Severity};
use longshore::load::{Input, load_with_contents};
use longshore::translate::{Manifest, Options, translate_project};
use serde_json::{Map, Value, json};

use super::walk::Leaf;

/// Names for `*`, by the key above them.
const NAMES: &[(&str, &str)] = &[
    ("services", "web"),
    ("jobs", "backup"),
    ("networks", "default"),
    ("volumes", "data"),
    ("configs", "site"),
    ("secrets", "password"),
    ("models", "llm"),
    ("depends_on", "db"),
    ("ulimits", "nofile"),
];

/// What an attribute needs around it, by the beginning of its path; all that fit are used. The
/// attributes of containers stand without what they are a part of.
const AROUND: &[(&str, &str)] = &[
    ("", "services: { web: { image: nginx } }"),
    ("jobs", "jobs: { backup: { image: busybox, triggers: { manual: true } } }"),
    (
        "models",
        "services: { web: { models: { llm: {} } } }\nmodels: { llm: { model: ai/a, x-longshore: { endpoint: 'http://a' } }, other: { model: ai/b } }",
    ),
    (
        "volumes",
        "services: { web: { volumes: [{ type: volume, source: data, target: /data }] } }\nvolumes: { data: {}, other: {} }",
    ),
    (
        "configs",
        "services: { web: { configs: [{ source: site }] } }\nconfigs: { site: { content: a }, other: { content: b } }",
    ),
    (
        "secrets",
        "services: { web: { secrets: [{ source: password }] } }\nsecrets: { password: { environment: VARIABLE }, other: { environment: OTHER } }",
    ),
    (
        "networks",
        "services: { web: { networks: { default: {} } } }\nnetworks: { default: {}, other: {} }",
    ),
    ("configs.file", "configs: { site: { content: null, file: b.txt } }"),
    ("secrets.file", "secrets: { password: { environment: null, file: b.txt } }"),
    ("services.links", "services: { db: { image: postgres } }"),
    ("volumes.external", "volumes: { data: { external: true } }"),
    ("configs.external", "configs: { site: { external: true, content: null } }"),
    ("secrets.external", "secrets: { password: { external: true, environment: null } }"),
    ("services.extends", "services: { db: { image: postgres } }"),
    (
        "services.external_links",
        "services: { web: { labels: { longshore.external-link.db: db.example.com } } }",
    ),
    ("services.pre_stop", "services: { web: { pre_stop: [{ command: [a] }] } }"),
    ("networks.external", "networks: { default: { external: true } }"),
    ("services.provider", "services: { web: { image: null, provider: { type: a } } }"),
    ("services.networks", "services: { db: { image: postgres } }"),
    ("services.pre_start", "services: { web: { pre_start: [{ command: [a] }] } }"),
    ("services.post_start", "services: { web: { post_start: [{ command: [a] }] } }"),
    (
        "services.depends_on",
        "services: { db: { image: postgres, healthcheck: { test: [CMD, a] } } }",
    ),
    ("configs.environment", "configs: { site: { content: null, environment: VARIABLE } }"),
    (
        "networks.ipam.config",
        "networks: { default: { ipam: { config: [{ subnet: 172.28.0.0/16 }] } } }",
    ),
    (
        "jobs.triggers.manual",
        "jobs: { backup: { triggers: { manual: false, schedule: [{ cron: '0 3 * * *' }] } } }",
    ),
    ("services.volumes_from", "services: { db: { image: postgres, volumes: ['/data'] } }"),
    (
        "jobs.triggers.schedule",
        "jobs: { backup: { triggers: { manual: false, schedule: [{ cron: '0 3 * * *' }] } } }",
    ),
];

/// What attributes of containers need around them, in the container.
const AROUND_IN_CONTAINER: &[(&str, &str)] = &[
    ("gpus.", "gpus: [{ capabilities: [gpu] }]"),
    ("models", "models: { llm: {} }"),
    ("ports.", "ports: [{ target: 80, published: '80' }]"),
    ("configs", "configs: [{ source: site }]"),
    ("secrets", "secrets: [{ source: password }]"),
    ("configs.uid", "configs: [{ source: site, mode: '0400' }]"),
    ("configs.gid", "configs: [{ source: site, mode: '0400' }]"),
    ("secrets.uid", "secrets: [{ source: password, mode: '0400' }]"),
    ("secrets.gid", "secrets: [{ source: password, mode: '0400' }]"),
    ("volumes", "volumes: [{ type: volume, source: data, target: /data }]"),
    ("networks", "networks: { default: {} }"),
    ("devices.", "devices: [{ source: /dev/a, target: /dev/a }]"),
    ("ulimits.", "ulimits: { nofile: { soft: 1, hard: 10 } }"),
    ("env_file.", "env_file: [{ path: b.env }]"),
    ("depends_on.", "depends_on: { db: { condition: service_started } }"),
    ("healthcheck", "healthcheck: { test: [CMD, a] }"),
    ("volumes.bind", "volumes: [{ type: bind, source: /srv, target: /data }]"),
    ("volumes.tmpfs", "volumes: [{ type: tmpfs, source: null, target: /data }]"),
    ("volumes.image", "volumes: [{ type: image, source: busybox, target: /data }]"),
    ("deploy.endpoint_mode", "expose: ['80']"),
    ("develop.watch", "develop: { watch: [{ path: ., action: rebuild }] }"),
    ("build.ulimits.", "build: { ulimits: { nofile: { soft: 1, hard: 10 } } }"),
    ("build.secrets.", "build: { secrets: [{ source: password }] }"),
    (
        "develop.watch.exec",
        "develop: { watch: [{ path: ., action: sync+exec, target: /a, exec: { command: a } }] }",
    ),
    ("volumes.consistency", "volumes: [{ type: bind, source: /srv, target: /data }]"),
    ("develop.watch.target", "develop: { watch: [{ path: ., action: sync, target: /a }] }"),
    ("develop.watch.action", "develop: { watch: [{ path: ., action: sync, target: /a }] }"),
    ("volumes.volume.nocopy", "volumes: [{ type: volume, source: data, target: /data }]"),
    (
        "deploy.resources.reservations.devices.",
        "deploy: { resources: { reservations: { devices: [{ capabilities: [gpu] }] } } }",
    ),
    (
        "deploy.resources.reservations.generic_resources.discrete_resource_spec.value",
        "deploy: { resources: { reservations: { generic_resources: [{ discrete_resource_spec: { kind: gpu } }] } } }",
    ),
];

/// Values of a certain form, by the end of the path, the longest first.
const VALUES: &[(&str, &str)] = &[
    ("build.secrets", "password"),
    ("build.secrets.source", "other"),
    ("build.secrets.target", "other"),
    ("concurrency", "queue"),
    ("configs", "other"),
    ("configs.environment", "OTHER"),
    ("configs.file", "a.txt"),
    ("configs.gid", "'1000'"),
    ("configs.source", "other"),
    ("configs.uid", "'1000'"),
    ("container_name", "other"),
    ("cpu_count", "2"),
    ("cpu_percent", "50"),
    ("credential_spec.config", "site"),
    ("delay", "5s"),
    ("depends_on", "[db]"),
    ("depends_on.*.condition", "service_healthy"),
    ("depends_on.*.required", "false"),
    ("depends_on.*.restart", "true"),
    ("deploy.endpoint_mode", "dnsrr"),
    ("deploy.mode", "global"),
    ("develop.watch.action", "sync+restart"),
    ("develop.watch.path", "src"),
    ("develop.watch.target", "/b"),
    ("devices.count", "2"),
    ("devices.permissions", "r"),
    ("devices.source", "/dev/b"),
    ("devices.target", "/dev/b"),
    ("discrete_resource_spec.value", "2"),
    ("dns", "192.0.2.53"),
    ("enable_ipv4", "false"),
    ("env_file", "a.env"),
    ("env_file.format", "raw"),
    ("env_file.path", "a.env"),
    ("env_file.required", "false"),
    ("external_links", "[db]"),
    ("extra_hosts", "['other=192.0.2.1']"),
    ("generic_resources.discrete_resource_spec.kind", "example.com/fpga"),
    ("gpus.count", "2"),
    ("interval", "5s"),
    ("ipc", "host"),
    ("isolation", "hyperv"),
    ("label_file", "[a.labels]"),
    ("links", "[db]"),
    ("memory", "64m"),
    ("missed_fires", "skip"),
    ("models", "[other]"),
    ("monitor", "5s"),
    ("network_mode", "host"),
    ("networks", "[other]"),
    ("networks.*.ipv4_address", "172.28.0.5"),
    ("networks.*.ipv6_address", "'fd00::5'"),
    ("oom_score_adj", "100"),
    ("per_replica", "false"),
    ("pid", "host"),
    ("placement.constraints", "['node.labels.disk == ssd']"),
    ("placement.preferences.spread", "node.labels.zone"),
    ("platform", "linux/arm64"),
    ("ports.host_ip", "192.0.2.1"),
    ("ports.mode", "host"),
    ("ports.protocol", "udp"),
    ("pull_policy", "always"),
    ("replicas", "3"),
    ("restart", "'no'"),
    ("restart_policy.condition", "on-failure"),
    ("restart_policy.max_attempts", "3"),
    ("scale", "3"),
    ("secrets", "other"),
    ("secrets.environment", "OTHER"),
    ("secrets.file", "a.txt"),
    ("secrets.gid", "'1000'"),
    ("secrets.source", "other"),
    ("secrets.uid", "'1000'"),
    ("security_opt", "['no-new-privileges:true']"),
    ("services.networks", "[other]"),
    ("start_interval", "5s"),
    ("start_period", "5s"),
    ("stop_grace_period", "5s"),
    ("storage_opt", "{ size: 1G }"),
    ("timeout", "5s"),
    ("timezone", "Europe/Berlin"),
    ("triggers.manual", "true"),
    ("triggers.schedule", "'0 4 * * *'"),
    ("triggers.schedule.cron", "'0 4 * * *'"),
    ("ulimits.*.hard", "20"),
    ("ulimits.*.soft", "5"),
    ("use_service_name_alias", "false"),
    ("user", "'1000'"),
    ("uts", "host"),
    ("volumes", "'other:/data'"),
    ("volumes.bind.propagation", "shared"),
    ("volumes.source", "other"),
    ("volumes.target", "/other"),
    ("volumes.type", "tmpfs"),
    ("volumes_from", "[db]"),
    ("window", "5s"),
];

/// A project without an attribute and with it.
pub struct Pair {
    pub without: Value,
    pub with: Value,
    /// The Compose path of the attribute.
    pub path: String,
}

impl Pair {
    pub fn of(leaf: &Leaf) -> Result<Self, String> {
        let attribute = leaf.attribute();
        let mut without = json!({});
        for (start, around) in AROUND {
            if begins(&attribute, start) {
                merge(&mut without, &yaml(around));
            }
        }
        for owner in ["services.pre_start.", "services.", "jobs."] {
            let Some(inner) = attribute.strip_prefix(owner) else { continue };
            for (start, around) in AROUND_IN_CONTAINER {
                if begins(inner, start) {
                    merge(container(&mut without, owner), &yaml(around));
                }
            }
            for section in ["configs", "secrets", "volumes", "models", "networks"] {
                let is_named = begins(inner, section) || begins(inner, &format!("build.{section}"));
                if is_named || (section == "configs" && begins(inner, "credential_spec")) {
                    define(&mut without, section);
                }
            }
            for other in ["depends_on", "links", "volumes_from"] {
                if begins(inner, other) {
                    let around =
                        AROUND.iter().filter(|(start, _)| *start == format!("services.{other}"));
                    around.for_each(|(_, around)| merge(&mut without, &yaml(around)));
                }
            }
            break;
        }
        let mut with = without.clone();
        let value = value_of(&attribute).unwrap_or_else(|| leaf.value.clone());
        let mut path = String::new();
        set(&mut with, &leaf.path, "", value, &mut path);
        if with == without {
            return Err(format!("the project has it already: {without}"));
        }
        Ok(Self { without, with, path })
    }
}

/// A project on its way.
pub struct Converted {
    pub manifests: Vec<Vec<Manifest>>,
    pub report: Report,
}

impl Converted {
    pub fn of(project: &Value) -> Result<Self, String> {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        write("compose.yaml", &project.to_string());
        write("a.env", "FROM_FILE=1\n");
        write("a.labels", "from.file=1\n");
        write("a.txt", "a\n");
        write("b.txt", "b\n");
        // Raw, the quotes belong to the value.
        write("b.env", "FROM_OTHER_FILE=\"1\"\n");
        let environment = [("VARIABLE", "a"), ("OTHER", "b")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let input = Input {
            working_directory: directory.path().to_owned(),
            environment: environment.into(),
            project_name: project.get("name").is_none().then(|| "app".to_owned()),
            ..Input::default()
        };
        let (loaded, mut report) = load_with_contents(&input);
        let mut manifests = Vec::new();
        if let Some((project, contents)) = loaded {
            for ordered in [false, true] {
                let options = Options { ordered, ..Options::default() };
                let (translation, findings) = translate_project(&project, &contents, &options);
                manifests.push(translation.manifests);
                report.extend(findings);
            }
        }
        let errors = report.iter().filter(|it| it.severity == Severity::Error);
        let errors: Vec<String> = errors.map(|it| format!("{}: {}", it.path, it.message)).collect();
        if !errors.is_empty() {
            return Err(format!("{} in {project}", errors.join("; ")));
        }
        Ok(Self { manifests, report })
    }
}

/// Whether a path begins so, by whole parts; a start that ends in a dot is above its attributes.
fn begins(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| {
        rest.is_empty() || start.is_empty() || start.ends_with('.') || rest.starts_with('.')
    })
}

fn yaml(text: &str) -> Value {
    longshore::yaml::read(text).unwrap().remove(0)
}

/// Puts one value over another: mappings are joined, lists item by item; `null` takes away.
fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                if value.is_null() {
                    base.remove(key);
                } else if let Some(old) = base.get_mut(key) {
                    merge(old, value);
                } else {
                    base.insert(key.clone(), without_nulls(value));
                }
            }
        }
        (Value::Array(base), Value::Array(over)) => {
            for (index, value) in over.iter().enumerate() {
                match base.get_mut(index) {
                    Some(old) => merge(old, value),
                    None => base.push(without_nulls(value)),
                }
            }
        }
        (base, over) => *base = without_nulls(over),
    }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(members.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}

fn container<'a>(project: &'a mut Value, owner: &str) -> &'a mut Value {
    match owner {
        "services.pre_start." => &mut project["services"]["web"]["pre_start"][0],
        "jobs." => &mut project["jobs"]["backup"],
        _ => &mut project["services"]["web"],
    }
}

fn define(project: &mut Value, section: &str) {
    let around = AROUND.iter().find(|(start, _)| *start == section);
    let mut around = yaml(around.unwrap().1);
    around.as_object_mut().unwrap().remove("services");
    merge(project, &around);
}

fn value_of(attribute: &str) -> Option<Value> {
    let fits = VALUES.iter().filter(|(end, _)| {
        attribute.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    fits.max_by_key(|(end, _)| end.len()).map(|(_, value)| yaml(value))
}

/// Sets the attribute, and writes its Compose path.
fn set(node: &mut Value, path: &[String], above: &str, value: Value, written: &mut String) {
    let Some((first, rest)) = path.split_first() else {
        merge_value(node, value);
        return;
    };
    if first == "[]" {
        if !node.is_array() {
            *node = json!([]);
        }
        let items = node.as_array_mut().unwrap();
        if items.is_empty() {
            items.push(json!({}));
        }
        written.push_str("[0]");
        return set(&mut items[0], rest, above, value, written);
    }
    let name = NAMES.iter().find(|(key, _)| *key == above).map_or("x", |(_, name)| name);
    let key = if first == "*" { name } else { first.as_str() };
    if !node.is_object() {
        *node = Value::Object(Map::new());
    }
    if !written.is_empty() {
        written.push('.');
    }
    written.push_str(key);
    let member = node.as_object_mut().unwrap().entry(key).or_insert(Value::Null);
    set(member, rest, first, value, written);
}

/// A value in the place of another one; what is a mapping already gets the further members.
fn merge_value(node: &mut Value, value: Value) {
    if node.is_object() && value.is_object() { merge(node, &value) } else { *node = value }
}
