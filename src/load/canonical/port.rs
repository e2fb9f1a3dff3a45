//! `[[IP:]HOST:]CONTAINER[/PROTOCOL]`, with ranges.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use crate::diagnostic::{Diagnostic, codes};
use crate::load::path::Path;
use crate::load::tree::{Mapping, Node, Value};

use super::{Forms, MAX_PORTS};

/// What a short port says; all texts are slices of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ShortPort<'t> {
    /// Without brackets.
    host_ip: Option<&'t str>,
    published: Option<Ports<'t>>,
    target: Ports<'t>,
    /// None for the default.
    protocol: Option<&'t str>,
}

/// A range of ports and its text.
#[derive(Debug, PartialEq, Eq)]
struct Ports<'t> {
    range: RangeInclusive<u16>,
    text: &'t str,
}

/// Why a short port says nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError<'t> {
    /// `80:`
    #[error("no container port is given")]
    NoPort,
    /// `0`, `8080:0`
    #[error("0 is no port of a container")]
    Zero(&'t str),
    /// `a`, `99999`, `90-80`.
    #[error("`{0}` is not a port or a range of ports (0 to 65535)")]
    InvalidPort(&'t str),
    /// `1.2.3:80:80`
    #[error("`{0}` is not an IP address")]
    InvalidAddress(&'t str),
    /// `80/icmp`
    #[error("`{0}` is not a protocol")]
    InvalidProtocol(&'t str),
    /// `1-3:1-2`
    #[error("the ranges `{published}` and `{target}` differ in length")]
    DifferentRanges {
        /// Of the host.
        published: &'t str,
        /// Of the container.
        target: &'t str,
    },
}

impl<'t> PortError<'t> {
    /// The part that is wrong.
    fn part(&self) -> &'t str {
        match self {
            Self::NoPort => "",
            Self::Zero(part)
            | Self::InvalidPort(part)
            | Self::InvalidAddress(part)
            | Self::InvalidProtocol(part) => part,
            Self::DifferentRanges { published, .. } => published,
        }
    }

    fn help(&self) -> &'static str {
        match self {
            Self::InvalidProtocol(_) => "write `/tcp`, `/udp` or `/sctp`",
            Self::InvalidAddress(_) => "write an address such as `127.0.0.1` or `[::1]`",
            Self::DifferentRanges { .. } => "let both ranges have as many ports",
            Self::NoPort | Self::Zero(_) | Self::InvalidPort(_) => {
                "write `CONTAINER`, `HOST:CONTAINER` or `IP:HOST:CONTAINER`, with `/udp` behind it \
                 if need be"
            }
        }
    }
}

impl Forms<'_> {
    pub(super) fn port(&mut self, item: Node, path: &Path<'_>) -> Vec<Node> {
        let number;
        let text = match &item.value {
            Value::Mapping(_) => return vec![item],
            Value::String(text) => text,
            _ => {
                number = item.to_text().unwrap_or_default();
                &number
            }
        };
        let parsed = match &item.value {
            Value::Float(_) => Err(PortError::InvalidPort(text)),
            _ => parse_port(text),
        };
        let port = match parsed {
            Ok(port) => port,
            Err(error) => {
                let message = match &error {
                    PortError::InvalidPort(part) if part == text => error.to_string(),
                    _ => format!("invalid port `{text}`: {error}"),
                };
                self.report.push(
                    Diagnostic::error(codes::INVALID_VALUE, path, message)
                        .at(item.part(error.part()))
                        .help(error.help()),
                );
                return Vec::new();
            }
        };
        let before = self.expanded_ports;
        self.expanded_ports += port.target.range.len();
        if self.expanded_ports > MAX_PORTS {
            if before <= MAX_PORTS {
                let message = format!("the port ranges expand to more than {MAX_PORTS} ports");
                self.report.push(
                    Diagnostic::error(codes::LIMIT_EXCEEDED, path, message)
                        .at(item.span.clone())
                        .help("publish fewer ports, or give the container an address of its own"),
                );
            }
            return Vec::new();
        }
        port.expand(&item)
    }
}

