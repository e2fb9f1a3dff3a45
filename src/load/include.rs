//! `include`: whole projects below this one.

use std::path::{Path as FilePath, PathBuf};

use crate::diagnostic::{Diagnostic, Span, Step, StepKind, codes};

use super::assemble::Assembly;
use super::merge::merge;
use super::path::Path;
use super::paths::{absolute, shown};
use super::remote::Remote;
use super::removal::Removal;
use super::tree::{Mapping, Node};
use super::variables::{read_default_env_file, read_included_env_files};

/// How deep projects may include each other.
const MAX_DEPTH: usize = 50;
const SECTIONS: [&str; 6] = ["services", "networks", "volumes", "configs", "secrets", "models"];

/// One entry of `include`.
struct Inclusion {
    files: Vec<(String, Span)>,
    directory: Option<String>,
    env_files: Option<Vec<(String, Span)>>,
    path: String,
}

/// Merges the included projects under the document.
pub fn apply_include(root: &mut Node, removed: &Removal, assembly: &mut Assembly<'_>) {
    let Some(items) = root.get("include").and_then(Node::as_sequence) else { return };
    let include = Path::ROOT.key("include");
    let inclusions: Vec<Inclusion> = items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| inclusion(item, &include.index(index)))
        .collect();
    if inclusions.len() < items.len() {
        // an item does not follow the schema, which the validation will report
        return;
    }
    if let Some(root) = root.as_mapping_mut() {
        root.remove("include");
    }
    // each is merged under what is there: from the last to the first they keep their order
    for inclusion in inclusions.into_iter().rev() {
        let Some(mut included) = load(&inclusion, assembly) else { continue };
        removed.apply(&mut included);
        let own = std::mem::replace(root, included);
        merge(root, own, assembly.report);
    }
}

/// The sections of the included project, canonical, with absolute paths.
fn load(inclusion: &Inclusion, assembly: &mut Assembly<'_>) -> Option<Node> {
    let home = assembly.environment.get("HOME").map(str::to_owned);
    let resolve = |path: &str| absolute(path, assembly.directory, home.as_deref());
    let files: Vec<(PathBuf, &Span)> =
        inclusion.files.iter().map(|(file, span)| (resolve(file), span)).collect();
    let (first, span) = files.first()?.clone();
    let remotes =
        inclusion.files.iter().filter_map(|(file, span)| Some((Remote::parse(file)?, span)));
    let mut local = true;
    for (remote, span) in remotes {
        assembly.report.push(remote.diagnostic(&inclusion.path).at(span.clone()));
        local = false;
    }
    if !local || !check_chain(&first, span, inclusion, assembly) {
        return None;
    }
    let directory = match &inclusion.directory {
        Some(directory) => resolve(directory),
        None => first.parent().map(FilePath::to_owned).unwrap_or_default(),
    };
    if !assembly.budget.take_values(assembly.environment.count(), Some(span), assembly.report) {
        return None;
    }
    let mut environment = assembly.environment.clone();
    match &inclusion.env_files {
        Some(env_files) => {
            let env_files: Vec<_> =
                env_files.iter().map(|(file, span)| (resolve(file), span.clone())).collect();
            let path = &inclusion.path;
            read_included_env_files(
                &env_files,
                path,
                assembly.working_directory,
                &mut environment,
                assembly.report,
            );
        }
        None => read_default_env_file(
            &directory,
            assembly.working_directory,
            &mut environment,
            assembly.report,
        ),
    }
    let mut documents = Vec::new();
    for (file, span) in &files {
        documents.extend(assembly.read(file, Some(span))?);
    }
    let mut chain = assembly.chain.clone();
    chain.push(first);
    let mut inner = Assembly {
        directory: &directory,
        working_directory: assembly.working_directory,
        environment: &mut environment,
        damage: assembly.damage,
        report: assembly.report,
        budget: assembly.budget,
        variables: assembly.variables.reborrow(),
        chain,
    };
    let mut root = inner.assemble(documents)?;
    inner.complete(&mut root);
    inner.resolve_paths(&mut root, &directory);
    root.go_through(Step::at(StepKind::Include, "", span));
    if let Some(root) = root.as_mapping_mut() {
        root.retain(|section, _| SECTIONS.contains(&section.as_str()));
    }
    Some(root)
}

fn check_chain(
    first: &FilePath,
    span: &Span,
    inclusion: &Inclusion,
    assembly: &mut Assembly<'_>,
) -> bool {
    let message = if assembly.chain.iter().any(|file| file == first) {
        let files = assembly.chain.iter().map(PathBuf::as_path).chain([first]);
        let files = files.map(|file| format!("`{}`", shown(file, assembly.working_directory)));
        let files = files.collect::<Vec<_>>().join(" -> ");
        format!("the files include one another in a circle: {files}")
    } else if assembly.chain.len() >= MAX_DEPTH {
        format!("more than {MAX_DEPTH} files include one another")
    } else {
        return true;
    };
    assembly.report.push(
        Diagnostic::error(codes::INVALID_VALUE, &inclusion.path, message)
            .at(span.clone())
            .help("remove one of the `include` entries"),
    );
    false
}

fn inclusion(item: &Node, path: &Path<'_>) -> Option<Inclusion> {
    let path = path.to_string();
    if let Some(file) = item.as_str() {
        let files = vec![(file.to_owned(), item.span.clone())];
        return Some(Inclusion { files, directory: None, env_files: None, path });
    }
    let mapping: &Mapping = item.as_mapping()?;
    let known = ["path", "project_directory", "env_file"];
    if mapping.keys().any(|key| !known.contains(&key.as_str())) {
        return None;
    }
    let directory = match mapping.get("project_directory") {
        Some(directory) => Some(directory.as_str()?.to_owned()),
        None => None,
    };
    let env_files = match mapping.get("env_file") {
        Some(files) => Some(texts(files)?),
        None => None,
    };
    let files = texts(mapping.get("path")?)?;
    Some(Inclusion { files, directory, env_files, path })
}

/// A text or a list of texts.
fn texts(node: &Node) -> Option<Vec<(String, Span)>> {
    let text = |node: &Node| Some((node.as_str()?.to_owned(), node.span.clone()));
    match node.as_sequence() {
        Some(items) => items.iter().map(text).collect(),
        None => Some(vec![text(node)?]),
    }
}
