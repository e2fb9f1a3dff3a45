//! YAML events to trees.
//!
//! # Invariants
//! - Time and memory are bounded by the limits below, whatever the text is: aliases are copied,
//!   and each copy counts.
//! - What can be skipped is skipped, so that one pass reports all that is wrong with a text.

mod alias;
mod key;
mod syntax;
mod tag;

use std::sync::Arc;

use granit_parser::{Event, Parser, Span as EventSpan};

use crate::diagnostic::{Diagnostic, Report, Source, Span, codes};

use super::{Entry, Mapping, Node, Tag, Value};
use alias::Anchors;
use key::Key;
use tag::is_merge;

/// How many values a text may hold after its aliases are expanded.
///
/// The reference stops at 100,000 values before aliases are expanded, which are about 2,400
/// services, and lets aliases make a hundred times as many. 100 values for each of 5,000 services
/// is more than a legitimate project has, and still takes no more than some 150 MB.
const MAX_NODES: usize = 500_000;
/// A text of this many bytes counts as one more value where it is copied.
const BYTES_PER_VALUE: usize = 256;
/// How deep collections may stand in each other. Later stages recurse: it bounds their stack.
const MAX_DEPTH: usize = 100;
/// How many documents a text may hold: each is merged, validated and expanded with all before it.
const MAX_DOCUMENTS: usize = 100;

/// The documents of a text; none when the text is not YAML or goes beyond a limit.
pub fn parse_documents(source: &Arc<Source>, report: &mut Report) -> Option<Vec<Node>> {
    let mut builder = Builder {
        source,
        report,
        stack: Vec::new(),
        anchors: Anchors::default(),
        documents: Vec::new(),
        nodes: 0,
        broken: false,
    };
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
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
    (!builder.broken).then_some(builder.documents)
}

struct Builder<'s> {
    source: &'s Arc<Source>,
    report: &'s mut Report,
    stack: Vec<Frame>,
    anchors: Anchors,
    documents: Vec<Node>,
    /// Values so far, over all documents.
    nodes: usize,
    /// Something is missing from the tree: it is only built to find further errors.
    broken: bool,
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
    Mapping(Box<OpenMapping>),
}

#[derive(Default)]
struct OpenMapping {
    mapping: Mapping,
    /// `<<` and what it stands for.
    merged: Option<(Span, Node)>,
    /// The key whose value comes next.
    key: Option<Key>,
}

impl Builder<'_> {
    /// Takes the next event; none when the text must be given up.
    fn accept(&mut self, event: Event<'_>, at: EventSpan) -> Option<()> {
        match event {
            Event::DocumentStart(..) => {
                self.anchors.forget();
                self.check_document(&self.span(at))
            }
            Event::Anchor(id, name) => {
                self.anchors.name(id, &name);
                Some(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let span = self.span(at);
                let (tag, tag_span) = (tag.as_deref(), self.tag_span(at));
                let merge = is_merge(&text, style, tag);
                let value = self.scalar(&text, style, tag, &tag_span);
                let tag = self.compose_tag(tag, &tag_span);
                let node = Node { value, span, tag };
                // a copy of a long text costs more than that of a word
                let size = 1 + text.len() / BYTES_PER_VALUE;
                self.finish(Built { node, size, height: 0 }, anchor, merge)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let collection = Collection::Sequence(Vec::new());
                self.open(collection, at, anchor, tag.as_deref())
            }
            Event::MappingStart(_, anchor, tag) => {
                self.open(Collection::Mapping(Box::default()), at, anchor, tag.as_deref())
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at),
            Event::Alias(id) => self.alias(id, self.span(at)),
            Event::UnresolvedAlias(name) => self.unresolved_alias(&name, &self.span(at)),
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
        let Some(mut frame) = self.stack.pop() else { return Some(()) };
        // a block collection has no end of its own: the token is where the next one starts
        let end = if end_token.start < end_token.end { end_token.end } else { frame.end };
        let span = Span::new(Arc::clone(self.source), frame.start, end);
        let value = match frame.collection {
            Collection::Sequence(items) => Value::Sequence(items),
            Collection::Mapping(open) => {
                let OpenMapping { mut mapping, merged, .. } = *open;
                if let Some((_, source)) = merged {
                    self.merge_key(&mut mapping, source, &mut frame.tag);
                }
                Value::Mapping(mapping)
            }
        };
        let node = Node { value, span, tag: frame.tag };
        self.finish(Built { node, size: frame.size, height: frame.height }, frame.anchor, false)
    }

    /// Puts a finished node where it belongs: key, value, item or document.
    fn finish(&mut self, built: Built, anchor: usize, merge: bool) -> Option<()> {
        if anchor != 0 {
            self.anchors.define(anchor, &built);
            self.check_limits(0, &built.node.span)?;
        }
        let Built { node, size, height } = built;
        let Some(mut frame) = self.stack.pop() else {
            self.documents.push(node);
            return Some(());
        };
        frame.end = frame.end.max(node.span.end);
        match &mut frame.collection {
            Collection::Mapping(open) if open.key.is_none() => {
                frame.size += size - 1;
                open.key = Some(if merge { Key::Merge(node.span) } else { self.key(node) });
                self.stack.push(frame);
                return Some(());
            }
            Collection::Sequence(items) => items.push(node),
            Collection::Mapping(open) => match open.key.take() {
                Some(Key::Named(name, place)) => {
                    let entry = Entry { key: place, node };
                    self.insert(&mut open.mapping, name, entry);
                }
                Some(Key::Merge(place)) => self.set_merged(&mut open.merged, place, node),
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

    /// `height` is that of the node that comes next.
    fn check_limits(&mut self, height: usize, span: &Span) -> Option<()> {
        let message = if self.nodes > MAX_NODES || self.anchors.copied() > MAX_NODES {
            format!("the file holds more than {MAX_NODES} values once its aliases are expanded")
        } else if self.stack.len() + height > MAX_DEPTH {
            format!("the file is nested more than {MAX_DEPTH} levels deep")
        } else {
            return Some(());
        };
        let help = "split the project into several files, or use fewer aliases of aliases";
        self.give_up(message, help, span)
    }

    fn check_document(&mut self, span: &Span) -> Option<()> {
        if self.documents.len() < MAX_DOCUMENTS {
            return Some(());
        }
        let message = format!("the file holds more than {MAX_DOCUMENTS} documents");
        self.give_up(message, "put what belongs together into one document", span)
    }

    fn give_up(&mut self, message: String, help: &str, span: &Span) -> Option<()> {
        let diagnostic = Diagnostic::error(codes::LIMIT_EXCEEDED, "", message);
        self.report.push(diagnostic.at(span.clone()).help(help));
        None
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
                Collection::Mapping(open) => match &open.key {
                    Some(Key::Named(name, _)) => path = join(&path, name),
                    Some(Key::Merge(_)) => path = join(&path, "<<"),
                    Some(Key::Unusable) | None => {}
                },
            }
        }
        path
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
