pub mod settings;

use indexmap::IndexMap;

use crate::diagnostic::{Loss, codes};
use crate::kubernetes::labels;

use super::findings::Site;
use super::name::is_dns_subdomain;

/// Compose labels sorted by what Kubernetes takes them for.
#[derive(Debug, Default)]
pub struct Metadata {
    /// Those whose value is a label value.
    pub labels: IndexMap<String, String>,
    /// The rest.
    pub annotations: IndexMap<String, String>,
}

/// The value of the first of these labels that is set, with its key.
pub fn setting<'a>(
    compose: &'a IndexMap<String, String>,
    keys: &[&'static str],
) -> Option<(&'static str, &'a str)> {
    keys.iter().find_map(|key| Some((*key, compose.get(*key)?.as_str())))
}

/// The key of the annotation of an Ingress that this label sets.
pub fn annotation_of_ingress(label: &str) -> Option<&str> {
    label.strip_prefix(settings::INGRESS_ANNOTATION)
}

/// The name in `external_links` that this label gives a host.
pub fn name_of_external_link(label: &str) -> Option<&str> {
    label.strip_prefix(settings::EXTERNAL_LINK)
}

/// Sorts labels into labels and annotations; settings of longshore are taken out.
pub fn translate_labels(
    compose: &IndexMap<String, String>,
    known: &[&[&'static str]],
    site: &Site,
) -> Metadata {
    let mut metadata = Metadata::default();
    for (key, value) in compose {
        // Only services have settings with keys of their own.
        let has_own_key = known.contains(&settings::INGRESS_HOST)
            && (annotation_of_ingress(key).is_some() || name_of_external_link(key).is_some());
        if has_own_key || known.iter().any(|keys| keys.contains(&key.as_str())) {
            continue;
        }
        let site = site.child(key);
        if key.starts_with("longshore.") || key.starts_with("kompose.") {
            site.not_translated(
                format!("longshore does not know the label `{key}`"),
                nearest(key, known).map_or_else(
                    || "nothing can be set here".to_owned(),
                    |nearest| format!("the nearest that it knows here is `{nearest}`"),
                ),
            );
        } else if [labels::NAME, labels::INSTANCE, labels::PART_OF, labels::MANAGED_BY]
            .contains(&key.as_str())
        {
            site.not_translated(
                format!("the label `{key}` is longshore's own"),
                "use another key; pods are selected by this one",
            );
        } else if !is_qualified_name(key) {
            site.not_translated(
                format!("`{key}` can be neither label nor annotation in Kubernetes"),
                "use letters, digits, `-`, `_` and `.`, at most 63 characters, after an optional `prefix/`",
            );
        } else if is_label_value(value) {
            metadata.labels.insert(key.clone(), value.clone());
        } else {
            metadata.annotations.insert(key.clone(), value.clone());
        }
    }
    metadata
}

/// The known label that looks most like this one, in the same spelling: longshore's or kompose's.
fn nearest(label: &str, known: &[&[&'static str]]) -> Option<&'static str> {
    let family = |label: &str| label.split('.').next().unwrap_or_default().to_owned();
    let mut like = known.concat();
    like.retain(|known| family(known) == family(label));
    like.into_iter().min_by_key(|known| strsim::levenshtein(known, label))
}

/// Annotations as they are, without the keys that Kubernetes does not take.
pub fn translate_annotations(
    compose: &IndexMap<String, String>,
    site: &Site,
) -> IndexMap<String, String> {
    let (valid, invalid): (IndexMap<_, _>, IndexMap<_, _>) =
        compose.clone().into_iter().partition(|(key, _)| is_qualified_name(key));
    for key in invalid.keys() {
        site.child(key).not_translated(
            format!("`{key}` cannot be an annotation in Kubernetes"),
            "use letters, digits, `-`, `_` and `.`, at most 63 characters, after an optional `prefix/`",
        );
    }
    valid
}

/// Labels of a resource that has no object to carry them.
pub fn report_labels_without_object(compose: &IndexMap<String, String>, site: &Site) {
    if !compose.is_empty() {
        site.note(
            codes::LOCAL_ONLY,
            Loss::IgnoredHarmless,
            "the labels are left out, because no object is written for it",
            "put them on the services instead",
        );
    }
}

/// Whether the text can be the key of a label: a name, after an optional domain.
pub fn is_qualified_name(key: &str) -> bool {
    let (prefix, name) =
        key.rsplit_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    !name.is_empty() && is_label_value(name) && prefix.is_none_or(is_dns_subdomain)
}

/// Whether the text can be the value of a label.
pub fn is_label_value(value: &str) -> bool {
    let is_end = |character: Option<char>| character.is_none_or(|it| it.is_ascii_alphanumeric());
    value.len() <= 63
        && value.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.'))
        && is_end(value.chars().next())
        && is_end(value.chars().last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_syntax() {
        for key in ["a", "com.example.team", "example.com/team", "A_b-c.d"] {
            assert!(is_qualified_name(key), "{key}");
        }
        for key in ["", "a/", "/a", "a b", "-a", "Example.com/a", "a/b/c", &"a".repeat(64)] {
            assert!(!is_qualified_name(key), "{key}");
        }
        assert!(is_label_value("") && is_label_value("v1.2") && !is_label_value("Host(`a`)"));
    }
}
