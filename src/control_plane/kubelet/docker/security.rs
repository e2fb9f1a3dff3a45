use bollard::models::HostConfig;
use k8s_openapi::api::core::v1::{
    Container, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext,
};

use crate::control_plane::kubelet::runtime::{ContainerConfig, RuntimeError};
use crate::engine::{Engine, reason};

/// What a container may do, on top of its resources.
pub(super) fn host_config(
    pod: &PodSpec,
    container: &Container,
    resources: HostConfig,
) -> HostConfig {
    let of_pod = pod.security_context.clone().unwrap_or_default();
    let own = container.security_context.clone().unwrap_or_default();
    let capabilities = own.capabilities.clone().unwrap_or_default();
    let groups = of_pod.supplemental_groups.iter().flatten().chain(&of_pod.fs_group);
    let unmasked = own.proc_mount.as_deref() == Some("Unmasked");
    HostConfig {
        privileged: own.privileged,
        readonly_rootfs: own.read_only_root_filesystem,
        cap_add: capabilities.add,
        cap_drop: capabilities.drop,
        group_add: Some(groups.map(ToString::to_string).collect()),
        security_opt: Some(options(&of_pod, &own)),
        masked_paths: unmasked.then(Vec::new),
        readonly_paths: unmasked.then(Vec::new),
        ..resources
    }
}

/// The options of the engine's `--security-opt`.
fn options(pod: &PodSecurityContext, own: &SecurityContext) -> Vec<String> {
    let mut options = Vec::new();
    if own.allow_privilege_escalation == Some(false) {
        options.push("no-new-privileges".to_owned());
    }
    let seccomp = own.seccomp_profile.as_ref().or(pod.seccomp_profile.as_ref());
    // The engine's own profile stands for `RuntimeDefault`, and is kept when nothing is said.
    if let Some(SeccompProfile { type_, .. }) = seccomp.filter(|one| one.type_ == "Unconfined") {
        options.push(format!("seccomp={}", type_.to_lowercase()));
    }
    let apparmor = own.app_armor_profile.as_ref().or(pod.app_armor_profile.as_ref());
    match apparmor.map(|profile| (profile.type_.as_str(), profile.localhost_profile.as_deref())) {
        Some(("Unconfined", _)) => options.push("apparmor=unconfined".to_owned()),
        Some(("Localhost", Some(name))) => options.push(format!("apparmor={name}")),
        _ => {}
    }
    if let Some(selinux) = own.se_linux_options.as_ref().or(pod.se_linux_options.as_ref()) {
        let parts = [
            ("user", &selinux.user),
            ("role", &selinux.role),
            ("type", &selinux.type_),
            ("level", &selinux.level),
        ];
        let given = parts.iter().filter_map(|(part, value)| Some((part, (*value).as_ref()?)));
        options.extend(given.map(|(part, value)| format!("label={part}:{value}")));
    }
    options
}

/// The user that a container runs as; `None` leaves it to the image.
pub(super) async fn user(
    engine: &Engine,
    config: &ContainerConfig<'_>,
) -> Result<Option<String>, RuntimeError> {
    let spec = config.pod.spec.as_ref();
    let of_pod = spec.and_then(|spec| spec.security_context.clone()).unwrap_or_default();
    let own = config.container.security_context.clone().unwrap_or_default();
    let user = own.run_as_user.or(of_pod.run_as_user);
    let group = own.run_as_group.or(of_pod.run_as_group);
    let must_not_be_root = own.run_as_non_root.or(of_pod.run_as_non_root) == Some(true);
    let of_image = if user.is_none() && (group.is_some() || must_not_be_root) {
        let image = engine.docker().inspect_image(config.image).await;
        let image = image.map_err(|error| RuntimeError::Config { reason: reason(&error) })?;
        image.config.and_then(|config| config.user).unwrap_or_default()
    } else {
        String::new()
    };
    if must_not_be_root {
        check_user(user, &of_image)?;
    }
    let of_image = of_image.split(':').next().unwrap_or_default().to_owned();
    Ok(match (user, group) {
        (Some(user), Some(group)) => Some(format!("{user}:{group}")),
        (Some(user), None) => Some(user.to_string()),
        (None, Some(group)) if of_image.is_empty() => Some(format!("0:{group}")),
        (None, Some(group)) => Some(format!("{of_image}:{group}")),
        (None, None) => None,
    })
}

fn check_user(user: Option<i64>, of_image: &str) -> Result<(), RuntimeError> {
    let refused = |reason: &str| Err(RuntimeError::Config { reason: reason.to_owned() });
    let name = of_image.split(':').next().unwrap_or_default();
    match (user, name.parse::<i64>()) {
        (Some(0), _) => refused("container's runAsUser breaks non-root policy"),
        (None, Ok(0)) => refused("container has runAsNonRoot and image will run as root"),
        (Some(_), _) | (None, Ok(_)) => Ok(()),
        (None, Err(_)) if name.is_empty() || name == "root" => {
            refused("container has runAsNonRoot and image will run as root")
        }
        (None, Err(_)) => {
            let reason = "container has runAsNonRoot and image has non-numeric user";
            Err(RuntimeError::Config {
                reason: format!("{reason} ({name}), cannot verify user is non-root"),
            })
        }
    }
}
