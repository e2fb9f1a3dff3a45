use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{Event, Parser};

/// What stands in place of a text that may hold values of Secrets and cannot be taken apart.
const WITHHELD: &str = "(not shown: it may hold values of Secrets)\n";

/// The places of Secrets: the fields whose values nobody should see in a log.
const VALUES: &[&str] = &["data", "stringData"];

/// Two versions of a text for showing: values of Secrets are replaced as `kubectl diff` does it,
/// by `***`, or by `*** (before)` and `*** (after)` where they differ.
pub fn mask(before: &str, after: &str) -> (String, String) {
    let is_suspect = |text: &str| text.contains("Secret");
    if !is_suspect(before) && !is_suspect(after) {
        return (before.to_owned(), after.to_owned());
    }
    let (before_values, after_values) = (secret_values(before), secret_values(after));
    (
        masked(before, before_values.as_ref(), after_values.as_ref(), "*** (before)"),
        masked(after, after_values.as_ref(), before_values.as_ref(), "*** (after)"),
    )
}

/// Values of Secrets: where each stands and how it is written, by the names of Secret and key.
type Values<'a> = BTreeMap<(String, Vec<Step>), (Range<usize>, &'a str)>;

/// One step from the root of a document to a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    Item(usize),
}

fn masked(text: &str, values: Option<&Values>, other: Option<&Values>, mark: &str) -> String {
    let Some(values) = values else { return WITHHELD.to_owned() };
    let mut places: Vec<(&Range<usize>, &str)> = values
        .iter()
        .map(|(place, (range, raw))| {
            let same = other.and_then(|it| it.get(place)).is_none_or(|(_, it)| it == raw);
            (range, if same { "***" } else { mark })
        })
        .collect();
    places.sort_by_key(|(range, _)| range.start);
    let mut shown = String::with_capacity(text.len());
    let mut end = 0;
    for (range, mark) in places {
        shown.push_str(text.get(end..range.start).unwrap_or_default());
        shown.push_str(mark);
        end = range.end;
    }
    shown + text.get(end..).unwrap_or_default()
}

/// The values of all Secrets; `None` when the text cannot be taken apart with certainty.
fn secret_values(text: &str) -> Option<Values<'_>> {
    let mut values = Values::new();
    for scalars in documents(text)? {
        let kinds = scalars.iter().filter(|it| it.value == "Secret").filter_map(|it| {
            let (last, object) = it.path.split_last()?;
            (*last == key("kind")).then_some(object)
        });
        for object in kinds {
            let name_path = [object, &[key("metadata"), key("name")]].concat();
            let name = scalars.iter().find(|it| it.path == name_path).map(|it| it.value.clone());
            for scalar in &scalars {
                let Some(below) = scalar.path.strip_prefix(object) else { continue };
                let is_value = VALUES.iter().any(|field| below.first() == Some(&key(field)))
                    && below.len() > 1;
                if is_value {
                    let raw = text.get(scalar.range.clone())?;
                    let place = (name.clone().unwrap_or_default(), below.to_vec());
                    values.insert(place, (scalar.range.clone(), raw));
                }
            }
        }
    }
    Some(values)
}

fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

/// A scalar of a document.
struct Scalar {
    path: Vec<Step>,
    value: String,
    range: Range<usize>,
}

/// One level of the document that is being read.
enum Level {
    List { next: usize },
    Map { key: Option<String> },
}

/// The scalars of each document; `None` for what is not YAML, or uses aliases.
fn documents(text: &str) -> Option<Vec<Vec<Scalar>>> {
    let mut documents = Vec::new();
    let mut levels: Vec<Level> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        match event {
            Event::DocumentStart(..) => {
                levels.clear();
                documents.push(Vec::new());
            }
            Event::SequenceStart(..) => levels.push(Level::List { next: 0 }),
            Event::MappingStart(..) => levels.push(Level::Map { key: None }),
            Event::SequenceEnd | Event::MappingEnd => {
                levels.pop();
                finish_value(&mut levels);
            }
            Event::Scalar(value, ..) => {
                if let Some(Level::Map { key: key @ None }) = levels.last_mut() {
                    *key = Some(value.to_string());
                    continue;
                }
                let raw = span.byte_range()?;
                // A block scalar reaches to where the next line begins.
                let end = raw.start + text.get(raw.clone())?.trim_end().len();
                let path = levels.iter().map(Level::step).collect();
                let scalar = Scalar { path, value: value.to_string(), range: raw.start..end };
                documents.last_mut()?.push(scalar);
                finish_value(&mut levels);
            }
            Event::Alias(_) => return None,
            _ => {}
        }
    }
    Some(documents)
}

fn finish_value(levels: &mut [Level]) {
    match levels.last_mut() {
        Some(Level::List { next }) => *next += 1,
        Some(Level::Map { key }) => *key = None,
        None => {}
    }
}

impl Level {
    fn step(&self) -> Step {
        match self {
            Self::List { next } => Step::Item(*next),
            Self::Map { key } => Step::Key(key.clone().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, shown_before: &str, shown_after: &str) {
        assert_eq!(mask(before, after), (shown_before.to_owned(), shown_after.to_owned()));
    }

    #[test]
    fn values_of_secrets_are_not_shown() {
        let head = "kind: Secret\nmetadata:\n  name: a\n";
        check(
            &format!("{head}data:\n  x: b25l # note\n  y: dHdv\n"),
            &format!("{head}data:\n  x: b25l\n  y: bmV3\n  z: bW9yZQ==\n"),
            &format!("{head}data:\n  x: *** # note\n  y: *** (before)\n"),
            &format!("{head}data:\n  x: ***\n  y: *** (after)\n  z: ***\n"),
        );
        check(
            "---\nkind: ConfigMap\ndata: {a: b}\n---\nstringData:\n  a: |\n    x\n    y\n  b: z\nkind: Secret\n",
            "",
            "---\nkind: ConfigMap\ndata: {a: b}\n---\nstringData:\n  a: |\n    ***\n  b: ***\nkind: Secret\n",
            "",
        );
        check(
            r#"{"kind": "List", "items": [{"kind": "Secret", "data": {"a": "b"}}]}"#,
            r#"{"kind": "List", "items": [{"kind": "Secret", "data": {"a": "c"}}]}"#,
            r#"{"kind": "List", "items": [{"kind": "Secret", "data": {"a": *** (before)}}]}"#,
            r#"{"kind": "List", "items": [{"kind": "Secret", "data": {"a": *** (after)}}]}"#,
        );
    }

    #[test]
    fn what_cannot_be_taken_apart_is_not_shown_at_all() {
        for text in ["kind: Secret\ndata: [", "kind: Secret\nx: &a b\ndata: {a: *a}\n"] {
            check(text, "kind: Secret\ndata: {a: b}\n", WITHHELD, "kind: Secret\ndata: {a: ***}\n");
        }
    }
}
