//! The kinds of the Kubernetes v1.35 API, one row each.

use std::sync::LazyLock;

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
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    all().iter().find(|row| row.kind == kind && row.version == version && row.group == group)
}

/// The kind that a URL names.
pub fn find_plural(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    let rows = all();
    let key = (group, version, plural);
    let index = rows.binary_search_by(|row| (row.group, row.version, row.plural).cmp(&key)).ok()?;
    rows.get(index)
}

/// All kinds, by group, version and plural.
pub fn all() -> &'static [Kind] {
    static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
        TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(parse_row).collect()
    });
    &KINDS
}

/// All stable kinds that can be listed, but `ComponentStatus`, which nobody stores.
const TABLE: &str = include_str!("data/kinds.tsv");

fn parse_row(line: &'static str) -> Option<Kind> {
    let mut cells = line.split('\t');
    let mut cell = || cells.next();
    Some(Kind {
        group: cell()?,
        version: cell()?,
        plural: cell()?,
        kind: cell()?,
        namespaced: cell()? == "namespaced",
        short_names: words(cell()?),
        categories: words(cell()?),
        has_status: cell()? == "yes",
    })
}

/// The table is read once and lives as long as the process.
fn words(cell: &'static str) -> &'static [&'static str] {
    if cell.is_empty() { &[] } else { Vec::leak(cell.split(',').collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_found() {
        let rows = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(all().len(), rows);
        assert!(rows > 55, "{rows}");
        for row in all() {
            assert_eq!(find(&row.api_version(), row.kind), Some(row));
            assert_eq!(find_plural(row.group, row.version, row.plural), Some(row));
        }
        assert_eq!(find("apps/v1", "Pod"), None);
        assert_eq!(find_plural("", "v1", "deployments"), None);
    }

    #[test]
    fn rows_say_what_upstream_says() {
        let deployment = find("apps/v1", "Deployment").unwrap();
        assert_eq!(deployment.short_names, ["deploy"]);
        assert_eq!(deployment.categories, ["all"]);
        assert!(deployment.namespaced && deployment.has_status);
        let config_map = find("v1", "ConfigMap").unwrap();
        assert!(config_map.namespaced && !config_map.has_status);
        assert!(!find("v1", "Node").unwrap().namespaced);
    }
}
