use super::*;

fn lookup(name: &str) -> Option<&'static str> {
    (name == "A").then_some("a")
}

proptest::proptest! {
    #[test]
    fn any_text_expands_or_fails(template in "([$][{]?[A-C]?|[{}:?+ \\n-]|\\PC){0,40}") {
        let _ = expand(&template, &lookup);
    }

    #[test]
    fn text_without_dollars_is_left_alone(template in "[^$]{0,60}") {
        proptest::prop_assert_eq!(expand(&template, &lookup).unwrap().text, template);
    }

    #[test]
    fn doubled_dollars_bring_any_text_through(text in "([$][{]?|[A-C{}:?+-]|\\PC){0,40}") {
        let template = text.replace('$', "$$");
        proptest::prop_assert_eq!(expand(&template, &lookup).unwrap().text, text);
    }

    #[test]
    fn values_are_never_expanded_again(value in "([$][{]?|[A-C{}:?+-]|\\PC){1,40}") {
        let lookup = |name: &str| (name == "A").then_some(value.as_str());
        for template in ["$A", "${A}", "${A:-x}", "${A?x}", "${B:-$A}", "${B:-${C-${A}}}", "${A+$A}"] {
            proptest::prop_assert_eq!(&expand(template, &lookup).unwrap().text, &value);
        }
    }
}
