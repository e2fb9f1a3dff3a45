//! Checks of the whole project, after profiles: only the services that take part count.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Report, Span, codes};
use crate::load::path::Path;
use crate::load::quantity::parse_bytes;
use crate::load::schema::Damage;
use crate::load::suggest::nearest;
use crate::load::tree::{Entry, Mapping, Node};

use super::cycle::find_cycle;

/// Checks that the parts of a project fit together.
pub fn check_project(root: &Node, damage: &Damage, report: &mut Report) {
    let mut checks = Checks { root, damage, report };
    let Some(services) = root.get("services").and_then(Node::as_mapping) else { return };
    let path = Path::ROOT.key("services");
    for (name, entry) in services.iter() {
        let path = path.key(name);
        checks.references(&entry.node, &path);
        if !damage.contains(&path.to_string()) {
            checks.service(entry, &path);
        }
    }
    checks.cycles(services);
    checks.secrets();
}

/// Reads a limit as a number.
type Read<'f> = &'f dyn Fn(&Node) -> Option<f64>;

struct Checks<'a> {
    root: &'a Node,
    damage: &'a Damage,
    report: &'a mut Report,
}

impl Checks<'_> {
    fn service(&mut self, service: &Entry, path: &Path<'_>) {
        let Entry { key: place, node: service } = service;
        if ["image", "build", "provider"].iter().all(|key| service.get(key).is_none()) {
            let message = format!("`{path}` has neither `image` nor `build`");
            let help = "add `image: …`, or `build: .` if the image is built from a Dockerfile";
            let diagnostic = Diagnostic::error(codes::MISSING_ATTRIBUTE, path, message);
            self.report.push(diagnostic.at(place.clone()).help(help));
        }
        let networks = service.get("networks").and_then(Node::as_mapping);
        if let (Some(mode), Some(networks)) = (service.get("network_mode"), networks)
            && !networks.is_empty()
        {
            let message = "`network_mode` and `networks` exclude each other";
            self.conflict(&path.key("network_mode"), message, &mode.span);
        }
        self.platforms(service, path);
        self.scale(service, path);
        self.limits(service, path);
        self.targets(service, path);
    }

    fn platforms(&mut self, service: &Node, path: &Path<'_>) {
        let Some(platform) = service.get("platform") else { return };
        let platforms = service.get("build").and_then(|build| build.get("platforms"));
        let Some(platforms) = platforms.and_then(Node::as_sequence) else { return };
        if !platforms.is_empty() && !platforms.iter().any(|known| known.value == platform.value) {
            let message = "`platform` is not one of `build.platforms`";
            self.conflict(&path.key("platform"), message, &platform.span);
        }
    }

    fn scale(&mut self, service: &Node, path: &Path<'_>) {
        let replicas = service.get("deploy").and_then(|deploy| deploy.get("replicas"));
        let scale = service.get("scale");
        if let (Some(scale), Some(replicas)) = (scale, replicas)
            && scale.to_text() != replicas.to_text()
        {
            let message = "`scale` and `deploy.replicas` say different numbers";
            self.conflict(&path.key("scale"), message, &scale.span);
        }
        let count = scale.or(replicas).and_then(Node::to_text).and_then(|n| n.parse::<i64>().ok());
        if let Some(name) = service.get("container_name")
            && count.is_some_and(|count| count > 1)
        {
            let message = "a service with `container_name` cannot have several replicas";
            self.conflict(&path.key("container_name"), message, &name.span);
        }
    }

    fn limits(&mut self, service: &Node, path: &Path<'_>) {
        let number = |node: &Node| node.to_text()?.parse::<f64>().ok();
        #[expect(clippy::cast_precision_loss, reason = "only compared, and exact up to petabytes")]
        let bytes = |node: &Node| Some(parse_bytes(&node.to_text()?)? as f64);
        let pairs: [(&str, &str, &str, Read<'_>); 4] = [
            ("cpus", "limits", "cpus", &number),
            ("mem_limit", "limits", "memory", &bytes),
            ("mem_reservation", "reservations", "memory", &bytes),
            ("pids_limit", "limits", "pids", &number),
        ];
        let resources = service.get("deploy").and_then(|deploy| deploy.get("resources"));
        let Some(resources) = resources else { return };
        for (attribute, side, resource, read) in pairs {
            let other = resources.get(side).and_then(|side| side.get(resource));
            if let (Some(own), Some(other)) = (service.get(attribute), other)
                && let (Some(first), Some(second)) = (read(own), read(other))
                && (first - second).abs() > f64::EPSILON
            {
                let message = format!(
                    "`{attribute}` and `deploy.resources.{side}.{resource}` say different values"
                );
                self.conflict(&path.key(attribute), message, &own.span);
            }
        }
    }

    /// Two mounts on one path: the second would hide the first.
    fn targets(&mut self, service: &Node, path: &Path<'_>) {
        let mut first_of: HashMap<String, &Span> = HashMap::new();
        let volumes = list(service, "volumes")
            .iter()
            .filter_map(|volume| Some((volume.get("target")?.to_text()?, &volume.span)));
        let tmpfs = list(service, "tmpfs").iter().filter_map(|item| {
            let text = item.as_str()?;
            Some((text.split(':').next().unwrap_or(text).to_owned(), &item.span))
        });
        for (target, span) in volumes.chain(tmpfs) {
            if let Some(first) = first_of.insert(target.clone(), span) {
                self.report.push(
                    Diagnostic::error(
                        codes::CONFLICTING_ATTRIBUTES,
                        &path.key("volumes"),
                        format!("two mounts have the target `{target}`"),
                    )
                    .at(span.clone())
                    .related(first.clone(), "the other one")
                    .help("give one of them another target"),
                );
            }
        }
    }

    /// Names that must be defined elsewhere in the project.
    fn references(&mut self, service: &Node, path: &Path<'_>) {
        for (attribute, section) in [("networks", "networks"), ("models", "models")] {
            let path = path.key(attribute);
            let named = service.get(attribute).and_then(Node::as_mapping);
            for (name, entry) in named.into_iter().flat_map(Mapping::iter) {
                if !(section == "networks" && name == "default") {
                    self.reference(section, name, &path.key(name), &entry.key);
                }
            }
        }
        for section in ["configs", "secrets"] {
            let path = path.key(section);
            self.sources(section, list(service, section), &path);
        }
        if let Some(build) = service.get("build") {
            let path = path.key("build");
            self.sources("secrets", list(build, "secrets"), &path.key("secrets"));
            self.contexts(build, &path);
        }
        let volumes = path.key("volumes");
        for (index, volume) in list(service, "volumes").iter().enumerate() {
            let named = volume.get("type").and_then(Node::as_str) == Some("volume");
            if let Some(source) = volume.get("source").filter(|_| named)
                && let Some(name) = source.as_str().filter(|name| !name.is_empty())
            {
                self.reference("volumes", name, &volumes.index(index), &source.span);
            }
        }
        let depends_on = path.key("depends_on");
        let dependencies = service.get("depends_on").and_then(Node::as_mapping);
        for (name, entry) in dependencies.into_iter().flat_map(Mapping::iter) {
            self.reference("services", name, &depends_on.key(name), &entry.key);
        }
    }

    fn sources(&mut self, section: &str, mounts: &[Node], path: &Path<'_>) {
        for (index, mount) in mounts.iter().enumerate() {
            if let Some(source) = mount.get("source")
                && let Some(name) = source.as_str()
            {
                self.reference(section, name, &path.index(index), &source.span);
            }
        }
    }

    fn contexts(&mut self, build: &Node, path: &Path<'_>) {
        let path = path.key("additional_contexts");
        let contexts = build.get("additional_contexts").and_then(Node::as_mapping);
        for (key, entry) in contexts.into_iter().flat_map(Mapping::iter) {
            let context = entry.node.as_str().unwrap_or_default();
            if let Some(name) = context.strip_prefix("service:") {
                self.reference("services", name, &path.key(key), &entry.node.span);
            }
        }
    }

    fn reference(&mut self, section: &str, name: &str, path: &Path<'_>, span: &Span) {
        let members = self.root.get(section).and_then(Node::as_mapping);
        let known = members.is_some_and(|members| members.contains(name));
        let lost = self.damage.contains(section)
            && self.damage.contains(&Path::ROOT.key(section).key(name).to_string());
        if known || lost || (members.is_none() && self.damage.contains(section)) {
            return;
        }
        let kind = section.trim_end_matches('s');
        let candidates = members.into_iter().flat_map(Mapping::keys).map(String::as_str);
        let help = match nearest(name, candidates) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if section == "services" => {
                "define the service, or remove the reference to it".to_owned()
            }
            None => format!("define it: add `{name}:` below `{section}:` at the top level"),
        };
        self.report.push(
            Diagnostic::error(
                codes::UNDEFINED_REFERENCE,
                path,
                format!("the {kind} `{name}` is not defined"),
            )
            .at(span.clone())
            .help(help),
        );
    }

    fn cycles(&mut self, services: &Mapping) {
        let Some(cycle) = find_cycle(services) else { return };
        let places: Vec<Option<&Span>> = cycle
            .windows(2)
            .map(|step| {
                let [from, to] = step else { return None };
                let dependencies = services.get(from)?.get("depends_on")?.as_mapping()?;
                Some(&dependencies.entry(to)?.key)
            })
            .collect();
        let names: Vec<String> = cycle.iter().map(|name| format!("`{name}`")).collect();
        let (last, before) = places.split_last().unwrap_or((&None, &[]));
        let path =
            cycle.first().map_or(String::new(), |first| format!("services.{first}.depends_on"));
        let mut diagnostic = Diagnostic::error(
            codes::DEPENDENCY_CYCLE,
            path,
            format!("the services depend on each other in a circle: {}", names.join(" -> ")),
        )
        .at(last.cloned())
        .help("remove one of these dependencies");
        for place in before.iter().flatten() {
            diagnostic = diagnostic.related((*place).clone(), "which needs this one");
        }
        self.report.push(diagnostic);
    }

    /// A driver that Compose does not run cannot be where a secret comes from.
    fn secrets(&mut self) {
        let secrets = self.root.get("secrets").and_then(Node::as_mapping);
        for (name, entry) in secrets.into_iter().flat_map(Mapping::iter) {
            let secret = &entry.node;
            let external = secret.get("external").and_then(Node::as_bool).unwrap_or(false);
            let sources = ["file", "environment"].iter().any(|key| secret.get(key).is_some());
            if secret.get("driver").is_some() && !external && !sources {
                let path = Path::ROOT.key("secrets");
                let message = format!("the secret `{name}` has neither `file` nor `environment`");
                let help = "say where its content comes from, or write `external: true`";
                self.report.push(
                    Diagnostic::error(codes::MISSING_ATTRIBUTE, &path.key(name), message)
                        .at(entry.key.clone())
                        .help(help),
                );
            }
        }
    }

    fn conflict(&mut self, path: &Path<'_>, message: impl Into<String>, span: &Span) {
        self.report.push(
            Diagnostic::error(codes::CONFLICTING_ATTRIBUTES, path, message)
                .at(span.clone())
                .help("remove one of the two, or make them agree"),
        );
    }
}

fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_sequence).unwrap_or_default()
}
