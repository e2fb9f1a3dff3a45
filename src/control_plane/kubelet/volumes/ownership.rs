//! Files that all containers of a pod may use: `fsGroup`.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, lchown};
use std::path::Path;

use k8s_openapi::api::core::v1::Pod;

use crate::control_plane::kubelet::pod_directory::{FileError, failed, set_mode};

/// The group that a pod's containers share.
///
/// Only root may give files to a group. Anyone else opens them to all users instead, which is the
/// same to containers: all of a pod are in the group, and nobody else can enter the pod's directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ownership {
    group: u32,
    only_on_mismatch: bool,
    by_group: bool,
}

/// What the group may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

impl Access {
    fn bits(self) -> u32 {
        match self {
            Self::Read => 0o4,
            Self::Write => 0o6,
        }
    }
}

impl Ownership {
    /// The group of a pod; none when it has none.
    pub(super) fn of(pod: &Pod) -> Option<Self> {
        let security = pod.spec.as_ref()?.security_context.as_ref()?;
        let policy = security.fs_group_change_policy.as_deref();
        Some(Self {
            group: u32::try_from(security.fs_group?).ok()?,
            only_on_mismatch: policy == Some("OnRootMismatch"),
            by_group: nix::unistd::geteuid().is_root(),
        })
    }

    /// Gives a directory and all below it to the group.
    pub(super) fn give(self, path: &Path, access: Access) -> Result<(), FileError> {
        self.give_entry(path, access, &fs::symlink_metadata(path).map_err(failed("read", path))?)
    }

    /// The same for what may have been given already: not again where the policy says so.
    pub(super) fn give_once(self, path: &Path, access: Access) -> Result<(), FileError> {
        let metadata = fs::symlink_metadata(path).map_err(failed("read", path))?;
        let wanted = self.mode_of_directory(metadata.mode(), access);
        let is_given = (!self.by_group || metadata.gid() == self.group)
            && metadata.mode() & 0o7777 == wanted & 0o7777;
        if self.only_on_mismatch && is_given {
            return Ok(());
        }
        self.give_entry(path, access, &metadata)
    }

    /// The mode that a file gets which had this one.
    pub(super) fn mode_of_file(self, mode: u32, access: Access) -> u32 {
        let bits = access.bits();
        mode | bits << 6 | if self.by_group { bits << 3 } else { bits << 3 | bits }
    }

    fn mode_of_directory(self, mode: u32, access: Access) -> u32 {
        self.mode_of_file(mode, access) | if self.by_group { 0o2110 } else { 0o111 }
    }

    fn give_entry(
        self,
        path: &Path,
        access: Access,
        metadata: &fs::Metadata,
    ) -> Result<(), FileError> {
        if self.by_group {
            lchown(path, None, Some(self.group)).map_err(failed("set the group of", path))?;
        }
        if metadata.is_symlink() {
            return Ok(());
        }
        // What a container has made as another user is open to its own kind already.
        if self.by_group || metadata.uid() == nix::unistd::geteuid().as_raw() {
            let mode = if metadata.is_dir() {
                self.mode_of_directory(metadata.mode(), access)
            } else {
                self.mode_of_file(metadata.mode(), access)
            };
            set_mode(path, mode & 0o7777)?;
        }
        if metadata.is_dir() {
            for entry in fs::read_dir(path).map_err(failed("read", path))? {
                let entry = entry.map_err(failed("read", path))?;
                let path = entry.path();
                let metadata = entry.metadata().map_err(failed("read", &path))?;
                self.give_entry(&path, access, &metadata)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    /// A tree with a secret file, after it was given; each as `gid mode`.
    fn given(by_group: bool, access: Access) -> Vec<(u32, u32)> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        fs::create_dir(path.join("sub")).unwrap();
        fs::write(path.join("sub/file"), "x").unwrap();
        for (name, mode) in [("", 0o700), ("sub", 0o755), ("sub/file", 0o400)] {
            fs::set_permissions(path.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        symlink("/etc/passwd", path.join("link")).unwrap();
        let outside = fs::metadata("/etc/passwd").unwrap();
        let own = fs::metadata(path).unwrap().gid();
        let group = if by_group { 4321 } else { own };
        Ownership { group, only_on_mismatch: false, by_group }.give(path, access).unwrap();
        let after = fs::metadata("/etc/passwd").unwrap();
        assert_eq!((outside.gid(), outside.mode()), (after.gid(), after.mode()));
        let shown = ["", "sub", "sub/file"].map(|name| {
            let metadata = fs::metadata(path.join(name)).unwrap();
            (metadata.gid(), metadata.mode() & 0o7777)
        });
        shown.to_vec()
    }

    #[test]
    fn the_group_may_use_all_files() {
        if !nix::unistd::geteuid().is_root() {
            eprintln!("skipped: needs root");
            return;
        }
        assert_eq!(given(true, Access::Write), [(4321, 0o2770), (4321, 0o2775), (4321, 0o660)]);
        assert_eq!(given(true, Access::Read), [(4321, 0o2750), (4321, 0o2755), (4321, 0o440)]);
    }

    #[test]
    fn without_root_all_users_may() {
        let modes = |access| given(false, access).into_iter().map(|(_, mode)| mode);
        assert_eq!(modes(Access::Write).collect::<Vec<_>>(), [0o777, 0o777, 0o666]);
        assert_eq!(modes(Access::Read).collect::<Vec<_>>(), [0o755, 0o755, 0o444]);
    }
}
