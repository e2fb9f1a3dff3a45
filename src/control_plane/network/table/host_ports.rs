//! The host ports of a pod.

use std::net::{Ipv4Addr, SocketAddrV4};

use k8s_openapi::api::core::v1::{ContainerPort, Pod};

use super::{HostPort, Protocol};

impl HostPort {
    /// The host ports of a pod on a node; none before it has an address, and after its end.
    pub(in super::super) fn of(pod: &Pod, node: &str) -> Vec<Self> {
        let (Some(spec), Some(status)) = (&pod.spec, &pod.status) else { return Vec::new() };
        let is_finished = matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
        // On the network of the node its ports are the node's already.
        let is_elsewhere =
            spec.node_name.as_deref() != Some(node) || spec.host_network == Some(true);
        let address = status.pod_ip.as_ref().and_then(|address| address.parse().ok());
        let Some(address) = address.filter(|_| !is_finished && !is_elsewhere) else {
            return Vec::new();
        };
        let sidecars = spec.init_containers.iter().flatten();
        let sidecars = sidecars.filter(|one| one.restart_policy.as_deref() == Some("Always"));
        let ports =
            spec.containers.iter().chain(sidecars).flat_map(|one| one.ports.iter().flatten());
        ports.filter_map(|port| Self::of_port(port, address)).collect()
    }

    fn of_port(port: &ContainerPort, pod: Ipv4Addr) -> Option<Self> {
        let number = |number: i32| u16::try_from(number).ok().filter(|number| *number != 0);
        let protocol = Protocol::parse(port.protocol.as_deref())?;
        let all = |address: &Ipv4Addr| !address.is_unspecified();
        Some(Self {
            protocol,
            address: port.host_ip.as_ref().and_then(|text| text.parse().ok()).filter(all),
            number: number(port.host_port?)?,
            endpoint: SocketAddrV4::new(pod, number(port.container_port)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_ports_lead_to_the_pod() {
        let check = |status: &str, extra: &str, expected: &[&str]| {
            let text = format!(
                "
metadata: {{name: web}}
spec:
  nodeName: here
  {extra}
  containers:
  - name: web
    ports:
    - {{containerPort: 80, hostPort: 8080}}
    - {{containerPort: 53, hostPort: 5353, protocol: UDP, hostIP: 127.0.0.2}}
    - {{containerPort: 9000}}
status: {status}
"
            );
            let pod: Pod = serde_yaml::from_str(&text).unwrap();
            let ports = HostPort::of(&pod, "here");
            let ports = ports.iter().map(|HostPort { protocol, address, number, endpoint }| {
                format!("{protocol:?} {address:?} {number} -> {endpoint}")
            });
            assert_eq!(ports.collect::<Vec<_>>(), expected, "{status} {extra}");
        };
        let both = ["Tcp None 8080 -> 10.88.0.2:80", "Udp Some(127.0.0.2) 5353 -> 10.88.0.2:53"];
        check("{phase: Running, podIP: 10.88.0.2}", "", &both);
        check("{phase: Pending}", "", &[]);
        check("{phase: Failed, podIP: 10.88.0.2}", "", &[]);
        check("{phase: Running, podIP: 10.88.0.1}", "hostNetwork: true", &[]);
    }
}
