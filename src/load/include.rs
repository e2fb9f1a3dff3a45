//! `include`: whole projects below this one.

mod cache;
mod import;
mod item;

pub use cache::Included;

use std::path::{Path as FilePath, PathBuf};

use crate::diagnostic::{Diagnostic, Span, Step, StepKind, codes};

use super::assemble::{Assembly, Variables};
use super::contents::note_values;
use super::environment::Environment;
use super::path::Path;
use super::paths::{absolute, shown};
use super::remote::Remote;
use super::removal::Removal;
use super::tree::{Mapping, Node};
use super::variables::{read_default_env_file, read_included_env_files};

use import::{import, keep_sections};
use item::{Inclusion, read_inclusion};

/// How deep projects may include each other.
const MAX_DEPTH: usize = 50;

/// Merges the included projects under a document of the given file.
pub fn apply_include(
    root: &mut Node,
    removed: &Removal,
    file: &FilePath,
    assembly: &mut Assembly<'_>,
) {
    let Some(include) = root.get("include") else { return };
    let items = match include.as_sequence() {
        Some(items) => items.to_vec(),
        None if include.is_null() => Vec::new(),
        // the schema has the words for it
        None => return,
    };
    if let Some(root) = root.as_mapping_mut() {
        root.remove("include");
    }
    let chain: Vec<PathBuf> = assembly.chain.iter().cloned().chain([file.to_owned()]).collect();
    let path = Path::ROOT.key("include");
    for (index, item) in items.iter().enumerate() {
        let inclusion = match read_inclusion(item, &path.index(index), assembly.report) {
            Ok(Some(inclusion)) => inclusion,
            Ok(None) => continue,
            Err(diagnostic) => {
                assembly.report.push(diagnostic);
                assembly.damage.insert("include");
                continue;
            }
        };
        match load(&inclusion, &chain, assembly) {
            Some(included) => import(included, root, removed, &inclusion, assembly.report),
            // what it would have brought is not missing for another reason
            None => assembly.damage.insert("include"),
        }
    }
}

/// The sections of the included project, canonical, with absolute paths.
fn load(inclusion: &Inclusion, chain: &[PathBuf], assembly: &mut Assembly<'_>) -> Option<Node> {
    let home = assembly.environment.get("HOME").map(str::to_owned);
    let resolve = |path: &str| absolute(path, assembly.directory, home.as_deref());
    let files: Vec<(PathBuf, &Span)> =
        inclusion.files.iter().map(|(file, span)| (resolve(file), span)).collect();
    let (first, span) = files.first()?;
    let directory = match &inclusion.directory {
        Some(directory) => resolve(directory),
        None => first.parent().map(FilePath::to_owned).unwrap_or_default(),
    };
    let env_files: Vec<(PathBuf, Span)> =
        inclusion.env_files.iter().map(|(file, span)| (resolve(file), span.clone())).collect();
    let obstacles = obstacles(inclusion, &files, chain, assembly.working_directory);
    if !obstacles.is_empty() {
        for obstacle in obstacles {
            assembly.report.push(obstacle);
        }
        return None;
    }
    if !assembly.budget.take_values(assembly.environment.count(), Some(span), assembly.report) {
        return None;
    }
    let mut environment = environment(inclusion, &env_files, &directory, assembly);
    let key = Included::key(files.iter().map(|(file, _)| file.as_path()), &directory, &environment);
    let root = if let Some(root) = assembly.included.get(&key) {
        let values = root.as_ref().map_or(0, Node::count);
        if !assembly.budget.take_values(values, Some(span), assembly.report) {
            return None;
        }
        root
    } else {
        let root =
            load_files(&files, &inclusion.path, &directory, &mut environment, chain, assembly);
        assembly.included.insert(key, root.clone());
        root
    };
    let mut root = root?;
    root.go_through(Step::at(StepKind::Include, "", span));
    Some(root)
}

/// Why the files cannot be included.
fn obstacles(
    inclusion: &Inclusion,
    files: &[(PathBuf, &Span)],
    chain: &[PathBuf],
    working_directory: &FilePath,
) -> Vec<Diagnostic> {
    let remotes = inclusion.files.iter().filter_map(|(file, span)| {
        Some(Remote::parse(file)?.diagnostic(&inclusion.path).at(span.clone()))
    });
    let remotes: Vec<Diagnostic> = remotes.collect();
    if !remotes.is_empty() {
        return remotes;
    }
    let circles = files.iter().filter_map(|(file, span)| {
        let start = chain.iter().position(|known| known == file)?;
        let circle = chain.iter().skip(start).chain([file]);
        let circle = circle.map(|file| format!("`{}`", shown(file, working_directory)));
        let circle = circle.collect::<Vec<_>>().join(" -> ");
        Some((format!("the files include one another in a circle: {circle}"), *span))
    });
    let mut obstacles: Vec<(String, &Span)> = circles.collect();
    if chain.len() > MAX_DEPTH {
        let span = files.first().map(|(_, span)| *span);
        obstacles.extend(
            span.map(|span| (format!("more than {MAX_DEPTH} files include one another"), span)),
        );
    }
    let obstacles = obstacles.into_iter().map(|(message, span)| {
        Diagnostic::error(codes::INVALID_VALUE, &inclusion.path, message)
            .at(span.clone())
            .help("remove one of the `include` entries")
    });
    obstacles.collect()
}

/// The variables of an included project: those of the including one, then its own.
fn environment(
    inclusion: &Inclusion,
    env_files: &[(PathBuf, Span)],
    directory: &FilePath,
    assembly: &mut Assembly<'_>,
) -> Environment {
    let mut environment = assembly.environment.clone();
    let Assembly { working_directory, report, .. } = assembly;
    if env_files.is_empty() {
        read_default_env_file(directory, working_directory, &mut environment, report);
    } else {
        let path = &inclusion.path;
        read_included_env_files(env_files, path, working_directory, &mut environment, report);
    }
    environment
}

fn load_files(
    files: &[(PathBuf, &Span)],
    path: &str,
    directory: &FilePath,
    environment: &mut Environment,
    chain: &[PathBuf],
    assembly: &mut Assembly<'_>,
) -> Option<Node> {
    let mut documents = Vec::new();
    for (file, span) in files {
        documents.extend(assembly.read(file, path, Some(span))?);
    }
    let mut inner = Assembly {
        directory,
        working_directory: assembly.working_directory,
        environment,
        damage: assembly.damage,
        report: assembly.report,
        budget: assembly.budget,
        variables: assembly.variables.reborrow(),
        included: assembly.included,
        chain: chain.to_vec(),
    };
    let is_empty = documents.is_empty();
    let root = inner.assemble(documents);
    let Some(mut root) = root else {
        // an empty file brings nothing, and that is no fault
        let span = files.first()?.1;
        return is_empty.then(|| Node::mapping(Mapping::default(), span));
    };
    inner.complete(&mut root);
    inner.resolve_paths(&mut root, directory);
    if !matches!(inner.variables, Variables::Keep) {
        note_values(&mut root, inner.environment);
    }
    keep_sections(&mut root);
    Some(root)
}
