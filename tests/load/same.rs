//! Whether two canonical files mean the same, ours and the reference's.
//!
//! What may differ, and why:
//! - `$$` is `$`: the reference prints a file to be interpolated once more.
//! - An attribute of Compose that is not there is the same as one that says nothing (`0`, `false`, `""`, `0s`,
//!   nothing at all): the reference leaves out all that Go calls zero. Not so the keys that the user chose.
//! - An attribute with its default is the same as one without: `create_host_path`, `condition: any`, the
//!   `target` of a config, `protocol` and `mode` of a port.
//! - A limit of one number is the same as one with both numbers; `count: -1` is `all`.
//! - Paths in containers are clean here, and those of configs and secrets absolute; ranges of `expose` are expanded.
//! - `label_file` is used up as `env_file` is; the `name` of a job is its key; `env_file` of a job is used up as well.
//! - `extra_hosts` have no order, and one address is told once.
//! - Options of a mount that mean nothing for its type are left out here, with a warning, as is a `source` that
//!   nothing is mounted from.
//! - A dependency that is not required, on a service that takes no part, is dropped here, and printed there.
//! - A healthcheck that is turned off says nothing more here.
//! - A number without an end is `.inf` to readers of YAML, though the reference means its text.
//! - In hooks, the reference does without the canonical form of `pull_policy` and of the targets of mounts.
//! - What only a job, a hook or a mount of the type `cluster` uses is kept here, and dropped there.
//! - `x-` in a place that is not a mapping in the canonical file is dropped there, and in requests for devices.
//! - A number for a path is a path here.
//! - `build.ssh` is a mapping here; there it is printed as a list of `KEY: VALUE`, which does not load.

use serde_json::{Map, Value, json};

/// Attributes whose keys are the user's: to have a key is to say something.
const OF_THE_USER: [&str; 20] = [
    "environment",
    "labels",
    "annotations",
    "args",
    "sysctls",
    "options",
    "driver_opts",
    "storage_opt",
    "extra_hosts",
    "additional_contexts",
    "aux_addresses",
    "ssh",
    "services",
    "jobs",
    "networks",
    "volumes",
    "secrets",
    "configs",
    "models",
    "depends_on",
];

/// What is different, one line each, after what may differ is taken out of both.
pub fn differences(mut ours: Value, mut theirs: Value) -> Vec<String> {
    let text = ours.to_string();
    let has_more_users = ours.get("jobs").is_some()
        || ["\"pre_start\"", "\"cluster\""].iter().any(|user| text.contains(user));
    normalise(&mut ours, &mut Vec::new());
    normalise(&mut theirs, &mut Vec::new());
    unescape(&mut theirs);
    drop_dependencies(&mut theirs);
    if has_more_users {
        drop_unused(&mut ours, &theirs);
    }
    let mut differences = Vec::new();
    compare(&ours, &theirs, "", &mut differences);
    differences
}

/// Drops the dependencies that need not be there, and are not.
fn drop_dependencies(project: &mut Value) {
    let Some(project) = project.as_object_mut() else { return };
    let is_section = |section: &str| matches!(section, "services" | "jobs");
    let members = project.iter().filter(|(section, _)| is_section(section));
    let members = members.filter_map(|(_, members)| members.as_object());
    let names: Vec<String> = members.flat_map(|members| members.keys().cloned()).collect();
    let members = project.iter_mut().filter(|(section, _)| is_section(section));
    let members = members.filter_map(|(_, members)| members.as_object_mut());
    for service in members.flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        if let Some(Value::Object(dependencies)) = service.get_mut("depends_on") {
            // `required: false` is taken out by now
            dependencies.retain(|name, how| names.contains(name) || how.get("required").is_some());
            if dependencies.is_empty() {
                service.remove("depends_on");
            }
        }
    }
}

/// `$$` to `$`.
fn unescape(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace("$$", "$"),
        Value::Array(items) => items.iter_mut().for_each(unescape),
        Value::Object(mapping) => {
            *mapping = std::mem::take(mapping)
                .into_iter()
                .map(|(key, mut value)| {
                    unescape(&mut value);
                    (key.replace("$$", "$"), value)
                })
                .collect();
        }
        _ => {}
    }
}

