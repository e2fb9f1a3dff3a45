use serde::Deserialize;

/// The regular expressions of the schema; there are seven, which needs no engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub(super) enum Pattern {
    #[serde(rename = "^x-")]
    Extension,
    #[serde(rename = "^.+$")]
    OneLine,
    #[serde(rename = ".+")]
    NotEmpty,
    #[serde(rename = "^[a-zA-Z0-9._-]+$")]
    Name,
    #[serde(rename = "^[a-z]+$")]
    Lowercase,
    #[serde(rename = "[a-zA-Z0-9][a-zA-Z0-9_.-]+")]
    ContainerName,
    #[serde(
        rename = "^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+)$"
    )]
    PullPolicy,
}

impl Pattern {
    /// Whether a text matches.
    pub(super) fn matches(self, text: &str) -> bool {
        let name_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        match self {
            Self::Extension => text.starts_with("x-"),
            Self::OneLine => !text.is_empty() && !text.contains('\n'),
            Self::NotEmpty => text.contains(|c| c != '\n'),
            Self::Name => !text.is_empty() && text.bytes().all(name_byte),
            Self::Lowercase => !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase()),
            Self::ContainerName => text
                .bytes()
                .zip(text.bytes().skip(1))
                .any(|(first, second)| first.is_ascii_alphanumeric() && name_byte(second)),
            Self::PullPolicy => {
                PULL_POLICIES.contains(&text) || text.strip_prefix("every_").is_some_and(is_period)
            }
        }
    }

    /// What a text must be to match.
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Extension => "a name that starts with `x-`",
            Self::OneLine => "one line that is not empty",
            Self::NotEmpty => "not empty",
            Self::Name => "made of letters, digits, `.`, `_` and `-`",
            Self::Lowercase => "made of lower-case letters",
            Self::ContainerName => "made of letters, digits, `_`, `.` and `-`, at least two",
            Self::PullPolicy => {
                "`always`, `never`, `missing`, `if_not_present`, `build`, `refresh`, `daily`, `weekly` or \
                 `every_` with a period such as `every_12h`"
            }
        }
    }

    /// The words that match, for a pattern that is a list of words.
    pub(super) fn words(self) -> &'static [&'static str] {
        if self == Self::PullPolicy { &PULL_POLICIES } else { &[] }
    }
}

const PULL_POLICIES: [&str; 8] =
    ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];

/// `([0-9]+[wdhms])+`
fn is_period(text: &str) -> bool {
    let ends_in_unit = text.ends_with(['w', 'd', 'h', 'm', 's']);
    let mut parts = text.split_terminator(['w', 'd', 'h', 'm', 's']);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    ends_in_unit && parts.all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pull_policies_are_words_or_a_period() {
        for text in ["always", "if_not_present", "every_2d", "every_1w2d3h4m5s"] {
            assert!(Pattern::PullPolicy.matches(text), "{text}");
        }
        let wrong = [
            "",
            "neverxxx",
            "xxdailyxx",
            "hourly",
            "every_",
            "every_d",
            "every_2",
            "every_2d3",
            "every_2x",
        ];
        for text in wrong {
            assert!(!Pattern::PullPolicy.matches(text), "{text}");
        }
    }

    #[test]
    fn a_container_name_needs_two_fitting_characters_anywhere() {
        assert!(Pattern::ContainerName.matches("web-1"));
        assert!(Pattern::ContainerName.matches("!!ab"));
        assert!(!Pattern::ContainerName.matches("a"));
        assert!(!Pattern::ContainerName.matches("-a"));
    }

    #[test]
    fn a_key_may_hold_a_line_break_where_the_schema_does_not_anchor() {
        assert!(Pattern::NotEmpty.matches("a\nb"));
        assert!(!Pattern::NotEmpty.matches("\n"));
        assert!(!Pattern::OneLine.matches("a\nb"));
    }
}
