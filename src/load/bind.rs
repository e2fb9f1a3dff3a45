//! A canonical tree to the typed project.
//!
//! # Invariants
//! - Each attribute is taken out of the tree when it is bound; what is left is
//!   [`Project::untyped`], so nothing is lost by forgetting it.

mod deploy;
mod fields;
mod mount;
mod network;
mod resource;
mod service;

use std::path::Path as FilePath;

use indexmap::IndexMap;

use crate::diagnostic::Report;
use crate::model::{Origins, Project, UntypedAttribute};

use super::tree::{Node, Value};

use fields::Fields;

/// What binding needs beside the tree, and what it finds.
struct Binder<'a> {
    report: &'a mut Report,
    untyped: Vec<UntypedAttribute>,
}

/// Binds a whole project. Values that cannot be bound are reported and left out.
pub fn bind_project(
    root: Node,
    name: String,
    directory: &FilePath,
    report: &mut Report,
) -> Project {
    let mut project = Project { name, directory: directory.to_owned(), ..Project::default() };
    record_origins(&root, &mut String::new(), &mut project.origins);
    let mut binder = Binder { report, untyped: Vec::new() };
    let Some(mut fields) = Fields::new(root, String::new(), &mut binder) else { return project };
    fields.discard("name");
    project.services = fields.members("services", service::service);
    project.networks = fields.members("networks", resource::network);
    project.volumes = fields.members("volumes", resource::volume);
    project.configs = bound(fields.members("configs", resource::config));
    project.secrets = bound(fields.members("secrets", resource::secret));
    fields.finish();
    project.untyped = binder.untyped;
    project
}

/// The members that could be bound; the others are reported.
fn bound<T>(members: IndexMap<String, Option<T>>) -> IndexMap<String, T> {
    members.into_iter().filter_map(|(name, member)| Some((name, member?))).collect()
}

/// `path` is the path of the node, and is again when this returns.
fn record_origins(node: &Node, path: &mut String, origins: &mut Origins) {
    let length = path.len();
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
