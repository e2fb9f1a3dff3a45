//! A canonical tree to the typed project.
//!
//! # Invariants
//! - Each attribute is taken out of the tree when it is bound, and what is left is reported: nothing
//!   is lost by forgetting it. A test has every attribute of the schema bound, or in [`USED_UP`].

mod build;
mod container;
mod deploy;
mod device;
mod extensions;
mod fields;
mod file;
mod hook;
mod mount;
mod network;
mod resource;
mod service;

use std::path::Path as FilePath;

use indexmap::IndexMap;

use crate::diagnostic::Report;
use crate::model::{Origins, Project};

use super::tree::{Node, Value};

use fields::Fields;

/// The attributes that the loader uses up with all that is below them, so that the model does not
/// hold them, and what is left of them.
pub const USED_UP: &[(&str, &str)] = &[
    ("version", "nothing: it has no meaning"),
    ("include", "the resources of the included files"),
    ("services.extends", "the attributes of the extended service"),
    ("services.env_file", "`environment`"),
    ("services.label_file", "`labels`"),
    ("services.pre_start.env_file", "`environment`"),
    ("services.pre_start.label_file", "`labels`"),
    ("networks.external.name", "`name`"),
    ("networks.external.x-*", "nothing"),
    ("volumes.external.name", "`name`"),
    ("volumes.external.x-*", "nothing"),
    ("configs.external.name", "`name`"),
    ("secrets.external.name", "`name`"),
];

/// Binds a whole project. Values that cannot be bound are reported and left out.
pub fn bind_project(
    root: Node,
    name: String,
    directory: &FilePath,
    report: &mut Report,
) -> Project {
    let mut origins = Origins::default();
    record_origins(&root, &mut String::new(), &mut origins);
    let directory = directory.to_owned();
    let Some(mut fields) = Fields::new(root, String::new(), report) else {
        return Project { name, directory, origins, ..Project::default() };
    };
    // the name is decided already: the command line and the environment go before the file
    fields.discard("name");
    let project = Project {
        name,
        directory,
        services: fields.members("services", service::service),
        jobs: fields.members("jobs", service::job),
        networks: fields.members("networks", network::network),
        volumes: fields.members("volumes", resource::volume),
        configs: bound(fields.members("configs", resource::config)),
        secrets: bound(fields.members("secrets", resource::secret)),
        models: fields.members("models", resource::model),
        extensions: fields.extensions(),
        origins,
    };
    fields.finish();
    project
}

/// The members that could be bound; the others are reported.
fn bound<T>(members: IndexMap<String, Option<T>>) -> IndexMap<String, T> {
    members.into_iter().filter_map(|(name, member)| Some((name, member?))).collect()
}

/// `path` is the path of the node, and is again when this returns. What stands below a path that
/// nobody can read has the place of what is above it.
fn record_origins(node: &Node, path: &mut String, origins: &mut Origins) {
    const MAX_PATH: usize = 500;
    let length = path.len();
    if length > MAX_PATH {
        return;
    }
    match &node.value {
        Value::Mapping(mapping) => {
            for (key, entry) in mapping.iter() {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                origins.insert(path.as_str(), entry.span().clone());
                record_origins(&entry.node, path, origins);
                path.truncate(length);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push('[');
                path.push_str(&index.to_string());
                path.push(']');
                origins.insert(path.as_str(), item.span.clone());
                record_origins(item, path, origins);
                path.truncate(length);
            }
        }
        _ => {}
    }
}
