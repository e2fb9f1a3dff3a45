use std::sync::Arc;

use crate::diagnostic::{Report, Source};
use crate::load::tree::parse_documents;

use super::*;

fn messages(text: &str) -> Vec<String> {
    let source = Arc::new(Source::new("compose.yaml", text));
    let mut report = Report::new();
    let mut documents = parse_documents(&source, &mut report).unwrap();
    validate(&mut documents[0], |_| true, &mut Damage::default(), &mut report);
    report
        .iter()
        .map(|d| {
            let help = d.help.as_deref().unwrap_or("-");
            format!("{} {} | {help}", d.span.as_ref().unwrap(), d.message)
        })
        .collect()
}

#[test]
fn the_embedded_schema_can_be_read_and_all_references_lead_somewhere() {
    fn check(schema: &Schema) {
        if let Some(reference) = &schema.reference {
            let name = reference.strip_prefix("#/$defs/").unwrap();
            assert!(ROOT.definitions.contains_key(name), "{name}");
        }
        let parts = schema.properties.values().chain(schema.pattern_properties.values());
        parts
            .chain(&schema.one_of)
            .chain(&schema.all_of)
            .chain(schema.items.as_deref())
            .for_each(check);
        // the validator knows `anyOf` for nothing else
        assert!(schema.any_of.iter().all(|branch| !branch.required.is_empty()));
    }
    check(&ROOT);
    ROOT.definitions.values().for_each(check);
}

#[test]
fn what_does_not_follow_the_schema_is_named_with_place_and_remedy() {
    let found = messages(
        "services:\n  web:\n    imagee: nginx\n    ports: 80:80\n    environment:\n      - A: b\n    \
         depends_on: {db: {}}\n    container_name: 5\nnetwork: {}\n",
    );
    similar_asserts::assert_eq!(
        found.join("\n"),
        "compose.yaml:3:5 unknown attribute `imagee` | did you mean `image`?\n\
         compose.yaml:4:12 `services.web.ports` must be a list, but is a string | write it as a list: `[\"80:80\"]`\n\
         compose.yaml:6:9 `services.web.environment[0]` must be a string, but is a mapping | write it as one text, \
         e.g. `KEY=VALUE`; text that holds `: ` needs quotes\n\
         compose.yaml:7:22 `services.web.depends_on.db` needs the attribute `condition` | add `condition: …`\n\
         compose.yaml:8:21 `services.web.container_name` must be a string, but is a number | put it in quotes: `\"5\"`\n\
         compose.yaml:9:1 unknown attribute `network` | did you mean `networks`?"
    );
}

#[test]
fn files_of_version_1_are_told_where_services_belong() {
    let found = messages("web:\n  image: nginx\n");
    assert_eq!(
        found,
        [
            "compose.yaml:1:1 unknown attribute `web` | services stand under `services:`; move `web` there"
        ]
    );
}

#[test]
fn extensions_pass_where_the_schema_has_them() {
    assert!(messages("x-a: [1]\nservices:\n  x-web: {image: a, x-b: {c: 1}}\n").is_empty());
}

#[test]
fn values_are_checked() {
    let found = messages(
        "services:\n  my web:\n    image: a\n  db:\n    image: a\n    cpu_percent: 101\n    cgroup: hots\n    \
         security_opt: [a, a]\n",
    );
    similar_asserts::assert_eq!(
        found.join("\n"),
        "compose.yaml:2:3 `my web` is not a possible name: it must be made of letters, digits, `.`, `_` and `-` | -\n\
         compose.yaml:6:18 `services.db.cpu_percent` must be between 0 and 100, but is 101 | -\n\
         compose.yaml:7:13 `services.db.cgroup` must be `host` or `private`, but is `hots` | did you mean `host`?\n\
         compose.yaml:8:23 the list holds the same item twice | remove one of the two"
    );
}
