//! Section 3 of the loader: the YAML layer.

use crate::case::{Case, check};

/// A service with one variable per row: what its text is in the container.
fn check_texts(rows: &[(&str, &str)]) {
    for (value, text) in rows {
        let file = format!("services: {{web: {{image: x, environment: {{V: {value}}}}}}}\n");
        let files = [("compose.yaml", file.as_str())];
        let values = [("services.web.environment.V", *text)];
        check(&[Case { name: value, files: &files, values: &values, ..Case::default() }]);
    }
}

/// A project of one file with what is reported about it.
fn check_findings(rows: &[(&str, &str, &[&str])]) {
    for (name, file, findings) in rows {
        let files = [("compose.yaml", *file)];
        check(&[Case { name, files: &files, findings, ..Case::default() }]);
    }
}

#[test]
fn a_number_becomes_text_as_the_reference_prints_it() {
    check_texts(&[
        ("1", "'1'"),
        ("-1", "'-1'"),
        ("+1", "'1'"),
        ("1_000", "'1000'"),
        ("0440", "'288'"),
        ("0o440", "'288'"),
        ("0O17", "'15'"),
        ("0x1F", "'31'"),
        ("-0x10", "'-16'"),
        ("0X_1f", "'31'"),
        ("0b11", "'3'"),
        ("0B1", "'1'"),
        ("00", "'0'"),
        ("-0", "'-0'"),
        ("08", "'8'"),
        ("0_8", "'8'"),
        ("18446744073709551615", "'18446744073709551615'"),
        ("18446744073709551616", "'1.8446744073709552e+19'"),
        ("-9223372036854775809", "'-9.223372036854776e+18'"),
        ("99999999999999999999999999", "'1e+26'"),
        ("1.10", "'1.1'"),
        ("1.", "'1'"),
        (".5", "'0.5'"),
        ("+.5", "'0.5'"),
        (".1_5", "'0.15'"),
        ("1_000.5", "'1000.5'"),
        ("100000.0", "'100000'"),
        ("1e6", "'1e+06'"),
        ("5.e3", "'5000'"),
        ("123456789.0", "'1.23456789e+08'"),
        ("0.0001", "'0.0001'"),
        ("0.00001", "'1e-05'"),
        ("0.1e-7", "'1e-08'"),
    ]);
}

#[test]
fn what_only_looks_like_a_number_is_text() {
    check_texts(&[
        ("22:22", "'22:22'"),
        ("1.2.3", "1.2.3"),
        ("1e400", "'1e400'"),
        ("-1e400", "'-1e400'"),
        ("0x", "'0x'"),
        ("0o9", "'0o9'"),
        ("0b2", "'0b2'"),
        ("_1", "'_1'"),
        ("._5", "'._5'"),
        (".e5", "'.e5'"),
        ("0x1p4", "'0x1p4'"),
        ("e5", "e5"),
        ("NaN", "NaN"),
        ("inf", "inf"),
        ("Infinity", "Infinity"),
        ("--1", "'--1'"),
    ]);
}

#[test]
fn words_of_yaml_1_1_and_dates_are_text() {
    check_texts(&[
        ("yes", "'yes'"),
        ("No", "'No'"),
        ("on", "'on'"),
        ("OFF", "'OFF'"),
        ("y", "'y'"),
        ("2001-12-14", "'2001-12-14'"),
        ("2001-12-14T21:59:43.10Z", "'2001-12-14T21:59:43.10Z'"),
        ("true", "'true'"),
        ("True", "'true'"),
        ("FALSE", "'false'"),
        ("TrUe", "'TrUe'"),
        ("~", "null"),
        ("Null", "null"),
        ("", "null"),
        ("'null'", "'null'"),
        ("\"0x10\"", "'0x10'"),
    ]);
}

#[test]
fn the_tags_of_yaml_say_what_a_scalar_is() {
    check_texts(&[
        ("!!str 0x10", "'0x10'"),
        ("! 5", "'5'"),
        ("!!int '0x10'", "'16'"),
        ("!!float 5", "'5'"),
        ("!!bool 'true'", "'true'"),
        ("!!null ''", "null"),
        ("!<tag:yaml.org,2002:int> 0b11", "'3'"),
        ("!!binary aGVs\n  bG8=", "hello"),
        ("!!timestamp 2001-12-14", "'2001-12-14'"),
    ]);
    check(&[Case {
        name: "about a collection they say nothing new",
        files: &[(
            "compose.yaml",
            "services: {web: {image: x, labels: !!set {a, b}, environment: !!seq {A: 1}}}",
        )],
        values: &[
            ("services.web.labels", "{a: '', b: ''}"),
            ("services.web.environment", "{A: '1'}"),
        ],
        ..Case::default()
    }]);
}

