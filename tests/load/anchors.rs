//! Section 3 of the loader: anchors, aliases and merge keys.

use crate::case::{Case, check};

/// A name, a file, and the values that its project has.
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

fn check_values(rows: &[Row<'_>]) {
    for (name, file, values) in rows {
        let files = [("compose.yaml", *file)];
        check(&[Case { name, files: &files, values, ..Case::default() }]);
    }
}

/// A name, a file, and what is reported about it.
fn check_findings(rows: &[(&str, &str, &[&str])]) {
    for (name, file, findings) in rows {
        let files = [("compose.yaml", *file)];
        check(&[Case { name, files: &files, findings, ..Case::default() }]);
    }
}

#[test]
fn an_alias_stands_for_what_was_anchored_last() {
    check_values(&[
        (
            "scalars, lists and mappings",
            "
x-image: &image nginx
x-words: &words [echo, a]
x-variables: &variables {A: '1'}
services:
  web: {image: *image, command: *words, environment: *variables}
",
            &[
                ("services.web.image", "nginx"),
                ("services.web.command", "[echo, a]"),
                ("services.web.environment", "{A: '1'}"),
            ],
        ),
        (
            "a service that is another one",
            "services: {a: &a {image: alpine}, a2: *a}",
            &[("services.a2.image", "alpine"), ("services.a.image", "alpine")],
        ),
        (
            "also when its name comes later in the alphabet",
            "services: {a2: &a {image: alpine}, a: *a}",
            &[("services.a2.image", "alpine"), ("services.a.image", "alpine")],
        ),
        (
            "a name with a dot is not below the name in front of the dot",
            "services: {test.unit: &s {image: alpine}, test: *s, test.other: *s}",
            &[("services.test.image", "alpine"), ("services.\"test.other\".image", "alpine")],
        ),
        (
            "an anchor that is defined again counts from there on",
            "
x-a: [&a one, *a, &a two]
services: {web: {image: *a, command: [&a three, *a]}, db: {image: *a}}
",
            &[
                ("services.web.image", "two"),
                ("services.web.command", "[three, three]"),
                ("services.db.image", "three"),
            ],
        ),
        (
            "an alias to nothing is null",
            "services: {web: {image: x, environment: {A: &nothing , B: *nothing}}}",
            &[("services.web.environment", "{A: null, B: null}")],
        ),
        (
            "an anchor inside an anchor",
            "
x-a: &a {environment: &e {A: '1'}}
services: {web: {<<: *a, image: x}, db: {image: x, environment: {<<: *e, B: '2'}}}
",
            &[
                ("services.web.environment", "{A: '1'}"),
                ("services.db.environment", "{A: '1', B: '2'}"),
            ],
        ),
        (
            "copies are independent: each expands its own variables and short forms",
            "
x-p: &p ['8080-8081:80-81']
services: {a: {image: x, ports: *p}, b: {image: x, ports: *p}}
",
            &[("services.a.ports[1].target", "81"), ("services.b.ports[1].target", "81")],
        ),
    ]);
}

#[test]
fn a_merge_key_adds_what_the_mapping_does_not_say() {
    check_values(&[
        (
            "its own keys win, wherever they stand",
            "
x-a: &a {image: a, restart: always}
services: {one: {image: own, <<: *a}, two: {<<: *a, image: own}}
",
            &[
                ("services.one.image", "own"),
                ("services.two.image", "own"),
                ("services.one.restart", "always"),
            ],
        ),
        (
            "of several mappings the first wins",
            "
x-a: &a {image: a}
x-b: &b {image: b, restart: always}
services: {web: {<<: [*a, *b, {tty: true, restart: 'no'}]}}
",
            &[
                ("services.web.image", "a"),
                ("services.web.restart", "always"),
                ("services.web.tty", "true"),
            ],
        ),
        (
            "it merges one level only",
            "
x-a: &a {image: a, environment: {A: '1'}}
services: {web: {<<: *a, environment: {B: '2'}}}
",
            &[("services.web.environment", "{B: '2'}")],
        ),
        (
            "it may stand in each level",
            "
x-e: &e {A: '1', B: '1'}
x-a: &a {image: a, environment: *e}
services: {web: {<<: *a, environment: {<<: *e, B: '2'}}}
",
            &[("services.web.environment", "{A: '1', B: '2'}")],
        ),
        (
            "an alias to a list of mappings",
            "
x-list: &list [{image: nginx, restart: unless-stopped}, {tty: true}]
services: {s1: {<<: *list}, s2: {<<: *list, image: own}}
",
            &[
                ("services.s1.image", "nginx"),
                ("services.s1.tty", "true"),
                ("services.s2.image", "own"),
            ],
        ),
        (
            "a mapping on the spot",
            "services: {web: {<<: {image: x}, tty: true}}",
            &[("services.web.image", "x")],
        ),
        (
            "merge keys behind merge keys",
            "
x-t:
  a: &a {environment: &e {a: b}}
  b: &b {<<: *a}
  c: &c {<<: *e}
services:
  web: {<<: *b, image: x, environment: {<<: *c, d: e}}
",
            &[("services.web.environment", "{a: b, d: e}")],
        ),
        (
            "of the whole file",
            "x-base: &base\n  services: {web: {image: x}}\n<<: *base\n",
            &[("services.web.image", "x")],
        ),
        (
            "in quotes it is an ordinary key, and as a value an ordinary text",
            "services: {web: {image: x, environment: {'<<': a, B: '<<'}}}",
            &[("services.web.environment", "{'<<': a, B: '<<'}")],
        ),
    ]);
}

/// `!!merge <<`, as yq writes it and `SigNoz` has it, was refused as an unknown tag.
#[test]
fn a_merge_key_may_have_its_tag() {
    for key in ["!!merge <<", "!!merge '<<'", "!<tag:yaml.org,2002:merge> <<"] {
        let file = format!("x-a: &a {{image: alpine}}\nservices:\n  web:\n    {key}: *a\n");
        check_values(&[(key, &file, &[("services.web.image", "alpine")])]);
    }
    check_findings(&[(
        "a key that its tag does not fit",
        "services: {web: {!!merge image: a}}",
        &["LS0205 compose.yaml:1:18 services.web: the tag `!!merge` has no meaning"],
    )]);
}

#[test]
fn what_cannot_be_merged_is_refused() {
    check_findings(&[
        (
            "a text",
            "x-s: &s not-a-map\nservices: {s1: {<<: *s}}\n",
            &["LS0203 compose.yaml:1:9 services.s1: `<<` merges mappings, but this is a string"],
        ),
        (
            "a number",
            "services: {s1: {<<: 5}}\n",
            &["LS0203 compose.yaml:1:21 services.s1: but this is a number"],
        ),
        (
            "null",
            "services: {s1: {<<: }}\n",
            &["LS0203 compose.yaml:1:19 services.s1: but this is null"],
        ),
        (
            "a list with a text and a list",
            "services: {s1: {<<: [a, [], {image: x}]}}\n",
            &[
                "LS0203 compose.yaml:1:22 services.s1: but this is a string",
                "LS0203 compose.yaml:1:25 services.s1: but this is a list",
            ],
        ),
    ]);
}

#[test]
fn anchors_count_in_their_document_only() {
    check_findings(&[(
        "the second document does not know the anchor of the first",
        "x-a: &image nginx\n---\nservices: {web: {image: *image}}\n",
        &["LS0101 compose.yaml:3:25 services.web.image: there is no anchor `&image`"],
    )]);
}

#[test]
fn unknown_anchors_are_all_reported() {
    check(&[Case {
        name: "in values, keys, lists and merge keys, and nothing else",
        files: &[(
            "compose.yaml",
            "
x-base: &base {image: x}
services:
  web: {<<: *bse, image: *nothing, command: [*no, b]}
  db: {<<: [*base, *bas], *key : x}
",
        )],
        findings: &[
            "LS0101 compose.yaml:4:13 services.web.<<: there is no anchor `&bse` for the alias `*bse`",
            "LS0101 compose.yaml:4:26 services.web.image: `*nothing`",
            "LS0101 compose.yaml:4:46 services.web.command[0]: `*no`",
            "LS0101 compose.yaml:5:20 services.db.<<[1]: `*bas`",
            "LS0101 compose.yaml:5:27 services.db: `*key`",
        ],
        ..Case::default()
    }]);
}

#[test]
fn an_alias_inside_its_own_anchor_is_refused() {
    let words = "the alias stands inside the node it refers to";
    for (name, file, place) in [
        ("a list", "x-a: &a [b, *a]\n", "compose.yaml:1:13 x-a[1]"),
        ("a mapping", "x-a: &a {b: *a}\n", "compose.yaml:1:13 x-a.b"),
        ("deeper", "x-a: &a {b: {c: [{d: *a}]}}\n", "compose.yaml:1:22 x-a.b.c[0].d"),
        (
            "through a merge key",
            "x-healthcheck: &healthcheck\n  egress:\n    <<: *healthcheck\n",
            "compose.yaml:3:9 x-healthcheck.egress.<<",
        ),
    ] {
        let finding = format!("LS0103 {place}: {words}");
        check_findings(&[(name, file, &[&finding])]);
    }
}
