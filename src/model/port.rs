use std::fmt;
use std::net::IpAddr;

/// A container port: an entry of `expose`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port {
    /// The port in the container.
    pub target: u16,
    /// The protocol.
    pub protocol: Protocol,
}

/// An entry of `ports`, after ranges are expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPort {
    /// `target`: the port in the container.
    pub target: u16,
    /// `published`: none means any free port; a range is kept as its first and last port.
    pub published: Option<(u16, u16)>,
    /// `protocol`.
    pub protocol: Protocol,
    /// `host_ip`.
    pub host_ip: Option<IpAddr>,
    /// `name`.
    pub name: Option<String>,
    /// `app_protocol`.
    pub app_protocol: Option<String>,
    /// `mode: host`; `ingress` otherwise.
    pub host_mode: bool,
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
