use crate::diagnostic::{Diagnostic, Loss, Report, Span, codes};
use crate::load::path::Path;
use crate::load::suggest::nearest;
use crate::load::tree::{Mapping, Node};

const ATTRIBUTES: [&str; 3] = ["path", "project_directory", "env_file"];

/// One entry of `include`.
pub(super) struct Inclusion {
    /// `path`, each with its place: the main file, then its overrides.
    pub(super) files: Vec<(String, Span)>,
    /// `project_directory`.
    pub(super) directory: Option<String>,
    /// `env_file`; with none of them, `.env` of the directory counts.
    pub(super) env_files: Vec<(String, Span)>,
    /// The Compose path of the entry.
    pub(super) path: String,
}

/// Reads an entry; none when it names no file, which Compose accepts.
pub(super) fn read_inclusion(
    item: &Node,
    path: &Path<'_>,
    report: &mut Report,
) -> Result<Option<Inclusion>, Diagnostic> {
    let mut inclusion = Inclusion {
        files: Vec::new(),
        directory: None,
        env_files: Vec::new(),
        path: path.to_string(),
    };
    if let Some(file) = item.as_str() {
        inclusion.files = vec![(file.to_owned(), item.span.clone())];
    } else if let Some(mapping) = item.as_mapping() {
        report_unknown(mapping, path, report);
        inclusion.files = texts(mapping, "path", path)?;
        inclusion.env_files = texts(mapping, "env_file", path)?;
        inclusion.directory = match mapping.get("project_directory") {
            Some(node) if !node.is_null() => {
                let text = node.as_str().map(str::to_owned);
                let path = path.key("project_directory");
                Some(text.ok_or_else(|| wrong_type(node, &path, "a string"))?)
            }
            _ => None,
        };
    } else if !item.is_null() {
        return Err(wrong_type(item, path, "a path or a mapping"));
    }
    if inclusion.files.is_empty() {
        report.push(
            Diagnostic::warning(
                codes::MISSING_ATTRIBUTE,
                Loss::IgnoredHarmless,
                path,
                format!("`{path}` names no file, so it includes nothing"),
            )
            .at(item.span.clone())
            .help("add `path: …`, or remove the entry"),
        );
        return Ok(None);
    }
    Ok(Some(inclusion))
}

/// A text or a list of texts.
fn texts(mapping: &Mapping, key: &str, path: &Path<'_>) -> Result<Vec<(String, Span)>, Diagnostic> {
    let path = path.key(key);
    let text = |node: &Node| Some((node.as_str()?.to_owned(), node.span.clone()));
    let Some(node) = mapping.get(key).filter(|node| !node.is_null()) else {
        return Ok(Vec::new());
    };
    let Some(items) = node.as_sequence() else {
        let one = text(node).ok_or_else(|| wrong_type(node, &path, "a string or a list"))?;
        return Ok(vec![one]);
    };
    let texts = items.iter().enumerate().map(|(index, item)| {
        text(item).ok_or_else(|| wrong_type(item, &path.index(index), "a string"))
    });
    texts.collect()
}

fn wrong_type(node: &Node, path: &Path<'_>, wanted: &str) -> Diagnostic {
    let message = format!("`{path}` must be {wanted}, but is {}", node.kind());
    Diagnostic::error(codes::WRONG_TYPE, path, message).at(node.span.clone())
}

/// Compose takes no notice of attributes that it does not know here.
fn report_unknown(mapping: &Mapping, path: &Path<'_>, report: &mut Report) {
    let unknown = mapping.iter().filter(|(key, _)| !ATTRIBUTES.contains(&key.as_str()));
    for (key, entry) in unknown.filter(|(key, _)| !key.starts_with("x-")) {
        let help = match nearest(key, ATTRIBUTES.into_iter()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("the attributes are `{}`", ATTRIBUTES.join("`, `")),
        };
        report.push(
            Diagnostic::warning(
                codes::UNKNOWN_ATTRIBUTE,
                Loss::IgnoredHarmless,
                &path.key(key),
                format!("`{path}` has no attribute `{key}`, so it is ignored"),
            )
            .at(entry.key.clone())
            .help(help),
        );
    }
}
