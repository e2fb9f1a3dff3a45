//! What `config` prints is read by a reader that other people wrote, attribute by attribute: it holds what we hold.

#![expect(clippy::indexing_slicing, reason = "the keys are those that were walked")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use docker_compose_types::Compose;
use longshore::compose_file::{Format, write_project, write_tree};
use longshore::load::{Input, load_project};
use serde_json::{Value, json};

use crate::generate::{self, Mood};
use crate::same::differences;

const UNKNOWN: &str = "it does not know the attribute";
const ONE_FORM: &str = "it knows another form of the attribute only";
const NUMBER: &str = "it wants a number, and the canonical form is a text";
const TEXT: &str = "it makes a text of the number";

/// What it does not read, and why; `*` stands for the names of users, and lists have the path of their items.
const NOT_READ: &[(&str, &str)] = &[
    ("configs", UNKNOWN),
    ("jobs", UNKNOWN),
    ("models", UNKNOWN),
    ("networks.*.enable_ipv4", UNKNOWN),
    ("networks.*.ipam.config", "it knows no pool without a subnet, or with a range"),
    ("networks.*.ipam.options", UNKNOWN),
    ("secrets.*.driver", UNKNOWN),
    ("secrets.*.driver_opts", UNKNOWN),
    ("secrets.*.external", "it wants it as a mapping"),
    ("secrets.*.labels", UNKNOWN),
    ("secrets.*.name", "it knows the name of an external secret only"),
    ("secrets.*.template_driver", UNKNOWN),
    ("services.*.annotations", UNKNOWN),
    ("services.*.attach", UNKNOWN),
    ("services.*.blkio_config", UNKNOWN),
    ("services.*.build.additional_contexts", UNKNOWN),
    ("services.*.build.cache_to", UNKNOWN),
    ("services.*.build.entitlements", UNKNOWN),
    ("services.*.build.extra_hosts", UNKNOWN),
    ("services.*.build.isolation", UNKNOWN),
    ("services.*.build.no_cache", UNKNOWN),
    ("services.*.build.no_cache_filter", UNKNOWN),
    ("services.*.build.platforms", UNKNOWN),
    ("services.*.build.privileged", UNKNOWN),
    ("services.*.build.provenance", UNKNOWN),
    ("services.*.build.pull", UNKNOWN),
    ("services.*.build.sbom", UNKNOWN),
    ("services.*.build.secrets", UNKNOWN),
    ("services.*.build.shm_size", NUMBER),
    ("services.*.build.ssh", UNKNOWN),
    ("services.*.build.tags", UNKNOWN),
    ("services.*.build.ulimits", UNKNOWN),
    ("services.*.cgroup", UNKNOWN),
    ("services.*.configs", UNKNOWN),
    ("services.*.cpu_count", UNKNOWN),
    ("services.*.cpu_percent", UNKNOWN),
    ("services.*.cpu_period", UNKNOWN),
    ("services.*.cpu_quota", UNKNOWN),
    ("services.*.cpu_rt_period", UNKNOWN),
    ("services.*.cpu_rt_runtime", UNKNOWN),
    ("services.*.cpu_shares", UNKNOWN),
    ("services.*.cpus", UNKNOWN),
    ("services.*.cpuset", UNKNOWN),
    ("services.*.credential_spec", UNKNOWN),
    ("services.*.deploy.endpoint_mode", UNKNOWN),
    ("services.*.deploy.labels", ONE_FORM),
    ("services.*.deploy.placement.max_replicas_per_node", UNKNOWN),
    ("services.*.deploy.resources.limits.cpus", TEXT),
    ("services.*.deploy.resources.limits.pids", UNKNOWN),
    ("services.*.deploy.resources.reservations.cpus", TEXT),
    ("services.*.deploy.resources.reservations.generic_resources", UNKNOWN),
    ("services.*.deploy.rollback_config", UNKNOWN),
    ("services.*.deploy.update_config.order", UNKNOWN),
    ("services.*.develop", UNKNOWN),
    ("services.*.device_cgroup_rules", UNKNOWN),
    ("services.*.devices", ONE_FORM),
    ("services.*.dns_search", UNKNOWN),
    ("services.*.external_links", UNKNOWN),
    ("services.*.gpus", UNKNOWN),
    ("services.*.isolation", UNKNOWN),
    ("services.*.mac_address", UNKNOWN),
    ("services.*.mem_swappiness", NUMBER),
    ("services.*.memswap_limit", UNKNOWN),
    ("services.*.models", UNKNOWN),
    ("services.*.networks.*.driver_opts", UNKNOWN),
    ("services.*.networks.*.gw_priority", UNKNOWN),
    ("services.*.networks.*.interface_name", UNKNOWN),
    ("services.*.networks.*.link_local_ips", UNKNOWN),
    ("services.*.networks.*.mac_address", UNKNOWN),
    ("services.*.networks.*.priority", UNKNOWN),
    ("services.*.networks.*.use_service_name_alias", UNKNOWN),
    ("services.*.oom_kill_disable", UNKNOWN),
    ("services.*.oom_score_adj", UNKNOWN),
    ("services.*.pids_limit", UNKNOWN),
    ("services.*.platform", UNKNOWN),
    ("services.*.ports.app_protocol", UNKNOWN),
    ("services.*.ports.name", UNKNOWN),
    ("services.*.post_start", UNKNOWN),
    ("services.*.pre_start", UNKNOWN),
    ("services.*.pre_stop", UNKNOWN),
    ("services.*.provider", UNKNOWN),
    ("services.*.pull_policy", "it does not know `daily` and its like"),
    ("services.*.pull_refresh_after", UNKNOWN),
    ("services.*.storage_opt", UNKNOWN),
    ("services.*.umask", UNKNOWN),
    ("services.*.use_api_socket", UNKNOWN),
    ("services.*.uts", UNKNOWN),
    ("services.*.volumes.bind.recursive", UNKNOWN),
    ("services.*.volumes.consistency", UNKNOWN),
    ("services.*.volumes.image", UNKNOWN),
    ("services.*.volumes.tmpfs", "it wants a size in each, as a number"),
    ("services.*.volumes.volume.labels", UNKNOWN),
];

