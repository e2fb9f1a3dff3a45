//! A cluster in memory behind the HTTP paths of the API: enough to deploy to, with faults on request.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http::{Method, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use kube::client::Body;
use longshore::kubernetes::{Kind, kinds};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::fake_controllers::react;

type Key = (String, String, String);
type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// A client of a cluster that nobody answers for.
pub fn nobody() -> kube::Client {
    let service = tower::service_fn(|_: Request<Body>| async {
        Err::<Answer, _>(std::io::Error::other("connection refused"))
    });
    kube::Client::new(service, "default")
}

/// The state of the cluster; clones share it.
#[derive(Clone)]
pub struct FakeCluster {
    state: Arc<Mutex<State>>,
    revision: watch::Sender<u64>,
}

#[derive(Default)]
pub struct State {
    /// By plural, namespace and name.
    pub objects: BTreeMap<Key, Value>,
    events: Vec<(u64, &'static str, Value)>,
    revision: u64,
    /// `METHOD plural/name` of every write that was not a dry run.
    writes: Vec<String>,
    /// Answers to give instead: to which method and path, how often, and the `Status`.
    faults: Vec<(Method, String, usize, Value)>,
}

impl FakeCluster {
    pub fn new() -> Self {
        Self { state: Arc::default(), revision: watch::Sender::new(0) }
    }

    pub fn client(&self) -> kube::Client {
        let cluster = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let cluster = cluster.clone();
            async move { Ok::<_, Infallible>(cluster.answer(request).await) }
        });
        kube::Client::new(service, "default")
    }

    /// Answers the next `times` requests with this method and this text in their path with an error.
    pub fn fail(&self, method: Method, path: &str, times: usize, status: Value) {
        self.state.lock().unwrap().faults.push((method, path.to_owned(), times, status));
    }

    /// Puts an object there that nobody applied.
    pub fn put(&self, plural: &str, object: Value) {
        self.state.lock().unwrap().put(plural, object);
        self.publish();
    }

    /// What is there: `plural/name`, without what clusters make by themselves.
    pub fn contents(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.objects.keys().map(|(plural, _, name)| format!("{plural}/{name}")).collect()
    }

    /// An object, by plural and name.
    pub fn object(&self, plural: &str, name: &str) -> Option<Value> {
        let state = self.state.lock().unwrap();
        let mut found = state.objects.iter();
        found.find(|((kind, _, key), _)| kind == plural && key == name).map(|(_, o)| o.clone())
    }

    /// The writes since the last call.
    pub fn writes(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().writes)
    }

    fn publish(&self) {
        let revision = self.state.lock().unwrap().revision;
        self.revision.send_replace(revision);
    }

    async fn answer(&self, request: Request<Body>) -> Answer {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let query: BTreeMap<String, String> = parts
            .uri
            .query()
            .unwrap_or("")
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), decode(value)))
            .collect();
        let body = body.collect().await.unwrap().to_bytes();
        if let Some(status) = self.fault(&parts.method, &path) {
            return json_answer(status["code"].as_u64().unwrap(), &status);
        }
        let place = match Place::parse(&path) {
            Ok(place) => place,
            Err(answer) => {
                return answer.map_or_else(|| not_found(&path), |a| json_answer(200, &a));
            }
        };
        if query.contains_key("watch") {
            return self.watch(place, &query);
        }
        let answer = {
            let mut state = self.state.lock().unwrap();
            match (parts.method, place.name.is_empty()) {
                (Method::GET, true) => json_answer(200, &state.list(&place, &query)),
                (Method::GET, false) => match state.objects.get(&place.key()) {
                    Some(object) => json_answer(200, object),
                    None => not_found(&path),
                },
                (Method::PATCH, _) => {
                    let config: Value = serde_json::from_slice(&body).unwrap();
                    state.apply(&place, &config, query.contains_key("dryRun"))
                }
                (Method::DELETE, _) => state.delete(&place),
                other => panic!("no such request: {other:?} {path}"),
            }
        };
        self.publish();
        answer
    }

    fn fault(&self, method: &Method, path: &str) -> Option<Value> {
        let mut state = self.state.lock().unwrap();
        let (.., left, status) = state.faults.iter_mut().find(|(on, part, left, _)| {
            on == method && path.contains(part.as_str()) && *left > 0
        })?;
        *left -= 1;
        Some(status.clone())
    }

    fn watch(&self, place: Place, query: &BTreeMap<String, String>) -> Answer {
        let after: u64 = query.get("resourceVersion").unwrap().parse().unwrap();
        let selector = query.get("labelSelector").cloned().unwrap_or_default();
        let state = self.state.clone();
        let revisions = self.revision.subscribe();
        let lines = stream::unfold((after, revisions), move |(after, mut revisions)| {
            let (state, place, selector) = (state.clone(), place.clone(), selector.clone());
            async move {
                loop {
                    let seen = *revisions.borrow_and_update();
                    let lines: String = {
                        let state = state.lock().unwrap();
                        let new = state.events.iter().filter(|(at, _, object)| {
                            *at > after && place.matches(object) && selected(object, &selector)
                        });
                        new.map(|(_, what, object)| {
                            json!({"type": what, "object": object}).to_string() + "\n"
                        })
                        .collect()
                    };
                    if !lines.is_empty() {
                        return Some((lines, (seen.max(after), revisions)));
                    }
                    revisions.changed().await.ok()?;
                }
            }
        });
        let body = lines.map(|text| Ok::<_, Infallible>(Frame::data(Bytes::from(text))));
        Response::new(BodyExt::boxed_unsync(StreamBody::new(body)))
    }
}

