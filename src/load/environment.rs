use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::diagnostic::{Span, Step, StepKind, Via};

/// How many bytes all values of a project that variables stand in may have together.
const MAX_EXPANDED: usize = 64 << 20;

/// The variables that a project sees: process environment first, then the `.env` files.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, Variable>,
    /// Variables that were missing and have been reported.
    reported: BTreeSet<String>,
    /// How many bytes the values have that variables stand in.
    expanded: usize,
    /// Values of configs and secrets that only included projects know, by Compose path.
    included: BTreeMap<String, String>,
}

#[derive(Clone)]
struct Variable {
    value: String,
    /// Made once: the step holds a copy of the value, and a value may be used everywhere.
    via: Via,
}

/// Who sets a variable.
#[derive(Debug, Clone)]
pub enum Setting {
    /// The process environment.
    Process,
    /// A line of a file; with its own history where other variables made the value.
    File(Span),
    /// longshore.
    Own,
}

impl Setting {
    fn via(&self, name: &str, value: &str) -> Via {
        match self {
            Self::Process => Via::default().and(&Arc::new(Step::process_variable(name, value))),
            Self::File(line) => line.via().and(&Arc::new(Step::at(StepKind::Variable, name, line))),
            Self::Own => Via::default().and(&Arc::new(Step::own_variable(name))),
        }
    }
}

impl Environment {
    /// The process environment.
    pub fn new(variables: BTreeMap<String, String>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| {
            let via = Setting::Process.via(&name, &value);
            (name, Variable { value, via })
        });
        Self { variables: variables.collect(), ..Self::default() }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|variable| variable.value.as_str())
    }

    /// The value of a variable, unless it is empty.
    pub fn get_non_empty(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Through what a text came that is the value of a variable.
    pub fn via(&self, name: &str) -> Via {
        self.variables.get(name).map_or_else(Via::default, |variable| variable.via.clone())
    }

    /// Sets a variable that has no value yet.
    pub fn set_default(&mut self, name: String, value: String, setting: &Setting) {
        if let Entry::Vacant(vacant) = self.variables.entry(name) {
            let via = setting.via(vacant.key(), &value);
            vacant.insert(Variable { value, via });
        }
    }

    /// Sets a variable that longshore chooses.
    pub fn set(&mut self, name: &str, value: &str) {
        let via = Setting::Own.via(name, value);
        self.variables.insert(name.to_owned(), Variable { value: value.to_owned(), via });
    }

    /// The value that an included project has for a config or secret.
    pub fn included(&self, path: &str) -> Option<&str> {
        self.included.get(path).map(String::as_str)
    }

    /// Keeps a value that an included project has for a config or secret.
    pub fn keep_included(&mut self, path: String, value: String) {
        self.included.insert(path, value);
    }

    /// A short text that is another one for other values.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for (name, variable) in &self.variables {
            for text in [name, &variable.value] {
                hash.update(text.len().to_le_bytes());
                hash.update(text);
            }
        }
        hash.finalize().into()
    }

    /// All variables with their values.
    pub fn into_variables(self) -> BTreeMap<String, String> {
        self.variables.into_iter().map(|(name, variable)| (name, variable.value)).collect()
    }

    /// The names of all variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// What a copy of all variables costs, in values of a compose file.
    pub fn count(&self) -> usize {
        self.variables.values().map(|variable| 1 + variable.value.len() / 256).sum()
    }

    /// Counts a value that variables stand in; false when all together are too long.
    pub fn take_expanded(&mut self, bytes: usize) -> bool {
        self.expanded = self.expanded.saturating_add(bytes);
        self.expanded <= MAX_EXPANDED
    }

    /// Remembers that a missing variable is reported; false when it was before.
    pub fn mark_reported(&mut self, name: &str) -> bool {
        self.reported.insert(name.to_owned())
    }
}

/// Reads a truth value of a `COMPOSE_…` variable.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