#[test]
fn tags_that_do_not_fit_are_refused() {
    check_findings(&[
        ("an integer", "x-a: !!int 5.0", &["LS0203 compose.yaml:1:6 x-a: `5.0` is not what"]),
        ("a boolean", "x-a: !!bool yes", &["LS0203 compose.yaml:1:6 x-a: `!!bool`"]),
        ("null", "x-a: !!null x", &["LS0203 compose.yaml:1:6 x-a: `!!null`"]),
        (
            "bytes that are no text",
            "x-a: !!binary /w==",
            &["LS0203 compose.yaml:1:6 x-a: `!!binary`"],
        ),
        ("no Base64", "x-a: !!binary '*'", &["LS0203 compose.yaml:1:6 x-a: `!!binary`"]),
        ("no date", "x-a: !!timestamp x", &["LS0203 compose.yaml:1:6 x-a: `!!timestamp`"]),
        ("a tag of one's own", "x-a: !foo 1", &["LS0205 compose.yaml:1:6 x-a: the tag `!foo`"]),
        (
            "an unknown tag of YAML",
            "x-a: !!foo 1",
            &["LS0205 compose.yaml:1:6 x-a: the tag `!!foo`"],
        ),
        ("a URI", "x-a: !<u:x> {}", &["LS0205 compose.yaml:1:6 x-a: the tag `!<u:x>`"]),
        (
            "a handle of one's own",
            "%TAG !e! tag:example.com,2000:\n---\nx-a: !e!foo {}",
            &["LS0205 compose.yaml:3:6 x-a: the tag `!e!foo`"],
        ),
        (
            "infinity, which JSON has not",
            "x-a: [.inf, -.Inf, .nan]",
            &[
                "LS0205 compose.yaml:1:7 x-a[0]: `.inf` is not a number",
                "LS0205 compose.yaml:1:13 x-a[1]: `-.Inf`",
                "LS0205 compose.yaml:1:20 x-a[2]: `.nan`",
            ],
        ),
    ]);
}

#[test]
fn booleans_of_yaml_1_1_are_accepted_where_a_boolean_is_expected() {
    for (word, value) in [
        ("yes", "true"),
        ("Y", "true"),
        ("ON", "true"),
        ("no", "false"),
        ("n", "false"),
        ("Off", "false"),
    ] {
        let file = format!("services:\n  web:\n    image: x\n    init: {word}\n");
        check(&[Case {
            name: word,
            files: &[("compose.yaml", &file)],
            values: &[("services.web.init", value)],
            findings: &[
                "LS0205 compose.yaml:4:11 services.web.init: is not a boolean of YAML 1.2, it is read as",
            ],
            ..Case::default()
        }]);
    }
    check_findings(&[(
        "other words are not",
        "services: {web: {image: x, tty: ja}}",
        &["LS0205 compose.yaml:1:33 services.web.tty: must be `true` or `false`, but is `ja`"],
    )]);
}

#[test]
fn numbers_in_every_notation_fit_typed_attributes() {
    check(&[Case {
        name: "a mode in octal, a count in hexadecimal, a port in binary",
        files: &[(
            "compose.yaml",
            "
services:
  web:
    image: x
    scale: 0x3
    ports: [{target: 0b1010000}]
    secrets: [{source: s, mode: 0440}, {source: s, target: t, mode: '0440'}]
secrets: {s: {external: true}}
",
        )],
        values: &[
            ("services.web.scale", "3"),
            ("services.web.ports[0].target", "80"),
            ("services.web.secrets[0].mode", "'0440'"),
            ("services.web.secrets[1].mode", "'0440'"),
        ],
        ..Case::default()
    }]);
}

