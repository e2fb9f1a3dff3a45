use std::fmt::Write as _;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::model::Service;

/// What says nothing of the containers of a service: how its image is made and fetched, how many
/// there are, when they start, and whether they do. As in Compose, though the hash is another one.
const LEFT_OUT: [&str; 5] = ["build", "pull_policy", "scale", "depends_on", "profiles"];

/// A hash, in hex, over the canonical form of a service, in which the order of mappings does not count.
///
/// Covers all attributes but `build`, `pull_policy`, `scale`, `deploy.replicas`, `depends_on` and
/// `profiles`. What `env_file` and `label_file` say is part of it; the content of configs and secrets
/// is not. The same service has the same hash on every machine, as long as its paths are the same.
pub fn service_hash(service: &Service) -> String {
    let mut service = super::tree_of(service);
    if let Some(attributes) = service.as_object_mut() {
        for attribute in LEFT_OUT {
            attributes.shift_remove(attribute);
        }
        if let Some(deploy) = attributes.get_mut("deploy").and_then(Value::as_object_mut) {
            deploy.shift_remove("replicas");
            if deploy.is_empty() {
                attributes.shift_remove("deploy");
            }
        }
    }
    let mut hex = String::new();
    for byte in Sha256::digest(sorted(service).to_string()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            let fields = fields.into_iter().map(|(name, value)| (name, sorted(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Container, Deploy, PullPolicy};

    fn service(environment: &[(&str, &str)]) -> Service {
        let environment = environment.iter();
        let container = Container {
            image: Some("x".to_owned()),
            environment: environment
                .map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned())))
                .collect(),
            ..Container::default()
        };
        Service { container, ..Service::default() }
    }

    #[test]
    fn the_hash_is_stable() {
        assert_eq!(
            service_hash(&service(&[("A", "1"), ("B", "2")])),
            "81680c926da69b25853147b8edd75ada1b190ca3e38e10516ef0668ece33b489"
        );
    }

    #[test]
    fn what_says_nothing_of_a_container_does_not_count() {
        let base = service(&[("A", "1"), ("B", "2")]);
        let hash = service_hash(&base);
        let other_order = service(&[("B", "2"), ("A", "1")]);
        let scaled = Service {
            scale: Some(3),
            deploy: Some(Deploy { replicas: Some(3), ..Deploy::default() }),
            container: Container {
                pull_policy: Some(PullPolicy::Always),
                ..base.container.clone()
            },
            profiles: vec!["debug".to_owned()],
            ..base.clone()
        };
        assert_eq!(service_hash(&other_order), hash);
        assert_eq!(service_hash(&scaled), hash);
        assert_ne!(service_hash(&service(&[("A", "2"), ("B", "1")])), hash);
        assert_ne!(service_hash(&Service { tty: Some(true), ..base }), hash);
    }
}
