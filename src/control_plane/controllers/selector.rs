//! Label selectors of workloads and Services.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

/// Whether the labels satisfy every requirement; an empty selector selects everything.
pub(crate) fn matches(selector: &LabelSelector, labels: &BTreeMap<String, String>) -> bool {
    let equal = |(key, value): (&String, &String)| labels.get(key) == Some(value);
    selector.match_labels.iter().flatten().all(equal)
        && selector.match_expressions.iter().flatten().all(|rule| satisfies(rule, labels))
}

/// Whether a selector has no requirement at all.
pub(crate) fn is_empty(selector: &LabelSelector) -> bool {
    selector.match_labels.as_ref().is_none_or(BTreeMap::is_empty)
        && selector.match_expressions.as_ref().is_none_or(Vec::is_empty)
}

fn satisfies(rule: &LabelSelectorRequirement, labels: &BTreeMap<String, String>) -> bool {
    let value = labels.get(&rule.key);
    let listed = value.is_some_and(|value| rule.values.iter().flatten().any(|one| one == value));
    match rule.operator.as_str() {
        "In" => listed,
        "NotIn" => !listed,
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(selector: &str, labels: &str) -> bool {
        let selector: LabelSelector = serde_json::from_str(selector).unwrap();
        matches(&selector, &serde_json::from_str(labels).unwrap())
    }

    #[test]
    fn requirements_are_all_needed() {
        let labels = r#"{"app":"web","tier":"front"}"#;
        assert!(check("{}", labels));
        assert!(check(r#"{"matchLabels":{"app":"web"}}"#, labels));
        assert!(!check(r#"{"matchLabels":{"app":"web","tier":"back"}}"#, labels));
        let rule = |operator: &str, key: &str, values: &str| {
            let rule = format!(r#"{{"key":"{key}","operator":"{operator}","values":{values}}}"#);
            check(
                &format!(r#"{{"matchLabels":{{"app":"web"}},"matchExpressions":[{rule}]}}"#),
                labels,
            )
        };
        assert!(rule("In", "tier", r#"["front","back"]"#));
        assert!(!rule("In", "zone", r#"["a"]"#));
        assert!(rule("NotIn", "zone", r#"["a"]"#));
        assert!(!rule("NotIn", "tier", r#"["front"]"#));
        assert!(rule("Exists", "tier", "[]"));
        assert!(!rule("DoesNotExist", "tier", "[]"));
        assert!(!rule("Near", "tier", "[]"), "an operator that nobody knows selects nothing");
    }
}
