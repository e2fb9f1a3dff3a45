use indexmap::IndexMap;
use k8s_openapi::api::core::v1::{
    Capabilities, PodSecurityContext, SecurityContext, Sysctl, WindowsSecurityContextOptions,
};

use super::findings::Site;
use super::security_opt::translate_security_opt;
use super::volume_group::VolumeGroup;

/// Sysctls that every kubelet allows.
const SAFE_SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

/// What a service says about the rights of its container.
#[derive(Debug, Clone)]
pub struct ContainerRights<'a> {
    /// `cap_add`.
    pub cap_add: &'a [String],
    /// `cap_drop`.
    pub cap_drop: &'a [String],
    /// `privileged`, or what needs it.
    pub privileged: bool,
    /// `read_only`.
    pub read_only: Option<bool>,
    /// `security_opt`.
    pub security_opt: &'a [String],
    /// `user`.
    pub user: Option<&'a str>,
    /// `credential_spec`.
    pub credential_spec: Option<WindowsSecurityContextOptions>,
}

/// What a service says about the rights of its pod.
#[derive(Debug, Clone, Copy)]
pub struct PodRights<'a> {
    /// `group_add`.
    pub group_add: &'a [String],
    /// `sysctls`.
    pub sysctls: &'a IndexMap<String, String>,
    /// The group of the volumes.
    pub volume_group: Option<VolumeGroup>,
    /// Whether the network is that of the node.
    pub on_host_network: bool,
}

/// The security context of a container, none when there is nothing to say.
pub fn translate_rights(rights: ContainerRights, site: &Site) -> Option<SecurityContext> {
    let ContainerRights {
        cap_add,
        cap_drop,
        privileged,
        read_only,
        security_opt,
        user,
        credential_spec,
    } = rights;
    let (run_as_user, run_as_group) =
        user.map_or((None, None), |user| translate_user(user, &site.child("user")));
    let capabilities = Capabilities { add: capabilities(cap_add), drop: capabilities(cap_drop) };
    let mut context = SecurityContext {
        capabilities: (capabilities != Capabilities::default()).then_some(capabilities),
        privileged: privileged.then_some(true),
        read_only_root_filesystem: read_only.filter(|read_only| *read_only),
        run_as_user,
        run_as_group,
        windows_options: credential_spec,
        ..SecurityContext::default()
    };
    translate_security_opt(security_opt, &mut context, &site.child("security_opt"));
    (context != SecurityContext::default()).then_some(context)
}

/// The security context of a pod, none when there is nothing to say.
pub fn translate_pod_rights(rights: PodRights, site: &Site) -> Option<PodSecurityContext> {
    let PodRights { group_add, sysctls, volume_group, on_host_network } = rights;
    let groups = translate_groups(group_add, &site.child("group_add"));
    let sysctls = translate_sysctls(sysctls, on_host_network, &site.child("sysctls"));
    let context = PodSecurityContext {
        fs_group: volume_group.map(|group| group.id),
        fs_group_change_policy: volume_group
            .and_then(|group| group.change_policy.map(str::to_owned)),
        supplemental_groups: (!groups.is_empty()).then_some(groups),
        sysctls: (!sysctls.is_empty()).then_some(sysctls),
        ..PodSecurityContext::default()
    };
    (context != PodSecurityContext::default()).then_some(context)
}

/// Whether every kubelet allows the sysctl.
pub fn is_safe_sysctl(name: &str) -> bool {
    SAFE_SYSCTLS.contains(&name)
}

/// The runtime adds the prefix that Linux has and Kubernetes has not.
fn capabilities(names: &[String]) -> Option<Vec<String>> {
    let plain = |name: &String| {
        let name = name.to_ascii_uppercase();
        name.strip_prefix("CAP_").map_or(name.clone(), str::to_owned)
    };
    (!names.is_empty()).then(|| names.iter().map(plain).collect())
}

fn translate_user(user: &str, site: &Site) -> (Option<i64>, Option<i64>) {
    let (user_id, group_id) = ids(user);
    let (name, group) = user.split_once(':').unwrap_or((user, ""));
    let lacks_user = user_id.is_none() && !name.is_empty();
    let lacks_group = group_id.is_none() && user.contains(':');
    match (lacks_user, lacks_group) {
        (true, true) => site.not_translated(
            format!("the user `{name}` and the group `{group}` have no numbers that are known without the image"),
            format!("use the numbers that the image has: `UID:GID` for `{user}`"),
        ),
        (true, false) => report_name("user", name, site),
        (false, true) => report_name("group", group, site),
        (false, false) => {}
    }
    // The kubelet refuses a group without a user.
    (user_id, user_id.and(group_id))
}

/// The numbers of a user, and of its group after `:`, as far as they are written.
pub fn ids(user: &str) -> (Option<i64>, Option<i64>) {
    let (user, group) =
        user.split_once(':').map_or((user, None), |(user, group)| (user, Some(group)));
    (id(user), group.and_then(id))
}

fn translate_groups(names: &[String], site: &Site) -> Vec<i64> {
    let mut groups = Vec::new();
    for (index, name) in names.iter().enumerate() {
        match id(name) {
            Some(group) if groups.contains(&group) => {}
            Some(group) => groups.push(group),
            None => report_name("group", name, &site.item(index)),
        }
    }
    groups
}

fn translate_sysctls(
    sysctls: &IndexMap<String, String>,
    on_host_network: bool,
    site: &Site,
) -> Vec<Sysctl> {
    let (of_host, sysctls): (IndexMap<_, _>, IndexMap<_, _>) =
        sysctls.iter().partition(|(name, _)| on_host_network && name.starts_with("net."));
    for name in of_host.keys() {
        site.child(name).not_translated(
            format!("`{name}` belongs to the node, whose network the pod uses"),
            "set it on the node",
        );
    }
    for name in sysctls.keys().filter(|name| !is_safe_sysctl(name)) {
        site.child(name).approximated(
            format!("`{name}` is an unsafe sysctl: a node refuses the pod unless it allows it"),
            format!("start the kubelet with `--allowed-unsafe-sysctls={name}`"),
        );
    }
    let sysctl =
        |(name, value): (&String, &String)| Sysctl { name: name.clone(), value: value.clone() };
    sysctls.into_iter().map(sysctl).collect()
}

fn id(name: &str) -> Option<i64> {
    if name == "root" { Some(0) } else { name.parse::<u32>().ok().map(i64::from) }
}

fn report_name(what: &str, name: &str, site: &Site) {
    site.not_translated(
        format!("the {what} `{name}` has no number that is known without the image"),
        format!("use the number that the image has for `{name}`"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    #[test]
    fn users_and_groups() {
        for (user, expected, findings_expected) in [
            ("1000:100", (Some(1000), Some(100)), 0),
            ("0", (Some(0), None), 0),
            ("root:root", (Some(0), Some(0)), 0),
            ("app", (None, None), 1),
            ("app:staff", (None, None), 1),
            ("5:staff", (Some(5), None), 1),
        ] {
            let origins = Origins::default();
            let findings = Findings::new(&origins);
            assert_eq!(translate_user(user, &findings.site("services.a.user")), expected, "{user}");
            assert_eq!(findings.into_report().iter().count(), findings_expected, "{user}");
        }
    }

    #[test]
    fn capabilities_lose_their_prefix() {
        let names = ["CAP_NET_ADMIN".to_owned(), "sys_time".to_owned(), "ALL".to_owned()];
        assert_eq!(capabilities(&names).unwrap(), ["NET_ADMIN", "SYS_TIME", "ALL"]);
    }
}
