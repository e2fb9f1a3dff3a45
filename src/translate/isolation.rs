use crate::model::Container;

use super::findings::Site;
use super::label::settings;

/// Runtimes by the name that their `RuntimeClass` usually has.
const RUNTIME_CLASSES: &[(&str, &str)] = &[
    ("runsc", "gvisor"),
    ("gvisor", "gvisor"),
    ("kata", "kata"),
    ("kata-runtime", "kata"),
    ("nvidia", "nvidia"),
    ("crun", "crun"),
    ("youki", "youki"),
];

/// The namespaces of its node that a pod uses.
#[derive(Debug, Default, Clone, Copy)]
pub struct SharedWithNode {
    /// `hostNetwork`.
    pub network: bool,
    /// `hostPID`.
    pub pid: bool,
    /// `hostIPC`.
    pub ipc: bool,
}

/// What runs a pod, and what it has for itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Isolation {
    /// `runtimeClassName`.
    pub runtime_class_name: Option<String>,
    /// `hostUsers: false`.
    pub own_users: bool,
}

/// `runtime`, `isolation`, `userns_mode` and `uts`; a class that a label names goes before the others.
pub fn translate_isolation(
    container: &Container,
    labelled_class: Option<String>,
    shared: SharedWithNode,
    site: &Site,
) -> Isolation {
    report_uts(container.uts.as_deref(), shared.network, &site.child("uts"));
    let runtime_class_name = labelled_class
        .or_else(|| translate_runtime(container.runtime.as_deref(), &site.child("runtime")));
    if runtime_class_name.is_none() {
        report_isolation(container.isolation.as_deref(), &site.child("isolation"));
    }
    Isolation {
        runtime_class_name,
        own_users: translate_users(
            container.userns_mode.as_deref(),
            shared.network || shared.pid || shared.ipc,
            &site.child("userns_mode"),
        ),
    }
}

fn translate_runtime(runtime: Option<&str>, site: &Site) -> Option<String> {
    let runtime = runtime.filter(|name| !["", "runc", "io.containerd.runc.v2"].contains(name))?;
    let known = RUNTIME_CLASSES.iter().find(|(name, _)| *name == runtime);
    // `io.containerd.kata.v2` is the shim of the handler `kata`.
    let shim = runtime.strip_prefix("io.containerd.").and_then(|rest| rest.split('.').next());
    let class = known.map(|(_, class)| *class).or(shim).unwrap_or(runtime);
    let class = super::name::dns_label(class);
    site.approximated(
        format!("the cluster needs a RuntimeClass `{class}` for the runtime `{runtime}`"),
        format!("create it, or name the one that is there in the label `{}`", class_label()),
    );
    Some(class)
}

/// The label that names a class.
fn class_label() -> &'static str {
    settings::RUNTIME_CLASS.first().unwrap_or(&"")
}

fn report_isolation(isolation: Option<&str>, site: &Site) {
    if isolation.is_some_and(|it| !["", "default", "process"].contains(&it)) {
        site.not_translated(
            "how a container of Windows is isolated is up to its RuntimeClass",
            format!("name one in the label `{}`", class_label()),
        );
    }
}

/// Kubernetes refuses users of its own for a pod that shares other namespaces with the node.
fn translate_users(mode: Option<&str>, shares_with_node: bool, site: &Site) -> bool {
    let Some(mode) = mode.filter(|mode| !["", "host"].contains(mode)) else { return false };
    if shares_with_node {
        site.not_translated(
            "a pod that shares a namespace with its node has the users of the node too",
            "remove `network_mode: host`, `pid: host` and `ipc: host`, or `userns_mode`",
        );
        return false;
    }
    if mode != "private" {
        site.approximated_closely(
            format!("`{mode}`: the kubelet chooses how the users of the pod are mapped"),
            "nothing to do, unless files on the node must have certain owners",
        );
    }
    true
}

/// A pod on the network of its node has the name of the node; there is no other way to it.
fn report_uts(uts: Option<&str>, on_host_network: bool, site: &Site) {
    match uts {
        None | Some("") => {}
        Some("host") if on_host_network => {}
        Some("host") => site.not_translated(
            "the pod has a host name of its own",
            "use `network_mode: host`, which shares the host name too",
        ),
        Some(other) => site
            .invalid(format!("`{other}` is no host name to share"), "use `host`, or leave it out"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    fn check(container: &Container, network: bool, expected: &Isolation, count: usize) {
        check_labelled(container, None, network, expected, count);
    }

    fn check_labelled(
        container: &Container,
        class: Option<&str>,
        network: bool,
        expected: &Isolation,
        count: usize,
    ) {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let class = class.map(str::to_owned);
        let shared = SharedWithNode { network, ..SharedWithNode::default() };
        let found = translate_isolation(container, class, shared, &findings.site("services.a"));
        assert_eq!(found, *expected);
        assert_eq!(findings.into_report().iter().count(), count, "{container:?}");
    }

    #[test]
    fn runtimes() {
        let some = |text: &str| Some(text.to_owned());
        for (runtime, class, findings) in [
            ("runc", None, 0),
            ("runsc", some("gvisor"), 1),
            ("nvidia", some("nvidia"), 1),
            ("io.containerd.kata.v2", some("kata"), 1),
            ("Own_Runtime", some("own-runtime"), 1),
        ] {
            let container = Container { runtime: some(runtime), ..Container::default() };
            let expected = Isolation { runtime_class_name: class, ..Isolation::default() };
            check(&container, false, &expected, findings);
        }
    }

    /// `isolation` was reported as lost although `runtime` named what to isolate with.
    #[test]
    fn a_class_isolates() {
        let some = |text: &str| Some(text.to_owned());
        let isolated = |isolation: &str, runtime: Option<&str>| Container {
            isolation: some(isolation),
            runtime: runtime.map(str::to_owned),
            ..Container::default()
        };
        let class = |name: Option<&str>| Isolation {
            runtime_class_name: name.map(str::to_owned),
            ..Isolation::default()
        };
        for as_always in ["", "default", "process"] {
            check(&isolated(as_always, None), false, &class(None), 0);
        }
        check(&isolated("hyperv", None), false, &class(None), 1);
        check(&isolated("hyperv", Some("runc")), false, &class(None), 1);
        check(&isolated("hyperv", Some("own")), false, &class(Some("own")), 1);
        for container in [isolated("hyperv", None), isolated("default", Some("runsc"))] {
            check_labelled(&container, Some("vm"), false, &class(Some("vm")), 0);
        }
    }

    #[test]
    fn users_of_the_pod() {
        let own = Isolation { own_users: true, ..Isolation::default() };
        let users =
            |mode: &str| Container { userns_mode: Some(mode.to_owned()), ..Container::default() };
        check(&users("private"), false, &own, 0);
        check(&users("auto"), false, &own, 1);
        check(&users("private"), true, &Isolation::default(), 1);
        check(&users("host"), false, &Isolation::default(), 0);
    }

    #[test]
    fn the_host_name_comes_with_the_network() {
        let uts = Container { uts: Some("host".to_owned()), ..Container::default() };
        check(&uts, true, &Isolation::default(), 0);
        check(&uts, false, &Isolation::default(), 1);
    }
}
