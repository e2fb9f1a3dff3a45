//! `ReplicaSet`s: as many pods of a template as `replicas` says.

use std::collections::HashMap;

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{
    ReplicaSet, ReplicaSetCondition, ReplicaSetSpec, ReplicaSetStatus,
};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::{Controller, owner, pods};
use crate::control_plane::runner::{Index, Note, Operation, Plan};
use crate::control_plane::store::{Event, Key};

/// So many pods are created or deleted in one step.
const BURST: usize = 500;

/// The `ReplicaSet` controller.
#[derive(Default)]
pub(super) struct ReplicaSets {
    /// Why the last creation failed, for the condition.
    failures: HashMap<Key, String>,
}

/// What a `ReplicaSet` controls.
pub(crate) struct Observed {
    /// Its pods.
    pub(crate) pods: Vec<Pod>,
    /// Why the last creation of a pod failed.
    pub(crate) failure: Option<String>,
}

impl Controller for ReplicaSets {
    fn name(&self) -> &'static str {
        "replicaset-controller"
    }

    fn concerns(&self, event: &Event, index: &Index) -> Vec<Key> {
        owner::concerned::<ReplicaSet, Pod>(event, index)
    }

    fn plan(&mut self, key: &Key, index: &Index, now: Timestamp) -> Plan {
        let Some(set) = index.get::<ReplicaSet>(&key.namespace, &key.name) else {
            self.failures.remove(key);
            return Plan::default();
        };
        let Some(spec) = &set.spec else { return Plan::default() };
        let claimed = owner::claim::<_, Pod>(&set, &spec.selector, index);
        if !claimed.operations.is_empty() {
            return Plan { operations: claimed.operations, again_at: Some(now) };
        }
        let failure = self.failures.get(key).cloned();
        reconcile(&set, Observed { pods: claimed.owned, failure }, now)
    }

    fn ended(&mut self, key: &Key, failure: Option<&str>) {
        match failure {
            Some(message) => self.failures.insert(key.clone(), message.to_owned()),
            None => self.failures.remove(key),
        };
    }
}

/// One step of a `ReplicaSet` towards its replicas.
pub(crate) fn reconcile(set: &ReplicaSet, observed: Observed, now: Timestamp) -> Plan {
    let Some(spec) = &set.spec else { return Plan::default() };
    let (active, others): (Vec<Pod>, Vec<Pod>) =
        observed.pods.into_iter().partition(pods::is_active);
    let terminating = others.iter().filter(|pod| pods::is_terminating(pod)).count();
    let mut plan = Plan::default();
    let status = status(set, spec, &active, (terminating, observed.failure), now);
    if set.status.as_ref() != Some(&status) {
        plan.push(Operation::status(&ReplicaSet { status: Some(status), ..set.clone() }));
    }
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    if min_ready > 0 {
        let coming = active.iter().filter_map(|pod| pods::available_at(pod, min_ready));
        if let Some(at) = coming.filter(|at| *at > now).min() {
            plan.look_again(at);
        }
    }
    if set.metadata.deletion_timestamp.is_none() {
        manage(set, spec, active, &mut plan);
    }
    plan
}

fn manage(set: &ReplicaSet, spec: &ReplicaSetSpec, mut active: Vec<Pod>, plan: &mut Plan) {
    let replicas = usize::try_from(spec.replicas.unwrap_or(1)).unwrap_or_default();
    if let Some(template) = spec.template.as_ref().filter(|_| active.len() < replicas) {
        let mut pod = pods::from_template(template, owner::controller_reference(set));
        pod.metadata.namespace.clone_from(&set.metadata.namespace);
        pod.metadata.generate_name = Some(format!("{}-", owner::name(set)));
        let note = Note::normal(set, "SuccessfulCreate", "Created pod: {}");
        let create = Operation::create(&pod, Some(note));
        let count = (replicas - active.len()).min(BURST);
        plan.operations.extend(std::iter::repeat_n(create, count));
        return;
    }
    let surplus = active.len().saturating_sub(replicas);
    pods::sort_for_deletion(&mut active);
    for pod in active.iter().take(surplus.min(BURST)) {
        let message = format!("Deleted pod: {}", owner::name(pod));
        let note = Note::normal(set, "SuccessfulDelete", message);
        plan.push(Operation::delete(pod, Some(note)));
    }
}

fn status(
    set: &ReplicaSet,
    spec: &ReplicaSetSpec,
    active: &[Pod],
    (terminating, failure): (usize, Option<String>),
    now: Timestamp,
) -> ReplicaSetStatus {
    let count = |wanted: &dyn Fn(&Pod) -> bool| {
        i32::try_from(active.iter().filter(|pod| wanted(pod)).count()).unwrap_or(i32::MAX)
    };
    let some = |number: i32| Some(number).filter(|number| *number != 0);
    let template = spec.template.as_ref().and_then(|template| template.metadata.as_ref());
    let template_labels = template.and_then(|metadata| metadata.labels.as_ref());
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    let fully_labeled = |pod: &Pod| {
        let labels = pod.metadata.labels.as_ref();
        template_labels
            .into_iter()
            .flatten()
            .all(|(key, value)| labels.and_then(|labels| labels.get(key)) == Some(value))
    };
    ReplicaSetStatus {
        observed_generation: set.metadata.generation,
        replicas: count(&|_| true),
        fully_labeled_replicas: some(count(&fully_labeled)),
        ready_replicas: some(count(&pods::is_ready)),
        available_replicas: some(count(&|pod| pods::is_available(pod, min_ready, now))),
        terminating_replicas: Some(i32::try_from(terminating).unwrap_or(i32::MAX)),
        conditions: conditions(set, failure, now),
    }
}

fn conditions(
    set: &ReplicaSet,
    failure: Option<String>,
    now: Timestamp,
) -> Option<Vec<ReplicaSetCondition>> {
    let message = failure?;
    let current = set.status.as_ref().and_then(|status| status.conditions.as_ref());
    let current = current.into_iter().flatten().find(|c| c.type_ == "ReplicaFailure");
    let since = current.and_then(|current| current.last_transition_time.clone());
    Some(vec![ReplicaSetCondition {
        type_: "ReplicaFailure".to_owned(),
        status: "True".to_owned(),
        reason: Some("FailedCreate".to_owned()),
        message: Some(message),
        last_transition_time: Some(since.unwrap_or(Time(now))),
    }])
}
