mod api;

use indexmap::IndexMap;
use k8s_openapi::api::core::v1::{Capabilities, SeccompProfile, SecurityContext};

use crate::model::{Condition, Dependency, Protocol};

use super::alias::is_found;
use super::context::Container;
use super::endpoint::leads_to_pods;
use super::findings::Site;
use super::name::dns_label;
use super::options::WaitFor;
use super::policy::networks_of;
use super::scope::Scope;
use super::workload::{Workload, replicas};

pub use api::WaitAccount;

use api::Asked;

/// The user of the containers that wait: nobody, as images without a user of their own know it.
const NOBODY: i64 = 65534;

/// The init containers of a pod that wait for other services, as `depends_on` has it.
#[derive(Debug, Default)]
pub struct Waits {
    host: String,
    containers: Vec<Container>,
    /// What they ask the Kubernetes API for.
    asked: Vec<Asked>,
}

/// Decides what the pods of a service wait for; none where whoever applies them orders the start.
/// Reports what is not waited for.
pub fn translate_waits(host: &str, scope: &Scope) -> Option<Waits> {
    if scope.options.ordered {
        return None;
    }
    let mut targets: IndexMap<&str, (Condition, Site)> = IndexMap::new();
    for member in scope.pods.members_of(host) {
        for (other, dependency) in &scope.service(&member.key).depends_on {
            let site = scope.place(&member.key).child("depends_on").child(other);
            // Within a pod, the order of its containers does it.
            if scope.pods.host_of(other) == host || !is_awaited(other, dependency, &site, scope) {
                continue;
            }
            let condition = dependency.condition;
            let known = targets.entry(other).or_insert((condition, site));
            if strength(condition) > strength(known.0) {
                known.0 = condition;
            }
        }
    }
    let mut waits = Waits { host: host.to_owned(), ..Waits::default() };
    for (other, (condition, site)) in targets {
        let workload = scope.workloads.get(scope.pods.host_of(other));
        match workload {
            Some(Workload::Job(_)) if condition == Condition::CompletedSuccessfully => {
                waits.add_job(other, scope.workloads.get(host), &site, scope);
            }
            _ => waits.add_endpoint(other, &site, scope),
        }
    }
    Some(waits).filter(|waits| !waits.containers.is_empty())
}

/// Whether the options let this dependency be waited for, and whether it can be.
fn is_awaited(other: &str, dependency: &Dependency, site: &Site, scope: &Scope) -> bool {
    let Dependency { condition, required, restart: _, extensions: _ } = dependency;
    let by_option = match (scope.options.wait.until, condition) {
        (WaitFor::None, _) | (WaitFor::Healthy, Condition::Started) => false,
        (WaitFor::Healthy | WaitFor::Started, _) => true,
    };
    if !by_option {
        return false;
    }
    // What runs elsewhere or by the clock is not waited for; that is told where it is decided.
    match scope.workloads.get(scope.pods.host_of(other)) {
        None | Some(Workload::CronJob { .. }) => return false,
        Some(
            Workload::Deployment
            | Workload::DaemonSet
            | Workload::StatefulSet
            | Workload::NodeTask
            | Workload::Job(_),
        ) => {}
    }
    if !required {
        site.approximated_closely(
            format!("the pods do not wait for `{other}`, which they can do without"),
            "remove `required: false` to wait for it",
        );
        return false;
    }
    if replicas(scope.service(scope.pods.host_of(other))) == 0 {
        site.approximated(
            format!("the pods do not wait for `{other}`, which has no replicas"),
            "give it a replica, or remove the dependency",
        );
        return false;
    }
    true
}

/// Says once that the options let services start that depend on others.
pub fn report_unordered(scope: &Scope) {
    let until = scope.options.wait.until;
    if scope.options.ordered || until == WaitFor::Started {
        return;
    }
    let starts_early = |key: &str, other: &str, dependency: &Dependency| {
        scope.pods.host_of(key) != scope.pods.host_of(other)
            && (until == WaitFor::None || dependency.condition == Condition::Started)
    };
    let first = scope.project.services.iter().find(|(key, service)| {
        let mut dependencies = service.depends_on.iter();
        dependencies.any(|(other, dependency)| starts_early(key, other, dependency))
    });
    if let Some((key, _)) = first {
        scope.place(key).child("depends_on").approximated_closely(
            "pods do not wait for what only has to be started; those that come too early are restarted until it works",
            "wait with `--wait-for started`, or start in order with `longshore up`",
        );
    }
}