#[test]
fn another_reader_holds_what_we_hold() {
    let mut readings = Readings::default();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let samples = std::fs::read_dir(root.join("samples")).unwrap();
    let mut folders: Vec<PathBuf> = samples.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders.push(root.join("tests/load/every-attribute"));
    for folder in &folders {
        readings.read_project(folder);
    }
    let place = tempfile::tempdir().unwrap();
    for file in ["a.env", "a.labels", "a.txt"] {
        std::fs::write(place.path().join(file), generate::VARIABLES).unwrap();
    }
    for seed in 0..20 {
        let text = generate::compose_file(seed, Mood::Tame);
        std::fs::write(place.path().join("compose.yaml"), text).unwrap();
        readings.read_project(place.path());
    }
    assert!(readings.wrong.is_empty(), "{}", readings.wrong.join("\n"));
    let read: Vec<_> =
        NOT_READ.iter().filter(|(path, _)| !readings.refused.contains(*path)).collect();
    assert!(read.is_empty(), "these it reads, or nothing has them: {read:#?}");
}

#[derive(Default)]
struct Readings {
    /// What is read otherwise, or not at all.
    wrong: Vec<String>,
    /// Which of `NOT_READ` really is not.
    refused: BTreeSet<&'static str>,
}

impl Readings {
    fn read_project(&mut self, folder: &Path) {
        let input = Input {
            working_directory: folder.to_owned(),
            profiles: vec!["*".to_owned()],
            environment: BTreeMap::from([("HOME".to_owned(), "/home/me".to_owned())]),
            ..Input::default()
        };
        // some of those made by chance do not load
        let Some(project) = load_project(&input).0 else { return };
        let ours = serde_json::to_value(&project).unwrap();
        let printed: Value = serde_json::from_str(&write_project(&project, Format::Json)).unwrap();
        for (section, members) in printed.as_object().unwrap() {
            for (name, member) in members.as_object().into_iter().flatten() {
                // attributes of services one by one, so that one that is not read hides no other
                let Value::Object(attributes) = member else { continue };
                let parts: Vec<Vec<&String>> = match section.as_str() {
                    "services" => attributes.keys().map(|key| vec![key]).collect(),
                    _ => vec![attributes.keys().collect()],
                };
                for keys in parts {
                    self.read_part(section, name, &keys, &ours, &printed);
                }
            }
        }
    }

    fn read_part(
        &mut self,
        section: &str,
        name: &str,
        keys: &[&String],
        ours: &Value,
        printed: &Value,
    ) {
        let [ours, printed] = [ours, printed].map(|project| {
            // the other services are there, as this one may depend on them
            let names = project["services"].as_object().unwrap().keys();
            let names = names.filter(|_| section == "services");
            let mut members: Value = names.map(|name| (name.clone(), json!({}))).collect();
            for key in keys {
                members[name][key.as_str()] = project[section][name][key.as_str()].clone();
            }
            json!({ section: members })
        });
        let read_without = |spared: &str| {
            let [mut ours, mut printed] = [ours.clone(), printed.clone()];
            for part in [&mut ours, &mut printed] {
                take_out(part, &mut Vec::new(), spared);
                let members = part.get_mut(section).and_then(Value::as_object_mut);
                if let Some(members) = members.filter(|_| section != "services") {
                    members.retain(|_, member| member != &json!({}));
                }
            }
            read(ours, &printed)
        };
        self.wrong.extend(read_without(""));
        let mut path = vec![section.to_owned(), name.to_owned()];
        if let [key] = keys {
            path.push((*key).clone());
        }
        for (pattern, _) in NOT_READ {
            if !self.refused.contains(pattern)
                && starts_alike(pattern, &path)
                && !read_without(pattern).is_empty()
            {
                self.refused.insert(pattern);
            }
        }
    }
}

/// What it reads otherwise.
fn read(ours: Value, printed: &Value) -> Vec<String> {
    let text = write_tree(printed, Format::Yaml);
    match serde_yaml::from_str::<Compose>(&text) {
        Ok(theirs) => differences(ours, serde_json::to_value(theirs).unwrap()),
        Err(error) => vec![format!("{error} in\n{text}")],
    }
}

/// Takes out all of `NOT_READ` but one, and all extensions, which it knows in few places.
fn take_out(value: &mut Value, path: &mut Vec<String>, spared: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| take_out(item, path, spared)),
        Value::Object(fields) => {
            fields.retain(|key, value| {
                path.push(key.clone());
                let is_out = key.starts_with("x-")
                    || NOT_READ.iter().any(|(out, _)| *out != spared && matches(out, path));
                if !is_out {
                    take_out(value, path, spared);
                }
                path.pop();
                !is_out
            });
        }
        _ => {}
    }
}

fn matches(pattern: &str, path: &[String]) -> bool {
    pattern.split('.').count() == path.len() && starts_alike(pattern, path)
}

/// Whether the pattern and the path go the same way as far as both go.
fn starts_alike(pattern: &str, path: &[String]) -> bool {
    pattern.split('.').zip(path).all(|(wanted, key)| wanted == "*" || wanted == key)
}
