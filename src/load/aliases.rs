//! Extensions that the specification has adopted: files from before say `x-develop`.

use crate::diagnostic::Report;

use super::document::Document;
use super::merge::merge_attribute;
use super::path::Path;
use super::tree::{Entry, Mapping, Node};

/// Renames the extensions of a document to the attributes that they have become. An attribute that
/// is there as well is merged over its extension.
pub fn promote_aliases(document: &mut Document, report: &mut Report) {
    document.removed.rename("services", "x-develop", "develop");
    let Some(services) = document.root.get_mut("services").and_then(Node::as_mapping_mut) else {
        return;
    };
    let path = Path::ROOT.key("services");
    for (name, entry) in services.iter_mut() {
        if let Some(service) = entry.node.as_mapping_mut() {
            promote_in_service(service, &path.key(name), report);
        }
    }
}

fn promote_in_service(service: &mut Mapping, path: &Path<'_>, report: &mut Report) {
    promote(service, "x-develop", "develop", path, report);
    let path = path.key("develop");
    let path = path.key("watch");
    let watches = service.get_mut("develop").and_then(|develop| develop.get_mut("watch"));
    let watches = watches.and_then(Node::as_sequence_mut).into_iter().flatten();
    for (index, watch) in watches.enumerate() {
        if let Some(watch) = watch.as_mapping_mut() {
            promote(watch, "x-initialSync", "initial_sync", &path.index(index), report);
        }
    }
}

fn promote(owner: &mut Mapping, from: &str, to: &str, path: &Path<'_>, report: &mut Report) {
    let Some(extension) = owner.remove(from) else { return };
    let (key, node) = match owner.remove(to) {
        Some(attribute) => {
            let mut merged = extension.node;
            merge_attribute(&mut merged, attribute.node, &path.key(to), report);
            (attribute.key, merged)
        }
        None => (extension.key, extension.node),
    };
    owner.insert(to, Entry { key, node });
}