fn strength(condition: Condition) -> u8 {
    match condition {
        Condition::Started => 0,
        Condition::Healthy => 1,
        Condition::CompletedSuccessfully => 2,
    }
}

impl Waits {
    /// Waits until a name leads to a pod that is ready: a Service leads to no others.
    fn add_endpoint(&mut self, other: &str, site: &Site, scope: &Scope) {
        // What nobody finds by its own name is ready when its pod is.
        let is_found = scope
            .workloads
            .get(other)
            .is_some_and(|workload| is_found(scope.service(other), workload));
        let other = if is_found { other } else { scope.pods.host_of(other) };
        let shown = reach(other, scope);
        let host = scope.workloads.get(scope.pods.host_of(other));
        if let (Reach::Nothing, Some(host)) = (&shown, host)
            && !matches!(host, Workload::Job(_) | Workload::CronJob { .. })
        {
            let own = scope.workloads.get(self.host.as_str());
            return self.add_rollout(other, host, own, site, scope);
        }
        let own_networks = networks_of(&self.host, scope);
        let networks = networks_of(scope.pods.host_of(other), scope);
        let apart = scope.options.network_policies && own_networks.is_disjoint(&networks);
        let isolated = is_isolated(&self.host, scope) || is_isolated(other, scope);
        if apart || isolated {
            site.not_translated(
                format!("the pods do not wait for `{other}`: no network leads to it"),
                "put the two services on one network, or start in order with `longshore up`",
            );
            return;
        }
        let name = &scope.names.service(other).name;
        let script = match shown {
            Reach::Port(port) => format!("until nc -z -w 2 {name} {port}; do sleep 1; done"),
            Reach::Name => format!("until getent hosts {name} > /dev/null; do sleep 1; done"),
            Reach::Nothing => {
                site.approximated(
                    format!("the pods do not wait for `{other}`, which has no TCP port to try"),
                    "name one in its `expose`, or wait until it has completed",
                );
                return;
            }
        };
        let command = ["sh", "-c", &script].map(str::to_owned).to_vec();
        let image = &scope.options.wait.image;
        self.containers.push(Container { command, ..waiting(&format!("wait-for-{name}"), image) });
    }
}

/// How it shows that a service is ready.
enum Reach {
    /// This port of its Service answers.
    Port(u16),
    /// Its name has an address.
    Name,
    /// It does not show.
    Nothing,
}

fn reach(other: &str, scope: &Scope) -> Reach {
    let service = scope.service(other);
    if !scope.workloads.get(other).is_some_and(|workload| is_found(service, workload)) {
        return Reach::Nothing;
    }
    let mut members = scope.pods.members_of(scope.pods.host_of(other));
    // Its own ports come first.
    members.sort_by_key(|member| member.key != other);
    let ports = members.iter().flat_map(|member| {
        let service = scope.service(&member.key);
        let published = service.ports.iter().map(|port| (port.target, port.protocol));
        published.chain(service.expose.iter().map(|port| (port.target, port.protocol)))
    });
    let mut ports = ports.peekable();
    let mode = service.deploy.as_ref().and_then(|deploy| deploy.endpoint_mode);
    let workload = scope.workloads.get(scope.pods.host_of(other));
    let is_headless = ports.peek().is_none() || leads_to_pods(mode, workload, scope);
    match ports.find(|(_, protocol)| *protocol == Protocol::Tcp) {
        Some((port, _)) => Reach::Port(port),
        None if is_headless => Reach::Name,
        None => Reach::Nothing,
    }
}

/// Whether a policy keeps the pods of a service from everything.
fn is_isolated(service: &str, scope: &Scope) -> bool {
    let host = scope.service(scope.pods.host_of(service));
    host.container.network_mode.as_deref() == Some("none")
}

/// A container that does nothing but wait, and may nothing else.
pub fn waiting(name: &str, image: &str) -> Container {
    Container {
        name: dns_label(name),
        image: image.to_owned(),
        image_pull_policy: "IfNotPresent",
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities { add: None, drop: Some(vec!["ALL".to_owned()]) }),
            read_only_root_filesystem: Some(true),
            run_as_group: Some(NOBODY),
            run_as_non_root: Some(true),
            run_as_user: Some(NOBODY),
            seccomp_profile: Some(SeccompProfile {
                localhost_profile: None,
                type_: "RuntimeDefault".to_owned(),
            }),
            ..SecurityContext::default()
        }),
        ..Container::default()
    }
}

#[cfg(test)]
mod tests;
