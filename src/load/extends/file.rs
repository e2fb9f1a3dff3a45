use std::collections::HashMap;
use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Span, codes};
use crate::load::assemble::Assembly;
use crate::load::document::Document;
use crate::load::merge::{enforce_uniqueness, merge};
use crate::load::paths::shown;
use crate::load::removal::Removal;
use crate::load::tree::{Mapping, Node, Value};

/// A file whose services are extended, or the document that extends them.
pub(super) struct ExtendedFile {
    /// None for the document itself.
    pub(super) path: Option<PathBuf>,
    /// The path as messages show it.
    pub(super) name: String,
    /// Where the relative paths of the file start.
    pub(super) directory: PathBuf,
    /// Its services as they are written.
    pub(super) services: Mapping,
    /// What its tags take out of the services that it extends.
    pub(super) removed: Removal,
    /// Whether it includes others, which does not count when it is extended.
    pub(super) has_include: bool,
    /// Its services with all that they extend, as far as they were needed.
    pub(super) resolved: HashMap<String, Node>,
}

/// Reads a file that a service extends: canonical, with absolute paths. Only what is taken over
/// is validated, as a part of what takes it over.
pub(super) fn load_file(
    file: PathBuf,
    path: &str,
    asked_at: &Span,
    assembly: &mut Assembly<'_>,
) -> Result<ExtendedFile, Option<Diagnostic>> {
    let documents = assembly.read(&file, path, Some(asked_at)).ok_or(None)?;
    let mut root = Node::mapping(Mapping::default(), asked_at);
    let mut all_removed = Removal::default();
    for document in documents {
        let Document { root: over, removed, .. } = assembly.prepare(document);
        removed.apply(&mut root);
        merge(&mut root, over, assembly.report);
        enforce_uniqueness(&mut root);
        assembly.canonicalise(&mut root);
        enforce_uniqueness(&mut root);
        all_removed.extend(removed);
    }
    let directory = file.parent().map(ToOwned::to_owned).unwrap_or_default();
    assembly.resolve_paths(&mut root, &directory);
    let name = shown(&file, assembly.working_directory);
    let has_include = root.get("include").is_some();
    let services =
        root.get_mut("services").map(|services| std::mem::replace(services, Node::null(asked_at)));
    let services = match services.map(|services| services.value) {
        Some(Value::Mapping(services)) => services,
        other => {
            let message = match other {
                None => format!("`{name}` has no `services`"),
                Some(_) => format!("`services` of `{name}` is not a mapping"),
            };
            let diagnostic = Diagnostic::error(codes::UNDEFINED_REFERENCE, path, message);
            return Err(Some(diagnostic.help("define the service there, or correct the path")));
        }
    };
    let path = Some(file);
    let resolved = HashMap::new();
    Ok(ExtendedFile {
        path,
        name,
        directory,
        services,
        removed: all_removed,
        has_include,
        resolved,
    })
}
