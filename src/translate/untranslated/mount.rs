use crate::model::{Attribute as _, BindOptions, Mount, MountSource, TmpfsOptions, VolumeOptions};
use crate::translate::findings::Site;

use super::outcome::{MEANINGLESS, TRANSLATED, attributes, local, no_equivalent, not_yet};

/// Reports the attributes of an entry of `volumes`.
pub(super) fn report_mount(mount: &Mount, site: &Site) {
    attributes!(site, mount => Mount {
        consistency: local("nothing to do: it is for the tool on this machine"),
        extensions: MEANINGLESS,
        read_only: TRANSLATED,
        source: TRANSLATED,
        target: TRANSLATED,
    });
    match source {
        MountSource::Volume { name: _, options } => report_volume(options, site),
        MountSource::Bind { path: _, is_file: _, options } => {
            report_bind(options, &site.child("bind"));
        }
        MountSource::Tmpfs { options } => report_tmpfs(options, &site.child("tmpfs")),
        MountSource::Image { image: _, options: _ } => {
            not_yet("add an `image` volume to the template of the pod")
                .tell_at("type: image", site);
        }
        MountSource::NamedPipe { pipe: _ } => {
            no_equivalent("named pipes are those of Windows").tell_at("type: npipe", site);
        }
        MountSource::Cluster { volume: _ } => {
            not_yet("name the volume in `volumes`, and mount it with `type: volume`")
                .tell_at("type: cluster", site);
        }
    }
}

fn report_volume(options: &VolumeOptions, site: &Site) {
    let VolumeOptions { labels, nocopy: _, subpath: _, extensions: _ } = options;
    if !labels.is_unset() {
        not_yet("put the labels on the volume itself").tell("volume", site);
    }
}

fn report_bind(options: &BindOptions, site: &Site) {
    attributes!(site, options => BindOptions {
        create_host_path: TRANSLATED,
        extensions: MEANINGLESS,
        propagation: not_yet("set `mountPropagation` in the template of the container"),
        recursive: not_yet("set `recursiveReadOnly` in the template of the container"),
        selinux: no_equivalent("label the path on the node"),
    });
}

fn report_tmpfs(options: &TmpfsOptions, site: &Site) {
    attributes!(site, options => TmpfsOptions {
        extensions: MEANINGLESS,
        mode: no_equivalent("everyone may write to a volume in memory"),
        size: TRANSLATED,
    });
}
