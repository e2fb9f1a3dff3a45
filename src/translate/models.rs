//! `models`: what serves them in the cluster is up to the user; containers get the variables that Compose sets.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::diagnostic::{Loss, codes};
use crate::model::{Model, ServiceModel};

use super::findings::Site;
use super::scope::Scope;

/// In `x-longshore` of a model: the address of what serves it.
const ENDPOINT: &str = "endpoint";

/// Where models are served, by the command line: the words of `--model-endpoint`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelEndpoints {
    of_all: Option<String>,
    by_model: BTreeMap<String, String>,
}

impl ModelEndpoints {
    /// Reads `MODEL=URL`, or the URL of all models.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (model, url) = match text.split_once('=') {
            Some((model, url)) if !model.contains("://") => (Some(model), url),
            _ => (None, text),
        };
        if !is_url(url) || model == Some("") {
            return Err("write `MODEL=URL`, or the URL of all models".to_owned());
        }
        let url = url.to_owned();
        Ok(match model {
            Some(model) => Self { by_model: [(model.to_owned(), url)].into(), ..Self::default() },
            None => Self { of_all: Some(url), ..Self::default() },
        })
    }

    /// Adds those of another one, which count more.
    pub fn add(&mut self, more: Self) {
        let Self { of_all, by_model } = more;
        self.of_all = of_all.or(self.of_all.take());
        self.by_model.extend(by_model);
    }
}

/// `environment`, with the variables of `models` over it, as Compose has them.
pub fn with_models(
    environment: &IndexMap<String, Option<String>>,
    models: &IndexMap<String, ServiceModel>,
    scope: &Scope,
    site: &Site,
) -> IndexMap<String, Option<String>> {
    let mut all = environment.clone();
    for (key, used) in models {
        let ServiceModel { endpoint_var, model_var, extensions: _ } = used;
        let Some(model) = scope.project.models.get(key) else { continue };
        let prefix = key.to_uppercase().replace('-', "_");
        let model_var = model_var.clone().unwrap_or_else(|| format!("{prefix}_MODEL"));
        let endpoint_var = endpoint_var.clone().unwrap_or_else(|| format!("{prefix}_URL"));
        let is_given = environment.get(&endpoint_var).is_some_and(Option::is_some);
        all.insert(model_var, Some(model.model.clone()));
        let site = site.child("models").child(key);
        if let Some(endpoint) = endpoint(key, model, scope) {
            all.insert(endpoint_var, Some(endpoint));
        } else if is_given {
            site.approximated_closely(
                format!("`{endpoint_var}` is what `environment` says; Compose sets the address of its own model runner"),
                "nothing to do, if that address is right in the cluster",
            );
        } else {
            site.not_translated(
                format!("`{endpoint_var}` is not set: nothing says what serves the model in the cluster"),
                format!("say it with `--model-endpoint {key}=URL`, or with `x-longshore: {{ endpoint: URL }}` of the model"),
            );
        }
    }
    all
}

/// Says what is wrong with the addresses of models.
pub fn report_endpoints(scope: &Scope) {
    let models = &scope.project.models;
    for (key, model) in models {
        let Some(setting) = model.extensions.setting(ENDPOINT) else { continue };
        if !setting.as_str().is_some_and(is_url) {
            scope.site(format!("models.{key}.x-longshore.{ENDPOINT}")).invalid(
                format!("`{}` is not a URL", setting.as_str().unwrap_or_default()),
                "write e.g. `http://llm.models:8080/v1`",
            );
        }
    }
    for key in scope.options.models.by_model.keys().filter(|key| !models.contains_key(*key)) {
        scope.site("models").note(
            codes::NOT_TRANSLATED,
            Loss::IgnoredHarmless,
            format!("no service uses a model `{key}`, so its endpoint is left out"),
            "correct the name in `--model-endpoint`, or remove it",
        );
    }
}

/// The command line for this model, then the file, then the command line for all models.
fn endpoint(key: &str, model: &Model, scope: &Scope) -> Option<String> {
    let ModelEndpoints { of_all, by_model } = &scope.options.models;
    let in_file = || model.extensions.setting(ENDPOINT)?.as_str();
    by_model.get(key).map(String::as_str).or_else(in_file).or(of_all.as_deref()).map(str::to_owned)
}

fn is_url(text: &str) -> bool {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|it| it.is_ascii_alphanumeric() || "+-.".contains(it))
    };
    text.split_once("://").is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty())
        && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_of_one_model_or_of_all() {
        let mut all = ModelEndpoints::default();
        for text in ["http://a/?q=1", "llm=http://b", "http://c", "x=http://d/?a=b"] {
            all.add(ModelEndpoints::parse(text).unwrap());
        }
        assert_eq!(all.of_all.as_deref(), Some("http://c"));
        let by_model: Vec<_> = all.by_model.iter().map(|(a, b)| format!("{a} {b}")).collect();
        assert_eq!(by_model, ["llm http://b", "x http://d/?a=b"]);
        for wrong in ["", "llm", "llm=", "=http://a", "llm=b:80", "http://", "http://a b"] {
            assert!(ModelEndpoints::parse(wrong).is_err(), "{wrong}");
        }
    }
}
