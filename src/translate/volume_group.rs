//! The group of a pod's volumes. With Compose a volume belongs to whom the image says; a new claim belongs to root, and so
//! do the files of ConfigMaps and Secrets. What does not run as root has them through a group alone.

use std::collections::BTreeSet;

use crate::diagnostic::{Loss, codes};
use crate::model::{Container, FileMount};

use super::claim::writes_to_claim;
use super::findings::Site;
use super::label::settings;
use super::scope::Scope;
use super::security::ids;
use super::service_mounts::ServiceMount;
use super::setting::Settings;

/// Files keep their group where the volume itself has it: a data directory stays as strict as its program wants it.
const ON_ROOT_MISMATCH: &str = "OnRootMismatch";

/// `fsGroup` of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VolumeGroup {
    /// Its number.
    pub id: i64,
    /// Which volumes are given to it, where Kubernetes would give it all.
    pub change_policy: Option<&'static str>,
}

/// The group of the volumes of a pod: that of the label, or the one that a container needs.
pub fn volume_group(host: &str, scope: &Scope) -> Option<VolumeGroup> {
    let labels = &scope.service(host).container.labels;
    let settings = Settings::new(labels, scope.place(host).child("labels"));
    if let Some(label) = settings.get(settings::FS_GROUP) {
        let id = i64::from(label.number(0)?);
        return Some(VolumeGroup { id, change_policy: None });
    }
    let members = scope.pods.members_of(host);
    let id = members.iter().find_map(|member| {
        let key = &member.key;
        let service = scope.service(key);
        let hooks = service.pre_start.iter().enumerate();
        let hooks = hooks.map(|(index, it)| (&it.container, scope.mounts.of_hook(key, index)));
        let mut all = std::iter::once((&service.container, scope.mounts.of(key))).chain(hooks);
        all.find_map(|(spec, mounts)| needed_group(spec, mounts, scope))
    })?;
    Some(VolumeGroup { id, change_policy: Some(ON_ROOT_MISMATCH) })
}

/// The group through which a container has what belongs to root.
fn needed_group(spec: &Container, mounts: &[ServiceMount], scope: &Scope) -> Option<i64> {
    let (user, group) = spec.user.as_deref().map_or((None, None), ids);
    let mut closed =
        spec.configs.iter().chain(&spec.secrets).filter(|file| is_closed(file)).peekable();
    match user {
        Some(0) => None,
        Some(user) => {
            let needs = writes_to_claim(mounts, scope) || closed.peek().is_some();
            needs.then(|| group.or_else(|| added_group(spec)).unwrap_or(user))
        }
        // The image names a user; the file says which one the author knows of.
        None => closed.find_map(owner),
    }
}

fn added_group(spec: &Container) -> Option<i64> {
    spec.group_add.iter().find_map(|group| ids(group).0)
}

/// Whether a file is not for everyone.
pub fn is_closed(file: &FileMount) -> bool {
    file.mode.is_some_and(|mode| mode & 0o004 == 0)
}

/// The group, or else the user, that a file belongs to, if it is not root.
fn owner(file: &FileMount) -> Option<i64> {
    let number = |id: &Option<String>| id.as_deref()?.parse::<u32>().ok().filter(|id| *id != 0);
    number(&file.gid).or_else(|| number(&file.uid)).map(i64::from)
}

/// Says that pods give the files of a claim to different groups.
pub fn report_groups(hosts: &BTreeSet<&str>, site: &Site, scope: &Scope) {
    let with_group = |host: &&str| Some(((*host).to_owned(), volume_group(host, scope)?.id));
    let groups: Vec<(String, i64)> = hosts.iter().filter_map(with_group).collect();
    let [(first, group), ..] = groups.as_slice() else { return };
    if let Some((other, others)) = groups.iter().find(|(_, other)| other != group) {
        site.warn(
            codes::SHARED_VOLUME,
            Loss::Approximated,
            format!("`{first}` runs with the group {group} and `{other}` with {others}: what starts last gets the files"),
            "give both one group: `user: UID:GID`, or the label `longshore.fs-group`",
        );
    }
}
