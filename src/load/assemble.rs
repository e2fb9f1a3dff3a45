//! All documents of a project to one canonical tree.

use std::path::{Path as FilePath, PathBuf};

use crate::diagnostic::{Diagnostic, Loss, Report, Span, codes};

use super::aliases::promote_aliases;
use super::budget::Budget;
use super::canonical::canonicalise;
use super::cast::cast;
use super::checks::check_tree;
use super::defaults::set_defaults;
use super::document::{Document, read_documents};
use super::environment::Environment;
use super::extends::apply_extends;
use super::include::{Included, apply_include};
use super::interpolate::{interpolate, interpolate_references};
use super::listed::set_listed_variables;
use super::literal::Aside;
use super::merge::{enforce_uniqueness, merge};
use super::paths::{resolve_paths, shown};
use super::schema::{Damage, validate};
use super::template::{UsedVariables, note_variables};
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
    /// What is done with variables.
    pub variables: Variables<'a>,
    /// What is included already.
    pub included: &'a mut Included,
    /// The files that lead here by including one another, outermost first.
    pub chain: Vec<PathBuf>,
}

/// What is done with the variables of documents.
#[derive(Debug)]
pub enum Variables<'a> {
    /// They are expanded.
    Expand,
    /// They are expanded, and noted.
    Note(&'a mut UsedVariables),
    /// They stay as they are written, but for what `include` and `extends` name: both are used up
    /// when the project is read.
    Keep,
}

impl Variables<'_> {
    /// Tells the texts that say what they mean from those that may be of any type yet.
    fn test(&self) -> fn(&str) -> bool {
        match self {
            Self::Keep => |text| !text.contains('$'),
            Self::Expand | Self::Note(_) => |_| true,
        }
    }

    /// The same for an included project.
    pub fn reborrow(&mut self) -> Variables<'_> {
        match self {
            Self::Expand => Variables::Expand,
            Self::Note(used) => Variables::Note(used),
            Self::Keep => Variables::Keep,
        }
    }
}

impl Assembly<'_> {
    /// Merges the documents in order; none when there is none.
    pub fn assemble(&mut self, documents: Vec<Document>) -> Option<Node> {
        let mut base: Option<Node> = None;
        for document in documents {
            let Document { file, mut root, removed } = self.prepare(document);
            self.drop_version(&mut root);
            apply_include(&mut root, &removed, &file, self);
            if let Some(base) = &mut base {
                removed.apply(base);
            }
            apply_extends(&mut root, &removed, &file, base.as_ref(), self);
            let mut merged = match base.take() {
                Some(mut base) => {
                    merge(&mut base, root, self.report);
                    base
                }
                None => root,
            };
            enforce_uniqueness(&mut merged);
            validate(&mut merged, self.variables.test(), self.damage, self.report);
            self.canonicalise(&mut merged);
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
        self.interpolate(&mut document.root);
        promote_aliases(&mut document, self.report);
        document
    }

    /// Reads a compose file; `path` and `asked_at` are the place that names it.
    pub fn read(
        &mut self,
        file: &FilePath,
        path: &str,
        asked_at: Option<&Span>,
    ) -> Option<Vec<Document>> {
        if !self.budget.take_file(asked_at, self.report) {
            return None;
        }
        let name = shown(file, self.working_directory);
        let documents = read_documents(file, &name, path, asked_at, self.report)?;
        // all documents of a file stand in one source
        let length = documents.first().map_or(0, |document| document.root.span.source.text.len());
        self.budget.take_bytes(length, asked_at, self.report).then_some(documents)
    }

    /// Expands the variables of a document and gives the values the types of their attributes.
    fn interpolate(&mut self, root: &mut Node) {
        match &mut self.variables {
            Variables::Keep => {
                interpolate_references(root, self.environment, self.damage, self.report);
                return cast(root, self.variables.test(), self.report);
            }
            Variables::Note(used) => note_variables(root, used),
            Variables::Expand => {}
        }
        interpolate(root, self.environment, self.damage, self.report);
        cast(root, self.variables.test(), self.report);
        set_listed_variables(root, self.environment);
    }

    /// Expands all short forms whose meaning is known.
    pub fn canonicalise(&mut self, root: &mut Node) {
        let aside = self.take_aside(root);
        canonicalise(root, self.report);
        aside.put_back(root);
    }

    /// Sets defaults, and checks what the tree tells by itself.
    pub fn complete(&mut self, root: &mut Node) {
        let aside = self.take_aside(root);
        set_defaults(root);
        check_tree(root, self.damage, self.report);
        aside.put_back(root);
    }

    /// Makes the paths of a canonical tree absolute: they start from `directory`.
    pub fn resolve_paths(&mut self, root: &mut Node, directory: &FilePath) {
        let mut aside = self.take_aside(root);
        let home = self.environment.get("HOME");
        resolve_paths(root, directory, home, self.report);
        aside.prefix_paths(directory, home);
        aside.put_back(root);
    }

    /// Takes out of the tree what nobody knows while variables stay as they are written.
    fn take_aside(&self, root: &mut Node) -> Aside {
        match self.variables {
            Variables::Keep => Aside::take(root),
            Variables::Expand | Variables::Note(_) => Aside::default(),
        }
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
