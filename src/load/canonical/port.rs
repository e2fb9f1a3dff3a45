//! `[[IP:]HOST:]CONTAINER[/PROTOCOL]`, with ranges.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use crate::diagnostic::{Diagnostic, codes};
use crate::load::path::Path;
use crate::load::tree::{Mapping, Node, Value};

use super::{Forms, MAX_PORTS};

/// What a short port says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ShortPort {
    host_ip: Option<String>,
    published: Option<RangeInclusive<u16>>,
    target: RangeInclusive<u16>,
    protocol: String,
}

/// Why a short port says nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// `80:`
    #[error("no container port is given")]
    NoPort,
    /// `0`, `8080:0`
    #[error("0 is no port of a container")]
    Zero,
    /// `a`, `99999`, `90-80`.
    #[error("`{0}` is not a port or a range of ports (0 to 65535)")]
    InvalidPort(String),
    /// `1.2.3:80:80`
    #[error("`{0}` is not an IP address")]
    InvalidAddress(String),
    /// `80/icmp`
    #[error("`{0}` is not a protocol")]
    InvalidProtocol(String),
    /// `1-3:1-2`
    #[error("the ranges `{published}` and `{target}` differ in length")]
    DifferentRanges {
        /// Of the host.
        published: String,
        /// Of the container.
        target: String,
    },
}

impl Forms<'_> {
    pub(super) fn port(&mut self, item: Node, path: &Path<'_>) -> Vec<Node> {
        let text = match &item.value {
            Value::Mapping(_) => return vec![item],
            _ => item.to_text().unwrap_or_default(),
        };
        let parsed = match &item.value {
            Value::Float(_) => Err(PortError::InvalidPort(text.clone())),
            _ => parse_port(&text),
        };
        let port = match parsed {
            Ok(port) => port,
            Err(error) => {
                let help = "write `CONTAINER`, `HOST:CONTAINER` or `IP:HOST:CONTAINER`, with `/udp` \
                            behind it if need be";
                self.invalid(&item, path, format!("invalid port `{text}`: {error}"), help);
                return Vec::new();
            }
        };
        let before = self.expanded_ports;
        self.expanded_ports += port.target.len();
        if self.expanded_ports > MAX_PORTS {
            if before <= MAX_PORTS {
                let message = format!("the port ranges expand to more than {MAX_PORTS} ports");
                self.report.push(
                    Diagnostic::error(codes::LIMIT_EXCEEDED, path, message).at(item.span.clone()),
                );
            }
            return Vec::new();
        }
        port.expand(&item)
    }
}

impl ShortPort {
    fn expand(self, item: &Node) -> Vec<Node> {
        let span = &item.span;
        let Self { host_ip, published, target: targets, protocol } = self;
        let pairwise = targets.len() > 1;
        let first = *targets.start();
        // Compose puts the ports of a range into the order of their texts.
        let mut targets: Vec<u16> = targets.collect();
        targets.sort_by_cached_key(u16::to_string);
        targets
            .into_iter()
            .map(|target| {
                let mut port = Mapping::default();
                port.set("mode", Node::string("ingress", span));
                if let Some(host_ip) = &host_ip {
                    port.set("host_ip", Node::string(host_ip, span));
                }
                port.set("target", Node::new(Value::Int(target.into()), span.clone()));
                if let Some(published) = &published {
                    let text = if pairwise {
                        (published.start() + (target - first)).to_string()
                    } else {
                        range_text(published)
                    };
                    port.set("published", Node::string(text, span));
                }
                port.set("protocol", Node::string(&protocol, span));
                Node::mapping(port, span)
            })
            .collect()
    }
}

/// Reads a short port.
pub(super) fn parse_port(text: &str) -> Result<ShortPort, PortError> {
    let mut parts = text.rsplitn(3, ':');
    let container = parts.next().unwrap_or_default();
    let (container, protocol) = container.split_once('/').unwrap_or((container, "tcp"));
    if container.is_empty() {
        return Err(PortError::NoPort);
    }
    let protocol = if protocol.is_empty() { "tcp" } else { protocol };
    let protocol = protocol.to_ascii_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(PortError::InvalidProtocol(protocol));
    }
    let host = parts.next().filter(|host| !host.is_empty());
    let host_ip = parts
        .next()
        .filter(|address| !matches!(*address, "" | "[]"))
        .map(parse_address)
        .transpose()?;
    let target = parse_range(container)?;
    if target.contains(&0) {
        return Err(PortError::Zero);
    }
    let published = host.map(parse_range).transpose()?;
    if let Some(published) = &published
        && target.len() > 1
        && published.len() != target.len()
    {
        return Err(PortError::DifferentRanges {
            published: range_text(published),
            target: range_text(&target),
        });
    }
    Ok(ShortPort { host_ip, published, target, protocol })
}

