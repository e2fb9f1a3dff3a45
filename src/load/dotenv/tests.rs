use std::fmt::Write;

use super::*;
use crate::diagnostic::Source;

fn lookup(name: &str) -> Option<&'static str> {
    (name == "OUTER").then_some("outside")
}

/// `NAME=value` per line; `NAME` alone for what has no value.
fn show(text: &str) -> String {
    match parse_dotenv(text, &lookup) {
        Ok(variables) => {
            let lines = variables.into_iter().map(|variable| match variable.value {
                Some(value) => format!("{}={value:?}", variable.name),
                None => variable.name,
            });
            lines.collect::<Vec<_>>().join(" ")
        }
        Err(error) => {
            let (line, _) = Source::new(".env", text).line(error.at);
            format!("line {line}: {error}")
        }
    }
}

#[test]
fn files_are_read_as_compose_reads_them() {
    let cases = [
        ("A=1\nB=2", r#"A="1" B="2""#),
        ("\u{feff}A=1\r\nB=2\r\n", r#"A="1" B="2""#),
        ("# note\n\n  A=1 # note\nB=1#x\n", r#"A="1" B="1#x""#),
        ("export A=1\nexport  B = 2", r#"A="1" B="2""#),
        ("A: v\nB=1:C\nD: x=y", r#"A="v" B="1:C" D="x=y""#),
        ("A=a b  \n", r#"A="a b""#),
        ("A=\nB=#x\nC= # y", r#"A="" B="" C="""#),
        ("A", "A"),
        ("OUTER\nNONE\nB=1", r#"OUTER="outside" NONE B="1""#),
        ("='x'", r#"="x""#),
        ("A.b-c[0]=1", r#"A.b-c[0]="1""#),
        (r"A='a\'b\n$X' # c", r#"A="a'b\\n$X""#),
        ("A='a\nb'\nC=1", r#"A="a\nb" C="1""#),
        (r#"A="a\"b\tc\$X\\n""#, r#"A="a\"b\tc$X\\n""#),
        (r#"A="\0101\x41""#, r#"A="A\\x41""#),
        ("A=\"a\nb\"#c\nD=1", r#"A="a\nb" D="1""#),
        ("A=1\nB=${A}2\nC=\"$B\"\nD='$B'", r#"A="1" B="12" C="12" D="$B""#),
        ("OUTER=mine\nB=$OUTER", r#"OUTER="mine" B="outside""#),
        ("A=${NONE:-d}\nB=${A:+x}", r#"A="d" B="x""#),
        ("A=a\\nb", r#"A="a\\nb""#),
    ];
    for (text, expected) in cases {
        assert_eq!(show(text), expected, "{text:?}");
    }
}

#[test]
fn errors_name_the_line_and_never_the_value() {
    let cases = [
        ("A=1\nB C=2", "line 2: a variable name cannot contain a blank"),
        ("A%=1", "line 1: unexpected character `%` in a variable name"),
        ("A=1\n\nB=\"secret", "line 3: the quoted value has no end"),
        ("B='secret", "line 1: the quoted value has no end"),
        ("P=a${secret!}", "line 1: invalid interpolation format"),
        ("P=${N:?say it}", "line 1: required variable `N` is missing a value: say it"),
    ];
    for (text, expected) in cases {
        assert_eq!(show(text), expected, "{text:?}");
    }
}

#[test]
fn values_that_double_each_other_are_refused() {
    let mut text = "A0=0123456789\n".to_owned();
    for index in 1..60 {
        let before = index - 1;
        writeln!(text, "A{index}=$A{before}$A{before}").unwrap();
    }
    assert!(show(&text).contains("longer than"));
}

#[test]
fn raw_files_are_not_interpreted() {
    let text = "# c\n  A=\"$X\" # y\r\n\nB\n";
    let variables = parse_raw(text).into_iter().map(|v| (v.name, v.value, &text[v.range]));
    let expected = [("A", Some("\"$X\" # y"), "A=\"$X\" # y"), ("B", None, "B")];
    let expected =
        expected.map(|(name, value, place)| (name.to_owned(), value.map(str::to_owned), place));
    assert_eq!(variables.collect::<Vec<_>>(), expected);
}

#[test]
fn each_variable_knows_its_place_and_through_what_it_came() {
    let text = "\u{feff}# ü\r\nexport A = ä # c\nB=\"x\ny\"\nOUTER\nC=$OUTER${N:-$A}\n";
    let variables = parse_dotenv(text, &lookup).unwrap();
    let shown: Vec<(&str, String)> =
        variables.iter().map(|v| (&text[v.range.clone()], format!("{:?}", v.used))).collect();
    let expected = [
        ("export A = ä # c", "[]"),
        ("B=\"x\ny\"", "[]"),
        ("OUTER", r#"[Value("OUTER")]"#),
        ("C=$OUTER${N:-$A}", r#"[Value("OUTER"), Value("A"), Default("N")]"#),
    ];
    assert_eq!(shown, expected.map(|(text, used)| (text, used.to_owned())));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[A-C=:'\"\\\\$#{}\\n 0-9-]{0,60}") {
        let _ = parse_dotenv(&text, &lookup);
    }

    #[test]
    fn every_single_quoted_text_survives(value in "[^'\\\\]{0,40}") {
        let variables = parse_dotenv(&format!("A='{value}'"), &lookup).unwrap();
        proptest::prop_assert_eq!(&variables[0].value, &Some(value));
    }
}
