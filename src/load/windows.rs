//! Paths of Windows, in files that are read elsewhere.

use super::environment::{Environment, parse_bool};
use super::tree::{Mapping, Node};

/// Whether a path is absolute on Windows: `C:\x`, `\\host\share`, `//host/share`, `\??\C:\x`.
/// Such a path means the same wherever the file is read.
pub fn is_absolute(path: &str) -> bool {
    let is_separator = |byte: &u8| matches!(byte, b'\\' | b'/');
    match path.as_bytes() {
        [_, b':', rest @ ..] => rest.first().is_some_and(is_separator),
        [first, b'?', b'?', fourth, rest @ ..] if is_separator(first) && is_separator(fourth) => {
            rest.iter().any(is_separator)
        }
        [first, second, ..] => is_separator(first) && is_separator(second),
        _ => false,
    }
}

/// Whether `COMPOSE_CONVERT_WINDOWS_PATHS` asks for the paths of a virtual machine.
pub fn is_conversion_asked(environment: &Environment) -> bool {
    let value = environment.get("COMPOSE_CONVERT_WINDOWS_PATHS").unwrap_or_default();
    parse_bool(&value.trim().to_lowercase()).unwrap_or(false)
}

/// Makes `/c/x` of the source `C:\x` of each mount.
///
/// Compose does so only where it runs on Windows itself; who sets the variable elsewhere has no
/// other wish.
pub fn convert_sources(root: &mut Node) {
    let services = root.get_mut("services").and_then(Node::as_mapping_mut);
    for service in services.into_iter().flat_map(Mapping::nodes_mut) {
        let mounts = service.get_mut("volumes").and_then(Node::as_sequence_mut);
        for source in mounts.into_iter().flatten().filter_map(|mount| mount.get_mut("source")) {
            if let Some(converted) = source.as_str().and_then(converted) {
                *source = Node::string(converted, &source.span);
            }
        }
    }
}

fn converted(path: &str) -> Option<String> {
    let (drive, rest) = path.split_once(':')?;
    let is_drive = matches!(drive.as_bytes(), [letter] if letter.is_ascii_alphabetic());
    (is_drive && is_absolute(path))
        .then(|| format!("/{}{}", drive.to_ascii_lowercase(), rest.replace('\\', "/")))
}
