//! Patches of the user's: the last word on objects, for what no Compose attribute can say.
//!
//! ```text
//! --patch files ─read─▶ Patches ─apply─▶ the objects that their targets select ─▶ checked again
//! ```
//!
//! A document is what an entry of a kustomization's `patches` is, `{target, patch}`, or a part of an
//! object that names its `kind` and `metadata.name`.
//!
//! # Invariants
//! - A patch that selects nothing is an error, and so is one that leaves an object of the wrong type.
//! - Kind and name of an object stay: selectors and gates of others rely on them.

mod apply;
mod document;
mod operation;
mod target;

use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Report, Source, Span, codes};
use crate::yaml::{self, Positions};

use document::Change;
use target::Target;

pub use apply::apply_patches;

/// One document of a file of patches.
#[derive(Debug)]
pub struct Patch {
    target: Target,
    change: Change,
    place: Place,
}

/// Where a patch stands.
#[derive(Debug, Clone)]
struct Place {
    source: Arc<Source>,
    positions: Arc<Positions>,
    /// The number of the document in the file, from 0.
    document: usize,
}

impl Place {
    /// The line of a field, or of the nearest field above it that is written.
    fn line_of(&self, path: &str) -> Span {
        Span::of_line(&self.source, self.positions.line(self.document, path))
    }

    fn error(&self, path: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(codes::PATCH, "", message).at(self.line_of(path))
    }
}

/// Reads files of patches, each with one or several documents in YAML or JSON.
pub fn read_patches(files: &[PathBuf]) -> Result<Vec<Patch>, Report> {
    let mut patches = Vec::new();
    let mut report = Report::new();
    for file in files {
        let name = file.display().to_string();
        match std::fs::read_to_string(file) {
            Ok(text) => match parse(&Arc::new(Source::new(name, text))) {
                Ok(parsed) => patches.extend(parsed),
                Err(errors) => report.extend(errors),
            },
            Err(error) => {
                let message = format!("cannot read the patch `{name}`: {error}");
                report.push(Diagnostic::error(codes::UNREADABLE_FILE, "", message));
            }
        }
    }
    if report.is_empty() { Ok(patches) } else { Err(report) }
}

fn parse(source: &Arc<Source>) -> Result<Vec<Patch>, Report> {
    let mut report = Report::new();
    let documents = yaml::read(&source.text).map_err(|error| {
        let line = error.line.and_then(|line| usize::try_from(line).ok()).unwrap_or(1);
        let message = format!("this is not YAML: {}", error.message);
        let at = Span::of_line(source, line);
        report.push(Diagnostic::error(codes::PATCH, "", message).at(at));
        std::mem::take(&mut report)
    })?;
    let positions = Arc::new(Positions::new(&source.text));
    let mut patches = Vec::new();
    for (document, value) in documents.into_iter().enumerate() {
        let source = Arc::clone(source);
        let place = Place { source, positions: Arc::clone(&positions), document };
        match document::parse(value, place) {
            Ok(patch) => patches.push(patch),
            Err(error) => report.push(*error),
        }
    }
    if report.is_empty() { Ok(patches) } else { Err(report) }
}

#[cfg(test)]
mod tests;
