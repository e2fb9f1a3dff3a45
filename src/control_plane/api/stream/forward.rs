use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;

use super::spdy::Connection;
use super::tunnel::Tunnel;
use super::upgrade::{Upgradable, Upgrade};
use super::{forward_channels, spdy_forward};
use crate::control_plane::api::reply::Reply;
use crate::control_plane::api::route::Resource;
use crate::control_plane::api::{Api, Call};
use crate::control_plane::kubelet::{self, Runtime};
use crate::kubernetes::{Reason, Status};

/// SPDY in messages, as kubectl has it.
const TUNNEL: &str = "SPDY/3.1+portforward.k8s.io";
/// The protocols of port forwarding, over `WebSocket` and over SPDY.
const SOCKETS: &[&str] = &[TUNNEL, "v4.channel.k8s.io"];
const SPDY: &[&str] = &["portforward.k8s.io"];

/// The pod whose ports are forwarded.
#[derive(Clone)]
pub struct Ports {
    runtime: Arc<dyn Runtime>,
    pod: Arc<Pod>,
}

impl Api {
    /// `…/pods/NAME/portforward`.
    pub(in super::super) fn port_forward(
        &self,
        call: &Call<'_>,
        resource: &Resource,
    ) -> Result<Reply, Status> {
        let stored = self.verbs.get(&resource.key())?;
        let pod: Pod = stored.parse().map_err(|error| {
            Status::new(Reason::InternalError, format!("the pod cannot be read: {error}"))
        })?;
        let runtime = self.runtimes.of(&pod)?;
        let upgrade = Upgrade::requested(call.parts)?;
        let protocol = upgrade.protocol(SOCKETS, SPDY)?;
        let numbers = if protocol == "v4.channel.k8s.io" {
            forward_channels::ports(&call.query)?
        } else {
            Vec::new()
        };
        let ports = Ports { runtime, pod: Arc::new(pod) };
        Ok(upgrade.accept(protocol, self.health.closing(), async move |upgraded| match upgraded {
            Upgradable::Socket(socket) if protocol == TUNNEL => {
                spdy_forward::serve(Connection::serve(Tunnel::new(*socket)), ports).await;
            }
            Upgradable::Socket(socket) => forward_channels::serve(*socket, ports, numbers).await,
            Upgradable::Spdy(raw) => spdy_forward::serve(Connection::serve(raw), ports).await,
        }))
    }
}

impl Ports {
    /// Connects to a port; an error as the client shows it.
    pub async fn connect(&self, port: u16) -> Result<Box<dyn kubelet::Connection>, String> {
        self.runtime.connect(&self.pod, port).await.map_err(|error| {
            let metadata = &self.pod.metadata;
            let name = metadata.name.as_deref().unwrap_or("");
            let uid = metadata.uid.as_deref().unwrap_or("");
            format!("error forwarding port {port} to pod {name}, uid {uid}: {error}")
        })
    }
}
