use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::command::escape;
use super::context::EnvVar;
use super::findings::Site;

/// The variables of a container.
#[derive(Debug, Default)]
pub struct Environment {
    /// All of them, in the order of the file.
    pub variables: Vec<EnvVar>,
    /// Those whose value is in the Secret.
    pub secret: BTreeMap<String, String>,
}

/// `environment`; what looks like a secret goes to the Secret `secret_name`.
pub fn translate_environment(
    environment: &IndexMap<String, Option<String>>,
    secret_name: &str,
    site: &Site,
) -> Environment {
    let mut translated = Environment::default();
    for (name, value) in environment {
        // A variable that has no value anywhere is not set in a container of Compose either.
        let Some(value) = value else { continue };
        if !is_variable_name(name) {
            site.child(name).not_translated(
                format!("`{name}` cannot be the name of a variable in Kubernetes"),
                "use printable ASCII characters without `=`",
            );
        } else if is_secret(name, value) && !is_secret_key(name) {
            site.child(name).not_translated(
                format!("`{name}` looks like a secret and cannot be a key of a Secret"),
                "use letters, digits, `-`, `_` and `.`",
            );
        } else if is_secret(name, value) {
            translated.secret.insert(name.clone(), value.clone());
            let secret = Some(secret_name.to_owned());
            translated.variables.push(EnvVar { name: name.clone(), value: String::new(), secret });
        } else {
            let value = escape(value);
            translated.variables.push(EnvVar { name: name.clone(), value, secret: None });
        }
    }
    translated
}

/// Whether a variable holds a secret, and not a path to one, a switch or nothing at all.
pub fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<_> = name.split(['_', '-', '.']).collect();
    let is_named = words.iter().any(|word| {
        ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "CREDENTIAL", "CREDENTIALS"]
            .contains(word)
            || ["PASSWORD", "SECRET", "TOKEN", "APIKEY"].iter().any(|end| word.ends_with(end))
    }) || words.windows(2).any(|pair| {
        matches!(pair, ["API" | "PRIVATE" | "ACCESS" | "ENCRYPTION" | "SIGNING", "KEY"])
    });
    let is_switch = ["true", "false", "yes", "no", "on", "off", "0", "1"]
        .contains(&value.to_ascii_lowercase().as_str());
    let is_named_secret = is_named
        && !name.ends_with("_FILE")
        && !value.is_empty()
        && !value.starts_with('/')
        && !is_switch;
    is_named_secret || has_password(value)
}

/// Whether the value is a URL with a password in it, e.g. `postgres://app:secret@db/app`.
fn has_password(value: &str) -> bool {
    let Some((_, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let password = authority
        .rsplit_once('@')
        .and_then(|(user, _)| user.split_once(':'))
        .map_or("", |(_, password)| password);
    !password.is_empty()
}

fn is_variable_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|it| matches!(it, ' '..='~') && it != '=')
}

fn is_secret_key(name: &str) -> bool {
    name.len() <= 253
        && !name.starts_with("..")
        && name != "."
        && name.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    /// The name went into a Secret as a key, which Kubernetes refuses.
    #[test]
    fn a_secret_whose_name_is_no_key_is_reported() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let environment = IndexMap::from([("MY DB:PASSWORD_TOKEN".into(), Some("x".into()))]);
        let site = findings.site("services.web.environment");
        let Environment { variables, secret } = translate_environment(&environment, "s", &site);
        assert!(variables.is_empty() && secret.is_empty());
        assert_eq!(findings.into_report().iter().count(), 1);
    }

    #[test]
    fn secrets_are_told_by_name_and_value() {
        for (name, value) in [
            ("POSTGRES_PASSWORD", "x"),
            ("MYSQL_ROOT_PASSWORD", "x"),
            ("PGPASSWORD", "x"),
            ("api_key", "x"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("GITHUB_TOKEN", "x"),
            ("DATABASE_URL", "postgres://app:x@db:5432/app"),
        ] {
            assert!(is_secret(name, value), "{name}");
        }
        for (name, value) in [
            ("POSTGRES_PASSWORD_FILE", "/run/secrets/p"),
            ("POSTGRES_PASSWORD", ""),
            ("ALLOW_EMPTY_PASSWORD", "yes"),
            ("SECRET_PATH", "/etc/x"),
            ("KEYBOARD", "de"),
            ("TOKENIZER_MODE", "fast"),
            ("DATABASE_URL", "postgres://app@db:5432/app"),
            ("SITE_URL", "http://web:8080/a:b@c"),
        ] {
            assert!(!is_secret(name, value), "{name}");
        }
    }
}