#[test]
fn the_same_key_twice_is_refused() {
    check_findings(&[
        (
            "at the top",
            "services: {}\nx-a: 1\nservices: {}\n",
            &["LS0102 compose.yaml:3:1 services: the key `services` is already defined at line 1"],
        ),
        (
            "two services",
            "services:\n  a: {image: x}\n  a: {image: x}\n",
            &["LS0102 compose.yaml:3:3 services.a: already defined at line 2"],
        ),
        (
            "also beside a tag",
            "services:\n  a:\n    command: hello\n    command: !reset hello world\n    image: x\n",
            &["LS0102 compose.yaml:4:5 services.a.command: already defined at line 3"],
        ),
        (
            "in different notations",
            "x-a: {a: 1, 'a': 2, \"\\x61\": 3}\n",
            &[
                "LS0102 compose.yaml:1:13 x-a.a: already defined at line 1",
                "LS0102 compose.yaml:1:21 x-a.a: already defined at line 1",
            ],
        ),
        (
            "inside what `<<` merges",
            "x-a: {<<: {b: 1, b: 2}}\n",
            &["LS0102 compose.yaml:1:18 x-a.<<.b: already defined"],
        ),
        (
            "`<<` itself",
            "x-a:\n  <<: {a: 1}\n  <<: {b: 1}\n",
            &["LS0102 compose.yaml:3:3 x-a.<<: the key `<<` is already defined at line 2"],
        ),
    ]);
}

#[test]
fn keys_are_strings_everywhere() {
    check_findings(&[
        (
            "at the top",
            "123: {}\nservices: {a: {image: x}}\n",
            &["LS0203 compose.yaml:1:1: non-string key at top level: 123"],
        ),
        (
            "a service",
            "services:\n  foo: {image: busybox}\n  123: {image: busybox}\n",
            &["LS0203 compose.yaml:3:3 services: non-string key in `services`: 123"],
        ),
        (
            "in a list",
            "services: {a: {image: x}}\nnetworks: {default: {ipam: {config: [{123: oh}]}}}\n",
            &[
                "LS0203 compose.yaml:2:39 networks.default.ipam.config[0]: non-string key in `networks.default.ipam.config[0]`: 123",
            ],
        ),
        (
            "a variable",
            "services: {a: {image: x, environment: {1: FOO}}}\n",
            &[
                "LS0203 compose.yaml:1:40 services.a.environment: non-string key in `services.a.environment`: 1",
            ],
        ),
        (
            "of every type",
            "x-a:\n  true: 1\n  1.50: 1\n  ~: 1\n  0x10: 1\n  ? [a]\n  : 1\n  ? {a: b}\n  : 1\n",
            &[
                "LS0203 compose.yaml:2:3 x-a: non-string key in `x-a`: true",
                "LS0203 compose.yaml:3:3 x-a: non-string key in `x-a`: 1.5",
                "LS0203 compose.yaml:4:3 x-a: non-string key in `x-a`: null",
                "LS0203 compose.yaml:5:3 x-a: non-string key in `x-a`: 16",
                "LS0203 compose.yaml:6:5 x-a: non-string key in `x-a`: a list",
                "LS0203 compose.yaml:8:5 x-a: non-string key in `x-a`: a mapping",
            ],
        ),
        (
            "a date is text, and so is a word of YAML 1.1",
            "x-a: {2001-12-14: 1, yes: 2}\nservices: {a: {image: x}}\n",
            &[],
        ),
    ]);
}

#[test]
fn keys_may_be_written_in_every_way_that_yaml_has() {
    check(&[Case {
        name: "with `?`, in quotes, as a block, as an alias, with a tag",
        files: &[(
            "compose.yaml",
            "
x-name: &name FROM_ALIAS
services:
  ? web
  : image: x
    environment:
      ? COMPLEX
      : a
      'QUOTED': b
      \"ESC\\x41PED\": c
      ? |-
        BLOCK
      : d
      *name : e
      !!str 1: f
      '<<': g
",
        )],
        values: &[(
            "services.web.environment",
            "{COMPLEX: a, QUOTED: b, ESCAPED: c, BLOCK: d, FROM_ALIAS: e, '1': f, '<<': g}",
        )],
        ..Case::default()
    }]);
}

