use crate::model::{Attribute as _, Mount, MountSource, TmpfsOptions, VolumeOptions};
use crate::translate::findings::Site;

use super::outcome::{MEANINGLESS, TRANSLATED, attributes, harmless, local, no_equivalent};

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
        MountSource::Volume { name: _, selinux: _, options } => report_volume(options, site),
        MountSource::Tmpfs { options } => report_tmpfs(options, &site.child("tmpfs")),
        MountSource::NamedPipe { pipe: _ } => {
            no_equivalent("named pipes are those of Windows").tell_at("type: npipe", site);
        }
        // Translated: `mount`.
        MountSource::Bind { .. } | MountSource::Image { .. } | MountSource::Cluster { .. } => {}
    }
}

fn report_volume(options: &VolumeOptions, site: &Site) {
    let VolumeOptions { labels, nocopy: _, subpath: _, extensions: _ } = options;
    if !labels.is_unset() {
        harmless("give the volume a name, and put the labels there").tell("volume", site);
    }
}

fn report_tmpfs(options: &TmpfsOptions, site: &Site) {
    attributes!(site, options => TmpfsOptions {
        extensions: MEANINGLESS,
        mode: no_equivalent("everyone may write to a volume in memory"),
        size: TRANSLATED,
    });
}
