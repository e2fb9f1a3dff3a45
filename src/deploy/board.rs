use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::fields::{condition, items, member, number, text, value};
use super::kinds::VOLUME;
use super::observe::owners;
use super::pod::{has_started, is_ready, pod_trouble};
use super::workload::{Phase, State, is_observed, workload_state};
use super::{Id, Trouble, reasons};
use crate::kubernetes::{Gate, GateCondition, Object};

/// Where controllers count the revisions of a Deployment.
const REVISION: &str = "deployment.kubernetes.io/revision";
/// The label that tells the revision of a pod of a `StatefulSet` or `DaemonSet`.
const REVISION_HASH: &str = "controller-revision-hash";

/// The latest state of everything that a wait looks at; fed by watches, does no I/O.
#[derive(Debug, Default)]
pub(super) struct Board {
    objects: BTreeMap<Id, Object>,
    /// What each object owns, by the owner's uid.
    owned: BTreeMap<String, BTreeSet<Id>>,
    /// What was applied: until the cluster shows it, an older state says nothing.
    applied: BTreeMap<Id, Applied>,
    /// The kinds whose first list is complete.
    listed: BTreeSet<&'static str>,
    /// The objects that a running list has shown so far.
    listing: BTreeMap<&'static str, BTreeSet<Id>>,
    /// The latest warning about an object, by the object's uid.
    warnings: BTreeMap<String, Object>,
    /// Pods in trouble, and since when.
    troubled: BTreeMap<Id, (Trouble, Instant)>,
}

#[derive(Debug)]
struct Applied {
    uid: String,
    generation: i64,
}

/// What the board says about a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It holds.
    Open,
    /// Not yet: what is missing, in a few words.
    Closed(String),
    /// It never will.
    Failed(Trouble),
}

/// News from a watch of one kind.
#[derive(Debug)]
pub(super) enum News {
    /// A list begins.
    Listing,
    /// An object that the list shows.
    Listed(Object),
    /// The list is complete.
    AllListed,
    /// An object is new or has changed.
    Changed(Object),
    /// An object is gone.
    Gone(Object),
}

impl Board {
    /// Takes in news of a kind.
    pub(super) fn take(&mut self, kind: &'static str, news: News, now: Instant) {
        match news {
            News::Listing => {
                self.listing.insert(kind, BTreeSet::new());
            }
            News::Listed(object) => {
                if let Some(seen) = self.listing.get_mut(kind) {
                    seen.insert(Id::of(&object));
                }
                self.put(object, now);
            }
            News::AllListed => {
                let seen = self.listing.remove(kind).unwrap_or_default();
                let gone: Vec<Id> =
                    self.of_kind(kind).map(Id::of).filter(|id| !seen.contains(id)).collect();
                for id in gone {
                    self.remove(&id);
                }
                self.listed.insert(kind);
            }
            News::Changed(object) => self.put(object, now),
            News::Gone(object) => self.remove(&Id::of(&object)),
        }
    }

    /// Remembers what was applied, as the cluster answered.
    pub(super) fn expect(&mut self, answer: &Object) {
        let uid = text(answer, "metadata.uid").to_owned();
        let generation = number(answer, "metadata.generation");
        self.applied.insert(Id::of(answer), Applied { uid, generation });
    }

