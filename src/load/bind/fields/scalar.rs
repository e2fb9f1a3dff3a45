//! Attributes that are one text, number or boolean.

use std::str::FromStr;
use std::time::Duration;

use crate::diagnostic::{Diagnostic, Loss, codes};
use crate::load::cast::boolean;
use crate::load::path::Path;
use crate::load::quantity::{parse_bytes, parse_duration, parse_number};
use crate::load::tree::{Node, Value};

use super::Fields;

impl Fields<'_> {
    /// Text; whole numbers and booleans as Compose prints them. An empty text, as `${X:-}` gives it, is none to Compose.
    pub(in super::super) fn string(&mut self, key: &str) -> Option<String> {
        self.content(key).filter(|text| !text.is_empty())
    }

    /// Text that may be empty.
    pub(in super::super) fn content(&mut self, key: &str) -> Option<String> {
        let node = self.take(key)?;
        if let Value::Float(_) = node.value {
            self.invalid(key, &node, "a text or a whole number");
            return None;
        }
        node.to_text()
    }

    /// Text that the `subject` must have; `wanted` says what it is.
    pub(in super::super) fn required(
        &mut self,
        key: &str,
        subject: &str,
        wanted: &str,
    ) -> Option<String> {
        let text = self.string(key);
        if text.is_none() {
            self.error(format!("the {subject} has no {key}"), &format!("add `{key}: …`, {wanted}"));
        }
        text
    }

    /// A boolean.
    pub(in super::super) fn bool(&mut self, key: &str) -> Option<bool> {
        let node = self.take(key)?;
        let path = self.join(key);
        let value = boolean(&node, &Path::ROOT.key(&path), self.report);
        if value.is_none() {
            self.invalid(key, &node, "`true` or `false`");
        }
        value
    }

    /// A whole number that fits the type; a fraction is cut off, as Compose does, but not in
    /// silence.
    pub(in super::super) fn integer<T: TryFrom<i128>>(&mut self, key: &str) -> Option<T> {
        let node = self.take(key)?;
        let value = match &node.value {
            Value::Int(value) => Some(*value),
            Value::String(text) => text.parse().ok(),
            #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
            Value::Float(value) => {
                if value.fract() != 0.0 {
                    self.cut_off(key, &node, value.trunc());
                }
                Some(*value as i128)
            }
            _ => None,
        };
        let value = value.and_then(|value| T::try_from(value).ok());
        if value.is_none() {
            let (least, most) = range::<T>();
            self.invalid(key, &node, &format!("a whole number from {least} to {most}"));
        }
        value
    }

    /// A whole number that Compose does not read from a text.
    pub(in super::super) fn plain_integer<T: TryFrom<i128>>(&mut self, key: &str) -> Option<T> {
        let is_text = self.mapping.get(key).is_some_and(|node| node.as_str().is_some());
        if !is_text {
            return self.integer(key);
        }
        let node = self.take(key)?;
        self.invalid(key, &node, "a whole number without quotes");
        None
    }

    /// A number.
    pub(in super::super) fn float(&mut self, key: &str) -> Option<f64> {
        let node = self.take(key)?;
        let value = node.to_text().and_then(|text| parse_number(&text));
        if value.is_none() {
            self.invalid(key, &node, "a number");
        }
        value
    }

    /// A size in bytes.
    pub(in super::super) fn bytes(&mut self, key: &str) -> Option<i64> {
        self.parsed(key, "a size such as `64m` or `1.5gb`", parse_bytes)
    }

    /// A duration.
    pub(in super::super) fn duration(&mut self, key: &str) -> Option<Duration> {
        self.parsed(key, "a duration such as `90s` or `1m30s`", parse_duration)
    }

    /// Text of a type's own notation; an empty one is none.
    pub(in super::super) fn notation<T: FromStr>(&mut self, key: &str, wanted: &str) -> Option<T> {
        self.discard_empty(key);
        self.parsed(key, wanted, |text| text.parse().ok())
    }

    /// One of a few words; an empty one is none.
    pub(in super::super) fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<T> {
        self.discard_empty(key);
        let names: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        self.parsed(key, &format!("one of {}", names.join(", ")), |text| {
            words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
        })
    }

    /// One of a few words, for an attribute that Compose does not look at: any other word is
    /// reported and left out, since a project with it runs.
    pub(in super::super) fn unread_word<T: Copy>(
        &mut self,
        key: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        self.discard_empty(key);
        let node = self.take(key)?;
        let text = node.to_text().unwrap_or_default();
        let value = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if value.is_none() {
            let names = words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>();
            let path = self.join(key);
            self.report.push(
                Diagnostic::warning(
                    codes::INVALID_VALUE,
                    Loss::IgnoredHarmless,
                    &path,
                    format!("`{path}` is `{text}`, which means nothing and is left out"),
                )
                .at(node.span.clone())
                .help(format!("write one of {}", names.join(", "))),
            );
        }
        value
    }

    /// Text that a function reads.
    pub(in super::super) fn parsed<T>(
        &mut self,
        key: &str,
        wanted: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let node = self.take(key)?;
        let value = node.to_text().and_then(|text| parse(&text));
        if value.is_none() {
            self.invalid(key, &node, wanted);
        }
        value
    }

    fn cut_off(&mut self, key: &str, node: &Node, rest: f64) {
        let path = self.join(key);
        let text = node.to_text().unwrap_or_default();
        self.report.push(
            Diagnostic::warning(
                codes::INVALID_VALUE,
                Loss::Approximated,
                &path,
                format!("`{path}` is a whole number: `{text}` is read as `{rest}`"),
            )
            .at(node.span.clone())
            .help(format!("write `{rest}`")),
        );
    }
}

/// The least and the most that a whole number can be.
fn range<T: TryFrom<i128>>() -> (i128, i128) {
    let fits = |value: &i128| T::try_from(*value).is_ok();
    let least = [i64::MIN.into(), i32::MIN.into(), i16::MIN.into()].into_iter().find(fits);
    let most = [u64::MAX.into(), i64::MAX.into(), u32::MAX.into(), i32::MAX.into()];
    let most = most.into_iter().find(fits).unwrap_or_else(|| u16::MAX.into());
    (least.unwrap_or_default(), most)
}
