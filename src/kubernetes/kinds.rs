//! The kinds of the Kubernetes v1.35 API, one row each.

/// One kind of object and where the API serves it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The group, empty for the core group.
    pub group: &'static str,
    /// The version, e.g. `v1`.
    pub version: &'static str,
    /// The kind, e.g. `Deployment`.
    pub kind: &'static str,
    /// The resource, e.g. `deployments`.
    pub plural: &'static str,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// What kubectl accepts instead of the plural.
    pub short_names: &'static [&'static str],
    /// Groups of kinds such as `all`.
    pub categories: &'static [&'static str],
    /// Whether `status` is a subresource.
    pub has_status: bool,
}

impl Kind {
    /// `apps/v1`, or `v1` in the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

/// The kind that an object names.
pub fn find(api_version: &str, kind: &str) -> Option<&'static Kind> {
    let _ = (api_version, kind);
    None
}

/// The kind that a URL names.
pub fn find_plural(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    let _ = (group, version, plural);
    None
}

/// All kinds, by group, version and plural.
pub fn all() -> &'static [Kind] {
    &[]
}
