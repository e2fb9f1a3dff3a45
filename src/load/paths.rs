//! Relative paths to absolute ones.

use std::path::{Component, Path as FilePath, PathBuf};

use crate::diagnostic::{Diagnostic, Loss, Report, codes};

use super::path::Path;
use super::tree::{Mapping, Node, Value};
use super::windows;

/// Makes the paths of a canonical tree absolute: they start from `directory`.
pub fn resolve_paths(
    root: &mut Node,
    directory: &FilePath,
    home: Option<&str>,
    report: &mut Report,
) {
    let mut resolver = Resolver { directory, home, report };
    resolver.each(root, "services", Resolver::service);
    resolver.each(root, "jobs", Resolver::member);
    for section in ["configs", "secrets"] {
        resolver.each(root, section, |resolver, resource, path| {
            if let Some(file) = resource.get_mut("file") {
                resolver.resolve_foreign(file, &path.key("file"));
            }
        });
    }
    resolver.each(root, "volumes", Resolver::volume);
}

/// Makes the path of a file that is read absolute and clean; `~` is the home directory.
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
    report: &'a mut Report,
}

impl Resolver<'_> {
    fn each(
        &mut self,
        root: &mut Node,
        section: &str,
        resolve: fn(&mut Self, &mut Mapping, &Path<'_>),
    ) {
        let Some(members) = root.get_mut(section).and_then(Node::as_mapping_mut) else { return };
        let path = Path::ROOT.key(section);
        for (name, entry) in members.iter_mut() {
            if let Some(member) = entry.node.as_mapping_mut() {
                resolve(self, member, &path.key(name));
            }
        }
    }

    fn items(
        &mut self,
        mapping: &mut Mapping,
        list: &str,
        path: &Path<'_>,
        resolve: fn(&mut Self, &mut Node, &Path<'_>),
    ) {
        let items = mapping.get_mut(list).and_then(Node::as_sequence_mut);
        let path = path.key(list);
        for (index, item) in items.into_iter().flatten().enumerate() {
            resolve(self, item, &path.index(index));
        }
    }

    fn service(&mut self, service: &mut Mapping, path: &Path<'_>) {
        self.member(service, path);
        self.items(service, "pre_start", path, |resolver, hook, path| {
            if let Some(hook) = hook.as_mapping_mut() {
                resolver.container(hook, path);
            }
        });
        // a service of a file that is extended may extend another one in turn
        let extended = service.get_mut("extends").and_then(|extends| extends.get_mut("file"));
        if let Some(file) = extended {
            self.resolve(file, &path.key("extends").key("file"));
        }
        if let Some(develop) = service.get_mut("develop").and_then(Node::as_mapping_mut) {
            self.items(develop, "watch", &path.key("develop"), Self::watch);
        }
    }

    /// What services and jobs have.
    fn member(&mut self, member: &mut Mapping, path: &Path<'_>) {
        self.container(member, path);
        if let Some(build) = member.get_mut("build").and_then(Node::as_mapping_mut) {
            self.build(build, &path.key("build"));
        }
    }

    fn container(&mut self, container: &mut Mapping, path: &Path<'_>) {
        self.items(container, "env_file", path, |resolver, file, path| {
            if let Some(file) = file.get_mut("path") {
                resolver.resolve(file, &path.key("path"));
            }
        });
        self.items(container, "label_file", path, Self::resolve);
        self.items(container, "volumes", path, |resolver, mount, path| {
            if mount.get("type").and_then(Node::as_str) == Some("bind")
                && let Some(source) = mount.get_mut("source")
            {
                resolver.resolve_foreign(source, &path.key("source"));
            }
        });
    }

    fn build(&mut self, build: &mut Mapping, path: &Path<'_>) {
        if let Some(context) = build.get_mut("context") {
            self.context(context, &path.key("context"));
        }
        for (key, resolve) in [
            ("additional_contexts", Self::context as fn(&mut Self, &mut Node, &Path<'_>)),
            ("ssh", Self::resolve_foreign),
        ] {
            let path = path.key(key);
            let named = build.get_mut(key).and_then(Node::as_mapping_mut);
            for (name, entry) in named.into_iter().flat_map(Mapping::iter_mut) {
                resolve(self, &mut entry.node, &path.key(name));
            }
        }
    }

    /// A local volume that is a bind mount in disguise; other drivers have paths of their own.
    fn volume(&mut self, volume: &mut Mapping, path: &Path<'_>) {
        let is_local = volume.get("driver").and_then(Node::as_str) == Some("local");
        let Some(options) = volume.get_mut("driver_opts").and_then(Node::as_mapping_mut) else {
            return;
        };
        let is_bind = options.get("o").and_then(Node::as_str) == Some("bind");
        if is_local
            && is_bind
            && let Some(device) = options.get_mut("device")
        {
            self.resolve_foreign(device, &path.key("driver_opts").key("device"));
        }
    }

    fn context(&mut self, node: &mut Node, path: &Path<'_>) {
        const REMOTE: [&str; 3] = ["service:", "github.com/", "git@"];
        let is_remote = node.as_str().is_none_or(|context| {
            context.contains("://") || REMOTE.iter().any(|prefix| context.starts_with(prefix))
        });
        if !is_remote {
            self.resolve(node, path);
        }
    }

    /// Changes are told by the path where they happen, which is that behind a symbolic link.
    fn watch(&mut self, watch: &mut Node, path: &Path<'_>) {
        let Some(node) = watch.get_mut("path") else { return };
        let path = path.key("path");
        self.resolve(node, &path);
        let Value::String(text) = &mut node.value else { return };
        match follow_link(FilePath::new(text)) {
            Ok(followed) => *text = followed.to_string_lossy().into_owned(),
            Err(error) => {
                let message = format!("`{text}` leads through a broken symbolic link: {error}");
                self.report.push(
                    Diagnostic::error(codes::UNREADABLE_FILE, &path, message)
                        .at(node.span.clone())
                        .help("create what the link points to, or watch another path"),
                );
            }
        }
    }

    /// A path of this machine.
    fn resolve(&mut self, node: &mut Node, path: &Path<'_>) {
        if node.as_str().is_some_and(|text| !text.is_empty()) {
            self.resolve_any(node, path, |_| false);
        }
    }

    /// A path of the machine where the containers run, which may be a Windows one. Nothing at all
    /// is the directory itself, as in Compose.
    fn resolve_foreign(&mut self, node: &mut Node, path: &Path<'_>) {
        self.resolve_any(node, path, windows::is_absolute);
    }

    fn resolve_any(&mut self, node: &mut Node, path: &Path<'_>, keeps: fn(&str) -> bool) {
        let Value::String(text) = &mut node.value else { return };
        if text.starts_with('~') && self.home.is_none() {
            let message = format!("`{text}` starts in the home directory, but `HOME` is not set");
            self.report.push(
                Diagnostic::warning(codes::UNSET_VARIABLE, Loss::Exact, path, message)
                    .at(node.span.clone())
                    .help("write the whole path"),
            );
        }
        // an absolute path stays as it is: without its `..` it may lead elsewhere
        if !text.starts_with('/') && !keeps(text) {
            *text = absolute(text, self.directory, self.home).to_string_lossy().into_owned();
        }
    }
}

/// Puts what the first symbolic link on the way points to in its place.
fn follow_link(path: &FilePath) -> std::io::Result<PathBuf> {
    let mut way = PathBuf::new();
    for component in path.components() {
        way.push(component);
        if way.is_symlink() {
            let rest = path.strip_prefix(&way).unwrap_or(FilePath::new(""));
            let target = way.canonicalize()?;
            // joining nothing would add a slash
            return Ok(if rest.as_os_str().is_empty() { target } else { target.join(rest) });
        }
    }
    Ok(path.to_owned())
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
    }
}
