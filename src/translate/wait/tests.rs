use serde_json::Value;

use crate::model::{Contents, Network, Port, Project, Restart, Service, ServiceNetwork};
use crate::translate::{Options, Wait, translate_project};

use super::*;

/// How `web` waits for `db`, as `IMAGE: COMMAND`, with the number of findings about it.
struct Case {
    db: Service,
    web: Service,
    options: Options,
    dependency: Dependency,
}

impl Case {
    fn new(condition: Condition) -> Self {
        Self {
            db: Service::default(),
            web: Service::default(),
            options: Options::default(),
            dependency: Dependency { condition, ..Dependency::default() },
        }
    }

    fn with_port(protocol: Protocol) -> Self {
        let mut case = Self::new(Condition::Healthy);
        case.db.expose.push(Port { target: 5432, protocol });
        case
    }

    fn check(self, expected: &[&str], findings_expected: usize) -> Vec<Value> {
        let Self { db, mut web, options, dependency } = self;
        web.depends_on.insert("db".to_owned(), dependency);
        let mut project = Project { name: "shop".into(), ..Project::default() };
        let inside = Network { internal: true, ..Network::default() };
        project.networks.insert("inside".to_owned(), inside);
        project.services.insert("db".to_owned(), db);
        project.services.insert("web".to_owned(), web);
        let (translation, report) = translate_project(&project, &Contents::default(), &options);
        let web = translation
            .manifests
            .iter()
            .find(|it| it.context["metadata"]["name"] == "web" && !it.context["pod"].is_null());
        let init = web.unwrap().context["pod"]["initContainers"].as_array().unwrap();
        let words = |container: &Value, key: &str| {
            let words = container[key].as_array().unwrap().iter();
            words.map(|word| word.as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let text: Vec<String> = init
            .iter()
            .map(|container| {
                let command = [words(container, "command"), words(container, "args")].concat();
                format!("{}: {}", container["image"].as_str().unwrap(), command.join(" "))
            })
            .collect();
        assert_eq!(text, expected);
        let about = report.iter().filter(|it| {
            it.path.starts_with("services.web.depends_on") && !it.message.contains("healthcheck")
        });
        assert_eq!(about.count(), findings_expected, "{expected:?}");
        translation.manifests.into_iter().map(|it| it.context).collect()
    }
}

#[test]
fn a_port_or_a_name_shows_that_a_service_is_ready() {
    let port = "alpine:3.22: sh -c until nc -z -w 2 db 5432; do sleep 1; done";
    Case::with_port(Protocol::Tcp).check(&[port], 0);
    let name = "alpine:3.22: sh -c until getent hosts db > /dev/null; do sleep 1; done";
    Case::new(Condition::Healthy).check(&[name], 0);
    Case::with_port(Protocol::Udp).check(&[], 1);
}

#[test]
fn a_job_is_asked_for_with_the_right_to_see_it_and_no_other() {
    let complete =
        "registry.k8s.io/kubectl:v1.35.0: wait --for=condition=Complete --timeout=-1s job/db";
    let contexts = Case::new(Condition::CompletedSuccessfully).check(&[complete], 1);
    let roles: Vec<&Value> = contexts.iter().filter(|it| !it["rules"].is_null()).collect();
    assert_eq!(
        serde_json::to_string(&roles[0]["rules"]).unwrap(),
        r#"[{"apiGroups":["batch"],"resourceNames":["db"],"resources":["jobs"],"verbs":["get","list","watch"]}]"#
    );

    let created = "registry.k8s.io/kubectl:v1.35.0: wait --for=create --timeout=-1s job/db";
    let mut case = Case::new(Condition::CompletedSuccessfully);
    case.web.restart = Some(Restart::No);
    case.check(&[created, complete], 1);
}

#[test]
fn options_say_what_is_waited_for() {
    Case::new(Condition::Started).check(&[], 1);
    let mut case = Case::with_port(Protocol::Tcp);
    case.dependency.condition = Condition::Started;
    case.options.wait = Wait { until: WaitFor::Started, image: "i".into(), ..Wait::default() };
    case.check(&["i: sh -c until nc -z -w 2 db 5432; do sleep 1; done"], 0);
    let mut case = Case::new(Condition::Healthy);
    case.options.wait.until = WaitFor::None;
    case.check(&[], 1);
    let mut case = Case::new(Condition::Healthy);
    case.options.ordered = true;
    case.check(&[], 0);
}

#[test]
fn what_may_never_come_is_not_waited_for() {
    let mut case = Case::new(Condition::Healthy);
    case.dependency.required = false;
    case.check(&[], 1);
    let mut case = Case::new(Condition::Healthy);
    case.db.scale = Some(0);
    case.check(&[], 1);
}

/// A pod would wait without end for what its networks do not lead to.
#[test]
fn policies_let_a_pod_reach_what_it_waits_for() {
    let on = |network: &str| {
        let mut service = Service::default();
        service.container.networks.insert(network.to_owned(), ServiceNetwork::default());
        service
    };
    let options = || Options { network_policies: true, ..Options::default() };
    let apart = |condition| Case {
        db: on("outside"),
        web: on("inside"),
        options: options(),
        ..Case::new(condition)
    };
    apart(Condition::Healthy).check(&[], 1);
    apart(Condition::CompletedSuccessfully).check(&[], 1);
    let together = Case { db: on("inside"), ..apart(Condition::Healthy) };
    let mut isolated = Case::new(Condition::Healthy);
    isolated.web.container.network_mode = Some("none".into());
    isolated.check(&[], 1);
    together.check(&["alpine:3.22: sh -c until getent hosts db > /dev/null; do sleep 1; done"], 0);
}
