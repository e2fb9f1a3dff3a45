use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};

use super::accept::Accept;
use super::filter::Filter;
use super::query::Query;
use super::reply::Reply;
use super::route::Resource;
use super::{Api, Call, metadata_only, tabular};
use crate::control_plane::store::Stored;
use crate::kubernetes::{Cause, Kind, Reason, Status};
use crate::yaml;

/// How long the rest of a list in pages is kept…
const PAGE_TIME: Duration = Duration::from_mins(5);
/// …and of how many lists.
const PAGED_LISTS: usize = 64;
/// How long a list waits for a revision that is not there yet.
const REVISION_WAIT: Duration = Duration::from_secs(3);

/// The lists that clients read page by page: each is read from one state of the store.
#[derive(Default)]
pub struct Pages(Mutex<VecDeque<Paged>>);

struct Paged {
    token: String,
    /// What was listed: a token is good for nothing else.
    subject: String,
    taken: Instant,
    objects: Arc<[Arc<Stored>]>,
    revision: u64,
}

/// One page, or the whole list.
pub struct Listing {
    /// The objects.
    pub objects: Vec<Arc<Stored>>,
    /// The revision of the whole list.
    pub revision: u64,
    /// What to ask the next page with.
    next: Option<String>,
    /// How many objects come after this page; not told for filtered lists, as upstream.
    remaining: Option<usize>,
}

impl Listing {
    /// `metadata` of the list.
    pub fn metadata(&self) -> Value {
        let mut metadata = serde_json::Map::new();
        metadata.insert("resourceVersion".to_owned(), json!(self.revision.to_string()));
        if let Some(next) = &self.next {
            metadata.insert("continue".to_owned(), json!(next));
        }
        if let Some(remaining) = self.remaining {
            metadata.insert("remainingItemCount".to_owned(), json!(remaining));
        }
        Value::Object(metadata)
    }
}

impl Api {
    pub(super) async fn list(&self, call: &Call<'_>, resource: &Resource) -> Result<Reply, Status> {
        let accept = Accept::parse(&call.parts.headers)?;
        let listing = self.listing(call, resource).await?;
        let kind = resource.kind;
        Ok(match accept {
            Accept::Table => {
                let include = tabular::Include::parse(&call.query)?;
                let objects = listing.objects.iter().map(|object| &**object);
                Reply::json(tabular::table(kind, objects, &listing.metadata(), include, true))
            }
            Accept::Metadata => {
                let (name, version) = ("PartialObjectMetadataList", "meta.k8s.io/v1");
                let items =
                    listing.objects.iter().map(|object| metadata_only::object(&object.json));
                Reply::json(list_json(name, version, &listing, items))
            }
            Accept::Json => Reply::json(plain_list(kind, &listing)),
            Accept::Yaml => {
                let json = plain_list(kind, &listing);
                let value: Value = serde_json::from_slice(&json).unwrap_or_default();
                Reply::bytes("application/yaml", yaml::write(&value))
            }
        })
    }

    async fn listing(&self, call: &Call<'_>, resource: &Resource) -> Result<Listing, Status> {
        let filter = Filter::parse(resource, &call.query)?;
        let limit = call.query.number::<usize>("limit")?.unwrap_or(0);
        let subject = subject(resource, &call.query);
        let token = call.query.get("continue");
        let (page, offset) = if token.is_empty() {
            self.await_revision(&call.query).await?;
            let (mut objects, revision) =
                self.verbs.list(resource.kind, resource.namespace.as_deref());
            check_exact(&call.query, revision)?;
            filter.keep(&mut objects);
            if limit == 0 || objects.len() <= limit {
                return Ok(Listing { objects, revision, next: None, remaining: None });
            }
            (self.pages.keep(subject, objects, revision), 0)
        } else {
            self.pages.find(token, &subject)?
        };
        let (token, objects, revision) = page;
        let end = if limit == 0 { objects.len() } else { objects.len().min(offset + limit) };
        let left = objects.len() - end;
        Ok(Listing {
            objects: objects.get(offset..end).unwrap_or_default().to_vec(),
            revision,
            next: (left > 0).then(|| format!("{token}.{end}")),
            remaining: (left > 0 && filter.shows_all()).then_some(left),
        })
    }

    /// Waits until the store has the revision that a list asks for.
    pub(super) async fn await_revision(&self, query: &Query) -> Result<(), Status> {
        let Some(wanted) = revision(query)? else { return Ok(()) };
        let reached = self.verbs.store().reached(wanted);
        tokio::time::timeout(REVISION_WAIT, reached).await.map_err(|_| {
            let current = self.verbs.store().revision();
            let mut status = Status::new(
                Reason::Timeout,
                format!("Too large resource version: {wanted}, current: {current}"),
            );
            status.causes.push(Cause {
                reason: "ResourceVersionTooLarge",
                message: "Too large resource version".to_owned(),
                field: String::new(),
            });
            status
        })
    }
}

