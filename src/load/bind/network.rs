use std::collections::HashSet;

use crate::model::{
    External, Ipam, IpamPool, Network, Port, Protocol, PublishedPort, ServiceNetwork,
};

use super::fields::Fields;
use crate::load::canonical::parse_range;
use crate::load::tree::{Node, Value};

const PROTOCOLS: [(&str, Protocol); 3] =
    [("tcp", Protocol::Tcp), ("udp", Protocol::Udp), ("sctp", Protocol::Sctp)];

/// Binds one entry of `ports`.
pub(super) fn published_port(fields: &mut Fields<'_>) -> Option<PublishedPort> {
    let target: u16 = if fields.has("target") { fields.integer("target")? } else { 0 };
    if target == 0 {
        fields.error("the port has no target", "add `target: …`, the port in the container");
        return None;
    }
    let published = fields.string("published");
    let published = published.and_then(|text| match parse_range(&text) {
        Ok(range) => Some((*range.start(), *range.end())),
        Err(error) => {
            fields
                .error(format!("invalid published port: {error}"), "write a port or `FIRST-LAST`");
            None
        }
    });
    Some(PublishedPort {
        target,
        published: published.filter(|(first, _)| *first != 0),
        protocol: fields.word("protocol", &PROTOCOLS).unwrap_or(Protocol::Tcp),
        host_ip: fields.notation("host_ip", "an IP address"),
        name: fields.string("name"),
        app_protocol: fields.string("app_protocol"),
        host_mode: fields
            .unread_word("mode", &[("ingress", false), ("host", true)])
            .unwrap_or(false),
        extensions: fields.extensions(),
    })
}

/// How many ports a service can expose: all of all protocols.
const MAX_EXPOSED: usize = 3 << 16;

/// Binds `expose`, ranges expanded.
pub(super) fn expose(fields: &mut Fields<'_>) -> Vec<Port> {
    let mut ports: Vec<Port> = Vec::new();
    for item in fields.sequence("expose") {
        match exposed(&item) {
            Some(range) => ports.extend(range),
            None => fields.invalid("expose", &item, "a list of `PORT` or `PORT/PROTOCOL`"),
        }
        if ports.len() > MAX_EXPOSED {
            fields.invalid("expose", &item, "a list that names each port once");
            break;
        }
    }
    let mut seen = HashSet::new();
    ports.retain(|port| seen.insert(*port));
    ports
}

fn exposed(item: &Node) -> Option<impl Iterator<Item = Port>> {
    if let Value::Float(_) = item.value {
        return None;
    }
    let text = item.to_text()?;
    let (range, protocol) = text.split_once('/').unwrap_or((&text, "tcp"));
    let (_, protocol) =
        PROTOCOLS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(protocol))?;
    let range = parse_range(range).ok()?;
    Some(range.map(move |target| Port { target, protocol }))
}

/// Binds one entry of a service's `networks`.
pub(super) fn service_network(fields: &mut Fields<'_>) -> ServiceNetwork {
    ServiceNetwork {
        aliases: fields.strings("aliases"),
        driver_opts: fields.pairs("driver_opts"),
        gw_priority: fields.integer("gw_priority"),
        interface_name: fields.string("interface_name"),
        ipv4_address: fields.notation("ipv4_address", "an IP address"),
        ipv6_address: fields.notation("ipv6_address", "an IP address"),
        link_local_ips: fields.strings("link_local_ips"),
        mac_address: fields.string("mac_address"),
        priority: fields.integer("priority"),
        use_service_name_alias: fields.bool("use_service_name_alias"),
        extensions: fields.extensions(),
    }
}

/// Binds one network.
pub(super) fn network(fields: &mut Fields<'_>) -> Network {
    Network {
        name: fields.string("name").unwrap_or_default(),
        driver: fields.string("driver"),
        driver_opts: fields.pairs("driver_opts"),
        ipam: fields.fields("ipam", ipam),
        external: External(fields.bool("external").unwrap_or(false)),
        internal: fields.bool("internal").unwrap_or(false),
        attachable: fields.bool("attachable"),
        enable_ipv4: fields.bool("enable_ipv4"),
        enable_ipv6: fields.bool("enable_ipv6"),
        labels: fields.pairs("labels"),
        extensions: fields.extensions(),
    }
}

fn ipam(fields: &mut Fields<'_>) -> Ipam {
    Ipam {
        driver: fields.string("driver"),
        config: fields.items("config", |fields| {
            Some(IpamPool {
                subnet: fields.string("subnet"),
                ip_range: fields.string("ip_range"),
                gateway: fields.string("gateway"),
                aux_addresses: fields.pairs("aux_addresses"),
                extensions: fields.extensions(),
            })
        }),
        options: fields.pairs("options"),
        extensions: fields.extensions(),
    }
}