/// `path` holds the keys above; the items of a list have the path of the list.
fn normalise(value: &mut Value, path: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| normalise(item, path)),
        Value::Object(mapping) => {
            for (key, value) in mapping.iter_mut() {
                path.push(key.clone());
                normalise(value, path);
                path.pop();
            }
            attributes(mapping, path);
            let of_the_user = match path.last().map_or("", String::as_str) {
                // those of a service are lists
                "volumes" | "secrets" | "configs" => path.len() == 1,
                key => OF_THE_USER.contains(&key),
            };
            if !of_the_user && !path.iter().any(|key| key.starts_with("x-")) {
                mapping.retain(|_, value| !is_nothing(value));
            }
        }
        _ => {}
    }
}

/// Whether the value is what Go calls zero.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => matches!(text.as_str(), "" | "0" | "0s"),
        Value::Array(items) => items.is_empty(),
        Value::Object(mapping) => mapping.is_empty(),
    }
}

/// What may differ in a mapping of attributes.
fn attributes(mapping: &mut Map<String, Value>, path: &[String]) {
    let below: Vec<&str> = path.iter().map(String::as_str).collect();
    match below.as_slice() {
        ["services" | "jobs", _] | ["services", _, "pre_start"] => {
            mapping.remove("label_file");
            if mapping.get("pull_policy") == Some(&json!("if_not_present")) {
                mapping.insert("pull_policy".to_owned(), json!("missing"));
            }
            if below == ["jobs", below.last().copied().unwrap_or_default()] {
                mapping.remove("name");
                mapping.remove("env_file");
            }
            if let Some(Value::Array(ports)) = mapping.get_mut("expose") {
                *ports = ports.iter().flat_map(expand).collect();
                let mut seen = Vec::new();
                ports.retain(|port| {
                    !seen.contains(port) && {
                        seen.push(port.clone());
                        true
                    }
                });
            }
        }
        [.., "volumes"] if path.len() == 3 || path.get(2).is_some_and(|key| key == "pre_start") => {
            mount(mapping);
        }
        [.., list @ ("configs" | "secrets")] if path.len() > 2 => file_mount(mapping, list),
        ["services", _, "ports"] => {
            for (key, default) in [("protocol", "tcp"), ("mode", "ingress")] {
                mapping.entry(key).or_insert_with(|| json!(default));
            }
        }
        [.., "ulimits"] => {
            for limit in mapping.values_mut() {
                if let Value::Object(both) = limit {
                    both.retain(|key, _| !key.starts_with("x-"));
                    if let (Some(soft), Some(hard)) = (both.get("soft"), both.get("hard"))
                        && soft == hard
                    {
                        *limit = soft.clone();
                    }
                }
            }
        }
        [.., "provider", "options"] => mapping.retain(|_, value| value != &json!([])),
        [.., "restart_policy"] if mapping.get("condition") == Some(&json!("any")) => {
            mapping.remove("condition");
        }
        [.., "build"] => {
            if let Some(Value::Array(keys)) = mapping.get("ssh") {
                let keys = keys.iter().filter_map(Value::as_str).map(|key| {
                    let (name, path) = key.split_once(": ").unwrap_or((key, ""));
                    (name.to_owned(), if path.is_empty() { Value::Null } else { json!(path) })
                });
                let keys = Value::Object(keys.collect());
                mapping.insert("ssh".to_owned(), keys);
            }
        }
        [.., "healthcheck"] if mapping.get("test").is_some_and(|test| test[0] == "NONE") => {
            mapping.insert("test".to_owned(), json!(["NONE"]));
        }
        [.., "healthcheck"] if mapping.get("test") == Some(&json!(["CMD-SHELL", ""])) => {
            mapping.insert("test".to_owned(), json!(["CMD-SHELL"]));
        }
        [.., "gpus" | "devices"] => {
            mapping.retain(|key, _| !key.starts_with("x-"));
            if mapping.get("count") == Some(&json!(-1)) {
                mapping.insert("count".to_owned(), json!("all"));
            }
        }
        _ => {}
    }
    if let Some(Value::Array(hosts)) = mapping.get_mut("extra_hosts") {
        hosts.sort_by_key(ToString::to_string);
        hosts.dedup();
    }
}

