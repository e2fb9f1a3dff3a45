//! Checks of a canonical tree, member by member.

use std::net::IpAddr;

use crate::diagnostic::{Diagnostic, Report, Span, codes};
use crate::load::path::Path;
use crate::load::schema::Damage;
use crate::load::tree::{Entry, Node, Value};

/// Checks the members of all sections. What the checks find is only reported.
pub fn check_tree(root: &Node, damage: &Damage, report: &mut Report) {
    let mut checks = Checks { damage, report };
    checks.each(root, "volumes", Checks::volume);
    checks.each(root, "configs", Checks::config);
    checks.each(root, "secrets", Checks::secret);
    checks.each(root, "services", Checks::service);
    checks.each(root, "jobs", Checks::mounts);
}

struct Checks<'a> {
    damage: &'a Damage,
    report: &'a mut Report,
}

impl Checks<'_> {
    fn each(&mut self, root: &Node, section: &str, check: fn(&mut Self, &Entry, &Path<'_>)) {
        let Some(members) = root.get(section).and_then(Node::as_mapping) else { return };
        let section = Path::ROOT.key(section);
        for (name, entry) in members.iter() {
            check(self, entry, &section.key(name));
        }
    }

    fn volume(&mut self, volume: &Entry, path: &Path<'_>) {
        let volume = &volume.node;
        let Some(mapping) = volume.as_mapping().filter(|_| is_external(volume)) else { return };
        for (key, entry) in mapping.iter() {
            if !matches!(key.as_str(), "external" | "name") && !key.starts_with("x-") {
                let message = format!("`{path}` is external, so `{key}` has no meaning");
                self.conflict(&path.key(key), message, entry.span(), "remove one of the two");
            }
        }
    }

    fn config(&mut self, config: &Entry, path: &Path<'_>) {
        self.content(config, path, &["file", "environment", "content"]);
    }

    fn secret(&mut self, secret: &Entry, path: &Path<'_>) {
        self.content(secret, path, &["file", "environment"]);
    }

    fn content(&mut self, resource: &Entry, path: &Path<'_>, sources: &[&str]) {
        let Some(mapping) = resource.node.as_mapping() else { return };
        let excused = is_external(&resource.node) || mapping.contains("driver");
        let names: Vec<String> = sources.iter().map(|source| format!("`{source}`")).collect();
        let names = names.join(", ");
        let mut present = sources.iter().filter_map(|source| mapping.entry(source));
        let is_damaged = || self.damage.contains(&path.to_string());
        if present.next().is_none() && !excused && !is_damaged() {
            self.report.push(
                Diagnostic::error(
                    codes::MISSING_ATTRIBUTE,
                    path,
                    format!("`{path}` needs one of the attributes {names}"),
                )
                .at(resource.key.clone())
                .help("say where its content comes from, or write `external: true`"),
            );
        }
        for further in present {
            let message = format!("`{path}` can have only one of the attributes {names}");
            self.conflict(path, message, &further.key, "keep one of them");
        }
    }

    fn service(&mut self, service: &Entry, path: &Path<'_>) {
        self.mounts(service, path);
        let service = &service.node;
        self.addresses(list(service, "ports"), &path.key("ports"));
        if let Some(develop) = service.get("develop") {
            let path = path.key("develop");
            self.watches(list(develop, "watch"), &path.key("watch"));
        }
        self.requests(list(service, "gpus"), &path.key("gpus"));
        let reservations = service.get("deploy").and_then(|deploy| deploy.get("resources"));
        if let Some(reservations) = reservations.and_then(|r| r.get("reservations")) {
            let deploy = path.key("deploy");
            let resources = deploy.key("resources");
            let path = resources.key("reservations");
            self.requests(list(reservations, "devices"), &path.key("devices"));
        }
    }

    /// Also of what no profile enables, unlike what binding asks for.
    fn mounts(&mut self, member: &Entry, path: &Path<'_>) {
        if self.damage.contains(&path.to_string()) {
            return;
        }
        let path = path.key("volumes");
        for (index, mount) in list(&member.node, "volumes").iter().enumerate() {
            let is_bind = mount.get("type").and_then(Node::as_str) == Some("bind");
            // an empty one is the project directory
            let lacks_source = mount.get("source").is_none_or(Node::is_null);
            if is_bind && lacks_source {
                let path = path.index(index);
                self.report.push(
                    Diagnostic::error(codes::INVALID_VALUE, &path, "a bind mount needs a source")
                        .at(mount.span.clone())
                        .help("add `source: …`, a path of this machine"),
                );
            }
        }
    }

    fn addresses(&mut self, ports: &[Node], path: &Path<'_>) {
        for (index, port) in ports.iter().enumerate() {
            let Some(address) = port.get("host_ip") else { continue };
            let Some(text) = address.as_str().filter(|text| text.parse::<IpAddr>().is_err()) else {
                continue;
            };
            let item = path.index(index);
            let message = match text {
                "" => "the address is empty".to_owned(),
                text => format!("`{text}` is not an IP address"),
            };
            self.report.push(
                Diagnostic::error(codes::INVALID_VALUE, &item.key("host_ip"), message)
                    .at(address.span.clone())
                    .help("write an address such as `127.0.0.1` or `::1`, or remove the attribute"),
            );
        }
    }

    fn watches(&mut self, watches: &[Node], path: &Path<'_>) {
        for (index, watch) in watches.iter().enumerate() {
            if let Some(watched) = watch.get("path")
                && watched.as_str() == Some("")
            {
                let item = path.index(index);
                let path = item.key("path");
                self.report.push(
                    Diagnostic::error(codes::INVALID_VALUE, &path, format!("`{path}` is empty"))
                        .at(watched.span.clone())
                        .help("write the path of a file or a directory"),
                );
            }
        }
    }

    fn requests(&mut self, requests: &[Node], path: &Path<'_>) {
        for (index, request) in requests.iter().enumerate() {
            let path = path.index(index);
            let Some(count) = request.get("count") else { continue };
            if request.get("device_ids").is_some() {
                let message = "`count` and `device_ids` exclude each other";
                self.conflict(&path, message, &count.span, "keep one of them");
            }
            let known = match &count.value {
                Value::String(text) => {
                    text.eq_ignore_ascii_case("all") || text.parse::<i64>().is_ok()
                }
                _ => true,
            };
            if !known {
                let message = format!("`{path}.count` must be a number or `all`");
                self.report.push(
                    Diagnostic::error(codes::INVALID_VALUE, &path.key("count"), message)
                        .at(count.span.clone()),
                );
            }
        }
    }

    fn conflict(&mut self, path: &Path<'_>, message: impl Into<String>, span: &Span, help: &str) {
        self.report.push(
            Diagnostic::error(codes::CONFLICTING_ATTRIBUTES, path, message)
                .at(span.clone())
                .help(help),
        );
    }
}

fn is_external(resource: &Node) -> bool {
    resource.get("external").and_then(Node::as_bool).unwrap_or(false)
}

fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_sequence).unwrap_or_default()
}
