use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use tokio::time::Instant;

use super::board::Board;
use super::fields::{items, member, text};
use super::kinds::{VOLUME, WORKLOADS, apply_order, kind_of, known};
use super::leftovers::leftovers;
use super::observe::{CONCURRENCY, owners, project_kind, project_objects};
use super::watch::Watch;
use super::{Change, Cluster, Error, Id, Progress, Step, Target};
use crate::kubernetes::{Kind, Object, labels};

/// What comes from the objects of a project and carries its labels.
const DEPENDENTS: [(&str, &str); 3] =
    [("apps/v1", "ReplicaSet"), ("batch/v1", "Job"), ("v1", "Pod")];

/// How a project is taken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownOptions {
    /// Delete the volumes and their data too.
    pub volumes: bool,
    /// How long to wait until all is gone.
    pub timeout: Duration,
}

/// What `down` did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// How many objects were deleted.
    pub objects: usize,
    /// The volumes that stay.
    pub kept_volumes: Vec<String>,
    /// What becomes of the namespace.
    pub namespace: NamespaceFate,
}

/// What becomes of the namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NamespaceFate {
    /// There was none.
    #[default]
    Missing,
    /// It is gone.
    Deleted,
    /// `up` did not make it.
    NotOurs,
    /// It stays for what else is in it.
    InUse(Vec<Id>),
    /// The cluster did not tell what is in it.
    Unknown(String),
}

/// Deletes what `up` made and waits until it is gone, pods included.
pub async fn down(
    cluster: &Cluster,
    target: &Target,
    options: DownOptions,
    progress: &mut dyn Progress,
) -> Result<Removed, Error> {
    let start = Instant::now();
    let left = || options.timeout.saturating_sub(start.elapsed());
    let namespace_kind = known("v1", "Namespace");
    let Some(namespace) = cluster.get(namespace_kind, "", &target.namespace).await? else {
        return Ok(Removed::default());
    };
    let (kept, doomed): (Vec<Object>, Vec<Object>) = project_objects(cluster, target)
        .await?
        .into_values()
        .partition(|object| object.kind() == VOLUME && !options.volumes);
    delete_all(cluster, target, &doomed, progress).await?;
    let mut departure = Departure::new(cluster, target, &doomed);
    tokio::time::timeout(left(), departure.finish(progress))
        .await
        .unwrap_or_else(|_| Err(departure.not_gone(options.timeout)))?;

    let kept_volumes = kept.iter().map(|volume| volume.name().to_owned()).collect();
    let mut removed =
        Removed { objects: doomed.len(), kept_volumes, namespace: NamespaceFate::NotOurs };
    if !target.owns(&namespace) {
        return Ok(removed);
    }
    removed.namespace = match leftovers(cluster, &target.namespace).await {
        Err(Error::Request { source, .. }) => NamespaceFate::Unknown(source.to_string()),
        Err(error) => return Err(error),
        Ok(rest) if !rest.is_empty() => NamespaceFate::InUse(rest),
        Ok(_) => {
            let id = Id::of(&namespace);
            progress.change(&change(&id, None, Step::Deleting));
            cluster.delete(namespace_kind, "", namespace.name()).await?;
            cluster.wait_until_gone(namespace_kind, "", &namespace, left()).await?;
            progress.change(&change(&id, None, Step::Deleted));
            NamespaceFate::Deleted
        }
    };
    Ok(removed)
}

/// Deletes in reverse apply order: first what brings requests in, then workloads, then what they need.
async fn delete_all(
    cluster: &Cluster,
    target: &Target,
    doomed: &[Object],
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    let mut ordered: Vec<&Object> = doomed.iter().collect();
    ordered.sort_by_key(|object| (std::cmp::Reverse(apply_order(object.kind())), Id::of(object)));
    let mut answers = stream::iter(ordered)
        .map(|object| async move {
            cluster.delete(kind_of(object)?, &target.namespace, object.name()).await?;
            Ok(object)
        })
        .buffered(CONCURRENCY);
    while let Some(answer) = answers.next().await {
        let object: &Object = answer?;
        progress.change(&change(&Id::of(object), object.label(labels::NAME), Step::Deleting));
    }
    Ok(())
}

