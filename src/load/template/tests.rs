use super::*;

fn lookup(name: &str) -> Option<&'static str> {
    match name {
        "FOO" => Some("first"),
        "BAR" => Some(""),
        "JSON" => Some("{}"),
        _ => None,
    }
}

fn text(template: &str) -> String {
    expand(template, &lookup).unwrap().text
}

#[test]
fn values_are_expanded() {
    let cases = [
        ("no variable", "no variable"),
        ("ok $FOO", "ok first"),
        ("ok ${FOO}", "ok first"),
        ("$FOO$FOO", "firstfirst"),
        ("$FOO-x", "first-x"),
        ("${BAR}", ""),
        ("${NONE}", ""),
        ("${FOO:-d}", "first"),
        ("${BAR:-d}", "d"),
        ("${BAR-d}", ""),
        ("${NONE:-d}", "d"),
        ("${NONE-d}", "d"),
        ("${NONE:-}", ""),
        ("${NONE-http://a:80/?x=1-2}", "http://a:80/?x=1-2"),
        ("${FOO:+yes}", "yes"),
        ("${BAR:+yes}", ""),
        ("${BAR+yes}", "yes"),
        ("${NONE+yes}", ""),
        ("${FOO:?m}", "first"),
        ("${BAR?m}", ""),
        ("${NONE:-${FOO}}", "first"),
        ("${NONE:-a ${BAR:-b $FOO} c}", "a b first c"),
        ("${NONE:-{\"a\":1}}", "{\"a\":1}"),
        ("${NONE:-{\"a\":{\"b\":\"$FOO\"}}} x", "{\"a\":{\"b\":\"first\"}} x"),
        ("${NONE:-x:?y}", "x:?y"),
        ("${FOO}:-a ${NONE-b}", "first:-a b"),
    ];
    for (template, expected) in cases {
        assert_eq!(text(template), expected, "{template}");
    }
}

#[test]
fn other_dollars_stay() {
    let cases = [
        ("$$", "$"),
        ("$${foo}", "${foo}"),
        ("$$$FOO", "$first"),
        ("$$$$", "$$"),
        ("a $ string", "a $ string"),
        ("^re$", "^re$"),
        ("$}", "$}"),
        ("$1", "$1"),
        ("€$FOO€", "€first€"),
    ];
    for (template, expected) in cases {
        assert_eq!(text(template), expected, "{template}");
    }
}

#[test]
fn what_is_not_well_formed_is_an_error() {
    for template in [
        "${",
        "${}",
        "${ }",
        "${ foo}",
        "${foo }",
        "${foo!}",
        "${1x}",
        "${X/a/b}",
        "$FOO ${",
        "${X:}",
        "${X:-a\nb}",
        "${X:-{a}",
    ] {
        let result = expand(template, &lookup);
        assert!(matches!(result, Err(TemplateError::Invalid(_))), "{template}: {result:?}");
    }
}

#[test]
fn required_variables_fail_with_the_words_of_the_file() {
    let required = |template: &str| expand(template, &lookup).unwrap_err().to_string();
    assert_eq!(required("${NONE:?}"), "required variable `NONE` is missing a value");
    assert_eq!(required("${BAR:?set it}"), "required variable `BAR` is missing a value: set it");
    assert_eq!(
        required("${NONE?a-b $FOO}"),
        "required variable `NONE` is missing a value: a-b first"
    );
}

#[test]
fn words_that_are_not_used_are_not_expanded() {
    assert_eq!(text("${FOO:-${NONE:?never}}"), "first");
    assert!(expand("${FOO:-$NONE}", &lookup).unwrap().unset.is_empty());
    assert_eq!(expand("${BAR:-$NONE}$OTHER", &lookup).unwrap().unset.len(), 2);
}

#[test]
fn nesting_without_end_is_an_error_and_no_stack_overflow() {
    let template = format!("{}x{}", "${A:-".repeat(100_000), "}".repeat(100_000));
    assert!(expand(&template, &lookup).is_err());
}

proptest::proptest! {
    #[test]
    fn any_text_expands_or_fails(template in "[$\\{\\}A-Z:?+ \\-\\n]{0,40}") {
        let _ = expand(&template, &lookup);
    }

    #[test]
    fn text_without_dollars_is_left_alone(template in "[^$]{0,60}") {
        proptest::prop_assert_eq!(text(&template), template);
    }
}
