use crate::model::{Condition, Container, Dependency, Provider, Restart, Service, ServiceNetwork};

use super::*;

fn project(services: Vec<(&str, Service)>) -> Project {
    let services = services.into_iter().map(|(key, service)| (key.to_owned(), service)).collect();
    Project { name: "shop".into(), services, ..Project::default() }
}

fn after(dependencies: &[(&str, Condition, bool)]) -> Service {
    let depends_on = dependencies
        .iter()
        .map(|(key, condition, required)| {
            let dependency =
                Dependency { condition: *condition, required: *required, ..Dependency::default() };
            ((*key).to_owned(), dependency)
        })
        .collect();
    let container = Container { image: Some("image".into()), ..Container::default() };
    Service { container, depends_on, ..Service::default() }
}

/// The workloads and gates of each wave.
fn plan(project: &Project) -> String {
    let options = Options { ordered: true, ..Options::default() };
    let (translation, _) = translate_project(project, &Contents::default(), &options);
    let mut lines = Vec::new();
    for manifest in translation.manifests.iter().filter(|it| it.template != "service") {
        let name = manifest.context["metadata"]["name"].as_str().unwrap();
        lines.push(format!("{} {}/{name}", manifest.wave, manifest.template));
    }
    for (wave, gates) in translation.gates {
        for Gate { kind, name, until, required } in gates {
            let optional = if required { "" } else { ", if it can" };
            lines.push(format!("{wave} until {kind}/{name} {until:?}{optional}"));
        }
    }
    lines.sort();
    lines.join("\n")
}

#[test]
fn workloads_start_in_waves_behind_the_gates_of_their_dependencies() {
    let project = project(vec![
        (
            "web",
            after(&[
                ("db", Condition::Started, true),
                ("migrate", Condition::CompletedSuccessfully, true),
                ("cache", Condition::Healthy, false),
            ]),
        ),
        ("migrate", after(&[("db", Condition::Healthy, true)])),
        ("cache", after(&[])),
        ("db", after(&[])),
    ]);
    assert_eq!(
        plan(&project),
        "0 deployment/cache\n\
         0 deployment/db\n\
         0 until Deployment/cache Ready, if it can\n\
         0 until Deployment/db Ready\n\
         1 job/migrate\n\
         1 until Job/migrate Complete\n\
         2 deployment/web"
    );
}

#[test]
fn a_task_by_the_clock_is_not_waited_for() {
    let mut clock = after(&[]);
    clock.container.labels.insert("longshore.cron".into(), "@daily".into());
    let project =
        project(vec![("clock", clock), ("web", after(&[("clock", Condition::Started, true)]))]);
    assert_eq!(plan(&project), "0 cronjob/clock\n1 deployment/web");
}

#[test]
fn a_service_that_something_else_provides_has_no_objects() {
    let cloud = Service { provider: Some(Provider::default()), ..Service::default() };
    let project = project(vec![("cloud", cloud), ("web", after(&[]))]);
    assert_eq!(plan(&project), "0 deployment/web");
}

/// The names of a task without a port were lost in silence.
#[test]
fn the_names_of_a_task_are_there_or_reported() {
    let mut task = Service {
        restart: Some(Restart::No),
        container_name: Some("the-task".into()),
        ..after(&[])
    };
    let aliases = ServiceNetwork { aliases: vec!["seed".into()], ..ServiceNetwork::default() };
    task.container.networks.insert("default".into(), aliases);
    let project = project(vec![("task", task)]);
    let (translation, report) =
        translate_project(&project, &Contents::default(), &Options::default());
    let names: Vec<_> = translation
        .manifests
        .iter()
        .filter(|it| it.template == "service")
        .map(|it| it.context["metadata"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["seed"]);
    assert!(report.iter().any(|it| it.path == "services.task.container_name"));
}

#[test]
fn no_replicas_stay_none() {
    let project = project(vec![("web", Service { scale: Some(0), ..after(&[]) })]);
    let (translation, _) = translate_project(&project, &Contents::default(), &Options::default());
    let deployment = translation.manifests.iter().find(|it| it.template == "deployment").unwrap();
    assert_eq!(deployment.context["replicas"], 0);
}

#[test]
fn several_runs_of_a_job_are_completions() {
    let service = Service { scale: Some(3), restart: Some(Restart::No), ..after(&[]) };
    let (translation, _) = translate_project(
        &project(vec![("task", service)]),
        &Contents::default(),
        &Options::default(),
    );
    let job = &translation.manifests[0].context;
    assert_eq!((&job["completions"], &job["parallelism"]), (&3.into(), &3.into()));
}
