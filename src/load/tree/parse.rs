//! YAML events to trees.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span as EventSpan};

use crate::diagnostic::{Diagnostic, Report, Source, Span, Step, StepKind, codes};

use super::scalar::resolve_plain;
use super::{Entry, Mapping, Node, Tag, Value};

/// How many values a document may hold after its aliases are expanded.
const MAX_NODES: usize = 100_000;
/// How deep collections may stand in each other.
const MAX_DEPTH: usize = 100;

/// The documents of a text; none when the text is not YAML or goes beyond a limit.
pub fn parse_documents(source: &Arc<Source>, report: &mut Report) -> Option<Vec<Node>> {
    let mut builder = Builder {
        source,
        report,
        stack: Vec::new(),
        anchors: HashMap::new(),
        documents: Vec::new(),
        nodes: 0,
        anchored: 0,
    };
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    for next in Parser::new_from_str_with_options(&source.text, options) {
        match next {
            Ok((event, span)) => builder.accept(event, span)?,
            Err(error) => {
                builder.report_syntax(&error);
                return None;
            }
        }
    }
    Some(builder.documents)
}

struct Builder<'s> {
    source: &'s Arc<Source>,
    report: &'s mut Report,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Built>,
    documents: Vec<Node>,
    nodes: usize,
    anchored: usize,
}

/// A finished node with what its copies cost.
#[derive(Clone)]
struct Built {
    node: Node,
    size: usize,
    height: usize,
}

/// A collection that is still open.
struct Frame {
    collection: Collection,
    start: usize,
    end: usize,
    anchor: usize,
    tag: Option<Tag>,
    size: usize,
    height: usize,
}

enum Collection {
    Sequence(Vec<Node>),
    Mapping { mapping: Mapping, merged: Vec<Node>, key: Option<Key> },
}

enum Key {
    Named(String, Span),
    Merge,
    Unusable,
}

