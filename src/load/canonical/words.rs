//! A command line to its words: quotes and backslashes, nothing is expanded.

/// The words of a command line; none when a quote is not closed or the text ends in a backslash.
///
/// Unlike in a shell, `#` starts no comment and `;`, `|` and `&&` are words like any other:
/// nothing that the file says is lost.
pub fn split_words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().push(characters.next()?),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        inner => word.push(inner),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' => word.push(characters.next()?),
                        inner => word.push(inner),
                    }
                }
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_at_blanks_outside_quotes() {
        let cases = [
            ("", vec![]),
            ("a  b\tc\n", vec!["a", "b", "c"]),
            ("sh -c 'echo \"hi\" $X'", vec!["sh", "-c", "echo \"hi\" $X"]),
            ("a\"b c\"d ''", vec!["ab cd", ""]),
            ("a\\ b \"c\\\"d\"", vec!["a b", "c\"d"]),
            ("a && b # c", vec!["a", "&&", "b", "#", "c"]),
        ];
        for (line, expected) in cases {
            assert_eq!(split_words(line).unwrap(), expected, "{line}");
        }
        assert_eq!(split_words("a 'b"), None);
        assert_eq!(split_words("a \"b"), None);
        assert_eq!(split_words("a \\"), None);
    }
}
