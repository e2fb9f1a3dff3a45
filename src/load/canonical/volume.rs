//! `[SOURCE:]TARGET[:OPTIONS]`.

use crate::load::path::Path;
use crate::load::paths::clean;
use crate::load::tree::{Mapping, Node, Value};

use super::Forms;

/// What a short volume says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ShortVolume<'a> {
    /// A path or the name of a volume.
    source: Option<&'a str>,
    /// The path in the container.
    target: &'a str,
    read_only: bool,
    nocopy: bool,
    propagation: Option<&'a str>,
    selinux: Option<&'a str>,
}

/// Why a short volume says nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum VolumeError {
    /// Nothing at all.
    #[error("it is empty")]
    Empty,
    /// `a::b`.
    #[error("there is nothing between two colons")]
    EmptyPart,
    /// `a:/b/${X`, where only what has been escaped is left.
    #[error("`${{` is not closed")]
    Unclosed,
    /// `a:b:c:d`.
    #[error("it has too many colons")]
    TooManyParts,
}

impl Forms<'_> {
    pub(super) fn mount(&mut self, mut item: Node, path: &Path<'_>) -> Vec<Node> {
        let Value::String(text) = &item.value else {
            if let Some(volume) = item.get_mut("volume").and_then(Node::as_mapping_mut) {
                self.rewrite(volume, "labels", &path.key("volume"), Self::pairs);
            }
            return vec![item];
        };
        match ShortVolume::parse(text) {
            Ok(volume) => vec![volume.expand(&item)],
            Err(error) => {
                let message = format!("invalid volume `{text}`: {error}");
                self.invalid(&item, path, message, "write `SOURCE:TARGET` or `SOURCE:TARGET:ro`");
                Vec::new()
            }
        }
    }
}

impl<'a> ShortVolume<'a> {
    /// Reads a short volume.
    pub fn parse(text: &'a str) -> Result<Self, VolumeError> {
        let mut volume = Self::default();
        match text.len() {
            0 => return Err(VolumeError::Empty),
            1 | 2 => {
                volume.target = text;
                return Ok(volume);
            }
            _ => {}
        }
        let parts = split(text).ok_or(VolumeError::Unclosed)?;
        if parts.iter().any(|part| part.is_empty()) {
            return Err(VolumeError::EmptyPart);
        }
        let options = match parts.as_slice() {
            [target] => {
                volume.target = target;
                ""
            }
            [source, target] => {
                (volume.source, volume.target) = (Some(*source), *target);
                ""
            }
            [source, target, options] => {
                (volume.source, volume.target) = (Some(*source), *target);
                options
            }
            _ => return Err(VolumeError::TooManyParts),
        };
        for option in options.split(',') {
            match option {
                "ro" => volume.read_only = true,
                "rw" => volume.read_only = false,
                "nocopy" => volume.nocopy = true,
                "z" | "Z" => volume.selinux = Some(option),
                "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave" => {
                    volume.propagation = Some(option);
                }
                // Compose leaves options of other engines alone
                _ => {}
            }
        }
        Ok(volume)
    }

    /// The path in the container, cleaned.
    pub fn target(&self) -> String {
        clean(self.target)
    }

    fn expand(self, item: &Node) -> Node {
        let span = &item.span;
        let text = |text: &str| Node::string(text, &item.part(text));
        let bind = self.source.is_some_and(is_path);
        let mut volume = Mapping::default();
        volume.set("type", Node::string(if bind { "bind" } else { "volume" }, span));
        if let Some(source) = self.source {
            volume.set("source", text(source));
        }
        volume.set("target", Node::string(self.target(), &item.part(self.target)));
        if self.read_only {
            volume.set("read_only", Node::bool(true, span));
        }
        // Options that do not fit the type are kept, as Compose keeps them.
        let mut bind_options = Mapping::default();
        if bind {
            bind_options.set("create_host_path", Node::bool(true, span));
        }
        for (key, option) in [("propagation", self.propagation), ("selinux", self.selinux)] {
            if let Some(option) = option {
                bind_options.set(key, text(option));
            }
        }
        if !bind_options.is_empty() {
            volume.set("bind", Node::mapping(bind_options, span));
        }
        if self.nocopy {
            let mut options = Mapping::default();
            options.set("nocopy", Node::bool(true, span));
            volume.set("volume", Node::mapping(options, span));
        }
        Node::mapping(volume, span)
    }
}

/// Splits at colons, none when a `${` is not closed; not after the letter of a Windows drive, nor in `${…}`: what a project
/// that is not interpolated says about variables is not parsed.
fn split(text: &str) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut depth = 0_usize;
    for (index, character) in text.char_indices() {
        match character {
            '$' if text.get(index + 1..).is_some_and(|rest| rest.starts_with('{')) => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => {
                let part = text.get(start..index).unwrap_or_default();
                if !is_letter(part) {
                    parts.push(part);
                    start = index + 1;
                }
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    (depth == 0).then_some(parts)
}

fn is_letter(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(char::is_alphabetic) && characters.next().is_none()
}

/// Whether a source is a path of the host rather than the name of a volume.
fn is_path(source: &str) -> bool {
    let mut characters = source.chars();
    let drive =
        characters.next().is_some_and(char::is_alphabetic) && characters.next() == Some(':');
    drive || source.starts_with(['.', '/', '~']) || source.starts_with("\\\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> String {
        match ShortVolume::parse(text) {
            Ok(volume) => format!(
                "{} -> {}{}",
                volume.source.unwrap_or("-"),
                volume.target(),
                if volume.read_only { " ro" } else { "" }
            ),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn short_volumes() {
        let cases = [
            ("/data", "- -> /data"),
            ("a:", "- -> a:"),
            ("data:/data", "data -> /data"),
            ("data:/data/:ro", "data -> /data ro"),
            ("./x:/a/../b:ro,z", "./x -> /b ro"),
            ("C:\\x:/y", "C:\\x -> /y"),
            ("C:\\x:D:\\y:ro", "C:\\x -> D:\\y ro"),
            ("", "it is empty"),
            ("data::/x", "there is nothing between two colons"),
            ("data:/x:", "there is nothing between two colons"),
            ("aa:bb:cc:dd", "it has too many colons"),
        ];
        for (text, expected) in cases {
            assert_eq!(show(text), expected, "{text}");
        }
    }

    #[test]
    fn paths_are_told_from_names() {
        for path in [".", "./a", "../a", "/a", "~", "~/a", "C:\\a", "\\\\.\\pipe\\x"] {
            assert!(is_path(path), "{path}");
        }
        for name in ["a", "data", "data.d", "äb"] {
            assert!(!is_path(name), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_volume_or_an_error(text in "\\PC{0,20}") {
            let _ = ShortVolume::parse(&text);
        }
    }
}
