/// A service name as the command line takes it: `*` is any text, `?` any character, `[a-c]` one of
/// a class, `[^a-c]` one that is not, and `\` takes the next character as it stands.
#[derive(Debug)]
pub(super) struct Pattern {
    /// None when the text is no pattern: then it matches nothing.
    parts: Option<Vec<Part>>,
}

#[derive(Debug)]
enum Part {
    Text,
    One(Vec<(char, char)>, bool),
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        let mut rest = text.chars();
        let mut parts = Vec::new();
        while let Some(character) = rest.next() {
            let part = match character {
                '*' => Some(Part::Text),
                '?' => Some(Part::One(Vec::new(), true)),
                '[' => class(&mut rest),
                '\\' => rest.next().map(|character| Part::One(vec![(character, character)], false)),
                character => Some(Part::One(vec![(character, character)], false)),
            };
            match part {
                Some(part) => parts.push(part),
                None => return Self { parts: None },
            }
        }
        Self { parts: Some(parts) }
    }

    /// Whether a whole name matches.
    pub(super) fn matches(&self, name: &str) -> bool {
        let Some(parts) = &self.parts else { return false };
        let characters: Vec<char> = name.chars().collect();
        // how many characters the parts so far can have taken
        let mut taken: Vec<bool> = (0..=characters.len()).map(|count| count == 0).collect();
        for part in parts {
            taken = match part {
                Part::Text => {
                    let first = taken.iter().position(|&taken| taken).unwrap_or(taken.len());
                    (0..taken.len()).map(|end| end >= first).collect()
                }
                Part::One(ranges, negated) => {
                    let fits = |&character: &char| {
                        let listed = ranges.iter().any(|(a, b)| (*a..=*b).contains(&character));
                        listed != *negated
                    };
                    let one_more = taken.iter().zip(&characters);
                    let one_more = one_more.map(|(&taken, character)| taken && fits(character));
                    std::iter::once(false).chain(one_more).collect()
                }
            };
        }
        taken.last() == Some(&true)
    }
}

/// What stands after `[`, up to its `]`.
fn class(rest: &mut std::str::Chars<'_>) -> Option<Part> {
    let negated = rest.as_str().starts_with('^');
    if negated {
        rest.next();
    }
    let mut ranges = Vec::new();
    loop {
        let first = match rest.next()? {
            ']' if !ranges.is_empty() => return Some(Part::One(ranges, negated)),
            ']' | '-' => return None,
            '\\' => rest.next()?,
            character => character,
        };
        let last = if rest.as_str().starts_with('-') {
            rest.next();
            match rest.next()? {
                ']' | '-' => return None,
                '\\' => rest.next()?,
                character => character,
            }
        } else {
            first
        };
        ranges.push((first, last));
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_match_whole_names() {
        let cases = [
            ("web", "web", true),
            ("web", "web2", false),
            ("", "web", false),
            ("*", "web", true),
            ("w*", "web", true),
            ("*b", "web", true),
            ("*e*", "web", true),
            ("w*w", "web", false),
            ("a*b*c", "a-b-b-c", true),
            ("we?", "web", true),
            ("we?", "we", false),
            ("web[12]", "web2", true),
            ("web[1-3]", "web2", true),
            ("web[^1-3]", "web2", false),
            ("web[^1-3]", "web4", true),
            ("web[12", "web1", false),
            ("web[]", "web", false),
            ("\\web", "web", true),
            ("we\\*", "web", false),
            ("web\\", "web", false),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(Pattern::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }
}
