use std::path::Path as FilePath;

use crate::load::paths::absolute;
use crate::load::tree::{Mapping, Node, Value};

/// Makes the paths of one part of a tree start from a directory: of an attribute of a service, or of
/// a member of another section.
///
/// What starts with a variable stays, as it may be absolute already. What holds one is not cleaned:
/// `..` may stand in its default.
pub(super) fn prefix_paths(
    part: &mut Node,
    path: &[String],
    directory: &FilePath,
    home: Option<&str>,
) {
    let prefix = Prefix { directory, home };
    let keys: Vec<&str> = path.iter().map(String::as_str).collect();
    match keys.as_slice() {
        ["services" | "jobs", _, "env_file"] => prefix.each(part, "path"),
        ["services" | "jobs", _, "label_file"] => prefix.each(part, ""),
        ["services" | "jobs", _, "volumes"] => {
            part.as_sequence_mut().into_iter().flatten().for_each(|volume| prefix.mount(volume));
        }
        ["services" | "jobs", _, "build"] => prefix.build(part),
        ["services", _, "develop"] => {
            if let Some(watch) = part.get_mut("watch") {
                prefix.each(watch, "path");
            }
        }
        ["configs" | "secrets", _] => {
            if let Some(file) = part.get_mut("file") {
                prefix.add(file);
            }
        }
        ["volumes", _] => {
            if let Some(options) = part.get_mut("driver_opts")
                && options.get("o").and_then(Node::as_str) == Some("bind")
            {
                prefix.each(options, "device");
            }
        }
        _ => {}
    }
}

struct Prefix<'a> {
    directory: &'a FilePath,
    home: Option<&'a str>,
}

impl Prefix<'_> {
    /// A path, or a list of paths, or of mappings with one.
    fn each(&self, node: &mut Node, key: &str) {
        match &mut node.value {
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.each(item, key)),
            Value::Mapping(mapping) => mapping.get_mut(key).into_iter().for_each(|it| self.add(it)),
            _ => self.add(node),
        }
    }

    /// Whether a short form that starts with a variable is a bind mount is not known.
    fn mount(&self, volume: &mut Node) {
        let is_bind = match &volume.value {
            Value::String(short) => short.starts_with(['.', '~']),
            _ => volume.get("type").and_then(Node::as_str) == Some("bind"),
        };
        if is_bind {
            self.each(volume, "source");
        }
    }

    fn build(&self, build: &mut Node) {
        let contexts = build.get_mut("additional_contexts").and_then(Node::as_mapping_mut);
        for context in contexts.into_iter().flat_map(Mapping::nodes_mut) {
            self.context(context);
        }
        match build.get_mut("context") {
            Some(context) => self.context(context),
            None => self.context(build),
        }
    }

    fn context(&self, context: &mut Node) {
        let is_local = context.as_str().is_some_and(|text| {
            let remote = ["service:", "github.com/", "git@"];
            !text.contains("://") && !remote.iter().any(|prefix| text.starts_with(prefix))
        });
        if is_local {
            self.add(context);
        }
    }

    fn add(&self, node: &mut Node) {
        let Value::String(path) = &mut node.value else { return };
        if path.is_empty() || path.starts_with(['/', '$', '\\']) {
            return;
        }
        if !path.contains(['$', ':']) {
            *path = absolute(path, self.directory, self.home).display().to_string();
            return;
        }
        *path = match (path.strip_prefix('~'), self.home) {
            (Some(rest), Some(home)) => format!("{home}/{}", rest.trim_start_matches('/')),
            _ => format!("{}/{}", self.directory.display(), path.trim_start_matches("./")),
        };
    }
}
