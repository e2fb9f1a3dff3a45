use percent_encoding::percent_decode_str;

use super::served;
use crate::control_plane::verbs::Key;
use crate::kubernetes::{Kind, Reason, Status};

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
pub enum Route {
    /// `/`.
    Root,
    /// `/healthz`, `/livez`, `/readyz` and what is below them.
    Health(String),
    /// `/version`.
    Version,
    /// `/api`, `/apis`, a group, or a group's version.
    Discovery(String),
    /// `/openapi/…`.
    OpenApi(String),
    /// Objects.
    Resource(Resource),
}

/// Objects of a kind: all, those of a namespace, one, or a part of one.
#[derive(Debug, PartialEq, Eq)]
pub struct Resource {
    /// The kind.
    pub kind: &'static Kind,
    /// The namespace; none for all of them, and for kinds without.
    pub namespace: Option<String>,
    /// The object's name; none for a collection.
    pub name: Option<String>,
    /// `status`, `scale`, …; empty for the object.
    pub subresource: String,
}

impl Route {
    /// Parses the path of a request; a 404 when it names nothing.
    pub fn parse(path: &str) -> Result<Self, Status> {
        let segments: Vec<String> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            [] => Ok(Self::Root),
            ["healthz" | "livez" | "readyz", ..] => Ok(Self::Health(segments.join("/"))),
            ["version"] => Ok(Self::Version),
            ["openapi", ..] => Ok(Self::OpenApi(segments.join("/"))),
            ["api" | "apis"] | ["api" | "apis", _] | ["apis", _, _] => {
                Ok(Self::Discovery(segments.join("/")))
            }
            ["api", version, rest @ ..] => resource("", version, rest),
            ["apis", group, version, rest @ ..] => resource(group, version, rest),
            _ => Err(not_found()),
        }
    }
}

impl Resource {
    /// The key of the object; without name or namespace for a collection.
    pub fn key(&self) -> Key {
        let namespace = self.namespace.clone().unwrap_or_default();
        Key::new(self.kind, namespace, self.name.clone().unwrap_or_default())
    }
}

/// 404 for a path that names nothing.
pub fn not_found() -> Status {
    Status::new(Reason::NotFound, "the server could not find the requested resource")
}

fn resource(group: &str, version: &str, path: &[&str]) -> Result<Route, Status> {
    let (namespace, path) = match path {
        // A namespace's own subresources look like kinds inside it.
        ["namespaces", _, "status" | "finalize"] => (None, path),
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
        path => (None, path),
    };
    let (plural, name, subresource) = match path {
        [plural] => (plural, None, ""),
        [plural, name] => (plural, Some(*name), ""),
        [plural, name, subresource] => (plural, Some(*name), *subresource),
        _ => return Err(not_found()),
    };
    let kind = served::find(group, version, plural).ok_or_else(not_found)?;
    let scoped = match (kind.namespaced, namespace, name) {
        (true, Some(_), _) | (true, None, None) | (false, None, _) => true,
        (true, None, Some(_)) | (false, Some(_), _) => false,
    };
    let known =
        subresource.is_empty() || served::subresources(kind).iter().any(|s| s.name == subresource);
    if !scoped || !known {
        return Err(not_found());
    }
    Ok(Route::Resource(Resource {
        kind,
        namespace: namespace.map(str::to_owned),
        name: name.map(str::to_owned),
        subresource: subresource.to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        let text = match Route::parse(path) {
            Ok(Route::Resource(r)) => format!(
                "{} namespace={} name={} sub={}",
                r.kind.plural,
                r.namespace.as_deref().unwrap_or("-"),
                r.name.as_deref().unwrap_or("-"),
                r.subresource
            ),
            Ok(other) => format!("{other:?}"),
            Err(status) => status.code.to_string(),
        };
        assert_eq!(text, expected, "{path}");
    }

    #[test]
    fn paths_name_collections_objects_and_their_parts() {
        check("/", "Root");
        check("/readyz/ping", "Health(\"readyz/ping\")");
        check("/api/v1/", "Discovery(\"api/v1\")");
        check("/api/v1/pods", "pods namespace=- name=- sub=");
        check("/api/v1/namespaces/shop/pods/a%3Ab", "pods namespace=shop name=a:b sub=");
        check("/api/v1/namespaces", "namespaces namespace=- name=- sub=");
        check("/api/v1/namespaces/shop", "namespaces namespace=- name=shop sub=");
        check("/api/v1/namespaces/shop/status", "namespaces namespace=- name=shop sub=status");
        check(
            "/apis/apps/v1/namespaces/x/deployments/y/scale",
            "deployments namespace=x name=y sub=scale",
        );
    }

    #[test]
    fn what_does_not_exist_is_not_found() {
        for path in [
            "/x",
            "/api/v1/gizmos",
            "/api/v2/pods",
            "/api/v1/pods/a",
            "/api/v1/namespaces/shop/nodes",
            "/api/v1/namespaces/shop/pods/a/scale",
            "/api/v1/namespaces/shop/pods/a/status/x",
        ] {
            check(path, "404");
        }
    }
}
