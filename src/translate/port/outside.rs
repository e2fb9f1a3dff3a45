use std::net::IpAddr;

use crate::model::PublishedPort;
use crate::translate::findings::Site;

/// Compose publishes nothing of a container that is on the network of its host.
pub fn report_on_host_network(port: &PublishedPort, site: &Site) {
    let PublishedPort { target, published, .. } = port;
    if published.is_some_and(|(first, last)| (first, last) != (*target, *target)) {
        site.approximated(
            format!("the port is {target} on the node: `network_mode: host` publishes nothing"),
            "remove `network_mode: host`, or the published port",
        );
    } else {
        site.approximated_closely(
            "the port is not published again: with `network_mode: host` it is one of the node",
            "remove the port, or name it in `expose`",
        );
    }
}

/// The port that the outside uses, none for a port that the outside cannot reach.
pub fn outside_port(port: &PublishedPort, site: &Site) -> Option<u16> {
    let PublishedPort {
        target,
        published,
        protocol: _,
        host_ip,
        name: _,
        app_protocol: _,
        host_mode,
        extensions: _,
    } = port;
    let outside = host_ip.filter(|address| !host_mode && !address.is_unspecified());
    if let Some(address) = outside.filter(IpAddr::is_loopback) {
        site.approximated(
            "a port on the loopback address is for this machine alone, so it is not published",
            format!("reach it with `kubectl port-forward`, or publish it without `{address}`"),
        );
        return None;
    }
    if let Some(address) = outside {
        site.approximated(
            format!(
                "the port is not bound to `{address}`: a load balancer has an address of its own"
            ),
            "use `mode: host` for an address of the node",
        );
    }
    match published {
        Some((first, last)) if first == last => Some(*first),
        Some((first, last)) => {
            site.approximated(
                format!("`{first}` is published: a Service cannot choose among {first}-{last}"),
                "name one port",
            );
            Some(*first)
        }
        None => {
            site.approximated_closely(
                format!("`{target}` is published: Compose would take any free port"),
                "name the port to publish",
            );
            Some(*target)
        }
    }
}
