use proptest::prelude::*;
use serde_json::Value;

use crate::model::{
    Contents, Dependency, Extensions, Network, Port, Project, Protocol, PublishedPort, Service,
    ServiceNetwork,
};
use crate::translate::{Options, translate_project};

/// A project of services by the networks that each is on, a published port, and a host whose network
/// it shares; the networks with an even number are internal.
#[derive(Debug, Clone)]
struct Layout {
    services: Vec<Layer>,
}

#[derive(Debug, Clone)]
struct Layer {
    networks: Vec<u8>,
    published: bool,
    shares: Option<usize>,
}

/// The one port of every service, by its number.
fn port(service: usize) -> u16 {
    8000 + u16::try_from(service).unwrap()
}

fn layouts() -> impl Strategy<Value = Layout> {
    let networks = proptest::collection::btree_set(0_u8..5, 0..4);
    let shares = proptest::option::weighted(0.2, 0_usize..4);
    let layer = (networks, any::<bool>(), shares).prop_map(|(networks, published, shares)| Layer {
        networks: networks.into_iter().collect(),
        published,
        shares,
    });
    proptest::collection::vec(layer, 1..7).prop_map(|mut services| {
        // A host stands before its guests and is none itself.
        for index in 0..services.len() {
            let host = services[index].shares.filter(|host| *host < index);
            services[index].shares = host.filter(|host| services[*host].shares.is_none());
        }
        Layout { services }
    })
}

impl Layout {
    fn project(&self) -> Project {
        let mut project = Project { name: "shop".into(), ..Project::default() };
        for network in 0_u8..5 {
            let declared = Network { internal: network % 2 == 0, ..Network::default() };
            project.networks.insert(format!("net_{network}"), declared);
        }
        for (index, layer) in self.services.iter().enumerate() {
            let mut service = Service::default();
            if let Some(host) = layer.shares {
                service.container.network_mode = Some(format!("service:s{host}"));
                service.depends_on.insert(format!("s{host}"), Dependency::default());
            } else if layer.networks.is_empty() {
                service.container.network_mode = Some("none".into());
            }
            for network in layer.networks.iter().filter(|_| layer.shares.is_none()) {
                let attached = ServiceNetwork::default();
                service.container.networks.insert(format!("net_{network}"), attached);
            }
            if layer.published && !self.is_isolated(index) {
                service.ports.push(PublishedPort {
                    target: port(index),
                    published: Some((port(index), port(index))),
                    protocol: Protocol::Tcp,
                    host_ip: None,
                    name: None,
                    app_protocol: None,
                    host_mode: false,
                    extensions: Extensions::default(),
                });
            } else {
                let target = port(index);
                service.expose.push(Port { target, protocol: Protocol::Tcp });
            }
            project.services.insert(format!("s{index}"), service);
        }
        project
    }

    fn host(&self, service: usize) -> usize {
        self.services[service].shares.unwrap_or(service)
    }

    fn networks(&self, service: usize) -> &[u8] {
        &self.services[self.host(service)].networks
    }

    fn is_isolated(&self, service: usize) -> bool {
        self.networks(service).is_empty()
    }

    /// What Compose's networks let through.
    fn reaches(&self, from: Option<usize>, to: Option<usize>) -> bool {
        let shares = |a: usize, b: usize| {
            self.networks(a).iter().any(|network| self.networks(b).contains(network))
        };
        let goes_out =
            |service: usize| self.networks(service).iter().any(|network| network % 2 == 1);
        let is_published = |service: usize| {
            let published = self.services[service].published;
            published && !self.is_isolated(service)
        };
        match (from, to) {
            (Some(from), Some(to)) if self.host(from) == self.host(to) => true,
            // A published port is reached from outside, and by those who reach what is outside.
            (Some(from), Some(to)) => shares(from, to) || (goes_out(from) && is_published(to)),
            (None, Some(to)) => is_published(to),
            (Some(from), None) => goes_out(from),
            (None, None) => true,
        }
    }
}

/// The policies and pods of a project, and what Kubernetes makes of them.
struct Cluster {
    policies: Vec<Value>,
    /// By service: the labels of its pod.
    pods: Vec<Value>,
}

impl Cluster {
    fn new(layout: &Layout) -> Self {
        let options = Options { network_policies: true, ..Options::default() };
        let (translation, _) = translate_project(&layout.project(), &Contents::default(), &options);
        let of = |template: &str| -> Vec<Value> {
            let manifests = translation.manifests.iter();
            manifests.filter(|it| it.template == template).map(|it| it.context.clone()).collect()
        };
        let deployments = of("deployment");
        let pods = (0..layout.services.len()).map(|service| {
            let name = format!("s{}", layout.host(service));
            let deployment = deployments.iter().find(|it| it["metadata"]["name"] == *name);
            deployment.unwrap()["pod"]["labels"].clone()
        });
        Self { policies: of("networkpolicy"), pods: pods.collect() }
    }

    /// As `k8s.io/docs/concepts/services-networking/network-policies` defines it.
    fn allows(&self, from: Option<usize>, to: Option<usize>) -> bool {
        let pod = |service: Option<usize>| service.map(|service| &self.pods[service]);
        let same = from.is_some() && pod(from) == pod(to);
        let port = to.map(port);
        same || (self.side("Egress", "egress", "to", pod(from), pod(to), port)
            && self.side("Ingress", "ingress", "from", pod(to), pod(from), port))
    }

    fn side(
        &self,
        kind: &str,
        rules: &str,
        peers: &str,
        own: Option<&Value>,
        other: Option<&Value>,
        port: Option<u16>,
    ) -> bool {
        let Some(own) = own else { return true };
        let mut policies = self
            .policies
            .iter()
            .filter(|policy| policy["policyTypes"].as_array().unwrap().contains(&kind.into()))
            .filter(|policy| matches(&policy["podSelector"], own))
            .peekable();
        if policies.peek().is_none() {
            return true;
        }
        policies.flat_map(|policy| policy[rules].as_array().unwrap()).any(|rule| {
            let peer = match (&rule[peers], other) {
                (Value::Null, _) => true,
                (_, None) => false,
                (list, Some(other)) => list.as_array().unwrap().iter().any(|peer| {
                    peer["namespaceSelector"].is_null()
                        && matches(&peer["podSelector"]["matchLabels"], other)
                }),
            };
            let ports = match (&rule["ports"], port) {
                (Value::Null, _) => true,
                (list, Some(port)) => list.as_array().unwrap().iter().any(|it| it["port"] == port),
                (_, None) => false,
            };
            peer && ports
        })
    }
}

fn matches(selector: &Value, labels: &Value) -> bool {
    selector.as_object().unwrap().iter().all(|(key, value)| labels[key] == *value)
}

proptest! {
    /// Who reaches whom by the policies is who reaches whom by the networks of Compose.
    #[test]
    fn policies_let_through_what_the_networks_do(layout in layouts()) {
        let cluster = Cluster::new(&layout);
        let everyone: Vec<_> = (0..layout.services.len()).map(Some).chain([None]).collect();
        for from in &everyone {
            for to in &everyone {
                prop_assert_eq!(
                    cluster.allows(*from, *to),
                    layout.reaches(*from, *to),
                    "{:?} to {:?}", from, to
                );
            }
        }
    }
}
