use crate::translate::label::{is_label_value, is_qualified_name};
use crate::translate::name::is_dns_subdomain;

/// The label with the name of a node.
pub const HOSTNAME: &str = "kubernetes.io/hostname";
/// The label with its operating system.
pub const OS: &str = "kubernetes.io/os";
/// The label with its processors.
pub const ARCHITECTURE: &str = "kubernetes.io/arch";

/// What an entry of `constraints` asks of a node.
pub enum Constraint {
    Label { key: String, value: String, equal: bool },
    Manager { on: bool },
    Node { name: String, equal: bool },
}

/// Reads `ATTRIBUTE==VALUE` or `ATTRIBUTE!=VALUE`; none where nodes have no such label.
pub fn parse_constraint(constraint: &str) -> Option<Constraint> {
    let (left, right, equal) = match constraint.split_once("!=") {
        Some((left, right)) => (left, right, false),
        None => constraint.split_once("==").map(|(left, right)| (left, right, true))?,
    };
    let (left, value) = (left.trim(), right.trim().to_owned());
    let label = |key: &str, value: String| {
        let is_label = is_qualified_name(key) && is_label_value(&value);
        is_label.then(|| Constraint::Label { key: key.to_owned(), value, equal })
    };
    match left {
        "node.hostname" => label(HOSTNAME, value),
        "node.platform.os" | "engine.labels.operatingsystem" => label(OS, value),
        "node.platform.arch" => label(ARCHITECTURE, architecture(&value).to_owned()),
        "node.role" if value == "manager" => Some(Constraint::Manager { on: equal }),
        "node.role" if value == "worker" => Some(Constraint::Manager { on: !equal }),
        "node.id" => is_dns_subdomain(&value).then_some(Constraint::Node { name: value, equal }),
        _ => {
            let prefixes = ["node.labels.", "engine.labels."];
            label(prefixes.iter().find_map(|prefix| left.strip_prefix(prefix))?, value)
        }
    }
}

/// The name that Kubernetes has for a kind of processors.
pub fn architecture(name: &str) -> &str {
    match name {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        name => name,
    }
}
