mod scalar;

use indexmap::IndexMap;

use crate::diagnostic::{Diagnostic, Loss, Report, Span, codes};
use crate::load::suggest::nearest;
use crate::load::tree::{Entry, Mapping, Node, Value};
use crate::model::Extensions;

use super::extensions::json;

/// The attributes of one mapping that are not bound yet.
pub(super) struct Fields<'r> {
    mapping: Mapping,
    path: String,
    span: Span,
    report: &'r mut Report,
    /// Whether an error is reported already, so that what is left need not be.
    failed: bool,
}

impl<'r> Fields<'r> {
    /// The attributes of a mapping; none, with an error, of anything else.
    pub(super) fn new(node: Node, path: String, report: &'r mut Report) -> Option<Self> {
        if let Value::Mapping(mapping) = node.value {
            return Some(Self { mapping, path, span: node.span, report, failed: false });
        }
        report.push(not(&path, &node, "a mapping"));
        None
    }

    /// Takes an attribute out; null counts as not set.
    pub(super) fn take(&mut self, key: &str) -> Option<Node> {
        self.mapping.remove(key).map(|entry| entry.node).filter(|node| !node.is_null())
    }

    /// Takes all `x-*` out.
    pub(super) fn extensions(&mut self) -> Extensions {
        let mut extensions = IndexMap::new();
        self.mapping.retain(|key, entry| {
            let is_extension = key.starts_with("x-");
            if is_extension {
                extensions.insert(key.clone(), json(&entry.node));
            }
            !is_extension
        });
        Extensions(extensions)
    }

    /// Drops an attribute that other stages have used up.
    pub(super) fn discard(&mut self, key: &str) {
        self.mapping.remove(key);
    }

    /// Takes an empty text, such as that of a variable without a value, for nothing.
    pub(super) fn discard_empty(&mut self, key: &str) {
        if self.mapping.get(key).and_then(Node::as_str) == Some("") {
            self.discard(key);
        }
    }

    /// Whether an attribute is set.
    pub(super) fn has(&self, key: &str) -> bool {
        self.mapping.get(key).is_some_and(|node| !node.is_null())
    }

    /// Whether an attribute is a mapping.
    pub(super) fn is_mapping(&self, key: &str) -> bool {
        self.mapping.get(key).is_some_and(|node| node.as_mapping().is_some())
    }

    /// The names of all attributes, for mappings whose keys the user chooses.
    pub(super) fn names(&self) -> Vec<String> {
        self.mapping.keys().cloned().collect()
    }

    /// A mapping.
    pub(super) fn mapping(&mut self, key: &str) -> Mapping {
        let Some(mut node) = self.take(key) else { return Mapping::default() };
        if let Some(mapping) = node.as_mapping_mut() {
            return std::mem::take(mapping);
        }
        self.invalid(key, &node, "a mapping");
        Mapping::default()
    }

    /// A list.
    pub(super) fn sequence(&mut self, key: &str) -> Vec<Node> {
        let Some(mut node) = self.take(key) else { return Vec::new() };
        if let Some(items) = node.as_sequence_mut() {
            return std::mem::take(items);
        }
        self.invalid(key, &node, "a list");
        Vec::new()
    }

    /// A list of texts.
    pub(super) fn strings(&mut self, key: &str) -> Vec<String> {
        self.optional_strings(key).unwrap_or_default()
    }

    /// A list of texts, none when it is not set.
    pub(super) fn optional_strings(&mut self, key: &str) -> Option<Vec<String>> {
        let node = self.take(key)?;
        let items = node.as_sequence().unwrap_or_default();
        let is_whole = items.iter().all(|item| !matches!(item.value, Value::Float(_)));
        let texts = texts(&node).filter(|_| is_whole);
        if texts.is_none() {
            self.invalid(key, &node, "a list of texts");
        }
        texts
    }

    /// A mapping of texts; a key without a value has an empty one.
    pub(super) fn pairs(&mut self, key: &str) -> IndexMap<String, String> {
        let pairs = self.optional_pairs(key).into_iter();
        pairs.map(|(name, value)| (name, value.unwrap_or_default())).collect()
    }

    /// A mapping of texts, some without a value.
    pub(super) fn optional_pairs(&mut self, key: &str) -> IndexMap<String, Option<String>> {
        self.pairs_of(key, "a text", |node| {
            let text = node.to_text();
            (text.is_some() || node.is_null()).then_some(text)
        })
    }

