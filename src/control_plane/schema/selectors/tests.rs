use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::kubernetes::kinds;

fn labelled(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn pods(labels: &str, fields: &str) -> Result<Selectors, String> {
    let kind = kinds::find("v1", "Pod").unwrap();
    Selectors::parse(kind, labels, fields).map_err(|status| {
        assert_eq!(status.code, 400);
        status.message
    })
}

#[test]
fn label_selectors_select() {
    let labels = labelled(&[("app", "web"), ("tier", "front"), ("n", "5")]);
    for (selector, expected) in [
        ("", true),
        ("app", true),
        ("!app", false),
        ("!other", true),
        ("app=web", true),
        ("app==web", true),
        (" app = web , tier = front ", true),
        ("app=web,tier=back", false),
        ("app!=db", true),
        ("app!=web", false),
        ("other!=x", true),
        ("app in (web, db)", true),
        ("app in (db)", false),
        ("app notin (db),tier", true),
        ("other notin (db)", true),
        ("other in (db)", false),
        ("app in ()", false),
        ("other=", false),
        ("n>4", true),
        ("n<5", false),
        ("example.com/in!=in", true),
    ] {
        assert_eq!(pods(selector, "").unwrap().labels_match(&labels), expected, "{selector}");
    }
}

#[test]
fn bad_label_selectors_are_refused_in_upstreams_words() {
    for (selector, message) in [
        ("app in web", "unable to parse requirement: found 'web' expected: '('"),
        ("app,", "found '', expected: identifier after ','"),
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
    ] {
        assert_eq!(pods(selector, "").unwrap_err(), message, "{selector}");
    }
    assert!(pods("-a=b", "").is_err());
    assert!(pods("a=b!", "").is_err());
}

#[test]
fn field_selectors_select() {
    let pod = json!({
        "metadata": {"name": "a", "namespace": "b"},
        "spec": {"nodeName": "n,1"},
        "status": {"phase": "Running"},
    });
    for (selector, expected) in [
        ("metadata.name=a", true),
        ("metadata.name=a,metadata.namespace!=b", false),
        ("spec.nodeName=n\\,1", true),
        ("spec.host==n\\,1", true),
        ("spec.hostNetwork=false", true),
        ("status.phase!=Running", false),
        ("status.podIP=", true),
    ] {
        assert_eq!(pods("", selector).unwrap().matches(&pod), expected, "{selector}");
    }
}

#[test]
fn unknown_fields_are_refused_in_upstreams_words() {
    assert_eq!(pods("", "spec.x=1").unwrap_err(), "field label not supported: spec.x");
    assert_eq!(
        pods("", "spec.x").unwrap_err(),
        "invalid selector: 'spec.x'; can't understand 'spec.x'"
    );
    let deployments = kinds::find("apps/v1", "Deployment").unwrap();
    assert_eq!(
        Selectors::parse(deployments, "", "spec.replicas=1").unwrap_err().message,
        "\"spec.replicas\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
    );
}

#[test]
fn selectors_of_objects_match_as_controllers_expect() {
    let template = json!({"metadata": {"labels": {"app": "web"}}});
    let matches =
        |selector: Value| LabelSelector::from_value(Some(&selector)).matches_object(&template);
    assert!(matches(json!({"matchLabels": {"app": "web"}})));
    assert!(!matches(json!({"matchLabels": {"app": "web", "tier": "x"}})));
    assert!(matches(
        json!({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]})
    ));
    assert!(!matches(json!({"matchExpressions": [{"key": "app", "operator": "Like"}]})));
    assert!(matches(json!({})));
    assert!(!LabelSelector::from_value(None).matches_object(&template));
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "[a-z=!(),<> \\\\./]{0,30}") {
        let _ = pods(&text, "");
        let _ = pods("", &text);
    }
}
