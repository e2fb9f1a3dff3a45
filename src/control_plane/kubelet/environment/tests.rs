use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::*;
use crate::control_plane::kubelet::objects::Given;

fn given() -> Given {
    Given::of(&[
        json!({"kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop"},
               "data": {"LEVEL": "debug", "dotted.key": "x"}}),
        json!({"kind": "Secret", "metadata": {"name": "login", "namespace": "shop"},
               "data": {"password": "cyQoQSk="}}),
        json!({"kind": "Secret", "metadata": {"name": "elsewhere", "namespace": "other"},
               "data": {"password": "eA=="}}),
        json!({"kind": "Service", "metadata": {"name": "kubernetes", "namespace": "default"},
               "spec": {"clusterIP": "10.88.128.1",
                        "ports": [{"name": "https", "port": 443, "protocol": "TCP"}]}}),
        json!({"kind": "Service", "metadata": {"name": "db-main", "namespace": "shop"},
               "spec": {"clusterIP": "10.88.129.1",
                        "ports": [{"name": "sql", "port": 5432}, {"name": "gossip", "port": 7, "protocol": "UDP"}]}}),
        json!({"kind": "Service", "metadata": {"name": "headless", "namespace": "shop"},
               "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}),
        json!({"kind": "Service", "metadata": {"name": "far", "namespace": "shop"},
               "spec": {"type": "ExternalName", "externalName": "example.com"}}),
    ])
}

fn environment(spec: &Value, container: &Value) -> Result<Environment, String> {
    let mut pod: Pod = serde_json::from_value(json!({
        "metadata": {"name": "web", "namespace": "shop"}, "spec": {"containers": []},
    }))
    .unwrap();
    let mut container_value = json!({"name": "web"});
    container_value.as_object_mut().unwrap().extend(container.as_object().unwrap().clone());
    let mut spec_value = json!({"containers": [container_value]});
    spec_value.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    pod.spec = serde_json::from_value(spec_value).unwrap();
    let container = &pod.spec.as_ref().unwrap().containers[0];
    let downward = Downward {
        pod: &pod,
        address: Some("10.88.0.5".parse().unwrap()),
        host: "10.88.0.1".parse().unwrap(),
        allocatable: &BTreeMap::new(),
    };
    resolve(container, downward, &given()).map_err(|error| error.to_string())
}

/// The variables of a container that are not those of services.
fn check(container: &Value, expected: Result<&str, &str>) {
    let shown = environment(&json!({"enableServiceLinks": false}), container).map(|all| {
        let own = all.variables.iter().filter(|(name, _)| !name.starts_with("KUBERNETES_"));
        own.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    });
    assert_eq!(shown.as_deref().map_err(String::as_str), expected, "{container}");
}

#[test]
fn variables_come_from_all_sources() {
    check(&json!({}), Ok(""));
    check(&json!({"env": [{"name": "A", "value": "1"}, {"name": "B"}]}), Ok("A=1 B="));
    check(
        &json!({"envFrom": [{"configMapRef": {"name": "settings"}}]}),
        Ok("LEVEL=debug dotted.key=x"),
    );
    check(
        &json!({"envFrom": [{"prefix": "S_", "secretRef": {"name": "login"}}]}),
        Ok("S_password=s$(A)"),
    );
    check(
        &json!({"env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "login", "key": "password"}}}]}),
        Ok("P=s$(A)"),
    );
    check(
        &json!({"env": [{"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]}),
        Ok("IP=10.88.0.5"),
    );
    check(
        &json!({
            "resources": {"limits": {"memory": "2Mi"}},
            "env": [{"name": "M", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Ki"}}}],
        }),
        Ok("M=2048"),
    );
}

#[test]
fn what_is_set_again_wins_and_values_see_what_stands_before() {
    check(
        &json!({
            "envFrom": [{"configMapRef": {"name": "settings"}}],
            "env": [
                {"name": "LATE", "value": "$(AFTER)"},
                {"name": "LEVEL", "value": "$(LEVEL)+"},
                {"name": "AFTER", "value": "$(LEVEL)/$(KUBERNETES_SERVICE_PORT)/$$(LEVEL)"},
            ],
        }),
        Ok("LEVEL=debug+ dotted.key=x LATE=$(AFTER) AFTER=debug+/443/$(LEVEL)"),
    );
}

#[test]
fn what_is_missing_is_an_error_unless_it_may_be() {
    let from = |kind: &str, name: &str, key: &str, optional: bool| {
        let source = json!({kind: {"name": name, "key": key, "optional": optional}});
        json!({"env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": source}]})
    };
    check(&from("configMapKeyRef", "settings", "LEVEL", false), Ok("A=1 B=debug"));
    check(&from("configMapKeyRef", "none", "x", false), Err("configmap \"none\" not found"));
    check(&from("configMapKeyRef", "none", "x", true), Ok("A=1"));
    check(
        &from("configMapKeyRef", "settings", "x", false),
        Err("couldn't find key x in ConfigMap shop/settings"),
    );
    check(&from("configMapKeyRef", "settings", "x", true), Ok("A=1"));
    check(
        &from("secretKeyRef", "elsewhere", "password", false),
        Err("secret \"elsewhere\" not found"),
    );
    check(
        &from("secretKeyRef", "login", "x", false),
        Err("couldn't find key x in Secret shop/login"),
    );
    check(&from("secretKeyRef", "login", "x", true), Ok("A=1"));
    for (kind, named) in [("configMapRef", "configmap"), ("secretRef", "secret")] {
        let from = |optional| json!({"envFrom": [{kind: {"name": "none", "optional": optional}}]});
        check(&from(false), Err(&format!("{named} \"none\" not found")));
        check(&from(true), Ok(""));
    }
    check(
        &json!({"env": [{"name": "F", "valueFrom": {
            "fileKeyRef": {"volumeName": "v", "path": "p", "key": "k"}}}]}),
        Err("the source of the variable F is not supported"),
    );
}

#[test]
fn services_are_announced() {
    let shown = |spec: &Value| {
        let environment = environment(spec, &json!({})).unwrap();
        let lines = environment.variables.iter().map(|(name, value)| format!("{name}={value}\n"));
        lines.collect::<String>()
    };
    let kubernetes = "KUBERNETES_SERVICE_HOST=10.88.128.1\n\
        KUBERNETES_SERVICE_PORT=443\n\
        KUBERNETES_SERVICE_PORT_HTTPS=443\n\
        KUBERNETES_PORT=tcp://10.88.128.1:443\n\
        KUBERNETES_PORT_443_TCP=tcp://10.88.128.1:443\n\
        KUBERNETES_PORT_443_TCP_PROTO=tcp\n\
        KUBERNETES_PORT_443_TCP_PORT=443\n\
        KUBERNETES_PORT_443_TCP_ADDR=10.88.128.1\n";
    similar_asserts::assert_eq!(shown(&json!({"enableServiceLinks": false})), kubernetes);
    let database = "DB_MAIN_SERVICE_HOST=10.88.129.1\n\
        DB_MAIN_SERVICE_PORT=5432\n\
        DB_MAIN_SERVICE_PORT_SQL=5432\n\
        DB_MAIN_SERVICE_PORT_GOSSIP=7\n\
        DB_MAIN_PORT=tcp://10.88.129.1:5432\n\
        DB_MAIN_PORT_5432_TCP=tcp://10.88.129.1:5432\n\
        DB_MAIN_PORT_5432_TCP_PROTO=tcp\n\
        DB_MAIN_PORT_5432_TCP_PORT=5432\n\
        DB_MAIN_PORT_5432_TCP_ADDR=10.88.129.1\n\
        DB_MAIN_PORT_7_UDP=udp://10.88.129.1:7\n\
        DB_MAIN_PORT_7_UDP_PROTO=udp\n\
        DB_MAIN_PORT_7_UDP_PORT=7\n\
        DB_MAIN_PORT_7_UDP_ADDR=10.88.129.1\n";
    similar_asserts::assert_eq!(shown(&json!({})), format!("{database}{kubernetes}"));
}

#[test]
fn command_and_arguments_are_expanded() {
    let environment = environment(
        &json!({}),
        &json!({
            "env": [{"name": "NAME", "value": "world"}],
            "command": ["echo", "$(NAME)"],
            "args": ["$(DB_MAIN_SERVICE_HOST)", "$$(NAME)", "$(NONE)"],
        }),
    )
    .unwrap();
    assert_eq!(environment.command.unwrap(), ["echo", "world"]);
    assert_eq!(environment.args.unwrap(), ["10.88.129.1", "$(NAME)", "$(NONE)"]);
}
