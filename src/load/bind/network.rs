use crate::model::{Port, Protocol, PublishedPort, ServiceNetwork};

use super::fields::Fields;
use crate::load::canonical::parse_range;
use crate::load::tree::Node;

const PROTOCOLS: [(&str, Protocol); 3] =
    [("tcp", Protocol::Tcp), ("udp", Protocol::Udp), ("sctp", Protocol::Sctp)];

/// Binds one entry of `ports`.
pub(super) fn published_port(fields: &mut Fields<'_, '_>) -> Option<PublishedPort> {
    if !fields.has("target") {
        fields.error("the port has no target", "add `target: …`, the port in the container");
        return None;
    }
    let published = fields.string("published").filter(|published| !published.is_empty());
    let published = published.and_then(|text| match parse_range(&text) {
        Ok(range) => Some((*range.start(), *range.end())),
        Err(error) => {
            fields
                .error(format!("invalid published port: {error}"), "write a port or `FIRST-LAST`");
            None
        }
    });
    Some(PublishedPort {
        target: fields.integer("target")?,
        published: published.filter(|(first, _)| *first != 0),
        protocol: fields.word("protocol", &PROTOCOLS).unwrap_or(Protocol::Tcp),
        host_ip: fields.notation("host_ip", "an IP address"),
        name: fields.string("name"),
        app_protocol: fields.string("app_protocol"),
        host_mode: fields
            .word("mode", &[("ingress", false), ("host", true), ("", false)])
            .unwrap_or(false),
    })
}

/// Binds `expose`, ranges expanded.
pub(super) fn expose(fields: &mut Fields<'_, '_>) -> Vec<Port> {
    let Some(node) = fields.take("expose") else { return Vec::new() };
    let mut ports: Vec<Port> = Vec::new();
    for item in node.as_sequence().unwrap_or_default() {
        match exposed(item) {
            Some(range) => ports.extend(range),
            None => {
                fields.invalid("expose", item, "a list of `PORT` or `PORT/PROTOCOL`");
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    ports.retain(|port| seen.insert(*port));
    ports
}

fn exposed(item: &Node) -> Option<impl Iterator<Item = Port>> {
    let text = item.to_text()?;
    let (range, protocol) = text.split_once('/').unwrap_or((&text, "tcp"));
    let (_, protocol) =
        PROTOCOLS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(protocol))?;
    let range = parse_range(range).ok()?;
    Some(range.map(move |target| Port { target, protocol }))
}

/// Binds one entry of a service's `networks`.
pub(super) fn service_network(fields: &mut Fields<'_, '_>) -> ServiceNetwork {
    ServiceNetwork {
        aliases: fields.strings("aliases"),
        ipv4_address: fields.notation("ipv4_address", "an IP address"),
        ipv6_address: fields.notation("ipv6_address", "an IP address"),
    }
}
