use k8s_openapi::api::core::v1::{
    AppArmorProfile, SELinuxOptions, SeccompProfile, SecurityContext,
};

use super::findings::Site;

/// The type of a process that `SELinux` does not confine.
const UNCONFINED_TYPE: &str = "spc_t";

/// Adds what `security_opt` says to the rights of a container.
///
/// The options are those of Docker Engine's `--security-opt`; `=` and `:` both part a name from its value.
pub fn translate_security_opt(options: &[String], context: &mut SecurityContext, site: &Site) {
    for (index, option) in options.iter().enumerate() {
        let site = site.item(index);
        let (name, value) = option.split_once(['=', ':']).unwrap_or((option, ""));
        match (name, value) {
            ("no-new-privileges", "" | "true") => forbid_new_privileges(context, &site),
            ("no-new-privileges", "false") => {}
            ("seccomp", profile) if !profile.is_empty() => {
                context.seccomp_profile = Some(seccomp(profile, &site));
            }
            ("apparmor", profile) if !profile.is_empty() => {
                context.app_armor_profile = Some(app_armor(profile, &site));
            }
            ("label", label) => add_label(label, context, &site),
            ("systempaths", "unconfined") => {
                context.proc_mount = Some("Unmasked".to_owned());
                site.approximated(
                    "`procMount: Unmasked` is refused unless the pod has a user namespace of its own",
                    "set `userns_mode: private` as well",
                );
            }
            _ => site.not_translated(
                format!("`{option}` has no equivalent in the security context of a container"),
                "known: no-new-privileges, seccomp, apparmor, label, systempaths",
            ),
        }
    }
}

/// Whether a container has all rights: Kubernetes refuses to forbid it to raise them.
pub fn has_all_rights(context: &SecurityContext) -> bool {
    let added = context.capabilities.iter().flat_map(|it| it.add.iter().flatten());
    context.privileged == Some(true)
        || added.into_iter().any(|name| ["ALL", "SYS_ADMIN"].contains(&name.as_str()))
}

fn forbid_new_privileges(context: &mut SecurityContext, site: &Site) {
    if has_all_rights(context) {
        site.not_translated(
            "a privileged container can always raise its rights in Kubernetes",
            "remove `privileged` or the capability SYS_ADMIN",
        );
    } else {
        context.allow_privilege_escalation = Some(false);
    }
}

fn seccomp(profile: &str, site: &Site) -> SeccompProfile {
    let (type_, localhost_profile) = match profile {
        "unconfined" => ("Unconfined", None),
        "builtin" => ("RuntimeDefault", None),
        file => {
            let file = file.rsplit('/').next().unwrap_or(file).to_owned();
            site.approximated(
                format!(
                    "the profile is read from the node: `seccomp/{file}` in the kubelet's directory"
                ),
                "put the file on every node, e.g. with the Security Profiles Operator",
            );
            ("Localhost", Some(file))
        }
    };
    SeccompProfile { type_: type_.to_owned(), localhost_profile }
}

fn app_armor(profile: &str, site: &Site) -> AppArmorProfile {
    let (type_, localhost_profile) = match profile {
        "unconfined" => ("Unconfined", None),
        "docker-default" | "runtime/default" => ("RuntimeDefault", None),
        name => {
            site.approximated(
                format!("the profile `{name}` has to be loaded on the node"),
                "load it on every node, e.g. with the Security Profiles Operator",
            );
            ("Localhost", Some(name.to_owned()))
        }
    };
    AppArmorProfile { type_: type_.to_owned(), localhost_profile }
}

fn add_label(label: &str, context: &mut SecurityContext, site: &Site) {
    let options = context.se_linux_options.get_or_insert_with(SELinuxOptions::default);
    match label.split_once([':', '=']) {
        Some(("user", user)) => options.user = Some(user.to_owned()),
        Some(("role", role)) => options.role = Some(role.to_owned()),
        Some(("type", kind)) => options.type_ = Some(kind.to_owned()),
        Some(("level", level)) => options.level = Some(level.to_owned()),
        None if label == "disable" => options.type_ = Some(UNCONFINED_TYPE.to_owned()),
        _ => site.invalid(
            format!("`{label}` is not a label of SELinux"),
            "use `label=disable`, or `user`, `role`, `type` or `level` with a value, e.g. `label=type:spc_t`",
        ),
    }
    if *options == SELinuxOptions::default() {
        context.se_linux_options = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    fn check(options: &[&str], expected: &str, findings_expected: usize) {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let mut context = SecurityContext::default();
        translate_security_opt(&options, &mut context, &findings.site("services.a.security_opt"));
        assert_eq!(serde_json::to_string(&context).unwrap(), expected, "{options:?}");
        assert_eq!(findings.into_report().iter().count(), findings_expected, "{options:?}");
    }

    #[test]
    fn options_of_the_engine() {
        check(&["no-new-privileges"], r#"{"allowPrivilegeEscalation":false}"#, 0);
        check(&["no-new-privileges:true"], r#"{"allowPrivilegeEscalation":false}"#, 0);
        check(&["no-new-privileges=false"], "{}", 0);
        check(&["seccomp:unconfined"], r#"{"seccompProfile":{"type":"Unconfined"}}"#, 0);
        check(
            &["seccomp=./profiles/web.json"],
            r#"{"seccompProfile":{"localhostProfile":"web.json","type":"Localhost"}}"#,
            1,
        );
        check(&["apparmor=docker-default"], r#"{"appArmorProfile":{"type":"RuntimeDefault"}}"#, 0);
        check(
            &["apparmor:web"],
            r#"{"appArmorProfile":{"localhostProfile":"web","type":"Localhost"}}"#,
            1,
        );
        check(
            &["label=type:svirt_t", "label:level:s0:c1"],
            r#"{"seLinuxOptions":{"level":"s0:c1","type":"svirt_t"}}"#,
            0,
        );
        check(&["label:disable"], r#"{"seLinuxOptions":{"type":"spc_t"}}"#, 0);
        check(&["label=nothing"], "{}", 1);
        check(&["systempaths=unconfined"], r#"{"procMount":"Unmasked"}"#, 1);
        check(&["writable-cgroups=true"], "{}", 1);
    }

    #[test]
    fn privileges_that_are_there_cannot_be_forbidden() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let mut context = SecurityContext { privileged: Some(true), ..SecurityContext::default() };
        let options = ["no-new-privileges".to_owned()];
        translate_security_opt(&options, &mut context, &findings.site("services.a.security_opt"));
        assert_eq!(context.allow_privilege_escalation, None);
        assert_eq!(findings.into_report().iter().count(), 1);
    }
}
