use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use kube::runtime::watcher;
use serde::Serialize;

use super::board::event_subject;
use super::fields::{text, value};
use super::kinds::known;
use super::observe::project_objects;
use super::{Cluster, Error, Id, Target};
use crate::kubernetes::Object;

/// What the cluster has said about an object of a project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Event {
    /// When it was said last, as RFC 3339.
    pub time: String,
    /// `Normal` or `Warning`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is about, e.g. `Pod/web-1`.
    pub object: String,
    /// Why, in a word.
    pub reason: String,
    /// Why.
    pub message: String,
    /// How often it was said.
    pub count: i64,
}

/// The events of a project, the oldest first.
pub async fn events(cluster: &Cluster, target: &Target) -> Result<Vec<Event>, Error> {
    let subjects = Subjects::of(cluster, target).await?;
    let listed = cluster.list(known("v1", "Event"), &target.namespace, "").await?;
    let mut events: Vec<Event> = listed.iter().filter_map(|event| subjects.event(event)).collect();
    events.sort();
    Ok(events)
}

/// Shows the events of a project as they come, until it is dropped.
pub async fn watch_events(
    cluster: &Cluster,
    target: &Target,
    mut show: impl FnMut(&Event),
) -> Result<(), Error> {
    let mut watch = Box::pin(cluster.watch(known("v1", "Event"), &target.namespace, ""));
    while let Some(event) = watch.next().await {
        // A watch that failed goes on by itself.
        if let Ok(watcher::Event::Apply(event)) = event {
            // What is new in the project since the last one is to be known, too.
            let subjects = Subjects::of(cluster, target).await?;
            if let Some(event) = subjects.event(&event) {
                show(&event);
            }
        }
    }
    Ok(())
}

/// What events of a project are about.
struct Subjects {
    objects: BTreeSet<Id>,
    /// Names that what these objects make has before its own: pods, replica sets and jobs.
    prefixes: Vec<String>,
}

impl Subjects {
    async fn of(cluster: &Cluster, target: &Target) -> Result<Self, Error> {
        let objects: BTreeSet<Id> = project_objects(cluster, target).await?.into_keys().collect();
        Ok(Self::new(objects))
    }

    fn new(objects: BTreeSet<Id>) -> Self {
        let workloads = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];
        let makers = objects.iter().filter(|id| workloads.contains(&id.kind.as_str()));
        let prefixes = makers.map(|id| format!("{}-", id.name)).collect();
        Self { objects, prefixes }
    }

    fn event(&self, event: &Object) -> Option<Event> {
        let about = event_subject(event)?;
        let made = ["Pod", "ReplicaSet", "Job", "PersistentVolumeClaim"]
            .contains(&about.kind.as_str())
            && self.prefixes.iter().any(|prefix| about.name.starts_with(prefix));
        if !made && !self.objects.contains(&about) {
            return None;
        }
        let times = ["lastTimestamp", "eventTime", "metadata.creationTimestamp"];
        let time = times.into_iter().map(|field| text(event, field)).find(|time| !time.is_empty());
        Some(Event {
            time: time.unwrap_or_default().to_owned(),
            kind: text(event, "type").to_owned(),
            object: about.to_string(),
            reason: text(event, "reason").to_owned(),
            message: text(event, "message").trim().to_owned(),
            count: value(event, "count").and_then(serde_json::Value::as_i64).unwrap_or(1),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_about_what_the_project_has_or_has_made() {
        let subjects = Subjects::new(BTreeSet::from([
            Id::new("Deployment", "web"),
            Id::new("ConfigMap", "settings"),
        ]));
        let event = |kind: &str, name: &str| {
            let event = json!({
                "apiVersion": "v1", "kind": "Event", "metadata": {"name": "e"},
                "involvedObject": {"kind": kind, "name": name}, "type": "Normal",
                "reason": "Pulled", "message": "here \n", "lastTimestamp": "2026-01-01T00:00:00Z",
            });
            let event = Object::new(serde_json::from_value(event).unwrap()).unwrap();
            subjects.event(&event).map(|event| format!("{} {}", event.object, event.message))
        };
        assert_eq!(event("Pod", "web-7c9-x"), Some("Pod/web-7c9-x here".to_owned()));
        assert_eq!(event("Deployment", "web"), Some("Deployment/web here".to_owned()));
        assert_eq!(event("ConfigMap", "settings"), Some("ConfigMap/settings here".to_owned()));
        assert_eq!(event("ConfigMap", "settings-2"), None);
        assert_eq!(event("Pod", "website-1"), None);
    }
}
