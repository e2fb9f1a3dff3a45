use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::model::{Contents, FileMount, Source};

use super::findings::Site;
use super::options::Secrets;
use super::scope::Scope;
use super::volume::{Place, Volumes};
use super::volume_group::{VolumeGroup, is_closed};

/// Where Compose puts secrets that say no place.
const SECRETS_DIRECTORY: &str = "/run/secrets";

/// Which of the two kinds of files is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// `configs`.
    Config,
    /// `secrets`.
    Secret,
}

/// The configs or secrets of a service.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// Which of the two.
    pub kind: FileKind,
    /// `configs` or `secrets`.
    pub list: &'a [FileMount],
    /// The group of the volumes of the pod.
    pub volume_group: Option<VolumeGroup>,
}

/// Mounts the configs or secrets of a service.
///
/// Secrets in their usual directory share one volume; every other file is mounted alone, so that
/// what the image has beside it stays visible.
pub fn mount_files(files: Files, scope: &Scope, site: &Site, volumes: &mut Volumes) {
    let Files { kind, list, volume_group } = files;
    let mut together = Vec::new();
    let mut paths = BTreeSet::new();
    for (index, file) in list.iter().enumerate() {
        let FileMount { source, target, mode, uid: _, gid: _, extensions: _ } = file;
        let site = site.item(index);
        report_owner(file, volume_group, &site);
        let Some(object) = kind.object(source, scope) else { continue };
        report_external(kind, source, object, scope, &site);
        let key = kind.key(source, scope);
        match target.strip_prefix(SECRETS_DIRECTORY).and_then(|rest| rest.strip_prefix('/')) {
            Some(path) if kind == FileKind::Secret && !path.contains('/') => {
                if !paths.insert(path) {
                    site.conflict(
                        format!("another secret is mounted at `{target}`"),
                        "give one of the two another `target`",
                    );
                }
                together.push((object, item(&key, path, *mode)));
            }
            _ => {
                let path = target.rsplit('/').next().unwrap_or(source);
                let volume = kind.volume(object, &item(&key, path, *mode));
                let sub_path = Some(path.to_owned());
                let place = Place { sub_path, ..Place::new(target, true, &site) };
                volumes.mount(object, volume, place);
            }
        }
    }
    let source = match together.as_slice() {
        [] => return,
        [(object, item)] => kind.volume(object, item),
        _ => projected(&together),
    };
    volumes.mount("secrets", source, Place::new(SECRETS_DIRECTORY, true, site));
}

impl FileKind {
    fn object<'a>(self, key: &str, scope: &'a Scope) -> Option<&'a str> {
        match self {
            Self::Config => scope.names.config(key),
            Self::Secret => scope.names.secret(key),
        }
    }

    fn key(self, source: &str, scope: &Scope) -> String {
        match self {
            Self::Config => scope.config_key(source),
            Self::Secret => scope.secret_key(source),
        }
    }

    fn volume(self, object: &str, item: &Value) -> Value {
        match self {
            Self::Config => json!({ "configMap": { "name": object, "items": [item] } }),
            Self::Secret => json!({ "secret": { "secretName": object, "items": [item] } }),
        }
    }
}

/// Several Secrets as one directory.
fn projected(secrets: &[(&str, Value)]) -> Value {
    let source =
        |(name, item): &(&str, Value)| json!({ "secret": { "name": name, "items": [item] } });
    json!({ "projected": { "sources": secrets.iter().map(source).collect::<Vec<_>>() } })
}

fn item(key: &str, path: &str, mode: Option<u32>) -> Value {
    let mut item =
        Map::from_iter([("key".to_owned(), json!(key)), ("path".to_owned(), json!(path))]);
    if let Some(mode) = mode {
        // The volume is read-only: a write bit would only confuse.
        item.insert("mode".to_owned(), json!(mode & 0o777 & !0o222));
    }
    Value::Object(item)
}

/// Says that a file belongs to root all the same, and who else can read it.
fn report_owner(file: &FileMount, volume_group: Option<VolumeGroup>, site: &Site) {
    for (key, id) in [("uid", &file.uid), ("gid", &file.gid)] {
        let Some(id) = id.as_deref().filter(|id| *id != "0") else { continue };
        let site = site.child(key);
        if id.parse::<u32>().is_err() {
            site.not_translated(
                format!("`{id}` has no number that is known without the image, and the file belongs to root"),
                format!("use the number that the image has for `{id}`"),
            );
            continue;
        }
        let readers = match volume_group {
            _ if !is_closed(file) => "everyone may read it".to_owned(),
            Some(VolumeGroup { id, change_policy: _ }) => {
                format!("the containers of the pod read it with the group {id}")
            }
            None => "its container runs as root".to_owned(),
        };
        site.approximated_closely(
            format!("the file belongs to root, and {readers}"),
            "nothing to do, unless the program looks at the owner of the file",
        );
    }
}

fn report_external(kind: FileKind, key: &str, object: &str, scope: &Scope, site: &Site) {
    let (source, what) = match kind {
        FileKind::Config => (scope.project.configs.get(key).map(|it| &it.source), "ConfigMap"),
        FileKind::Secret => (scope.project.secrets.get(key).map(|it| &it.source), "Secret"),
    };
    if source == Some(&Source::External) {
        site.approximated_closely(
            format!("the {what} `{object}` must be there already, with the key `{key}`"),
            "create it in the same namespace",
        );
    }
}

/// The bytes of the configs and secrets that a service mounts, by kind and key.
pub fn mounted_content<'a>(
    configs: &[FileMount],
    secrets: &[FileMount],
    scope: &Scope<'a>,
) -> BTreeMap<(&'static str, String), &'a [u8]> {
    let bytes = |kind: &'static str, contents: &'a BTreeMap<String, Vec<u8>>, file: &FileMount| {
        Some(((kind, file.source.clone()), contents.get(&file.source)?.as_slice()))
    };
    let Contents { configs: of_configs, secrets: of_secrets, bound: _ } = scope.contents;
    let configs = configs.iter().filter_map(|file| bytes("config", of_configs, file));
    // Whoever sees the manifests must not be able to try what a secret may be.
    let is_known = scope.options.secrets != Secrets::Reference;
    let secrets = secrets.iter().filter(|_| is_known);
    let secrets = secrets.filter_map(|file| bytes("secret", of_secrets, file));
    configs.chain(secrets).collect()
}
