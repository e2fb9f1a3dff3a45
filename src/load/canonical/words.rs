//! A command line to its words: quotes and backslashes, nothing is expanded.

/// What a command line says.
#[derive(Debug, PartialEq, Eq)]
pub struct CommandLine<'a> {
    /// The words.
    pub words: Vec<String>,
    /// The end of the line from the first operator of a shell on, which Compose does not read.
    pub ignored: &'a str,
}

/// Why a line has no words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// `'a`, `$(a`, `` `a ``, or a backslash at the end.
    #[error("a quote is not closed, or the line ends in `\\`")]
    Unclosed,
    /// `(a)`; only `$(` opens a parenthesis.
    #[error("a parenthesis stands outside quotes")]
    Parenthesis,
}

/// What keeps words together; all of it stays as it is but for the quotes themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    Single,
    Double,
    /// `` `…` ``
    Back,
    /// `$(…)`
    Dollar,
}

/// The words of a command line, as the parser that Compose uses splits them.
///
/// No shell will run them: `#` starts no comment, `\n` and `\t` are a line break and a tab, and the
/// first of `;`, `&`, `|`, `<` and `>` outside quotes ends the command.
pub fn split_words(line: &str) -> Result<CommandLine<'_>, WordError> {
    let mut words = Vec::new();
    let mut word = Word::default();
    let mut quote = None;
    let mut characters = line.char_indices();
    while let Some((index, character)) = characters.next() {
        match (character, quote) {
            ('\\', Some(Quote::Single)) => word.text.push('\\'),
            ('\\', _) => {
                let (_, escaped) = characters.next().ok_or(WordError::Unclosed)?;
                match (escaped, quote) {
                    (_, Some(Quote::Back | Quote::Dollar)) => {
                        word.push('\\');
                        word.push(escaped);
                    }
                    ('t', _) => word.push('\t'),
                    ('n', _) => word.push('\n'),
                    _ => word.push(escaped),
                }
            }
            (' ' | '\t' | '\r' | '\n', None) => words.extend(word.finish()),
            (' ' | '\t' | '\r' | '\n', Some(_)) => word.text.push(character),
            ('\'', None | Some(Quote::Single)) => toggle(&mut quote, Quote::Single, &mut word),
            ('"', None | Some(Quote::Double)) => toggle(&mut quote, Quote::Double, &mut word),
            ('`', None | Some(Quote::Back)) => {
                quote = if quote.is_none() { Some(Quote::Back) } else { None };
                word.push('`');
            }
            ('(', None) if word.text.ends_with('$') && !word.text.ends_with("\\$") => {
                quote = Some(Quote::Dollar);
                word.push('(');
            }
            ('(', None | Some(Quote::Dollar)) | (')', None) => return Err(WordError::Parenthesis),
            (')', Some(Quote::Dollar)) => {
                quote = None;
                word.push(')');
            }
            (';' | '&' | '|' | '<' | '>', None) => {
                // the number of a file descriptor belongs to the operator
                let digits = word.text.bytes().all(|byte| byte.is_ascii_digit());
                let start = if character == '>' && digits {
                    index - std::mem::take(&mut word).text.len()
                } else {
                    index
                };
                words.extend(word.finish());
                return Ok(CommandLine { words, ignored: line.get(start..).unwrap_or_default() });
            }
            _ => word.push(character),
        }
    }
    if quote.is_some() {
        return Err(WordError::Unclosed);
    }
    words.extend(word.finish());
    Ok(CommandLine { words, ignored: "" })
}

/// The word that is being read.
#[derive(Default)]
struct Word {
    text: String,
    /// An empty word is one only in quotes.
    is_quoted: bool,
}

impl Word {
    fn push(&mut self, character: char) {
        self.text.push(character);
    }

    fn finish(&mut self) -> Option<String> {
        let Self { text, is_quoted } = std::mem::take(self);
        (is_quoted || !text.is_empty()).then_some(text)
    }
}

fn toggle(quote: &mut Option<Quote>, kind: Quote, word: &mut Word) {
    word.is_quoted |= quote.is_some();
    *quote = if quote.is_some() { None } else { Some(kind) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_at_blanks_outside_quotes() {
        let cases: [(&str, &[&str]); 14] = [
            ("", &[]),
            ("a  b\tc\n", &["a", "b", "c"]),
            ("sh -c 'echo \"hi\" $X'", &["sh", "-c", "echo \"hi\" $X"]),
            ("a\"b c\"d ''", &["ab cd", ""]),
            ("a\\ b \"c\\\"d\"", &["a b", "c\"d"]),
            ("'a\\b' \"a;b\"", &["a\\b", "a;b"]),
            ("a # c", &["a", "#", "c"]),
            (r"a\nb a\tb a\\b", &["a\nb", "a\tb", "a\\b"]),
            ("echo $(date -u) x", &["echo", "$(date -u)", "x"]),
            ("echo `date -u` x", &["echo", "`date -u`", "x"]),
            (r"echo $(a \n)", &["echo", r"$(a \n)"]),
            ("echo \"(x)\" '`'", &["echo", "(x)", "`"]),
            ("echo \"it's\"", &["echo", "it's"]),
            ("$HOME ${X}", &["$HOME", "${X}"]),
        ];
        for (line, expected) in cases {
            let line = split_words(line).unwrap();
            assert_eq!(line.words, expected);
            assert_eq!(line.ignored, "");
        }
    }

    #[test]
    fn the_first_operator_ends_the_command() {
        let cases: [(&str, &[&str], &str); 7] = [
            ("a && b", &["a"], "&& b"),
            ("a;b", &["a"], ";b"),
            ("a | b", &["a"], "| b"),
            ("a > f", &["a"], "> f"),
            ("a 2>f", &["a"], "2>f"),
            ("a b2>f", &["a", "b2"], ">f"),
            ("; a", &[], "; a"),
        ];
        for (line, words, ignored) in cases {
            let line = split_words(line).unwrap();
            assert_eq!(line.words, words);
            assert_eq!(line.ignored, ignored);
        }
    }

    #[test]
    fn what_is_not_closed_is_no_command() {
        for line in ["a 'b", "a \"b", "a `b", "a $(b", "a \\"] {
            assert_eq!(split_words(line), Err(WordError::Unclosed), "{line}");
        }
        for line in ["(a)", "a )", "a $(b (c))", "'\\$'(a)"] {
            assert_eq!(split_words(line), Err(WordError::Parenthesis), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_words_or_an_error(text in "\\PC{0,30}") {
            let _ = split_words(&text);
        }

        #[test]
        fn quoted_words_come_back(words in proptest::collection::vec("[^'\\\\]{0,8}", 0..5)) {
            let line: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
            let line = line.join(" ");
            proptest::prop_assert_eq!(split_words(&line), Ok(CommandLine { words, ignored: "" }));
        }
    }
}
