//! Pairs of a key and a value: variables, labels, arguments.

use super::check_member;

#[test]
fn pairs_merge_by_their_key_in_every_form() {
    let places = [
        ("services", "environment", true),
        ("services", "labels", false),
        ("services", "annotations", false),
        ("services", "sysctls", false),
        ("services", "build.args", true),
        ("services", "build.labels", false),
        ("services", "deploy.labels", false),
        ("jobs", "environment", true),
        ("jobs", "labels", false),
        ("networks", "labels", false),
        ("volumes", "labels", false),
        ("secrets", "labels", false),
        ("configs", "labels", false),
    ];
    let rows = [
        ("lists append", "[FOO=BAR]", "[QIX=ZOT, EMPTY=]", "{FOO: BAR, QIX: ZOT, EMPTY: ''}"),
        ("mappings too", "{FOO: BAR}", "{EMPTY: '', QIX: ZOT}", "{FOO: BAR, EMPTY: '', QIX: ZOT}"),
        ("a list goes over a mapping", "{FOO: BAR}", "[QIX=ZOT]", "{FOO: BAR, QIX: ZOT}"),
        ("a mapping goes over a list", "[FOO=BAR]", "{QIX: ZOT}", "{FOO: BAR, QIX: ZOT}"),
        ("a number is text", "{FOO: 1}", "{FOO: 3}", "{FOO: '3'}"),
        ("the last item counts", "[MODE=release]", "[MODE=debug, MODE=release]", "{MODE: release}"),
        ("the override is the last", "[A=1, A=2]", "[A=1]", "{A: '1'}"),
        (
            "numbers as the reference prints them",
            "{A: 1.10, B: 0440}",
            "{C: true, A: 1e6}",
            "{A: 1e+06, B: '288', C: 'true'}",
        ),
        ("null leaves all alone", "[A=1]", "null", "{A: '1'}"),
        ("one text is a list of one", "[A=1]", "B=2", "{A: '1', B: '2'}"),
        ("the value may hold what separates it", "[A=b=c]", "{D: e=f}", "{A: b=c, D: e=f}"),
    ];
    check_member(
        "services",
        &(
            "labels of a mount go with it: the mount of the override is another one",
            "volumes: [{type: volume, source: a, target: /a, volume: {labels: [FOO=BAR, A=1]}}]",
            "volumes: [{type: volume, source: a, target: /a, volume: {labels: {A: 2, B: 3}}}]",
            "volumes[0].volume.labels",
            "{A: '2', B: '3'}",
        ),
    );
    for (section, attribute, has_null) in places {
        let extra = match section {
            "secrets" | "configs" => "file: f, ",
            _ => "",
        };
        for (name, base, over, expected) in rows {
            let base = format!("{extra}{}", nested(attribute, base));
            let over = nested(attribute, over);
            let expected = expected.replace("1e+06", "'1e+06'");
            check_member(section, &(name, &base, &over, attribute, &expected));
        }
        let nil = if has_null { "{NIL: null}" } else { "{NIL: ''}" };
        let nil = if attribute == "build.args" { "" } else { nil };
        for over in ["[NIL]", "{NIL: null}"] {
            let base = format!("{extra}{}", nested(attribute, "{NIL: a}"));
            let over = nested(attribute, over);
            check_member(section, &("a key without a value counts", &base, &over, attribute, nil));
        }
    }
}

/// `a.b` and a value to `a: {b: VALUE}`.
fn nested(attribute: &str, value: &str) -> String {
    let mut keys = attribute.split('.').rev();
    let last = keys.next().unwrap_or_default();
    keys.fold(format!("{last}: {value}"), |inner, key| format!("{key}: {{{inner}}}"))
}
