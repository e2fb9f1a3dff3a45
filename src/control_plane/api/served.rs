//! What is served of each kind: which rows of the table, verbs and subresources.

use crate::control_plane::verbs;
use crate::kubernetes::{Kind, kinds};

/// Rows of the kinds table that would show the same objects under a second version. Without
/// conversion they would be other objects of the same name, which is worse than not to be there.
const OTHER_VERSIONS: &[(&str, &str, &str)] =
    &[("autoscaling", "v1", "horizontalpodautoscalers"), ("events.k8s.io", "v1", "events")];

/// A subresource in discovery.
pub struct Subresource {
    /// Its name in the path.
    pub name: &'static str,
    /// Group, version and kind of its objects; the resource's own when none.
    pub kind: Option<(&'static str, &'static str, &'static str)>,
    /// Its verbs.
    pub verbs: &'static [&'static str],
}

/// The verbs of every resource.
pub const VERBS: &[&str] =
    &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// All kinds that have a URL.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    kinds::all().iter().filter(|kind| is_served(kind))
}

/// The kind of a URL.
pub fn find(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    kinds::find_plural(group, version, plural).filter(|kind| is_served(kind))
}

/// The subresources of a kind.
pub fn subresources(kind: &Kind) -> Vec<Subresource> {
    const CHANGE: &[&str] = &["get", "patch", "update"];
    const JOIN: &[&str] = &["create", "get"];
    let mut all = Vec::new();
    let mut add = |name, kind, verbs| all.push(Subresource { name, kind, verbs });
    match (kind.group, kind.plural) {
        ("", "pods") => {
            add("attach", Some(("", "v1", "PodAttachOptions")), JOIN);
            add("binding", Some(("", "v1", "Binding")), &["create"]);
            add("ephemeralcontainers", None, CHANGE);
            add("eviction", Some(("policy", "v1", "Eviction")), &["create"]);
            add("exec", Some(("", "v1", "PodExecOptions")), JOIN);
            add("log", None, &["get"]);
            add("portforward", Some(("", "v1", "PodPortForwardOptions")), JOIN);
            add("resize", None, CHANGE);
        }
        ("", "namespaces") => add("finalize", None, &["update"]),
        ("certificates.k8s.io", "certificatesigningrequests") => add("approval", None, CHANGE),
        _ => {}
    }
    if verbs::is_scalable(kind) {
        add("scale", Some(("autoscaling", "v1", "Scale")), CHANGE);
    }
    if kind.has_status {
        add("status", None, CHANGE);
    }
    all.sort_by_key(|subresource| subresource.name);
    all
}

fn is_served(kind: &Kind) -> bool {
    !OTHER_VERSIONS.contains(&(kind.group, kind.version, kind.plural))
}
