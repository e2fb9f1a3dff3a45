use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Loss, Report, Source, Span, codes};
use crate::kubernetes::Object;
use crate::output::OutputError;
use crate::yaml::{self, Positions};

use super::{FILE_NAME, image_name};

/// Kinds whose number an overlay can change.
const SCALABLE: &[&str] = &["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];
/// The base, as overlays name it.
const BASE: &str = "../../base";
/// What brings objects that only Kustomize knows.
const UNSEEN: &[&str] = &["bases", "components", "generators", "helmCharts", "transformers"];

/// Warns of what the overlays below `directory` name and the base no longer has: they are the user's, so that longshore does
/// not change them, and Kustomize does not build them any more.
pub fn check_overlays(directory: &Path, objects: &[&Object]) -> Result<Report, OutputError> {
    let mut report = Report::new();
    for path in overlays(&directory.join("overlays"))? {
        let file = path.join(FILE_NAME);
        let text = std::fs::read_to_string(&file)
            .map_err(|source| OutputError::Unreadable { path: file.clone(), source })?;
        let read = |name: &str| std::fs::read_to_string(path.join(name)).ok();
        let source = Source::new(file.display().to_string(), text);
        for diagnostic in check_overlay(source, objects, &read) {
            report.push(diagnostic);
        }
    }
    Ok(report)
}

/// The directories with a kustomization, sorted.
fn overlays(directory: &Path) -> Result<Vec<std::path::PathBuf>, OutputError> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let unreadable = |source| OutputError::Unreadable { path: directory.to_owned(), source };
    let entries = std::fs::read_dir(directory).map_err(unreadable)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<_> = paths.collect::<Result<_, _>>().map_err(unreadable)?;
    paths.retain(|path| path.join(FILE_NAME).is_file());
    paths.sort();
    Ok(paths)
}

/// What a kustomization says about objects and images that are not there; `read` gives files beside it. Nothing where it is
/// not well-formed, or builds on more than can be seen: Kustomize tells that better.
fn check_overlay(
    source: Source,
    objects: &[&Object],
    read: &dyn Fn(&str) -> Option<String>,
) -> Vec<Diagnostic> {
    let documents = yaml::read(&source.text).unwrap_or_default();
    let [fields] = documents.as_slice() else { return Vec::new() };
    let Some(built) = Built::new(fields, objects, read) else { return Vec::new() };
    let positions = Positions::new(&source.text);
    let source = Arc::new(source);
    let place = |path: &str| Span::of_line(&source, positions.line(0, path));
    let fails = |path: &str, missing: &str| {
        let message = format!("there is no {missing}: `kustomize build` fails here");
        Diagnostic::warning(codes::OVERLAY, Loss::Exact, path, message)
            .at(place(path))
            .help("remove it, or correct the name; longshore does not write overlays again")
    };
    let changes_nothing = |path: &str, missing: &str| {
        let message = format!("there is no {missing}: this changes nothing");
        Diagnostic::note(codes::OVERLAY, path, message)
            .at(place(path))
            .help("remove it, or correct the name; longshore does not write overlays again")
    };
    let mut found = Vec::new();
    for (path, entry) in entries(fields, "replicas") {
        let name = text(entry, "/name").unwrap_or_default();
        if !built.has(|kind| SCALABLE.contains(&kind), name) {
            found.push(fails(&path, &format!("Deployment or StatefulSet `{name}`")));
        }
    }
    for (path, entry) in entries(fields, "images") {
        let name = text(entry, "/name").unwrap_or_default();
        if !built.images.iter().any(|image| image == name) {
            found.push(changes_nothing(&path, &format!("container with the image `{name}`")));
        }
    }
    for (path, entry) in entries(fields, "patches") {
        if let Some(target) = entry.get("target") {
            let (kind, name) = (text(target, "/kind"), text(target, "/name"));
            // Others are patterns, or select by labels.
            let Some(name) = name.filter(|name| is_plain(name)) else { continue };
            if !built.has(|it| kind.is_none_or(|kind| kind == it), name) {
                let kind = kind.unwrap_or("object");
                found.push(changes_nothing(&path, &format!("{kind} `{name}`")));
            }
            continue;
        }
        let patch = text(entry, "/patch").map(str::to_owned);
        let patch = patch.or_else(|| text(entry, "/path").and_then(read));
        found.extend(built.missing_of(&patch.unwrap_or_default()).map(|it| fails(&path, &it)));
    }
    for (path, entry) in entries(fields, "patchesStrategicMerge") {
        let entry = entry.as_str().unwrap_or_default();
        let patch = read(entry).unwrap_or_else(|| entry.to_owned());
        found.extend(built.missing_of(&patch).map(|it| fails(&path, &it)));
    }
    found
}

/// What an overlay builds on.
struct Built {
    /// Kind and name of each object.
    objects: Vec<(String, String)>,
    /// Without tags and digests.
    images: Vec<String>,
}

