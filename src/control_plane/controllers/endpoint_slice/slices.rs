//! Endpoints divided among slices: an endpoint stays where it is, so that few slices change.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointPort, EndpointSlice};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::json;

use super::{Group, MANAGER};
use crate::control_plane::controllers::{labels, owner};
use crate::control_plane::runner::{Operation, Plan};

const PER_SLICE: usize = 100;

pub(super) fn reconcile(
    service: &Service,
    groups: Vec<Group>,
    mut slices: Vec<EndpointSlice>,
    now: Timestamp,
) -> Plan {
    let mut plan = Plan::default();
    slices.sort_by(|left, right| left.metadata.name.cmp(&right.metadata.name));
    slices.retain(|slice| slice.metadata.deletion_timestamp.is_none());
    for group in groups {
        let same =
            |slice: &EndpointSlice| slice.ports.as_deref().unwrap_or_default() == group.ports;
        let (mut mine, others): (Vec<_>, Vec<_>) = slices.into_iter().partition(same);
        slices = others;
        // One slice is used anew before it is deleted and another created.
        if mine.is_empty() && !slices.is_empty() {
            mine.push(slices.remove(0));
        }
        divide(service, group, mine, now, &mut plan);
    }
    plan.operations.extend(slices.iter().map(|slice| Operation::delete(slice, None)));
    plan
}

fn divide(
    service: &Service,
    group: Group,
    mine: Vec<EndpointSlice>,
    now: Timestamp,
    plan: &mut Plan,
) {
    let Group { ports, endpoints } = group;
    let mut waiting: BTreeMap<Vec<String>, Endpoint> =
        endpoints.into_iter().map(|endpoint| (endpoint.addresses.clone(), endpoint)).collect();
    let mut kept: Vec<(EndpointSlice, Vec<Endpoint>)> = Vec::new();
    for slice in mine {
        let known = slice.endpoints.iter();
        let stay = known.filter_map(|endpoint| waiting.remove(&endpoint.addresses)).collect();
        kept.push((slice, stay));
    }
    for (_, endpoints) in &mut kept {
        while endpoints.len() < PER_SLICE
            && let Some((_, endpoint)) = waiting.pop_first()
        {
            endpoints.push(endpoint);
        }
    }
    let is_needed =
        |position: usize, endpoints: &[Endpoint]| position == 0 || !endpoints.is_empty();
    for (position, (slice, endpoints)) in kept.iter().enumerate() {
        if is_needed(position, endpoints) {
            plan.operations.extend(update(service, slice, &ports, endpoints, now));
        } else {
            plan.push(Operation::delete(slice, None));
        }
    }
    let rest: Vec<Endpoint> = waiting.into_values().collect();
    for chunk in rest.chunks(PER_SLICE) {
        plan.push(create(service, &ports, chunk, now));
    }
    if kept.is_empty() && rest.is_empty() {
        plan.push(create(service, &ports, &[], now));
    }
}

fn update(
    service: &Service,
    slice: &EndpointSlice,
    ports: &[EndpointPort],
    endpoints: &[Endpoint],
    now: Timestamp,
) -> Option<Operation> {
    let labels = slice_labels(service);
    if slice.endpoints == endpoints
        && slice.ports.as_deref().unwrap_or_default() == ports
        && slice.metadata.labels.as_ref() == Some(&labels)
    {
        return None;
    }
    let patched = owner::labels_patch(&slice.metadata, &labels);
    let patch = json!({
        "metadata": {"labels": patched, "annotations": trigger(now)},
        "endpoints": endpoints,
        "ports": ports,
    });
    Some(Operation::patch(slice, patch))
}

fn create(
    service: &Service,
    ports: &[EndpointPort],
    endpoints: &[Endpoint],
    now: Timestamp,
) -> Operation {
    let slice = EndpointSlice {
        metadata: ObjectMeta {
            generate_name: Some(format!("{}-", owner::name(service))),
            namespace: service.metadata.namespace.clone(),
            labels: Some(slice_labels(service)),
            annotations: Some(trigger(now)),
            owner_references: Some(vec![owner::controller_reference(service)]),
            ..ObjectMeta::default()
        },
        address_type: "IPv4".to_owned(),
        endpoints: endpoints.to_vec(),
        ports: Some(ports.to_vec()),
    };
    Operation::create(&slice, None)
}

fn slice_labels(service: &Service) -> BTreeMap<String, String> {
    let mut labels = service.metadata.labels.clone().unwrap_or_default();
    labels.insert(labels::SERVICE_NAME.to_owned(), owner::name(service).to_owned());
    labels.insert(labels::SLICE_MANAGED_BY.to_owned(), MANAGER.to_owned());
    let cluster_ip = service.spec.as_ref().and_then(|spec| spec.cluster_ip.as_deref());
    if cluster_ip == Some("None") {
        labels.insert(labels::HEADLESS.to_owned(), String::new());
    } else {
        labels.remove(labels::HEADLESS);
    }
    labels
}

fn trigger(now: Timestamp) -> BTreeMap<String, String> {
    BTreeMap::from([(labels::LAST_CHANGE_TRIGGER.to_owned(), now.strftime("%FT%TZ").to_string())])
}
