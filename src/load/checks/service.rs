//! Checks of what one service says.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Span, codes};
use crate::load::path::Path;
use crate::load::quantity::parse_bytes;
use crate::load::tree::{Entry, Node};

use super::project::{Checks, list};

/// Reads a limit as a number; zero is none.
type Read = fn(&Node) -> Option<f64>;

/// The attributes of a service that `deploy.resources` has too.
const LIMITS: [(&str, &str, &str, Read); 4] = [
    ("cpus", "limits", "cpus", number),
    ("mem_limit", "limits", "memory", bytes),
    ("mem_reservation", "reservations", "memory", bytes),
    ("pids_limit", "limits", "pids", number),
];

impl Checks<'_> {
    pub(super) fn service(&mut self, service: &Entry, path: &Path<'_>) {
        let Entry { key: place, node: service } = service;
        // what is missing may be what was wrong and has been taken out, or could not be included
        let is_damaged = self.damage.contains(&path.to_string()) || self.damage.contains("include");
        let is_missing = |key| service.get(key).is_none_or(|node| node.as_str() == Some(""));
        let has_image = !["image", "build", "provider"].into_iter().all(is_missing);
        if !has_image && !is_damaged {
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
        self.build(service, path);
        self.scale(service, path);
        if !is_damaged {
            self.limits(service, path);
            self.watches(service, path);
        }
        self.targets(service, path);
    }

    fn build(&mut self, service: &Node, path: &Path<'_>) {
        let Some(build) = service.get("build").and_then(Node::as_mapping) else { return };
        if build.contains("dockerfile")
            && let Some(inline) = build.entry("dockerfile_inline")
        {
            let message = "`dockerfile` and `dockerfile_inline` exclude each other";
            self.conflict(&path.key("build"), message, &inline.key);
        }
        let Some(platform) = service.get("platform") else { return };
        let platforms = build.get("platforms").and_then(Node::as_sequence).unwrap_or_default();
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
        let resources = service.get("deploy").and_then(|deploy| deploy.get("resources"));
        for (attribute, side, resource, read) in LIMITS {
            let Some(own) = service.get(attribute) else { continue };
            let side_node = resources.and_then(|resources| resources.get(side));
            let (Some(value), Some(side_node)) = (read(own).filter(|v| *v != 0.0), side_node)
            else {
                continue;
            };
            let message = match side_node.get(resource) {
                // Compose reads a missing value as zero, which is another value
                None => format!("`deploy.resources.{side}` lacks the value of `{attribute}`"),
                Some(other) if read(other).is_some_and(|other| differ(value, other)) => format!(
                    "`{attribute}` and `deploy.resources.{side}.{resource}` say different values"
                ),
                Some(_) => continue,
            };
            self.report.push(
                Diagnostic::error(codes::CONFLICTING_ATTRIBUTES, &path.key(attribute), message)
                    .at(own.span.clone())
                    .help(format!("say it only as `deploy.resources.{side}.{resource}`")),
            );
        }
    }

    /// What is copied into the container needs a place there.
    fn watches(&mut self, service: &Node, path: &Path<'_>) {
        let Some(develop) = service.get("develop") else { return };
        let path = path.key("develop");
        let path = path.key("watch");
        for (index, watch) in list(develop, "watch").iter().enumerate() {
            let Some(action) = watch.get("action").and_then(Node::as_str) else { continue };
            let target = watch.get("target").and_then(Node::as_str).unwrap_or_default();
            if target.is_empty() && !matches!(action, "rebuild" | "restart") {
                let path = path.index(index);
                let message = format!("`{path}` needs the attribute `target`");
                self.report.push(
                    Diagnostic::error(codes::MISSING_ATTRIBUTE, &path, message)
                        .at(watch.span.clone())
                        .help(format!("`{action}` needs the path in the container to copy to")),
                );
            }
        }
    }

    /// Two mounts on one path: the second would hide the first.
    fn targets(&mut self, service: &Node, path: &Path<'_>) {
        let mut first_of: HashMap<String, &Span> = HashMap::new();
        let tmpfs = list(service, "tmpfs").iter().enumerate().filter_map(|(index, item)| {
            let target = item.as_str()?.split(':').next()?.to_owned();
            Some(("tmpfs", index, target, &item.span))
        });
        let volumes = list(service, "volumes").iter().enumerate().filter_map(|(index, volume)| {
            Some(("volumes", index, volume.get("target")?.to_text()?, &volume.span))
        });
        for (attribute, index, target, span) in tmpfs.chain(volumes) {
            if let Some(first) = first_of.get(&target) {
                self.report.push(
                    Diagnostic::error(
                        codes::CONFLICTING_ATTRIBUTES,
                        &path.key(attribute).index(index),
                        format!("two mounts have the target `{target}`"),
                    )
                    .at(span.clone())
                    .related((*first).clone(), "the other one")
                    .help("give one of them another target"),
                );
            } else {
                first_of.insert(target, span);
            }
        }
    }
}

fn number(node: &Node) -> Option<f64> {
    node.to_text()?.parse().ok()
}

#[expect(clippy::cast_precision_loss, reason = "only compared, and exact up to petabytes")]
fn bytes(node: &Node) -> Option<f64> {
    Some(parse_bytes(&node.to_text()?)? as f64)
}

/// Compose holds these numbers in single precision, where `0.1` of a text is `0.1` of a number.
fn differ(first: f64, second: f64) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "the loss of precision is wanted")]
    let (first, second) = (first as f32, second as f32);
    first.total_cmp(&second) != Ordering::Equal
}
