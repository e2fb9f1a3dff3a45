//! What of a project no manifest holds.
//!
//! The structs of the model are taken apart here with the [`attributes`](outcome::attributes) macro:
//! each field has a row that says what becomes of it, so that a new one does not compile until it
//! has its place. An attribute that learns to be translated changes its row to `TRANSLATED`, and
//! gets its name in the pattern of the function that translates it.

mod container;
mod deploy;
mod mount;
mod outcome;
mod resource;
mod service;

use crate::model::Project;

use super::findings::Findings;

/// Reports every attribute that no manifest holds, but for those whose value asks for what
/// Kubernetes does anyway.
pub fn report_untranslated(project: &Project, findings: &Findings) {
    let Project {
        // Not attributes, or translated.
        name: _,
        directory: _,
        extensions: _,
        origins: _,
        services,
        jobs,
        networks,
        // The claim tells what of its volume is lost: `storage`.
        volumes: _,
        configs,
        secrets,
        models,
    } = project;
    for (key, it) in services {
        service::report(it, &findings.site(format!("services.{key}")));
    }
    for (key, it) in jobs {
        service::report_job(it, &findings.site(format!("jobs.{key}")));
    }
    for (key, it) in networks {
        resource::report_network(it, &findings.site(format!("networks.{key}")));
    }
    for (key, it) in configs {
        resource::report_config(it, &findings.site(format!("configs.{key}")));
    }
    for (key, it) in secrets {
        resource::report_secret(it, &findings.site(format!("secrets.{key}")));
    }
    for (key, it) in models {
        resource::report_model(it, &findings.site(format!("models.{key}")));
    }
}
