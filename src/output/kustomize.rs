//! A base of manifests with overlays, as `kubectl apply -k` and Kustomize take it.
//!
//! ```text
//! base/            longshore's: one file per object, and the list of them
//! overlays/dev/    the user's: written once, to start with
//! overlays/prod/
//! ```

mod overlay;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::kubernetes::Object;

use super::document::{self, in_apply_order};
use super::{FileNames, Format, OutputError, Tree};

pub use overlay::check_overlays;

/// The name that Kustomize looks for in every directory.
const FILE_NAME: &str = "kustomization.yaml";
/// The first lines of every kustomization.
const HEAD: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
/// The overlays to start with.
const OVERLAYS: &[&str] = &["dev", "prod"];
/// Kinds that have `replicas`.
const SCALABLE: &[&str] = &["Deployment", "StatefulSet"];

/// The files of the base and of the overlays.
pub fn tree(objects: &[Object]) -> Result<Tree, OutputError> {
    let manifests = document::files(objects, Format::Yaml, FileNames::KindFirst)?;
    // A key alone would be null.
    let mut list = format!("{HEAD}resources:{}\n", if objects.is_empty() { " []" } else { "" });
    for object in in_apply_order(objects) {
        // Writing to a string cannot fail.
        let _ =
            writeln!(list, "- {}", document::file_name(object, Format::Yaml, FileNames::KindFirst));
    }
    let files = manifests
        .into_iter()
        .chain([(FILE_NAME.to_owned(), list)])
        .map(|(name, text)| (format!("base/{name}"), text))
        .collect();
    let starters: BTreeMap<String, String> = OVERLAYS
        .iter()
        .map(|overlay| (format!("overlays/{overlay}/{FILE_NAME}"), overlay_text(overlay, objects)))
        .collect();
    Ok(Tree { files, starters })
}

/// An overlay that changes nothing and shows, with the names of this project, how it could.
fn overlay_text(overlay: &str, objects: &[Object]) -> String {
    let mut text = format!(
        "# What is different in {overlay}. This file is yours: longshore does not write it again.\n\
         {HEAD}resources:\n- ../../base\n# namespace: {overlay}\n"
    );
    let scalable = objects.iter().find(|object| SCALABLE.contains(&object.kind()));
    if let Some(workload) = scalable {
        // Writing to a string cannot fail.
        let _ = write!(text, "# replicas:\n# - name: {}\n#   count: 2\n", workload.name());
        if let Some(image) = first_image(workload) {
            let _ = write!(text, "# images:\n# - name: {image}\n#   newTag: \"1.0\"\n");
        }
    }
    text
}

/// The image of a workload's first container.
fn first_image(workload: &Object) -> Option<&str> {
    let spec = workload.fields().get("spec")?;
    let image = spec.pointer("/template/spec/containers/0/image")?.as_str()?;
    Some(image_name(image))
}

/// An image without tag and digest.
fn image_name(image: &str) -> &str {
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    // A colon before the last slash belongs to the port of a registry.
    match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_no_tag() {
        for (image, name) in [
            ("nginx", "nginx"),
            ("nginx:1.29", "nginx"),
            ("host:5000/nginx", "host:5000/nginx"),
            ("host:5000/nginx:1@sha256:abc", "host:5000/nginx"),
        ] {
            assert_eq!(image_name(image), name);
        }
    }
}
