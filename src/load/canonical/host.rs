//! `extra_hosts`.

use crate::diagnostic::{Diagnostic, Report, Span, codes};
use crate::load::path::Path;
use crate::load::tree::{Entry, Mapping, Node, Value};

use super::string_to_list;

/// `[host=ip, host:ip]` or `{host: ip}` to `{host: [ip, …]}`; addresses of one host add up.
pub fn hosts_to_mapping(node: &mut Node, path: &Path<'_>, report: &mut Report) {
    match &mut node.value {
        Value::Sequence(items) => {
            let mut mapping = Mapping::default();
            for (index, item) in items.iter().enumerate() {
                let Some(text) = item.as_str() else { continue };
                match parse_host(text) {
                    Ok((host, addresses)) => {
                        let addresses =
                            addresses.map(|address| Node::string(address, &item.part(address)));
                        add(&mut mapping, host, addresses.collect(), &item.part(host));
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
            mapping.retain(|host, entry| {
                let is_host = !host.is_empty() && !host.contains([':', '=']);
                if !is_host {
                    let message = format!("`{host}` is not a host name");
                    report.push(
                        Diagnostic::error(codes::INVALID_VALUE, &path.key(host), message)
                            .at(entry.key.clone())
                            .help("write `HOST: ADDRESS`"),
                    );
                }
                is_host
            });
            for node in mapping.nodes_mut() {
                string_to_list(node);
                node.as_sequence_mut().into_iter().flatten().for_each(strip_brackets);
            }
        }
        _ => {}
    }
}

fn add(mapping: &mut Mapping, host: &str, mut addresses: Vec<Node>, place: &Span) {
    if let Some(known) = mapping.get_mut(host).and_then(Node::as_sequence_mut) {
        known.append(&mut addresses);
    } else {
        let node = Node::sequence(addresses, place);
        mapping.insert(host, Entry { key: place.clone(), node });
    }
}

/// `=` is tried first, so that an IPv6 address may hold colons.
fn parse_host(text: &str) -> Result<(&str, impl Iterator<Item = &str>), String> {
    let (host, addresses) = text
        .split_once('=')
        .or_else(|| text.split_once(':'))
        .ok_or_else(|| format!("`{text}` names a host without an address"))?;
    if host.is_empty() || host.contains(':') || addresses.is_empty() {
        return Err(format!("`{text}` is not a host with its address"));
    }
    Ok((host, addresses.split(',').map(without_brackets)))
}

fn strip_brackets(node: &mut Node) {
    if let Value::String(address) = &mut node.value {
        *address = without_brackets(address).to_owned();
    }
}

/// `[::1]` to `::1`; there is no address in `[]`, nor in brackets within brackets.
fn without_brackets(address: &str) -> &str {
    let inner = address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    inner.filter(|inner| !inner.is_empty() && !inner.starts_with('[')).unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[[ ]]` lost a pair of brackets each time that the project was loaded.
    #[test]
    fn brackets_are_taken_off_once() {
        for (address, expected) in
            [("[::1]", "::1"), ("::1", "::1"), ("[]", "[]"), ("[[ ]]", "[[ ]]")]
        {
            assert_eq!(without_brackets(address), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_host_or_an_error(text in "\\PC{0,20}") {
            let _ = parse_host(&text).map(|(_, addresses)| addresses.count());
        }

        #[test]
        fn the_canonical_form_is_read_again(
            host in "[a-z][a-z0-9.-]{0,10}",
            addresses in proptest::collection::vec(proptest::prelude::any::<std::net::IpAddr>(), 1..4)
        ) {
            for address in &addresses {
                let address = address.to_string();
                let text = format!("{host}={address}");
                let (read, rest) = parse_host(&text).unwrap();
                proptest::prop_assert_eq!(read, &host);
                proptest::prop_assert_eq!(rest.collect::<Vec<_>>(), [address]);
            }
        }
    }
}
