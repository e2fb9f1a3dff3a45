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

/// Whether a variable looks as if it held a secret, and not a path to one, a switch or nothing at all.
pub fn looks_secret(name: &str, value: &str) -> bool {
    has_password(value) || is_private_key(value) || (is_named(name) && !is_plain(value))
}

/// Last words that make a name one of something about a secret.
const ABOUT: &[&str] = &[
    "ALGORITHM",
    "DIR",
    "ENABLED",
    "ENDPOINT",
    "EXPIRATION",
    "EXPIRES",
    "EXPIRY",
    "FILE",
    "HEADER",
    "ISSUER",
    "LENGTH",
    "LIFETIME",
    "NAME",
    "PATH",
    "POLICY",
    "REQUIRED",
    "TIMEOUT",
    "TTL",
    "URI",
    "URL",
];

/// Words before `KEY` of keys that everybody may know.
const OPEN_KEYS: &[&str] = &[
    "CACHE",
    "FOREIGN",
    "HOT",
    "INDEX",
    "LOOKUP",
    "MAP",
    "OBJECT",
    "PARTITION",
    "PRIMARY",
    "PUB",
    "PUBLIC",
    "PUBLISHABLE",
    "ROUTING",
    "SHARD",
    "SITE",
    "SORT",
];

fn is_named(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> = name.split(['_', '-', '.']).filter(|word| !word.is_empty()).collect();
    let [before @ .., last] = words.as_slice() else { return false };
    if ABOUT.contains(last) {
        return false;
    }
    let is_word = |word: &&str| {
        [
            "PASSWORD",
            "PASSWD",
            "PASSPHRASE",
            "SECRET",
            "SECRETS",
            "TOKEN",
            "CREDENTIAL",
            "CREDENTIALS",
        ]
        .contains(word)
            || ["PASSWORD", "SECRET", "TOKEN", "APIKEY"].iter().any(|end| word.ends_with(end))
    };
    let is_key = *last == "KEY" && !before.iter().any(|word| OPEN_KEYS.contains(word));
    let is_pair = words.windows(2).any(|pair| {
        matches!(pair, ["API" | "PRIVATE" | "ACCESS" | "ENCRYPTION" | "SIGNING", "KEY"])
    });
    let is_short = !before.is_empty() && ["PASS", "PWD"].contains(last);
    words.iter().any(is_word) || is_key || is_short || (is_pair && !words.contains(&"PUBLIC"))
}

/// A path, a switch or nothing.
fn is_plain(value: &str) -> bool {
    let is_switch = ["true", "false", "yes", "no", "on", "off", "0", "1"]
        .contains(&value.to_ascii_lowercase().as_str());
    value.is_empty() || value.starts_with('/') || is_switch
}

/// Whether there is a password in it, as in `postgres://app:secret@db/app` or `Server=db;Password=secret`.
fn has_password(value: &str) -> bool {
    let in_text =
        value.split([';', ' ']).filter_map(|part| part.split_once('=')).any(|(key, it)| {
            let key = key.trim().to_ascii_lowercase();
            ["password", "pwd"].contains(&key.as_str()) && !it.trim().is_empty()
        });
    let Some((_, rest)) = value.split_once("://") else { return in_text };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let password = authority
        .rsplit_once('@')
        .and_then(|(user, _)| user.split_once(':'))
        .map_or("", |(_, password)| password);
    in_text || !password.is_empty()
}

fn is_private_key(value: &str) -> bool {
    value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_by_name_and_value() {
        for (name, value) in [
            ("POSTGRES_PASSWORD", "x"),
            ("MYSQL_ROOT_PASSWORD", "x"),
            ("PGPASSWORD", "x"),
            ("DB_PASS", "x"),
            ("MYSQL_PWD", "x"),
            ("api_key", "x"),
            ("APP_KEY", "x"),
            ("SECRET_KEY_BASE", "x"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("GITHUB_TOKEN", "x"),
            ("DATABASE_URL", "postgres://app:x@db:5432/app"),
            ("ConnectionStrings__Db", "Server=db;User=app;Password=x"),
            ("LIBPQ", "host=db password=x"),
            ("SIGNER", "-----BEGIN RSA PRIVATE KEY-----\nx"),
        ] {
            assert!(looks_secret(name, value), "{name}");
        }
        for (name, value) in [
            ("POSTGRES_PASSWORD_FILE", "/run/secrets/p"),
            ("POSTGRES_PASSWORD", ""),
            ("ALLOW_EMPTY_PASSWORD", "yes"),
            ("SECRET_PATH", "/etc/x"),
            ("TOKEN_TTL", "3600"),
            ("PASSWORD_MIN_LENGTH", "8"),
            ("PUBLIC_KEY", "x"),
            ("NEXT_PUBLIC_API_KEY", "x"),
            ("CACHE_KEY", "x"),
            ("PWD", "/srv"),
            ("BYPASS", "x"),
            ("KEYBOARD", "de"),
            ("TOKENIZER_MODE", "fast"),
            ("DATABASE_URL", "postgres://app@db:5432/app"),
            ("DSN", "Server=db;Password="),
            ("SITE_URL", "http://web:8080/a:b@c"),
        ] {
            assert!(!looks_secret(name, value), "{name}");
        }
    }

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
