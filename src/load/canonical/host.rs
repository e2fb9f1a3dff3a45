//! `extra_hosts`.

use crate::diagnostic::{Diagnostic, Report, codes};
use crate::load::path::Path;
use crate::load::tree::{Entry, Mapping, Node, Value};

/// `[host=ip, host:ip]` or `{host: ip}` to `{host: [ip, …]}`; addresses of one host add up.
pub fn hosts_to_mapping(node: &mut Node, path: &Path<'_>, report: &mut Report) {
    match &mut node.value {
        Value::Sequence(items) => {
            let mut mapping = Mapping::default();
            for (index, item) in items.iter().enumerate() {
                let Some(text) = item.as_str() else { continue };
                match parse_host(text) {
                    Ok((host, addresses)) => {
                        let addresses = addresses.map(|address| Node::string(address, &item.span));
                        add(&mut mapping, host, addresses.collect(), item);
                    }
                    Err(message) => report.push(
                        Diagnostic::error(codes::INVALID_VALUE, &path.index(index), message)
                            .at(item.span.clone())
                            .help("write `HOST=ADDRESS`"),
                    ),
                }
            }
            node.value = Value::Mapping(mapping);
        }
        Value::Mapping(mapping) => {
            for node in mapping.nodes_mut() {
                if let Some(text) = node.as_str() {
                    let addresses = split_addresses(text);
                    let addresses = addresses.map(|address| Node::string(address, &node.span));
                    node.value = Value::Sequence(addresses.collect());
                } else {
                    node.as_sequence_mut().into_iter().flatten().for_each(strip_brackets);
                }
            }
        }
        _ => {}
    }
}

fn add(mapping: &mut Mapping, host: &str, mut addresses: Vec<Node>, item: &Node) {
    if let Some(known) = mapping.get_mut(host).and_then(Node::as_sequence_mut) {
        known.append(&mut addresses);
    } else {
        let node = Node::sequence(addresses, &item.span);
        mapping.insert(host, Entry { key: item.span.clone(), node });
    }
}

fn parse_host(text: &str) -> Result<(&str, impl Iterator<Item = &str>), String> {
    let (host, addresses) = text
        .split_once('=')
        .or_else(|| text.split_once(':'))
        .ok_or_else(|| format!("`{text}` names a host without an address"))?;
    if host.is_empty() || host.contains(':') || addresses.is_empty() {
        return Err(format!("`{text}` is not a host with its address"));
    }
    Ok((host, split_addresses(addresses)))
}

fn split_addresses(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(|address| without_brackets(address.trim()))
}

fn strip_brackets(node: &mut Node) {
    if let Value::String(address) = &mut node.value {
        *address = without_brackets(address).to_owned();
    }
}

/// `[::1]` to `::1`.
fn without_brackets(address: &str) -> &str {
    address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(address)
}