impl ShortPort<'_> {
    fn expand(self, item: &Node) -> Vec<Node> {
        let span = &item.span;
        let Self { host_ip, published, target: targets, protocol } = self;
        let (pairwise, first) = (targets.range.len() > 1, *targets.range.start());
        let target_place = item.part(targets.text);
        // Compose puts the ports of a range into the order of their texts.
        let mut targets: Vec<u16> = targets.range.collect();
        targets.sort_by_cached_key(u16::to_string);
        targets
            .into_iter()
            .map(|target| {
                let mut port = Mapping::default();
                port.set("mode", Node::string("ingress", span));
                if let Some(host_ip) = host_ip {
                    port.set("host_ip", Node::string(host_ip, &item.part(host_ip)));
                }
                port.set("target", Node::new(Value::Int(target.into()), target_place.clone()));
                if let Some(Ports { range, text }) = &published {
                    let place = item.part(text);
                    let published = if pairwise {
                        (range.start() + (target - first)).to_string()
                    } else {
                        range_text(range)
                    };
                    port.set("published", Node::string(published, &place));
                }
                let place = protocol.map_or_else(|| span.clone(), |text| item.part(text));
                let protocol = protocol.unwrap_or("tcp").to_ascii_lowercase();
                port.set("protocol", Node::string(protocol, &place));
                Node::mapping(port, span)
            })
            .collect()
    }
}

/// Reads a short port.
pub(super) fn parse_port(text: &str) -> Result<ShortPort<'_>, PortError<'_>> {
    let mut parts = text.rsplitn(3, ':');
    let container = parts.next().unwrap_or_default();
    let (container, protocol) = match container.split_once('/') {
        Some((container, protocol)) => (container, Some(protocol).filter(|it| !it.is_empty())),
        None => (container, None),
    };
    if container.is_empty() {
        return Err(PortError::NoPort);
    }
    if let Some(protocol) = protocol
        && !["tcp", "udp", "sctp"].iter().any(|known| protocol.eq_ignore_ascii_case(known))
    {
        return Err(PortError::InvalidProtocol(protocol));
    }
    let host = parts.next().filter(|host| !host.is_empty());
    let host_ip = parts
        .next()
        .filter(|address| !matches!(*address, "" | "[]"))
        .map(parse_address)
        .transpose()?;
    let read = |text| parse_range(text).map(|range| Ports { range, text });
    let target = read(container)?;
    if target.range.contains(&0) {
        return Err(PortError::Zero(target.text));
    }
    let published = host.map(read).transpose()?;
    if let Some(published) = &published
        && target.range.len() > 1
        && published.range.len() != target.range.len()
    {
        let (published, target) = (published.text, target.text);
        return Err(PortError::DifferentRanges { published, target });
    }
    Ok(ShortPort { host_ip, published, target, protocol })
}

/// `8080` or `8080-8090`.
pub fn parse_range(text: &str) -> Result<RangeInclusive<u16>, PortError<'_>> {
    let invalid = || PortError::InvalidPort(text);
    let number = |digits: &str| {
        let digits = digits.strip_prefix('+').unwrap_or(digits);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if plain { digits.parse().map_err(|_| invalid()) } else { Err(invalid()) }
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (u16, u16) = (number(first)?, number(last)?);
    if first <= last { Ok(first..=last) } else { Err(invalid()) }
}

fn parse_address(text: &str) -> Result<&str, PortError<'_>> {
    let bare = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(text);
    match bare.parse::<IpAddr>() {
        Ok(_) => Ok(bare),
        Err(_) => Err(PortError::InvalidAddress(text)),
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
                "{}|{}|{}|{}",
                host_ip.unwrap_or_default(),
                published.map(|published| range_text(&published.range)).unwrap_or_default(),
                range_text(&target.range),
                protocol.unwrap_or("tcp").to_ascii_lowercase()
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
