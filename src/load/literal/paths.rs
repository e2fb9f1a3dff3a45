use std::path::Path as FilePath;

use crate::load::paths::absolute;
use crate::load::tree::{Node, Value};
use crate::load::windows;

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
        ["services" | "jobs", _, "build"] => prefix.build(part),
        ["services", _, "pre_start"] => {
            for hook in items(part).filter_map(Node::as_mapping_mut) {
                for (attribute, entry) in hook.iter_mut() {
                    prefix.container(attribute, &mut entry.node);
                }
            }
        }
        ["services" | "jobs", _, attribute] if *attribute != "develop" => {
            prefix.container(attribute, part);
        }
        ["services", _, "develop"] => {
            if let Some(watch) = part.get_mut("watch") {
                prefix.each(watch, "path");
            }
        }
        ["configs" | "secrets", _] => {
            if let Some(file) = part.get_mut("file") {
                prefix.add_foreign(file);
            }
        }
        ["volumes", _] => {
            let is_local = part.get("driver").and_then(Node::as_str) == Some("local");
            if let Some(options) = part.get_mut("driver_opts").filter(|_| is_local)
                && options.get("o").and_then(Node::as_str) == Some("bind")
                && let Some(device) = options.get_mut("device")
            {
                prefix.add_foreign(device);
            }
        }
        _ => {}
    }
}

fn items(list: &mut Node) -> impl Iterator<Item = &mut Node> {
    list.as_sequence_mut().into_iter().flatten()
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

    /// An attribute of a service, a job or a hook.
    fn container(&self, attribute: &str, node: &mut Node) {
        match attribute {
            "env_file" => self.each(node, "path"),
            "label_file" => self.each(node, ""),
            "volumes" => items(node).for_each(|volume| self.mount(volume)),
            _ => {}
        }
    }

    /// Whether a short form that starts with a variable is a bind mount is not known.
    fn mount(&self, volume: &mut Node) {
        match &volume.value {
            Value::String(short) if short.starts_with(['.', '~']) => self.add(volume),
            Value::Mapping(long) if long.get("type").and_then(Node::as_str) == Some("bind") => {
                if let Some(source) = volume.get_mut("source") {
                    self.add_foreign(source);
                }
            }
            _ => {}
        }
    }

    fn build(&self, build: &mut Node) {
        if let Some(contexts) = build.get_mut("additional_contexts") {
            self.pairs(contexts, Self::context);
        }
        if let Some(keys) = build.get_mut("ssh") {
            self.pairs(keys, Self::add_foreign);
        }
        match build.get_mut("context") {
            Some(context) => self.context(context),
            None => self.context(build),
        }
    }

    /// The values of a mapping, or of a list of `NAME=VALUE`.
    fn pairs(&self, pairs: &mut Node, add: fn(&Self, &mut Node)) {
        match &mut pairs.value {
            Value::Mapping(mapping) => mapping.nodes_mut().for_each(|value| add(self, value)),
            Value::Sequence(items) => {
                for item in items {
                    let Some((name, value)) = item.as_str().and_then(|it| it.split_once('='))
                    else {
                        continue;
                    };
                    let name = name.to_owned();
                    let mut value = Node::string(value, &item.span);
                    add(self, &mut value);
                    let value = value.to_text().unwrap_or_default();
                    item.value = Value::String(format!("{name}={value}"));
                }
            }
            _ => {}
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

    /// A path of the machine where the containers run, which may be a Windows one.
    fn add_foreign(&self, node: &mut Node) {
        if !node.as_str().is_some_and(windows::is_absolute) {
            self.add(node);
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
