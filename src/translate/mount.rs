use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, ImageVolumeSource};
use serde_json::json;

use crate::model::{ImageOptions, Mount, MountSource, Service, TmpfsOptions, VolumeOptions};

use super::bind::{Bind, mount_bind};
use super::bind_policy::BindPolicy;
use super::binds::BoundPath;
use super::findings::Site;
use super::image::image_of;
use super::label::settings;
use super::scope::Scope;
use super::service_mounts::{ServiceMount, is_shared_between_pods, named_service};
use super::setting::Settings;
use super::storage::{is_read_only, named_source};
use super::volume::{Place, Volumes, last_part, plain};

/// What a container mounts.
#[derive(Clone, Copy)]
pub struct Mounting<'a> {
    /// The mounts.
    pub mounts: &'a [ServiceMount],
    /// What becomes of bind mounts.
    pub bind: BindPolicy,
    /// The part of each volume that is mounted, where the volume says no other.
    pub sub_path: Option<&'a str>,
    /// Whether the container is privileged.
    pub privileged: bool,
}

/// Adds what a container has by `volumes` and `volumes_from`.
pub fn mount_volumes(mounts: Mounting, scope: &Scope, volumes: &mut Volumes) {
    for service_mount in mounts.mounts {
        let ServiceMount { mount, path, origin: _, index: _, from } = service_mount;
        let site = scope.site(path.clone());
        if let Some(from) = from
            && !is_shared_between_pods(&mount.source)
            && scope.binds.claim(service_mount, scope.project).is_none()
        {
            site.approximated(
                format!(
                    "each pod has a volume of its own at `{}`, not that of `{from}`",
                    mount.target
                ),
                "give the volume a name, so that both services can mount it",
            );
        }
        mount_volume(service_mount, mounts, scope, &site, volumes);
    }
}

/// Says that Postgres does not begin in a directory where a file system has its `lost+found`, as many claims do;
/// `pgdata` is where its data is by its variable.
pub fn report_data_directory(
    pgdata: Option<&str>,
    mounts: &[ServiceMount],
    scope: &Scope,
    volumes: &Volumes,
) {
    let pgdata = pgdata.unwrap_or("/var/lib/postgresql/data").trim_end_matches('/');
    let mount = mounts.iter().find(|mount| mount.mount.target == pgdata);
    if let Some(mount) = mount.filter(|_| volumes.has_claim_at(pgdata)) {
        scope.site(mount.path.clone()).approximated(
            "PostgreSQL refuses a claim that is not empty, and many file systems have a directory `lost+found`",
            format!("set the variable `PGDATA: {pgdata}/pgdata`, or the label `longshore.volume.subpath`"),
        );
    }
}

/// Says which containers in `volumes_from` are none of the project.
pub fn report_foreign_containers(service: &Service, scope: &Scope, site: &Site) {
    for (index, entry) in service.container.volumes_from.iter().enumerate() {
        if named_service(entry, scope.project).is_none() {
            site.child("volumes_from").item(index).not_translated(
                format!("`{entry}` is not a container of the project"),
                "name a service, or mount a volume that both have",
            );
        }
    }
}

fn mount_volume<'a>(
    service_mount: &'a ServiceMount,
    mounts: Mounting,
    scope: &'a Scope,
    site: &Site,
    volumes: &mut Volumes,
) {
    let Mount { source, target, read_only, consistency: _, extensions: _ } = &service_mount.mount;
    let Mounting { mounts: _, bind: policy, sub_path: of_service, privileged } = mounts;
    if !check_target(target, site) {
        return;
    }
    let place = Place::new(target, *read_only, site);
    let bound = BoundPath::of(service_mount, scope.project);
    let bind = |options, selinux: &'a Option<String>, sub_path: Option<String>| {
        let sub_path = sub_path.or_else(|| of_service.map(str::to_owned));
        let (mount, selinux) = (service_mount, selinux.as_deref());
        Some(Bind { path: bound?, mount, options, selinux, sub_path, policy, privileged })
    };
    match source {
        MountSource::Volume { name: Some(name), selinux, options } => {
            let VolumeOptions { labels: _, nocopy: _, subpath, extensions: _ } = options;
            let sub_path = sub_path(subpath.as_deref(), "volume", site);
            if let Some(bind) = bind(None, selinux, sub_path.clone()) {
                mount_bind(bind, &place, scope, volumes);
            } else if policy == BindPolicy::EmptyDir {
                mount_empty(place, volumes);
            } else {
                let sub_path = sub_path.or_else(|| of_service.map(str::to_owned));
                mount_named(name, Place { sub_path, ..place }, scope, volumes);
            }
        }
        MountSource::Volume { name: None, selinux: _, options: _ } => {
            if let Some(claim) = scope.binds.claim(service_mount, scope.project) {
                let source = json!({ "persistentVolumeClaim": { "claimName": claim } });
                let sub_path = of_service.map(str::to_owned);
                volumes.mount(claim, source, Place { sub_path, ..place });
            } else {
                site.approximated(
                    "a volume without a name lives as long as its pod",
                    "give the volume a name to keep its content",
                );
                volumes.mount_unshared(&EmptyDirVolumeSource::default(), place);
            }
        }
        MountSource::Bind { path: _, is_file: _, options } => {
            if let Some(bind) = bind(Some(options), &options.selinux, None) {
                mount_bind(bind, &place, scope, volumes);
            }
        }
        MountSource::Tmpfs { options } => {
            let TmpfsOptions { size, mode: _, extensions: _ } = options;
            volumes.mount_memory(*size, place);
        }
        MountSource::Image { image, options } => {
            mount_image(image.as_deref(), options, &place, scope, volumes);
        }
        MountSource::Cluster { volume: Some(name) } if scope.project.volumes.contains_key(name) => {
            mount_named(name, place, scope, volumes);
        }
        MountSource::Cluster { volume: _ } => site.not_translated(
            "the volume of the Swarm is not in the project",
            "name it in `volumes`, or mount a claim that is there with `external: true`",
        ),
        // Reported as a whole: `untranslated`.
        MountSource::NamedPipe { .. } => {}
    }
}

