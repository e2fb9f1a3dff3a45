//! What an image has where a volume is mounted: Docker copies it into the volume while that is empty, Kubernetes does
//! not. Where it is asked for, an init container does.

use k8s_openapi::api::core::v1::SecurityContext;

use crate::diagnostic::{Loss, codes};
use crate::model::{MountSource, VolumeOptions};

use super::command::escape;
use super::context::{Container, VolumeMount};
use super::findings::Site;
use super::label::settings;
use super::name::dns_label;
use super::scope::Scope;
use super::service_mounts::ServiceMount;
use super::setting::{Setting, Settings};
use super::storage::{Backing, backing, is_read_only};

/// Where the init container has the volumes, each under its name.
const DIRECTORY: &str = "/longshore/seed";
/// Takes pairs of arguments: what the image has, and the volume.
const SCRIPT: &str = include_str!("seed.sh");

/// The init container that fills volumes with what the image of a service has, none where there is nothing to fill.
pub fn translate_seed(key: &str, container: &Container, scope: &Scope) -> Option<Container> {
    let mut args = Vec::new();
    let mut volume_mounts: Vec<VolumeMount> = Vec::new();
    for ServiceMount { mount, path, origin: _, index: _, from } in scope.mounts.of(key) {
        let MountSource::Volume { name, selinux: _, options } = &mount.source else { continue };
        let site = scope.site(path.clone());
        if mount.read_only || !copies(options) || (name.is_none() && from.is_some()) {
            continue;
        }
        let is_filled = match name {
            Some(name) => seeder(name, scope) == Some(key),
            None => is_asked_for(key, scope),
        };
        if !is_filled {
            // Of a volume with a name it is told where the volume is.
            if name.is_none() {
                report_empty(false, &site);
            }
            continue;
        }
        let mut mounted = container.volume_mounts.iter();
        let Some(volume) = mounted.find(|it| it.mount_path == mount.target) else { continue };
        let place = format!("{DIRECTORY}/{}", volume.name);
        // A volume that is mounted twice is filled from the first place, as with Docker.
        if volume_mounts.iter().any(|it| it.mount_path == place) {
            continue;
        }
        site.note(
            codes::EMPTY_VOLUME,
            Loss::Approximated,
            format!("an init container copies what the image has at `{}` into the volume, while that is empty", mount.target),
            "nothing to do; an image without `sh` and `cp` needs the label `longshore.seed-volumes: \"false\"`",
        );
        args.extend([mount.target.clone(), place.clone()].map(|path| escape(&path)));
        let (name, sub_path) = (volume.name.clone(), volume.sub_path.clone());
        let mount_path = place;
        volume_mounts.push(VolumeMount { name, mount_path, sub_path, ..VolumeMount::default() });
    }
    if args.is_empty() {
        return None;
    }
    Some(Container {
        name: dns_label(&format!("{}-seed", container.name)),
        image: container.image.clone(),
        image_pull_policy: container.image_pull_policy,
        command: ["sh", "-c", &escape(SCRIPT), "seed"].map(str::to_owned).to_vec(),
        args,
        resources: container.resources.clone(),
        security_context: container.security_context.clone().map(unprivileged),
        volume_mounts,
        ..Container::default()
    })
}

/// Says that Docker would fill a volume, also where it `is_asked_for` and no mount does.
pub fn report_empty(is_asked_for: bool, site: &Site) {
    let help = if is_asked_for {
        "fill it in a `pre_start` hook: mounts with `read_only` or `subpath` do not"
    } else {
        "if the application needs it, use `--seed-volumes`, or the label `longshore.seed-volumes: \"true\"` of one service"
    };
    site.note(
        codes::EMPTY_VOLUME,
        Loss::Approximated,
        "the volume starts empty; Docker would fill it with what the image has where it is mounted",
        help,
    );
}

/// The service that fills a volume: of those that may, the first that Compose creates. Others find what it has
/// copied, or an empty volume.
pub fn seeder<'a>(volume: &str, scope: &Scope<'a>) -> Option<&'a str> {
    let holder = scope.project.volumes.get(volume)?;
    let is_kept = match backing(holder) {
        Backing::Claim | Backing::External | Backing::Nfs { .. } => !is_read_only(holder),
        Backing::Memory { .. } | Backing::Bound => false,
    };
    let may = |key: &&String| {
        let mut mounts = scope.mounts.of(key).iter();
        mounts.any(|it| match &it.mount.source {
            MountSource::Volume { name, selinux: _, options } => {
                name.as_deref() == Some(volume) && !it.mount.read_only && copies(options)
            }
            _ => false,
        })
    };
    let users = scope.mounts.users_of(volume).iter();
    let users = users.filter(may).filter(|key| is_asked_for(key, scope));
    let first = users.min_by_key(|key| scope.waves.of(key)).filter(|_| is_kept)?;
    scope.project.services.get_key_value(first).map(|(key, _)| key.as_str())
}

/// Whether volumes of the service are to be filled: its label, or the option for all.
pub fn is_asked_for(key: &str, scope: &Scope) -> bool {
    let service = scope.service(key);
    let settings = Settings::new(&service.container.labels, scope.place(key).child("labels"));
    let label = settings.get(settings::SEED_VOLUMES);
    label.as_ref().map_or(scope.options.seed_volumes, Setting::flag)
}

/// What of a volume is a part of it may be anything of the image.
fn copies(options: &VolumeOptions) -> bool {
    let VolumeOptions { labels: _, nocopy, subpath, extensions: _ } = options;
    !nocopy && subpath.is_none()
}

/// It copies files, as the user of the service, and needs nothing of the node.
fn unprivileged(context: SecurityContext) -> SecurityContext {
    SecurityContext { privileged: None, ..context }
}
