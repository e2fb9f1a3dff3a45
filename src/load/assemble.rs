//! All documents of a project to one canonical tree.

use std::path::{Path as FilePath, PathBuf};

use crate::diagnostic::{Diagnostic, Loss, Report, Span, codes};

use super::aliases::promote_aliases;
use super::budget::Budget;
use super::canonical::canonicalise;
use super::cast::cast;
use super::document::{Document, read_documents};
use super::environment::Environment;
use super::extends::apply_extends;
use super::include::apply_include;
use super::interpolate::interpolate;
use super::merge::{enforce_uniqueness, merge};
use super::paths::shown;
use super::schema::{Damage, validate};
use super::tree::Node;

/// What is the same for all documents of a project, or of an included project.
pub struct Assembly<'a> {
    /// The project directory.
    pub directory: &'a FilePath,
    /// The names that messages show start here.
    pub working_directory: &'a FilePath,
    /// The variables.
    pub environment: &'a mut Environment,
    /// What was wrong and has been taken out.
    pub damage: &'a mut Damage,
    /// The findings.
    pub report: &'a mut Report,
    /// What is left of the limits.
    pub budget: &'a mut Budget,
    /// The files that include one another, outermost first.
    pub chain: Vec<PathBuf>,
}

impl Assembly<'_> {
    /// Merges the documents in order; none when there is none.
    pub fn assemble(&mut self, documents: Vec<Document>) -> Option<Node> {
        let mut base: Option<Node> = None;
        for document in documents {
            let Document { mut root, removed } = self.prepare(document);
            self.drop_version(&mut root);
            apply_include(&mut root, &removed, self);
            if let Some(base) = &mut base {
                removed.apply(base);
            }
            apply_extends(&mut root, &removed, self);
            let mut merged = match base.take() {
                Some(mut base) => {
                    merge(&mut base, root, self.report);
                    base
                }
                None => root,
            };
            enforce_uniqueness(&mut merged);
            validate(&mut merged, self.damage, self.report);
            canonicalise(&mut merged, self.report);
            enforce_uniqueness(&mut merged);
            if !self.budget.take_values(merged.count(), Some(&merged.span), self.report) {
                return None;
            }
            base = Some(merged);
        }
        base
    }

    /// What happens to a document by itself: its variables are expanded, texts get the type of
    /// their attribute, adopted extensions their name.
    pub fn prepare(&mut self, mut document: Document) -> Document {
        interpolate(&mut document.root, self.environment, self.report);
        cast(&mut document.root, self.report);
        promote_aliases(&mut document, self.report);
        document
    }

    /// Reads a compose file; `asked_at` is the place that names it.
    pub fn read(&mut self, file: &FilePath, asked_at: Option<&Span>) -> Option<Vec<Document>> {
        if !self.budget.take_file(asked_at, self.report) {
            return None;
        }
        let documents =
            read_documents(file, &shown(file, self.working_directory), asked_at, self.report)?;
        // all documents of a file stand in one source
        let length = documents.first().map_or(0, |document| document.root.span.source.text.len());
        self.budget.take_bytes(length, asked_at, self.report).then_some(documents)
    }

    fn drop_version(&mut self, root: &mut Node) {
        let Some(root) = root.as_mapping_mut() else { return };
        if root.get("version").is_none_or(|version| version.as_str().is_none()) {
            return;
        }
        if let Some(version) = root.remove("version") {
            self.report.push(
                Diagnostic::warning(
                    codes::OBSOLETE_VERSION,
                    Loss::IgnoredHarmless,
                    "version",
                    "`version` has no meaning any more",
                )
                .at(version.key)
                .help("remove the line"),
            );
        }
    }
}
