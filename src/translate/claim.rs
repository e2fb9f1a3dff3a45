//! What all claims have in common: how much they ask for, and who may have them.

use std::collections::BTreeSet;

use crate::diagnostic::{Loss, codes};

use super::binds::BoundPath;
use super::findings::Site;
use super::kompose;
use super::options::Compat;
use super::scope::Scope;
use super::service_mounts::{Mounted, ServiceMount};
use super::storage::{Backing, backing, is_read_only};
use super::volume::parse_size;
use super::workload::{Workload, replicas};

/// `ReadWriteOnce` where one pod has the volume; else what lets all pods have it, which is reported.
pub fn access_mode(mounts: &[Mounted], scope: &Scope, site: &Site) -> &'static str {
    let is_shared = is_shared(mounts, scope);
    if scope.options.compat == Compat::Kompose {
        let mode = kompose::access_mode(mounts);
        if is_shared && mode == "ReadWriteOnce" {
            site.warn(
                codes::SHARED_VOLUME,
                Loss::Approximated,
                "several pods use the volume, and only those on one node can have it: kompose has asked for ReadWriteOnce, which cannot be changed",
                "copy the content to a volume of another name, which asks for what is needed without `--compat kompose`",
            );
        }
        return mode;
    }
    if !is_shared {
        return "ReadWriteOnce";
    }
    if mounts.iter().all(|(_, it)| it.mount.read_only) {
        site.warn(
            codes::SHARED_VOLUME,
            Loss::Approximated,
            "several pods read the volume and none writes to it, so it asks for ReadOnlyMany: something else must fill it",
            "mount it without `read_only` where it is filled, or put what is small into a config",
        );
        return "ReadOnlyMany";
    }
    site.warn(
        codes::SHARED_VOLUME,
        Loss::Approximated,
        "several pods use the volume, so it asks for ReadWriteMany, which not every StorageClass offers",
        "choose a StorageClass that offers it, or let one service own the volume",
    );
    "ReadWriteMany"
}

/// Whether several pods have it; services that share a pod are one.
fn is_shared(mounts: &[Mounted], scope: &Scope) -> bool {
    let is_bound = scope.options.compat == Compat::Longshore
        && mounts.iter().any(|(_, it)| scope.binds.claim(it, scope.project).is_some());
    let pods = |host: &str| match scope.workloads.get(host) {
        // Each of its pods has storage of its own: `stateful_set`.
        Some(Workload::StatefulSet) if !is_bound => 1,
        // One on each node.
        Some(Workload::DaemonSet | Workload::NodeTask) => 2,
        _ => replicas(scope.service(host)).max(1),
    };
    let pods = hosts(mounts, scope).into_iter().map(pods);
    pods.fold(0_u32, u32::saturating_add) > 1
}

/// The services whose pods have it.
pub fn hosts<'s>(mounts: &[Mounted<'s>], scope: &'s Scope) -> BTreeSet<&'s str> {
    mounts.iter().map(|(key, _)| scope.pods.host_of(key)).collect()
}

/// Whether a service has a claim that only one pod can have; those of kompose are all like that.
pub fn holds_exclusively(key: &str, scope: &Scope) -> bool {
    let is_alone =
        |mounts: &[Mounted]| scope.options.compat == Compat::Kompose || !is_shared(mounts, scope);
    scope.mounts.of_pod_of(key).any(|it| {
        if scope.binds.claim(it, scope.project).is_some() {
            return is_alone(&scope.binds.mounts_of_same(it, scope));
        }
        let Some(name) = it.named_volume() else { return false };
        let volume = scope.project.volumes.get(name);
        volume.is_some_and(|volume| backing(volume) == Backing::Claim)
            && is_alone(&scope.mounts.of_volume(name))
    })
}

/// Whether one of these mounts can be written to and is a claim of the project. What is external keeps the owner that somebody
/// else has given it.
pub fn writes_to_claim(mounts: &[ServiceMount], scope: &Scope) -> bool {
    let is_claim = |it: &ServiceMount| {
        let bound = BoundPath::of(it, scope.project);
        if bound.is_some() || it.is_unnamed_volume() {
            let is_writable = bound.is_none_or(|bound| !bound.read_only);
            return is_writable && scope.binds.claim(it, scope.project).is_some();
        }
        let named = it.named_volume().and_then(|name| scope.project.volumes.get(name));
        named.is_some_and(|it| backing(it) == Backing::Claim && !is_read_only(it))
    };
    mounts.iter().any(|it| !it.mount.read_only && is_claim(it))
}

/// How much a claim asks for; what says no size is reported.
pub fn storage_request(wanted: Option<&str>, default: &str, site: &Site) -> String {
    let Some(wanted) = wanted else {
        site.note(
            codes::VOLUME_SIZE,
            Loss::Approximated,
            format!("the volume says no size and asks for {default}"),
            "set the label `longshore.volume.size` of the volume, e.g. `10Gi`, or `--volume-size`",
        );
        return default.to_owned();
    };
    if is_quantity(wanted) {
        return wanted.to_owned();
    }
    if let Some(bytes) = parse_size(wanted).filter(|bytes| *bytes > 0) {
        return super::resources::bytes(bytes);
    }
    site.invalid(format!("`{wanted}` is not an amount of storage"), "write e.g. `10Gi`");
    default.to_owned()
}

/// Whether the text is an amount of storage as Kubernetes writes it, e.g. `10Gi`.
pub fn is_quantity(text: &str) -> bool {
    let number = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit = text.get(number.len()..).unwrap_or_default();
    ["", "Ki", "Mi", "Gi", "Ti", "Pi", "k", "M", "G", "T", "P"].contains(&unit)
        && number.parse::<f64>().is_ok_and(|number| number > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        for text in ["1Gi", "1.5Ti", "500M", "10"] {
            assert!(is_quantity(text), "{text}");
        }
        for text in ["", "Gi", "1GB", "-1Gi", "1g"] {
            assert!(!is_quantity(text), "{text}");
        }
    }
}
