//! Lists whose items have a key: a later item replaces an earlier one in its place.

use indexmap::IndexMap;

use crate::load::canonical::ShortVolume;
use crate::load::paths::clean;
use crate::load::tree::{Mapping, Node, Value};

/// The key of an item; items without one all stay.
type KeyOf = fn(&Node) -> Option<String>;

const SERVICE_LISTS: [(&str, KeyOf); 14] = [
    ("cap_add", name),
    ("cap_drop", name),
    ("dns", name),
    ("dns_opt", name),
    ("dns_search", name),
    ("links", name),
    ("profiles", name),
    ("tmpfs", name),
    ("env_file", |item| text_or(item, "path").map(|path| clean(&path))),
    ("expose", Node::to_text),
    ("ports", port),
    ("volumes", mount),
    ("devices", device),
    ("secrets", |item| file_mount(item, "/run/secrets/")),
];

/// Applies the keys to every list of the document that has some.
pub fn enforce_uniqueness(root: &mut Node) {
    let networks = root.get_mut("networks").and_then(Node::as_mapping_mut);
    for network in networks.into_iter().flat_map(Mapping::nodes_mut) {
        keep_last(network.get_mut("labels"), name);
    }
    let Some(services) = root.get_mut("services").and_then(Node::as_mapping_mut) else { return };
    for service in services.nodes_mut().filter_map(Node::as_mapping_mut) {
        for (attribute, key_of) in SERVICE_LISTS {
            keep_last(service.get_mut(attribute), key_of);
        }
        keep_last(service.get_mut("configs"), |item| file_mount(item, "/"));
        for attribute in ["environment", "labels", "annotations", "sysctls"] {
            keep_last(service.get_mut(attribute), name);
        }
        if let Some(build) = service.get_mut("build").and_then(Node::as_mapping_mut) {
            for attribute in ["args", "labels", "additional_contexts", "tags"] {
                keep_last(build.get_mut(attribute), name);
            }
        }
        keep_last(service.get_mut("deploy").and_then(|deploy| deploy.get_mut("labels")), name);
        let networks = service.get_mut("networks").and_then(Node::as_mapping_mut);
        for network in networks.into_iter().flat_map(Mapping::nodes_mut) {
            keep_last(network.get_mut("aliases"), name);
            keep_last(network.get_mut("link_local_ips"), name);
        }
    }
}

fn keep_last(list: Option<&mut Node>, key_of: KeyOf) {
    let Some(items) = list.and_then(Node::as_sequence_mut) else { return };
    if items.len() < 2 {
        return;
    }
    let mut kept: IndexMap<String, Node> = IndexMap::with_capacity(items.len());
    for (index, item) in items.drain(..).enumerate() {
        // a blank cannot start a key, so items without one never meet
        let key = key_of(&item).unwrap_or_else(|| format!(" {index}"));
        kept.insert(key, item);
    }
    items.extend(kept.into_values());
}

/// The text before `=`.
fn name(item: &Node) -> Option<String> {
    let text = item.as_str()?;
    Some(text.split_once('=').map_or(text, |(name, _)| name).to_owned())
}

fn text_or(item: &Node, key: &str) -> Option<String> {
    item.to_text().or_else(|| item.get(key)?.to_text())
}

/// `IP:PUBLISHED:TARGET/PROTOCOL`; short forms by their text until they are expanded.
fn port(item: &Node) -> Option<String> {
    let Value::Mapping(port) = &item.value else { return item.to_text() };
    let text = |key: &str, default: &str| {
        port.get(key).and_then(Node::to_text).unwrap_or_else(|| default.to_owned())
    };
    let address = text("host_ip", "0.0.0.0");
    let (published, target) = (text("published", ""), text("target", ""));
    Some(format!("{address}:{published}:{target}/{}", text("protocol", "tcp")))
}

fn mount(item: &Node) -> Option<String> {
    match item.as_str() {
        Some(text) => ShortVolume::parse(text).ok().map(|volume| volume.target()),
        None => item.get("target")?.to_text(),
    }
}

fn device(item: &Node) -> Option<String> {
    let Some(text) = item.as_str() else {
        return item.get("target").or_else(|| item.get("source"))?.to_text();
    };
    let mut parts = text.split(':');
    let source = parts.next()?;
    Some(parts.next().unwrap_or(source).to_owned())
}

/// Where the file is in the container: a relative target starts from the directory, too.
fn file_mount(item: &Node, directory: &str) -> Option<String> {
    let target = item.get("target").and_then(Node::to_text);
    let target = target.or_else(|| text_or(item, "source"))?;
    Some(clean(&if target.starts_with('/') { target } else { format!("{directory}{target}") }))
}
