use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec, StatefulSetStatus};
use k8s_openapi::api::core::v1::Pod;

use super::identity;
use crate::control_plane::controllers::history::History;
use crate::control_plane::controllers::{owner, pods};
use crate::control_plane::runner::{Note, Operation, Plan};

/// One step through the ordinals of a `StatefulSet`.
pub(super) struct Update<'a> {
    set: &'a StatefulSet,
    spec: &'a StatefulSetSpec,
    history: &'a History,
    old_revision: &'a str,
    new_revision: &'a str,
    has_claim: &'a dyn Fn(&str) -> bool,
    now: Timestamp,
}

/// Whether the step goes on to the next pod.
enum Walk {
    On,
    Stop,
}

impl<'a> Update<'a> {
    pub(super) fn new(
        set: &'a StatefulSet,
        spec: &'a StatefulSetSpec,
        history: &'a History,
        status: &'a StatefulSetStatus,
        has_claim: &'a dyn Fn(&str) -> bool,
        now: Timestamp,
    ) -> Self {
        let name = |name: &'a Option<String>| name.as_deref().unwrap_or_default();
        let (old_revision, new_revision) =
            (name(&status.current_revision), name(&status.update_revision));
        Self { set, spec, history, old_revision, new_revision, has_claim, now }
    }

    /// Starts what is missing in order, stops what is too much from the end, then updates from the end.
    pub(super) fn run(&self, pods: Vec<Pod>, plan: &mut Plan) {
        let (first, last) = self.ordinals();
        let mut by_ordinal: BTreeMap<i32, Pod> = BTreeMap::new();
        for pod in pods {
            if let Some(ordinal) = identity::ordinal(self.set, &pod) {
                by_ordinal.insert(ordinal, pod);
            }
        }
        for ordinal in first..last {
            if matches!(self.start(ordinal, by_ordinal.get(&ordinal), plan), Walk::Stop) {
                return;
            }
        }
        let wanted = |ordinal: &i32| (first..last).contains(ordinal);
        let unhealthy = by_ordinal.values().find(|pod| !is_healthy(pod));
        for (_, pod) in by_ordinal.iter().rev().filter(|(ordinal, _)| !wanted(ordinal)) {
            if matches!(self.condemn(pod, unhealthy, plan), Walk::Stop) {
                return;
            }
        }
        self.roll(&by_ordinal, plan);
    }

    fn start(&self, ordinal: i32, pod: Option<&Pod>, plan: &mut Plan) -> Walk {
        let in_order = self.is_in_order();
        let next = if in_order { Walk::Stop } else { Walk::On };
        let Some(pod) = pod else {
            self.create(ordinal, plan);
            return next;
        };
        if pods::is_finished(pod) {
            if !pods::is_terminating(pod) {
                self.delete(pod, plan);
            }
            return next;
        }
        let min_ready = self.spec.min_ready_seconds.unwrap_or(0);
        if let Some(at) = pods::available_at(pod, min_ready).filter(|at| *at > self.now) {
            plan.look_again(at);
        }
        let available = pods::is_available(pod, min_ready, self.now);
        if is_healthy(pod) && available { Walk::On } else { next }
    }

    fn condemn(&self, pod: &Pod, unhealthy: Option<&Pod>, plan: &mut Plan) -> Walk {
        let next = if self.is_in_order() { Walk::Stop } else { Walk::On };
        if pods::is_terminating(pod) {
            return next;
        }
        // An unhealthy pod elsewhere comes first, unless it is this one.
        let blocked = unhealthy.is_some_and(|one| one.metadata.uid != pod.metadata.uid);
        if self.is_in_order() && blocked && !is_healthy(pod) {
            return Walk::Stop;
        }
        self.delete(pod, plan);
        next
    }

    /// Replaces one pod of an old revision, from the end down to the partition, when all after it are healthy.
    fn roll(&self, by_ordinal: &BTreeMap<i32, Pod>, plan: &mut Plan) {
        let strategy = self.spec.update_strategy.as_ref();
        if strategy.and_then(|strategy| strategy.type_.as_deref()) == Some("OnDelete") {
            return;
        }
        let (first, last) = self.ordinals();
        for ordinal in (first + self.partition()..last).rev() {
            let Some(pod) = by_ordinal.get(&ordinal) else { return };
            if identity::revision(pod) != Some(self.new_revision) && !pods::is_terminating(pod) {
                self.delete(pod, plan);
                return;
            }
            if !is_healthy(pod) {
                return;
            }
        }
    }

    fn create(&self, ordinal: i32, plan: &mut Plan) {
        let (first, _) = self.ordinals();
        // Below the partition a pod comes back as it was.
        let old = ordinal < first + self.partition();
        let revision = if old { self.old_revision } else { self.new_revision };
        let template = self.history.template(revision);
        let template = template.as_ref().unwrap_or(&self.spec.template);
        let pod = identity::pod(self.set, self.spec, template, revision, ordinal);
        let (set, name) = (owner::name(self.set), owner::name(&pod));
        for (_, claim) in identity::claims(self.set, self.spec, name) {
            let claim_name = owner::name(&claim);
            if !(self.has_claim)(claim_name) {
                let message =
                    format!("create Claim {claim_name} Pod {name} in StatefulSet {set} success");
                let note = Note::normal(self.set, "SuccessfulCreate", message);
                plan.push(Operation::create(&claim, Some(note)));
            }
        }
        let message = format!("create Pod {name} in StatefulSet {set} successful");
        let note = Note::normal(self.set, "SuccessfulCreate", message);
        plan.push(Operation::create(&pod, Some(note)));
    }

    fn delete(&self, pod: &Pod, plan: &mut Plan) {
        let (set, name) = (owner::name(self.set), owner::name(pod));
        let message = format!("delete Pod {name} in StatefulSet {set} successful");
        let note = Note::normal(self.set, "SuccessfulDelete", message);
        plan.push(Operation::delete(pod, Some(note)));
    }

    fn is_in_order(&self) -> bool {
        self.spec.pod_management_policy.as_deref() != Some("Parallel")
    }

    fn ordinals(&self) -> (i32, i32) {
        let start = self.spec.ordinals.as_ref().and_then(|ordinals| ordinals.start).unwrap_or(0);
        (start, start.saturating_add(self.spec.replicas.unwrap_or(1)))
    }

    fn partition(&self) -> i32 {
        let strategy = self.spec.update_strategy.as_ref();
        let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
        rolling.and_then(|rolling| rolling.partition).unwrap_or(0)
    }
}

fn is_healthy(pod: &Pod) -> bool {
    pods::phase(pod) == "Running" && pods::is_ready(pod) && !pods::is_terminating(pod)
}
