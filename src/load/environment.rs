use std::collections::{BTreeMap, BTreeSet};

/// The variables that a project sees: process environment first, then the `.env` files.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    /// Variables that were missing and have been reported.
    reported: BTreeSet<String>,
}

impl Environment {
    /// The process environment.
    pub fn new(variables: BTreeMap<String, String>) -> Self {
        Self { variables, reported: BTreeSet::new() }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The value of a variable, unless it is empty.
    pub fn get_non_empty(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Sets a variable that has no value yet.
    pub fn set_default(&mut self, name: String, value: String) {
        self.variables.entry(name).or_insert(value);
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// Remembers that a missing variable is reported; false when it was before.
    pub fn mark_reported(&mut self, name: &str) -> bool {
        self.reported.insert(name.to_owned())
    }
}
