use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::model::{Deploy, Service};

use super::alias::{Aliases, is_found};
use super::autoscaler::{scaling, translate_scaling};
use super::claim::holds_exclusively;
use super::context::{self, Metadata, Pod, ServicePort};
use super::endpoint::{Endpoint, Exposure, translate_endpoint};
use super::findings::Site;
use super::ingress::translate_ingress;
use super::label::{settings, translate_labels};
use super::network::report_addresses;
use super::node_task::run_before_pause;
use super::options::{Publish, Security};
use super::pod::{PodMember, ServicePod, translate_pod};
use super::policy::{OpenPort, network_labels, translate_pod_policy};
use super::restricted::restrict;
use super::scope::Scope;
use super::setting::Settings;
use super::strategy::translate_update_config;
use super::wait::{WaitAccount, translate_waits};
use super::workload::{Workload, replicas};
use super::workload_manifest::{Shape, WorkloadManifest, workload_manifest};

/// The objects of one service and of those that share its pod.
#[derive(Debug)]
pub struct ServiceObjects {
    /// The pods.
    pub workload: WorkloadManifest,
    /// What changes their number.
    pub autoscaler: Option<context::HorizontalPodAutoscaler>,
    /// Who may reach the pods beside those on their networks.
    pub policy: Option<context::NetworkPolicy>,
    /// What the pods wait with, before they start.
    pub waits: Option<WaitAccount>,
    /// What each of them has for itself.
    pub members: Vec<MemberObjects>,
}

/// What one service has for itself, beside its container.
#[derive(Debug)]
pub struct MemberObjects {
    /// Its key.
    pub key: String,
    /// The ports that other services use.
    pub ports: Vec<ServicePort>,
    /// The secret variables.
    pub secret: Option<context::Secret>,
    /// The names and ports.
    pub services: Vec<context::Service>,
    /// The way in for HTTP.
    pub ingress: Option<context::Ingress>,
}

/// What a service is translated with, beside the scope.
#[derive(Clone, Copy)]
pub struct Given<'b> {
    /// What this one becomes.
    pub workload: &'b Workload,
    /// Which service has which further name.
    pub aliases: &'b Aliases,
}

/// Translates one service, with those that share its pod.
pub fn translate_service(key: &str, given: Given, scope: &Scope) -> ServiceObjects {
    let Given { workload, aliases } = given;
    let site = scope.place(key);
    let names = scope.names.service(key);
    let service = scope.service(key);
    let ServicePod { mut pod, members } = translate_pod(key, scope);
    if *workload == Workload::NodeTask {
        run_before_pause(&mut pod, &site);
    }
    let deploy_site = site.child("deploy");
    let no_deploy = Deploy::default();
    let deploy = service.deploy.as_ref().unwrap_or(&no_deploy);
    // On the network of the node, every port of the container is one of the node.
    let takes_host_port =
        pod.host_network || members.iter().any(|member| !member.ports.on_node.is_empty());
    let holds_volume = members.iter().any(|member| holds_exclusively(&member.key, scope));
    let rollout = translate_update_config(
        deploy.update_config.as_ref(),
        replicas(service) <= 1 && (holds_volume || takes_host_port),
        &deploy_site.child("update_config"),
    );
    let labels =
        translate_labels(&deploy.labels, settings::OF_DEPLOY, &deploy_site.child("labels"));
    let mut metadata = scope.metadata(&names.workload, &names.workload);
    metadata.labels.extend(labels.labels);
    metadata.annotations = labels.annotations;
    for member in &members {
        pod.labels.extend(aliases.labels_of(&member.key));
    }
    pod.labels.extend(network_labels(key, scope));
    let waits = translate_waits(key, scope).and_then(|waits| waits.add_to(&mut pod, scope));
    if scope.options.security == Security::Restricted {
        restrict(&mut pod, &site);
    }
    let selector = scope.selector(&names.workload);
    let autoscaler =
        translate_autoscaler(workload, &service.container.labels, &metadata, &pod, &site);
    // What is applied again must not undo what an autoscaler has decided.
    let replicas = autoscaler.is_none().then(|| replicas(service));
    let shape = Shape {
        workload,
        service_name: names.name.clone(),
        metadata,
        selector,
        rollout,
        replicas,
        pod,
    };
    let all = all_ports(&members);
    let mut open = BTreeSet::new();
    let members = members
        .into_iter()
        .map(|member| translate_member(member, &all, given, &mut open, scope))
        .collect();
    ServiceObjects {
        policy: translate_pod_policy(key, &open, scope),
        waits,
        members,
        workload: workload_manifest(shape, service, &site),
        autoscaler,
    }
}

