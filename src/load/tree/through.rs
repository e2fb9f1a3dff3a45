use std::sync::Arc;

use crate::diagnostic::{Span, Step, Via};

use super::{Node, Value};

impl Node {
    /// Records that the node and all below it came through one step more.
    pub fn go_through(&mut self, step: Step) {
        Walk { step: Arc::new(step), last: None }.node(self);
    }
}

struct Walk {
    step: Arc<Step>,
    /// Neighbours mostly came the same way, and then go on the same way.
    last: Option<(Via, Via)>,
}

impl Walk {
    fn node(&mut self, node: &mut Node) {
        self.span(&mut node.span);
        match &mut node.value {
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.node(item)),
            Value::Mapping(mapping) => {
                for (_, entry) in mapping.iter_mut() {
                    self.span(&mut entry.key);
                    self.node(&mut entry.node);
                }
            }
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => {}
        }
    }

    fn span(&mut self, span: &mut Span) {
        let after = match &self.last {
            Some((before, after)) if before.is_same(span.via()) => after.clone(),
            _ => {
                let after = span.via().and(&self.step);
                self.last = Some((span.via().clone(), after.clone()));
                after
            }
        };
        span.set_via(after);
    }
}
