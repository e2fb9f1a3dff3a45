//! Waits that ask the Kubernetes API, with the right to look at what they wait for and no other.

use std::collections::BTreeMap;

use k8s_openapi::api::rbac::v1::PolicyRule;
use serde_json::json;

use crate::translate::context::{
    Container, Pod, Role, RoleBinding, ServiceAccount, Volume, VolumeMount,
};
use crate::translate::findings::Site;
use crate::translate::policy::networks_of;
use crate::translate::scope::Scope;
use crate::translate::workload::{Retry, Workload};

use super::{Waits, is_isolated, waiting};

/// Where a program in a pod looks for the address and the token of the Kubernetes API.
const API_DIRECTORY: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The volume of what a program needs to talk to the Kubernetes API.
const API_VOLUME: &str = "kubernetes-api";

/// An object that containers ask for.
#[derive(Debug)]
pub(super) struct Asked {
    /// Its API group.
    group: &'static str,
    /// The plural of its kind.
    resource: &'static str,
    name: String,
}

/// Who asks for objects, and the right to.
#[derive(Debug)]
pub struct WaitAccount {
    /// Of the pods, none where they have one already.
    pub service_account: Option<ServiceAccount>,
    /// The right to look at these objects.
    pub role: Role,
    /// Gives it to the account.
    pub role_binding: RoleBinding,
}

impl Waits {
    /// Puts the containers into the pod, before all others.
    pub fn add_to(self, pod: &mut Pod, scope: &Scope) -> Option<WaitAccount> {
        let Self { host, containers, asked } = self;
        pod.init_containers.splice(0..0, containers);
        if asked.is_empty() {
            return None;
        }
        let own = &scope.names.service(&host).workload;
        let name = format!("{own}-wait");
        let known = pod.service_account_name.clone();
        let account = known.clone().unwrap_or_else(|| name.clone());
        pod.service_account_name = Some(account.clone());
        // The token is for the containers that wait: no other one has this volume.
        pod.volumes.push(Volume { name: API_VOLUME.to_owned(), source: api_access() });
        Some(WaitAccount {
            service_account: known
                .is_none()
                .then(|| ServiceAccount { metadata: scope.metadata(&name, own) }),
            role: Role { metadata: scope.metadata(&name, own), rules: rules(asked) },
            role_binding: RoleBinding {
                metadata: scope.metadata(&name, own),
                role: name,
                service_account: account,
            },
        })
    }

    /// Waits until a Job is complete.
    pub(super) fn add_job(
        &mut self,
        other: &str,
        own: Option<&Workload>,
        site: &Site,
        scope: &Scope,
    ) {
        let name = scope.names.service(other).workload.clone();
        let complete =
            ["wait", "--for=condition=Complete", "--timeout=-1s", &format!("job/{name}")];
        let complete = complete.map(str::to_owned);
        let asked = Asked { group: "batch", resource: "jobs", name };
        let site = site.child("condition");
        let text = format!(
            "the pods wait until the Job `{}` is complete: without end if it fails or is deleted",
            asked.name
        );
        if self.ask(asked, complete, own, &site, scope) {
            site.approximated_closely(text, "look at the Job when a pod stays in `Init`");
        }
    }

    /// Waits until the pods of a workload are ready that nobody can try.
    pub(super) fn add_rollout(
        &mut self,
        other: &str,
        workload: &Workload,
        own: Option<&Workload>,
        site: &Site,
        scope: &Scope,
    ) {
        let name = scope.names.service(scope.pods.host_of(other)).workload.clone();
        let kind = workload.kind();
        let ready =
            ["rollout", "status", "--timeout=0s", &format!("{}/{name}", kind.to_lowercase())];
        let ready = ready.map(str::to_owned);
        let resource = match workload {
            Workload::DaemonSet | Workload::NodeTask => "daemonsets",
            Workload::StatefulSet => "statefulsets",
            _ => "deployments",
        };
        if !self.ask(Asked { group: "apps", resource, name }, ready, own, site, scope) {
            return;
        }
        if *workload == Workload::NodeTask {
            site.approximated_closely(
                format!("the pods wait until `{other}` has succeeded on every node: without end if it fails"),
                "look at its pods when a pod stays in `Init`",
            );
        } else {
            site.approximated_closely(
                format!("the pods ask the Kubernetes API when `{other}` is ready, which has no TCP port to try"),
                "name one in its `expose`, if it has one, so that they need no right for it",
            );
        }
    }

    /// Adds the containers that ask for an object, unless their network does not let them.
    fn ask(
        &mut self,
        asked: Asked,
        args: [String; 4],
        own: Option<&Workload>,
        site: &Site,
        scope: &Scope,
    ) -> bool {
        let name = &asked.name;
        let leads_nowhere = scope.options.network_policies && !goes_out(&self.host, scope);
        if leads_nowhere || is_isolated(&self.host, scope) {
            site.not_translated(
                format!("the pods do not wait for `{name}`: their networks do not lead to the Kubernetes API"),
                "put the service on a network that is not `internal`, or start in order with `longshore up`",
            );
            return false;
        }
        let kubectl = |suffix: &str, args: [String; 4]| Container {
            args: args.to_vec(),
            volume_mounts: vec![VolumeMount {
                name: API_VOLUME.to_owned(),
                mount_path: API_DIRECTORY.to_owned(),
                read_only: true,
                ..VolumeMount::default()
            }],
            ..waiting(&format!("wait-for-{name}{suffix}"), &scope.options.wait.kubectl_image)
        };
        // `kubectl` fails when there is no such object yet: the kubelet then starts it again, but not
        // in the pod of a Job that is tried once.
        if matches!(
            own,
            Some(Workload::Job(Retry::Never) | Workload::CronJob { retry: Retry::Never, .. })
        ) {
            let [.., object] = &args;
            let created = ["wait", "--for=create", "--timeout=-1s", object].map(str::to_owned);
            self.containers.push(kubectl("-created", created));
        }
        self.containers.push(kubectl("", args));
        self.asked.push(asked);
        true
    }
}

/// The rights to look at objects, a rule for each resource.
fn rules(asked: Vec<Asked>) -> Vec<PolicyRule> {
    let mut names: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for Asked { group, resource, name } in asked {
        names.entry((group, resource)).or_default().push(name);
    }
    let rule = |((group, resource), names): ((&str, &str), Vec<String>)| PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(vec![resource.to_owned()]),
        resource_names: Some(names),
        verbs: ["get", "list", "watch"].map(str::to_owned).to_vec(),
        non_resource_urls: None,
    };
    names.into_iter().map(rule).collect()
}

/// Whether the pods of a service reach what is outside of the project.
fn goes_out(host: &str, scope: &Scope) -> bool {
    let is_internal = |key: &&str| scope.project.networks.get(*key).is_some_and(|it| it.internal);
    let networks = networks_of(host, scope);
    networks.is_empty() || !networks.iter().all(is_internal)
}

/// What the kubelet would mount into every container, but for one that asks for it.
fn api_access() -> serde_json::Value {
    json!({ "projected": { "sources": [
        { "serviceAccountToken": { "path": "token", "expirationSeconds": 3600 } },
        { "configMap": {
            "name": "kube-root-ca.crt",
            "items": [{ "key": "ca.crt", "path": "ca.crt" }],
        } },
        { "downwardAPI": { "items": [{
            "path": "namespace",
            "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.namespace" },
        }] } },
    ] } })
}
