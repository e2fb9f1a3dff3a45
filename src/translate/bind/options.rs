use crate::diagnostic::{Loss, codes};
use crate::model::BindOptions;
use crate::translate::findings::Site;
use crate::translate::volume::Place;

/// `bind`, as the node that has the path can do it.
pub fn translate_bind_options<'a>(
    options: &BindOptions,
    is_privileged: bool,
    place: Place<'a>,
) -> Place<'a> {
    let BindOptions {
        create_host_path: _,
        propagation,
        recursive,
        // `report_selinux`.
        selinux: _,
        extensions: _,
    } = options;
    let site = place.site.child("bind");
    let propagation = mount_propagation(propagation.as_deref(), is_privileged, &site);
    let recursive_read_only = recursive_read_only(
        recursive.as_deref(),
        place.read_only && propagation.is_none(),
        &site.child("recursive"),
    );
    Place { recursive_read_only, propagation, ..place }
}

fn mount_propagation(
    propagation: Option<&str>,
    is_privileged: bool,
    site: &Site,
) -> Option<&'static str> {
    match propagation? {
        // What Kubernetes does anyway.
        "" | "private" | "rprivate" => None,
        "slave" | "rslave" => Some("HostToContainer"),
        "shared" | "rshared" if is_privileged => Some("Bidirectional"),
        "shared" | "rshared" => {
            site.child("propagation").approximated(
                "Kubernetes lets only privileged containers hand mounts on to the node; the other way is kept",
                "set `privileged: true` if the node must see what the container mounts",
            );
            Some("HostToContainer")
        }
        other => {
            site.child("propagation").invalid(
                format!("`{other}` is not a propagation"),
                "use `private`, `rprivate`, `slave`, `rslave`, `shared` or `rshared`",
            );
            None
        }
    }
}

fn recursive_read_only(
    recursive: Option<&str>,
    is_possible: bool,
    site: &Site,
) -> Option<&'static str> {
    match recursive? {
        "readonly" if is_possible => Some("Enabled"),
        "readonly" => {
            site.not_translated(
                "Kubernetes keeps what is mounted below read-only only for a mount that is read-only and private",
                "set `read_only: true`, and leave `propagation` out",
            );
            None
        }
        "disabled" => {
            site.not_translated(
                "what the node has mounted below the path is part of it",
                "mount the parts that are needed one by one",
            );
            None
        }
        // `enabled` and `writable` are what Kubernetes does anyway.
        _ => None,
    }
}

/// Says which options only the path of a node can have; Kubernetes labels its own volumes for `SELinux`.
pub fn report_bind_options(options: Option<&BindOptions>, what: &str, site: &Site) {
    let Some(BindOptions {
        create_host_path: _,
        propagation,
        recursive,
        selinux: _,
        extensions: _,
    }) = options
    else {
        return;
    };
    let usual = ["", "private", "rprivate", "enabled"];
    let site = site.child("bind");
    for (key, value) in [("propagation", propagation), ("recursive", recursive)] {
        if value.as_deref().is_some_and(|value| !usual.contains(&value)) {
            site.child(key).note(
                codes::NOT_TRANSLATED,
                Loss::IgnoredHarmless,
                format!("`{key}` has no meaning for {what}"),
                "remove it, or choose `hostpath` with the label `longshore.bind`",
            );
        }
    }
}

/// Says that `z` and `Z` are lost.
pub fn report_selinux(selinux: Option<&str>, site: &Site) {
    if selinux.is_some() {
        site.child("bind").child("selinux").not_translated(
            "Kubernetes does not label a path of the node",
            "label it on the node, or set `seLinuxOptions` in the template of the pod",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Extensions, Origins};
    use crate::translate::findings::Findings;

    #[test]
    fn options_of_a_mount() {
        let origins = Origins::default();
        // propagation, recursive, privileged, read-only: both fields of the mount, and findings
        for (propagation, recursive, privileged, read_only, expected, count) in [
            (None, None, false, false, [None, None], 0),
            (Some("rprivate"), Some("enabled"), false, true, [None, None], 0),
            (Some("rslave"), Some("writable"), false, true, [Some("HostToContainer"), None], 0),
            (Some("shared"), None, true, false, [Some("Bidirectional"), None], 0),
            (Some("rshared"), None, false, false, [Some("HostToContainer"), None], 1),
            (None, Some("readonly"), false, true, [None, Some("Enabled")], 0),
            (None, Some("readonly"), false, false, [None, None], 1),
            (Some("slave"), Some("readonly"), false, true, [Some("HostToContainer"), None], 1),
            (None, Some("disabled"), false, true, [None, None], 1),
            (Some("upwards"), None, false, false, [None, None], 1),
        ] {
            let findings = Findings::new(&origins);
            let options = BindOptions {
                create_host_path: true,
                propagation: propagation.map(str::to_owned),
                recursive: recursive.map(str::to_owned),
                selinux: None,
                extensions: Extensions::default(),
            };
            let site = findings.site("services.a.volumes[0]");
            let place = Place::new("/a", read_only, &site);
            let place = translate_bind_options(&options, privileged, place);
            let case = format!("{propagation:?} {recursive:?} {privileged} {read_only}");
            assert_eq!([place.propagation, place.recursive_read_only], expected, "{case}");
            assert_eq!(findings.into_report().iter().count(), count, "{case}");
        }
    }
}
