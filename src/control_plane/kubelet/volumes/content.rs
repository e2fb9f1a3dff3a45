//! Files that show objects: what a volume of them contains.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{DownwardAPIVolumeFile, KeyToPath, Volume, VolumeProjection};

use super::Reason;
use crate::control_plane::controllers::owner;
use crate::control_plane::kubelet::downward::Downward;
use crate::control_plane::kubelet::objects::Objects;

/// The mode of files that ask for none.
const DEFAULT_MODE: i32 = 0o644;
/// The longest path of a file.
const LONGEST_PATH: usize = 4096;

/// Files by their paths in the volume.
pub(super) type Files = BTreeMap<String, File>;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    pub(super) mode: u32,
}

/// What a volume contains; none when it does not show objects.
pub(super) fn files(
    volume: &Volume,
    downward: Downward<'_>,
    objects: &dyn Objects,
) -> Result<Option<Files>, Reason> {
    let source = Content { downward, objects, namespace: owner::namespace(downward.pod) };
    let mut files = Files::new();
    if let Some(map) = &volume.config_map {
        let selection = Selection::of(map.items.as_deref(), map.default_mode, map.optional);
        source.add_config_map(&map.name, selection, &mut files)?;
    } else if let Some(secret) = &volume.secret {
        let name = secret.secret_name.as_deref().unwrap_or_default();
        let selection =
            Selection::of(secret.items.as_deref(), secret.default_mode, secret.optional);
        source.add_secret(name, selection, &mut files)?;
    } else if let Some(fields) = &volume.downward_api {
        source.add_fields(fields.items.as_deref(), fields.default_mode, &mut files)?;
    } else if let Some(projected) = &volume.projected {
        for one in projected.sources.iter().flatten() {
            source.add_projection(one, projected.default_mode, &mut files)?;
        }
    } else {
        return Ok(None);
    }
    files.keys().try_for_each(|path| check_path(path))?;
    Ok(Some(files))
}

struct Content<'a> {
    downward: Downward<'a>,
    objects: &'a dyn Objects,
    namespace: &'a str,
}

/// Which keys of an object are shown, and how.
#[derive(Clone, Copy)]
struct Selection<'a> {
    items: &'a [KeyToPath],
    mode: i32,
    optional: bool,
}

impl<'a> Selection<'a> {
    fn of(items: Option<&'a [KeyToPath]>, mode: Option<i32>, optional: Option<bool>) -> Self {
        let mode = mode.unwrap_or(DEFAULT_MODE);
        Self { items: items.unwrap_or_default(), mode, optional: optional == Some(true) }
    }

    /// Adds the chosen keys of an object, or says that it is missing.
    fn add(
        self,
        kind: &'static str,
        name: &str,
        data: Option<BTreeMap<String, Vec<u8>>>,
        files: &mut Files,
    ) -> Result<(), Reason> {
        let Some(data) = data else {
            if self.optional {
                return Ok(());
            }
            return Err(Reason::ObjectNotFound { kind, name: name.to_owned() });
        };
        if self.items.is_empty() {
            files.extend(data.into_iter().map(|(key, bytes)| (key, File::of(bytes, self.mode))));
            return Ok(());
        }
        for item in self.items {
            match data.get(&item.key) {
                Some(bytes) => {
                    let mode = item.mode.unwrap_or(self.mode);
                    files.insert(item.path.clone(), File::of(bytes.clone(), mode));
                }
                None if self.optional => {}
                None => return Err(Reason::KeyNotFound { kind, key: item.key.clone() }),
            }
        }
        Ok(())
    }
}

impl File {
    fn of(bytes: Vec<u8>, mode: i32) -> Self {
        Self { bytes, mode: mode.cast_unsigned() & 0o777 }
    }
}

impl Content<'_> {
    fn add_config_map(
        &self,
        name: &str,
        selection: Selection<'_>,
        files: &mut Files,
    ) -> Result<(), Reason> {
        let map = self.objects.config_map(self.namespace, name);
        let data = map.map(|map| {
            let text = map.data.unwrap_or_default().into_iter();
            let text = text.map(|(key, value)| (key, value.into_bytes()));
            text.chain(bytes(map.binary_data)).collect()
        });
        selection.add("configmap", name, data, files)
    }

    fn add_secret(
        &self,
        name: &str,
        selection: Selection<'_>,
        files: &mut Files,
    ) -> Result<(), Reason> {
        let secret = self.objects.secret(self.namespace, name);
        let data = secret.map(|secret| bytes(secret.data).collect());
        selection.add("secret", name, data, files)
    }

    fn add_fields(
        &self,
        items: Option<&[DownwardAPIVolumeFile]>,
        mode: Option<i32>,
        files: &mut Files,
    ) -> Result<(), Reason> {
        for item in items.unwrap_or_default() {
            let text = match (&item.field_ref, &item.resource_field_ref) {
                (Some(field), _) => self.downward.field(field)?,
                (None, Some(resource)) => self.downward.resource(resource, None)?,
                (None, None) => continue,
            };
            let mode = item.mode.or(mode).unwrap_or(DEFAULT_MODE);
            files.insert(item.path.clone(), File::of(text.into_bytes(), mode));
        }
        Ok(())
    }

    fn add_projection(
        &self,
        projection: &VolumeProjection,
        mode: Option<i32>,
        files: &mut Files,
    ) -> Result<(), Reason> {
        if let Some(map) = &projection.config_map {
            let selection = Selection::of(map.items.as_deref(), mode, map.optional);
            self.add_config_map(&map.name, selection, files)?;
        }
        if let Some(secret) = &projection.secret {
            let selection = Selection::of(secret.items.as_deref(), mode, secret.optional);
            self.add_secret(&secret.name, selection, files)?;
        }
        if let Some(fields) = &projection.downward_api {
            self.add_fields(fields.items.as_deref(), mode, files)?;
        }
        let unsupported = [
            ("serviceAccountToken", projection.service_account_token.is_some()),
            ("clusterTrustBundle", projection.cluster_trust_bundle.is_some()),
            ("podCertificate", projection.pod_certificate.is_some()),
        ];
        match unsupported.into_iter().find(|(_, is_set)| *is_set) {
            Some((what, _)) => {
                Err(Reason::Unsupported { what: what.to_owned(), why: "this cluster issues none" })
            }
            None => Ok(()),
        }
    }
}

fn bytes(data: Option<BTreeMap<String, ByteString>>) -> impl Iterator<Item = (String, Vec<u8>)> {
    data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.0))
}

/// Paths stay in the volume, and out of the way of its own bookkeeping.
fn check_path(path: &str) -> Result<(), Reason> {
    let invalid = |reason| Reason::InvalidPath { path: path.to_owned(), reason };
    if path.is_empty() || path.len() > LONGEST_PATH {
        return Err(invalid("must be neither empty nor too long"));
    }
    let mut components = Path::new(path).components();
    if !components.clone().all(|one| matches!(one, Component::Normal(_))) {
        return Err(invalid("must be a relative path without '..'"));
    }
    let first = components.next().map(|first| first.as_os_str().as_encoded_bytes());
    if first.is_some_and(|first| first.starts_with(b"..")) {
        return Err(invalid("must not start with '..'"));
    }
    Ok(())
}