impl Built {
    /// None where it is not seen what the overlay brings.
    fn new(
        fields: &Value,
        objects: &[&Object],
        read: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Self> {
        if UNSEEN.iter().any(|key| entries(fields, key).next().is_some()) {
            return None;
        }
        let mut built = Self { objects: Vec::new(), images: Vec::new() };
        for object in objects {
            built.add(object.kind(), object.name(), &Value::Object(object.fields().clone()));
        }
        for (_, resource) in entries(fields, "resources") {
            let resource = resource.as_str()?;
            if resource.trim_end_matches('/') == BASE {
                continue;
            }
            for object in yaml::read(&read(resource)?).ok()? {
                let (kind, name) = identity(&object)?;
                built.add(kind, name, &object);
            }
        }
        for (key, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            let names = entries(fields, key).filter_map(|(_, it)| text(it, "/name"));
            built.objects.extend(names.map(|name| (kind.to_owned(), name.to_owned())));
        }
        // Kustomize takes both names, whether it has put them together already or not.
        let affix = |pointer| text(fields, pointer).unwrap_or_default();
        let (prefix, suffix) = (affix("/namePrefix"), affix("/nameSuffix"));
        let renamed = built.objects.iter();
        let renamed: Vec<_> =
            renamed.map(|(kind, name)| (kind.clone(), format!("{prefix}{name}{suffix}"))).collect();
        built.objects.extend(renamed);
        Some(built)
    }

    fn add(&mut self, kind: &str, name: &str, object: &Value) {
        self.objects.push((kind.to_owned(), name.to_owned()));
        self.add_images(object);
    }

    fn add_images(&mut self, value: &Value) {
        match value {
            Value::Array(items) => {
                for item in items {
                    self.add_images(item);
                }
            }
            Value::Object(fields) => {
                let image = fields.get("image").and_then(Value::as_str);
                self.images.extend(image.map(|image| image_name(image).to_owned()));
                for field in fields.values() {
                    self.add_images(field);
                }
            }
            _ => {}
        }
    }

    fn has(&self, is_kind: impl Fn(&str) -> bool, name: &str) -> bool {
        self.objects.iter().any(|(kind, known)| known == name && is_kind(kind))
    }

    /// The first object that a strategic merge patch is for and that is not there.
    fn missing_of(&self, patch: &str) -> Option<String> {
        let patches = yaml::read(patch).unwrap_or_default();
        let mut targets = patches.iter().filter_map(identity);
        let (kind, name) = targets.find(|(kind, name)| !self.has(|it| it == *kind, name))?;
        Some(format!("{kind} `{name}`"))
    }
}

/// Kind and name.
fn identity(object: &Value) -> Option<(&str, &str)> {
    Some((text(object, "/kind")?, text(object, "/metadata/name")?))
}

/// The entries of a list, each with its path.
fn entries<'v>(fields: &'v Value, key: &'v str) -> impl Iterator<Item = (String, &'v Value)> {
    let list = fields.get(key).and_then(Value::as_array).into_iter().flatten();
    list.enumerate().map(move |(index, entry)| (format!("{key}[{index}]"), entry))
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}

/// Whether a pattern stands for itself.
fn is_plain(pattern: &str) -> bool {
    pattern.chars().all(|it| it.is_ascii_alphanumeric() || it == '-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Lines and severities of what is said about an overlay of a base with the Deployment `web` of `nginx:1`.
    fn check(overlay: &str, expected: &[&str]) {
        let Value::Object(web) = json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {"template": {"spec": {"containers": [{"image": "nginx:1"}]}}},
        }) else {
            unreachable!()
        };
        let web = Object::new(web).unwrap();
        let read = |name: &str| match name {
            "own.yaml" => Some("{kind: StatefulSet, metadata: {name: own}}".to_owned()),
            "gone.yaml" => Some("{kind: Deployment, metadata: {name: gone}}".to_owned()),
            _ => None,
        };
        let source = Source::new("kustomization.yaml", format!("resources:\n{overlay}"));
        let found = check_overlay(source, &[&web], &read);
        let line = |it: &Diagnostic| it.span.as_ref().unwrap().line_column().0;
        let told = |it: &Diagnostic| format!("{} {}: {}", line(it), it.severity.name(), it.message);
        let found: Vec<String> = found.iter().map(told).collect();
        assert_eq!(found, expected, "{overlay}");
    }

    /// An overlay went on naming a service that was removed, and Kustomize no longer built it.
    #[test]
    fn what_is_gone_is_told() {
        let fails = "`kustomize build` fails here";
        check(
            "- ../../base\nreplicas:\n- {name: web, count: 2}\n- name: gone\n  count: 3\n",
            &[&format!("5 warning: there is no Deployment or StatefulSet `gone`: {fails}")],
        );
        check(
            "- ../../base\npatches:\n- path: gone.yaml\n- patch: |-\n    kind: Deployment\n    metadata: {name: web}\n",
            &[&format!("4 warning: there is no Deployment `gone`: {fails}")],
        );
        check(
            "- ../../base\npatchesStrategicMerge: [gone.yaml]\n",
            &[&format!("3 warning: there is no Deployment `gone`: {fails}")],
        );
        check(
            "- ../../base\nimages: [{name: nginx, newTag: '2'}, {name: redis, newTag: '8'}]\n",
            &["3 note: there is no container with the image `redis`: this changes nothing"],
        );
        check(
            "- ../../base\npatches:\n- target: {kind: Deployment, name: gone}\n  patch: x\n- target: {name: w.*}\n",
            &["4 note: there is no Deployment `gone`: this changes nothing"],
        );
    }

    #[test]
    fn what_the_overlay_brings_is_there() {
        check("- ../../base\n- own.yaml\nreplicas: [{name: own, count: 2}]\n", &[]);
        check("- ../../base\nnamePrefix: x-\nreplicas: [{name: x-web, count: 2}]\n", &[]);
        for unseen in ["- ../../base\n- ../other\n", "- ../../base\ncomponents: [../c]\n", "oops"] {
            check(&format!("{unseen}replicas: [{{name: gone, count: 2}}]\n"), &[]);
        }
    }
}
