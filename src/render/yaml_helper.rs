//! `{{yaml x}}`: any value, at any depth, without indentation in the template.
//!
//! The helper prints a placeholder; when the whole text is there, and with it the column at which
//! the placeholder landed, the value takes its place:
//!
//! | where it stands | what is printed |
//! |---|---|
//! | alone on its line, or behind a dash | the block, at this column |
//! | at the end of `key: ` | a scalar on the line, or the block below |
//! | between other text | one line |

use handlebars::{
    Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, RenderErrorReason,
    ScopedJson,
};
use serde_json::{Value, json};

use crate::yaml;

use super::marker::{Line, Lines};

pub(super) const START: char = '\u{e0f0}';
pub(super) const END: char = '\u{e0f1}';

/// The helper `yaml`.
pub struct YamlHelper;

impl HelperDef for YamlHelper {
    // Not `call`: only what comes out of `call_inner` is indented with the partial it stands in.
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let parameter =
            helper.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("yaml", 0))?;
        if parameter.is_value_missing() {
            return Err(RenderError::strict_error(parameter.relative_path()));
        }
        Ok(ScopedJson::Derived(Value::String(placeholder(parameter.value()))))
    }
}

/// Puts the values in the place of the placeholders.
pub fn expand(lines: &Lines) -> Lines {
    let mut expanded = Vec::with_capacity(lines.0.len() * 2);
    for Line { text, origin } in &lines.0 {
        if text.contains(START) {
            let text = expand_line(text);
            expanded.extend(
                text.split('\n').map(|line| Line { text: line.to_owned(), origin: *origin }),
            );
        } else {
            expanded.push(Line { text: text.clone(), origin: *origin });
        }
    }
    Lines(expanded)
}

/// The value as JSON on one line, in which the placeholder's own characters are escaped.
fn placeholder(value: &Value) -> String {
    let json = value.to_string().replace(START, "\\ue0f0").replace(END, "\\ue0f1");
    format!("{START}{json}{END}")
}

fn expand_line(line: &str) -> String {
    let mut before = String::new();
    let mut rest = line;
    while let Some((text, value, after)) = next_placeholder(rest) {
        before.push_str(text);
        if after.trim().is_empty() {
            return before.clone() + &expand_last(&before, &value);
        }
        before.push_str(&value.to_string());
        rest = after;
    }
    before + rest
}

pub(super) fn next_placeholder(text: &str) -> Option<(&str, Value, &str)> {
    let (before, after) = text.split_once(START)?;
    let (json, after) = after.split_once(END)?;
    Some((before, serde_json::from_str(json).ok()?, after))
}

/// A value that ends its line, behind `before`.
fn expand_last(before: &str, value: &Value) -> String {
    let content = before.trim_start_matches(['-', ' ']);
    let column = before.chars().count();
    let is_block = match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    };
    if content.is_empty() && is_block {
        return indent_after_first(&yaml::write(value), column);
    }
    // Where the key stands, or the dash: what follows is indented from there.
    let parent = if content.is_empty() {
        before.rfind('-').map_or(column, |dash| before[..dash].chars().count())
    } else {
        column - content.chars().count()
    };
    let written = yaml::write(&json!({ "x": value }));
    let written = written.strip_prefix("x:").unwrap_or(&written);
    let written = if before.ends_with(' ') || content.is_empty() {
        written.strip_prefix(' ').unwrap_or(written)
    } else {
        written
    };
    indent_after_first(written, parent)
}

fn indent_after_first(text: &str, columns: usize) -> String {
    let indent = " ".repeat(columns);
    let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
    let mut indented = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        indented.push('\n');
        if !line.is_empty() {
            indented.push_str(&indent);
            indented.push_str(line);
        }
    }
    indented
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::render::substitute;

    fn check(line: &str, value: &Value, expected: &str) {
        let line = line.replace('@', &placeholder(value));
        assert_eq!(expand_line(&line), expected);
    }

    #[test]
    fn where_it_stands_decides() {
        check("  @", &json!({"a": 1, "b": [2]}), "  a: 1\n  b:\n  - 2");
        check("  - @", &json!({"a": 1, "b": 2}), "  - a: 1\n    b: 2");
        check("  k: @", &json!("yes"), "  k: \"yes\"");
        check("  k: @", &json!({"a": 1}), "  k: \n    a: 1");
        check("  k: @", &json!({}), "  k: {}");
        check("  @", &json!({}), "  {}");
        check("  k: @", &json!("a\nb\n"), "  k: |\n    a\n    b");
        check("- k: @", &json!("a\nb"), "- k: |-\n    a\n    b");
        check("  - @", &json!("a\nb"), "  - |-\n    a\n    b");
        check("k: [@, @]", &json!("a"), "k: [\"a\", \"a\"]");
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[ -~\n\u{e0f0}\u{e0f1}é:#'\"{}|>]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z :]{1,4}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_is_read_back(value in value()) {
            let token = placeholder(&value);
            for (text, pointer) in [
                (format!("a:\n  b: {token}\n  c: 1\n"), "/a/b"),
                (format!("a:\n  - {token}\n  - 1\n"), "/a/0"),
                (format!("a:\n  - n: 1\n    b: {token}\n"), "/a/0/b"),
                (format!("a: [{token}, 1]\n"), "/a/0"),
            ] {
                let marked = super::super::marker::unmark(&text);
                let text = expand(&marked).text();
                let read = yaml::read(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
                prop_assert_eq!(read[0].pointer(pointer), Some(&value), "{}", text);
                let short = substitute::read(&marked, &substitute::Forms::default());
                prop_assert!(short.is_none_or(|short| short == read), "{}", text);
            }
        }
    }
}
