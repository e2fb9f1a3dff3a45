use std::net::IpAddr;

use k8s_openapi::api::core::v1::{Pod, Service, ServicePort};

use super::Variables;
use crate::control_plane::controllers::owner;
use crate::control_plane::kubelet::objects::Objects;

/// The variables by which a pod finds the services of its namespace, and the API server in any case.
pub(super) fn variables(pod: &Pod, objects: &dyn Objects) -> Variables {
    let namespace = owner::namespace(pod);
    let linked = pod.spec.as_ref().and_then(|spec| spec.enable_service_links).unwrap_or(true);
    let mut services = if linked { objects.services(namespace) } else { Vec::new() };
    if namespace != "default" || !linked {
        // One of the pod's own namespace that has its name hides it, as upstream has it.
        let hidden = services.iter().any(is_kubernetes);
        let api_server = objects.services("default").into_iter().filter(is_kubernetes);
        services.extend(api_server.filter(|_| !hidden));
    }
    services.sort_by(|one, other| owner::name(one).cmp(owner::name(other)));
    services.iter().flat_map(of_service).collect()
}

fn is_kubernetes(service: &Service) -> bool {
    owner::name(service) == "kubernetes"
}

fn of_service(service: &Service) -> Vec<(String, String)> {
    let spec = service.spec.as_ref();
    let address = spec.and_then(|spec| spec.cluster_ip.as_deref()).unwrap_or_default();
    let ports = spec.and_then(|spec| spec.ports.as_deref()).unwrap_or_default();
    let (Some(first), false) = (ports.first(), matches!(address, "" | "None")) else {
        return Vec::new();
    };
    let name = as_variable(owner::name(service));
    let port_name = format!("{name}_SERVICE_PORT");
    let mut all = vec![
        (format!("{name}_SERVICE_HOST"), address.to_owned()),
        (port_name.clone(), first.port.to_string()),
    ];
    for port in ports {
        if let Some(named) = port.name.as_deref().filter(|named| !named.is_empty()) {
            all.push((format!("{port_name}_{}", as_variable(named)), port.port.to_string()));
        }
    }
    all.push((format!("{name}_PORT"), url(first, address)));
    for port in ports {
        let protocol = protocol(port);
        let prefix = format!("{name}_PORT_{}_{protocol}", port.port);
        all.extend([
            (prefix.clone(), url(port, address)),
            (format!("{prefix}_PROTO"), protocol.to_lowercase()),
            (format!("{prefix}_PORT"), port.port.to_string()),
            (format!("{prefix}_ADDR"), address.to_owned()),
        ]);
    }
    all
}

fn as_variable(name: &str) -> String {
    name.replace('-', "_").to_uppercase()
}

fn protocol(port: &ServicePort) -> &str {
    port.protocol.as_deref().filter(|protocol| !protocol.is_empty()).unwrap_or("TCP")
}

fn url(port: &ServicePort, address: &str) -> String {
    let protocol = protocol(port).to_lowercase();
    let number = port.port;
    match address.parse() {
        Ok(IpAddr::V6(address)) => format!("{protocol}://[{address}]:{number}"),
        _ => format!("{protocol}://{address}:{number}"),
    }
}
