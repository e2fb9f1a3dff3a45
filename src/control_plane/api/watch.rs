use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use serde_json::json;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::accept::Accept;
use super::filter::Filter;
use super::health::Closing;
use super::query::Query;
use super::reply::Reply;
use super::route::Resource;
use super::tabular::{self, Include};
use super::{Api, Call, list, metadata_only};
use crate::control_plane::store::{Change, Cursor, Event, Stored};
use crate::kubernetes::{Kind, Reason, Status};

/// How often a watch that takes bookmarks gets one.
const BOOKMARKS: Duration = Duration::from_mins(1);
/// A watch that does not say how long it lasts ends after this and up to as much again.
const DEFAULT_TIME: Duration = Duration::from_mins(30);
/// Events are sent together up to this size, when they are there already.
const FRAME_BYTES: usize = 64 << 10;
/// The end of the initial events, for `sendInitialEvents`.
const INITIAL_EVENTS_END: &str = "k8s.io/initial-events-end";

/// A watch under way.
struct Watch {
    kind: &'static Kind,
    filter: Filter,
    form: Form,
    cursor: Cursor,
    /// Objects that were there at the start and are not sent yet.
    initial: VecDeque<Arc<Stored>>,
    /// The bookmark that ends them.
    initial_end: Option<u64>,
    bookmarks: Option<Interval>,
    end: Instant,
    closing: Closing,
    ended: bool,
}

/// How objects are shown.
struct Form {
    accept: Accept,
    include: Include,
    /// The columns stand in the first table only.
    columns_sent: bool,
}

impl Api {
    pub(super) fn watch(&self, call: &Call<'_>, resource: &Resource) -> Result<Reply, Status> {
        let query = &call.query;
        let accept = match Accept::parse(&call.parts.headers)? {
            Accept::Yaml => Accept::Json,
            accept => accept,
        };
        let include = Include::parse(query)?;
        let filter = Filter::parse(resource, query)?;
        let kind = resource.kind;
        let streaming = streaming_list(query)?;
        let after = list::revision(query)?;
        let (initial, start) = match after {
            Some(after) if !streaming => (Vec::new(), after),
            _ => {
                let (mut objects, revision) = self.verbs.list(kind, resource.namespace.as_deref());
                filter.keep(&mut objects);
                let wanted = query.get("sendInitialEvents") != "false";
                (if wanted { objects } else { Vec::new() }, revision)
            }
        };
        let Ok(cursor) = self.verbs.watch_kind(kind, start) else {
            return Ok(Reply::json(error_frame(start)));
        };
        let bookmarks = query.is_true("allowWatchBookmarks").then(|| {
            let mut ticks = tokio::time::interval_at(Instant::now() + BOOKMARKS, BOOKMARKS);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        let watch = Watch {
            kind,
            filter,
            form: Form { accept, include, columns_sent: false },
            cursor,
            initial: initial.into(),
            initial_end: streaming.then_some(start),
            bookmarks,
            end: Instant::now() + duration(query)?,
            closing: self.health.closing(),
            ended: false,
        };
        let frames = stream::unfold(watch, async |mut watch| {
            let frame = watch.next().await?;
            Some((frame, watch))
        });
        Ok(Reply::stream("application/json", frames))
    }
}

impl Watch {
    /// The next frames; none at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.ended {
                return None;
            }
            if let Some(frames) = self.initial_frames() {
                return Some(frames);
            }
            tokio::select! {
                biased;
                () = self.closing.wait() => return None,
                () = tokio::time::sleep_until(self.end) => {
                    self.ended = true;
                    self.bookmarks.as_ref()?;
                    let seen = self.cursor.seen()?;
                    return Some(self.bookmark(seen, false));
                }
                () = tick(self.bookmarks.as_mut()) => {
                    if let Some(seen) = self.cursor.seen() {
                        return Some(self.bookmark(seen, false));
                    }
                }
                event = self.cursor.next() => {
                    let Ok(event) = event else {
                        self.ended = true;
                        return Some(error_frame(0));
                    };
                    let frames = self.frames(&event);
                    if !frames.is_empty() {
                        return Some(frames);
                    }
                }
            }
        }
    }

    fn initial_frames(&mut self) -> Option<Bytes> {
        let mut frames = BytesMut::new();
        while frames.len() < FRAME_BYTES
            && let Some(object) = self.initial.pop_front()
        {
            self.form.frame(&mut frames, self.kind, "ADDED", &object);
        }
        if frames.len() < FRAME_BYTES
            && let Some(revision) = self.initial_end.take()
        {
            frames.extend_from_slice(&self.bookmark(revision, true));
        }
        (!frames.is_empty()).then(|| frames.freeze())
    }

    /// The frames of an event and of those that are there already.
    fn frames(&mut self, event: &Event) -> Bytes {
        let mut frames = BytesMut::new();
        self.frame(&mut frames, event);
        while frames.len() < FRAME_BYTES
            && let Ok(Some(event)) = self.cursor.try_next()
        {
            self.frame(&mut frames, &event);
        }
        frames.freeze()
    }

    /// An event as this watch sees it: objects come and go with the selectors, too.
    fn frame(&mut self, frames: &mut BytesMut, event: &Event) {
        let Event { revision, change, object, previous } = event;
        let before = previous.as_ref().filter(|previous| self.filter.shows(previous));
        let after = *change != Change::Deleted && self.filter.shows(object);
        match (before, after) {
            (None, true) => self.form.frame(frames, self.kind, "ADDED", object),
            (Some(_), true) => self.form.frame(frames, self.kind, "MODIFIED", object),
            (Some(_), false) if *change == Change::Deleted => {
                self.form.frame(frames, self.kind, "DELETED", object);
            }
            (Some(before), false) => {
                self.form.frame(frames, self.kind, "DELETED", &before.at_revision(*revision));
            }
            (None, false) => {}
        }
    }

    fn bookmark(&self, revision: u64, initial_end: bool) -> Bytes {
        let mut metadata = json!({"resourceVersion": revision.to_string()});
        if initial_end && let Some(metadata) = metadata.as_object_mut() {
            metadata.insert("annotations".to_owned(), json!({INITIAL_EVENTS_END: "true"}));
        }
        let (kind, api_version) = match self.form.accept {
            Accept::Metadata => ("PartialObjectMetadata", "meta.k8s.io/v1".to_owned()),
            _ => (self.kind.kind, self.kind.api_version()),
        };
        let object = json!({"kind": kind, "apiVersion": api_version, "metadata": metadata});
        Bytes::from(format!("{}\n", json!({"type": "BOOKMARK", "object": object})))
    }
}