    /// A mapping of texts and lists of texts.
    pub(super) fn repeated_pairs(&mut self, key: &str) -> IndexMap<String, Vec<String>> {
        self.pairs_of(key, "a text or a list of texts", |node| match node.to_text() {
            Some(text) => Some(vec![text]),
            None => texts(node),
        })
    }

    /// The attributes of a mapping below; `read` takes them, and the rest is reported.
    pub(super) fn fields<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> Option<T> {
        let node = self.take(key)?;
        let path = self.join(key);
        self.nested(node, path, read)
    }

    /// Each member of a mapping under its name; null is a member without attributes.
    pub(super) fn members<T>(
        &mut self,
        key: &str,
        read: impl Fn(&mut Fields<'_>) -> T,
    ) -> IndexMap<String, T> {
        let mapping = self.mapping(key);
        let mut members = IndexMap::new();
        for (name, Entry { key: place, mut node }) in mapping {
            if node.is_null() {
                node = Node::mapping(Mapping::default(), &place);
            }
            let path = format!("{}.{name}", self.join(key));
            if let Some(member) = self.nested(node, path, &read) {
                members.insert(name, member);
            }
        }
        members
    }

    /// Each mapping of a list, but for those that cannot be bound.
    pub(super) fn items<T>(
        &mut self,
        key: &str,
        read: impl Fn(&mut Fields<'_>) -> Option<T>,
    ) -> Vec<T> {
        let items = self.sequence(key);
        let mut bound = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let path = format!("{}[{index}]", self.join(key));
            bound.extend(self.nested(item, path, &read).flatten());
        }
        bound
    }

    /// Reports a value that is not what it must be.
    pub(super) fn invalid(&mut self, key: &str, node: &Node, wanted: &str) {
        self.failed = true;
        self.report.push(not(&self.join(key), node, wanted));
    }

    /// Reports an error about the mapping as a whole.
    pub(super) fn error(&mut self, message: impl Into<String>, help: &str) {
        self.failed = true;
        self.report.push(
            Diagnostic::error(codes::INVALID_VALUE, &self.path, message)
                .at(self.span.clone())
                .help(help),
        );
    }

    /// Reports what is left: the schema lets it pass, but it means nothing where it stands.
    pub(super) fn finish(self) {
        let Self { mapping, path, span: _, report, failed } = self;
        if failed {
            return;
        }
        for (key, entry) in mapping.iter().filter(|(_, entry)| !entry.node.is_null()) {
            report.push(
                Diagnostic::warning(
                    codes::UNKNOWN_ATTRIBUTE,
                    Loss::IgnoredHarmless,
                    join(&path, key),
                    format!("`{key}` means nothing here and is left out"),
                )
                .at(entry.key.clone())
                .help("remove it, or correct its name"),
            );
        }
    }

    fn pairs_of<T>(
        &mut self,
        key: &str,
        wanted: &str,
        read: impl Fn(&Node) -> Option<T>,
    ) -> IndexMap<String, T> {
        let mut pairs = IndexMap::new();
        for (name, entry) in self.mapping(key) {
            match read(&entry.node) {
                Some(value) => {
                    pairs.insert(name, value);
                }
                None => self.invalid(&join(key, &name), &entry.node, wanted),
            }
        }
        pairs
    }

    fn nested<T>(
        &mut self,
        node: Node,
        path: String,
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> Option<T> {
        let mut fields = Fields::new(node, path, self.report)?;
        let value = read(&mut fields);
        fields.finish();
        Some(value)
    }

    fn join(&self, key: &str) -> String {
        join(&self.path, key)
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn texts(node: &Node) -> Option<Vec<String>> {
    node.as_sequence()?.iter().map(Node::to_text).collect()
}

fn not(path: &str, node: &Node, wanted: &str) -> Diagnostic {
    let text = node.to_text().map_or_else(|| node.kind().to_owned(), |text| format!("`{text}`"));
    let mut diagnostic = Diagnostic::error(
        codes::INVALID_VALUE,
        path,
        format!("`{path}` must be {wanted}, but is {text}"),
    )
    .at(node.span.clone());
    // words are in backquotes, and so are examples, which nobody means
    let words = wanted.split('`').skip(1).step_by(2).filter(|_| !wanted.contains("such as"));
    let meant = node.as_str().and_then(|text| nearest(text, words));
    diagnostic.help = meant.map(|meant| format!("did you mean `{meant}`?"));
    diagnostic
}
