mod outside;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::model::{Port, Protocol, PublishedPort};

use super::context::{ContainerPort, ServicePort};
use super::findings::Site;
use super::label::is_qualified_name;
use super::name::unique;
use super::policy::OpenPort;

use outside::{outside_port, report_on_host_network};
use words::{app_protocol_name, is_port_name, report_words};

/// The ports of a service: those of its container, and those it publishes.
#[derive(Debug, Default)]
pub struct Ports {
    /// Of the container.
    pub container: Vec<ContainerPort>,
    /// Of the Service that other services use: the container's own ports.
    pub internal: Vec<ServicePort>,
    /// Of the Service that the outside uses.
    pub published: Vec<ServicePort>,
    /// Those of the container that are ports of the node, which only one pod per node can have.
    pub on_node: Vec<OpenPort>,
}

/// `ports` and `expose`; on the network of the node, the ports of the container are those of the node.
pub fn translate_ports(
    ports: &[PublishedPort],
    expose: &[Port],
    on_host_network: bool,
    site: &Site,
) -> Ports {
    let known = container_ports(ports, expose);
    let mut translated = Ports {
        container: known.iter().map(|(port, details)| container_port(*port, details)).collect(),
        internal: known.iter().map(|(port, details)| internal_port(*port, details)).collect(),
        ..Ports::default()
    };
    let mut taken = BTreeMap::new();
    for (index, port) in ports.iter().enumerate() {
        let site = site.child("ports").item(index);
        report_words(port, &site);
        if on_host_network {
            report_on_host_network(port, &site);
            continue;
        }
        let Some(number) = outside_port(port, &site) else { continue };
        if port.host_mode {
            translated.take_host_port(port, number, &site);
        } else if let Some(target) = taken.insert((number, port.protocol), port.target) {
            if target != port.target {
                taken.insert((number, port.protocol), target);
                site.not_translated(
                    format!("`{number}` is published already, for the container port {target}"),
                    "publish each container port on a port of its own",
                );
            }
        } else {
            let mut published = published_port(port, number, &known);
            // Several published ports may lead to one container port: only the first has its name.
            if translated.published.iter().any(|other| other.name == published.name) {
                published.name = format!("{}-{number}", port.protocol);
            }
            translated.published.push(published);
        }
    }
    translated
}

impl Ports {
    fn take_host_port(&mut self, port: &PublishedPort, number: u16, site: &Site) {
        let protocol = protocol_name(port.protocol);
        self.on_node.push((port.target, protocol.clone()));
        let container = self.container.iter_mut().find(|container| {
            container.container_port == port.target && container.protocol == protocol
        });
        if let Some(container) = container {
            if let Some(other) = container.host_port.filter(|other| *other != number) {
                site.not_translated(
                    format!("the container port is on port {other} of the node already"),
                    "publish it once with `mode: host`",
                );
                return;
            }
            container.host_port = Some(number);
            container.host_ip = port
                .host_ip
                .filter(|address| !address.is_unspecified())
                .map(|address| address.to_string());
        }
    }
}

/// What is known of a container port.
#[derive(Debug)]
struct Details {
    name: String,
    app_protocol: Option<String>,
}

/// All container ports, each once; those that are published come first and may be named.
fn container_ports(ports: &[PublishedPort], expose: &[Port]) -> IndexMap<Port, Details> {
    let mut known: IndexMap<Port, Details> = IndexMap::new();
    let mut names = BTreeSet::new();
    let all = ports
        .iter()
        .map(|port| (Port { target: port.target, protocol: port.protocol }, Some(port)))
        .chain(expose.iter().map(|port| (*port, None)));
    for (port, published) in all {
        let app_protocol = published.and_then(|published| published.app_protocol.as_deref());
        let details = known.entry(port).or_insert_with(|| {
            let wanted = published.and_then(|published| published.name.as_deref());
            let name = wanted
                .map(str::to_ascii_lowercase)
                .filter(|name| is_port_name(name) && !names.contains(name))
                .unwrap_or_else(|| format!("{}-{}", port.protocol, port.target));
            let name = unique(&mut names, &name);
            Details { name, app_protocol: None }
        });
        if details.app_protocol.is_none() {
            details.app_protocol =
                app_protocol.map(app_protocol_name).filter(|name| is_qualified_name(name));
        }
    }
    known
}

fn container_port(port: Port, details: &Details) -> ContainerPort {
    ContainerPort {
        name: details.name.clone(),
        container_port: port.target,
        host_port: None,
        host_ip: None,
        protocol: protocol_name(port.protocol),
    }
}

fn internal_port(port: Port, details: &Details) -> ServicePort {
    ServicePort {
        name: details.name.clone(),
        port: port.target,
        target_port: port.target,
        node_port: None,
        protocol: protocol_name(port.protocol),
        app_protocol: details.app_protocol.clone(),
    }
}

