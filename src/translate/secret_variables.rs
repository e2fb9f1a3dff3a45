use std::collections::BTreeSet;

use serde_json::Value;

use crate::diagnostic::{Loss, codes, looks_secret};
use crate::model::{Extensions, Project, Service};

use super::findings::Site;
use super::label::{setting, settings};
use super::scope::Scope;

/// In `x-longshore` of the project or of a service: rules as one text, or as a list.
const SETTING: &str = "secret-variables";
/// What to do with a rule that no variable fits.
const IDLE: &str = "correct the name, or remove it";

/// Which variables hold secrets, where the user says so: the rules of `--secret-variables`.
///
/// A rule is a name, in which `*` stands for anything; `!` in front of it says that the variable holds none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretVariables(Vec<Rule>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    pattern: String,
    is_secret: bool,
}

impl SecretVariables {
    /// Reads rules, separated by commas or blanks.
    pub fn parse(text: &str) -> Result<Self, String> {
        let separated = text.split([',', ' ', '\t', '\n']).filter(|part| !part.is_empty());
        let rules: Result<Vec<Rule>, String> = separated
            .map(|part| {
                let (pattern, is_secret) =
                    part.strip_prefix('!').map_or((part, true), |pattern| (pattern, false));
                let is_known = |it: char| it.is_ascii_alphanumeric() || "_-.*".contains(it);
                if pattern.is_empty() || !pattern.chars().all(is_known) {
                    return Err(format!("`{part}` is not the name of a variable"));
                }
                Ok(Rule { pattern: pattern.to_owned(), is_secret })
            })
            .collect();
        rules.map(Self)
    }

    /// The rules for a service, of which the last one that fits counts: those of the project, of the command line, of the
    /// service, and of its label.
    pub fn of(service: &Service, project: &Project, by_option: &Self) -> Self {
        let label = setting(&service.container.labels, settings::SECRET_VARIABLES);
        let label = label.and_then(|(_, text)| Self::parse(text).ok());
        let mut all = Self::set(&project.extensions).unwrap_or_default();
        all.add(by_option.clone());
        all.add(Self::set(&service.extensions).unwrap_or_default());
        all.add(label.unwrap_or_default());
        all
    }

    /// What `x-longshore` says.
    fn set(extensions: &Extensions) -> Result<Self, String> {
        let is_no_text = || "the names of variables are texts".to_owned();
        match extensions.setting(SETTING) {
            None => Ok(Self::default()),
            Some(Value::String(text)) => Self::parse(text),
            Some(Value::Array(items)) => {
                let mut all = Self::default();
                for item in items {
                    all.add(Self::parse(item.as_str().ok_or_else(is_no_text)?)?);
                }
                Ok(all)
            }
            Some(_) => Err(is_no_text()),
        }
    }

    /// Adds rules, which count more than those before.
    pub fn add(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Whether a variable holds a secret: by the rules, or else by its look.
    pub fn hold_secret(&self, name: &str, value: &str) -> bool {
        self.decide(name).unwrap_or_else(|| looks_secret(name, value))
    }

    /// Whether a variable holds a secret, none where no rule says so.
    fn decide(&self, name: &str) -> Option<bool> {
        let rule = self.0.iter().rev().find(|rule| matches(&rule.pattern, name));
        rule.map(|rule| rule.is_secret)
    }
}

/// Says what is wrong with the rules of the project.
pub fn check_secret_variables_of_project(scope: &Scope) {
    let services = scope.project.services.values();
    let names = services.flat_map(|service| service.container.environment.keys());
    let names: BTreeSet<&str> = names.map(String::as_str).collect();
    let site = scope.site(format!("x-longshore.{SETTING}"));
    for pattern in idle(SecretVariables::set(&scope.project.extensions), &names, &site) {
        // Which services take part is up to each call.
        let message = format!("no service has a variable `{pattern}`");
        site.note(codes::INVALID_SETTING, Loss::Exact, message, IDLE);
    }
}

/// Says what is wrong with the rules of a service.
pub fn check_secret_variables(service: &Service, site: &Site) {
    let names = service.container.environment.keys().map(String::as_str).collect();
    let message = |pattern: String| format!("the service has no variable `{pattern}`");
    let in_file = site.child("x-longshore").child(SETTING);
    for pattern in idle(SecretVariables::set(&service.extensions), &names, &in_file) {
        in_file.warn(codes::INVALID_SETTING, Loss::Exact, message(pattern), IDLE);
    }
    if let Some((label, text)) = setting(&service.container.labels, settings::SECRET_VARIABLES) {
        let label = site.child("labels").child(label);
        for pattern in idle(SecretVariables::parse(text), &names, &label) {
            label.not_translated(message(pattern), IDLE);
        }
    }
}

/// The rules that no variable fits; says what is no rule.
fn idle(
    rules: Result<SecretVariables, String>,
    names: &BTreeSet<&str>,
    site: &Site,
) -> Vec<String> {
    match rules {
        Err(wrong) => {
            site.invalid(wrong, "write names, e.g. `APP_KEY, *_DSN, !TOKEN_COUNT`");
            Vec::new()
        }
        Ok(SecretVariables(rules)) => {
            let patterns = rules.into_iter().map(|rule| rule.pattern);
            patterns.filter(|it| !names.iter().any(|name| matches(it, name))).collect()
        }
    }
}

/// Whether a name is as the pattern says.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(start) else { return false };
    let mut ends = name.char_indices().map(|(index, _)| index).chain([name.len()]);
    ends.any(|index| name.get(index..).is_some_and(|name| matches(rest, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rule_that_matches_counts() {
        let rules = SecretVariables::parse("*_DSN, !READ_*,APP_*_X !*").unwrap();
        let first = SecretVariables::parse("*_DSN,!READ_*, READ_ALL_*").unwrap();
        for (name, expected) in [
            ("A_DSN", Some(true)),
            ("READ_DSN", Some(false)),
            ("READ_ALL_DSN", Some(true)),
            ("OTHER", None),
        ] {
            assert_eq!(first.decide(name), expected, "{name}");
            assert_eq!(rules.decide(name), Some(false), "{name}");
        }
        for wrong in ["!", "A B!", "A=b", "ü"] {
            assert!(SecretVariables::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(SecretVariables::parse(" ").unwrap(), SecretVariables::default());
    }

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("A*", "A", true),
            ("*A", "BA", true),
            ("A*B*C", "AxBxBxC", true),
            ("A*B", "AxC", false),
            ("A", "AB", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
