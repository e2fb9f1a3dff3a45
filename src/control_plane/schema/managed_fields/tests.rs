mod properties;

use serde_json::json;
use similar_asserts::assert_eq;

use super::*;
use crate::kubernetes::kinds;
use crate::yaml;

const FIRST: &str = "2025-01-01T00:00:00Z";
const LATER: &str = "2025-01-02T00:00:00Z";

fn kind_of(object: &Value) -> &'static Kind {
    let text = |field: &str| object[field].as_str().unwrap();
    kinds::find(text("apiVersion"), text("kind")).unwrap()
}

fn read(text: &str) -> Value {
    yaml::read(text).unwrap().remove(0)
}

fn writer<'a>(manager: &'a str, time: &str) -> Writer<'a> {
    Writer { manager, subresource: "", now: time.parse().unwrap() }
}

/// One object and the writes it goes through.
#[derive(Default)]
struct Story {
    live: Option<Value>,
}

impl Story {
    fn try_apply(&mut self, manager: &str, config: &str, force: bool) -> Result<(), Status> {
        let config = read(config);
        let writer = writer(manager, FIRST);
        self.live = Some(apply(kind_of(&config), self.live.as_ref(), &config, writer, force)?);
        Ok(())
    }

    fn apply(&mut self, manager: &str, config: &str) -> &mut Self {
        self.try_apply(manager, config, false).unwrap();
        self
    }

    fn force(&mut self, manager: &str, config: &str) -> &mut Self {
        self.try_apply(manager, config, true).unwrap();
        self
    }

    fn conflict(&mut self, manager: &str, config: &str) -> Status {
        let before = self.live.clone();
        let status = self.try_apply(manager, config, false).unwrap_err();
        assert_eq!(self.live, before);
        status
    }

    fn update(&mut self, manager: &str, change: impl FnOnce(&mut Value)) -> &mut Self {
        let mut new = self.live.clone().unwrap();
        change(&mut new);
        track_update(kind_of(&new), self.live.as_ref(), &mut new, writer(manager, FIRST));
        self.live = Some(new);
        self
    }

    fn object(&self) -> &Value {
        self.live.as_ref().unwrap()
    }

    /// `manager operation paths`, one line per entry.
    fn owners(&self) -> Vec<String> {
        let managers = Managers::read(self.object()).unwrap();
        let lines = managers.entries.iter().map(|(manager, owned)| {
            let mut paths = Vec::new();
            owned.fields.for_each(&mut |path| paths.push(describe(path)));
            format!("{} {:?} {}", manager.name, manager.operation, paths.join(" "))
        });
        lines.collect()
    }
}

fn config_map(data: &str) -> String {
    format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}, data: {{{data}}}}}")
}

#[test]
fn apply_creates_and_owns_what_it_says() {
    let mut story = Story::default();
    story.apply(
        "kubectl",
        "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default, labels: {app: web}, creationTimestamp: null}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx
        args: [a, b]
        ports: [{containerPort: 80}]
        env: [{name: A, value: b}]
        resources: {}
",
    );
    let object = story.object();
    assert_eq!(object["spec"]["template"]["spec"]["restartPolicy"], "Always");
    assert_eq!(
        object["metadata"]["managedFields"],
        json!([{
            "manager": "kubectl",
            "operation": "Apply",
            "apiVersion": "apps/v1",
            "time": FIRST,
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:metadata": {"f:labels": {"f:app": {}}},
                "f:spec": {
                    "f:replicas": {},
                    "f:selector": {},
                    "f:template": {
                        "f:metadata": {"f:labels": {"f:app": {}}},
                        "f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {
                            ".": {},
                            "f:args": {},
                            "f:env": {"k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}}},
                            "f:image": {},
                            "f:name": {},
                            "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}},
                            "f:resources": {},
                        }}},
                    },
                },
            },
        }])
    );
}

#[test]
fn what_is_applied_no_more_goes() {
    let mut story = Story::default();
    story.apply("m", &config_map("a: '1', b: '2'")).apply("m", &config_map("b: '3', c: '4'"));
    assert_eq!(story.object()["data"], json!({"b": "3", "c": "4"}));
    assert_eq!(story.owners(), ["m Apply .data.b .data.c"]);
}

