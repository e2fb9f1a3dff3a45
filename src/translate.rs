//! A [`Project`] to template contexts: every decision is taken here.
//!
//! # Invariants
//! - Pure: no files, environment, clock or random numbers.
//! - Every attribute is translated or reported: the structs of the model are taken apart with
//!   patterns that name every field, so that a new one does not compile until it has its place.

mod alias;
mod autoscaler;
mod bind;
mod bind_policy;
mod binds;
mod claim;
mod command;
mod config_files;
mod container;
mod content;
mod context;
mod cpu;
mod credential_spec;
mod dependency;
mod device;
mod endpoint;
mod env_files;
mod environment;
mod external_link;
mod file;
mod findings;
mod hook;
mod host_name;
mod image;
mod ingress;
mod init_label;
mod ip_family;
mod isolation;
mod job;
mod kompose;
mod label;
mod models;
mod mount;
mod name;
mod network;
mod node_task;
mod options;
mod own_name;
mod placement;
mod pod;
mod pods;
mod policy;
mod port;
mod pre_start;
mod probe;
mod resolver;
mod resources;
mod restricted;
mod scope;
mod secret_variables;
mod security;
mod security_opt;
mod seed;
mod service;
mod service_mounts;
mod setting;
mod stateful_set;
mod stop_signal;
mod storage;
mod strategy;
mod task;
mod untranslated;
mod volume;
mod volume_group;
mod wait;
mod wave;
mod workload;
mod workload_manifest;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::Report;
use crate::kubernetes::Gate;
use crate::model::{Contents, Project};

pub use bind_policy::BindPolicy;
pub use claim::is_quantity;
pub use label::settings::{
    BIND as BIND_LABEL, CONTROLLER as CONTROLLER_LABEL, POD as POD_LABEL,
    SERVICE_GROUP as SERVICE_GROUP_LABEL, SERVICE_TYPE as SERVICE_TYPE_LABEL,
    VOLUME_TYPE as VOLUME_TYPE_LABEL,
};
pub use models::ModelEndpoints;
pub use options::{Compat, Options, Publish, Secrets, Security, Wait, WaitFor};
pub use secret_variables::SecretVariables;

use alias::Aliases;
use binds::{translate_claims, translate_config_maps};
use content::{translate_config, translate_secret};
use dependency::translate_dependencies;
use env_files::translate_env_files;
use external_link::translate_external_links;
use findings::Findings;
use job::{JobRun, decide_job, jobs_as_services};
use models::report_endpoints;
use network::report_networks;
use pods::Pods;
use policy::translate_networks;
use scope::Scope;
use secret_variables::check_secret_variables_of_project;
use service::{Given, MemberObjects, ServiceObjects, translate_service};
use stateful_set::{Claim, take_claims};
use storage::translate_volume;
use task::report_likely_task;
use untranslated::report_untranslated;
use wait::{WaitAccount, report_unordered};
use workload::{Workload, decide};
use workload_manifest::WorkloadManifest;

/// The name of a project as Kubernetes takes it: the value of the `instance` label.
pub fn project_label(name: &str) -> String {
    name::dns_label(name)
}

/// A project as manifests that only have to be printed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Translation {
    /// The project as a Kubernetes name: the value of the `instance` label.
    pub project: String,
    /// What to print, in the order in which it is applied.
    pub manifests: Vec<Manifest>,
    /// What the waves after a wave wait for, by wave.
    pub gates: BTreeMap<usize, Vec<Gate>>,
}

/// One object, before it is printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The template that prints it, e.g. `deployment`.
    pub template: &'static str,
    /// What the template gets.
    pub context: Value,
    /// The wave in which it is applied, from 0.
    pub wave: usize,
    /// The Compose path that it comes from.
    pub source: String,
}

