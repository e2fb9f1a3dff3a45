//! Circles in `depends_on`.

use std::collections::HashMap;

use crate::load::tree::{Mapping, Node};

/// The services of the first circle, the first of them again at the end.
pub(super) fn find_cycle(services: &Mapping) -> Option<Vec<String>> {
    let edges: HashMap<&str, Vec<&str>> = services
        .iter()
        .map(|(name, entry)| {
            let dependencies = entry.node.get("depends_on").and_then(Node::as_mapping);
            let names = dependencies.into_iter().flat_map(Mapping::keys).map(String::as_str);
            (name.as_str(), names.collect())
        })
        .collect();
    let mut state: HashMap<&str, State> = HashMap::new();
    for start in services.keys() {
        if let Some(cycle) = visit(start, &edges, &mut state) {
            return Some(cycle);
        }
    }
    None
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    OnPath,
    Done,
}

/// Depth first with a path of its own: a chain of services may be longer than the stack is deep.
fn visit<'s>(
    start: &'s str,
    edges: &HashMap<&'s str, Vec<&'s str>>,
    state: &mut HashMap<&'s str, State>,
) -> Option<Vec<String>> {
    let targets = |name: &str| edges.get(name).map(|targets| targets.iter());
    if state.contains_key(start) {
        return None;
    }
    state.insert(start, State::OnPath);
    let mut path = vec![(start, targets(start)?)];
    while let Some((name, rest)) = path.last_mut() {
        let Some(next) = rest.next() else {
            state.insert(name, State::Done);
            path.pop();
            continue;
        };
        match state.get(next) {
            Some(State::Done) => {}
            Some(State::OnPath) => {
                let names = path.iter().map(|(name, _)| *name).skip_while(|name| name != next);
                return Some(names.chain([*next]).map(str::to_owned).collect());
            }
            None => {
                // an undefined service is reported elsewhere
                if let Some(targets) = targets(next) {
                    state.insert(next, State::OnPath);
                    path.push((next, targets));
                }
            }
        }
    }
    None
}
