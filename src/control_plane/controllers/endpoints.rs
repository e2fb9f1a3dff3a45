//! Legacy `Endpoints`, for clients that do not read slices: all addresses of a Service in one object.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{
    EndpointAddress, EndpointPort, EndpointSubset, Endpoints, ObjectReference, Pod, Service,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::json;

use super::endpoint_slice::{has_address, port_number, selected, services_of};
use super::{Controller, labels, owner, pods};
use crate::control_plane::runner::{Index, Operation, Plan, is, kind_of};
use crate::control_plane::store::{Event, Key};

/// The value of the label that says that an object is ours.
const MANAGER: &str = "endpoint-controller";
/// Addresses beyond these are left out, as upstream leaves them out.
const MOST: usize = 1_000;

/// The Endpoints controller.
pub(super) struct AllEndpoints;

impl Controller for AllEndpoints {
    fn name(&self) -> &'static str {
        "endpoint-controller"
    }

    fn concerns(&self, event: &Event, index: &Index) -> Vec<Key> {
        let object = &event.object;
        if is::<Endpoints>(object) {
            return vec![Key::new(
                kind_of::<Service>(),
                object.namespace.clone(),
                object.name.clone(),
            )];
        }
        services_of(event, index)
    }

    fn plan(&mut self, key: &Key, index: &Index, _now: Timestamp) -> Plan {
        let found = index.get::<Endpoints>(&key.namespace, &key.name);
        let service = index.get::<Service>(&key.namespace, &key.name);
        let pods = service.as_ref().map(|service| selected(service, index)).unwrap_or_default();
        reconcile(service.as_ref(), found, &pods)
    }
}

/// The write that makes a Service's Endpoints show its pods; they go with the Service.
pub(crate) fn reconcile(service: Option<&Service>, found: Option<Endpoints>, pods: &[Pod]) -> Plan {
    let mut plan = Plan::default();
    let Some(service) = service else {
        let ours = found
            .filter(|endpoints| label(endpoints, labels::ENDPOINTS_MANAGED_BY) == Some(MANAGER));
        plan.operations.extend(ours.map(|endpoints| Operation::delete(&endpoints, None)));
        return plan;
    };
    let spec = service.spec.as_ref();
    let selects = spec.and_then(|spec| spec.selector.as_ref()).is_some_and(|all| !all.is_empty());
    let is_external = spec.and_then(|spec| spec.type_.as_deref()) == Some("ExternalName");
    if !selects || is_external || service.metadata.deletion_timestamp.is_some() {
        return plan;
    }
    let subsets = subsets(service, pods);
    let subsets = Some(subsets).filter(|subsets| !subsets.is_empty());
    let labels = endpoints_labels(service);
    match found {
        None => plan.push(Operation::create(&endpoints(service, labels, subsets), None)),
        Some(found)
            if found.subsets != subsets || found.metadata.labels.as_ref() != Some(&labels) =>
        {
            let patched = owner::labels_patch(&found.metadata, &labels);
            let patch = json!({"metadata": {"labels": patched}, "subsets": subsets});
            plan.push(Operation::patch(&found, patch));
        }
        Some(_) => {}
    }
    plan
}

fn endpoints(
    service: &Service,
    labels: BTreeMap<String, String>,
    subsets: Option<Vec<EndpointSubset>>,
) -> Endpoints {
    Endpoints {
        metadata: ObjectMeta {
            name: service.metadata.name.clone(),
            namespace: service.metadata.namespace.clone(),
            labels: Some(labels),
            ..ObjectMeta::default()
        },
        subsets,
    }
}

/// The addresses by their ports, those that are ready apart from those that are not.
fn subsets(service: &Service, pods: &[Pod]) -> Vec<EndpointSubset> {
    let publishes_all =
        service.spec.as_ref().and_then(|spec| spec.publish_not_ready_addresses) == Some(true);
    let mut subsets: BTreeMap<String, EndpointSubset> = BTreeMap::new();
    let reachable = |pod: &&Pod| has_address(pod) && pods::is_active(pod);
    for pod in pods.iter().filter(reachable).take(MOST) {
        let ports = ports(service, pod);
        let key = json!(ports).to_string();
        let subset = subsets.entry(key).or_default();
        subset.ports = Some(ports).filter(|ports| !ports.is_empty());
        let list = if publishes_all || pods::is_ready(pod) {
            &mut subset.addresses
        } else {
            &mut subset.not_ready_addresses
        };
        list.get_or_insert_default().push(address(service, pod));
    }
    let mut subsets: Vec<EndpointSubset> = subsets.into_values().collect();
    for subset in &mut subsets {
        for list in [&mut subset.addresses, &mut subset.not_ready_addresses].into_iter().flatten() {
            list.sort_by(|left, right| left.ip.cmp(&right.ip));
        }
    }
    subsets
}

fn ports(service: &Service, pod: &Pod) -> Vec<EndpointPort> {
    let ports = service.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
    ports
        .filter_map(|port| {
            Some(EndpointPort {
                name: port.name.clone(),
                port: port_number(port, pod)?,
                protocol: port.protocol.clone(),
                app_protocol: port.app_protocol.clone(),
            })
        })
        .collect()
}

fn address(service: &Service, pod: &Pod) -> EndpointAddress {
    let spec = pod.spec.as_ref();
    let subdomain = spec.and_then(|spec| spec.subdomain.as_deref());
    EndpointAddress {
        ip: pod.status.as_ref().and_then(|status| status.pod_ip.clone()).unwrap_or_default(),
        hostname: spec
            .and_then(|spec| spec.hostname.clone())
            .filter(|_| subdomain == Some(owner::name(service))),
        node_name: spec.and_then(|spec| spec.node_name.clone()),
        target_ref: Some(ObjectReference {
            kind: Some("Pod".to_owned()),
            namespace: pod.metadata.namespace.clone(),
            name: pod.metadata.name.clone(),
            uid: pod.metadata.uid.clone(),
            ..ObjectReference::default()
        }),
    }
}

fn endpoints_labels(service: &Service) -> BTreeMap<String, String> {
    let mut labels = service.metadata.labels.clone().unwrap_or_default();
    labels.insert(labels::ENDPOINTS_MANAGED_BY.to_owned(), MANAGER.to_owned());
    let cluster_ip = service.spec.as_ref().and_then(|spec| spec.cluster_ip.as_deref());
    if cluster_ip == Some("None") {
        labels.insert(labels::HEADLESS.to_owned(), String::new());
    } else {
        labels.remove(labels::HEADLESS);
    }
    labels
}

fn label<'a>(endpoints: &'a Endpoints, key: &str) -> Option<&'a str> {
    endpoints.metadata.labels.as_ref()?.get(key).map(String::as_str)
}
