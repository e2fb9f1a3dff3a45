use std::collections::BTreeMap;

use crate::kubernetes::{Gate, GateCondition};
use crate::model::{Condition, Dependency, Service};

use super::alias::{Giver, Name};
use super::content::content_hash;
use super::file::mounted_content;
use super::findings::Site;
use super::scope::Scope;
use super::workload::Workload;

/// What later waves wait for, by wave.
pub fn translate_dependencies(scope: &Scope) -> BTreeMap<usize, Vec<Gate>> {
    let mut gates: BTreeMap<(usize, String), Gate> = BTreeMap::new();
    for (key, service) in &scope.project.services {
        for (other, dependency) in &service.depends_on {
            let site = scope.place(key).child("depends_on").child(other);
            let Some(workload) = scope.workloads.get(other.as_str()) else { continue };
            let Some(dependency_service) = scope.project.services.get(other) else { continue };
            if !is_implied(&site, scope) {
                report_restart(dependency, &site);
            }
            report_dependency(dependency, dependency_service, workload, &site);
            let host = scope.pods.host_of(other);
            // Within a pod, the order of its containers does it.
            if host == scope.pods.host_of(key) {
                continue;
            }
            let Some(workload) = scope.workloads.get(host) else { continue };
            let Some(until) = condition(dependency.condition, workload) else { continue };
            let name = scope.names.service(host).workload.clone();
            let gate = gates.entry((scope.waves.of(other), name.clone())).or_insert_with(|| Gate {
                kind: workload.kind().to_owned(),
                name,
                until,
                required: dependency.required,
            });
            gate.until = gate.until.max(until);
            gate.required |= dependency.required;
        }
    }
    let mut by_wave: BTreeMap<usize, Vec<Gate>> = BTreeMap::new();
    for ((wave, _), gate) in gates {
        by_wave.entry(wave).or_default().push(gate);
    }
    by_wave
}

/// The conditions grow in strength, so that one gate serves all that wait for the same workload.
fn condition(condition: Condition, workload: &Workload) -> Option<GateCondition> {
    match (workload, condition) {
        (Workload::CronJob { .. }, _) => None,
        (_, Condition::Started) => Some(GateCondition::Started),
        (Workload::Job(_), Condition::CompletedSuccessfully) => Some(GateCondition::Complete),
        (_, Condition::Healthy | Condition::CompletedSuccessfully) => Some(GateCondition::Ready),
    }
}

/// Whether nobody wrote the `restart` of a dependency: the loader adds it with those of `links` and
/// shared namespaces, at their place.
fn is_implied(site: &Site, scope: &Scope) -> bool {
    let start = |site: &Site| scope.project.origins.get(site.path()).map(|span| span.start);
    start(&site.child("restart")) == start(site)
}

/// A hash over the services whose update replaces the pods of this one, none when there is none.
pub fn restart_hash(host: &str, scope: &Scope) -> Option<String> {
    let mut files = BTreeMap::new();
    let mut services = BTreeMap::new();
    for member in scope.pods.members_of(host) {
        for (other, dependency) in &scope.service(&member.key).depends_on {
            let site = scope.place(&member.key).child("depends_on").child(other);
            let is_elsewhere = scope.pods.host_of(other) != host;
            let Some(service) = scope.project.services.get(other) else { continue };
            if dependency.restart && is_elsewhere && !is_implied(&site, scope) {
                let spec = &service.container;
                files.extend(mounted_content(&spec.configs, &spec.secrets, scope));
                let text = serde_json::to_string(service).expect("the model is plain data");
                services.insert(other.clone(), text);
            }
        }
    }
    content_hash(&files, &services)
}

fn report_restart(dependency: &Dependency, site: &Site) {
    if dependency.restart {
        site.child("restart").approximated_closely(
            "the pods are replaced when the other service is changed, not when it is restarted",
            "let the application reconnect, or run `kubectl rollout restart`",
        );
    }
}

fn report_dependency(dependency: &Dependency, other: &Service, workload: &Workload, site: &Site) {
    let Dependency { condition, required: _, restart: _, extensions: _ } = dependency;
    if *condition == Condition::Healthy
        && other.healthcheck.is_none()
        && !workload.runs_to_completion()
    {
        site.child("condition").approximated(
            "the other service has no `healthcheck`, so it counts as healthy as soon as it runs",
            "give it a `healthcheck`: Kubernetes does not know that of the image",
        );
    }
}

/// The names that `links` gives to other services, by their key.
pub fn link_names<'a>(scope: &Scope<'a>) -> BTreeMap<&'a str, Vec<Name<'a>>> {
    let mut names: BTreeMap<&str, Vec<Name>> = BTreeMap::new();
    for (key, service) in &scope.project.services {
        for (index, (other, alias)) in service.links.iter().enumerate() {
            let site = scope.place(key).child("links").item(index);
            let name = Name { text: alias.clone(), site, giver: Giver::Link };
            names.entry(other).or_default().push(name);
        }
    }
    names
}