/// Follows deleted objects, and the pods that come from them, until they are gone.
struct Departure {
    board: Board,
    watch: Watch,
    kinds: BTreeSet<&'static str>,
    /// The uids of what was deleted and of all that comes from it.
    uids: BTreeSet<String>,
    /// What was deleted, by name, with its service.
    leaving: BTreeMap<Id, (String, Option<String>)>,
}

impl Departure {
    fn new(cluster: &Cluster, target: &Target, doomed: &[Object]) -> Self {
        let own = target.selector();
        let pods = target.pod_selector();
        let own_kinds = doomed.iter().filter_map(|object| project_kind(object.kind()));
        let watched =
            WORKLOADS.iter().chain(&DEPENDENTS).map(|(version, kind)| known(version, kind));
        // By name, so that what both name is watched once, with the wider selector.
        let kinds: BTreeMap<&'static str, (&'static Kind, &str)> = own_kinds
            .map(|kind| (kind.kind, (kind, own.as_str())))
            .chain(watched.map(|kind| (kind.kind, (kind, pods.as_str()))))
            .collect();
        let leaving = doomed.iter().map(|object| {
            let uid = text(object, "metadata.uid").to_owned();
            (Id::of(object), (uid, object.label(labels::NAME).map(str::to_owned)))
        });
        Self {
            board: Board::default(),
            watch: Watch::new(cluster, target, kinds.values().copied()),
            kinds: kinds.keys().copied().collect(),
            uids: doomed.iter().map(|object| text(object, "metadata.uid").to_owned()).collect(),
            leaving: leaving.collect(),
        }
    }

    async fn finish(&mut self, progress: &mut dyn Progress) -> Result<(), Error> {
        loop {
            self.watch.feed(&mut self.board).await?;
            if !self.board.has_listed(self.kinds.iter().copied()) {
                continue;
            }
            let remaining: BTreeSet<Id> = self.remaining().into_iter().collect();
            self.leaving.retain(|id, (_, service)| {
                let stays = remaining.contains(id);
                if !stays {
                    progress.change(&change(id, service.as_deref(), Step::Deleted));
                }
                stays
            });
            if remaining.is_empty() {
                return Ok(());
            }
        }
    }

    /// What was deleted, or comes from it, and is still there.
    fn remaining(&mut self) -> Vec<Id> {
        let there: BTreeSet<&str> =
            self.objects().map(|object| text(object, "metadata.uid")).collect();
        let mut uids = self.uids.clone();
        for (_, kind) in DEPENDENTS {
            for object in self.board.of_kind(kind) {
                // What an earlier, interrupted `down` left behind has lost its owner.
                let is_gone = |owner| {
                    self.kinds.contains(member(owner, "kind"))
                        && !there.contains(member(owner, "uid"))
                };
                let mut owned_by = items(object, "metadata.ownerReferences").peekable();
                let orphaned = owned_by.peek().is_some() && owned_by.all(is_gone);
                if orphaned || owners(object).any(|owner| uids.contains(owner)) {
                    uids.insert(text(object, "metadata.uid").to_owned());
                }
            }
        }
        let leaving = self.objects().filter(|object| uids.contains(text(object, "metadata.uid")));
        let leaving = leaving.map(Id::of).collect();
        self.uids = uids;
        leaving
    }

    /// All that is watched.
    fn objects(&self) -> impl Iterator<Item = &Object> {
        self.kinds.iter().flat_map(|kind| self.board.of_kind(kind))
    }

    fn not_gone(&mut self, after: Duration) -> Error {
        Error::NotGone { after, objects: self.remaining() }
    }
}

fn change(id: &Id, service: Option<&str>, step: Step) -> Change {
    Change { id: id.clone(), service: service.map(str::to_owned), step, detail: String::new() }
}
