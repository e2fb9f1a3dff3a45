use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::command::escape;
use super::context::EnvVar;
use super::findings::Site;
use super::secret_variables::SecretVariables;

/// The variables of a container.
#[derive(Debug, Default)]
pub struct Environment {
    /// All of them, in the order of the file.
    pub variables: Vec<EnvVar>,
    /// Those whose value is in the Secret.
    pub secret: BTreeMap<String, String>,
}

/// `environment`; what holds a secret by the rules, or looks like it, goes to the Secret `secret_name`.
pub fn translate_environment(
    environment: &IndexMap<String, Option<String>>,
    secret_name: &str,
    rules: &SecretVariables,
    site: &Site,
) -> Environment {
    let mut translated = Environment::default();
    for (name, value) in environment {
        // A variable that has no value anywhere is not set in a container of Compose either.
        let Some(value) = value else { continue };
        let is_secret = rules.hold_secret(name, value);
        if !is_variable_name(name) {
            site.child(name).not_translated(
                format!("`{name}` cannot be the name of a variable in Kubernetes"),
                "use printable ASCII characters without `=`",
            );
        } else if is_secret && !is_secret_key(name) {
            site.child(name).not_translated(
                format!("`{name}` looks like a secret and cannot be a key of a Secret"),
                "use letters, digits, `-`, `_` and `.`",
            );
        } else if is_secret {
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

fn is_variable_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|it| matches!(it, ' '..='~') && it != '=')
}

/// Whether a `ConfigMap` can hold the variable for containers that take all that it has.
pub fn is_key(name: &str) -> bool {
    is_secret_key(name) && !name.starts_with(|first: char| first.is_ascii_digit())
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
        let Environment { variables, secret } =
            translate_environment(&environment, "s", &SecretVariables::default(), &site);
        assert!(variables.is_empty() && secret.is_empty());
        assert_eq!(findings.into_report().iter().count(), 1);
    }
}
