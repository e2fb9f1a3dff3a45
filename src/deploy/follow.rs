use std::collections::BTreeMap;

use super::board::{News, event_line, event_subject};
use super::fields::text;
use super::pod::pod_status;
use super::watch::Watch;
use super::{Change, Cluster, Error, Id, Progress, Step, Target};
use crate::kubernetes::{Object, labels};

/// Shows what the pods of a project do and what the cluster warns about, until it is dropped.
pub async fn follow(
    cluster: &Cluster,
    target: &Target,
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    let mut watch = Watch::of_project(cluster, target);
    let mut story = Story::default();
    loop {
        for (kind, news) in watch.next().await? {
            if let Some(change) = story.tell(kind, news) {
                progress.change(&change);
            }
        }
    }
}

/// What has been told so far, so that only news is told.
#[derive(Default)]
struct Story {
    pods: BTreeMap<Id, (String, Option<String>)>,
}

impl Story {
    /// What is new about it; what a list shows is where the story starts.
    fn tell(&mut self, kind: &str, news: News) -> Option<Change> {
        match (kind, news) {
            ("Pod", News::Listed(pod)) => {
                self.remember(&pod);
                None
            }
            ("Pod", News::Changed(pod)) => self.remember(&pod),
            ("Pod", News::Gone(pod)) => {
                let (_, service) = self.pods.remove(&Id::of(&pod))?;
                let id = Id::of(&pod);
                Some(Change { id, service, step: Step::Deleted, detail: String::new() })
            }
            ("Event", News::Changed(event)) if text(&event, "type") == "Warning" => {
                let id = event_subject(&event)?;
                let service = self.pods.get(&id)?.1.clone();
                Some(Change { id, service, step: Step::Event, detail: event_line(&event) })
            }
            _ => None,
        }
    }

    fn remember(&mut self, pod: &Object) -> Option<Change> {
        let id = Id::of(pod);
        let service = pod.label(labels::NAME).map(str::to_owned);
        let told = (pod_status(pod), service.clone());
        if self.pods.insert(id.clone(), told.clone()).as_ref() == Some(&told) {
            return None;
        }
        Some(Change { id, service, step: Step::Pod, detail: told.0 })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Story;
    use crate::deploy::board::News;
    use crate::kubernetes::Object;

    fn pod(phase: &str) -> Object {
        object(json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "web-1", "labels": {"app.kubernetes.io/name": "web"}},
            "status": {"phase": phase}}))
    }

    fn object(value: Value) -> Object {
        Object::new(serde_json::from_value(value).unwrap()).unwrap()
    }

    #[test]
    fn tells_only_news_and_only_of_its_pods() {
        let warning = |name: &str| {
            object(json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e"},
                "type": "Warning", "reason": "BackOff", "message": "again",
                "involvedObject": {"kind": "Pod", "name": name}}))
        };
        let mut story = Story::default();
        let told: Vec<String> = [
            ("Pod", News::Listed(pod("Pending"))),
            ("Pod", News::Changed(pod("Pending"))),
            ("Pod", News::Changed(pod("Running"))),
            ("Event", News::Listed(warning("web-1"))),
            ("Event", News::Changed(warning("web-1"))),
            ("Event", News::Changed(warning("other"))),
            ("Pod", News::Gone(pod("Running"))),
        ]
        .into_iter()
        .filter_map(|(kind, news)| story.tell(kind, news))
        .map(|change| format!("{} {} {}", change.id, change.step.word(), change.detail))
        .collect();
        assert_eq!(
            told,
            [
                "Pod/web-1 pod Running, 0/0 ready",
                "Pod/web-1 event BackOff: again",
                "Pod/web-1 deleted "
            ]
        );
    }
}
