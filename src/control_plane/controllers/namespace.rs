//! Namespaces: what every new one gets, and the end of one that is deleted: pods first, then the rest.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{
    ConfigMap, Namespace, NamespaceCondition, NamespaceStatus, Pod, ServiceAccount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};

use super::Controller;
use crate::control_plane::runner::{Index, Operation, Plan, Reference, is, kind_of};
use crate::control_plane::store::{Change, Event, Key, Stored};
use crate::control_plane::verbs::Propagation;
use crate::kubernetes::kinds;

const DEFAULT_ACCOUNT: &str = "default";
const ROOT_CA: &str = "kube-root-ca.crt";
const FINALIZER: &str = "kubernetes";

/// The namespace controller.
pub(super) struct Namespaces {
    pub(super) ca_certificate: String,
}

/// What is in a namespace.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    /// Whether the default `ServiceAccount` is there.
    pub(crate) has_account: bool,
    /// The CA certificate that its `ConfigMap` holds.
    pub(crate) root_ca: Option<ConfigMap>,
    /// Everything in it, when it is being deleted.
    pub(crate) content: Vec<Content>,
}

/// One object of a namespace that is being deleted.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) target: Reference,
    pub(crate) deleting: bool,
    pub(crate) finalizers: Vec<String>,
}

impl Controller for Namespaces {
    fn name(&self) -> &'static str {
        "namespace-controller"
    }

    fn concerns(&self, event: &Event, index: &Index) -> Vec<Key> {
        let object = &event.object;
        if is::<Namespace>(object) {
            return vec![Key::from(&**object)];
        }
        if object.namespace.is_empty() {
            return Vec::new();
        }
        let key = Key::new(kind_of::<Namespace>(), "", object.namespace.clone());
        let ends = event.change == Change::Deleted || event.change == Change::Added;
        let is_emptied = ends && index.stored(&key).is_some_and(|namespace| namespace.deleting);
        let is_own = is::<ServiceAccount>(object) && object.name == DEFAULT_ACCOUNT
            || is::<ConfigMap>(object) && object.name == ROOT_CA;
        if is_emptied || is_own { vec![key] } else { Vec::new() }
    }

    fn plan(&mut self, key: &Key, index: &Index, now: Timestamp) -> Plan {
        let Some(namespace) = index.get::<Namespace>("", &key.name) else {
            return Plan::default();
        };
        let name = &key.name;
        let observed = if namespace.metadata.deletion_timestamp.is_some() {
            let namespaced = kinds::all().iter().filter(|kind| kind.namespaced);
            let content = namespaced.flat_map(|kind| index.in_namespace(kind, name));
            Observed {
                content: content.map(|object| content_of(object)).collect(),
                ..Observed::default()
            }
        } else {
            let account = Key::new(kind_of::<ServiceAccount>(), name.clone(), DEFAULT_ACCOUNT);
            Observed {
                has_account: index.stored(&account).is_some(),
                root_ca: index.get::<ConfigMap>(name, ROOT_CA),
                content: Vec::new(),
            }
        };
        reconcile(&namespace, &observed, &self.ca_certificate, now)
    }
}

/// Furnishes a namespace, or empties one that is being deleted.
pub(crate) fn reconcile(
    namespace: &Namespace,
    observed: &Observed,
    ca_certificate: &str,
    now: Timestamp,
) -> Plan {
    if namespace.metadata.deletion_timestamp.is_some() {
        return empty(namespace, &observed.content, now);
    }
    let mut plan = Plan::default();
    let metadata = |name: &str| ObjectMeta {
        name: Some(name.to_owned()),
        namespace: namespace.metadata.name.clone(),
        ..ObjectMeta::default()
    };
    if !observed.has_account {
        let metadata = metadata(DEFAULT_ACCOUNT);
        let account = ServiceAccount { metadata, ..ServiceAccount::default() };
        plan.push(Operation::create(&account, None));
    }
    let data = BTreeMap::from([("ca.crt".to_owned(), ca_certificate.to_owned())]);
    match &observed.root_ca {
        None => {
            let metadata = metadata(ROOT_CA);
            let map = ConfigMap { metadata, data: Some(data), ..ConfigMap::default() };
            plan.push(Operation::create(&map, None));
        }
        Some(map) if map.data.as_ref() != Some(&data) => {
            plan.push(Operation::patch(map, serde_json::json!({"data": data})));
        }
        Some(_) => {}
    }
    plan
}