impl State {
    /// Writes an object with a new revision, and tells the watches.
    pub fn put(&mut self, plural: &str, mut object: Value) {
        let key = key(plural, &object);
        self.revision += 1;
        let metadata = &mut object["metadata"];
        metadata["resourceVersion"] = json!(self.revision.to_string());
        if metadata["uid"].is_null() {
            metadata["uid"] = json!(format!("uid-{}", self.revision));
            metadata["creationTimestamp"] = json!("2026-01-01T00:00:00Z");
        }
        let what = if self.objects.contains_key(&key) { "MODIFIED" } else { "ADDED" };
        self.events.push((self.revision, what, object.clone()));
        self.objects.insert(key, object);
    }

    /// Removes an object and all that it owns, or all that is in it.
    pub fn remove(&mut self, key: &Key) {
        let Some(mut object) = self.objects.remove(key) else { return };
        self.revision += 1;
        object["metadata"]["resourceVersion"] = json!(self.revision.to_string());
        let uid = object["metadata"]["uid"].clone();
        self.events.push((self.revision, "DELETED", object));
        let dependents: Vec<Key> = self
            .objects
            .iter()
            .filter(|((_, namespace, _), object)| {
                object["metadata"]["ownerReferences"][0]["uid"] == uid
                    || (key.0 == "namespaces" && *namespace == key.2)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for dependent in dependents {
            self.remove(&dependent);
        }
    }

    fn list(&self, place: &Place, query: &BTreeMap<String, String>) -> Value {
        let selector = query.get("labelSelector").map_or("", String::as_str);
        let items: Vec<Value> = self
            .objects
            .values()
            .filter(|object| place.matches(object) && selected(object, selector))
            .map(|object| {
                // As the API does: the list says what its items are.
                let mut item = object.clone();
                item.as_object_mut()
                    .unwrap()
                    .retain(|key, _| !["apiVersion", "kind"].contains(&key.as_str()));
                item
            })
            .collect();
        json!({
            "apiVersion": place.kind.api_version(),
            "kind": format!("{}List", place.kind.kind),
            "metadata": {"resourceVersion": self.revision.to_string()},
            "items": items,
        })
    }

    fn apply(&mut self, place: &Place, config: &Value, dry_run: bool) -> Answer {
        let namespace = ("namespaces".to_owned(), String::new(), place.namespace.clone());
        if place.kind.namespaced && !self.objects.contains_key(&namespace) {
            return not_found(&place.namespace);
        }
        let before = self.objects.get(&place.key()).cloned();
        let mut after = before.clone().unwrap_or_else(|| json!({"metadata": {"generation": 0}}));
        json_patch::merge(&mut after, config);
        if let Some(before) = &before {
            if place.kind.kind == "Job" && before["spec"]["template"] != after["spec"]["template"] {
                return immutable("spec.template");
            }
            if place.kind.kind == "PersistentVolumeClaim" && before["spec"] != after["spec"] {
                return immutable("spec");
            }
            if before == &after {
                return json_answer(200, before);
            }
        }
        let changed = before.is_none_or(|before| before["spec"] != after["spec"]);
        if changed {
            let generation = after["metadata"]["generation"].as_i64().unwrap();
            after["metadata"]["generation"] = json!(generation + 1);
        }
        if dry_run {
            return json_answer(200, &after);
        }
        self.writes.push(format!("apply {}/{}", place.kind.plural, place.name));
        self.put(place.kind.plural, after);
        react(self, &place.key());
        json_answer(200, &self.objects[&place.key()])
    }

    fn delete(&mut self, place: &Place) -> Answer {
        let Some(object) = self.objects.get(&place.key()).cloned() else {
            return not_found(&place.name);
        };
        self.writes.push(format!("delete {}/{}", place.kind.plural, place.name));
        if object["metadata"]["finalizers"].is_array() {
            let mut leaving = object;
            leaving["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
            self.put(place.kind.plural, leaving);
        } else {
            self.remove(&place.key());
        }
        json_answer(200, &status(200, "", ""))
    }
}

/// What a path names.
#[derive(Clone)]
struct Place {
    kind: &'static Kind,
    namespace: String,
    name: String,
}

impl Place {
    /// An error is the answer to a path of discovery, when there is one.
    fn parse(path: &str) -> Result<Self, Option<Value>> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (group, version, rest) = match parts.as_slice() {
            ["api"] => {
                return Err(Some(json!({"versions": ["v1"], "serverAddressByClientCIDRs": []})));
            }
            ["apis"] => return Err(Some(groups())),
            ["api", version] => return Err(Some(resources("", version))),
            ["apis", group, version] => return Err(Some(resources(group, version))),
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return Err(None),
        };
        let (namespace, plural, name) = match rest {
            ["namespaces", namespace, plural, name] => (*namespace, *plural, *name),
            ["namespaces", namespace, plural] => (*namespace, *plural, ""),
            [plural, name] => ("", *plural, *name),
            [plural] => ("", *plural, ""),
            _ => return Err(None),
        };
        let kind = kinds::find_plural(group, version, plural).ok_or(None)?;
        Ok(Self { kind, namespace: namespace.to_owned(), name: name.to_owned() })
    }

    fn key(&self) -> Key {
        (self.kind.plural.to_owned(), self.namespace.clone(), self.name.clone())
    }

    fn matches(&self, object: &Value) -> bool {
        object["kind"] == self.kind.kind
            && (self.namespace.is_empty()
                || object["metadata"]["namespace"] == self.namespace.as_str())
    }
}

fn key(plural: &str, object: &Value) -> Key {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or("").to_owned();
    (plural.to_owned(), text("namespace"), text("name"))
}

fn selected(object: &Value, selector: &str) -> bool {
    selector.split(',').filter(|term| !term.is_empty()).all(|term| {
        let (label, value) = term.split_once('=').unwrap();
        object["metadata"]["labels"][label] == value
    })
}

fn groups() -> Value {
    let mut names: Vec<(&str, &str)> =
        kinds::all().iter().map(|kind| (kind.group, kind.version)).collect();
    names.dedup();
    let groups = names.iter().filter(|(group, _)| !group.is_empty()).map(|(group, version)| {
        let version = json!({"groupVersion": format!("{group}/{version}"), "version": version});
        json!({"name": group, "versions": [version], "preferredVersion": version})
    });
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups.collect::<Vec<_>>()})
}

