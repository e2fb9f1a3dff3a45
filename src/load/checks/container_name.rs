use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Report, Span, codes};
use crate::load::path::Path;
use crate::load::tree::{Mapping, Node};

/// Checks that no two of the selected services want the same container name.
pub fn check_container_names(root: &Node, report: &mut Report) {
    let services = root.get("services").and_then(Node::as_mapping);
    let path = Path::ROOT.key("services");
    let mut first_of: HashMap<&str, &Span> = HashMap::new();
    for (service, entry) in services.into_iter().flat_map(Mapping::iter) {
        let Some(node) = entry.node.get("container_name") else { continue };
        let Some(name) = node.as_str() else { continue };
        let Some(first) = first_of.insert(name, &node.span) else { continue };
        report.push(
            Diagnostic::error(
                codes::CONFLICTING_ATTRIBUTES,
                &path.key(service).key("container_name"),
                format!("two services have the container name `{name}`"),
            )
            .at(node.span.clone())
            .related(first.clone(), "the other one")
            .help("give one of them another name, or remove the attribute"),
        );
    }
}
