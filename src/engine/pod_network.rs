//! The network of a cluster's pods on an engine.

use std::collections::HashMap;

use bollard::models::{Ipam, IpamConfig, NetworkCreateRequest, NetworkInspect};

use super::{Engine, EngineError, labels, reason, refused, status_code};

/// The bridge network of a cluster: pods and gateway are on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodNetwork {
    /// The cluster.
    pub cluster: String,
    /// All addresses: those of pods, and those of services, e.g. `10.88.0.0/16`.
    pub range: String,
    /// The part that pods get theirs from, e.g. `10.88.0.0/17`.
    pub pod_range: String,
    /// The address of the host on it, e.g. `10.88.0.1`.
    pub host: String,
}

/// Why there is no network for pods.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PodNetworkError {
    /// Another network has addresses of the range.
    #[error("the addresses {range} of the pods are taken by another network: {reason}")]
    Overlaps {
        /// The range.
        range: String,
        /// What the engine said.
        reason: String,
    },
    /// The network is there, with other addresses.
    #[error("the network `{name}` has the addresses {observed}, and not {range}")]
    Other {
        /// The network.
        name: String,
        /// The range that it should have.
        range: String,
        /// The range that it has.
        observed: String,
    },
    /// The engine refused.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl PodNetwork {
    /// The network's name on the engine.
    pub fn name(&self) -> String {
        format!("longshore-{}", self.cluster)
    }

    /// Makes the network unless it is there.
    pub async fn ensure(&self, engine: &Engine) -> Result<(), PodNetworkError> {
        let name = self.name();
        match engine.docker().inspect_network(&name, None).await {
            Ok(network) => return self.check(&network),
            Err(error) if status_code(&error) == Some(404) => {}
            Err(error) => {
                return Err(refused(format!("look for the network `{name}`"))(error).into());
            }
        }
        let request = NetworkCreateRequest {
            name: name.clone(),
            driver: Some("bridge".to_owned()),
            ipam: Some(Ipam {
                config: Some(vec![IpamConfig {
                    subnet: Some(self.range.clone()),
                    ip_range: Some(self.pod_range.clone()),
                    gateway: Some(self.host.clone()),
                    ..IpamConfig::default()
                }]),
                ..Ipam::default()
            }),
            labels: Some(HashMap::from([(labels::CLUSTER.to_owned(), self.cluster.clone())])),
            ..NetworkCreateRequest::default()
        };
        match engine.docker().create_network(request).await {
            Ok(_) => Ok(()),
            // Another task of ours was faster.
            Err(error) if status_code(&error) == Some(409) => Ok(()),
            Err(error) if reason(&error).contains("overlap") => {
                Err(PodNetworkError::Overlaps { range: self.range.clone(), reason: reason(&error) })
            }
            Err(error) => Err(refused(format!("make the network `{name}`"))(error).into()),
        }
    }

    fn check(&self, network: &NetworkInspect) -> Result<(), PodNetworkError> {
        let configs = network.ipam.iter().flat_map(|ipam| ipam.config.iter().flatten());
        let observed: Vec<&str> = configs.filter_map(|one| one.subnet.as_deref()).collect();
        if observed == [self.range.as_str()] {
            return Ok(());
        }
        Err(PodNetworkError::Other {
            name: self.name(),
            range: self.range.clone(),
            observed: observed.join(", "),
        })
    }
}
