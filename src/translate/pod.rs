use std::time::Duration;

use indexmap::IndexMap;

use crate::kubernetes::labels;
use crate::model::{Deploy, Service};

use super::container::{ServiceContainer, translate_container};
use super::content::{content_hash, translate_secret_variables};
use super::context::{self, Pod};
use super::file::mounted_content;
use super::findings::Site;
use super::label::{settings, translate_annotations, translate_labels};
use super::network::translate_network_mode;
use super::placement::translate_placement;
use super::port::Ports;
use super::resolver::{translate_dns, translate_extra_hosts, translate_hostname};
use super::scope::Scope;
use super::security::translate_pod_rights;
use super::volume::Volumes;

/// How long Compose waits before it kills a container, in seconds; Kubernetes waits 30.
const STOP_GRACE_PERIOD: u64 = 10;

/// The pod of a service, with what lies outside of it.
#[derive(Debug)]
pub struct ServicePod {
    /// The pod.
    pub pod: Pod,
    /// The ports of its containers.
    pub ports: Ports,
    /// The secret variables of its containers.
    pub secret: Option<context::Secret>,
}

/// Translates what a service says of its pod, with its container.
pub fn translate_pod(key: &str, service: &Service, scope: &Scope) -> ServicePod {
    let site = scope.site(format!("services.{key}"));
    let names = scope.names.service(key);
    let spec = &service.container;
    report_init(spec.init, &site);

    let mut volumes = Volumes::default();
    let ServiceContainer { container, ports, secret } =
        translate_container(key, service, &mut volumes, scope);
    let hash = content_hash(&mounted_content(&spec.configs, &spec.secrets, scope), &secret);

    let no_deploy = Deploy::default();
    let placement = &service.deploy.as_ref().unwrap_or(&no_deploy).placement;
    let selector = scope.selector(&names.name);
    let nodes = translate_placement(spec.platform.as_deref(), placement, &selector, &site);
    let network = translate_network_mode(spec.network_mode.as_deref(), &site);
    let own = translate_labels(&spec.labels, settings::OF_SERVICES, &site.child("labels"));
    let annotations = translate_annotations(&spec.annotations, &site.child("annotations"));
    let pod = Pod {
        labels: pod_labels(scope, &names.name, own.labels),
        annotations: pod_annotations(annotations, own.annotations, hash),
        restart_policy: None,
        hostname: spec
            .hostname
            .as_deref()
            .and_then(|name| translate_hostname(name, &site.child("hostname"))),
        host_network: network.host,
        dns_policy: network.dns_policy,
        dns_config: translate_dns(&spec.dns, &spec.dns_search, &spec.dns_opt, &site),
        host_aliases: translate_extra_hosts(&spec.extra_hosts, &site.child("extra_hosts")),
        node_selector: nodes.selector,
        affinity: nodes.affinity,
        tolerations: nodes.tolerations,
        topology_spread_constraints: nodes.spread,
        share_process_namespace: spec.init == Some(true),
        security_context: translate_pod_rights(&spec.group_add, &spec.sysctls, network.host, &site),
        termination_grace_period_seconds: grace_period(spec.stop_grace_period),
        containers: vec![container],
        volumes: volumes.into_list(),
    };
    let secret = translate_secret_variables(&names.environment, &names.name, &secret, scope);
    ServicePod { pod, ports, secret }
}

fn pod_labels(
    scope: &Scope,
    name: &str,
    labels: IndexMap<String, String>,
) -> IndexMap<String, String> {
    let mut all = scope.metadata(name, name).labels;
    all.extend(labels);
    all
}

fn pod_annotations(
    annotations: IndexMap<String, String>,
    from_labels: IndexMap<String, String>,
    hash: Option<String>,
) -> IndexMap<String, String> {
    let mut all = from_labels;
    all.extend(annotations);
    if let Some(hash) = hash {
        all.insert(labels::CONFIG_HASH.to_owned(), hash);
    }
    all
}

/// In seconds.
fn grace_period(stop_grace_period: Option<Duration>) -> u64 {
    stop_grace_period.map_or(STOP_GRACE_PERIOD, |period| {
        u64::try_from(period.as_millis().div_ceil(1000)).unwrap_or(u64::MAX)
    })
}

fn report_init(init: Option<bool>, site: &Site) {
    if init == Some(true) {
        site.child("init").approximated_closely(
            "the pause process of the pod reaps zombies instead, and shares its processes",
            "nothing to do, unless the program must have process id 1",
        );
    }
}
