//! Section 2.1: the grammar of `.env`, `env_file` and `label_file`.
//!
//! The tables show a file and the variables that it gives, as `NAME="value"`. The process
//! environment has `OUTER`, which is `outside`.

use longshore::diagnostic::{Diagnostic, Severity};
use longshore::load::load_project;

use crate::directory::Directory;

/// The variables of an `env_file` with this text, and what is reported.
fn load(text: &str, format: &str) -> (String, Vec<Diagnostic>) {
    let compose = format!(
        "services: {{ a: {{ image: x, env_file: [{{ path: a.env, format: '{format}' }}] }} }}\n"
    );
    let directory = Directory::new(&[("compose.yaml", &compose), ("a.env", text)]);
    let mut input = directory.input();
    input.environment.insert("OUTER".to_owned(), "outside".to_owned());
    let (project, report) = load_project(&input);
    let variables = project.map_or_else(String::new, |mut project| {
        let service = project.services.swap_remove("a").unwrap();
        let variables =
            service.container.environment.into_iter().map(|(name, value)| match value {
                Some(value) => format!("{name}={value:?}"),
                None => name,
            });
        variables.collect::<Vec<_>>().join(" ")
    });
    (variables, report.iter().cloned().collect())
}

/// Each file gives the variables, and nothing is reported but variables that are not set.
fn gives(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let (variables, findings) = load(text, "");
        assert_eq!(variables, *expected, "{text:?}: {findings:?}");
        let unset = |it: &Diagnostic| it.message.contains("not set");
        assert!(findings.iter().all(unset), "{text:?}: {findings:?}");
    }
}

/// Each file is refused: the line and the column, and what is wrong.
fn fails(format: &str, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let (_, findings) = load(text, format);
        let [finding] = findings.as_slice() else { panic!("{text:?}: {findings:?}") };
        assert_eq!(finding.severity, Severity::Error);
        let (line, column) = finding.span.as_ref().unwrap().line_column();
        let message = finding.message.strip_prefix("`a.env` cannot be read: ");
        let shown = format!("{line}:{column}: {}", message.unwrap_or(&finding.message));
        assert_eq!(shown, *expected, "{text:?}");
    }
}

