use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Span, Step, StepKind, Via};

/// The variables that a project sees: process environment first, then the `.env` files.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, Variable>,
    /// Variables that were missing and have been reported.
    reported: BTreeSet<String>,
}

#[derive(Clone)]
struct Variable {
    value: String,
    setting: Setting,
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

impl Environment {
    /// The process environment.
    pub fn new(variables: BTreeMap<String, String>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| {
            let setting = Setting::Process;
            (name, Variable { value, setting })
        });
        Self { variables: variables.collect(), reported: BTreeSet::new() }
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
        let Some(Variable { value, setting }) = self.variables.get(name) else {
            return Via::default();
        };
        match setting {
            Setting::Process => Via::default().and(&Arc::new(Step::process_variable(name, value))),
            Setting::File(line) => {
                line.via().and(&Arc::new(Step::at(StepKind::Variable, name, line)))
            }
            Setting::Own => Via::default().and(&Arc::new(Step::own_variable(name))),
        }
    }

    /// Sets a variable that has no value yet.
    pub fn set_default(&mut self, name: String, value: String, setting: Setting) {
        self.variables.entry(name).or_insert(Variable { value, setting });
    }

    /// Sets a variable that longshore chooses.
    pub fn set(&mut self, name: &str, value: &str) {
        let value = value.to_owned();
        self.variables.insert(name.to_owned(), Variable { value, setting: Setting::Own });
    }

    /// The names of all variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
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