/// `8080` or `8080-8090`.
pub fn parse_range(text: &str) -> Result<RangeInclusive<u16>, PortError> {
    let invalid = || PortError::InvalidPort(text.to_owned());
    let number = |digits: &str| {
        let digits = digits.strip_prefix('+').unwrap_or(digits);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if plain { digits.parse().map_err(|_| invalid()) } else { Err(invalid()) }
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (u16, u16) = (number(first)?, number(last)?);
    if first <= last { Ok(first..=last) } else { Err(invalid()) }
}

fn parse_address(text: &str) -> Result<String, PortError> {
    let bare = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(text);
    match bare.parse::<IpAddr>() {
        Ok(_) => Ok(bare.to_owned()),
        Err(_) => Err(PortError::InvalidAddress(text.to_owned())),
    }
}

fn range_text(range: &RangeInclusive<u16>) -> String {
    if range.len() == 1 {
        range.start().to_string()
    } else {
        format!("{}-{}", range.start(), range.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> String {
        match parse_port(text) {
            Ok(ShortPort { host_ip, published, target, protocol }) => format!(
                "{}|{}|{}|{protocol}",
                host_ip.unwrap_or_default(),
                published.as_ref().map(range_text).unwrap_or_default(),
                range_text(&target)
            ),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn short_ports() {
        let cases = [
            ("80", "||80|tcp"),
            ("8080:80", "|8080|80|tcp"),
            ("127.0.0.1:8080:80/udp", "127.0.0.1|8080|80|udp"),
            ("127.0.0.1::80", "127.0.0.1||80|tcp"),
            ("[::1]:8080:80", "::1|8080|80|tcp"),
            ("::1:8080:80", "::1|8080|80|tcp"),
            ("3000-3005", "||3000-3005|tcp"),
            ("9090-9091:8080-8081/SCTP", "|9090-9091|8080-8081|sctp"),
            ("8000-9000:80", "|8000-9000|80|tcp"),
            ("9090-9092:8080-8081", "the ranges `9090-9092` and `8080-8081` differ in length"),
            ("", "no container port is given"),
            ("80:", "no container port is given"),
            ("a", "`a` is not a port or a range of ports (0 to 65535)"),
            ("80:99999", "`99999` is not a port or a range of ports (0 to 65535)"),
            ("90-80", "`90-80` is not a port or a range of ports (0 to 65535)"),
            ("+80", "||80|tcp"),
            ("-80", "`-80` is not a port or a range of ports (0 to 65535)"),
            ("80-", "`80-` is not a port or a range of ports (0 to 65535)"),
            ("80-80", "||80|tcp"),
            ("[]:80:80", "|80|80|tcp"),
            ("[::1:80:80", "`[::1` is not an IP address"),
            ("80/tcp:80", "`80/tcp` is not a port or a range of ports (0 to 65535)"),
            ("/tcp", "no container port is given"),
            ("80/", "||80|tcp"),
            ("8080:0", "0 is no port of a container"),
            ("0-3", "0 is no port of a container"),
            ("0:80", "|0|80|tcp"),
            ("80/icmp", "`icmp` is not a protocol"),
            ("1.2.3:80:80", "`1.2.3` is not an IP address"),
        ];
        for (text, expected) in cases {
            assert_eq!(show(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_port_or_an_error(text in "[0-9a-z:/.\\[\\]-]{0,24}") {
            let _ = parse_port(&text);
        }

        #[test]
        fn all_valid_ports_are_read(host: u16, container in 1..=u16::MAX) {
            proptest::prop_assert_eq!(
                show(&format!("{host}:{container}")), format!("|{host}|{container}|tcp")
            );
        }
    }
}
