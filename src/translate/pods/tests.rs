use crate::model::{Contents, Dependency, Project, Restart};
use crate::translate::findings::Findings;
use crate::translate::options::Options;
use crate::translate::workload::decide;

use super::*;

/// `NAME`, its attributes as `network_mode=service:x`, `ports=80`, `restart=no`, and
/// `after=x,x:healthy,x:complete`.
fn check(services: &[(&str, &str)], expected: &str, findings_expected: &[&str]) {
    let mut project = Project::default();
    for (key, attributes) in services {
        project.services.insert((*key).to_owned(), service(attributes));
    }
    let findings = Findings::new(&project.origins);
    let contents = Contents::default();
    let options = Options::default();
    let mut scope = Scope::new(&project, &contents, &options, &findings);
    scope.workloads = project
        .services
        .iter()
        .map(|(key, service)| {
            let awaited = scope.waves.is_awaited_to_complete(key);
            (key.as_str(), decide(service, awaited, &scope.site("unseen")))
        })
        .collect();
    let pods = Pods::new(&scope);
    let hosts = project.services.keys().filter(|key| !pods.is_guest(key));
    let text: Vec<String> = hosts
        .map(|host| {
            let members = pods.members_of(host);
            let member = |member: &Member| match member.role {
                Role::Main => member.key.clone(),
                Role::Sidecar => format!("({})", member.key),
                Role::Task => format!("[{}]", member.key),
            };
            members.iter().map(member).collect::<Vec<_>>().join("+")
        })
        .collect();
    assert_eq!(text.join(" "), expected);
    drop(scope);
    let report = findings.into_report();
    let told: Vec<String> = report
        .iter()
        .filter(|it| it.path != "unseen")
        .map(|it| format!("{}: {}", it.path.trim_start_matches("services."), it.message))
        .collect();
    assert_eq!(told.len(), findings_expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(findings_expected) {
        assert!(told.contains(expected), "{told} does not have {expected}");
    }
}

fn service(attributes: &str) -> Service {
    let mut service = Service::default();
    for (attribute, value) in attributes.split_whitespace().filter_map(|it| it.split_once('=')) {
        let text = Some(value.to_owned());
        // As the loader has it, a host comes before its guests.
        if let Some(host) = value.strip_prefix("service:") {
            service.depends_on.entry(host.to_owned()).or_default();
        }
        match attribute {
            "network_mode" => service.container.network_mode = text,
            "ipc" => service.container.ipc = text,
            "pid" => service.container.pid = text,
            "container_name" => service.container_name = text,
            "restart" => service.restart = Some(Restart::No),
            "expose" => {
                let protocol = crate::model::Protocol::Tcp;
                service.expose.push(Port { target: value.parse().unwrap(), protocol });
            }
            "after" => {
                for other in value.split(',') {
                    let (other, condition) = match other.split_once(':') {
                        Some((other, "healthy")) => (other, Condition::Healthy),
                        Some((other, _)) => (other, Condition::CompletedSuccessfully),
                        None => (other, Condition::Started),
                    };
                    let dependency = Dependency { condition, ..Dependency::default() };
                    service.depends_on.insert(other.to_owned(), dependency);
                }
            }
            _ => panic!("{attribute}"),
        }
    }
    service
}

#[test]
fn services_that_share_a_namespace_share_a_pod() {
    check(&[("a", ""), ("b", "network_mode=service:a")], "a+b", &[]);
    check(&[("b", "network_mode=service:a"), ("a", "")], "a+b", &[]);
    let chain =
        [("c", "network_mode=service:b"), ("b", "network_mode=service:a"), ("a", ""), ("d", "")];
    check(&chain, "a+b+c d", &[]);
    let named = [("a", "container_name=it"), ("b", "network_mode=container:it")];
    check(&named, "a+b", &[]);
    let both = [("a", ""), ("b", "ipc=service:a pid=service:a")];
    check(&both, "a+b", &["b.ipc: the service runs in the pod of `a`"]);
}

#[test]
fn what_others_in_the_pod_wait_for_starts_before_them() {
    let vpn = [("vpn", ""), ("app", "network_mode=service:vpn after=vpn:healthy")];
    check(&vpn, "(vpn)+app", &[]);
    let seed = [
        ("vpn", ""),
        ("seed", "network_mode=service:vpn"),
        ("app", "network_mode=service:vpn after=seed:complete"),
    ];
    check(&seed, "(vpn)+[seed]+app", &[]);
}

#[test]
fn a_server_beside_a_task_does_not_hold_it_up() {
    let proxy = [("task", "restart=no"), ("proxy", "network_mode=service:task")];
    check(&proxy, "task+(proxy)", &[]);
    let tasks = [("task", "restart=no"), ("other", "restart=no network_mode=service:task")];
    check(&tasks, "task+other", &[]);
}

#[test]
fn what_cannot_share_a_pod_is_reported() {
    check(
        &[("a", ""), ("b", "network_mode=container:elsewhere")],
        "a b",
        &["`elsewhere` is no container of the project"],
    );
    check(
        &[("a", ""), ("b", "network_mode=service:a restart=no")],
        "a b",
        &["this one ends, and its pod does not"],
    );
    // With the last that needs it, a task goes too.
    check(
        &[
            ("a", ""),
            ("b", "network_mode=service:a restart=no"),
            ("c", "network_mode=service:b restart=no"),
        ],
        "a b c",
        &["this one ends, and its pod does not", "this one ends, and its pod does not"],
    );
    check(
        &[("a", "expose=80"), ("b", "pid=service:a expose=80")],
        "a b",
        &["both listen on port 80"],
    );
    check(
        &[("a", ""), ("between", "after=a"), ("b", "network_mode=service:a after=between")],
        "a between b",
        &["`between` must start between them"],
    );
    // Each of the two pods would wait for the other.
    check(
        &[
            ("a", ""),
            ("b", ""),
            ("with-a", "network_mode=service:a after=b"),
            ("with-b", "network_mode=service:b after=a"),
        ],
        "a+with-a b with-b",
        &["`a` must start between them"],
    );
    check(
        &[("a", ""), ("b", ""), ("c", "network_mode=service:a ipc=service:b")],
        "a+c b",
        &["the service shares another pod"],
    );
    check(
        &[("a", "network_mode=host"), ("b", "pid=service:a")],
        "a b",
        &["only one of them is on the network of the node"],
    );
}