fn expand(port: &Value) -> Vec<Value> {
    let text = port.as_str().map_or_else(|| port.to_string(), str::to_owned);
    let (range, protocol) = text.split_once('/').unwrap_or((&text, ""));
    let protocol = if protocol == "tcp" { "" } else { protocol };
    let slash = if protocol.is_empty() { "" } else { "/" };
    let Some((first, last)) = range.split_once('-') else {
        return vec![json!(format!("{range}{slash}{protocol}"))];
    };
    let (first, last): (u32, u32) = (first.parse().unwrap(), last.parse().unwrap());
    (first..=last).map(|port| json!(format!("{port}{slash}{protocol}"))).collect()
}

fn mount(mapping: &mut Map<String, Value>) {
    let kind = mapping.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    for options in ["bind", "volume", "tmpfs", "image"] {
        if options != kind {
            mapping.remove(options);
        }
    }
    if kind == "tmpfs" {
        mapping.remove("source");
    }
    if let Some(target) = mapping.get("target").and_then(Value::as_str)
        && target.starts_with('/')
    {
        let target = json!(clean(target));
        mapping.insert("target".to_owned(), target);
    }
    if let Some(Value::Object(bind)) = mapping.get_mut("bind")
        && bind.get("create_host_path") == Some(&json!(true))
    {
        bind.remove("create_host_path");
    }
}

fn file_mount(mapping: &mut Map<String, Value>, list: &str) {
    let directory = if list == "secrets" { "/run/secrets" } else { "" };
    let source = mapping.get("source").and_then(Value::as_str).unwrap_or_default();
    let target = mapping.get("target").and_then(Value::as_str).filter(|target| !target.is_empty());
    let target = target.unwrap_or(source);
    let target =
        if target.starts_with('/') { target.to_owned() } else { format!("{directory}/{target}") };
    mapping.insert("target".to_owned(), json!(clean(&target)));
}

/// An absolute path without `.`, `..` and doubled slashes.
fn clean(path: &str) -> String {
    let mut clean: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            clean.pop();
        } else {
            clean.push(part);
        }
    }
    format!("/{}", clean.join("/"))
}

/// Drops the resources that the other side has not.
fn drop_unused(ours: &mut Value, theirs: &Value) {
    for section in ["networks", "volumes", "secrets", "configs", "models"] {
        if let Some(Value::Object(members)) = ours.get_mut(section) {
            members.retain(|name, _| {
                theirs.get(section).is_some_and(|theirs| theirs.get(name).is_some())
            });
            if members.is_empty() {
                ours.as_object_mut().unwrap().remove(section);
            }
        }
    }
}

fn compare(ours: &Value, theirs: &Value, path: &str, out: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let more = theirs.keys().filter(|key| !ours.contains_key(*key));
            for key in ours.keys().chain(more) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match (ours.get(key), theirs.get(key)) {
                    (Some(ours), Some(theirs)) => compare(ours, theirs, &path, out),
                    (Some(ours), None) => out.push(format!("{path}: only we have {ours}")),
                    (None, theirs) => {
                        let theirs = theirs.cloned().unwrap_or_default();
                        out.push(format!("{path}: only the reference has {theirs}"));
                    }
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                compare(ours, theirs, &format!("{path}[{index}]"), out);
            }
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        // `networks: {a: {}}` and `networks: {a: }`
        (Value::Null, Value::Object(mapping)) | (Value::Object(mapping), Value::Null)
            if mapping.is_empty() => {}
        // `additional_contexts: {a: 1}`: a path there as well, but it starts where the command is run
        (Value::String(ours), Value::String(theirs))
            if path.contains(".build.")
                && !theirs.is_empty()
                && ours.ends_with(&format!("/{theirs}")) => {}
        (Value::String(text), Value::String(end))
            if matches!(end.as_str(), ".inf" | "-.inf")
                && text.parse().is_ok_and(f64::is_infinite) => {}
        _ if ours == theirs => {}
        _ => out.push(format!("{path}: we have {ours}, the reference {theirs}")),
    }
}
