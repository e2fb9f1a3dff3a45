//! Deployments to a cluster in memory: what is applied, waited for, pruned and taken down.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets what it does not expect shall fail"
)]

mod fake_cluster;
mod fake_controllers;

use std::time::Duration;

use fake_cluster::{FakeCluster, status};
use http::Method;
use longshore::deploy::{
    Change, Cluster, Delivery, DownOptions, Error, NamespaceFate, Others, Plan, PlanOptions,
    Progress, Removed, Target, UpOptions, down, execute, observe, services,
};
use longshore::kubernetes::{Application, Gate, GateCondition, Object, Wave};
use serde_json::{Value, json};

#[derive(Default)]
struct Lines(Vec<String>);

impl Progress for Lines {
    fn change(&mut self, change: &Change) {
        let line = format!("{} {} {}", change.id, change.step.word(), change.detail);
        self.0.push(line.trim_end().to_owned());
    }

    fn note(&mut self, text: &str) {
        self.0.push(format!("note: {text}"));
    }
}

fn object(api_version: &str, kind: &str, name: &str, spec: &Value) -> Object {
    let value = json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "labels": {
            "app.kubernetes.io/name": name,
            "app.kubernetes.io/instance": "shop",
            "app.kubernetes.io/managed-by": "longshore",
        }},
        "spec": spec,
    });
    Object::new(value.as_object().unwrap().clone()).unwrap()
}

fn deployment(name: &str, image: &str) -> Object {
    let spec = json!({"replicas": 1, "template": {"spec": {"containers": [{"image": image}]}}});
    object("apps/v1", "Deployment", name, &spec)
}

fn job(name: &str, image: &str) -> Object {
    let spec = json!({"template": {"spec": {"containers": [{"image": image}]}}});
    object("batch/v1", "Job", name, &spec)
}

fn claim(name: &str, size: &str) -> Object {
    let spec = json!({"resources": {"requests": {"storage": size}}});
    object("v1", "PersistentVolumeClaim", name, &spec)
}

fn application(waves: Vec<(Vec<Object>, Vec<Gate>)>) -> Application {
    let waves = waves.into_iter().map(|(objects, gates)| Wave { objects, gates }).collect();
    Application { project: "shop".to_owned(), waves }
}

fn target() -> Target {
    Target::new("shop", None)
}

fn cluster(fake: &FakeCluster) -> Cluster {
    Cluster::new(fake.client(), "https://fake")
}

async fn plan(fake: &FakeCluster, application: Application) -> Result<Plan, Error> {
    let delivery = Delivery::new(application, target())?;
    let observed = observe(&cluster(fake), &delivery).await?;
    Ok(Plan::new(&delivery, &observed, PlanOptions { others: Others::Delete }))
}

/// Brings an application up; gives what was shown.
async fn up(fake: &FakeCluster, application: Application) -> Result<Vec<String>, Error> {
    up_within(fake, application, Duration::from_mins(1)).await
}

async fn up_within(
    fake: &FakeCluster,
    application: Application,
    wait_timeout: Duration,
) -> Result<Vec<String>, Error> {
    let plan = plan(fake, application).await?;
    let mut lines = Lines::default();
    execute(&cluster(fake), &plan, UpOptions { wait_timeout }, &mut lines).await?;
    Ok(lines.0)
}

async fn take_down(fake: &FakeCluster, volumes: bool) -> Removed {
    let options = DownOptions { volumes, timeout: Duration::from_mins(1) };
    down(&cluster(fake), &target(), options, &mut Lines::default()).await.unwrap()
}

fn web_and_data() -> Application {
    application(vec![(vec![claim("data", "1Gi"), deployment("web", "nginx")], vec![])])
}

#[tokio::test(start_paused = true)]
async fn the_first_up_makes_namespace_and_objects_and_waits_until_ready() {
    let fake = FakeCluster::new();
    let shown = up(&fake, web_and_data()).await.unwrap();
    assert_eq!(
        shown,
        [
            "Namespace/shop created",
            "PersistentVolumeClaim/data created",
            "Deployment/web created",
            "Deployment/web ready 1/1",
        ]
    );
    let namespace = fake.object("namespaces", "shop").unwrap();
    assert_eq!(namespace["metadata"]["labels"]["app.kubernetes.io/managed-by"], "longshore");
    assert_eq!(fake.object("deployments", "web").unwrap()["metadata"]["namespace"], "shop");
}