impl Pages {
    fn keep(&self, subject: String, objects: Vec<Arc<Stored>>, revision: u64) -> Page {
        let token = uuid::Uuid::new_v4().simple().to_string();
        let objects: Arc<[Arc<Stored>]> = objects.into();
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while pages.len() >= PAGED_LISTS || pages.front().is_some_and(Paged::is_old) {
            pages.pop_front();
        }
        let page = (token.clone(), Arc::clone(&objects), revision);
        pages.push_back(Paged { token, subject, taken: Instant::now(), objects, revision });
        page
    }

    fn find(&self, token: &str, subject: &str) -> Result<(Page, usize), Status> {
        let malformed =
            || Status::new(Reason::BadRequest, "continue key is not valid for this list");
        let (token, offset) = token.split_once('.').ok_or_else(malformed)?;
        let offset = offset.parse().map_err(|_| malformed())?;
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let page = pages.iter().find(|page| page.token == token && !page.is_old());
        let page = page.ok_or_else(|| {
            Status::new(
                Reason::Expired,
                "The provided continue parameter is too old to display a consistent list result. \
                 You must start a new list without the continue parameter.",
            )
        })?;
        if page.subject != subject {
            return Err(malformed());
        }
        Ok(((page.token.clone(), Arc::clone(&page.objects), page.revision), offset))
    }
}

type Page = (String, Arc<[Arc<Stored>]>, u64);

impl Paged {
    fn is_old(&self) -> bool {
        self.taken.elapsed() > PAGE_TIME
    }
}

/// `resourceVersion`; none when unset or `0`, which any state satisfies.
pub fn revision(query: &Query) -> Result<Option<u64>, Status> {
    match query.get("resourceVersion") {
        "" | "0" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            let message = format!("Invalid value: \"{text}\": must be a decimal number");
            let mut status = Status::new(Reason::BadRequest, format!("resourceVersion: {message}"));
            let field = "resourceVersion".to_owned();
            status.causes.push(Cause { reason: "FieldValueInvalid", message, field });
            status
        }),
    }
}

/// The past is not kept: only the present state can be asked for exactly.
fn check_exact(query: &Query, current: u64) -> Result<(), Status> {
    match (query.get("resourceVersionMatch"), revision(query)?) {
        ("Exact", Some(wanted)) if wanted != current => Err(Status::new(
            Reason::Expired,
            format!("The resourceVersion for the provided list is too old: {wanted}"),
        )),
        ("Exact", None) => Err(Status::new(
            Reason::Invalid,
            "resourceVersionMatch is forbidden unless resourceVersion is provided",
        )),
        ("" | "Exact" | "NotOlderThan", _) => Ok(()),
        (other, _) => Err(Status::new(
            Reason::Invalid,
            format!(
                "resourceVersionMatch: Unsupported value: \"{other}\": supported values: \
                 \"Exact\", \"NotOlderThan\""
            ),
        )),
    }
}

fn subject(resource: &Resource, query: &Query) -> String {
    format!(
        "{}/{}/{}/{}/{}",
        resource.kind.group,
        resource.kind.plural,
        resource.namespace.as_deref().unwrap_or(""),
        query.get("labelSelector"),
        query.get("fieldSelector"),
    )
}

fn plain_list(kind: &Kind, listing: &Listing) -> Vec<u8> {
    let items = listing.objects.iter().map(|object| object.json.clone());
    list_json(&format!("{}List", kind.kind), &kind.api_version(), listing, items)
}

/// A list copied together from the JSON of its items.
fn list_json(
    kind: &str,
    api_version: &str,
    listing: &Listing,
    items: impl Iterator<Item = Bytes>,
) -> Vec<u8> {
    let metadata = listing.metadata();
    let head = format!(
        r#"{{"kind":"{kind}","apiVersion":"{api_version}","metadata":{metadata},"items":["#
    );
    let size: usize = listing.objects.iter().map(|object| object.json.len() + 1).sum();
    let mut json = Vec::with_capacity(head.len() + size + 2);
    json.extend_from_slice(head.as_bytes());
    for (index, item) in items.enumerate() {
        if index > 0 {
            json.push(b',');
        }
        json.extend_from_slice(&item);
    }
    json.extend_from_slice(b"]}");
    json
}