#[test]
fn a_name_and_a_value_stand_on_a_line() {
    gives(&[
        ("A=b", r#"A="b""#),
        ("A=1\nB=2\nC= 3\nD =4\nE = 5\n", r#"A="1" B="2" C="3" D="4" E="5""#),
        ("A =b", r#"A="b""#),
        ("A= b", r#"A="b""#),
        (" A =b", r#"A="b""#),
        ("   A=b", r#"A="b""#),
        ("\tA=b", r#"A="b""#),
        ("A=\nB=\n", r#"A="" B="""#),
        ("A = \nB=1", r#"A="" B="1""#),
        ("A=b ", r#"A="b""#),
        ("A=b c", r#"A="b c""#),
        ("A=b=", r#"A="b=""#),
        ("A=p://h:1/d?x=y", r#"A="p://h:1/d?x=y""#),
        ("A=1\r\nB=2\r\n", r#"A="1" B="2""#),
        ("A=\u{a0}b\u{a0}", r#"A="b""#),
        ("A=1\nA=2", r#"A="2""#),
    ]);
}

#[test]
fn a_colon_separates_as_well_and_the_first_separator_counts() {
    gives(&[
        ("A: 1", r#"A="1""#),
        ("A:1", r#"A="1""#),
        ("A: b=c", r#"A="b=c""#),
        ("A=1:b", r#"A="1:b""#),
        ("A='p://h:3333\np://h:443'", r#"A="p://h:3333\np://h:443""#),
    ]);
}

#[test]
fn names_hold_letters_and_digits_of_any_script_and_a_few_signs() {
    gives(&[
        ("A.B=c", r#"A.B="c""#),
        ("A-B=c\nA_B=d", r#"A-B="c" A_B="d""#),
        ("a[1]=c\na.b=d", r#"a[1]="c" a.b="d""#),
        ("űrő-ÓG=ÁÉ-íó", r#"űrő-ÓG="ÁÉ-íó""#),
        ("日=1", r#"日="1""#),
        ("456 = b", r#"456="b""#),
        ("=\"v\"", r#"="v""#),
        ("A\tB=1", "A\tB=\"1\""),
    ]);
}

#[test]
fn names_hold_nothing_else() {
    fails(
        "",
        &[
            ("A B=c", "1:1: a variable name cannot contain a blank"),
            ("# c\nA=\"\n x\n\"\nA B\nC=d", "5:1: a variable name cannot contain a blank"),
            ("A=1\nB C\n", "2:1: a variable name cannot contain a blank"),
            ("export A B=1", "1:8: a variable name cannot contain a blank"),
            ("%!(A b)=c", "1:1: unexpected character `%` in a variable name"),
            ("A$b", "1:2: unexpected character `$` in a variable name"),
            ("A=1\nB%=c", "2:2: unexpected character `%` in a variable name"),
            ("A=1\nexport ", "2:8: the variable has no name"),
            ("\"A\"=b", "1:1: unexpected character `\"` in a variable name"),
        ],
    );
}

#[test]
fn export_in_front_of_a_name_says_nothing() {
    gives(&[
        ("export A=2", r#"A="2""#),
        ("export  A = 2", r#"A="2""#),
        ("export\tA=2", r#"A="2""#),
        ("  export A=2", r#"A="2""#),
        ("\texport A=2", r#"A="2""#),
        (r"export A='\n'", r#"A="\\n""#),
        (r#"export A="export B""#, r#"A="export B""#),
        ("export exportA=2", r#"exportA="2""#),
        ("exportA=2", r#"exportA="2""#),
        ("export_A =2", r#"export_A="2""#),
        ("export.A= 2", r#"export.A="2""#),
        ("export=2", r#"export="2""#),
        ("export\nA=1", r#"A="1""#),
        ("export OUTER\n", r#"OUTER="outside""#),
    ]);
}

#[test]
fn comments_and_blank_lines_say_nothing() {
    gives(&[
        ("", ""),
        ("\n", ""),
        ("\r\n", ""),
        ("\t\t ", ""),
        ("# c", ""),
        ("\t # c", ""),
        ("# A=1\n\n  B=2\n", r#"B="2""#),
        ("\u{feff}A=1\nB=2", r#"A="1" B="2""#),
        ("\u{feff}# c\nA=1", r#"A="1""#),
    ]);
}

#[test]
fn a_comment_behind_a_value_needs_a_blank_in_front() {
    gives(&[
        ("A=b # c", r#"A="b""#),
        ("A=b #c", r#"A="b""#),
        ("A=b #", r#"A="b""#),
        ("A = b c # d", r#"A="b c""#),
        ("A=1#b", r#"A="1#b""#),
        ("A=1\t#b", r#"A="1\t#b""#),
        (r#"A="b#c""#, r#"A="b#c""#),
        (r##"A="b#c"#"##, r#"A="b#c""#),
        (r#"A="b#c" # d"#, r#"A="b#c""#),
        ("A='b#c' # d", r#"A="b#c""#),
        (r#"A="b#c#d" # e"#, r#"A="b#c#d""#),
        ("A='b#c'", r#"A="b#c""#),
    ]);
}

/// The blanks in front of the value are gone by then, so that no blank is left before the `#`.
#[test]
fn a_comment_in_place_of_a_value_is_the_value() {
    gives(&[("A=#b", r##"A="#b""##), ("A= # b", r##"A="# b""##)]);
}

#[test]
fn a_name_alone_takes_the_value_that_is_set_elsewhere() {
    gives(&[
        ("A=b\nOUTER\nC=d\n", r#"A="b" OUTER="outside" C="d""#),
        ("OUTER\n", r#"OUTER="outside""#),
        ("OUTER", r#"OUTER="outside""#),
        ("NONE\nA=1\n", r#"A="1""#),
        ("NONE", ""),
        ("A=1\nA\n", r#"A="1""#),
        (r#"A="b"OUTER"#, r#"A="b" OUTER="outside""#),
    ]);
}

#[test]
fn values_without_quotes_have_no_escapes() {
    gives(&[(r"A=b\tc\\d", r#"A="b\\tc\\\\d""#), (r#"A=b"c"'d'"#, r#"A="b\"c\"'d'""#)]);
}

#[test]
fn values_in_single_quotes_are_literal() {
    gives(&[
        ("A='b'", r#"A="b""#),
        ("A=''", r#"A="""#),
        (r"A='\n'", r#"A="\\n""#),
        ("A='say $OUTER ${OUTER} $$'", r#"A="say $OUTER ${OUTER} $$""#),
        ("A='b\nc\nd'\nE=f", r#"A="b\nc\nd" E="f""#),
        (r"A='it\'s'", r#"A="it's""#),
        (r#"A = "say 'b'" # c"#, r#"A="say 'b'""#),
        ("A = ' b '", r#"A=" b ""#),
    ]);
}

/// `'C:\dir\\'` had no end: the second backslash was taken for one before the quote.
#[test]
fn a_backslash_before_a_backslash_escapes_nothing_else() {
    gives(&[
        (r"A='C:\dir\\'", r#"A="C:\\dir\\\\""#),
        (r"A='b\\\'c'", r#"A="b\\\\'c""#),
        (r"A='b\c'", r#"A="b\\c""#),
    ]);
}

#[test]
fn values_in_double_quotes_have_the_escapes_of_a_shell() {
    gives(&[
        (r#"A="b""#, r#"A="b""#),
        (r#"A="""#, r#"A="""#),
        (r#"A="'b'""#, r#"A="'b'""#),
        (r#"A="b\"c""#, r#"A="b\"c""#),
        (r#"A="\"b\"""#, r#"A="\"b\"""#),
        (r#"A="b\nc""#, r#"A="b\nc""#),
        (r#"A="b\tc""#, r#"A="b\tc""#),
        ("A=\"b\nc\"\nD=e", r#"A="b\nc" D="e""#),
        (
            r#"A="Z\aZ\bZ\fZ\nZ\rZ\tZ\vZ\\Z\0123Z""#,
            r#"A="Z\u{7}Z\u{8}Z\u{c}Z\nZ\rZ\tZ\u{b}Z\\ZSZ""#,
        ),
        (r#"A="b\n\ c\ad""#, r#"A="b\n\\ c\u{7}d""#),
        (r#"A="b\\\n\ c\ad""#, r#"A="b\\\n\\ c\u{7}d""#),
        (r#"A="b\\r\ c\ad""#, r#"A="b\\r\\ c\u{7}d""#),
        (r#"A="b\nc\\""#, r#"A="b\nc\\""#),
    ]);
}

#[test]
fn octal_escapes_have_three_digits_and_fit_in_a_byte() {
    gives(&[
        (r#"A="\0123""#, r#"A="S""#),
        (r#"A="\01234""#, r#"A="S4""#),
        (r#"A="\0377""#, r#"A="ÿ""#),
        (r#"A="\0|\01|\012|\0777|\0999""#, r#"A="\\|\\1|\\12|\\777|\\999""#),
    ]);
}

#[test]
fn other_escapes_stay_as_they_are() {
    gives(&[
        (r#"A="\x07""#, r#"A="\\x07""#),
        (r#"A="\u12e4""#, r#"A="\\u12e4""#),
        (r#"A="\U00101234""#, r#"A="\\U00101234""#),
        (r#"A="\c\q\'\é""#, r#"A="\\c\\q\\'\\é""#),
    ]);
}

#[test]
fn a_quote_without_an_end_is_told_at_its_beginning() {
    let error = "1:3: the quoted value has no end";
    fails(
        "",
        &[
            ("A=\"", error),
            ("A=\"b", error),
            (r#"A="b\""#, error),
            ("A=\"b'", error),
            ("A='", error),
            ("A='b", error),
            (r"A='b\'", error),
            ("A='b\"", error),
            ("A=1\n\nB = 'x\ny\n", "3:5: the quoted value has no end"),
        ],
    );
}

#[test]
fn values_hold_variables_of_elsewhere_and_of_the_lines_above() {
    gives(&[
        ("A=1\nB=$A", r#"A="1" B="1""#),
        ("A=1\nB=${A}b", r#"A="1" B="1b""#),
        ("A=1\nB=\"is $A\"", r#"A="1" B="is 1""#),
        ("A=1\nB='is $A'", r#"A="1" B="is $A""#),
        ("B=$A", r#"B="""#),
        ("B=$A\nA=1", r#"B="" A="1""#),
        (r#"A="b\$OUTER""#, r#"A="b$OUTER""#),
        (r#"A="b\${OUTER}""#, r#"A="b${OUTER}""#),
        (r#"A="b\${OUTER} ${OUTER}""#, r#"A="b${OUTER} outside""#),
        (r#"A="b\\$OUTER""#, r#"A="b\\outside""#),
        ("A=b$$OUTER", r#"A="b$OUTER""#),
        ("A=1\nB=${A}\nC=$B\nD=${A}_${B}\nE=${NONE}\n", r#"A="1" B="1" C="1" D="1_1" E="""#),
        ("A=${A:-1}\nB=${A}\nC=$B\nD=${A}_${B}\n", r#"A="1" B="1" C="1" D="1_1""#),
        (
            "OUTER=1\nB=${OUTER}\nC=$B\nD=${OUTER}_${B}\n",
            r#"OUTER="1" B="outside" C="outside" D="outside_outside""#,
        ),
        ("OUTER=${OUTER:-1}\n", r#"OUTER="outside""#),
    ]);
}

#[test]
fn values_hold_defaults_and_what_is_required() {
    gives(&[
        ("E=\nA=${NONE:-a b}", r#"E="" A="a b""#),
        ("E=\nA=${E:-a b}", r#"E="" A="a b""#),
        ("A=${OUTER:-a b}", r#"A="outside""#),
        ("A=${NONE-a b}", r#"A="a b""#),
        ("E=\nA=${E-a b}", r#"E="" A="""#),
        ("A=${OUTER-a b}", r#"A="outside""#),
        ("A=${OUTER:?e}\nB=${OUTER?e}", r#"A="outside" B="outside""#),
        ("E=\nA=${E?e}", r#"E="" A="""#),
    ]);
    fails(
        "",
        &[
            ("A=${NONE:?say it}", "1:1: required variable `NONE` is missing a value: say it"),
            ("E=\nA=${E:?say it}", "2:1: required variable `E` is missing a value: say it"),
            ("A=${NONE?say it}", "1:1: required variable `NONE` is missing a value: say it"),
        ],
    );
}

#[test]
fn what_cannot_be_expanded_is_told_without_the_value() {
    let error = "1:1: invalid interpolation format";
    fails("", &[("A=secret${", error), ("A=\"secret${B!}\"", error), ("A=${1}secret", error)]);
}

#[test]
fn a_variable_that_is_not_set_is_told_at_its_line_and_the_value_is_not_shown() {
    let (_, findings) = load("A=1\nB=secret${NONE}\nC=$NONE\n", "");
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(finding.message, "the variable `NONE` is not set, an empty string is used");
    let span = finding.span.as_ref().unwrap();
    assert_eq!((span.source.name.as_str(), span.line_column()), ("a.env", (2, 1)));
    assert!(span.source.confidential);
}

#[test]
fn raw_files_are_not_interpreted() {
    let cases = [
        ("A=\"$B\" # c \n#D=e\n\n  F=g\nH=\n", "A=\"\\\"$B\\\" # c \" F=\"g\" H=\"\""),
        ("\u{feff}A='b'\r\nC=d\r\n", r#"A="'b'" C="d""#),
        ("OUTER\nNONE\nA=1\nA=2", r#"OUTER="outside" A="2""#),
        ("A=b=c:d", r#"A="b=c:d""#),
        ("export=1\nA%=2", r#"export="1" A%="2""#),
    ];
    for (text, expected) in cases {
        let (variables, findings) = load(text, "raw");
        assert_eq!(variables, expected, "{text:?}: {findings:?}");
    }
}

#[test]
fn raw_files_have_names_without_blanks() {
    fails(
        "raw",
        &[
            ("A=1\n  B =2", "2:3: a variable name cannot contain a blank"),
            ("A B", "1:1: a variable name cannot contain a blank"),
            ("export A=1", "1:1: a variable name cannot contain a blank"),
            ("A\tB=1", "1:1: a variable name cannot contain a blank"),
            ("=1", "1:1: the variable has no name"),
        ],
    );
}

#[test]
fn long_files_are_read_quickly_or_refused() {
    let lines: Vec<String> = (0..1_000).map(|index| format!("K{index}=V{index}")).collect();
    assert_eq!(load(&lines.join("\n"), "").0.split(' ').count(), 1_000);
    let doubling: Vec<String> =
        (1..60).map(|index| format!("A{index}=$A{0}$A{0}", index - 1)).collect();
    let doubling = format!("A0=0123456789\n{}", doubling.join("\n"));
    let nested = format!("A={}", "${B:-".repeat(100_000));
    let large = "A".repeat(1 << 20) + "=1";
    for text in [doubling, nested.clone() + &"}".repeat(100_000), nested, large] {
        let (_, findings) = load(&text, "");
        assert!(findings.iter().any(|it| it.severity == Severity::Error));
    }
}
