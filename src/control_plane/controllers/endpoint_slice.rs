//! `EndpointSlice`s: the addresses behind a Service, at most 100 a slice.

mod ports;
mod slices;

pub(super) use ports::number as port_number;

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ObjectReference, Pod, Service};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::{Controller, labels, owner, pods};
use crate::control_plane::runner::{Index, Plan, is, parse};
use crate::control_plane::store::{Change, Event, Key};

/// The value of [`labels::SLICE_MANAGED_BY`] on slices that are ours.
pub(super) const MANAGER: &str = "endpointslice-controller.k8s.io";

/// The `EndpointSlice` controller.
pub(super) struct EndpointSlices;

/// What stands behind a Service.
pub(crate) struct Observed {
    /// The pods that it selects.
    pub(crate) pods: Vec<Pod>,
    /// Its slices that are ours.
    pub(crate) slices: Vec<EndpointSlice>,
}

/// The endpoints of pods that have the same ports, in order of their addresses.
#[derive(Debug, PartialEq)]
pub(super) struct Group {
    pub(super) ports: Vec<EndpointPort>,
    pub(super) endpoints: Vec<Endpoint>,
}

impl Controller for EndpointSlices {
    fn name(&self) -> &'static str {
        "endpoint-slice-controller"
    }

    fn concerns(&self, event: &Event, index: &Index) -> Vec<Key> {
        if is::<EndpointSlice>(&event.object) {
            return index.owners::<Service>(&event.object);
        }
        services_of(event, index)
    }

    fn plan(&mut self, key: &Key, index: &Index, now: Timestamp) -> Plan {
        let Some(service) = index.get::<Service>(&key.namespace, &key.name) else {
            return Plan::default();
        };
        let ours = |slice: &EndpointSlice| {
            let labels = slice.metadata.labels.as_ref();
            labels.and_then(|labels| labels.get(labels::SLICE_MANAGED_BY)).map(String::as_str)
                == Some(MANAGER)
        };
        let mut slices = index.owned::<EndpointSlice>(owner::uid(&service));
        slices.retain(ours);
        let pods = selected(&service, index);
        reconcile(&service, Observed { pods, slices }, now)
    }
}

/// The Services that an event about a Service or a pod concerns.
pub(super) fn services_of(event: &Event, index: &Index) -> Vec<Key> {
    let object = &event.object;
    if is::<Service>(object) {
        return vec![Key::from(&**object)];
    }
    if !is::<Pod>(object) {
        return Vec::new();
    }
    let mut keys = index.selecting::<Service>(&object.namespace, &object.labels);
    if let Some(previous) = event.previous.as_ref().filter(|old| old.labels != object.labels) {
        keys.extend(index.selecting::<Service>(&previous.namespace, &previous.labels));
    }
    // A new pod has no address yet, and is in no slice.
    let is_news =
        event.change != Change::Added || parse::<Pod>(object).is_some_and(|pod| has_address(&pod));
    if is_news { keys } else { Vec::new() }
}

/// The pods that a Service selects; none without a selector.
pub(super) fn selected(service: &Service, index: &Index) -> Vec<Pod> {
    let labels = service.spec.as_ref().and_then(|spec| spec.selector.clone());
    let Some(labels) = labels.filter(|labels| !labels.is_empty()) else { return Vec::new() };
    let selector = LabelSelector { match_labels: Some(labels), match_expressions: None };
    let selected = index.selected::<Pod>(owner::namespace(service), &selector);
    selected.into_iter().filter_map(|pod| parse(pod)).collect()
}

/// The writes that make a Service's slices show its pods.
pub(crate) fn reconcile(service: &Service, observed: Observed, now: Timestamp) -> Plan {
    let is_external =
        service.spec.as_ref().and_then(|spec| spec.type_.as_deref()) == Some("ExternalName");
    let selects = service
        .spec
        .as_ref()
        .and_then(|spec| spec.selector.as_ref())
        .is_some_and(|selector| !selector.is_empty());
    if !selects || is_external || service.metadata.deletion_timestamp.is_some() {
        return Plan::default();
    }
    let groups = groups(service, &observed.pods);
    slices::reconcile(service, groups, observed.slices, now)
}

/// The endpoints by their ports; a Service without endpoints has one empty group.
fn groups(service: &Service, pods: &[Pod]) -> Vec<Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for pod in pods.iter().filter(|pod| has_address(pod) && !pods::is_finished(pod)) {
        let ports = ports::resolve(service, pod);
        let key = serde_json::json!(ports).to_string();
        let group = groups.entry(key).or_insert_with(|| Group { ports, endpoints: Vec::new() });
        group.endpoints.push(endpoint(service, pod));
    }
    if groups.is_empty() {
        return vec![Group { ports: Vec::new(), endpoints: Vec::new() }];
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    for group in &mut groups {
        group.endpoints.sort_by(|left, right| left.addresses.cmp(&right.addresses));
    }
    groups
}

fn endpoint(service: &Service, pod: &Pod) -> Endpoint {
    let spec = service.spec.as_ref();
    let publishes_all = spec.and_then(|spec| spec.publish_not_ready_addresses) == Some(true);
    let (serving, terminating) = (pods::is_ready(pod), pods::is_terminating(pod));
    let pod_spec = pod.spec.as_ref();
    // Only pods of a headless Service that name it are known by their host name.
    let subdomain = pod_spec.and_then(|spec| spec.subdomain.as_deref());
    let hostname = pod_spec
        .and_then(|spec| spec.hostname.clone())
        .filter(|_| subdomain == service.metadata.name.as_deref());
    Endpoint {
        addresses: pod.status.iter().filter_map(|status| status.pod_ip.clone()).collect(),
        conditions: Some(EndpointConditions {
            ready: Some(publishes_all || serving && !terminating),
            serving: Some(publishes_all || serving),
            terminating: Some(terminating),
        }),
        hostname,
        node_name: pod_spec.and_then(|spec| spec.node_name.clone()),
        target_ref: Some(ObjectReference {
            kind: Some("Pod".to_owned()),
            namespace: pod.metadata.namespace.clone(),
            name: pod.metadata.name.clone(),
            uid: pod.metadata.uid.clone(),
            ..ObjectReference::default()
        }),
        ..Endpoint::default()
    }
}

/// Whether a pod has an address to be reached at.
pub(super) fn has_address(pod: &Pod) -> bool {
    pod.status.as_ref().is_some_and(|status| status.pod_ip.is_some())
}
