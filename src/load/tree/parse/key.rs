//! Keys of mappings, and the merge key `<<`.

use crate::diagnostic::{Diagnostic, Span, codes};
use crate::load::tree::{Entry, Mapping, Node, Tag, Value};

use super::{Builder, Collection, join};

/// A key whose value comes next.
pub(super) enum Key {
    /// An ordinary key with its place.
    Named(String, Span),
    /// `<<` with its place.
    Merge(Span),
    /// It is reported, and its value is dropped.
    Unusable,
}

impl Builder<'_> {
    /// The key that a node makes.
    pub(super) fn key(&mut self, node: Node) -> Key {
        if let Value::String(name) = node.value {
            return Key::Named(name, node.span);
        }
        let path = self.path();
        let place =
            if path.is_empty() { "at top level".to_owned() } else { format!("in `{path}`") };
        let text = node.to_text().unwrap_or_else(|| node.kind().to_owned());
        let message = format!("non-string key {place}: {text}");
        let mut diagnostic =
            Diagnostic::error(codes::WRONG_TYPE, path, message).at(node.span.clone());
        if node.is_scalar() {
            diagnostic = diagnostic.help("put the key in quotes");
        }
        self.report.push(diagnostic);
        Key::Unusable
    }

    pub(super) fn insert(&mut self, mapping: &mut Mapping, name: String, entry: Entry) {
        if let Some(first) = mapping.entry(&name) {
            self.report_duplicate(&name, &first.key, &entry.key);
        }
        mapping.insert(name, entry);
    }

    /// Remembers what `<<` stands for until the mapping is complete.
    pub(super) fn set_merged(
        &mut self,
        merged: &mut Option<(Span, Node)>,
        place: Span,
        source: Node,
    ) {
        if let Some((first, _)) = merged {
            self.report_duplicate("<<", first, &place);
        }
        *merged = Some((place, source));
    }

    /// Whether the next node is a key.
    pub(super) fn awaits_key(&self) -> bool {
        let collection = self.stack.last().map(|frame| &frame.collection);
        matches!(collection, Some(Collection::Mapping(open)) if open.key.is_none())
    }

    /// Takes back a `<<` whose value is missing; whether there was one.
    pub(super) fn drop_merge_key(&mut self) -> bool {
        match self.stack.last_mut().map(|frame| &mut frame.collection) {
            Some(Collection::Mapping(open)) if matches!(open.key, Some(Key::Merge(_))) => {
                open.key = None;
                true
            }
            _ => false,
        }
    }

    /// `<<`: what the mapping does not say itself comes from the source; the first source wins.
    ///
    /// A tag in front of the source counts for the whole mapping, as in the reference: `!reset`
    /// and `!override` take out what came before, `!reset` also drops the source.
    pub(super) fn merge_key(&mut self, mapping: &mut Mapping, source: Node, tag: &mut Option<Tag>) {
        if source.tag.is_some() {
            tag.get_or_insert(Tag::Override);
        }
        if source.tag == Some(Tag::Reset) {
            return;
        }
        match source.value {
            Value::Mapping(entries) => merge_entries(mapping, entries),
            Value::Sequence(sources) => {
                for source in sources {
                    match source.value {
                        Value::Mapping(entries) => merge_entries(mapping, entries),
                        _ => self.report_not_mergeable(&source),
                    }
                }
            }
            _ => self.report_not_mergeable(&source),
        }
    }

    fn report_not_mergeable(&mut self, node: &Node) {
        self.broken = true;
        let path = self.path();
        self.report.push(
            Diagnostic::error(
                codes::WRONG_TYPE,
                path,
                format!("`<<` merges mappings, but this is {}", node.kind()),
            )
            .at(node.span.clone())
            .help("give it an alias to a mapping, or a list of such aliases"),
        );
    }

    fn report_duplicate(&mut self, name: &str, first: &Span, second: &Span) {
        let (line, _) = first.source.line(first.start);
        let help = match name {
            "<<" => "merge several mappings with one list: `<<: [*a, *b]`",
            _ => "keep one of the two, or put both values under one key",
        };
        let diagnostic = Diagnostic::error(
            codes::DUPLICATE_KEY,
            join(&self.path(), name),
            format!("the key `{name}` is already defined at line {line}"),
        )
        .at(second.clone())
        .related(first.clone(), "first defined here")
        .help(help);
        self.report.push(diagnostic);
    }
}

fn merge_entries(mapping: &mut Mapping, entries: Mapping) {
    for (name, entry) in entries {
        match mapping.get_mut(&name) {
            Some(own) => keep_tags(own, &entry.node),
            None => {
                mapping.insert(name, entry);
            }
        }
    }
}

/// A value that is not merged leaves its tags behind: they take their paths out of what came
/// before all the same.
fn keep_tags(own: &mut Node, unused: &Node) {
    if unused.tag.is_some() {
        own.tag.get_or_insert(Tag::Override);
    }
    let (Value::Mapping(own), Value::Mapping(unused)) = (&mut own.value, &unused.value) else {
        return;
    };
    for (name, entry) in unused.iter() {
        match own.get_mut(name) {
            Some(own) => keep_tags(own, &entry.node),
            None if entry.node.tag.is_some() => {
                let node = Node { tag: Some(Tag::Reset), ..Node::null(&entry.node.span) };
                own.insert(name, Entry { key: entry.key.clone(), node });
            }
            None => {}
        }
    }
}