#[tokio::test(start_paused = true)]
async fn a_second_up_writes_only_the_change() {
    let fake = FakeCluster::new();
    up(&fake, web_and_data()).await.unwrap();
    fake.writes();

    up(&fake, web_and_data()).await.unwrap();
    assert_eq!(fake.writes(), [""; 0]);

    let objects = vec![claim("data", "1Gi"), deployment("web", "nginx:2")];
    let changed = application(vec![(objects, vec![])]);
    assert_eq!(
        plan(&fake, changed.clone()).await.unwrap().to_string(),
        "project shop in namespace shop\n\
         wave 1:\n  \
         = PersistentVolumeClaim/data  unchanged\n  \
         ~ Deployment/web              changed: spec.template.spec.containers[0].image\n"
    );
    up(&fake, changed).await.unwrap();
    assert_eq!(fake.writes(), ["apply deployments/web"]);
}

#[tokio::test(start_paused = true)]
async fn what_left_the_project_is_pruned_but_volumes_stay() {
    let fake = FakeCluster::new();
    up(&fake, web_and_data()).await.unwrap();
    let api = application(vec![(vec![deployment("api", "nginx")], vec![])]);
    let shown = up(&fake, api).await.unwrap();
    assert_eq!(
        shown[..2],
        [
            "Deployment/web deleted no longer in the project",
            "PersistentVolumeClaim/data kept kept: a volume, no longer in the project (`down -v` deletes volumes)",
        ]
    );
    assert_eq!(
        fake.contents(),
        [
            "deployments/api",
            "namespaces/shop",
            "persistentvolumeclaims/data",
            "pods/api-1-pod",
            "replicasets/api-1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_wave_starts_when_the_gate_before_it_is_open() {
    let fake = FakeCluster::new();
    let gate = |required| Gate {
        kind: "Job".to_owned(),
        name: "migrate".to_owned(),
        until: GateCondition::Complete,
        required,
    };
    let waves = |image, required| {
        application(vec![
            (vec![job("migrate", image)], vec![gate(required)]),
            (vec![deployment("web", "nginx")], vec![]),
        ])
    };
    let shown = up(&fake, waves("tool", true)).await.unwrap();
    let position = |line: &str| shown.iter().position(|shown| shown == line).unwrap();
    assert!(position("Job/migrate complete") < position("Deployment/web created"));

    // The Job cannot be changed in place, and fails: the second wave must not be applied.
    take_down(&fake, false).await;
    fake.writes();
    let error = up(&fake, waves("failing", true)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "service `migrate` (Job/migrate): BackoffLimitExceeded: Job has reached the specified \
         backoff limit\n    pod migrate-pod, container main"
    );
    assert_eq!(fake.writes(), ["apply namespaces/shop", "apply jobs/migrate"]);

    // What is not required may fail, and everything else comes up.
    let shown = up(&fake, waves("failing", false)).await.unwrap();
    assert!(shown.iter().any(|line| line.starts_with("Job/migrate failed")), "{shown:?}");
    assert_eq!(shown.last().unwrap(), "Deployment/web ready 1/1");
}

#[tokio::test(start_paused = true)]
async fn a_changed_or_failed_job_is_made_anew() {
    let fake = FakeCluster::new();
    let with = |image| application(vec![(vec![job("migrate", image)], vec![])]);
    up(&fake, with("tool")).await.unwrap();
    fake.writes();
    let shown = up(&fake, with("tool:2")).await.unwrap();
    assert_eq!(shown[0], "Job/migrate replaced replaced: spec.template cannot change in place");
    assert_eq!(fake.writes(), ["delete jobs/migrate", "apply jobs/migrate"]);

    up(&fake, with("failing")).await.unwrap_err();
    let plan = plan(&fake, with("failing")).await.unwrap();
    assert!(plan.to_string().contains("± Job/migrate  replaced: it failed before"), "{plan}");
}

#[tokio::test(start_paused = true)]
async fn a_volume_that_cannot_change_is_kept_and_told() {
    let fake = FakeCluster::new();
    up(&fake, application(vec![(vec![claim("data", "1Gi")], vec![])])).await.unwrap();
    fake.writes();
    let bigger = application(vec![(vec![claim("data", "2Gi")], vec![])]);
    let shown = up(&fake, bigger).await.unwrap();
    assert!(
        shown[0].starts_with("PersistentVolumeClaim/data kept kept as it is: spec"),
        "{shown:?}"
    );
    assert_eq!(fake.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_broken_image_ends_the_wait_at_once() {
    let fake = FakeCluster::new();
    let broken = application(vec![(vec![deployment("web", "broken")], vec![])]);
    let error = up_within(&fake, broken, Duration::from_hours(1)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "service `web` (Deployment/web): ImagePullBackOff: Back-off pulling image\n    \
         pod web-1-pod, container app"
    );
    assert!(error.help().unwrap().contains("`image`"), "{:?}", error.help());

    // The pods of the broken revision are still there while the repaired one comes up.
    up(&fake, application(vec![(vec![deployment("web", "nginx")], vec![])])).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_not_ready_in_time_is_told() {
    let fake = FakeCluster::new();
    let slow = application(vec![(vec![deployment("web", "slow")], vec![])]);
    let error = up_within(&fake, slow, Duration::from_mins(5)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "not ready after 300s:\n  service `web` (Deployment/web): 0/1 ready"
    );
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_still_at_work_is_no_failure() {
    let fake = FakeCluster::new();
    let slow = application(vec![(vec![job("import", "slow")], vec![])]);
    let shown = up_within(&fake, slow, Duration::from_mins(5)).await.unwrap();
    assert_eq!(shown.last().unwrap(), "note: Job/import is still at work after 300s");
}

#[tokio::test(start_paused = true)]
async fn objects_of_somebody_else_are_not_taken_over() {
    let fake = FakeCluster::new();
    fake.put(
        "namespaces",
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
    );
    fake.put(
        "deployments",
        json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"}, "spec": {}}),
    );
    let error = up(&fake, web_and_data()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "namespace `shop` has objects with these names that are not of project `shop`: \
         `Deployment/web`"
    );
    assert_eq!(fake.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn all_refusals_are_told_before_anything_is_changed() {
    let fake = FakeCluster::new();
    up(&fake, web_and_data()).await.unwrap();
    fake.writes();
    let no = status(403, "Forbidden", "the policy says no");
    fake.fail(Method::PATCH, "/deployments/", 2, no);
    let objects =
        vec![claim("data", "1Gi"), deployment("web", "nginx"), deployment("api", "nginx")];
    let error = up(&fake, application(vec![(objects, vec![])])).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the cluster refused 2 objects\n  `Deployment/web`: the policy says no\n  \
         `Deployment/api`: the policy says no"
    );
    assert_eq!(fake.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_field_that_the_cluster_does_not_know_is_a_refusal() {
    let fake = FakeCluster::new();
    up(&fake, web_and_data()).await.unwrap();
    fake.fail(Method::PATCH, "/deployments/", 1, status(400, "BadRequest", "unknown field"));
    let error = up(&fake, web_and_data()).await.unwrap_err();
    assert_eq!(error.to_string(), "the cluster refused `Deployment/web`: unknown field");

    // A webhook that cannot try says no however it is asked: then only the deed tells.
    fake.fail(Method::PATCH, "/deployments/", 2, status(400, "BadRequest", "no dry run"));
    let plan = plan(&fake, web_and_data()).await.unwrap();
    assert!(plan.to_string().contains("~ Deployment/web              changed or not"), "{plan}");
}

#[tokio::test(start_paused = true)]
async fn a_busy_cluster_is_asked_again() {
    let fake = FakeCluster::new();
    fake.fail(Method::PATCH, "/deployments/", 1, status(429, "TooManyRequests", "later"));
    fake.fail(Method::PATCH, "/deployments/", 1, status(409, "Conflict", "somebody was faster"));
    fake.fail(Method::GET, "/namespaces/shop", 1, status(503, "ServiceUnavailable", "starting"));
    up(&fake, web_and_data()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_stays_an_error_is_told() {
    let fake = FakeCluster::new();
    let error = status(500, "InternalError", "the disk is full");
    fake.fail(Method::GET, "/namespaces/shop", 100, error);
    let error = up(&fake, web_and_data()).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot read `Namespace/shop`: the disk is full");
}

#[tokio::test(start_paused = true)]
async fn down_keeps_volumes_and_so_the_namespace() {
    let fake = FakeCluster::new();
    up(&fake, web_and_data()).await.unwrap();
    let removed = take_down(&fake, false).await;
    assert_eq!((removed.objects, removed.kept_volumes), (1, vec!["data".to_owned()]));
    assert_eq!(fake.contents(), ["namespaces/shop", "persistentvolumeclaims/data"]);

    let removed = take_down(&fake, true).await;
    assert_eq!((removed.objects, removed.namespace), (1, NamespaceFate::Deleted));
    assert_eq!(fake.contents(), [""; 0]);
    assert_eq!(take_down(&fake, true).await, Removed::default());
}

#[tokio::test(start_paused = true)]
async fn down_leaves_what_it_did_not_make() {
    let fake = FakeCluster::new();
    up(&fake, web_and_data()).await.unwrap();
    fake.put(
        "configmaps",
        json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "kube-root-ca.crt", "namespace": "shop"}}),
    );
    fake.put(
        "configmaps",
        json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "mine", "namespace": "shop"}}),
    );
    let removed = take_down(&fake, true).await;
    let NamespaceFate::InUse(rest) = removed.namespace else { panic!("{removed:?}") };
    assert_eq!(rest.iter().map(ToString::to_string).collect::<Vec<_>>(), ["ConfigMap/mine"]);
    assert_eq!(
        fake.contents(),
        ["configmaps/kube-root-ca.crt", "configmaps/mine", "namespaces/shop"]
    );
}

#[tokio::test(start_paused = true)]
async fn down_never_deletes_a_namespace_that_was_there_before() {
    let fake = FakeCluster::new();
    fake.put(
        "namespaces",
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
    );
    up(&fake, web_and_data()).await.unwrap();
    assert_eq!(take_down(&fake, true).await.namespace, NamespaceFate::NotOurs);
    assert_eq!(fake.contents(), ["namespaces/shop"]);
}

#[tokio::test(start_paused = true)]
async fn down_waits_for_pods_that_an_interrupted_one_left_behind() {
    let fake = FakeCluster::new();
    up(&fake, web_and_data()).await.unwrap();
    let mut pod = fake.object("pods", "web-1-pod").unwrap();
    take_down(&fake, true).await;
    fake.put(
        "namespaces",
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
    );
    fake.put("pods", pod.clone());
    pod["metadata"]["name"] = json!("of-somebody-else");
    pod["metadata"]["uid"] = json!("other");
    pod["metadata"]["ownerReferences"][0]["kind"] = json!("Rollout");
    fake.put("pods", pod);
    let options = DownOptions { volumes: false, timeout: Duration::from_mins(5) };
    let error = down(&cluster(&fake), &target(), options, &mut Lines::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "not gone after 300s: `Pod/web-1-pod`");
}

#[tokio::test(start_paused = true)]
async fn down_tells_what_does_not_go() {
    let fake = FakeCluster::new();
    let mut held = deployment("web", "nginx");
    held.fields_mut()["metadata"]["finalizers"] = json!(["example.com/hold"]);
    up(&fake, application(vec![(vec![held, deployment("api", "nginx")], vec![])])).await.unwrap();
    let options = DownOptions { volumes: false, timeout: Duration::from_mins(5) };
    let mut lines = Lines::default();
    let error = down(&cluster(&fake), &target(), options, &mut lines).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "not gone after 300s: `Deployment/web`, `Pod/web-1-pod`, `ReplicaSet/web-1`"
    );
    assert_eq!(
        lines.0,
        ["Deployment/api deleting", "Deployment/web deleting", "Deployment/api deleted"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_does_not_answer_is_named() {
    let nobody = Cluster::new(fake_cluster::nobody(), "https://10.0.0.1:6443");
    let error = services(&nobody, &target()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot reach the cluster at https://10.0.0.1:6443: connection refused"
    );
}

#[tokio::test(start_paused = true)]
async fn services_tell_state_and_ports() {
    let fake = FakeCluster::new();
    let published = object(
        "v1",
        "Service",
        "web-published",
        &json!({"type": "LoadBalancer",
                "ports": [{"port": 8080, "targetPort": 80, "protocol": "TCP"}]}),
    );
    let mut published = published;
    published.fields_mut()["metadata"]["labels"]["app.kubernetes.io/name"] = json!("web");
    let objects = vec![published, deployment("web", "nginx"), job("migrate", "tool")];
    up(&fake, application(vec![(objects, vec![])])).await.unwrap();
    let rows = services(&cluster(&fake), &target()).await.unwrap();
    let rows: Vec<String> = rows
        .iter()
        .map(|row| {
            let ports: Vec<String> = row.ports.iter().map(ToString::to_string).collect();
            let (service, kind, state) = (&row.service, &row.kind, row.state);
            format!("{service} {kind} {}/{} {state} {ports:?}", row.ready, row.desired)
        })
        .collect();
    assert_eq!(
        rows,
        ["migrate Job 0/1 completed []", r#"web Deployment 1/1 running ["*:8080->80/tcp"]"#]
    );
}
