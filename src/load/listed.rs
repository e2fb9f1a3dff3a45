//! `environment: [NAME]`: variables that take their value from where the document is read.

use super::environment::Environment;
use super::tree::{Mapping, Node, Value};

/// Gives the listed variables of services and jobs their values, as far as they have one here:
/// an included project knows variables that the whole does not. As in Compose, a mapping
/// (`NAME: null`) has to wait for the variables of the whole project.
pub fn set_listed_variables(root: &mut Node, environment: &Environment) {
    for section in ["services", "jobs"] {
        let members = root.get_mut(section).and_then(Node::as_mapping_mut);
        for member in members.into_iter().flat_map(Mapping::nodes_mut) {
            let listed = member.get_mut("environment").and_then(Node::as_sequence_mut);
            for item in listed.into_iter().flatten() {
                set(item, environment);
            }
        }
    }
}

fn set(item: &mut Node, environment: &Environment) {
    let Value::String(text) = &mut item.value else { return };
    if let Some(value) = environment.get(text) {
        let via = environment.via(text).and_all(item.span.via());
        text.push('=');
        text.push_str(value);
        item.span.set_via(via);
    }
}