/// Mounts an empty directory in the place of something that would stay.
pub fn mount_empty(place: Place, volumes: &mut Volumes) {
    place.site.approximated(
        "the volume starts empty and lives as long as its pod",
        "leave `--volumes emptyDir` or the label `kompose.volume.type` out to keep its content",
    );
    volumes.mount_unshared(&EmptyDirVolumeSource::default(), place);
}

fn mount_named(name: &str, place: Place, scope: &Scope, volumes: &mut Volumes) {
    let never_written = scope.project.volumes.get(name).is_some_and(is_read_only);
    let read_only = place.read_only || never_written;
    volumes.mount(name, named_source(name, scope), Place { read_only, ..place });
}

fn mount_image(
    image: Option<&str>,
    options: &ImageOptions,
    place: &Place,
    scope: &Scope,
    volumes: &mut Volumes,
) {
    let ImageOptions { subpath, extensions: _ } = options;
    let Place { path, site, .. } = place;
    let Some(image) = image else {
        site.invalid("the mount names no image", "add `source: …`, the image");
        return;
    };
    site.approximated_closely(
        "the files of the image can be read, but not executed; Kubernetes before 1.35 needs the feature gate `ImageVolume`",
        "copy them in an init container where that does not do",
    );
    let service = scope.project.services.get(image);
    let reference = service.map_or_else(
        || image.to_owned(),
        |service| image_of(image, service.container.image.as_deref(), scope),
    );
    let source = ImageVolumeSource { reference: Some(reference), pull_policy: None };
    let sub_path = sub_path(subpath.as_deref(), "image", site);
    let place = Place { sub_path, ..Place::new(path, true, site) };
    volumes.mount(last_part(path), json!({ "image": plain(&source) }), place);
}

/// The part of each volume of a service that its label names.
pub fn volume_sub_path<'a>(settings: &Settings<'a>) -> Option<&'a str> {
    let setting = settings.get(settings::VOLUME_SUB_PATH)?;
    let path = setting.text()?;
    if !is_below(path) {
        setting.site.invalid(
            format!("`{path}` is not below the volume"),
            "write a path without `/` in front and without `..`",
        );
    }
    Some(path)
}

fn is_below(path: &str) -> bool {
    !path.starts_with('/') && path.split('/').all(|part| part != "..")
}

/// A part of a volume, as it is written in the section `section`.
fn sub_path(path: Option<&str>, section: &str, site: &Site) -> Option<String> {
    let path = path?;
    if !is_below(path) {
        site.child(section).child("subpath").invalid(
            format!("`{path}` is not below the volume"),
            "write a path without `/` in front and without `..`",
        );
    }
    Some(path.to_owned())
}

/// Whether something can be mounted there; a path of Windows is one for its nodes.
fn check_target(target: &str, site: &Site) -> bool {
    let drive = target.get(1..2) == Some(":") && !target.starts_with('/');
    let wrong = match target {
        "/" => "nothing can be mounted over the whole image",
        _ if drive || target.starts_with("\\\\") => return true,
        _ if !target.starts_with('/') => "the path in the container is not absolute",
        _ if target.contains(':') => "Kubernetes mounts nothing on a path with `:`",
        _ => return true,
    };
    site.child("target").invalid(wrong, "write an absolute path below `/`, without `:`");
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    #[test]
    fn targets() {
        let origins = Origins::default();
        for (target, is_target) in [
            ("/a", true),
            ("/a b/ü", true),
            ("C:\\data", true),
            ("\\\\.\\pipe\\x", true),
            ("/", false),
            ("a", false),
            (".", false),
            ("/a:b", false),
        ] {
            let findings = Findings::new(&origins);
            let found = check_target(target, &findings.site("services.a.volumes[0]"));
            assert_eq!(found, is_target, "{target}");
            assert_eq!(findings.into_report().has_errors(), !is_target, "{target}");
        }
    }
}
