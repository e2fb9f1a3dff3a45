//! Values put in the place of their placeholders when the text is read already: neither printed nor read again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use crate::yaml;

use super::marker::Lines;
use super::yaml_helper::{END, START, next_placeholder};

/// Texts that were read, by what they are: what is printed of services that differ in their values alone is the
/// same text, and reading costs more than all the rest.
#[derive(Default)]
pub struct Forms(Mutex<HashMap<String, Vec<Value>>>);

impl Forms {
    /// So many are kept: those that come again come early.
    const MAX: usize = 100;

    fn read(&self, text: String) -> Option<Vec<Value>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&text).cloned();
        if known.is_some() {
            return known;
        }
        let documents = yaml::read(&text).ok()?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < Self::MAX {
            known.insert(text, documents.clone());
        }
        Some(documents)
    }
}

/// The documents of a printed text, where every placeholder stands for a whole value or for fields of a mapping: at
/// the end of its line, behind nothing but a key or dashes. None where the text must be expanded before it can be
/// read.
pub fn read(lines: &Lines, forms: &Forms) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    let mut text = String::new();
    for line in &lines.0 {
        let line = line.text.as_str();
        if line.contains(START) {
            let (before, value, after) = next_placeholder(line)?;
            let content = before.trim();
            let is_whole = content.is_empty() || content.ends_with([':', '-']);
            if !is_whole || !after.trim().is_empty() {
                return None;
            }
            // Alone on its line a mapping may have neighbours: it stands there as a key.
            let colon = if content.is_empty() && value.is_object() { ":" } else { "" };
            text.extend([before, &format!("{START}{}{END}", values.len()), colon]);
            values.push(Some(value));
        } else if is_block_header(line) {
            // What follows is text, whatever it looks like.
            return None;
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    let mut documents = forms.read(text)?;
    let mut values = Values(values);
    let are_whole = documents.iter_mut().all(|document| values.put_into(document));
    (are_whole && values.0.iter().all(Option::is_none)).then_some(documents)
}

/// Whether a block of text follows, as after `key: |-`.
fn is_block_header(line: &str) -> bool {
    let header = line.trim_end().trim_end_matches(|c: char| c.is_ascii_digit() || "+-".contains(c));
    header.ends_with(['|', '>'])
}

/// The values by the numbers of their placeholders, each until it is used.
struct Values(Vec<Option<Value>>);

impl Values {
    /// Replaces the placeholders below a node; false where one stands for something else.
    fn put_into(&mut self, node: &mut Value) -> bool {
        match node {
            Value::String(text) if text.contains(START) => {
                let value = self.take(text);
                value.map(|value| *node = value).is_some()
            }
            Value::Array(items) => items.iter_mut().all(|item| self.put_into(item)),
            Value::Object(fields) if fields.keys().any(|key| key.contains(START)) => {
                let all = self.spread(std::mem::take(fields));
                all.map(|all| *fields = all).is_some()
            }
            Value::Object(fields) => fields.values_mut().all(|value| self.put_into(value)),
            _ => true,
        }
    }

    /// A mapping in which placeholders are keys, with their fields.
    fn spread(&mut self, fields: Map<String, Value>) -> Option<Map<String, Value>> {
        let is_alone = fields.len() == 1;
        let mut all = Map::with_capacity(fields.len());
        for (key, mut value) in fields {
            if !key.contains(START) {
                let is_new = self.put_into(&mut value) && all.insert(key, value).is_none();
                is_new.then_some(())?;
                continue;
            }
            let Some(Value::Object(more)) = self.take(&key).filter(|_| value.is_null()) else {
                return None;
            };
            // `{}` among others is no mapping.
            if more.is_empty() && !is_alone {
                return None;
            }
            for (key, value) in more {
                all.insert(key, value).is_none().then_some(())?;
            }
        }
        Some(all)
    }

    fn take(&mut self, placeholder: &str) -> Option<Value> {
        let number = placeholder.strip_prefix(START)?.strip_suffix(END)?;
        self.0.get_mut(number.parse::<usize>().ok()?)?.take()
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
        let read = super::read(&lines, &Forms::default());
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
        check("- n: 1\n  @\n  m: 2\n", true);
    }

    #[test]
    fn all_else_is_expanded() {
        for text in [
            "k: '@'\n",
            "k: x-@\n",
            "k: [@, @]\n",
            "k: @ # why\n",
            "@: v\n",
            "k:\n  @\n  @\n",
            "k:\n  @\n  a: 1\n",
            "k:\n- @\n  n: 1\n",
            "k: |-\n  @\n",
            "k: >2\n  @\n",
            "k: &a @\nl: *a\n",
            "k: !!str @\n",
        ] {
            check(text, false);
        }
    }
}
