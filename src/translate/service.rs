use crate::model::{Deploy, Service};

use super::context;
use super::endpoint::{Aliases, Endpoint, Name, Wish, translate_endpoint};
use super::findings::Site;
use super::ingress::translate_ingress;
use super::label::translate_labels;
use super::name::is_dns_label;
use super::network::network_aliases;
use super::pod::{ServicePod, translate_pod};
use super::scope::Scope;
use super::storage::holds_exclusively;
use super::strategy::translate_update_config;
use super::workload::{Workload, replicas};
use super::workload_manifest::{Shape, WorkloadManifest, workload_manifest};

/// The objects of one service.
#[derive(Debug)]
pub struct ServiceObjects {
    /// The secret variables.
    pub secret: Option<context::Secret>,
    /// The names and ports.
    pub services: Vec<context::Service>,
    /// The pods.
    pub workload: WorkloadManifest,
    /// The way in for HTTP.
    pub ingress: Option<context::Ingress>,
}

/// What a service is translated with, beside the scope.
pub struct Given<'a, 'b> {
    /// What the service becomes.
    pub workload: &'b Workload,
    /// The names that `links` of other services give it.
    pub link_aliases: Vec<Name<'a>>,
    /// The aliases that are taken so far.
    pub aliases: &'b mut Aliases,
}

/// Translates one service.
pub fn translate_service<'a>(
    key: &'a str,
    service: &'a Service,
    given: Given<'a, '_>,
    scope: &Scope<'a>,
) -> ServiceObjects {
    let Service {
        container,
        container_name,
        deploy,
        // Of the container: `container`.
        build: _,
        expose: _,
        healthcheck: _,
        ports: _,
        stdin_open: _,
        tty: _,
        // Order and conditions concern the project: `dependency`.
        depends_on: _,
        // Names of other services: `dependency::link_aliases`.
        links: _,
        // The loader has chosen the services.
        profiles: _,
        // Decides the kind: `workload::decide`.
        restart: _,
        scale: _,
        // Not translated: `untranslated`.
        attach: _,
        develop: _,
        external_links: _,
        post_start: _,
        pre_start: _,
        pre_stop: _,
        provider: _,
        extensions: _,
    } = service;
    let no_deploy = Deploy::default();
    let Deploy {
        mode: _,
        endpoint_mode,
        replicas: _,
        labels: deploy_labels,
        update_config,
        // Of the pod: `pod`.
        placement: _,
        // Of the container: `container`.
        resources: _,
        // Decides the kind: `workload::decide`.
        restart_policy: _,
        rollback_config: _,
        extensions: _,
    } = deploy.as_ref().unwrap_or(&no_deploy);
    let Given { workload, link_aliases, aliases } = given;
    let site = scope.site(format!("services.{key}"));
    let names = scope.names.service(key);
    let ServicePod { pod, ports, secret } = translate_pod(key, service, scope);

    let deploy_labels = translate_labels(deploy_labels, &[], &site.child("deploy").child("labels"));
    let network_aliases = network_aliases(&container.networks, &site);
    let own_names = own_names(container_name.as_deref(), container.hostname.as_deref(), &site);
    let endpoint = Endpoint {
        key,
        internal: &ports.internal,
        published: &ports.published,
        mode: *endpoint_mode,
        runs_to_completion: workload.runs_to_completion(),
        aliases: network_aliases.into_iter().chain(link_aliases).chain(own_names).collect(),
        labels: &deploy_labels.labels,
    };
    // On the network of the node, every port of the container is one of the node.
    let takes_host_port = ports.takes_host_port || pod.host_network;
    let exclusive =
        replicas(service) <= 1 && (holds_exclusively(service, scope) || takes_host_port);
    let rollout = translate_update_config(
        update_config.as_ref(),
        exclusive,
        &site.child("deploy").child("update_config"),
    );
    let mut metadata = scope.metadata(&names.name, &names.name);
    metadata.labels.extend(deploy_labels.labels.clone());
    metadata.annotations = deploy_labels.annotations;
    let selector = scope.selector(&names.name);
    let shape = Shape { workload, metadata, selector, rollout, pod };
    ServiceObjects {
        secret,
        services: translate_endpoint(&endpoint, aliases, scope),
        ingress: translate_ingress(key, &container.labels, &ports.internal, scope, &site),
        workload: workload_manifest(shape, service, &site),
    }
}

/// The names that a service gives itself.
fn own_names<'a>(
    container_name: Option<&str>,
    hostname: Option<&str>,
    site: &Site<'a>,
) -> impl Iterator<Item = Name<'a>> {
    // What of a host name is no label is reported where it is translated.
    let hostname = hostname.filter(|name| is_dns_label(name));
    [("container_name", container_name), ("hostname", hostname)]
        .map(|(key, name)| {
            Some(Name { text: name?.to_owned(), site: site.child(key), wish: Wish::Given })
        })
        .into_iter()
        .flatten()
}
