//! `credential_spec`: the account of Windows that a container runs with.

use k8s_openapi::api::core::v1::WindowsSecurityContextOptions;

use crate::model::{CredentialSpec, Source};

use super::findings::Site;
use super::name::dns_label;
use super::scope::Scope;
use super::volume::last_part;

/// The content of a config goes into the pod; what only a node has, or somebody else, is named as the
/// `GMSACredentialSpec` of that name.
pub fn translate_credential_spec(
    credential_spec: &CredentialSpec,
    scope: &Scope,
    site: &Site,
) -> Option<WindowsSecurityContextOptions> {
    let CredentialSpec { config, file, registry, extensions: _ } = credential_spec;
    if let Some(config) = config {
        return of_config(config, scope, &site.child("config"));
    }
    let (name, site) = match (file, registry) {
        (Some(file), _) => (file_name(file), site.child("file")),
        (None, Some(value)) => (value.as_str(), site.child("registry")),
        (None, None) => return None,
    };
    let name = dns_label(name);
    site.approximated(
        format!("nodes do not hold credential specs: the pod names the GMSACredentialSpec `{name}`, which must be there"),
        "create it, and let the ServiceAccount of the pod use it; or name a config with the content: `credential_spec.config`",
    );
    Some(named(name))
}

fn of_config(config: &str, scope: &Scope, site: &Site) -> Option<WindowsSecurityContextOptions> {
    match scope.project.configs.get(config).map(|config| &config.source) {
        None => {
            site.invalid(
                format!("the config `{config}` is not defined"),
                "add it to `configs`, with the content of the credential spec",
            );
            None
        }
        Some(Source::External) => {
            let name = scope.names.config(config).unwrap_or(config);
            site.approximated_closely(
                format!("the GMSACredentialSpec `{name}` must be there already"),
                "create it, and let the ServiceAccount of the pod use it",
            );
            Some(named(name.to_owned()))
        }
        Some(_) => {
            let content = scope.contents.configs.get(config);
            let content = content.and_then(|content| String::from_utf8(content.clone()).ok());
            if content.is_none() {
                site.not_translated(
                    "the pod needs the content of the credential spec as text, and it is not known",
                    "name a config with `file`, `content` or `environment`",
                );
            }
            content.map(|content| WindowsSecurityContextOptions {
                gmsa_credential_spec: Some(content),
                ..WindowsSecurityContextOptions::default()
            })
        }
    }
}

fn named(name: String) -> WindowsSecurityContextOptions {
    WindowsSecurityContextOptions {
        gmsa_credential_spec_name: Some(name),
        ..WindowsSecurityContextOptions::default()
    }
}

/// `spec` of `file://dir\\spec.json`.
fn file_name(file: &str) -> &str {
    let file = last_part(file.strip_prefix("file://").unwrap_or(file));
    let file = file.rsplit('\\').next().unwrap_or(file);
    file.strip_suffix(".json").unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        for (file, name) in [
            ("file://web.json", "web"),
            ("web.json", "web"),
            ("file://a/b.c.json", "b.c"),
            ("C:\\specs\\web", "web"),
        ] {
            assert_eq!(file_name(file), name);
        }
    }
}
