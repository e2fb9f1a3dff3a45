use k8s_openapi::api::core::v1::{
    Capabilities, PodSecurityContext, Probe, SeccompProfile, SecurityContext,
};

use crate::diagnostic::{Loss, codes};

use super::context::{Container, Pod};
use super::findings::Site;
use super::security::is_safe_sysctl;
use super::security_opt::has_all_rights;

/// The volumes that the profile allows, by the field that says what a volume is.
const VOLUMES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];
/// The one capability that may be added.
const BIND_SERVICE: &str = "NET_BIND_SERVICE";
/// The types of a process of `SELinux` that the profile allows.
const SE_LINUX_TYPES: &[&str] =
    &["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

/// Hardens a pod until it meets the profile "restricted" of the
/// [Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/).
///
/// What the service says nothing about is set as the profile wants it. What the service asks for and the
/// profile forbids stays, because the program needs it, and is reported: that pod is refused.
pub fn restrict(pod: &mut Pod, site: &Site) {
    let runs_as_root = pod
        .init_containers
        .iter()
        .chain(&pod.containers)
        .any(|container| user(container, pod) == Some(0));
    let context = pod.security_context.get_or_insert_with(PodSecurityContext::default);
    context.run_as_non_root = (!runs_as_root).then_some(true);
    context.seccomp_profile.get_or_insert_with(runtime_default);
    for container in pod.init_containers.iter_mut().chain(&mut pod.containers) {
        restrict_container(container);
    }
    for reason in violations(pod) {
        site.warn(
            codes::POD_SECURITY,
            Loss::IgnoredBehaviourChange,
            format!("the pod does not meet the profile \"restricted\": {}", reason.what),
            reason.remedy,
        );
    }
    for container in pod.init_containers.iter().chain(&pod.containers) {
        if user(container, pod).is_none() {
            site.note(
                codes::POD_SECURITY,
                Loss::Approximated,
                "the pod starts only if its image names a user by number that is not root",
                "name the user as well, e.g. `user: \"1000:1000\"`",
            );
        }
    }
}

fn restrict_container(container: &mut Container) {
    let context = container.security_context.get_or_insert_with(SecurityContext::default);
    if !has_all_rights(context) {
        context.allow_privilege_escalation = Some(false);
    }
    // What else was dropped is dropped with everything.
    let capabilities = context.capabilities.get_or_insert_with(Capabilities::default);
    capabilities.drop = Some(vec!["ALL".to_owned()]);
}

fn runtime_default() -> SeccompProfile {
    SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }
}

/// Why a pod is refused, and what to do.
#[derive(Debug, PartialEq, Eq)]
struct Violation {
    what: String,
    remedy: &'static str,
}

fn violations(pod: &Pod) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut find = |is_violated: bool, what: String, remedy| {
        if is_violated {
            found.push(Violation { what, remedy });
        }
    };
    let namespaces = [
        (pod.host_network, "hostNetwork", "remove `network_mode: host`"),
        (pod.host_pid, "hostPID", "remove `pid: host`"),
        (pod.host_ipc, "hostIPC", "remove `ipc: host`"),
    ];
    for (shared, field, remedy) in namespaces {
        find(shared, format!("it uses the node's own namespace (`{field}`)"), remedy);
    }
    for volume in &pod.volumes {
        let kind = volume.source.as_object().and_then(|source| source.keys().next());
        let kind = kind.map_or("", String::as_str);
        let remedy = match kind {
            "nfs" => "write a PersistentVolume and a claim for it, and use `external: true`",
            _ => "use a named volume, a config or a secret",
        };
        find(
            !VOLUMES.contains(&kind),
            format!("the volume `{}` is a `{kind}`", volume.name),
            remedy,
        );
    }
    for sysctl in pod.security_context.iter().flat_map(|it| it.sysctls.iter().flatten()) {
        find(
            !is_safe_sysctl(&sysctl.name),
            format!("the sysctl `{}` is unsafe", sysctl.name),
            "remove it from `sysctls`",
        );
    }
    for container in pod.init_containers.iter().chain(&pod.containers) {
        let user = user(container, pod);
        find(user == Some(0), "it runs as root".to_owned(), "use another `user`");
        find(
            container.ports.iter().any(|port| port.host_port.is_some_and(|port| port > 0)),
            "it takes a port of the node (`hostPort`)".to_owned(),
            "publish the port without `mode: host`",
        );
        let probes =
            [&container.startup_probe, &container.readiness_probe, &container.liveness_probe];
        find(
            probes.into_iter().flatten().any(names_host),
            "a probe names a host".to_owned(),
            "let the probe ask the pod itself",
        );
        let Some(context) = &container.security_context else { continue };
        for (is_violated, what, remedy) in container_violations(context) {
            find(is_violated, what, remedy);
        }
    }
    found
}

fn container_violations(context: &SecurityContext) -> Vec<(bool, String, &'static str)> {
    let added = context.capabilities.iter().flat_map(|it| it.add.iter().flatten());
    let added: Vec<&str> = added.map(String::as_str).filter(|name| *name != BIND_SERVICE).collect();
    let seccomp = context.seccomp_profile.as_ref().map(|profile| profile.type_.as_str());
    let app_armor = context.app_armor_profile.as_ref().map(|profile| profile.type_.as_str());
    let labels = context.se_linux_options.as_ref();
    vec![
        (
            context.privileged == Some(true),
            "it is privileged".to_owned(),
            "remove `privileged` and `devices`",
        ),
        (
            !added.is_empty(),
            format!("it adds the capabilities {}", added.join(", ")),
            "remove `cap_add`; only NET_BIND_SERVICE may be added",
        ),
        (
            seccomp == Some("Unconfined"),
            "seccomp is off".to_owned(),
            "remove `seccomp=unconfined` from `security_opt`",
        ),
        (
            app_armor == Some("Unconfined"),
            "AppArmor is off".to_owned(),
            "remove `apparmor=unconfined` from `security_opt`",
        ),
        (
            context.proc_mount.is_some(),
            "it sees all of /proc".to_owned(),
            "remove `systempaths=unconfined` from `security_opt`",
        ),
        (
            labels.is_some_and(|labels| {
                labels.user.is_some()
                    || labels.role.is_some()
                    || !SE_LINUX_TYPES.contains(&labels.type_.as_deref().unwrap_or_default())
            }),
            "it has an SELinux label of its own".to_owned(),
            "remove `label` from `security_opt`",
        ),
    ]
}

fn names_host(probe: &Probe) -> bool {
    probe.http_get.as_ref().is_some_and(|it| it.host.is_some())
        || probe.tcp_socket.as_ref().is_some_and(|it| it.host.is_some())
}

/// The number of the user that a container runs as; none leaves it to the image.
fn user(container: &Container, pod: &Pod) -> Option<i64> {
    let own = container.security_context.as_ref().and_then(|context| context.run_as_user);
    own.or_else(|| pod.security_context.as_ref().and_then(|context| context.run_as_user))
}