    /// Whether the first lists of these kinds are complete.
    pub(super) fn has_listed<'a>(&self, mut kinds: impl Iterator<Item = &'a str>) -> bool {
        kinds.all(|kind| self.listed.contains(kind))
    }

    /// All objects of a kind.
    pub(super) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        self.objects
            .range(Id::new(kind, "")..)
            .take_while(move |(id, _)| id.kind == kind)
            .map(|(_, object)| object)
    }

    /// An object.
    pub(super) fn get(&self, id: &Id) -> Option<&Object> {
        self.objects.get(id)
    }

    /// The state of a workload, once the cluster shows what was applied.
    pub(super) fn state(&self, id: &Id) -> Option<State> {
        let object = self.objects.get(id)?;
        if let Some(applied) = self.applied.get(id) {
            let same = applied.uid.is_empty() || applied.uid == text(object, "metadata.uid");
            if !same || number(object, "metadata.generation") < applied.generation {
                return None;
            }
        }
        Some(workload_state(object))
    }

    /// The same, once the controller has seen it too.
    pub(super) fn current_state(&self, id: &Id) -> Option<State> {
        let state = self.state(id)?;
        let has_controller = matches!(id.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet");
        let seen = !has_controller || self.objects.get(id).is_some_and(is_observed);
        seen.then_some(state)
    }

    /// Whether a gate is open.
    pub(super) fn judge(&self, gate: &Gate, now: Instant) -> Verdict {
        let id = Id::new(&gate.kind, &gate.name);
        let Some((object, state)) = self.objects.get(&id).zip(self.state(&id)) else {
            return Verdict::Closed("not seen yet".to_owned());
        };
        if let Phase::Failed { reason, message } = &state.phase {
            return Verdict::Failed(self.told_by_pod(object, reason, message));
        }
        let Phase::Progressing(told) = state.phase else {
            return Verdict::Open;
        };
        let pods = self.current_pods(object);
        let open = match gate.until {
            GateCondition::Started => pods.iter().any(|pod| has_started(pod)),
            GateCondition::Ready => {
                gate.kind == "Job" && !pods.is_empty() && pods.iter().all(|pod| is_ready(pod))
            }
            GateCondition::Complete => false,
        };
        if open {
            return Verdict::Open;
        }
        match self.trouble(object, &pods, now) {
            Some((trouble, true)) => Verdict::Failed(trouble),
            Some((trouble, false)) => Verdict::Closed(format!("{told}, {}", trouble.reason)),
            None => Verdict::Closed(told),
        }
    }

    /// Whether a Job has a pod at work.
    pub(super) fn is_at_work(&self, id: &Id) -> bool {
        let Some(job) = self.objects.get(id).filter(|_| id.kind == "Job") else {
            return false;
        };
        self.current_pods(job).into_iter().any(is_ready)
    }

    /// The worst trouble of a workload's current pods, to explain why it is not ready.
    pub(super) fn trouble_of(&self, id: &Id, now: Instant) -> Option<Trouble> {
        let object = self.objects.get(id)?;
        self.trouble(object, &self.current_pods(object), now).map(|(trouble, _)| trouble)
    }

    /// The latest warning about a workload, its pods or what stands between them.
    pub(super) fn warning_about(&self, id: &Id) -> Option<&Object> {
        let object = self.objects.get(id)?;
        let pods = self.current_pods(object);
        let between = self.current_replica_sets(object);
        let claims = pods.iter().flat_map(|pod| self.unbound_claims(pod)).collect::<Vec<_>>();
        let about = pods.into_iter().chain(between).chain(claims).chain([object]);
        about
            .filter_map(|object| self.warnings.get(text(object, "metadata.uid")))
            .max_by_key(|event| event_time(event).to_owned())
    }

    /// When tolerance for some pod ends.
    pub(super) fn next_check(&self, now: Instant) -> Option<Instant> {
        self.troubled
            .values()
            .filter_map(|(trouble, since)| since.checked_add(trouble.tolerated?))
            .filter(|end| *end > now)
            .min()
    }

    fn put(&mut self, object: Object, now: Instant) {
        let id = Id::of(&object);
        match object.kind() {
            "Event" => {
                if text(&object, "type") == "Warning" {
                    let about = text(&object, "involvedObject.uid").to_owned();
                    self.warnings.insert(about, object);
                }
                return;
            }
            "Pod" => match pod_trouble(&object) {
                Some(trouble) => {
                    let since = match self.troubled.get(&id) {
                        Some((known, since)) if known.reason == trouble.reason => *since,
                        _ => now,
                    };
                    self.troubled.insert(id.clone(), (trouble, since));
                }
                None => {
                    self.troubled.remove(&id);
                }
            },
            _ => {}
        }
        self.disown(&id);
        for owner in owners(&object) {
            self.owned.entry(owner.to_owned()).or_default().insert(id.clone());
        }
        self.objects.insert(id, object);
    }

    fn remove(&mut self, id: &Id) {
        self.disown(id);
        self.objects.remove(id);
        self.troubled.remove(id);
    }

    fn disown(&mut self, id: &Id) {
        for owner in self.objects.get(id).into_iter().flat_map(owners) {
            if let Some(owned) = self.owned.get_mut(owner) {
                owned.remove(id);
            }
        }
    }

    /// The trouble of a workload, and whether it has lasted too long.
    fn trouble(&self, object: &Object, pods: &[&Object], now: Instant) -> Option<(Trouble, bool)> {
        let of_pods = pods.iter().filter_map(|pod| {
            let (trouble, since) = self.troubled.get(&Id::of(pod))?;
            // A Job tries again by itself, and says when it gives up.
            let gives_up_itself =
                object.kind() == "Job" && trouble.reason == reasons::CRASH_LOOP_BACK_OFF;
            let too_long = !gives_up_itself
                && trouble
                    .tolerated
                    .is_some_and(|tolerated| now.duration_since(*since) >= tolerated);
            Some((trouble.clone(), too_long))
        });
        let no_pods = condition(object, "ReplicaFailure")
            .filter(|failure| failure.holds && is_observed(object))
            .map(|failure| (Trouble::of_workload(failure.reason, failure.message), true));
        let worst = of_pods.chain(no_pods).max_by_key(|(_, too_long)| *too_long);
        worst.or_else(|| {
            let unbound = pods.iter().find_map(|pod| self.unbound_trouble(pod));
            unbound.map(|trouble| (trouble, false))
        })
    }

    /// A pod that waits for a volume, where nobody else says so.
    fn unbound_trouble(&self, pod: &Object) -> Option<Trouble> {
        let claim = self.unbound_claims(pod).next().filter(|_| !has_started(pod))?;
        let told = self.warnings.get(text(claim, "metadata.uid")).map(event_line);
        let message = match told {
            Some(told) => format!("{} is not bound: {told}", Id::of(claim)),
            None => format!("{} is not bound", Id::of(claim)),
        };
        Some(Trouble {
            reason: reasons::UNBOUND_VOLUME.to_owned(),
            message,
            pod: Some(pod.name().to_owned()),
            container: None,
            tolerated: None,
        })
    }

    /// The claims of a pod that have no volume yet.
    fn unbound_claims<'a>(&'a self, pod: &'a Object) -> impl Iterator<Item = &'a Object> {
        items(pod, "spec.volumes")
            .filter_map(|volume| volume.get("persistentVolumeClaim"))
            .filter_map(|claim| self.objects.get(&Id::new(VOLUME, member(claim, "claimName"))))
            .filter(|claim| !workload_state(claim).is_settled())
    }

    /// A workload that gave up, told by the pod that made it give up when there is one.
    fn told_by_pod(&self, object: &Object, reason: &str, message: &str) -> Trouble {
        let mut trouble = Trouble::of_workload(reason, message);
        let pods = self.current_pods(object);
        let told = pods.iter().find_map(|pod| self.troubled.get(&Id::of(pod)));
        if let Some((of_pod, _)) = told {
            trouble.pod.clone_from(&of_pod.pod);
            trouble.container.clone_from(&of_pod.container);
            trouble.message = format!("{message}; {}: {}", of_pod.reason, of_pod.message);
        } else if let Some(pod) =
            pods.iter().max_by_key(|pod| text(pod, "metadata.creationTimestamp"))
        {
            trouble.pod = Some(pod.name().to_owned());
            let container = items(pod, "spec.containers").next();
            trouble.container = container.map(|container| member(container, "name").to_owned());
        }
        trouble
    }

    /// The pods of a workload's current revision: those of an older one are about to go, and what
    /// troubles them is no news about what was applied.
    fn current_pods(&self, object: &Object) -> Vec<&Object> {
        match object.kind() {
            // All pods are of an older revision until the controller has seen the new one.
            "Deployment" | "StatefulSet" | "DaemonSet" if !is_observed(object) => Vec::new(),
            "Deployment" => {
                let sets = self.current_replica_sets(object);
                sets.into_iter().flat_map(|set| self.owned_by(set, "Pod")).collect()
            }
            "StatefulSet" => {
                let revision = text(object, "status.updateRevision");
                let of_revision =
                    |pod: &&Object| pod.label(REVISION_HASH).is_none_or(|hash| hash == revision);
                self.owned_by(object, "Pod").filter(of_revision).collect()
            }
            "DaemonSet" => {
                let pods: Vec<&Object> = self.owned_by(object, "Pod").collect();
                let youngest =
                    pods.iter().max_by_key(|pod| text(pod, "metadata.creationTimestamp"));
                let revision = youngest.and_then(|pod| pod.label(REVISION_HASH));
                pods.into_iter().filter(|pod| pod.label(REVISION_HASH) == revision).collect()
            }
            _ => self.owned_by(object, "Pod").collect(),
        }
    }

    fn current_replica_sets(&self, object: &Object) -> Vec<&Object> {
        let revision = object.annotation(REVISION);
        self.owned_by(object, "ReplicaSet")
            .filter(|set| set.annotation(REVISION) == revision)
            .collect()
    }

    fn owned_by<'a>(&'a self, owner: &Object, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        let ids = self.owned.get(text(owner, "metadata.uid"));
        let of_kind = ids.into_iter().flatten().filter(move |id| id.kind == kind);
        of_kind.filter_map(|id| self.objects.get(id))
    }
}

/// When an event was last seen; RFC 3339 in UTC sorts as text.
fn event_time(event: &Object) -> &str {
    ["series.lastObservedTime", "lastTimestamp", "eventTime", "metadata.creationTimestamp"]
        .into_iter()
        .map(|path| text(event, path))
        .find(|time| !time.is_empty())
        .unwrap_or("")
}

/// An event as one line: `FailedMount: configmap "x" not found`.
pub(super) fn event_line(event: &Object) -> String {
    let message = value(event, "message").and_then(serde_json::Value::as_str).unwrap_or("");
    format!("{}: {}", text(event, "reason"), message.trim())
}

/// The object that an event is about.
pub(super) fn event_subject(event: &Object) -> Option<Id> {
    let about = value(event, "involvedObject")?;
    Some(Id::new(member(about, "kind"), member(about, "name")))
}

#[cfg(test)]
mod tests;
