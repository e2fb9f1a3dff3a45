//! Tags: those of YAML say what a scalar is, those of Compose what becomes of earlier files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use granit_parser::ScalarStyle;

use crate::diagnostic::{Diagnostic, Span, codes};
use crate::load::tree::scalar::{is_timestamp, resolve_plain};
use crate::load::tree::{Tag, Value};

use super::Builder;

/// What the tags of YAML itself start with; `!!` stands for it.
const YAML: &str = "tag:yaml.org,2002:";

impl Builder<'_> {
    /// The value of a scalar.
    pub(super) fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&granit_parser::Tag>,
        span: &Span,
    ) -> Value {
        let plain = style == ScalarStyle::Plain;
        let core = tag.and_then(|tag| tag.suffix_in_namespace(YAML));
        let value = match (tag, core) {
            (Some(_), Some(core)) => self.tagged_scalar(text, &core, span),
            // `!` alone makes a string; `!reset 5` has the value 5
            (Some(tag), None) if is_non_specific(tag) => Value::String(text.to_owned()),
            _ if plain => resolve_plain(text),
            _ => Value::String(text.to_owned()),
        };
        if let Value::Float(number) = value
            && !number.is_finite()
        {
            self.report_infinite(text, span);
        }
        value
    }

    /// The tag of Compose; others are reported, but for those of YAML itself, which say nothing
    /// new about a collection.
    pub(super) fn compose_tag(
        &mut self,
        tag: Option<&granit_parser::Tag>,
        span: &Span,
    ) -> Option<Tag> {
        let tag = tag?;
        if tag.suffix_in_namespace(YAML).is_some() || is_non_specific(tag) {
            return None;
        }
        match (tag.handle(), tag.suffix()) {
            ("!", "reset") | ("", "!reset") => Some(Tag::Reset),
            ("!", "override") | ("", "!override") => Some(Tag::Override),
            _ => {
                self.report_unknown_tag(&tag.original(), span);
                None
            }
        }
    }

    fn tagged_scalar(&mut self, text: &str, core: &str, span: &Span) -> Value {
        let string = || Value::String(text.to_owned());
        let value = resolve_plain(text);
        let fits = match core {
            "str" => return string(),
            "merge" if text == "<<" => return string(),
            // the reference makes a time of it, and prints that in a format of its own
            "timestamp" if is_timestamp(text) => return string(),
            "binary" => match decode(text) {
                Some(text) => return Value::String(text),
                None => false,
            },
            "null" => matches!(value, Value::Null),
            "bool" => matches!(value, Value::Bool(_)),
            "int" => matches!(value, Value::Int(_)),
            "float" => match value {
                // every integer that text can hold is near enough as a floating point number
                #[expect(clippy::cast_precision_loss, reason = "this is what the tag asks for")]
                Value::Int(int) => return Value::Float(int as f64),
                _ => matches!(value, Value::Float(_)),
            },
            "timestamp" => false,
            _ => {
                self.report_unknown_tag(&format!("!!{core}"), span);
                true
            }
        };
        if !fits {
            let path = self.path();
            let message = format!("`{text}` is not what its tag `!!{core}` says");
            let help = match core {
                "bool" => "YAML 1.2 has the booleans `true` and `false`",
                "binary" => "only Base64 of UTF-8 text is a value that Compose can hold",
                _ => "correct the value, or remove the tag",
            };
            self.report.push(
                Diagnostic::error(codes::WRONG_TYPE, path, message).at(span.clone()).help(help),
            );
        }
        value
    }

    fn report_unknown_tag(&mut self, tag: &str, span: &Span) {
        let path = self.path();
        self.report.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                path,
                format!("the tag `{tag}` has no meaning in a compose file"),
            )
            .at(span.clone())
            .help("Compose knows the tags `!reset` and `!override`"),
        );
    }

    /// The reference refuses them as well: a compose file is validated as JSON.
    fn report_infinite(&mut self, text: &str, span: &Span) {
        let path = self.path();
        let message = format!("`{text}` is not a number that a compose file can hold");
        self.report.push(
            Diagnostic::error(codes::INVALID_VALUE, path, message)
                .at(span.clone())
                .help("put it in quotes if it is meant as text"),
        );
    }
}

/// Whether a key merges: `<<`, to which some tools that write YAML put the tag `!!merge`.
pub(super) fn is_merge(text: &str, style: ScalarStyle, tag: Option<&granit_parser::Tag>) -> bool {
    let is_meant = match tag {
        None => style == ScalarStyle::Plain,
        Some(tag) => tag.suffix_in_namespace(YAML).as_deref() == Some("merge"),
    };
    is_meant && text == "<<"
}

fn is_non_specific(tag: &granit_parser::Tag) -> bool {
    matches!((tag.handle(), tag.suffix()), ("!", "") | ("", "!"))
}

/// The text behind Base64, which may be spread over several lines.
fn decode(text: &str) -> Option<String> {
    let text: String = text.split_ascii_whitespace().collect();
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}