fn empty(namespace: &Namespace, content: &[Content], now: Timestamp) -> Plan {
    let mut plan = Plan::default();
    let is_pod = |one: &&Content| {
        let kind = one.target.key.kind;
        kind.group.is_empty() && kind.kind == <Pod as k8s_openapi::Resource>::KIND
    };
    let pods_left = content.iter().any(|one| is_pod(&one));
    let next = content.iter().filter(|one| !one.deleting && (!pods_left || is_pod(one)));
    for one in next {
        plan.push(Operation::Delete {
            target: one.target.clone(),
            grace_period: None,
            propagation: Propagation::Background,
            note: None,
        });
    }
    let status = status(namespace, content, now);
    if namespace.status.as_ref() != Some(&status) {
        let namespace = Namespace { status: Some(status), ..namespace.clone() };
        plan.push(Operation::status(&namespace));
    }
    if content.is_empty() {
        plan.push(finalize(namespace));
    }
    plan
}

/// Takes `kubernetes` out of `spec.finalizers`: the last write to a namespace.
fn finalize(namespace: &Namespace) -> Operation {
    let mut object = namespace.clone();
    object.metadata.resource_version = None;
    let finalizers = object.spec.get_or_insert_default().finalizers.get_or_insert_default();
    finalizers.retain(|finalizer| finalizer != FINALIZER);
    Operation::Replace {
        target: Reference::to(namespace),
        subresource: "finalize",
        object: serde_json::json!(object),
    }
}

fn status(namespace: &Namespace, content: &[Content], now: Timestamp) -> NamespaceStatus {
    let remaining = tally(content.iter().map(resource), |kind, count| {
        format!("{kind} has {count} resource instances")
    });
    let finalizers = content.iter().filter(|one| one.deleting).flat_map(|one| &one.finalizers);
    let finalizers = tally(finalizers.cloned(), |finalizer, count| {
        format!("{finalizer} in {count} resource instances")
    });
    let content_left = match remaining {
        Some(list) => {
            ("True", "SomeResourcesRemain", format!("Some resources are remaining: {list}"))
        }
        None => ("False", "ContentRemoved", "All content successfully removed".to_owned()),
    };
    let finalizers_left = if let Some(list) = finalizers {
        let message = format!("Some content in the namespace has finalizers remaining: {list}");
        ("True", "SomeFinalizersRemain", message)
    } else {
        let message = "All content-preserving finalizers finished";
        ("False", "ContentHasNoFinalizers", message.to_owned())
    };
    let fine = |reason, message: &str| ("False", reason, message.to_owned());
    let conditions = [
        (
            "NamespaceDeletionDiscoveryFailure",
            fine("ResourcesDiscovered", "All resources successfully discovered"),
        ),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            fine("ParsedGroupVersions", "All legacy kube types successfully parsed"),
        ),
        (
            "NamespaceDeletionContentFailure",
            fine(
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization",
            ),
        ),
        ("NamespaceContentRemaining", content_left),
        ("NamespaceFinalizersRemaining", finalizers_left),
    ];
    let before = namespace.status.as_ref().and_then(|status| status.conditions.as_ref());
    let conditions = conditions.into_iter().map(|(kind, (status, reason, message))| {
        let same = before.into_iter().flatten();
        let mut same = same.filter(|c| c.type_ == kind && c.status == status);
        let since = same.next().and_then(|condition| condition.last_transition_time.clone());
        NamespaceCondition {
            type_: kind.to_owned(),
            status: status.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message),
            last_transition_time: Some(since.unwrap_or(Time(now))),
        }
    });
    NamespaceStatus {
        phase: Some("Terminating".to_owned()),
        conditions: Some(conditions.collect()),
    }
}

fn tally(
    items: impl Iterator<Item = String>,
    show: impl Fn(&str, usize) -> String,
) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    let shown: Vec<String> = counts.iter().map(|(item, count)| show(item, *count)).collect();
    (!shown.is_empty()).then(|| shown.join(", "))
}

/// `pods.` or `deployments.apps`, as upstream's message has it.
fn resource(content: &Content) -> String {
    let kind = content.target.key.kind;
    format!("{}.{}", kind.plural, kind.group)
}

fn content_of(object: &Stored) -> Content {
    let metadata = object.value();
    let finalizers = metadata.pointer("/metadata/finalizers").and_then(|list| list.as_array());
    let finalizers = finalizers.into_iter().flatten().filter_map(|one| one.as_str());
    Content {
        target: Reference { key: Key::from(object), uid: object.uid.clone() },
        deleting: object.deleting,
        finalizers: finalizers.map(str::to_owned).collect(),
    }
}
