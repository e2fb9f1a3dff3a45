//! Compose files made of Compose's own keys and of values by chance: the same seed, the same file.

#![expect(
    clippy::indexing_slicing,
    reason = "the schema is ours, and a null is as good as a failure"
)]

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

/// The schema that the loader has embedded.
const SCHEMA: &str = include_str!("../../src/load/schema.json");
const NAMES: [&str; 3] = ["a", "b", "c"];

/// How far the values may be from what people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Each value could stand in a project; whether all of them fit together is up to chance.
    Tame,
    /// Some are of the wrong type, or made to hurt.
    Wild,
}

/// A compose file. It may name `a.env`, `a.labels` and `a.txt` beside it.
pub fn compose_file(seed: u64, mood: Mood) -> String {
    let dice = Dice { choices: VecDeque::new(), state: seed };
    with_generator(dice, mood, |generator| {
        let project = generator.project();
        if generator.dice.one_in(2) {
            serde_json::to_string_pretty(&project).unwrap()
        } else {
            serde_yaml::to_string(&project).unwrap()
        }
    })
}

/// A compose file that the bytes decide about, one choice after the other; it may have several
/// documents, the later ones with tags.
pub fn compose_file_of(choices: &[u8]) -> String {
    let mut dice = Dice { choices: choices.iter().copied().collect(), state: 0 };
    let mood = if dice.one_in(3) { Mood::Wild } else { Mood::Tame };
    let documents = 1 + dice.below(4) / 2;
    with_generator(dice, mood, |generator| {
        let documents = (0..documents).map(|index| {
            generator.has_tags = index > 0;
            write(&generator.project())
        });
        documents.collect::<Vec<_>>().join("\n---\n")
    })
}