/// Translates a project with the bytes of its configs and secrets.
pub fn translate_project(
    project: &Project,
    contents: &Contents,
    options: &Options,
) -> (Translation, Report) {
    let (with_jobs, runs) = jobs_as_services(project);
    let findings = Findings::with_jobs(&project.origins, &runs);
    report_untranslated(project, &findings);
    let Project {
        name: _,
        directory: _,
        // Each has its workload: `decide_workloads`.
        services: _,
        // Policies, when they are asked for: `policy`.
        networks: _,
        volumes,
        configs,
        secrets,
        // They are among the services.
        jobs: _,
        // Variables of the services that use them: `models`.
        models: _,
        extensions: _,
        origins: _,
    } = &*with_jobs;
    let mut scope = Scope::new(&with_jobs, contents, options, &findings);
    report_networks(&scope);
    report_endpoints(&scope);
    check_secret_variables_of_project(&scope);
    let mut manifests = Manifests::default();
    manifests.add("namespace", scope.namespace(), 0, || "name".to_owned());
    for (key, config) in configs {
        manifests.add("configmap", translate_config(key, config, &scope), 0, || {
            format!("configs.{key}")
        });
    }
    let of_files = translate_env_files(&scope).into_iter();
    for (config_map, source) in translate_config_maps(&scope).into_iter().chain(of_files) {
        manifests.add("configmap", Some(config_map), 0, || source.clone());
    }
    for (key, secret) in secrets {
        manifests
            .add("secret", translate_secret(key, secret, &scope), 0, || format!("secrets.{key}"));
    }
    scope.workloads = decide_workloads(&runs, &scope);
    scope.share(Pods::new(&scope));
    let of_binds = translate_claims(&scope).into_iter();
    let mut claims: Vec<Claim> =
        of_binds.map(|(object, source)| Claim { object, source, is_named: false }).collect();
    for (key, volume) in volumes {
        let claim = translate_volume(key, volume, &scope);
        let source = format!("volumes.{key}");
        claims.extend(claim.map(|object| Claim { object, source, is_named: true }));
    }
    report_unordered(&scope);
    for (key, policy) in translate_networks(&scope) {
        manifests.add("networkpolicy", Some(policy), 0, || format!("networks.{key}"));
    }
    let aliases = Aliases::new(&scope);
    let mut ports = BTreeMap::new();
    for (key, workload) in &scope.workloads {
        // It is among the objects of its host.
        if scope.pods.is_guest(key) {
            continue;
        }
        let given = Given { workload, aliases: &aliases };
        let mut objects = translate_service(key, given, &scope);
        if let WorkloadManifest::StatefulSet(set) = &mut objects.workload {
            take_claims(key, set, &mut claims, &scope);
        }
        for member in &objects.members {
            ports.insert(member.key.clone(), member.ports.clone());
        }
        manifests.add_service(key, objects, &scope);
    }
    for Claim { object, source, is_named: _ } in claims {
        manifests.add("persistentvolumeclaim", Some(object), 0, || source.clone());
    }
    for (key, service) in aliases.translate_shared(&ports, &scope) {
        manifests.add("service", Some(service), 0, || scope.place(key).path().to_owned());
    }
    for (key, service) in translate_external_links(&aliases, &scope) {
        manifests.add("service", Some(service), 0, || scope.place(key).path().to_owned());
    }
    let mut gates = translate_dependencies(&scope);
    if options.secrets == Secrets::Only {
        manifests.keep_only_secrets();
        gates.clear();
    }
    let translation = Translation {
        project: scope.instance.clone(),
        gates,
        manifests: manifests.in_apply_order(),
    };
    drop(scope);
    (translation, findings.into_report())
}

/// Decides what each service becomes: here alone, for all who ask.
fn decide_workloads<'a>(
    runs: &BTreeMap<String, JobRun>,
    scope: &Scope<'a>,
) -> IndexMap<&'a str, Workload> {
    let Project { services, jobs, .. } = scope.project;
    // Something else runs it, so that there is nothing to run in the cluster.
    let own = services.iter().filter(|(_, service)| service.provider.is_none());
    own.map(|(key, service)| {
        let run = runs.get(key).and_then(|run| Some((run, jobs.get(&run.job)?)));
        let workload = if let Some((run, job)) = run {
            decide_job(run, job, &scope.place(key))
        } else {
            let awaited = scope.waves.is_awaited_to_complete(key);
            let workload = decide(service, awaited, &scope.place(key));
            if workload == Workload::Deployment {
                report_likely_task(key, service, &scope.place(key));
            }
            workload
        };
        (key.as_str(), workload)
    })
    .collect()
}

/// The order in which kinds are applied: what others refer to comes first.
const APPLY_ORDER: &[&str] = &[
    "namespace",
    "serviceaccount",
    "role",
    "rolebinding",
    "networkpolicy",
    "configmap",
    "secret",
    "persistentvolumeclaim",
    "service",
];

#[derive(Default)]
struct Manifests(Vec<Manifest>);

impl Manifests {
    fn keep_only_secrets(&mut self) {
        self.0.retain(|manifest| manifest.template == "secret");
    }

    fn add(
        &mut self,
        template: &'static str,
        context: Option<impl Serialize>,
        wave: usize,
        source: impl Fn() -> String,
    ) {
        self.0.extend(context.map(|context| Manifest {
            template,
            context: serde_json::to_value(context).expect("contexts are plain data"),
            wave,
            source: source(),
        }));
    }

    fn add_service(&mut self, key: &str, objects: ServiceObjects, scope: &Scope) {
        let wave = scope.waves.of(key);
        let ServiceObjects { workload, autoscaler, policy, waits, members } = objects;
        let source = || scope.place(key).path().to_owned();
        self.add("networkpolicy", policy, 0, source);
        if let Some(WaitAccount { service_account, role, role_binding }) = waits {
            self.add("serviceaccount", service_account, 0, source);
            self.add("role", Some(role), 0, source);
            self.add("rolebinding", Some(role_binding), 0, source);
        }
        match workload {
            WorkloadManifest::Deployment(it) => self.add("deployment", Some(it), wave, source),
            WorkloadManifest::DaemonSet(it) => self.add("daemonset", Some(it), wave, source),
            WorkloadManifest::StatefulSet(it) => self.add("statefulset", Some(it), wave, source),
            WorkloadManifest::Job(it) => self.add("job", Some(it), wave, source),
            WorkloadManifest::CronJob(it) => self.add("cronjob", Some(it), wave, source),
        }
        self.add("horizontalpodautoscaler", autoscaler, wave, source);
        for MemberObjects { key, ports: _, secret, services, ingress } in members {
            let source = || scope.place(&key).path().to_owned();
            self.add("secret", secret, 0, source);
            for service in services {
                self.add("service", Some(service), 0, source);
            }
            self.add("ingress", ingress, wave, source);
        }
    }

    fn in_apply_order(self) -> Vec<Manifest> {
        let Self(mut manifests) = self;
        manifests.sort_by_key(|manifest| {
            let rank = APPLY_ORDER.iter().position(|template| *template == manifest.template);
            (manifest.wave, rank.unwrap_or(APPLY_ORDER.len()))
        });
        manifests
    }
}

#[cfg(test)]
mod tests;
