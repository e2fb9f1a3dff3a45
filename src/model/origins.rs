use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::diagnostic::{Source, Span};

/// Where each attribute was written: Compose path (`services.web.ports[0].target`) to span.
#[derive(Debug, Clone, Default)]
pub struct Origins(HashMap<String, Span>);

impl Origins {
    /// Records the place of a path.
    pub fn insert(&mut self, path: impl Into<String>, span: Span) {
        self.0.insert(path.into(), span);
    }

    /// The places of a path and of all that it stands in, the path itself first.
    pub fn way(&self, path: &str) -> Vec<&Span> {
        let mut places = Vec::new();
        let mut path = Some(path);
        while let Some(current) = path {
            places.extend(self.0.get(current));
            path = above(current);
        }
        places
    }

    /// The files that attributes are written in, by name; files that may hold secrets are none.
    pub fn sources(&self) -> Vec<Arc<Source>> {
        let mut sources: HashMap<usize, &Arc<Source>> = HashMap::new();
        for span in self.0.values().filter(|span| !span.source.confidential) {
            sources.insert(Arc::as_ptr(&span.source).addr(), &span.source);
        }
        let mut sources: Vec<Arc<Source>> = sources.into_values().cloned().collect();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        sources
    }

    /// Whether an attribute is written on a line, counted from 1.
    pub fn has_line(&self, source: &Arc<Source>, line: usize) -> bool {
        let is_there =
            |span: &Span| Arc::ptr_eq(&span.source, source) && span.line_column().0 == line;
        self.0.values().any(is_there)
    }

    /// The paths that end like this, in order.
    pub fn ending_with(&self, end: &str) -> Vec<&str> {
        let paths = self.0.keys().map(String::as_str);
        let mut paths: Vec<&str> = paths.filter(|path| path.ends_with(end)).collect();
        paths.sort_unstable();
        paths
    }

    /// The paths that hold a value and no further attributes, without those of extensions.
    pub fn attributes(&self) -> Vec<&str> {
        let mut holders: HashSet<&str> = HashSet::new();
        for path in self.0.keys() {
            let mut path = above(path);
            // A name may have dots, so that what is above it is found further up.
            while let Some(current) = path.filter(|path| !self.0.contains_key(*path)) {
                path = above(current);
            }
            holders.extend(path);
        }
        let is_extension = |path: &str| path.split('.').any(|part| part.starts_with("x-"));
        let paths = self.0.keys().map(String::as_str);
        paths.filter(|path| !holders.contains(path) && !is_extension(path)).collect()
    }

    /// The place of a path, or else of the nearest path above it that was written.
    pub fn get(&self, path: &str) -> Option<&Span> {
        let mut path = path;
        loop {
            if let Some(span) = self.0.get(path) {
                return Some(span);
            }
            path = above(path)?;
        }
    }
}

/// What a path stands in, as far as its letters tell.
fn above(path: &str) -> Option<&str> {
    path.get(..path.rfind(['.', '['])?)
}
