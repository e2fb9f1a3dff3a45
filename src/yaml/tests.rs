use proptest::prelude::*;
use serde_json::{Value, json};

use super::{read, write};

fn check(value: &Value, expected: &str) {
    let text = write(value);
    assert_eq!(text, expected);
    assert_eq!(read(&text), Ok(vec![value.clone()]));
}

#[test]
fn writes_as_kubectl_does() {
    check(
        &json!({
            "kind": "Pod",
            "spec": {
                "containers": [
                    {"name": "web", "args": ["-c", "echo hi"], "resources": {}, "ports": []},
                    {"name": "db"},
                ],
                "nested": [["a", "b"], [{"c": 1}]],
                "terminationGracePeriodSeconds": 30,
                "cpu": "500m",
                "memory": "128Mi",
            },
        }),
        "\
kind: Pod
spec:
  containers:
  - name: web
    args:
    - \"-c\"
    - echo hi
    resources: {}
    ports: []
  - name: db
  nested:
  - - a
    - b
  - - c: 1
  terminationGracePeriodSeconds: 30
  cpu: 500m
  memory: 128Mi
",
    );
}

#[test]
fn quotes_what_a_reader_would_take_for_something_else() {
    for text in [
        "",
        "y",
        "N",
        "yes",
        "no",
        "on",
        "Off",
        "true",
        "FALSE",
        "null",
        "Null",
        "~",
        "0x1",
        "0o7",
        "0644",
        "1_000",
        "12:30",
        "12:30:45",
        "1e3",
        "1.5",
        "-1",
        "+1",
        ".inf",
        ".nan",
        "2001-12-14",
        "=",
        "<<",
        "*a",
        "&a",
        "!a",
        "- a",
        "? a",
        "a: b",
        "a #b",
        "a:",
        " a",
        "a ",
        "#a",
        "@a",
        "`a",
        "%a",
        "{a",
        "[a",
        "1d",
        "1f",
        "0b1",
        "\u{feff}a",
        "a\tb",
        "é",
    ] {
        let expected = Value::String(text.to_owned()).to_string().replace('\u{feff}', "\\ufeff");
        check(&json!({ "v": text }), &format!("v: {expected}\n"));
        check(&json!([text]), &format!("- {expected}\n"));
        check(&json!(text), &format!("{expected}\n"));
        check(&json!({ text: 1 }), &format!("{expected}: 1\n"));
    }
}

#[test]
fn writes_several_lines_as_a_block() {
    check(&json!({"a": "x\ny"}), "a: |-\n  x\n  y\n");
    check(&json!({"a": "x\ny\n", "b": 1}), "a: |\n  x\n  y\nb: 1\n");
    check(&json!({"a": "x\n\ny\n\n", "b": 1}), "a: |+\n  x\n\n  y\n\nb: 1\n");
    check(&json!({"a": "\tx\ny\n"}), "a: |2\n  \tx\n  y\n");
    check(&json!({"a": "\n x\ny"}), "a: |2-\n\n   x\n  y\n");
    check(&json!([["x\ny\n"]]), "- - |\n    x\n    y\n");
}

#[test]
fn reads_scalars_as_kubectl_does() {
    let values = read("a: 0644\nb: yes\nc: 1_000\ne: '0644'\n---\n# nothing\n---\nf: 12:30\n");
    assert_eq!(
        values,
        Ok(vec![json!({"a": 420, "b": true, "c": 1000, "e": "0644"}), json!({"f": "12:30"})])
    );
}

#[test]
fn errors_say_where() {
    let error = read("a: 1\na: 2\n").unwrap_err();
    assert_eq!((error.line, error.column), (Some(2), Some(1)));
    assert!(error.to_string().starts_with("line 2, column 1: "), "{error}");
    assert!(read("a: [").is_err());
}

#[test]
fn reads_a_large_file_and_refuses_an_alias_bomb() {
    let service = "- name: a\n  image: b\n  ports:\n  - 80\n";
    let text = service.repeat(30_000);
    assert_eq!(read(&text).unwrap().len(), 1);

    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let before = level - 1;
        let items = vec![format!("*a{before}"); 9].join(", ");
        bomb = format!("{bomb}a{level}: &a{level} [{items}]\n");
    }
    assert!(read(&bomb).is_err());
}

/// Pieces that have a meaning somewhere in YAML.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        prop::sample::select(vec![
            "\n", "\n\n", " ", "  ", "\t", "\r", "\r\n", ":", ": ", "#", " #", "-", "- ", "?",
            "? ", "'", "\"", "\\", "|", ">", "&a", "*a", "!", "!!str", "%", "@", "`", "{", "}",
            "[", "]", ",", "<<", "=", "---", "...", "yes", "no", "null", "~", "0x1f", "0644",
            "1_000", "12:30", "1e3", ".inf", "é", "😀", "\u{85}", "\u{2028}", "\u{feff}", "\u{0}",
            "\u{7f}", "\u{e000}", "a", "b c", "1",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => hostile().prop_map(Value::String),
        1 => any::<i64>().prop_map(|n| json!(n)),
        1 => any::<u64>().prop_map(|n| json!(n)),
        1 => prop::num::f64::NORMAL.prop_map(|n| json!(n)),
        1 => any::<bool>().prop_map(|b| json!(b)),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((hostile(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn reads_back_what_it_wrote(value in any_value()) {
        let document = json!({ "v": value });
        let text = write(&document);
        prop_assert_eq!(read(&text), Ok(vec![document]), "{}", text);
    }

    #[test]
    fn reading_never_panics(text in hostile()) {
        let _ = read(&text);
    }
}
