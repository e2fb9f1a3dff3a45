use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::model::{Bound, Contents, MountSource, Project, Service};

use super::bind_policy::{BindPolicy, Holder};
use super::claim::{access_mode, storage_request};
use super::config_files::ConfigFiles;
use super::context;
use super::kompose;
use super::label::settings;
use super::name::{Names, dns_label};
use super::options::{Compat, Options};
use super::scope::Scope;
use super::service_mounts::{Mounted, ServiceMount, ServiceMounts};
use super::setting::Settings;
use super::storage::{bound_device, is_read_only};
use super::volume::last_part;

/// What holds the files and directories that are bind-mounted, in the order of the services, because an order of paths
/// would depend on where the project lies.
///
/// Whoever mounts the same path has the same object; with kompose each entry of `volumes` has one of its own, and
/// volumes without a name have claims, too.
#[derive(Debug, Default)]
pub struct Binds {
    compat: Compat,
    /// By path, or by entry.
    config_maps: IndexMap<String, BoundFiles>,
    claims: IndexMap<String, String>,
    /// The services that mount it.
    users: BTreeMap<String, Vec<String>>,
}

/// The `ConfigMap`s of a path.
#[derive(Debug)]
struct BoundFiles {
    path: String,
    names: Vec<String>,
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
    pub fn of(mount: &'a ServiceMount, project: &'a Project) -> Option<Self> {
        let read_only = mount.mount.read_only;
        match &mount.mount.source {
            MountSource::Bind { path, is_file, options: _ } => {
                Some(Self { path, is_file: *is_file, read_only })
            }
            MountSource::Volume { name: Some(name), selinux: _, options: _ } => {
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
        let mut binds = Self { compat: options.compat, ..Self::default() };
        for (key, service) in &project.services {
            let policy = BindPolicy::of(service, options.bind);
            for mount in mounts.of_pod_of(key) {
                let Some(id) = binds.id(mount, project).map(str::to_owned) else { continue };
                let users = binds.users.entry(id.clone()).or_default();
                if users.last() != Some(key) {
                    users.push(key.clone());
                }
                let bound = BoundPath::of(mount, project);
                let holder = bound.map_or_else(
                    || policy.of_unnamed_volume(),
                    |bound| bound.holder(policy, contents),
                );
                let path = bound.map(|bound| bound.path).unwrap_or_default();
                let owner = &names.service(mount.from.as_ref().unwrap_or(key)).workload;
                match holder {
                    Holder::ConfigMaps if !binds.config_maps.contains_key(&id) => {
                        let wanted = match options.compat {
                            Compat::Longshore => wanted_name(path, project),
                            Compat::Kompose => kompose::config_map_name(owner, mount.index),
                        };
                        let bound = contents.bound.get(path);
                        let count = bound.map_or(0, |it| ConfigFiles::share_out(path, it).len());
                        let names = (0..count).map(|_| names.add_config_map(&wanted)).collect();
                        binds.config_maps.insert(id, BoundFiles { path: path.to_owned(), names });
                    }
                    Holder::Claim if !binds.claims.contains_key(&id) => {
                        let wanted = match options.compat {
                            Compat::Longshore => wanted_name(path, project),
                            Compat::Kompose => kompose::claim_name(owner, mount.index),
                        };
                        binds.claims.insert(id, names.add_claim(&wanted));
                    }
                    _ => {}
                }
            }
        }
        binds
    }

    /// What tells the objects of a mount apart from those of others; none where it has none of its own.
    fn id<'m>(&self, mount: &'m ServiceMount, project: &'m Project) -> Option<&'m str> {
        let bound = BoundPath::of(mount, project);
        match self.compat {
            Compat::Longshore => bound.map(|bound| bound.path),
            Compat::Kompose => {
                (bound.is_some() || mount.is_unnamed_volume()).then_some(mount.origin.as_str())
            }
        }
    }

    /// The `ConfigMap`s of a mount, with their files.
    pub fn config_maps<'b>(
        &'b self,
        mount: &ServiceMount,
        scope: &'b Scope,
    ) -> Vec<(&'b str, ConfigFiles<'b>)> {
        let bound = self.id(mount, scope.project).and_then(|id| self.config_maps.get(id));
        bound.map(|bound| bound.shared_out(scope.contents)).unwrap_or_default()
    }

    /// The claim of a mount.
    pub fn claim(&self, mount: &ServiceMount, project: &Project) -> Option<&str> {
        self.id(mount, project).and_then(|id| self.claims.get(id)).map(String::as_str)
    }

    /// All mounts that have the same object as this one, with the services that have them.
    pub fn mounts_of_same<'s>(
        &'s self,
        mount: &ServiceMount,
        scope: &'s Scope,
    ) -> Vec<Mounted<'s>> {
        let id = self.id(mount, scope.project);
        id.map(|id| self.mounts_of(id, scope)).unwrap_or_default()
    }

    fn mounts_of<'s>(&'s self, id: &str, scope: &'s Scope) -> Vec<Mounted<'s>> {
        let users = self.users.get(id).into_iter().flatten();
        let all =
            users.flat_map(|key| scope.mounts.of_pod_of(key).map(move |it| (key.as_str(), it)));
        all.filter(|(_, it)| self.id(it, scope.project) == Some(id)).collect()
    }
}

