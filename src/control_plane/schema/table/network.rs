use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::view::{View, first_three};
use super::{AGE, Layout, NAME, text, wide};

pub(super) const SERVICE: Layout = Layout {
    columns: &[
        NAME,
        text("Type"),
        text("Cluster-IP"),
        text("External-IP"),
        text("Port(s)"),
        AGE,
        wide("Selector"),
    ],
    cells: |object| {
        vec![
            object.name(),
            json!(object.text("/spec/type")),
            json!(object.text_or("/spec/clusterIPs/0", "<none>")),
            json!(external_ip(object)),
            json!(service_ports(object)),
            object.age(),
            object.label_map("/spec/selector"),
        ]
    },
};

fn external_ip(service: View<'_>) -> String {
    let own: Vec<_> = service.items("/spec/externalIPs").map(|ip| ip.text("").to_owned()).collect();
    match service.text("/spec/type") {
        "ExternalName" => service.text("/spec/externalName").to_owned(),
        "LoadBalancer" => {
            let balanced: Vec<_> = load_balancer(service).into_iter().chain(own).collect();
            if balanced.is_empty() { "<pending>".to_owned() } else { balanced.join(",") }
        }
        "ClusterIP" | "NodePort" if own.is_empty() => "<none>".to_owned(),
        "ClusterIP" | "NodePort" => own.join(","),
        _ => "<unknown>".to_owned(),
    }
}

/// Addresses or host names, sorted.
fn load_balancer(object: View<'_>) -> BTreeSet<String> {
    let points = object.items("/status/loadBalancer/ingress");
    let addresses = points.map(|point| match point.text("/ip") {
        "" => point.text("/hostname").to_owned(),
        ip => ip.to_owned(),
    });
    addresses.filter(|address| !address.is_empty()).collect()
}

fn service_ports(service: View<'_>) -> String {
    let ports: Vec<_> = service
        .items("/spec/ports")
        .map(|port| {
            let (number, protocol) = (port.number("/port"), port.text("/protocol"));
            match port.number("/nodePort") {
                0 => format!("{number}/{protocol}"),
                node_port => format!("{number}:{node_port}/{protocol}"),
            }
        })
        .collect();
    if ports.is_empty() { "<none>".to_owned() } else { ports.join(",") }
}

pub(super) const ENDPOINTS: Layout = Layout {
    columns: &[NAME, text("Endpoints"), AGE],
    cells: |object| {
        let addresses: Vec<_> = object
            .items("/subsets")
            .flat_map(|subset| {
                let ports: Vec<_> =
                    subset.items("/ports").map(|port| port.number("/port")).collect();
                subset.items("/addresses").flat_map(move |address| {
                    let ip = address.text("/ip").to_owned();
                    match ports.as_slice() {
                        [] => vec![ip],
                        ports => ports.iter().map(|port| format!("{ip}:{port}")).collect(),
                    }
                })
            })
            .collect();
        vec![object.name(), json!(first_three(&addresses, "<none>")), object.age()]
    },
};

pub(super) const ENDPOINT_SLICE: Layout = Layout {
    columns: &[NAME, text("AddressType"), text("Ports"), text("Endpoints"), AGE],
    cells: |object| {
        let ports: Vec<_> = object
            .items("/ports")
            .map(|port| match (port.get("/port"), port.text("/name")) {
                (Some(number), _) => number.to_string(),
                (None, "") => "*".to_owned(),
                (None, name) => name.to_owned(),
            })
            .collect();
        let addresses: Vec<_> = object
            .items("/endpoints")
            .flat_map(|endpoint| endpoint.items("/addresses"))
            .map(|address| address.text("").to_owned())
            .collect();
        vec![
            object.name(),
            json!(object.text("/addressType")),
            json!(first_three(&ports, "<unset>")),
            json!(first_three(&addresses, "<unset>")),
            object.age(),
        ]
    },
};

pub(super) const INGRESS: Layout = Layout {
    columns: &[NAME, text("Class"), text("Hosts"), text("Address"), text("Ports"), AGE],
    cells: |object| {
        let addresses: Vec<_> = load_balancer(object).into_iter().collect();
        let ports = if object.count("/spec/tls") > 0 { "80, 443" } else { "80" };
        vec![
            object.name(),
            json!(object.text_or("/spec/ingressClassName", "<none>")),
            json!(hosts(object)),
            json!(addresses.join(",")),
            json!(ports),
            object.age(),
        ]
    },
};

/// Rules without a host count among the rest, as upstream has it.
fn hosts(ingress: View<'_>) -> String {
    let rules: Vec<_> = ingress.items("/spec/rules").map(|rule| rule.text("/host")).collect();
    let named: Vec<_> = rules.iter().copied().filter(|host| !host.is_empty()).collect();
    match named.as_slice() {
        [] => "*".to_owned(),
        [a, b, c, _, ..] => format!("{a},{b},{c} + {} more...", rules.len() - 3),
        few => few.join(","),
    }
}

pub(super) const INGRESS_CLASS: Layout = Layout {
    columns: &[NAME, text("Controller"), text("Parameters"), AGE],
    cells: |object| {
        let parameters = match (
            object.text("/spec/parameters/apiGroup"),
            object.text("/spec/parameters/kind"),
            object.text("/spec/parameters/name"),
        ) {
            (_, "", _) => "<none>".to_owned(),
            ("", kind, name) => format!("{kind}/{name}"),
            (group, kind, name) => format!("{kind}.{group}/{name}"),
        };
        vec![object.name(), json!(object.text("/spec/controller")), json!(parameters), object.age()]
    },
};

pub(super) const NETWORK_POLICY: Layout = Layout {
    columns: &[NAME, text("Pod-Selector"), AGE],
    cells: |object| -> Vec<Value> {
        vec![object.name(), object.label_selector("/spec/podSelector"), object.age()]
    },
};
