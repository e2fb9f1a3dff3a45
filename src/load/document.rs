//! Compose files to documents: read, parsed, with the tags of Compose taken out.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Loss, Report, Source, Span, codes};

use super::discover::is_standard_input;
use super::path::Path;
use super::read::{ReadError, read_standard_input, read_text, read_text_or_pipe};
use super::removal::Removal;
use super::tree::{Node, Tag, Value, parse_documents};

/// How large a compose file may be.
const MAX_FILE: u64 = 8 << 20;

/// One YAML document of a compose file.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file that holds it.
    pub file: PathBuf,
    /// The tree; a mapping.
    pub root: Node,
    /// The paths that the document takes out of what came before, by `!reset` and `!override`.
    pub removed: Removal,
}

/// Reads a compose file; none, with an error, when it cannot be used. `path` and `asked_at` are
/// the place that names the file, if not the command line does.
pub fn read_documents(
    file: &FilePath,
    shown: &str,
    path: &str,
    asked_at: Option<&Span>,
    report: &mut Report,
) -> Option<Vec<Document>> {
    let text = match asked_at {
        Some(_) => read_text(file, MAX_FILE),
        None if is_standard_input(file) => read_standard_input(file, MAX_FILE),
        None => read_text_or_pipe(file, MAX_FILE),
    };
    match text {
        Ok(text) => {
            let source = Arc::new(Source::new(shown, text));
            parse_source(file, &source, report)
        }
        Err(error) => {
            report.push(unreadable(&error, path).at(asked_at.cloned()));
            None
        }
    }
}

/// The documents of a text; empty documents are left out.
fn parse_source(
    file: &FilePath,
    source: &Arc<Source>,
    report: &mut Report,
) -> Option<Vec<Document>> {
    let roots = parse_documents(source, report)?;
    let mut documents = Vec::new();
    let mut usable = true;
    for mut root in roots {
        match root.value {
            Value::Null => {}
            Value::Mapping(_) => {
                let mut removed = Removal::default();
                report_root_tag(&mut root, report);
                take_tags(&mut root, &Path::ROOT, &mut Vec::new(), &mut removed, report);
                documents.push(Document { file: file.to_owned(), root, removed });
            }
            _ => {
                usable = false;
                report.push(
                    Diagnostic::error(
                        codes::WRONG_TYPE,
                        "",
                        format!(
                            "the top level of a compose file must be a mapping, but is {}",
                            root.kind()
                        ),
                    )
                    .at(root.span)
                    .help("start with `services:`, and indent the services below it"),
                );
            }
        }
    }
    usable.then_some(documents)
}

fn unreadable(error: &ReadError, path: &str) -> Diagnostic {
    Diagnostic::error(codes::UNREADABLE_FILE, path, error.to_string()).help(error.help())
}

/// Drops what `!reset` marks, and remembers the paths of both tags.
fn take_tags(
    node: &mut Node,
    path: &Path<'_>,
    keys: &mut Vec<String>,
    removed: &mut Removal,
    report: &mut Report,
) {
    match &mut node.value {
        Value::Mapping(mapping) => mapping.retain(|key, entry| {
            keys.push(key.clone());
            let tag = entry.node.tag.take();
            if tag.is_some() {
                removed.insert(keys);
            }
            let keep = tag != Some(Tag::Reset);
            if keep {
                take_tags(&mut entry.node, &path.key(key), keys, removed, report);
            }
            keys.pop();
            keep
        }),
        Value::Sequence(items) => {
            let mut index = 0;
            items.retain_mut(|item| {
                let path = path.index(index);
                index += 1;
                let tag = item.tag.take();
                if let Some(tag) = tag {
                    report_item_tag(tag, item, &path, report);
                }
                // the keys below a list have no path that a base could share
                take_tags(item, &path, &mut Vec::new(), &mut Removal::default(), report);
                tag != Some(Tag::Reset)
            });
        }
        _ => {}
    }
}

/// The reference leaves such an item out, or takes it as it is, without a word.
fn report_item_tag(tag: Tag, item: &Node, path: &Path<'_>, report: &mut Report) {
    let message = match tag {
        Tag::Reset => "`!reset` works on keys: it takes no item out of the list of earlier files",
        Tag::Override => "`!override` works on keys: the item is added like any other",
    };
    report.push(
        Diagnostic::warning(codes::INVALID_VALUE, Loss::IgnoredBehaviourChange, path, message)
            .at(item.span.clone())
            .help("put `!override` in front of the whole list, with the items that should remain"),
    );
}

fn report_root_tag(root: &mut Node, report: &mut Report) {
    let help = "put the tag in front of the value of a key, such as `services`";
    let diagnostic = match root.tag.take() {
        Some(Tag::Reset) => {
            let message = "`!reset` works on keys, not on a whole document";
            Diagnostic::error(codes::INVALID_VALUE, "", message)
        }
        Some(Tag::Override) => {
            let message = "`!override` works on keys: the document is merged like any other";
            let loss = Loss::IgnoredBehaviourChange;
            Diagnostic::warning(codes::INVALID_VALUE, loss, "", message)
        }
        None => return,
    };
    report.push(diagnostic.at(root.span.clone()).help(help));
}
