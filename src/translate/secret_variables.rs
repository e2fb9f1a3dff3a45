use crate::model::Service;

use super::findings::Site;
use super::label::{setting, settings};

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

    /// The rules for a service: its own come after those for all, and the last one counts.
    pub fn of(service: &Service, for_all: &Self) -> Self {
        let label = setting(&service.container.labels, settings::SECRET_VARIABLES);
        let own = label.and_then(|(_, text)| Self::parse(text).ok()).unwrap_or_default();
        Self(for_all.0.iter().cloned().chain(own.0).collect())
    }

    /// Adds rules, which count more than those before.
    pub fn add(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Whether a variable holds a secret, none where no rule says so.
    pub fn decide(&self, name: &str) -> Option<bool> {
        let rule = self.0.iter().rev().find(|rule| matches(&rule.pattern, name));
        rule.map(|rule| rule.is_secret)
    }
}

/// Says what is wrong with the rules of a service.
pub fn check_secret_variables(service: &Service, site: &Site) {
    let labels = &service.container.labels;
    let Some((label, text)) = setting(labels, settings::SECRET_VARIABLES) else { return };
    let site = site.child("labels").child(label);
    match SecretVariables::parse(text) {
        Err(wrong) => {
            site.invalid(wrong, "write names, e.g. `APP_KEY, *_DSN, !TOKEN_COUNT`");
        }
        Ok(rules) => {
            for Rule { pattern, is_secret: _ } in rules.0 {
                let mut names = service.container.environment.keys();
                if !names.any(|name| matches(&pattern, name)) {
                    site.not_translated(
                        format!("the service has no variable `{pattern}`"),
                        "correct the name, or remove it",
                    );
                }
            }
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