impl Builder<'_> {
    /// Takes the next event; none when the text must be given up.
    fn accept(&mut self, event: Event<'_>, at: EventSpan) -> Option<()> {
        match event {
            Event::DocumentStart(..) => {
                self.anchors.clear();
                self.nodes = 0;
                self.anchored = 0;
                Some(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let span = self.span(at);
                let (tag, tag_span) = (tag.as_deref(), self.tag_span(at));
                let merge = style == ScalarStyle::Plain && text == "<<" && tag.is_none();
                let value = self.scalar(&text, style, tag, &tag_span);
                let tag = self.compose_tag(tag, &tag_span);
                let node = Node { value, span, tag };
                self.finish(Built { node, size: 1, height: 0 }, anchor, merge)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let collection = Collection::Sequence(Vec::new());
                self.open(collection, at, anchor, tag.as_deref())
            }
            Event::MappingStart(_, anchor, tag) => {
                let mapping = Mapping::default();
                let collection = Collection::Mapping { mapping, merged: Vec::new(), key: None };
                self.open(collection, at, anchor, tag.as_deref())
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at),
            Event::Alias(id) => {
                let span = self.span(at);
                let Some(mut built) = self.anchors.get(&id).cloned() else {
                    self.report.push(
                        Diagnostic::error(
                            codes::LIMIT_EXCEEDED,
                            self.path(),
                            "the alias stands inside the node it refers to",
                        )
                        .at(span)
                        .help("an alias cannot contain itself; write the inner part out"),
                    );
                    return None;
                };
                self.nodes += built.size - 1;
                self.check_limits(built.height, &span)?;
                let anchor = span.text().trim_start_matches('*');
                built.node.go_through(Step::at(StepKind::Alias, anchor, &span));
                self.finish_alias(built, span)
            }
            _ => Some(()),
        }
    }

    fn open(
        &mut self,
        collection: Collection,
        at: EventSpan,
        anchor: usize,
        tag: Option<&granit_parser::Tag>,
    ) -> Option<()> {
        let span = self.span(at);
        let tag = self.compose_tag(tag, &self.tag_span(at));
        let (start, end) = (span.start, span.end);
        self.stack.push(Frame { collection, start, end, anchor, tag, size: 1, height: 1 });
        self.check_limits(0, &span)
    }

    fn close(&mut self, at: EventSpan) -> Option<()> {
        let end_token = self.span(at);
        let Some(frame) = self.stack.pop() else { return Some(()) };
        // a block collection has no end of its own: the token is where the next one starts
        let end = if end_token.start < end_token.end { end_token.end } else { frame.end };
        let span = Span::new(Arc::clone(self.source), frame.start, end);
        let value = match frame.collection {
            Collection::Sequence(items) => Value::Sequence(items),
            Collection::Mapping { mut mapping, merged, .. } => {
                for source in merged {
                    self.merge_key(&mut mapping, source);
                }
                Value::Mapping(mapping)
            }
        };
        let node = Node { value, span, tag: frame.tag };
        self.finish(Built { node, size: frame.size, height: frame.height }, frame.anchor, false)
    }

    /// Puts the copy of an anchored node where its alias stands.
    fn finish_alias(&mut self, built: Built, alias: Span) -> Option<()> {
        let mut is_key = false;
        if let Some(frame) = self.stack.last_mut() {
            frame.end = frame.end.max(alias.end);
            is_key = matches!(frame.collection, Collection::Mapping { key: None, .. });
        }
        // what stands below a key is written here, whatever gave the key its name
        let node = if is_key { Node { span: alias, ..built.node } } else { built.node };
        self.finish(Built { node, ..built }, 0, false)
    }

    /// Puts a finished node where it belongs: key, value, item or document.
    fn finish(&mut self, built: Built, anchor: usize, merge: bool) -> Option<()> {
        if anchor != 0 {
            self.anchored += built.size;
            self.check_limits(0, &built.node.span)?;
            self.anchors.insert(anchor, built.clone());
        }
        let Built { node, size, height } = built;
        let Some(mut frame) = self.stack.pop() else {
            self.documents.push(node);
            return Some(());
        };
        frame.end = frame.end.max(node.span.end);
        match &mut frame.collection {
            Collection::Mapping { key: key @ None, .. } => {
                *key = Some(if merge { Key::Merge } else { self.key(node) });
                self.stack.push(frame);
                return Some(());
            }
            Collection::Sequence(items) => items.push(node),
            Collection::Mapping { mapping, merged, key } => match key.take() {
                Some(Key::Named(name, place)) => {
                    let entry = Entry { key: place, node };
                    self.insert(mapping, name, entry);
                }
                Some(Key::Merge) => merged.push(node),
                Some(Key::Unusable) | None => {}
            },
        }
        self.nodes += 1;
        frame.size += size;
        frame.height = frame.height.max(height + 1);
        let start = Span::new(Arc::clone(self.source), frame.start, frame.start);
        self.stack.push(frame);
        self.check_limits(0, &start)
    }

    fn insert(&mut self, mapping: &mut Mapping, name: String, entry: Entry) {
        if let Some(first) = mapping.entry(&name) {
            let path = self.path();
            let (line, _) = first.key.line_column();
            let diagnostic = Diagnostic::error(
                codes::DUPLICATE_KEY,
                join(&path, &name),
                format!("the key `{name}` is already defined at line {line}"),
            )
            .at(entry.key.clone())
            .related(first.key.clone(), "first defined here")
            .help("keep one of the two, or put both values under one key");
            self.report.push(diagnostic);
        }
        mapping.insert(name, entry);
    }

    fn key(&mut self, node: Node) -> Key {
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

    /// `<<`: what the mapping does not say itself comes from the source; the first source wins.
    fn merge_key(&mut self, mapping: &mut Mapping, source: Node) {
        match source.value {
            Value::Mapping(entries) => {
                for (name, entry) in entries {
                    if !mapping.contains(&name) {
                        mapping.insert(name, entry);
                    }
                }
            }
            Value::Sequence(sources) => {
                for source in sources {
                    match source.value {
                        Value::Mapping(_) => self.merge_key(mapping, source),
                        _ => self.not_mergeable(&source),
                    }
                }
            }
            _ => self.not_mergeable(&source),
        }
    }

    fn not_mergeable(&mut self, node: &Node) {
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

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&granit_parser::Tag>,
        span: &Span,
    ) -> Value {
        let string = || Value::String(text.to_owned());
        let Some(tag) = tag else {
            return if style == ScalarStyle::Plain { resolve_plain(text) } else { string() };
        };
        let Some(core) = tag.core_suffix() else {
            // `!` alone makes a string; `!reset 5` has the value 5
            let plain = style == ScalarStyle::Plain && !is_non_specific(tag);
            return if plain { resolve_plain(text) } else { string() };
        };
        let value = resolve_plain(text);
        let fits = match core {
            "str" => return string(),
            "null" => matches!(value, Value::Null),
            "bool" => matches!(value, Value::Bool(_)),
            "int" => matches!(value, Value::Int(_)),
            "float" => match value {
                // every integer that text can hold is near enough as a floating point number
                #[expect(clippy::cast_precision_loss, reason = "this is what the tag asks for")]
                Value::Int(int) => return Value::Float(int as f64),
                _ => matches!(value, Value::Float(_)),
            },
            _ => {
                self.unknown_tag(tag, span);
                true
            }
        };
        if !fits {
            let path = self.path();
            self.report.push(
                Diagnostic::error(
                    codes::WRONG_TYPE,
                    path,
                    format!("`{text}` is not what its tag `!!{core}` says"),
                )
                .at(span.clone()),
            );
        }
        value
    }

    fn compose_tag(&mut self, tag: Option<&granit_parser::Tag>, span: &Span) -> Option<Tag> {
        let tag = tag?;
        if tag.core_suffix().is_some() || is_non_specific(tag) {
            return None;
        }
        match (tag.handle(), tag.suffix()) {
            ("!", "reset") | ("", "!reset") => Some(Tag::Reset),
            ("!", "override") | ("", "!override") => Some(Tag::Override),
            _ => {
                self.unknown_tag(tag, span);
                None
            }
        }
    }

    fn unknown_tag(&mut self, tag: &granit_parser::Tag, span: &Span) {
        let path = self.path();
        self.report.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                path,
                format!("the tag `{}` has no meaning in a compose file", tag.original()),
            )
            .at(span.clone())
            .help("Compose knows the tags `!reset` and `!override`"),
        );
    }

    fn check_limits(&mut self, height: usize, span: &Span) -> Option<()> {
        // anchors are copied when they are defined: anchors around anchors must not add up
        let message = if self.nodes > MAX_NODES || self.anchored > 4 * MAX_NODES {
            format!("the file holds more than {MAX_NODES} values once its aliases are expanded")
        } else if self.stack.len() + height > MAX_DEPTH {
            format!("the file is nested more than {MAX_DEPTH} levels deep")
        } else {
            return Some(());
        };
        self.report.push(
            Diagnostic::error(codes::LIMIT_EXCEEDED, "", message)
                .at(span.clone())
                .help("split the project into several files, or use fewer aliases of aliases"),
        );
        None
    }

    fn report_syntax(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(self.source.text.len());
        let length = self.source.text.get(at..).and_then(|rest| rest.chars().next());
        let end = at + length.map_or(0, char::len_utf8);
        let deep = matches!(error.kind(), ErrorKind::RecursionLimitExceeded);
        let code = if deep { codes::LIMIT_EXCEEDED } else { codes::YAML_SYNTAX };
        let mut diagnostic =
            Diagnostic::error(code, "", format!("the file is not valid YAML: {}", error.info()))
                .at(Span::new(Arc::clone(self.source), at, end));
        diagnostic.help = Some(syntax_help(error.kind()).to_owned());
        self.report.push(diagnostic);
    }

    fn span(&self, at: EventSpan) -> Span {
        let range = at.byte_range().unwrap_or(0..0);
        Span::new(Arc::clone(self.source), range.start, range.end)
    }

    /// The place of a node's tag, or else of the node.
    fn tag_span(&self, at: EventSpan) -> Span {
        self.span(at.tag_span().unwrap_or(at))
    }

    /// The Compose path of the node that comes next.
    fn path(&self) -> String {
        let mut path = String::new();
        for frame in &self.stack {
            match &frame.collection {
                Collection::Sequence(items) => path = format!("{path}[{}]", items.len()),
                Collection::Mapping { key, .. } => match key {
                    Some(Key::Named(name, _)) => path = join(&path, name),
                    Some(Key::Merge) => path = join(&path, "<<"),
                    Some(Key::Unusable) | None => {}
                },
            }
        }
        path
    }
}

impl Node {
    fn is_scalar(&self) -> bool {
        !matches!(self.value, Value::Sequence(_) | Value::Mapping(_))
    }
}

fn is_non_specific(tag: &granit_parser::Tag) -> bool {
    matches!((tag.handle(), tag.suffix()), ("!", "") | ("", "!"))
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn syntax_help(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation => {
            "indent with spaces; YAML does not allow tabs here"
        }
        ErrorKind::UnknownAnchor => {
            "define the anchor with `&NAME` before the alias, or put a value that starts with `*` in quotes"
        }
        _ => {
            "check the indentation here and on the line above; put values that hold `: `, `#` or \
             start with one of `{[&*!|>%@` in quotes"
        }
    }
}