impl BoundFiles {
    fn shared_out<'b>(&'b self, contents: &'b Contents) -> Vec<(&'b str, ConfigFiles<'b>)> {
        let Some(bound) = contents.bound.get(&self.path) else { return Vec::new() };
        let files = ConfigFiles::share_out(&self.path, bound);
        self.names.iter().map(String::as_str).zip(files).collect()
    }
}

/// The `ConfigMap`s of all bind mounts, each with the place of the first mount.
pub fn translate_config_maps(scope: &Scope) -> Vec<(context::ConfigMap, String)> {
    let mut all = Vec::new();
    for (id, bound) in &scope.binds.config_maps {
        let mounts = scope.binds.mounts_of(id, scope);
        let source = mounts.first().map(|(_, mount)| mount.path.clone());
        for (name, files) in bound.shared_out(scope.contents) {
            let (data, binary_data) = files.data();
            let metadata = scope.metadata(name, name);
            let config_map = context::ConfigMap { metadata, data, binary_data };
            all.push((config_map, source.clone().unwrap_or_default()));
        }
    }
    all
}

/// The claims of all bind mounts, each with the place of the first mount; how much they ask for is said by the service
/// that has it.
pub fn translate_claims(scope: &Scope) -> Vec<(context::PersistentVolumeClaim, String)> {
    let claim = |(id, name): (&String, &String)| {
        let mounts = scope.binds.mounts_of(id, scope);
        let (key, mount) = mounts.first()?;
        let site = scope.site(mount.path.clone());
        let labels = &scope.service(key).container.labels;
        let settings = Settings::new(labels, scope.place(key).child("labels"));
        let wanted = settings.get(settings::VOLUME_SIZE).map(|size| size.value);
        let class =
            settings.get(settings::STORAGE_CLASS).and_then(|it| it.text().map(str::to_owned));
        let claim = context::PersistentVolumeClaim {
            metadata: scope.metadata(name, name),
            access_mode: access_mode(&mounts, scope, &site),
            storage_class: class.or_else(|| scope.options.storage_class.clone()),
            selector: IndexMap::new(),
            storage: storage_request(wanted, &scope.options.volume_size, &site),
        };
        Some((claim, mount.path.clone()))
    };
    scope.binds.claims.iter().filter_map(claim).collect()
}

/// The bytes of the files that a service gets from `ConfigMap`s, by path.
pub fn bound_content<'a>(
    key: &str,
    service: &Service,
    scope: &Scope<'a>,
) -> BTreeMap<String, &'a [u8]> {
    let mut content = BTreeMap::new();
    let policy = BindPolicy::of(service, scope.options.bind);
    for mount in scope.mounts.of_pod_of(key) {
        let Some(bound_path) = BoundPath::of(mount, scope.project) else { continue };
        let target = &mount.mount.target;
        if bound_path.holder(policy, scope.contents) != Holder::ConfigMaps {
            continue;
        }
        // The target: where the project lies on this machine must not change the pods.
        match scope.contents.bound.get(bound_path.path) {
            Some(Bound::File(file)) => {
                content.insert(target.clone(), file.content.as_slice());
            }
            Some(Bound::Directory(files)) => {
                content.extend(
                    files
                        .iter()
                        .map(|(path, file)| (format!("{target}/{path}"), file.content.as_slice())),
                );
            }
            Some(Bound::Missing | Bound::Unfit(_)) | None => {}
        }
    }
    content
}

/// The path from the project directory, or the last name of it.
fn wanted_name(path: &str, project: &Project) -> String {
    let inside = std::path::Path::new(path).strip_prefix(&project.directory).ok();
    let inside = inside.and_then(|path| path.to_str());
    dns_label(inside.unwrap_or_else(|| last_part(path)))
}