impl Form {
    fn frame(&mut self, frames: &mut BytesMut, kind: &Kind, change: &str, object: &Stored) {
        frames.extend_from_slice(format!(r#"{{"type":"{change}","object":"#).as_bytes());
        match self.accept {
            Accept::Json | Accept::Yaml => frames.extend_from_slice(&object.json),
            Accept::Metadata => frames.extend_from_slice(&metadata_only::object(&object.json)),
            Accept::Table => {
                let metadata = json!({"resourceVersion": object.revision.to_string()});
                let columns = !std::mem::replace(&mut self.columns_sent, true);
                let rows = std::iter::once(object);
                let table = tabular::table(kind, rows, &metadata, self.include, columns);
                frames.extend_from_slice(&table);
            }
        }
        frames.extend_from_slice(b"}\n");
    }
}

async fn tick(bookmarks: Option<&mut Interval>) {
    match bookmarks {
        Some(bookmarks) => drop(bookmarks.tick().await),
        None => std::future::pending().await,
    }
}

/// The events between are forgotten: the client has to list again.
fn error_frame(revision: u64) -> Bytes {
    let status =
        Status::new(Reason::Expired, format!("too old resource version: {revision}")).to_value();
    Bytes::from(format!("{}\n", json!({"type": "ERROR", "object": status})))
}

/// Whether the watch starts with the present objects and a bookmark after them.
fn streaming_list(query: &Query) -> Result<bool, Status> {
    let forbidden = |message: &str| Err(Status::new(Reason::Invalid, message));
    match (query.get("sendInitialEvents"), query.get("resourceVersionMatch")) {
        ("", "") | ("false", "NotOlderThan") => Ok(false),
        ("", _) => forbidden(
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        ),
        ("true", "NotOlderThan") if query.is_true("allowWatchBookmarks") => Ok(true),
        ("true", "NotOlderThan") => {
            forbidden("sendInitialEvents requires setting allowWatchBookmarks to true")
        }
        _ => forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
    }
}

fn duration(query: &Query) -> Result<Duration, Status> {
    let asked = query.number::<u32>("timeoutSeconds")?.filter(|seconds| *seconds > 0);
    Ok(if let Some(seconds) = asked {
        Duration::from_secs(seconds.into())
    } else {
        // Spread, so that not all clients come back at once.
        let [spread, ..] = uuid::Uuid::new_v4().into_bytes();
        DEFAULT_TIME + DEFAULT_TIME * u32::from(spread) / 256
    })
}
