use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use crate::model::{
    Contents, Deploy, DeployMode, Network, Port, Project, Restart, Service, ServiceNetwork,
};
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
    let rollout = "registry.k8s.io/kubectl:v1.35.0: rollout status --timeout=0s deployment/db";
    Case::with_port(Protocol::Udp).check(&[rollout], 1);
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
fn a_global_job_is_done_when_its_pods_are_ready() {
    let rollout = "registry.k8s.io/kubectl:v1.35.0: rollout status --timeout=0s daemonset/db";
    let mut case = Case::new(Condition::CompletedSuccessfully);
    let mode = Some(DeployMode::GlobalJob);
    case.db.deploy = Some(Deploy { mode, ..Deploy::default() });
    let contexts = case.check(&[rollout], 1);
    let role = contexts.iter().find(|it| !it["rules"].is_null()).unwrap();
    assert_eq!(role["rules"][0]["resources"][0], "daemonsets");
    let set = contexts.iter().find(|it| it["metadata"]["name"] == "db").unwrap();
    assert_eq!(set["pod"]["initContainers"][0]["name"], "db");
    assert_eq!(set["pod"]["containers"][0]["name"], "pause");
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

/// A service: those before it that it depends on, and how; and one before it whose network it shares.
#[derive(Debug, Clone)]
struct Link {
    needs: BTreeMap<usize, u8>,
    shares: Option<usize>,
    ends: bool,
}

fn links() -> impl Strategy<Value = Vec<Link>> {
    let needs = proptest::collection::btree_map(0_usize..8, 0_u8..3, 0..4);
    let shares = proptest::option::weighted(0.4, 0_usize..8);
    let link = (needs, shares, proptest::bool::weighted(0.3))
        .prop_map(|(needs, shares, ends)| Link { needs, shares, ends });
    proptest::collection::vec(link, 1..9)
}

fn project(links: &[Link]) -> Project {
    let mut project = Project { name: "shop".into(), ..Project::default() };
    for (index, link) in links.iter().enumerate() {
        let restart = link.ends.then_some(Restart::No);
        let mut service = Service { restart, ..Service::default() };
        for (other, condition) in link.needs.iter().filter(|(other, _)| **other < index) {
            let condition = match condition {
                0 => Condition::Started,
                1 => Condition::Healthy,
                _ => Condition::CompletedSuccessfully,
            };
            let dependency = Dependency { condition, ..Dependency::default() };
            service.depends_on.insert(format!("s{other}"), dependency);
        }
        if let Some(host) = link.shares.filter(|host| *host < index) {
            service.container.network_mode = Some(format!("service:s{host}"));
            service.depends_on.entry(format!("s{host}")).or_default();
        }
        project.services.insert(format!("s{index}"), service);
    }
    project
}

proptest! {
    /// No two pods wait for each other, however services depend on each other and share pods; and
    /// every pod has a container that is not over when the others start.
    #[test]
    fn pods_never_wait_in_a_circle(links in links()) {
        let wait = Wait { until: WaitFor::Started, ..Wait::default() };
        let options = Options { wait, ..Options::default() };
        let (translation, _) = translate_project(&project(&links), &Contents::default(), &options);
        let workloads: Vec<&Value> = translation
            .manifests
            .iter()
            .map(|it| &it.context)
            .filter(|context| !context["pod"].is_null())
            .collect();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut pods: BTreeMap<String, String> = BTreeMap::new();
        let mut waits: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for workload in workloads {
            let name = text(&workload["metadata"]["name"]);
            let main = workload["pod"]["containers"].as_array().unwrap();
            prop_assert!(!main.is_empty(), "{name}");
            for container in main.iter().chain(workload["pod"]["initContainers"].as_array().unwrap()) {
                let container = text(&container["name"]);
                match container.strip_prefix("wait-for-") {
                    Some(other) => {
                        let other = other.trim_end_matches("-created").to_owned();
                        waits.entry(name.clone()).or_default().insert(other);
                    }
                    None => {
                        pods.insert(container, name.clone());
                    }
                }
            }
        }
        prop_assert_eq!(pods.len(), links.len(), "every service has its container");
        let mut left: BTreeSet<&String> = pods.values().collect();
        loop {
            let ready: Vec<&String> = left
                .iter()
                .copied()
                .filter(|pod| {
                    let mut others = waits.get(*pod).into_iter().flatten();
                    others.all(|other| pods[other] != **pod && !left.contains(&pods[other]))
                })
                .collect();
            if ready.is_empty() {
                break;
            }
            for pod in ready {
                left.remove(pod);
            }
        }
        prop_assert!(left.is_empty(), "{left:?} wait for each other");
    }
}
