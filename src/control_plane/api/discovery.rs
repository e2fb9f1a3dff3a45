//! What there is: groups, versions, resources; in the legacy form and in the aggregated one.

use http::header::{ACCEPT, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::reply::Reply;
use super::{route, served};
use crate::kubernetes::{Kind, Status};

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Answers `/api`, `/apis` and what is directly below them.
pub fn reply(path: &str, headers: &HeaderMap) -> Result<Reply, Status> {
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        ["api"] if wants_aggregated(headers) => Ok(aggregated(&[""], headers)),
        ["apis"] if wants_aggregated(headers) => Ok(aggregated(&named_groups(), headers)),
        ["api"] => Ok(Reply::value(&json!({
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": [],
        }))),
        ["apis"] => {
            let groups: Vec<_> = named_groups().into_iter().map(group).collect();
            Ok(Reply::value(&json!({
                "kind": "APIGroupList",
                "apiVersion": "v1",
                "groups": groups,
            })))
        }
        ["api", version] => resources("", version),
        ["apis", name] if named_groups().contains(name) => {
            let mut group = group(name);
            if let Some(fields) = group.as_object_mut() {
                fields.insert("kind".to_owned(), json!("APIGroup"));
                fields.insert("apiVersion".to_owned(), json!("v1"));
            }
            Ok(Reply::value(&group))
        }
        ["apis", group, version] => resources(group, version),
        _ => Err(route::not_found()),
    }
}

/// `/`: the paths that exist.
pub fn root() -> Reply {
    let mut paths = vec!["/api".to_owned(), "/api/v1".to_owned(), "/apis".to_owned()];
    for group in named_groups() {
        paths.push(format!("/apis/{group}"));
        paths.extend(versions(group).iter().map(|version| format!("/apis/{group}/{version}")));
    }
    for path in ["/healthz", "/livez", "/openapi/v3", "/readyz", "/version"] {
        paths.push(path.to_owned());
    }
    Reply::value(&json!({"paths": paths}))
}

fn wants_aggregated(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let has = |part| range.split(';').any(|other| other.trim() == part);
        parts.next() == Some("application/json")
            && has("g=apidiscovery.k8s.io")
            && has("v=v2")
            && has("as=APIGroupDiscoveryList")
    })
}

/// The groups in the order in which kubectl looks for a resource: `apps` before its namesakes.
fn named_groups() -> Vec<&'static str> {
    let mut groups: Vec<_> =
        served::kinds().map(|kind| kind.group).filter(|group| !group.is_empty()).collect();
    groups.sort_by_key(|group| (*group != "apps", *group));
    groups.dedup();
    groups
}

/// The versions of a group, the preferred one first.
fn versions(group: &str) -> Vec<&'static str> {
    let mut versions: Vec<_> =
        served::kinds().filter(|kind| kind.group == group).map(|kind| kind.version).collect();
    // Stable before beta before alpha, and of each the highest number first.
    versions.sort_by_key(|version| {
        let numbers = version.trim_start_matches('v');
        let (major, rest) =
            numbers.split_at(numbers.find(|c: char| !c.is_ascii_digit()).unwrap_or(numbers.len()));
        let stability = match rest.get(..1) {
            None => 0,
            Some("b") => 1,
            Some(_) => 2,
        };
        (stability, std::cmp::Reverse(major.parse::<u32>().unwrap_or(0)), *version)
    });
    versions.dedup();
    versions
}

fn group(name: &str) -> Value {
    let versions: Vec<_> = versions(name)
        .into_iter()
        .map(|version| json!({"groupVersion": format!("{name}/{version}"), "version": version}))
        .collect();
    let preferred = versions.first().cloned().unwrap_or_default();
    json!({"name": name, "versions": versions, "preferredVersion": preferred})
}

fn kinds_of<'a>(group: &'a str, version: &'a str) -> impl Iterator<Item = &'static Kind> + 'a {
    served::kinds().filter(move |kind| kind.group == group && kind.version == version)
}

fn resources(group: &str, version: &str) -> Result<Reply, Status> {
    let mut rows = Vec::new();
    for kind in kinds_of(group, version) {
        rows.push(resource(kind));
        for subresource in served::subresources(kind) {
            let (group, version, name) =
                subresource.kind.unwrap_or((kind.group, kind.version, kind.kind));
            let mut row = json!({
                "name": format!("{}/{}", kind.plural, subresource.name),
                "singularName": "",
                "namespaced": kind.namespaced,
                "kind": name,
                "verbs": subresource.verbs,
            });
            if let (Some(_), Some(fields)) = (subresource.kind, row.as_object_mut()) {
                fields.insert("group".to_owned(), json!(group));
                fields.insert("version".to_owned(), json!(version));
            }
            rows.push(row);
        }
    }
    if rows.is_empty() {
        return Err(route::not_found());
    }
    let group_version =
        if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    Ok(Reply::value(&json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group_version,
        "resources": rows,
    })))
}

fn resource(kind: &Kind) -> Value {
    let mut row = json!({
        "name": kind.plural,
        "singularName": kind.kind.to_lowercase(),
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": served::VERBS,
    });
    if let Some(fields) = row.as_object_mut() {
        add_names(fields, kind);
    }
    row
}

fn aggregated(groups: &[&'static str], headers: &HeaderMap) -> Reply {
    let items: Vec<_> = groups
        .iter()
        .map(|group| {
            let versions: Vec<_> = versions(group)
                .into_iter()
                .map(|version| {
                    let resources: Vec<_> = kinds_of(group, version).map(aggregated_row).collect();
                    json!({"version": version, "resources": resources, "freshness": "Current"})
                })
                .collect();
            let metadata = if group.is_empty() { json!({}) } else { json!({"name": group}) };
            json!({"metadata": metadata, "versions": versions})
        })
        .collect();
    let body = json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    })
    .to_string();
    let etag = etag(body.as_bytes());
    let reply = if is_known(headers, &etag) {
        Reply::bytes(AGGREGATED, "").code(StatusCode::NOT_MODIFIED).without_body()
    } else {
        Reply::bytes(AGGREGATED, body)
    };
    reply.header(ETAG, &etag)
}

fn aggregated_row(kind: &'static Kind) -> Value {
    let subresources: Vec<_> = served::subresources(kind)
        .into_iter()
        .map(|subresource| {
            let (group, version, name) =
                subresource.kind.unwrap_or((kind.group, kind.version, kind.kind));
            json!({
                "subresource": subresource.name,
                "responseKind": {"group": group, "version": version, "kind": name},
                "verbs": subresource.verbs,
            })
        })
        .collect();
    let mut row = json!({
        "resource": kind.plural,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": kind.kind.to_lowercase(),
        "verbs": served::VERBS,
    });
    if let Some(fields) = row.as_object_mut() {
        add_names(fields, kind);
        if !subresources.is_empty() {
            fields.insert("subresources".to_owned(), Value::Array(subresources));
        }
    }
    row
}

fn add_names(fields: &mut serde_json::Map<String, Value>, kind: &Kind) {
    for (field, names) in [("shortNames", kind.short_names), ("categories", kind.categories)] {
        if !names.is_empty() {
            fields.insert(field.to_owned(), json!(names));
        }
    }
}

/// The entity tag of a document.
pub fn etag(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    let hex = hash.iter().take(16).fold(String::new(), |hex, byte| hex + &format!("{byte:02X}"));
    format!("\"{hex}\"")
}

/// Whether the client has the document with this tag.
pub fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(etag)
}
