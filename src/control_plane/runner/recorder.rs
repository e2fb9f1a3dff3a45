use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Event, EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use serde_json::json;
use tokio::sync::{mpsc, watch};

use super::{Clock, Context, Note, kind_of};
use crate::control_plane::store::Key;
use crate::control_plane::verbs::{Patch, Verbs, WriteOptions};
use crate::kubernetes::Reason;

/// Notes that wait to be written; what comes on top is lost, as upstream's recorder does it.
const BACKLOG: usize = 10_000;

/// Events that are remembered, to count repetitions instead of writing new ones.
const REMEMBERED: usize = 4_096;

/// Writes events in the background, so that no controller waits for them; cheap to clone.
#[derive(Clone)]
pub(crate) struct Recorder(mpsc::Sender<(&'static str, Note)>);

impl Recorder {
    /// Starts the task that writes; it ends with the last clone, or at shutdown.
    pub(crate) fn start(context: &Context, host: Option<String>) -> Self {
        let (sender, receiver) = mpsc::channel(BACKLOG);
        let writer = Writer {
            verbs: context.verbs.clone(),
            clock: Arc::clone(&context.clock),
            host,
            known: HashMap::new(),
            order: VecDeque::new(),
        };
        tokio::spawn(writer.run(receiver, context.shutdown.clone()));
        Self(sender)
    }

    /// Queues an event.
    pub(crate) fn record(&self, component: &'static str, note: Note) {
        if let Err(error) = self.0.try_send((component, note)) {
            tracing::warn!(%error, component, "an event was not recorded");
        }
    }
}

struct Writer {
    verbs: Verbs,
    clock: Arc<dyn Clock>,
    host: Option<String>,
    /// What was written, by everything but its time.
    known: HashMap<String, Written>,
    order: VecDeque<String>,
}

struct Written {
    key: Key,
    count: i32,
}

impl Writer {
    async fn run(
        mut self,
        mut notes: mpsc::Receiver<(&'static str, Note)>,
        mut shutdown: watch::Receiver<bool>,
    ) {
        loop {
            let note = tokio::select! {
                note = notes.recv() => note,
                _ = shutdown.wait_for(|stopping| *stopping) => None,
            };
            let Some((component, note)) = note else { break };
            self.write(component, note).await;
        }
    }

    async fn write(&mut self, component: &'static str, note: Note) {
        let now = self.clock.now();
        let identity = identity(component, &note);
        let options = WriteOptions { manager: component.to_owned(), ..WriteOptions::default() };
        if let Some(written) = self.known.get_mut(&identity) {
            let patch = json!({"count": written.count + 1, "lastTimestamp": Time(now)});
            let patched = self.verbs.patch(&written.key, "", Patch::Merge(patch), &options).await;
            match patched {
                Ok(_) => {
                    written.count += 1;
                    return;
                }
                // It expired or was deleted: a new one is written.
                Err(status) if status.reason == Reason::NotFound => {}
                Err(status) => {
                    tracing::debug!(%status, "an event was not counted");
                    return;
                }
            }
        }
        let event = self.event(component, note, now);
        let namespace = event.metadata.namespace.clone().unwrap_or_default();
        match self.verbs.create(kind_of::<Event>(), &namespace, json!(event), &options).await {
            Ok(created) => self.remember(identity, Written { key: Key::from(&*created), count: 1 }),
            // In a namespace that is being deleted there is nobody left to read it.
            Err(status) if status.reason == Reason::Forbidden => {}
            Err(status) => tracing::warn!(%status, "an event was not recorded"),
        }
    }

    fn event(&self, component: &'static str, note: Note, now: Timestamp) -> Event {
        let ObjectReference { name, namespace, .. } = &note.about;
        let name = format!("{}.{:x}", name.as_deref().unwrap_or_default(), unique(now));
        let namespace = namespace.clone().unwrap_or_else(|| "default".to_owned());
        let kind = if note.warning { "Warning" } else { "Normal" };
        Event {
            metadata: ObjectMeta {
                name: Some(name),
                namespace: Some(namespace),
                ..ObjectMeta::default()
            },
            involved_object: note.about,
            reason: Some(note.reason.to_owned()),
            message: Some(note.message),
            type_: Some(kind.to_owned()),
            count: Some(1),
            first_timestamp: Some(Time(now)),
            last_timestamp: Some(Time(now)),
            source: Some(EventSource {
                component: Some(component.to_owned()),
                host: self.host.clone(),
            }),
            reporting_component: Some(component.to_owned()),
            reporting_instance: Some(self.host.clone().unwrap_or_default()),
            ..Event::default()
        }
    }

    fn remember(&mut self, identity: String, written: Written) {
        if self.known.insert(identity.clone(), written).is_none() {
            self.order.push_back(identity);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

/// Nanoseconds, as upstream's names have them; rising even when the clock stands still.
fn unique(now: Timestamp) -> i128 {
    use std::sync::atomic::{AtomicI64, Ordering};
    static LAST: AtomicI64 = AtomicI64::new(0);
    let now = i64::try_from(now.as_nanosecond()).unwrap_or(i64::MAX);
    let next = |last: i64| Some(now.max(last.saturating_add(1)));
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or_default();
    i128::from(now.max(last.saturating_add(1)))
}

fn identity(component: &str, note: &Note) -> String {
    let about = &note.about;
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        component.to_owned(),
        part(&about.kind),
        part(&about.namespace),
        part(&about.name),
        part(&about.uid),
        part(&about.field_path),
        note.reason.to_owned(),
        note.message.clone(),
    ]
    .join("\u{0}")
}
