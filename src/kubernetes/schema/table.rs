use std::collections::HashMap;
use std::io::Read as _;
use std::sync::{LazyLock, Mutex, PoisonError};

use flate2::read::GzDecoder;

use super::types::Node;

/// One line per type, sorted: the name, a tab, its JSON schema.
const TYPES: &str = include_str!("../data/types.tsv");

/// The same names with a JSON object of descriptions, packed; only `OpenAPI` documents need them.
const DESCRIPTIONS: &[u8] = include_bytes!("../data/descriptions.tsv.gz");

/// The parsed line of a type. Only the types that somebody asks for are ever parsed.
pub(super) fn node(name: &str) -> Option<&'static Node> {
    static PARSED: LazyLock<Mutex<HashMap<&'static str, &'static Node>>> =
        LazyLock::new(Mutex::default);
    let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(node) = parsed.get(name) {
        return Some(node);
    }
    let (name, json) = find(TYPES, name)?;
    let node =
        serde_json::from_str(json).expect("types.tsv holds schemas: a test reads every line");
    let node: &'static Node = Box::leak(Box::new(node));
    parsed.insert(name, node);
    Some(node)
}

/// The JSON schema of every type with its descriptions, both as JSON text: name, schema, descriptions.
pub fn documents() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let mut text = String::new();
        GzDecoder::new(DESCRIPTIONS)
            .read_to_string(&mut text)
            .expect("descriptions.tsv.gz is part of the program: a test unpacks it");
        text
    });
    let lines = TYPES.lines().zip(TEXT.lines());
    lines.filter_map(|(schema, descriptions)| {
        let (name, schema) = schema.split_once('\t')?;
        let (_, descriptions) = descriptions.split_once('\t')?;
        Some((name, schema, descriptions))
    })
}

/// Binary search over the bytes of a sorted table: nothing has to be indexed first.
fn find(table: &'static str, name: &str) -> Option<(&'static str, &'static str)> {
    let mut rest = table;
    while !rest.is_empty() {
        let (middle, _) = rest.split_at_checked(boundary(rest, rest.len() / 2))?;
        let start = middle.rfind('\n').map_or(0, |at| at + 1);
        let (before, from) = rest.split_at_checked(start)?;
        let (line, after) = from.split_once('\n').unwrap_or((from, ""));
        let (key, value) = line.split_once('\t')?;
        match key.cmp(name) {
            std::cmp::Ordering::Equal => return Some((key, value)),
            std::cmp::Ordering::Less => rest = after,
            std::cmp::Ordering::Greater => rest = before,
        }
    }
    None
}

fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_and_parsed() {
        let mut count = 0;
        for line in TYPES.lines() {
            let (name, _) = line.split_once('\t').unwrap();
            assert!(node(name).is_some(), "{name}");
            count += 1;
        }
        assert!(count > 450, "{count}");
        assert!(node("io.k8s.api.core.v1.Pods").is_none());
        assert!(node("").is_none());
        assert!(node("zzz").is_none());
    }

    #[test]
    fn descriptions_belong_to_the_types() {
        let count = documents()
            .filter(|(name, _, descriptions)| {
                serde_json::from_str::<serde_json::Value>(descriptions).expect(name).is_object()
            })
            .count();
        assert_eq!(count, TYPES.lines().count());
        let (_, _, pod) = documents().find(|(name, ..)| *name == "io.k8s.api.core.v1.Pod").unwrap();
        assert!(pod.contains("Pod is a collection of containers"), "{pod}");
    }
}