fn published_port(
    port: &PublishedPort,
    number: u16,
    known: &IndexMap<Port, Details>,
) -> ServicePort {
    let target = Port { target: port.target, protocol: port.protocol };
    let details = known.get(&target);
    let name = match (&port.name, details) {
        (Some(_), Some(details)) => details.name.clone(),
        _ => format!("{}-{number}", port.protocol),
    };
    ServicePort {
        name,
        port: number,
        target_port: port.target,
        node_port: None,
        protocol: protocol_name(port.protocol),
        app_protocol: details.and_then(|details| details.app_protocol.clone()),
    }
}

fn protocol_name(protocol: Protocol) -> String {
    protocol.to_string().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Extensions, Origins};
    use crate::translate::findings::Findings;

    fn tcp(target: u16, published: Option<(u16, u16)>) -> PublishedPort {
        PublishedPort {
            target,
            published,
            protocol: Protocol::Tcp,
            host_ip: None,
            name: None,
            app_protocol: None,
            host_mode: false,
            extensions: Extensions::default(),
        }
    }

    fn check(ports: &[PublishedPort], expose: &[Port], expected: &str, findings_expected: usize) {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let ports = translate_ports(ports, expose, false, &findings.site("services.web"));
        let list = |ports: &[ServicePort]| {
            let port = |it: &ServicePort| {
                format!("{}={}:{}/{}", it.name, it.port, it.target_port, it.protocol)
            };
            ports.iter().map(port).collect::<Vec<_>>().join(" ")
        };
        let text = format!("{} | {}", list(&ports.internal), list(&ports.published));
        assert_eq!(text, expected);
        assert_eq!(findings.into_report().iter().count(), findings_expected);
    }

    #[test]
    fn inside_the_container_ports_outside_the_published_ones() {
        check(
            &[tcp(80, Some((8080, 8080))), tcp(80, Some((8081, 8081)))],
            &[
                Port { target: 9000, protocol: Protocol::Udp },
                Port { target: 80, protocol: Protocol::Tcp },
            ],
            "tcp-80=80:80/TCP udp-9000=9000:9000/UDP | tcp-8080=8080:80/TCP tcp-8081=8081:80/TCP",
            0,
        );
    }

    /// The second of two container ports on one published port was left out in silence.
    #[test]
    fn one_published_port_leads_to_one_container_port() {
        check(
            &[tcp(80, Some((80, 80))), tcp(81, Some((80, 80))), tcp(80, Some((80, 80)))],
            &[],
            "tcp-80=80:80/TCP tcp-81=81:81/TCP | tcp-80=80:80/TCP",
            1,
        );
    }

    /// A second port of the node replaced the first one in silence.
    #[test]
    fn a_container_port_is_on_one_port_of_the_node() {
        let host = |published| PublishedPort { host_mode: true, ..tcp(80, published) };
        check(&[host(Some((80, 80))), host(Some((81, 81)))], &[], "tcp-80=80:80/TCP | ", 1);
    }

    /// A service on the network of the node got a load balancer, and a port of the node beside its own,
    /// which Kubernetes refuses.
    #[test]
    fn on_the_network_of_the_node_nothing_is_published() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let host = PublishedPort { host_mode: true, ..tcp(81, Some((8081, 8081))) };
        let ports = [tcp(80, Some((8080, 8080))), host];
        let ports = translate_ports(&ports, &[], true, &findings.site("services.web"));
        assert_eq!((ports.published.len(), ports.internal.len()), (0, 2));
        assert!(ports.container.iter().all(|port| port.host_port.is_none()));
        assert_eq!(findings.into_report().iter().count(), 2);
    }

    /// Kubernetes refuses the protocol, and the name was left out in silence.
    #[test]
    fn words_that_kubernetes_refuses_are_reported() {
        let port = PublishedPort {
            name: Some("a_very_long_name_of_a_port".into()),
            app_protocol: Some("my own!".into()),
            ..tcp(80, Some((80, 80)))
        };
        assert!(container_ports(std::slice::from_ref(&port), &[])[0].app_protocol.is_none());
        check(&[port], &[], "tcp-80=80:80/TCP | tcp-80=80:80/TCP", 2);
    }

    #[test]
    fn one_name_for_a_port_that_is_published_twice() {
        let named = |published| PublishedPort { name: Some("http".into()), ..tcp(80, published) };
        check(
            &[named(Some((8080, 8080))), named(Some((8081, 8081)))],
            &[],
            "http=80:80/TCP | http=8080:80/TCP tcp-8081=8081:80/TCP",
            0,
        );
    }

    #[test]
    fn a_range_and_a_free_port_are_approximated_and_loopback_is_not_published() {
        let local =
            PublishedPort { host_ip: "127.0.0.1".parse().ok(), ..tcp(5432, Some((5432, 5432))) };
        check(
            &[tcp(80, Some((8000, 8010))), tcp(81, None), local],
            &[],
            "tcp-80=80:80/TCP tcp-81=81:81/TCP tcp-5432=5432:5432/TCP | tcp-8000=8000:80/TCP tcp-81=81:81/TCP",
            3,
        );
    }
}
