use std::collections::HashMap;

use indexmap::IndexMap;

use crate::diagnostic::Span;
use crate::load::tree::{Mapping, Node};

/// All services and jobs, before profiles take some of them out.
pub struct Members {
    /// Whether a service can be built.
    buildable: HashMap<String, bool>,
    /// Where the jobs are written.
    jobs: IndexMap<String, Span>,
}

impl Members {
    /// Those of a canonical tree.
    pub fn new(root: &Node) -> Self {
        let members = |section: &str| {
            let members = root.get(section).and_then(Node::as_mapping);
            members.into_iter().flat_map(Mapping::iter)
        };
        let is_buildable = |service: &Node| service.get("build").is_some();
        Self {
            buildable: members("services")
                .map(|(name, entry)| (name.clone(), is_buildable(&entry.node)))
                .collect(),
            jobs: members("jobs").map(|(name, entry)| (name.clone(), entry.key.clone())).collect(),
        }
    }

    /// Whether a service can be built; none when there is no such service.
    pub(super) fn is_buildable(&self, service: &str) -> Option<bool> {
        self.buildable.get(service).copied()
    }

    /// All jobs with where they are written.
    pub(super) fn jobs(&self) -> impl Iterator<Item = (&String, &Span)> {
        self.jobs.iter()
    }

    /// Where a job is written.
    pub(super) fn job(&self, name: &str) -> Option<&Span> {
        self.jobs.get(name)
    }
}