/// An applied list item with nothing but defaulted keys was gone after the second, equal apply.
#[test]
fn an_item_without_fields_stays() {
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{}]}}";
    let mut story = Story::default();
    let once = story.apply("m", pod).object().clone();
    assert_eq!(story.apply("m", pod).object(), &once);
}

#[test]
fn what_others_own_stays() {
    let mut story = Story::default();
    story.apply("m", &config_map("a: '1', b: '2'")).apply("n", &config_map("a: '1', c: '3'"));
    assert_eq!(story.owners(), ["m Apply .data.a .data.b", "n Apply .data.a .data.c"]);
    story.apply("m", &config_map("b: '2'"));
    assert_eq!(story.object()["data"], json!({"a": "1", "b": "2", "c": "3"}));
    assert_eq!(story.owners(), ["m Apply .data.b", "n Apply .data.a .data.c"]);
    story.apply("n", &config_map(""));
    assert_eq!(story.object()["data"], json!({"b": "2"}));
}

#[test]
fn another_value_is_a_conflict_unless_forced() {
    let mut story = Story::default();
    story.apply("m", &config_map("a: '1', b: '2'"));
    let status = story.conflict("n", &config_map("a: '5'"));
    assert_eq!(status.code, 409);
    assert_eq!(status.reason, Reason::Conflict);
    assert_eq!(status.message, "Apply failed with 1 conflict: conflict with \"m\": .data.a");
    assert_eq!(
        status.causes,
        [Cause {
            reason: "FieldManagerConflict",
            message: "conflict with \"m\"".to_owned(),
            field: ".data.a".to_owned(),
        }]
    );
    let status = story.conflict("n", &config_map("a: '5', b: '6'"));
    assert_eq!(
        status.message,
        "Apply failed with 2 conflicts: conflicts with \"m\":\n- .data.a\n- .data.b"
    );
    story.force("n", &config_map("a: '5'"));
    assert_eq!(story.object()["data"], json!({"a": "5", "b": "2"}));
    assert_eq!(story.owners(), ["m Apply .data.b", "n Apply .data.a"]);
}

#[test]
fn updates_take_what_they_change() {
    let mut story = Story::default();
    story.apply("m", &config_map("a: '1', b: '2'"));
    story.update("kubectl-edit", |object| {
        object["data"]["a"] = json!("9");
        object["data"]["c"] = json!("3");
    });
    assert_eq!(story.owners(), ["kubectl-edit Update .data.a .data.c", "m Apply .data.b"]);
    let status = story.conflict("m", &config_map("a: '1', b: '2'"));
    assert_eq!(
        status.message,
        "Apply failed with 1 conflict: conflict with \"kubectl-edit\" using v1: .data.a"
    );
    story.update("kubectl-edit", |object| {
        object["data"].as_object_mut().unwrap().shift_remove("b");
    });
    assert_eq!(story.owners(), ["kubectl-edit Update .data.a .data.c"]);
}

#[test]
fn a_create_owns_all_it_sent_but_the_name() {
    let mut object = read(&config_map("a: '1'"));
    object["metadata"]["uid"] = json!("u");
    object["metadata"]["labels"] = json!({"x": "y"});
    let kind = kind_of(&object);
    track_update(kind, None, &mut object, writer("curl", FIRST));
    assert_eq!(
        object["metadata"]["managedFields"],
        json!([{
            "manager": "curl",
            "operation": "Update",
            "apiVersion": "v1",
            "time": FIRST,
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:data": {".": {}, "f:a": {}},
                "f:metadata": {"f:labels": {".": {}, "f:x": {}}},
            },
        }])
    );
}

#[test]
fn nothing_changes_when_nothing_changes() {
    let mut story = Story::default();
    story.apply("m", &config_map("a: '1'"));
    let config = read(&config_map("a: '1'"));
    let again =
        apply(kind_of(&config), story.live.as_ref(), &config, writer("m", LATER), false).unwrap();
    assert_eq!(&again, story.object());
    let mut same = story.object().clone();
    track_update(kind_of(&config), story.live.as_ref(), &mut same, writer("curl", LATER));
    assert_eq!(&same, story.object());
    let other =
        apply(kind_of(&config), story.live.as_ref(), &config, writer("n", LATER), false).unwrap();
    assert_eq!(other["metadata"]["managedFields"][1]["time"], LATER);
}