fn resources(group: &str, version: &str) -> Value {
    let kinds = kinds::all().iter().filter(|kind| kind.group == group && kind.version == version);
    let resources = kinds.map(|kind| {
        json!({"name": kind.plural, "singularName": "", "namespaced": kind.namespaced,
               "kind": kind.kind, "verbs": ["get", "list", "watch", "patch", "delete"]})
    });
    let group_version =
        if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version,
           "resources": resources.collect::<Vec<_>>()})
}

/// A `Status` for an error.
pub fn status(code: u16, reason: &str, message: &str) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
           "code": code, "reason": reason, "message": message})
}

fn immutable(field: &str) -> Answer {
    let mut status = status(422, "Invalid", &format!("{field}: field is immutable"));
    status["details"] = json!({"causes": [
        {"reason": "FieldValueInvalid", "message": "field is immutable", "field": field}]});
    json_answer(422, &status)
}

fn not_found(what: &str) -> Answer {
    json_answer(404, &status(404, "NotFound", &format!("{what} not found")))
}

fn json_answer(code: u64, value: &Value) -> Answer {
    let code = StatusCode::from_u16(code.try_into().unwrap()).unwrap();
    let body = http_body_util::Full::new(Bytes::from(value.to_string()));
    Response::builder().status(code).body(BodyExt::boxed_unsync(body)).unwrap()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(if byte == b'+' { b' ' } else { byte });
        }
    }
    String::from_utf8(bytes).unwrap()
}