/// A tree in flow style; a mapping of one key that starts with `!` is a value with this tag.
pub fn write(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut entries = fields.iter();
            if let (Some((tag, value)), None) = (entries.next(), entries.next())
                && tag.starts_with('!')
            {
                return format!("{tag} {}", write(value));
            }
            let fields =
                fields.iter().map(|(key, value)| format!("{}: {}", json!(key), write(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(write).collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}

fn with_generator(
    dice: Dice,
    mood: Mood,
    make: impl FnOnce(&mut Generator<'_>) -> String,
) -> String {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    make(&mut Generator { schema: &schema, dice, mood, has_tags: false })
}

/// What `a.env` and `a.labels` hold.
pub const VARIABLES: &str = "FROM_FILE=1\nB=two words\n# comment\nC='$B'\nD=\"${B}\\n\"\n";

struct Dice {
    /// What is to come out first.
    choices: VecDeque<u8>,
    state: u64,
}

impl Dice {
    /// One of the choices, then splitmix64.
    fn roll(&mut self) -> u64 {
        if let Some(choice) = self.choices.pop_front() {
            return choice.into();
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn choose<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        &choices[self.below(choices.len())]
    }
}

struct Generator<'s> {
    schema: &'s Value,
    dice: Dice,
    mood: Mood,
    /// Whether some values replace or take out what earlier documents have.
    has_tags: bool,
}

impl<'s> Generator<'s> {
    fn project(&mut self) -> Value {
        let mut project = Map::new();
        if self.dice.one_in(4) {
            project.insert("name".to_owned(), json!("made_by-chance"));
        }
        for section in ["services", "jobs", "networks", "volumes", "secrets", "configs", "models"] {
            let mut members = Map::new();
            let schema = &self.schema["properties"][section]["patternProperties"];
            let schema = schema.as_object().unwrap().values().next().unwrap();
            // all are there, so that references find what they name; not every project has jobs
            if section == "jobs" && !self.dice.one_in(5) {
                continue;
            }
            // of the others one document has to say all: what the second one adds excludes the first
            if self.has_tags && !matches!(section, "services" | "networks") {
                continue;
            }
            let names = if section == "jobs" { ["j", "k", "l"] } else { NAMES };
            for name in names {
                let member = self.value(schema, &[section, name]);
                members.insert(name.to_owned(), self.member(section, name, member));
            }
            project.insert(section.to_owned(), Value::Object(members));
        }
        if self.dice.one_in(8) {
            project.insert("x-anything".to_owned(), self.anything(3));
        }
        Value::Object(project)
    }

    /// Adds what a member needs to stand for itself.
    fn member(&mut self, section: &str, name: &str, member: Value) -> Value {
        let Value::Object(mut member) = member else { return member };
        if self.mood == Mood::Wild && self.dice.one_in(4) {
            return Value::Object(member);
        }
        match section {
            "services" | "jobs" => {
                member.entry("image").or_insert_with(|| json!("image:1"));
                // a service may need those before it, so that there is no circle
                if name == "a" {
                    for key in ["depends_on", "links", "volumes_from", "extends"] {
                        member.remove(key);
                    }
                }
            }
            "secrets" | "configs" => {
                let sources = ["file", "environment", "content", "external", "driver"];
                for source in sources {
                    member.remove(source);
                }
                member.remove("driver_opts");
                member.remove("template_driver");
                let source = *self.dice.choose(&["file", "environment"]);
                let word = if source == "file" { "a.txt" } else { "HOME" };
                member.insert(source.to_owned(), json!(word));
            }
            "volumes" | "networks" if member.contains_key("external") => {
                member.retain(|key, _| key == "external" || key == "name");
            }
            _ => {}
        }
        Value::Object(member)
    }

    fn value(&mut self, schema: &'s Value, path: &[&str]) -> Value {
        if self.mood == Mood::Wild && self.dice.one_in(25) {
            return self.anything(2);
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.trim_start_matches("#/$defs/");
            return self.value(&self.schema["$defs"][name], path);
        }
        if let Some(branches) = schema["oneOf"].as_array() {
            let branch = self.dice.below(branches.len());
            return self.value(&branches[branch], path);
        }
        if path.last() == Some(&"external") && self.mood == Mood::Tame {
            // a string is only good as a variable, and a mapping is obsolete
            return json!(self.dice.one_in(2));
        }
        if schema["allOf"].is_array() || schema["properties"].is_object() {
            return self.object(schema, path);
        }
        if let Some(variants) = schema["enum"].as_array() {
            return self.dice.choose(variants).clone();
        }
        let mut types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one],
            Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
            _ => return self.anything(2),
        };
        match *path.last().unwrap_or(&"") {
            "weight" | "rate" => types.retain(|kind| *kind == "integer"),
            _ => {}
        }
        match *self.dice.choose(&types) {
            "object" => self.mapping(schema, path),
            "array" => {
                let count = self.dice.below(3);
                let mut items: Vec<Value> = Vec::new();
                for _ in 0..count {
                    let item = self.value(&schema["items"], path);
                    // a default may be equal to another item
                    let is_plain = !item.to_string().contains("${");
                    if self.mood == Mood::Wild || is_plain && !has_text(&items, &item) {
                        items.push(item);
                    }
                }
                Value::Array(items)
            }
            "boolean" => json!(self.dice.one_in(2)),
            "null" => Value::Null,
            "integer" | "number" => self.number(path),
            _ => self.string(path),
        }
    }

    fn object(&mut self, schema: &'s Value, path: &[&str]) -> Value {
        let mut properties: Vec<(&str, &Value)> = Vec::new();
        let parts = schema["allOf"].as_array().into_iter().flatten().map(|part| {
            let name = part["$ref"].as_str().unwrap_or_default();
            &self.schema["$defs"][name.trim_start_matches("#/$defs/")]
        });
        for part in parts.chain([schema]) {
            let own = part["properties"].as_object().into_iter().flatten();
            properties.extend(own.map(|(key, value)| (key.as_str(), value)));
        }
        let mut required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        // what Compose asks for beyond the schema
        match *path.last().unwrap_or(&"") {
            "ports" | "volumes" | "watch" => required.push("target"),
            "secrets" | "configs" if path.len() > 2 => required.push("source"),
            "triggers" => required.push("manual"),
            "preferences" => required.push("spread"),
            _ => {}
        }
        // a few of many, most of few
        let wanted = if properties.len() > 20 { 6 } else { 3 };
        let mut object = Map::new();
        for (key, property) in &properties {
            let is_wanted = required.contains(key) || self.dice.below(properties.len()) < wanted;
            if is_wanted && !self.clashes(&object, key) {
                let path: Vec<&str> = path.iter().copied().chain([*key]).collect();
                let mut value = self.value(property, &path);
                if self.has_tags && self.dice.one_in(12) {
                    let tag = *self.dice.choose(&["!reset", "!override"]);
                    value = json!({ tag: value });
                }
                object.insert((*key).to_owned(), value);
            }
        }
        let extensible =
            schema["patternProperties"]["^x-"].is_object() || schema["allOf"].is_array();
        if extensible && self.dice.one_in(30) {
            object.insert("x-more".to_owned(), self.anything(2));
        }
        if self.mood == Mood::Wild && self.dice.one_in(20) {
            object.insert(self.hostile_text(), self.anything(1));
        }
        Value::Object(object)
    }

    /// Whether Compose refuses the key beside those that are there.
    fn clashes(&self, object: &Map<String, Value>, key: &str) -> bool {
        const PAIRS: [(&str, &str); 12] = [
            ("networks", "network_mode"),
            ("dockerfile", "dockerfile_inline"),
            ("count", "device_ids"),
            ("deploy", "scale"),
            ("deploy", "cpus"),
            ("deploy", "mem_limit"),
            ("deploy", "mem_reservation"),
            ("deploy", "pids_limit"),
            ("deploy", "container_name"),
            ("scale", "container_name"),
            ("provider", "networks"),
            ("platform", "platforms"),
        ];
        self.mood == Mood::Tame
            && PAIRS.iter().any(|(one, other)| {
                (key == *one && object.contains_key(*other))
                    || (key == *other && object.contains_key(*one))
            })
    }

    /// A mapping with keys of the user.
    fn mapping(&mut self, schema: &'s Value, path: &[&str]) -> Value {
        let patterns = schema["patternProperties"].as_object();
        let Some((_, values)) = patterns.and_then(|patterns| patterns.iter().next()) else {
            return json!({});
        };
        let keys: &[&str] = match *path.last().unwrap_or(&"") {
            "depends_on" | "networks" | "models" => &NAMES,
            "extra_hosts" => &["host", "other.example"],
            "ulimits" => &["nofile", "nproc", "core"],
            "sysctls" => &["net.core.somaxconn"],
            "driver_opts" | "options" => &["size", "o", "max-file"],
            "aux_addresses" => &["router"],
            _ => &["KEY", "key.with-dots/and_more", "EMPTY", "FROM_FILE", "B"],
        };
        let mut mapping = Map::new();
        for key in keys {
            if self.dice.one_in(2) && !(path.last() == Some(&"depends_on") && path.contains(key)) {
                let path: Vec<&str> = path.iter().copied().chain([*key]).collect();
                let value = self.value(values, &path);
                mapping.insert((*key).to_owned(), value);
            }
        }
        Value::Object(mapping)
    }

    fn number(&mut self, path: &[&str]) -> Value {
        let numbers: &[Value] = match *path.last().unwrap_or(&"") {
            "ports" | "expose" | "target" | "published" => {
                &[json!(80), json!(8080), json!(443), json!(65535)]
            }
            "mode" => &[json!(0o440), json!(0o777), json!(420)],
            "cpus" => &[json!(0.5), json!(1), json!(2.25)],
            "max_failure_ratio" => &[json!(0.3), json!(0), json!(1)],
            "cpu_percent" | "weight" => &[json!(0), json!(50), json!(100)],
            "oom_score_adj" => &[json!(-500), json!(0), json!(1000)],
            "retries" | "replicas" | "scale" | "max_attempts" | "parallelism" => {
                &[json!(0), json!(1), json!(3)]
            }
            "environment" | "labels" | "options" | "driver_opts" | "args" | "KEY" => &[
                json!(0),
                json!(-1),
                json!(1.10),
                json!(1e6),
                json!(12_345_678_901_234_i64),
                json!(1e21),
            ],
            _ => &[json!(0), json!(1), json!(60), json!(1_048_576)],
        };
        self.dice.choose(numbers).clone()
    }

    fn string(&mut self, path: &[&str]) -> Value {
        if self.mood == Mood::Wild && self.dice.one_in(10) {
            return json!(self.hostile_text());
        }
        let key = path.iter().rev().find(|key| !NAMES.contains(key)).copied().unwrap_or("");
        let section = path.first().copied().unwrap_or("");
        let text = *self.dice.choose(words(key, section, path));
        let text = match self.dice.below(30) {
            0 => format!("${{UNKNOWN:-{text}}}"),
            1 => format!("${{HOME:+{text}}}"),
            2 if matches!(key, "command" | "entrypoint" | "environment" | "content") => {
                format!("{text}$$HOME")
            }
            _ => text.to_owned(),
        };
        json!(text)
    }

    fn anything(&mut self, depth: usize) -> Value {
        match self.dice.below(if depth == 0 { 6 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.dice.one_in(2)),
            2 => json!(-1),
            3 => json!(0.1),
            4 => json!(self.dice.roll()),
            5 => json!(self.hostile_text()),
            6 => (0..self.dice.below(3)).map(|_| self.anything(depth - 1)).collect(),
            _ => {
                let mut mapping = Map::new();
                for _ in 0..self.dice.below(3) {
                    mapping.insert(self.hostile_text(), self.anything(depth - 1));
                }
                Value::Object(mapping)
            }
        }
    }

    fn hostile_text(&mut self) -> String {
        let texts = [
            "",
            " ",
            "~",
            "null",
            "true",
            "yes",
            "0",
            "-1",
            "1e999",
            "0x10",
            "0440",
            "99999999999999999999",
            ".",
            "..",
            "../..",
            "/",
            "//",
            "C:\\",
            "\\\\.\\pipe\\x",
            "~/x",
            "a:b:c:d",
            ":::",
            "::1",
            "[::1]:80:80",
            "0-65535:0-65535",
            "80-79",
            "1.2.3.4:80:80/udp",
            "80/sctp",
            "service:a",
            "service:",
            "container:a",
            "${",
            "${A:?}",
            "$A",
            "${A:-${B:-}}",
            "$$",
            "a=b",
            "=",
            "=b",
            "a =b",
            "a=",
            "KEY",
            "\n",
            "\t",
            "\u{0}",
            "\u{feff}",
            "é",
            "🦀",
            "\u{202e}",
            "a'b",
            "a\"b",
            "a\\",
            "'",
            "\"",
            "`",
            "- a",
            "a: b",
            "#",
            "!reset",
            "*a",
            "&a",
            "<<",
            "1d",
            "1h30m",
            "-5s",
            "1.5s",
            "5",
            "10k",
            "-1b",
            "1.5gb",
            "1kk",
            "99999999999gb",
            "all",
            "NONE",
            "CMD",
            "x-a",
        ];
        let mut text = (*self.dice.choose(&texts)).to_owned();
        if self.dice.one_in(40) {
            text = text.repeat(50);
        }
        text
    }
}

/// Whether one of the items is written with the same letters: `1` and `"1"` are the same to the reference.
fn has_text(items: &[Value], item: &Value) -> bool {
    let text = |value: &Value| value.to_string().replace('"', "");
    items.iter().any(|other| text(other) == text(item))
}

/// What could stand at a key.
fn words(key: &str, section: &str, path: &[&str]) -> &'static [&'static str] {
    match key {
        "name" if path.contains(&"ports") => &["http", "web"],
        "network_mode" => &["host", "none", "bridge"],
        "volumes_from" => &["a", "a:ro", "container:other"],
        "links" => &["a", "a:alias"],
        "external_links" => &["other", "other:alias"],
        "ipc" | "pid" | "uts" | "userns_mode" => &["host"],
        "depends_on" | "extends" | "service" => &["a"],
        "networks" | "models" if matches!(section, "services" | "jobs") => &["a", "b", "c"],
        "secrets" | "configs" | "source" if path.contains(&"volumes") => &["a", "b", "./data"],
        "secrets" | "configs" | "source" => &["a", "b", "c"],
        "volumes" => &[
            "a:/data",
            "b:/data/../other:ro",
            "./x:/x",
            "/anonymous",
            "../up:/up:rw,z",
            "~/home:/home",
            "c:/c:nocopy",
            "/etc:/etc:rshared",
            "C:\\windows:/w:ro",
        ],
        "type" => &["volume", "bind", "tmpfs"],
        "target" if path.contains(&"ports") => &["80", "8080"],
        "target" if path.contains(&"build") => &["stage"],
        "target" => &["/target", "/a/./b/", "relative"],
        "ports" => &[
            "80",
            "8080:80",
            "127.0.0.1:8081:81",
            "9000-9002:9000-9002",
            "5000-5001/udp",
            "[::1]:90:90",
            "127.0.0.1::82",
            "7000-7010:70",
        ],
        "published" => &["8080", "9000-9010"],
        "host_ip" => &["127.0.0.1", "::1"],
        "protocol" => &["tcp", "udp"],
        "mode" if path.contains(&"ports") => &["host", "ingress"],
        "mode" if path.contains(&"deploy") => &["replicated", "global"],
        "endpoint_mode" => &["vip", "dnsrr"],
        "mode" => &["0440", "0755"],
        "expose" => &["80", "8000-8002", "53/udp"],
        "devices" => &["/dev/null", "/dev/null:/dev/x", "/dev/null:/dev/y:r"],
        "command" | "entrypoint" => &["sh", "echo 'a b'", "sleep 1", "a \"b c\" d\\ e"],
        "test" => &["CMD", "NONE", "CMD-SHELL", "curl localhost"],
        "environment" if matches!(section, "services" | "jobs") => {
            &["KEY=value", "HOME", "EMPTY=", "B=a=b"]
        }
        "labels" | "args" | "annotations" | "additional_contexts" => {
            &["key=value", "other=", "k=a b"]
        }
        "sysctls" => &["net.core.somaxconn=1", "kernel.msgmax=2"],
        "ssh" => &["default", "key=a.txt"],
        _ => more_words(key, section, path),
    }
}

/// What could stand at the other keys.
fn more_words(key: &str, section: &str, path: &[&str]) -> &'static [&'static str] {
    match key {
        "env_file" => &["a.env", "./a.env"],
        "label_file" => &["a.labels"],
        "format" => &["raw"],
        "path" if path.contains(&"env_file") => &["a.env"],
        "file" if path.contains(&"extends") => &["compose.yaml"],
        "path" | "context" | "file" => &[".", "./sub", "a.txt"],
        "dns" => &["1.1.1.1", "8.8.8.8"],
        "dns_search" | "dns_opt" | "domainname" => &["example.com", "use-vc"],
        "extra_hosts" | "host" | "other.example" => {
            &["host=1.2.3.4", "other:::1", "c:host-gateway"]
        }
        "interval" | "timeout" | "start_period" | "start_interval" | "stop_grace_period"
        | "delay" | "monitor" | "window" | "pull_refresh_after" => {
            &["10s", "1m30s", "1h", "500ms", "1.5s", "0s", "1d", "2w"]
        }
        "mem_limit" | "mem_reservation" | "memswap_limit" | "shm_size" | "memory" | "size" => {
            &["64m", "1gb", "1.5g", "1024", "10 kb", "128MiB"]
        }
        "cpus" => &["0.5", "2", "1.25"],
        "mem_swappiness"
        | "cpu_count"
        | "cpu_percent"
        | "cpu_shares"
        | "cpu_quota"
        | "cpu_period"
        | "cpu_rt_period"
        | "cpu_rt_runtime"
        | "oom_score_adj"
        | "pids_limit"
        | "pids"
        | "retries"
        | "replicas"
        | "scale"
        | "parallelism"
        | "max_attempts"
        | "max_replicas_per_node"
        | "max_failure_ratio"
        | "weight"
        | "rate"
        | "soft"
        | "hard"
        | "nofile"
        | "nproc"
        | "core"
        | "priority"
        | "value"
        | "umask" => &["1", "2", "10", "077"],
        "count" => &["all", "2"],
        "capabilities" => &["gpu", "compute"],
        _ => words_of_few(key, section, path),
    }
}

