//! Values put in the place of their placeholders when the text is read already: neither printed nor read again.

use serde_json::Value;

use crate::yaml;

use super::marker::Lines;
use super::yaml_helper::{END, START, next_placeholder};

/// The documents of a printed text, where every placeholder stands for a whole value: at the end of its line,
/// behind nothing but a key or dashes. None where the text must be expanded before it can be read.
pub fn read(lines: &Lines) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    let mut text = String::new();
    for line in &lines.0 {
        let line = line.text.as_str();
        match line.contains(START) {
            true => {
                let (before, value, after) = next_placeholder(line)?;
                let before_value = before.trim_end();
                let is_whole = before_value.is_empty() || before_value.ends_with([':', '-']);
                if !is_whole || !after.trim().is_empty() {
                    return None;
                }
                text.extend([before, &format!("{START}{}{END}", values.len())]);
                values.push(Some(value));
            }
            // What follows is text, whatever it looks like.
            false if is_block_header(line) => return None,
            false => text.push_str(line),
        }
        text.push('\n');
    }
    let mut documents = yaml::read(&text).ok()?;
    let are_whole = documents.iter_mut().all(|document| substitute(document, &mut values));
    (are_whole && values.iter().all(Option::is_none)).then_some(documents)
}

/// Whether a block of text follows, as after `key: |-`.
fn is_block_header(line: &str) -> bool {
    let header = line.trim_end().trim_end_matches(|c: char| c.is_ascii_digit() || "+-".contains(c));
    header.ends_with(['|', '>'])
}

/// Replaces the placeholders, each once; false where one stands in another text.
fn substitute(node: &mut Value, values: &mut [Option<Value>]) -> bool {
    match node {
        Value::String(text) if text.contains(START) => {
            let number = text.strip_prefix(START).and_then(|rest| rest.strip_suffix(END));
            let number = number.and_then(|number| number.parse::<usize>().ok());
            let value = number.and_then(|number| values.get_mut(number)?.take());
            value.map(|value| *node = value).is_some()
        }
        Value::Array(items) => items.iter_mut().all(|item| substitute(item, values)),
        Value::Object(fields) => {
            fields.iter_mut().all(|(key, value)| !key.contains(START) && substitute(value, values))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::render::marker::unmark;
    use crate::render::yaml_helper::expand;

    /// `@` is a placeholder for a mapping.
    fn check(text: &str, is_whole: bool) {
        let text = text.replace('@', &format!("{START}{}{END}", json!({"a": [1, "b: c"]})));
        let lines = unmark(&text);
        let read = super::read(&lines);
        assert_eq!(read.is_some(), is_whole, "{text}");
        if let Some(read) = read {
            assert_eq!(read, yaml::read(&expand(&lines).text()).unwrap(), "{text}");
        }
    }

    #[test]
    fn whole_values_are_put_in() {
        check("k: @\nl:\n  @\nm:\n- @\n- - @\n- n: @\n", true);
        check("a: @\n---\nb: @\n", true);
        check("no: placeholder\n", true);
    }

    #[test]
    fn all_else_is_expanded() {
        for text in [
            "k: '@'\n",
            "k: x-@\n",
            "k: [@, @]\n",
            "k: @ # why\n",
            "@: v\n",
            "k:\n  @\n  more: 1\n",
            "k:\n  @\n  @\n",
            "k: |-\n  @\n",
            "k: >2\n  @\n",
            "k: &a @\nl: *a\n",
            "k: !!str @\n",
        ] {
            check(text, false);
        }
    }
}