#[test]
fn the_top_level_is_a_mapping_with_something_in_it() {
    let nothing: &[&str] = &["LS0204: there is nothing in"];
    check_findings(&[
        ("a number", "1", &["LS0203 compose.yaml:1:1: must be a mapping, but is a number"]),
        ("a text", "\"hello\"", &["LS0203 compose.yaml:1:1: must be a mapping, but is a string"]),
        ("a list", "[\"hello\"]", &["LS0203 compose.yaml:1:1: must be a mapping, but is a list"]),
        ("no byte", "", nothing),
        ("comments only", "# nothing\n\n  # here\n", nothing),
        ("an empty mapping", "{}", nothing),
        ("null", "null", nothing),
        ("documents without content", "---\n---\n# nothing\n---\n", nothing),
        ("all of it reset", "services: !reset {a: {image: x}}", nothing),
        ("no service is allowed", "name: app\n", &[]),
    ]);
}

#[test]
fn files_from_other_editors_are_read() {
    let values: &[(&str, &str)] =
        &[("services.web.image", "x"), ("services.web.command", "[\"a\\nb\\n\"]")];
    let plain = "services:\n  web:\n    image: x # the image\n    command:\n      - |\n        a\n        b\n";
    let windows = plain.replace('\n', "\r\n");
    let marked = format!("\u{feff}{plain}");
    let directive = format!("%YAML 1.2\n# comment\n---\n{plain}...\n");
    let reserved = format!("%FOO bar\n---\n{plain}");
    for (name, text) in [
        ("as it is", plain),
        ("line ends of Windows", &windows),
        ("a byte order mark", &marked),
        ("directive, document start and end", &directive),
        ("a directive that YAML reserves", &reserved),
    ] {
        check(&[Case { name, files: &[("compose.yaml", text)], values, ..Case::default() }]);
    }
}

#[test]
fn scalars_in_every_style() {
    check(&[Case {
        name: "literal, folded, quoted over several lines, plain over several lines",
        files: &[(
            "compose.yaml",
            "
services:
  web:
    image: x
    environment:
      LITERAL: |
        a
         b

        c
      KEPT: |+
        a

      STRIPPED: |-
        a
      INDENTED: |2
          a
      FOLDED: >
        a
        b

        c
      SINGLE: 'it''s
        here'
      DOUBLE: \"a\\tb \\
        c\\u263a\"
      PLAIN: a # comment
      LONG: a
        b#c
",
        )],
        values: &[(
            "services.web.environment",
            r#"{LITERAL: "a\n b\n\nc\n", KEPT: "a\n\n", STRIPPED: a, INDENTED: "  a\n",
                FOLDED: "a b\nc\n", SINGLE: "it's here", DOUBLE: "a\tb c☺", PLAIN: a, LONG: 'a b#c'}"#,
        )],
        ..Case::default()
    }]);
}

#[test]
fn a_text_that_is_no_yaml_says_what_to_do() {
    check_findings(&[
        (
            "tabs",
            "services:\n\tweb:\n\t\timage: x\n",
            &["LS0101 compose.yaml:2:2: a tab stands where only spaces are allowed"],
        ),
        (
            "a key that is indented by accident",
            "services:\n  web:\n    image: x\n   ports: []\n",
            &["LS0101 compose.yaml:4:4: this stands neither below the key above it nor beside it"],
        ),
        (
            "a value with a colon",
            "services:\n  web:\n    image: x: y\n",
            &["LS0101 compose.yaml:3:13: a `: ` stands inside a value"],
        ),
        (
            "an open bracket",
            "services:\n  web:\n    command: [a, b\n",
            &["LS0101 compose.yaml:3:14: a bracket is not closed"],
        ),
        (
            "an open quote",
            "services:\n  web:\n    command: \"a\n",
            &["LS0101 compose.yaml:4:1: a quoted text has no end"],
        ),
        (
            "a key in a list",
            "services:\n  web:\n    labels:\n      - a=b\n      c: d\n",
            &["LS0101 compose.yaml:5:7: this stands beside the items of a list"],
        ),
        (
            "characters that YAML keeps for itself",
            "services:\n  web:\n    image: @x\n",
            &["LS0101 compose.yaml:3:12: no value starts with this character"],
        ),
        (
            "a directive for another language",
            "%YAML 2.0\n---\nservices: {}\n",
            &["LS0101 compose.yaml:1:1: unsupported YAML major version"],
        ),
    ]);
}