/// What could stand where there are few possibilities.
fn words_of_few(key: &str, section: &str, path: &[&str]) -> &'static [&'static str] {
    match key {
        "init" | "privileged" | "read_only" | "tty" | "stdin_open" | "attach" | "required"
        | "disable" | "restart"
            if path.contains(&"depends_on") =>
        {
            &["true", "false"]
        }
        "init"
        | "privileged"
        | "read_only"
        | "tty"
        | "stdin_open"
        | "attach"
        | "required"
        | "disable"
        | "no_cache"
        | "pull"
        | "external"
        | "internal"
        | "attachable"
        | "enable_ipv4"
        | "enable_ipv6"
        | "oom_kill_disable"
        | "nocopy"
        | "create_host_path"
        | "per_replica"
        | "use_service_name_alias"
        | "manual" => &["true", "false", "yes", "off"],
        "restart" => &["no", "always", "on-failure", "on-failure:3", "unless-stopped"],
        "condition" => &["none", "on-failure", "any"],
        "pull_policy" => {
            &["always", "never", "missing", "if_not_present", "build", "daily", "every_12h"]
        }
        "platform" | "platforms" => &["linux/amd64", "linux/arm64"],
        "subnet" | "ip_range" => &["10.0.0.0/16", "10.1.0.0/24"],
        "gateway" | "ipv4_address" | "router" => &["10.0.0.1"],
        "ipv6_address" => &["fe80::1"],
        "tmpfs" => &["/tmp", "/run:size=1m"],
        "cap_add" | "cap_drop" => &["NET_ADMIN", "ALL"],
        "profiles" => &["one", "two"],
        "container_name" | "hostname" => &["some-name", "other"],
        "driver" if section == "volumes" => &["local", "nfs"],
        "subpath" => &["sub/dir"],
        "user" => &["1000", "1000:1000", "root"],
        "stop_signal" => &["SIGTERM", "SIGUSR1"],
        "image" => &[
            "nginx",
            "registry.example/a/b:1.2@sha256:0123456789012345678901234567890123456789012345678901234567890123",
        ],
        _ => &["text", "some words", "1", "true", "a-b_c"],
    }
}