fn service(ports: &str) -> String {
    format!("{{apiVersion: v1, kind: Service, metadata: {{name: a}}, spec: {{ports: [{ports}]}}}}")
}

#[test]
fn ports_merge_by_number_and_protocol() {
    let mut story = Story::default();
    story.apply("m", &service("{name: a, port: 53}, {name: b, port: 53, protocol: UDP}"));
    story.update("server", |object| object["spec"]["ports"][1]["nodePort"] = json!(30053));
    story.apply(
        "m",
        &service("{name: c, port: 53, protocol: UDP}, {name: a, port: 53, protocol: TCP}"),
    );
    assert_eq!(
        story.object()["spec"]["ports"],
        json!([
            {"name": "c", "port": 53, "protocol": "UDP", "targetPort": 53, "nodePort": 30053},
            {"name": "a", "port": 53, "protocol": "TCP", "targetPort": 53},
        ])
    );
    // Who owns a field of an item does not own the item: it goes with the one who applied it.
    story.apply("m", &service("{name: a, port: 53}"));
    assert_eq!(story.object()["spec"]["ports"].as_array().unwrap().len(), 1);
    assert_eq!(story.object()["spec"]["ports"][0]["protocol"], "TCP");
}

fn pod(containers: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {{containers: [{containers}]}}}}"
    )
}

fn names(object: &Value) -> Vec<&str> {
    let containers = object["spec"]["containers"].as_array().unwrap();
    containers.iter().map(|container| container["name"].as_str().unwrap()).collect()
}

#[test]
fn containers_merge_by_name_in_the_order_of_the_config() {
    let mut story = Story::default();
    story.apply("m", &pod("{name: a, image: '1'}, {name: b, image: '1'}, {name: c, image: '1'}"));
    story.apply("n", &pod("{name: sidecar, image: '2'}"));
    assert_eq!(names(story.object()), ["a", "b", "c", "sidecar"]);
    story.apply("m", &pod("{name: c, image: '1'}, {name: a, image: '3'}"));
    assert_eq!(names(story.object()), ["c", "sidecar", "a"]);
    assert_eq!(story.object()["spec"]["containers"][2]["image"], "3");
}

#[test]
fn atomic_lists_and_maps_have_one_owner() {
    let selector = |labels: &str| {
        format!(
            "{{apiVersion: v1, kind: Service, metadata: {{name: a}}, spec: {{selector: {{{labels}}}}}}}"
        )
    };
    let mut story = Story::default();
    story.apply("m", &selector("a: b"));
    assert_eq!(story.owners(), ["m Apply .spec.selector"]);
    let status = story.conflict("n", &selector("c: d"));
    assert_eq!(status.causes[0].field, ".spec.selector");
    story.force("n", &selector("c: d"));
    assert_eq!(story.object()["spec"]["selector"], json!({"c": "d"}));
}

#[test]
fn sets_are_owned_item_by_item() {
    let finalizers = |items: &str| {
        format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a, finalizers: [{items}]}}}}")
    };
    let mut story = Story::default();
    story.apply("m", &finalizers("x/a, x/b")).apply("n", &finalizers("x/c"));
    assert_eq!(story.object()["metadata"]["finalizers"], json!(["x/a", "x/b", "x/c"]));
    story.apply("m", &finalizers("x/b"));
    assert_eq!(story.object()["metadata"]["finalizers"], json!(["x/b", "x/c"]));
}

#[test]
fn status_belongs_to_its_subresource() {
    let deployment = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: 2}, status: {replicas: 5}}";
    let mut story = Story::default();
    story.apply("m", deployment);
    assert_eq!(story.owners(), ["m Apply .spec.replicas"]);
    let mut new = story.object().clone();
    new["status"]["replicas"] = json!(2);
    let through = Writer { subresource: "status", ..writer("controller", FIRST) };
    track_update(kind_of(&new), story.live.as_ref(), &mut new, through);
    story.live = Some(new);
    assert_eq!(story.owners(), ["controller Update .status.replicas", "m Apply .spec.replicas"]);
    let entry = story.object()["metadata"]["managedFields"][1].clone();
    assert_eq!(entry["subresource"], "status");
}

