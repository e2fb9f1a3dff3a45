use std::collections::HashMap;

use crate::diagnostic::Span;

/// Where each attribute was written: Compose path (`services.web.ports[0].target`) to span.
#[derive(Debug, Clone, Default)]
pub struct Origins(HashMap<String, Span>);

impl Origins {
    /// Records the place of a path.
    pub fn insert(&mut self, path: impl Into<String>, span: Span) {
        self.0.insert(path.into(), span);
    }

    /// The place of a path, or else of the nearest path above it that was written.
    pub fn get(&self, path: &str) -> Option<&Span> {
        let mut path = path;
        loop {
            if let Some(span) = self.0.get(path) {
                return Some(span);
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }
}
