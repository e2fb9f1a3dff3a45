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

use crate::diagnostic::Report;
use crate::model::{Origins, Project, UntypedAttribute};

use super::environment::Environment;
use super::path::Path;
use super::tree::{Node, Value};

use fields::Fields;

/// What binding needs beside the tree, and what it finds.
struct Binder<'a> {
    environment: &'a Environment,
    report: &'a mut Report,
    untyped: Vec<UntypedAttribute>,
}

/// Binds a whole project. Values that cannot be bound are reported and left out.
pub fn bind_project(
    root: Node,
    name: String,
    directory: &FilePath,
    environment: &Environment,
    report: &mut Report,
) -> Project {
    let mut project = Project { name, directory: directory.to_owned(), ..Project::default() };
    record_origins(&root, &Path::ROOT, &mut project.origins);
    let mut binder = Binder { environment, report, untyped: Vec::new() };
    let Some(mut fields) = Fields::new(root, String::new(), &mut binder) else { return project };
    fields.discard("name");
    project.services = fields.members("services", service::service);
    project.networks = fields.members("networks", resource::network);
    project.volumes = fields.members("volumes", resource::volume);
    project.configs = fields.members("configs", resource::config).into_iter().flat_some().collect();
    project.secrets = fields.members("secrets", resource::secret).into_iter().flat_some().collect();
    fields.finish();
    project.untyped = binder.untyped;
    project
}

trait FlatSome<T>: Iterator<Item = (String, Option<T>)> + Sized {
    fn flat_some(self) -> impl Iterator<Item = (String, T)> {
        self.filter_map(|(name, member)| Some((name, member?)))
    }
}

impl<T, I: Iterator<Item = (String, Option<T>)>> FlatSome<T> for I {}

fn record_origins(node: &Node, path: &Path<'_>, origins: &mut Origins) {
    match &node.value {
        Value::Mapping(mapping) => {
            for (key, entry) in mapping.iter() {
                let path = path.key(key);
                origins.insert(&path, entry.span().clone());
                record_origins(&entry.node, &path, origins);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = path.index(index);
                origins.insert(&path, item.span.clone());
                record_origins(item, &path, origins);
            }
        }
        _ => {}
    }
}