#[test]
fn an_object_without_managers_was_written_before_the_first_apply() {
    let mut story = Story { live: Some(read(&config_map("a: '1'"))) };
    let status = story.conflict("m", &config_map("a: '2'"));
    assert_eq!(
        status.message,
        "Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .data.a"
    );
    story.apply("m", &config_map("a: '1', b: '2'"));
    assert_eq!(
        story.owners(),
        ["before-first-apply Update .data .data.a", "m Apply .data.a .data.b"]
    );
}

#[test]
fn kubectl_takes_over_from_its_client_side_apply() {
    let mut object = read(&config_map("a: '1', b: '2'"));
    object["metadata"]["annotations"] = json!({
        "kubectl.kubernetes.io/last-applied-configuration": object.to_string(),
    });
    let kind = kind_of(&object);
    track_update(kind, None, &mut object, writer("kubectl-client-side-apply", FIRST));
    let mut story = Story { live: Some(object) };
    story.conflict("helm", &config_map("a: '5'"));
    story.apply("kubectl", &config_map("a: '5'"));
    assert_eq!(story.object()["data"], json!({"a": "5", "b": "2"}));
}

#[test]
fn wrong_configs_are_refused() {
    let refused = |config: &str| {
        let status = Story::default().try_apply("m", config, false).unwrap_err();
        (status.code, status.message)
    };
    assert_eq!(
        refused(&pod("{name: a, image: '1'}, {name: a, image: '2'}")),
        (400, "failed to create typed patch object (/a; v1, Kind=Pod): .spec.containers: duplicate entries for key [name=\"a\"]".to_owned())
    );
    assert_eq!(
        refused(&pod("{name: a, imag: '1'}")),
        (400, "failed to create typed patch object (/a; v1, Kind=Pod): .spec.containers[0].imag: field not declared in schema".to_owned())
    );
    assert_eq!(
        refused("{apiVersion: v1, kind: Pod, metadata: {name: a, managedFields: []}}"),
        (400, "metadata.managedFields must be nil".to_owned())
    );
}

#[test]
fn duplicates_that_are_there_already_do_no_harm() {
    let mut live = read(&pod("{name: a, env: [{name: X, value: '1'}, {name: X, value: '2'}]}"));
    track_update(kind_of(&live.clone()), None, &mut live, writer("curl", FIRST));
    let mut story = Story { live: Some(live) };
    story.apply("m", &pod("{name: a, image: i, env: [{name: Z, value: '3'}]}"));
    let env = story.object()["spec"]["containers"][0]["env"].as_array().unwrap();
    assert_eq!(env.len(), 3);
}

#[test]
fn managed_fields_can_be_cleared_and_are_not_lost() {
    let mut story = Story::default();
    story.apply("m", &config_map("a: '1'"));
    story.update("curl", |object| {
        object["metadata"].as_object_mut().unwrap().shift_remove("managedFields");
    });
    assert_eq!(story.owners(), ["m Apply .data.a"]);
    story.update("curl", |object| object["metadata"]["managedFields"] = json!([{}]));
    assert_eq!(story.owners(), [] as [&str; 0]);
}

#[test]
fn many_updaters_are_merged() {
    let mut story = Story { live: Some(read(&config_map(""))) };
    for index in 0..15 {
        let manager = format!("m{index:02}");
        let mut new = story.object().clone();
        new["data"][&manager] = json!("x");
        let time = format!("2025-01-01T00:00:{index:02}Z");
        track_update(kind_of(&new), story.live.as_ref(), &mut new, writer(&manager, &time));
        story.live = Some(new);
    }
    let owners = story.owners();
    assert_eq!(owners.len(), 10);
    assert_eq!(
        owners[0],
        "ancient-changes Update .data.m00 .data.m01 .data.m02 .data.m03 .data.m04 .data.m05"
    );
}
