use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::kubernetes::{Gate, GateCondition};
use crate::model::{Condition, Dependency, Service};

use super::endpoint::{Name, Wish};
use super::findings::Site;
use super::scope::Scope;
use super::workload::Workload;

/// What later waves wait for, by wave.
pub fn translate_dependencies(
    workloads: &IndexMap<&str, Workload>,
    scope: &Scope,
) -> BTreeMap<usize, Vec<Gate>> {
    let mut gates: BTreeMap<(usize, String), Gate> = BTreeMap::new();
    for (key, service) in &scope.project.services {
        for (other, dependency) in &service.depends_on {
            let site = scope.site(format!("services.{key}.depends_on.{other}"));
            let Some(workload) = workloads.get(other.as_str()) else { continue };
            let Some(dependency_service) = scope.project.services.get(other) else { continue };
            report_dependency(dependency, dependency_service, workload, &site);
            let Some(until) = condition(dependency.condition, workload) else { continue };
            let name = scope.names.service(other).name.clone();
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

/// Says once that plain manifests start all at the same time.
pub fn report_unordered(scope: &Scope) {
    let first = scope.project.services.iter().find(|(_, service)| !service.depends_on.is_empty());
    if let Some((key, _)) = first {
        scope.site(format!("services.{key}.depends_on")).approximated_closely(
            "manifests start all services at once; those that come too early are restarted until it works",
            "use `longshore up` to start them in order",
        );
    }
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

fn report_dependency(dependency: &Dependency, other: &Service, workload: &Workload, site: &Site) {
    let Dependency { condition, required: _, restart, extensions: _ } = dependency;
    if *restart {
        site.child("restart").not_translated(
            "the pods are not replaced when those of the other service are",
            "let the application reconnect, or run `kubectl rollout restart`",
        );
    }
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

/// The aliases that `links` gives to other services, by their key.
pub fn link_aliases<'a>(scope: &Scope<'a>) -> BTreeMap<String, Vec<Name<'a>>> {
    let mut aliases: BTreeMap<String, Vec<Name>> = BTreeMap::new();
    for (key, service) in &scope.project.services {
        for (index, (other, alias)) in service.links.iter().enumerate() {
            let site = scope.site(format!("services.{key}.links")).item(index);
            let name = Name { text: alias.clone(), site, wish: Wish::Asked };
            aliases.entry(other.clone()).or_default().push(name);
        }
    }
    aliases
}
