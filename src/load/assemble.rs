//! All documents of a project to one canonical tree.

use std::path::{Path as FilePath, PathBuf};

use crate::diagnostic::{Diagnostic, Loss, Report, Span, codes};

use super::aliases::promote_aliases;
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

/// How many files a project may read; more is a chain of inclusions that doubles at each step.
const MAX_FILES: usize = 2_000;

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
    /// How many files are read so far.
    pub files_read: &'a mut usize,
    /// The files that include one another, outermost first.
    pub chain: Vec<PathBuf>,
}

impl Assembly<'_> {
    /// Merges the documents in order; none when there is none.
    pub fn assemble(&mut self, documents: Vec<Document>) -> Option<Node> {
        let mut base: Option<Node> = None;
        for mut document in documents {
            interpolate(&mut document.root, self.environment, self.report);
            cast(&mut document.root, self.report);
            promote_aliases(&mut document, self.report);
            let Document { mut root, removed } = document;
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
            base = Some(merged);
        }
        base
    }

    /// Reads a compose file; `asked_at` is the place that names it.
    pub fn read(&mut self, file: &FilePath, asked_at: Option<&Span>) -> Option<Vec<Document>> {
        *self.files_read += 1;
        if *self.files_read > MAX_FILES {
            if *self.files_read == MAX_FILES + 1 {
                let message = format!("the project reads more than {MAX_FILES} files");
                let diagnostic = Diagnostic::error(codes::LIMIT_EXCEEDED, "", message);
                self.report.push(diagnostic.at(asked_at.cloned()));
            }
            return None;
        }
        read_documents(file, &shown(file, self.working_directory), asked_at, self.report)
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
