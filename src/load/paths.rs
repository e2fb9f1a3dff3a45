//! Relative paths to absolute ones.

use std::path::{Component, Path as FilePath, PathBuf};

use super::tree::{Mapping, Node, Value};

/// Makes the paths of a canonical tree absolute: they start from `directory`.
pub fn resolve_paths(root: &mut Node, directory: &FilePath, home: Option<&str>) {
    let resolver = Resolver { directory, home };
    if let Some(services) = root.get_mut("services").and_then(Node::as_mapping_mut) {
        for service in services.nodes_mut().filter_map(Node::as_mapping_mut) {
            resolver.service(service);
        }
    }
    for section in ["configs", "secrets"] {
        if let Some(members) = root.get_mut(section).and_then(Node::as_mapping_mut) {
            for file in members.nodes_mut().filter_map(|member| member.get_mut("file")) {
                resolver.resolve(file);
            }
        }
    }
    if let Some(volumes) = root.get_mut("volumes").and_then(Node::as_mapping_mut) {
        for volume in volumes.nodes_mut().filter_map(Node::as_mapping_mut) {
            resolver.volume(volume);
        }
    }
}

/// Makes one path absolute and clean; `~` is the home directory.
pub fn absolute(path: &str, directory: &FilePath, home: Option<&str>) -> PathBuf {
    let expanded = match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) => FilePath::new(home).join(rest.trim_start_matches('/')),
        _ => PathBuf::from(path),
    };
    let mut clean = PathBuf::new();
    for component in directory.join(expanded).components() {
        match component {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    clean
}

/// A path in a container without `.`, `..`, doubled and trailing slashes.
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, inner) => format!("/{inner}"),
        (false, inner) if inner.is_empty() => ".".to_owned(),
        (false, inner) => inner,
    }
}

struct Resolver<'a> {
    directory: &'a FilePath,
    home: Option<&'a str>,
}

impl Resolver<'_> {
    fn service(&self, service: &mut Mapping) {
        let each = |service: &mut Mapping, list: &str, key: &str| {
            let items = service.get_mut(list).and_then(Node::as_sequence_mut);
            for path in items.into_iter().flatten().filter_map(|item| item.get_mut(key)) {
                self.resolve(path);
            }
        };
        each(service, "env_file", "path");
        if let Some(files) = service.get_mut("label_file").and_then(Node::as_sequence_mut) {
            for file in files {
                self.resolve(file);
            }
        }
        if let Some(volumes) = service.get_mut("volumes").and_then(Node::as_sequence_mut) {
            for volume in volumes.iter_mut().filter_map(Node::as_mapping_mut) {
                if volume.get("type").and_then(Node::as_str) == Some("bind")
                    && let Some(source) = volume.get_mut("source")
                {
                    self.resolve(source);
                }
            }
        }
        if let Some(develop) = service.get_mut("develop").and_then(Node::as_mapping_mut) {
            each(develop, "watch", "path");
        }
        if let Some(build) = service.get_mut("build").and_then(Node::as_mapping_mut) {
            self.build(build);
        }
    }

    fn build(&self, build: &mut Mapping) {
        if let Some(context) = build.get_mut("context") {
            self.resolve_context(context);
        }
        for (key, resolve) in [
            ("additional_contexts", Self::resolve_context as fn(&Self, &mut Node)),
            ("ssh", Self::resolve),
        ] {
            if let Some(mapping) = build.get_mut(key).and_then(Node::as_mapping_mut) {
                mapping.nodes_mut().for_each(|node| resolve(self, node));
            }
        }
    }

    fn volume(&self, volume: &mut Mapping) {
        let local = volume.get("driver").is_none_or(|driver| driver.as_str() == Some("local"));
        let Some(options) = volume.get_mut("driver_opts").and_then(Node::as_mapping_mut) else {
            return;
        };
        let bind = options.get("o").and_then(Node::as_str) == Some("bind");
        if local
            && bind
            && let Some(device) = options.get_mut("device")
        {
            self.resolve(device);
        }
    }

    fn resolve_context(&self, node: &mut Node) {
        const REMOTE: [&str; 7] =
            ["service:", "https:", "http:", "git:", "ssh:", "github.com/", "git@"];
        let remote = node.as_str().is_none_or(|context| {
            context.contains("://") || REMOTE.iter().any(|prefix| context.starts_with(prefix))
        });
        if !remote {
            self.resolve(node);
        }
    }

    fn resolve(&self, node: &mut Node) {
        if let Value::String(path) = &mut node.value
            && !path.is_empty()
            && !is_windows_absolute(path)
        {
            *path = absolute(path, self.directory, self.home).to_string_lossy().into_owned();
        }
    }
}

/// `C:\x` or `\\host\share`: Windows paths mean the same wherever the file is read.
fn is_windows_absolute(path: &str) -> bool {
    let mut bytes = path.bytes();
    let drive = bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.next() == Some(b':')
        && matches!(bytes.next(), Some(b'\\' | b'/'));
    drive || path.starts_with("\\\\")
}

/// A path as messages show it: relative to the working directory where it is below it.
pub fn shown(path: &FilePath, working_directory: &FilePath) -> String {
    path.strip_prefix(working_directory).unwrap_or(path).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_containers_are_cleaned() {
        let cases =
            [("/a/../b//c/.", "/b/c"), ("/", "/"), ("/..", "/"), ("a/..", "."), ("../x", "../x")];
        for (path, expected) in cases {
            assert_eq!(clean(path), expected);
        }
    }

    #[test]
    fn paths_of_the_host_become_absolute() {
        let show = |path: &str| absolute(path, FilePath::new("/p/q"), Some("/home/u"));
        assert_eq!(show("./a"), FilePath::new("/p/q/a"));
        assert_eq!(show("../a"), FilePath::new("/p/a"));
        assert_eq!(show("/x/./y"), FilePath::new("/x/y"));
        assert_eq!(show("~/a"), FilePath::new("/home/u/a"));
        assert_eq!(show("~"), FilePath::new("/home/u"));
        assert!(is_windows_absolute("C:\\x") && is_windows_absolute("\\\\h\\s"));
    }
}
