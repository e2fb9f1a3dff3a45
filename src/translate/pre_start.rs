use std::collections::BTreeMap;

use crate::model::{Container as ContainerSpec, Deploy, DeployMode, PreStartHook, Service};

use super::bind_policy::BindPolicy;
use super::container::{Made, translate_spec};
use super::context::Container;
use super::findings::Site;
use super::name::dns_label;
use super::pod::report_of_pod;
use super::scope::Scope;
use super::secret_variables::SecretVariables;
use super::volume::Volumes;
use super::volume_group::volume_group;
use super::workload::replicas;

/// `pre_start`: containers that run to their end, one after the other, before the service starts.
///
/// Their secret variables go to those of the service.
pub fn translate_pre_start(
    key: &str,
    service: &Service,
    secret: &mut BTreeMap<String, String>,
    volumes: &mut Volumes,
    scope: &Scope,
) -> Vec<Container> {
    let site = scope.place(key).child("pre_start");
    let mut containers = Vec::new();
    for (index, hook) in service.pre_start.iter().enumerate() {
        let PreStartHook { container: spec, per_replica, extensions: _ } = hook;
        let site = site.item(index);
        if *per_replica != Some(true) {
            report_each_time(service, &site);
        }
        report_of_pod(spec, &service.container, &site);
        let names = scope.names.service(key);
        let made = Made {
            name: dns_label(&format!("{}-pre-start-{}", names.name, index + 1)),
            image: image(key, spec, service, scope),
            secret: &names.environment,
            rules: &SecretVariables::of(service, scope.project, &scope.options.secret_variables),
            deploy: &Deploy::default(),
            mounts: scope.mounts.of_hook(key, index),
            bind: BindPolicy::of(service, scope.options.bind),
            volume_group: volume_group(scope.pods.host_of(key), scope),
            site: &site,
        };
        let (container, own) = translate_spec(spec, made, volumes, scope);
        add_secret(secret, own, &site);
        containers.push(container);
    }
    containers
}

/// The loader gives a hook the image of its service; that of a service that is built has no name yet.
fn image(key: &str, spec: &ContainerSpec, service: &Service, scope: &Scope) -> String {
    spec.image.clone().unwrap_or_else(|| {
        let site = scope.place(key);
        super::image::translate_image(key, None, service.build.as_ref(), scope, &site)
    })
}

fn report_each_time(service: &Service, site: &Site) {
    let mode = service.deploy.as_ref().and_then(|deploy| deploy.mode);
    let help =
        "make it safe to run again, or run it as a service of its own that this one depends on";
    if replicas(service) > 1 || matches!(mode, Some(DeployMode::Global | DeployMode::GlobalJob)) {
        site.approximated("the hook runs before each pod, not once for the service", help);
    } else {
        site.approximated_closely(
            "the hook runs before each start of the pod, not once for the service",
            help,
        );
    }
}

/// One Secret has the variables of the service and of its hooks.
fn add_secret(secret: &mut BTreeMap<String, String>, own: BTreeMap<String, String>, site: &Site) {
    for (name, value) in own {
        if secret.get(&name).is_some_and(|known| *known != value) {
            site.child("environment").child(&name).not_translated(
                "the hook gets the value that the service has: one Secret holds the variables of both",
                "give the two variables different names",
            );
        } else {
            secret.insert(name, value);
        }
    }
}