/// Only what runs until it is removed, and not on every node, has a number of pods to change.
fn translate_autoscaler(
    workload: &Workload,
    labels: &IndexMap<String, String>,
    metadata: &Metadata,
    pod: &Pod,
    site: &Site,
) -> Option<context::HorizontalPodAutoscaler> {
    let site = site.child("labels");
    let scaling = scaling(&Settings::new(labels, site.clone()))?;
    if *workload != Workload::Deployment {
        site.not_translated(
            format!("a {} has no number of pods that an autoscaler could change", workload.kind()),
            "remove the labels of the autoscaler",
        );
        return None;
    }
    let resources = pod.containers.first().and_then(|container| container.resources.as_ref());
    Some(translate_scaling(&scaling, metadata.clone(), workload.kind(), resources, &site))
}

fn translate_member(
    member: PodMember,
    all_ports: &[ServicePort],
    given: Given,
    open: &mut BTreeSet<OpenPort>,
    scope: &Scope,
) -> MemberObjects {
    let PodMember { key, ports, secret } = member;
    let site = scope.place(&key);
    let Service {
        container,
        deploy,
        // Of the container: `container`.
        build: _,
        expose: _,
        healthcheck: _,
        ports: _,
        post_start: _,
        pre_start: _,
        pre_stop: _,
        stdin_open: _,
        tty: _,
        // Order and conditions concern the project: `dependency`.
        depends_on: _,
        // Names: `alias`.
        container_name: _,
        links: _,
        // Names of what is elsewhere: `external_link`.
        external_links: _,
        // The loader has chosen the services.
        profiles: _,
        // Decides the kind: `workload::decide`.
        restart: _,
        scale: _,
        // Not translated: `untranslated`.
        attach: _,
        develop: _,
        provider: _,
        extensions: _,
    } = scope.service(&key);
    let no_deploy = Deploy::default();
    let Deploy {
        mode: _,
        endpoint_mode,
        replicas: _,
        labels: deploy_labels,
        // Of the workload: `translate_service`.
        update_config: _,
        // Of the pod: `pod`.
        placement: _,
        // Of the container: `container`.
        resources: _,
        // Decides the kind: `workload::decide`.
        restart_policy: _,
        rollback_config: _,
        extensions: _,
    } = deploy.as_ref().unwrap_or(&no_deploy);
    report_addresses(&container.networks, &site);
    let workload = scope.workloads.get(scope.pods.host_of(&key));
    let exposure = Exposure::new(&key, *endpoint_mode, ports.published.len(), workload, scope);
    let deploy_labels =
        translate_labels(deploy_labels, settings::OF_DEPLOY, &site.child("deploy").child("labels"));
    let is_found =
        scope.workloads.get(key.as_str()).is_some_and(|it| is_found(scope.service(&key), it));
    let endpoint = Endpoint {
        key: &key,
        internal: all_ports,
        published: &ports.published,
        exposure,
        is_found,
        aliases: given.aliases.of(&key),
        labels: &deploy_labels.labels,
    };
    let services = translate_endpoint(&endpoint, scope);
    // Its own ports come first: the first one is that of the Ingress.
    let is_own = |port: &&ServicePort| {
        ports.internal.iter().any(|own| (own.port, &own.protocol) == (port.port, &port.protocol))
    };
    let (mut nearest, others): (Vec<_>, Vec<_>) = all_ports.iter().partition(is_own);
    nearest.extend(others);
    let ingress = translate_ingress(&key, &container.labels, &nearest, scope, &site);
    if exposure.publish != Publish::None {
        open.extend(ports.published.iter().map(|port| (port.target_port, port.protocol.clone())));
    }
    open.extend(ports.on_node);
    open.extend(ingress.iter().map(|ingress| (ingress.port, "TCP".to_owned())));
    MemberObjects { ports: all_ports.to_vec(), secret, services, ingress, key }
}

/// The ports of a pod, each once: its services have one address.
fn all_ports(members: &[PodMember]) -> Vec<ServicePort> {
    let mut all: Vec<ServicePort> = Vec::new();
    for port in members.iter().flat_map(|member| &member.ports.internal) {
        if all.iter().any(|it| (it.port, &it.protocol) == (port.port, &port.protocol)) {
            continue;
        }
        let mut port = port.clone();
        if all.iter().any(|it| it.name == port.name) {
            port.name = format!("{}-{}", port.protocol.to_ascii_lowercase(), port.port);
        }
        all.push(port);
    }
    all
}
