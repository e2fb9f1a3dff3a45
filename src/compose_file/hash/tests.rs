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
        "ed42e11a49cfd9424b89c1f1c62de5b70d1ad8a065d54e97b82b264915ec2e00"
    );
}

#[test]
fn what_says_nothing_of_a_container_does_not_count() {
    let base = service(&[("A", "1"), ("B", "2")]);
    let hash = service_hash(&base);
    let other_order = service(&[("B", "2"), ("A", "1")]);
    let scaled = Service {
        scale: Some(3),
        container: Container { pull_policy: Some(PullPolicy::Always), ..base.container.clone() },
        profiles: vec!["debug".to_owned()],
        ..base.clone()
    };
    assert_eq!(service_hash(&other_order), hash);
    assert_eq!(service_hash(&scaled), hash);
    let [two, three] = [2, 3].map(|replicas| Service {
        deploy: Some(Deploy { replicas: Some(replicas), ..Deploy::default() }),
        ..base.clone()
    });
    assert_eq!(service_hash(&two), service_hash(&three));
    assert_ne!(service_hash(&service(&[("A", "2"), ("B", "1")])), hash);
    assert_ne!(service_hash(&Service { tty: Some(true), ..base }), hash);
}
