use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::model::{Bound, Contents, Mount, MountSource, Project, Service};

use super::bind_policy::{BindPolicy, Holder};
use super::claim::{access_mode, storage_request};
use super::config_files::ConfigFiles;
use super::context;
use super::name::{Names, dns_label};
use super::options::Options;
use super::scope::Scope;
use super::service_mounts::{ServiceMount, ServiceMounts};
use super::storage::{bound_device, is_read_only};
use super::volume::last_part;

/// What holds the files and directories that are bind-mounted, by their path on this machine; in the order of the
/// services, because an order of paths would depend on where the project lies.
#[derive(Debug, Default)]
pub struct Binds {
    config_maps: IndexMap<String, Vec<String>>,
    claims: IndexMap<String, String>,
}

/// A path of this machine that a service mounts.
#[derive(Debug, Clone, Copy)]
pub struct BoundPath<'a> {
    /// The path.
    pub path: &'a str,
    /// Whether it is that of a file.
    pub is_file: bool,
    /// Whether the container may only read.
    pub read_only: bool,
}

impl<'a> BoundPath<'a> {
    /// The path of a bind mount, or of a volume that is nothing else.
    pub fn of(mount: &'a Mount, project: &'a Project) -> Option<Self> {
        let read_only = mount.read_only;
        match &mount.source {
            MountSource::Bind { path, is_file, options: _ } => {
                Some(Self { path, is_file: *is_file, read_only })
            }
            MountSource::Volume { name: Some(name), options: _ } => {
                let volume = project.volumes.get(name)?;
                let path = bound_device(volume)?;
                let read_only = read_only || is_read_only(volume);
                Some(Self { path, is_file: false, read_only })
            }
            _ => None,
        }
    }

    /// Who has what is there.
    pub fn holder(self, policy: BindPolicy, contents: &Contents) -> Holder {
        let Self { path, is_file, read_only } = self;
        policy.decide(path, is_file, read_only, contents.bound.get(path))
    }
}

impl Binds {
    /// Gives the objects of all bind mounts their names.
    pub fn new(
        project: &Project,
        mounts: &ServiceMounts,
        contents: &Contents,
        options: &Options,
        names: &mut Names,
    ) -> Self {
        let mut binds = Self::default();
        for (key, service) in &project.services {
            let policy = BindPolicy::of(service, options.bind);
            for ServiceMount { mount, path: _, from: _ } in mounts.of_pod_of(key) {
                let Some(bound_path) = BoundPath::of(mount, project) else { continue };
                let path = bound_path.path;
                let wanted = wanted_name(path, project);
                match bound_path.holder(policy, contents) {
                    Holder::ConfigMaps if !binds.config_maps.contains_key(path) => {
                        let count = contents
                            .bound
                            .get(path)
                            .map_or(0, |bound| ConfigFiles::share_out(path, bound).len());
                        let names = (0..count).map(|_| names.add_config_map(&wanted)).collect();
                        binds.config_maps.insert(path.to_owned(), names);
                    }
                    Holder::Claim if !binds.claims.contains_key(path) => {
                        binds.claims.insert(path.to_owned(), names.add_claim(&wanted));
                    }
                    _ => {}
                }
            }
        }
        binds
    }

    /// The `ConfigMap`s of a path, with their files.
    pub fn config_maps<'b>(
        &'b self,
        path: &'b str,
        contents: &'b Contents,
    ) -> Vec<(&'b str, ConfigFiles<'b>)> {
        let Some((names, bound)) = self.config_maps.get(path).zip(contents.bound.get(path)) else {
            return Vec::new();
        };
        names.iter().map(String::as_str).zip(ConfigFiles::share_out(path, bound)).collect()
    }

    /// The claim of a path.
    pub fn claim(&self, path: &str) -> Option<&str> {
        self.claims.get(path).map(String::as_str)
    }
}

/// The `ConfigMap`s of all bind mounts, each with the place of the first mount.
pub fn translate_config_maps(scope: &Scope) -> Vec<(context::ConfigMap, String)> {
    let mut all = Vec::new();
    for path in scope.binds.config_maps.keys() {
        for (name, files) in scope.binds.config_maps(path, scope.contents) {
            let (data, binary_data) = files.data();
            let metadata = scope.metadata(name, name);
            let source = first_mount(path, scope);
            all.push((context::ConfigMap { metadata, data, binary_data }, source));
        }
    }
    all
}

/// The claims of all bind mounts, each with the place of the first mount.
pub fn translate_claims(scope: &Scope) -> Vec<(context::PersistentVolumeClaim, String)> {
    let claim = |(path, name): (&String, &String)| {
        let source = first_mount(path, scope);
        let site = scope.site(source.clone());
        let is_it = |mount: &Mount| is_mount_of(mount, path, scope.project);
        let claim = context::PersistentVolumeClaim {
            metadata: scope.metadata(name, name),
            access_mode: access_mode(&is_it, scope, &site),
            storage_class: scope.options.storage_class.clone(),
            selector: IndexMap::new(),
            storage: storage_request(None, &scope.options.volume_size, &site),
        };
        (claim, source)
    };
    scope.binds.claims.iter().map(claim).collect()
}

/// Whether a mount is that of a path.
pub fn is_mount_of(mount: &Mount, path: &str, project: &Project) -> bool {
    BoundPath::of(mount, project).is_some_and(|bound| bound.path == path)
}

/// The bytes of the files that a service gets from `ConfigMap`s, by path.
pub fn bound_content<'a>(
    key: &str,
    service: &Service,
    scope: &Scope<'a>,
) -> BTreeMap<String, &'a [u8]> {
    let mut content = BTreeMap::new();
    let policy = BindPolicy::of(service, scope.options.bind);
    for ServiceMount { mount, path: _, from: _ } in scope.mounts.of_pod_of(key) {
        let Some(bound_path) = BoundPath::of(mount, scope.project) else { continue };
        if bound_path.holder(policy, scope.contents) != Holder::ConfigMaps {
            continue;
        }
        // The target: where the project lies on this machine must not change the pods.
        match scope.contents.bound.get(bound_path.path) {
            Some(Bound::File(file)) => {
                content.insert(mount.target.clone(), file.content.as_slice());
            }
            Some(Bound::Directory(files)) => {
                content.extend(files.iter().map(|(path, file)| {
                    (format!("{}/{path}", mount.target), file.content.as_slice())
                }));
            }
            Some(Bound::Missing | Bound::Unfit(_)) | None => {}
        }
    }
    content
}

/// Where the compose file mounts a path for the first time.
fn first_mount(path: &str, scope: &Scope) -> String {
    let mut all = scope.project.services.keys().flat_map(|key| scope.mounts.of_pod_of(key));
    let first = all.find(|it| is_mount_of(&it.mount, path, scope.project));
    first.map(|it| it.path.clone()).unwrap_or_default()
}

/// The path from the project directory, or the last name of it.
fn wanted_name(path: &str, project: &Project) -> String {
    let inside = std::path::Path::new(path).strip_prefix(&project.directory).ok();
    let inside = inside.and_then(|path| path.to_str());
    dns_label(inside.unwrap_or_else(|| last_part(path)))
}
