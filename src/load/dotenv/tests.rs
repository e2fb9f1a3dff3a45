use super::*;

fn lookup(name: &str) -> Option<&'static str> {
    (name == "OUTER").then_some("outside")
}

/// The value of `A`.
fn value(text: &str) -> String {
    let variables = parse_dotenv(text, &lookup, &|_| None).unwrap();
    variables.into_iter().find(|it| it.name == "A").and_then(|it| it.value).unwrap()
}

#[test]
fn variables_know_their_place() {
    let text = "\u{feff}# c\n  export A = 'b\nc' # d\r\nE=é # f\n G\n";
    let variables = parse_dotenv(text, &lookup, &|_| None).unwrap();
    let places: Vec<&str> = variables.iter().map(|it| &text[it.range.clone()]).collect();
    assert_eq!(places, ["A = 'b\nc'", "E=é", "G"]);
    let text = "\u{feff}A=b\r\n  C\n";
    let variables = parse_raw(text, &lookup).unwrap();
    let places: Vec<&str> = variables.iter().map(|it| &text[it.range.clone()]).collect();
    assert_eq!(places, ["A=b", "C"]);
}

#[test]
fn much_of_anything_ends() {
    let repeated = ["$", "=", "\"", "'", "\\", "A", "A=", "A\n", "A=$A\n", " #", "export ", "\n"];
    for text in repeated {
        let text = text.repeat((1 << 18) / text.len());
        let _ = parse_dotenv(&text, &lookup, &|_| None);
        let _ = parse_dotenv(&format!("A=\"{text}"), &lookup, &|_| None);
        let _ = parse_raw(&text, &lookup);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(
        text in "([A-C=:'\"\\\\$#{}\\[\\n\\r\t 0-9-]|export |\u{feff}|\u{a0}|\\PC){0,60}",
    ) {
        for variables in [parse_dotenv(&text, &lookup, &|_| None), parse_raw(&text, &lookup)] {
            for variable in variables.unwrap_or_default() {
                proptest::prop_assert!(text.get(variable.range).is_some());
            }
        }
    }

    #[test]
    fn single_quotes_bring_any_text_without_quotes_and_backslashes_through(text in "[^'\\\\]{0,40}") {
        proptest::prop_assert_eq!(value(&format!("A='{text}'")), text);
    }

    #[test]
    fn double_quotes_bring_any_text_through(text in "([$\"'\\\\#{}A0\\n\\r ]|\\PC){0,40}") {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
        proptest::prop_assert_eq!(value(&format!("A=\"{quoted}\"\nB=1")), text);
    }

    #[test]
    fn raw_lines_bring_any_text_through(text in "([$\"'\\\\#{}=A0 ]|\\PC){0,40}") {
        let variables = parse_raw(&format!("A={text}\nB=1"), &lookup).unwrap();
        proptest::prop_assert_eq!(variables[0].value.as_deref(), Some(text.as_str()));
    }
}
