use std::fmt;
use std::net::IpAddr;

use serde::{Serialize, Serializer};

use super::Extensions;
use super::attribute::unset;

/// A container port: an entry of `expose`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port {
    /// The port in the container.
    pub target: u16,
    /// The protocol.
    pub protocol: Protocol,
}

/// An entry of `ports`, after ranges are expanded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublishedPort {
    /// `target`: the port in the container.
    pub target: u16,
    /// `published`: none means any free port; a range is kept as its first and last port.
    #[serde(skip_serializing_if = "unset", serialize_with = "published")]
    pub published: Option<(u16, u16)>,
    /// `protocol`.
    pub protocol: Protocol,
    /// `host_ip`.
    #[serde(skip_serializing_if = "unset")]
    pub host_ip: Option<IpAddr>,
    /// `name`.
    #[serde(skip_serializing_if = "unset")]
    pub name: Option<String>,
    /// `app_protocol`.
    #[serde(skip_serializing_if = "unset")]
    pub app_protocol: Option<String>,
    /// `mode: host`; `ingress` otherwise.
    #[serde(rename = "mode", serialize_with = "mode")]
    pub host_mode: bool,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// `tcp`.
    Tcp,
    /// `udp`.
    Udp,
    /// `sctp`.
    Sctp,
}

/// As Compose writes it; Kubernetes has it in capitals.
impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        })
    }
}

/// As an entry of `expose`: `80`, `53/udp`.
impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocol {
            Protocol::Tcp => write!(f, "{}", self.target),
            protocol => write!(f, "{}/{protocol}", self.target),
        }
    }
}

impl Serialize for Port {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn published<S: Serializer>(
    published: &Option<(u16, u16)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match published {
        Some((first, last)) if first == last => serializer.collect_str(first),
        Some((first, last)) => serializer.collect_str(&format_args!("{first}-{last}")),
        None => serializer.serialize_none(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn mode<S: Serializer>(host_mode: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if *host_mode { "host" } else { "ingress" })
}
