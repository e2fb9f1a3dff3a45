use serde_json::json;
use similar_asserts::assert_eq;

use super::*;
use crate::control_plane::schema::defaults::apply_defaults;
use crate::kubernetes::kinds;
use crate::yaml;

fn read(text: &str) -> (&'static Kind, Value) {
    let mut object = yaml::read(text).unwrap().remove(0);
    let kind =
        kinds::find(object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap())
            .unwrap();
    apply_defaults(kind, &mut object);
    (kind, object)
}

fn lines(causes: &[Cause]) -> Vec<String> {
    causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect()
}

/// The findings in a new object, one per line.
fn check(text: &str, expected: &[&str]) {
    let (kind, object) = read(text);
    assert_eq!(lines(&validate(kind, &object, None)), expected);
}

/// The findings in an update.
fn check_update(old: &str, new: &str, expected: &[&str]) {
    let ((kind, old), (_, new)) = (read(old), read(new));
    assert_eq!(lines(&validate(kind, &new, Some(&old))), expected);
}

fn pod(spec: &str) -> String {
    format!("{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {{{spec}}}}}")
}

fn container(fields: &str) -> String {
    pod(&format!("containers: [{{name: x, image: i, {fields}}}], volumes: [{{name: v}}]"))
}

#[test]
fn names_fit_their_kind() {
    const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    check(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: A_b}}",
        &[&format!("metadata.name: Invalid value: \"A_b\": {SUBDOMAIN}")],
    );
    check("{apiVersion: v1, kind: ConfigMap, metadata: {name: a.b}}", &[]);
    check(
        "{apiVersion: v1, kind: ConfigMap}",
        &["metadata.name: Required value: name or generateName is required"],
    );
    let refused = |text: &str| {
        let (kind, object) = read(text);
        !validate(kind, &object, None).is_empty()
    };
    assert!(refused("{apiVersion: v1, kind: Namespace, metadata: {name: a.b}}"));
    assert!(refused(
        "{apiVersion: v1, kind: Service, metadata: {name: 1a}, spec: {clusterIP: None}}"
    ));
    check(
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: 'system:a'}}",
        &[],
    );
}

#[test]
fn metadata_is_checked() {
    check(
        "
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  labels: {-x: a b}
  ownerReferences:
  - {apiVersion: v1, kind: Pod, name: p, uid: u, controller: true}
  - {apiVersion: '', kind: Pod, name: q, uid: u, controller: true}
",
        &[
            "metadata.labels: Invalid value: \"-x\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            "metadata.labels: Invalid value: \"a b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
            "metadata.ownerReferences.apiVersion: Invalid value: \"\": version must not be empty",
            "metadata.ownerReferences: Invalid value: [{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"p\",\"uid\":\"u\",\"controller\":true},{\"apiVersion\":\"\",\"kind\":\"Pod\",\"name\":\"q\",\"uid\":\"u\",\"controller\":true}]: Only one reference can have Controller set to true. Found \"true\" in references for p and q",
        ],
    );
    check_update(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, deletionTimestamp: x, finalizers: [f/a]}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, deletionTimestamp: x, finalizers: [f/a, f/b]}}",
        &[
            "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"f/b\"}",
        ],
    );
}

#[test]
fn pods_need_containers_with_names_and_images() {
    check(&pod("containers: [{name: x, image: i}]"), &[]);
    check(&pod(""), &["spec.containers: Required value"]);
    check(
        &pod("containers: [{}, {name: x, image: i}, {name: x, image: ' i'}]"),
        &[
            "spec.containers[0].name: Required value",
            "spec.containers[0].image: Required value",
            "spec.containers[2].name: Duplicate value: \"x\"",
            "spec.containers[2].image: Invalid value: \" i\": must not have leading or trailing whitespace",
        ],
    );
    check(
        &pod(
            "containers: [{name: x, image: i, imagePullPolicy: Sometimes}], restartPolicy: Maybe, dnsPolicy: Off1",
        ),
        &[
            "spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"IfNotPresent\", \"Never\"",
            "spec.dnsPolicy: Unsupported value: \"Off1\": supported values: \"ClusterFirstWithHostNet\", \"ClusterFirst\", \"Default\", \"None\"",
            "spec.restartPolicy: Unsupported value: \"Maybe\": supported values: \"Always\", \"OnFailure\", \"Never\"",
        ],
    );
}

#[test]
fn containers_are_checked() {
    for (fields, expected) in [
        ("volumeMounts: [{name: v, mountPath: /x}]", None),
        (
            "volumeMounts: [{name: w, mountPath: /x}]",
            Some("spec.containers[0].volumeMounts[0].name: Not found: \"w\""),
        ),
        (
            "volumeMounts: [{name: v, mountPath: /x}, {name: v, mountPath: /x}]",
            Some(
                "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/x\": must be unique",
            ),
        ),
        (
            "ports: [{containerPort: 70000}]",
            Some(
                "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
            ),
        ),
        (
            "ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 80}]",
            Some("spec.containers[0].ports[1].hostPort: Duplicate value: \"/TCP/80\""),
        ),
        ("env: [{name: ''}]", Some("spec.containers[0].env[0].name: Required value")),
        (
            "env: [{name: A, value: b, valueFrom: {secretKeyRef: {name: s, key: k}}}]",
            Some(
                "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty",
            ),
        ),
        (
            "resources: {limits: {cpu: '1'}, requests: {cpu: '2'}}",
            Some(
                "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
            ),
        ),
        (
            "resources: {limits: {gpu: '1'}}",
            Some(
                "spec.containers[0].resources.limits[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully qualified",
            ),
        ),
        (
            "livenessProbe: {}",
            Some("spec.containers[0].livenessProbe: Required value: must specify a handler type"),
        ),
        (
            "livenessProbe: {exec: {command: [x]}, httpGet: {port: 80}}",
            Some(
                "spec.containers[0].livenessProbe.httpGet: Forbidden: may not specify more than 1 handler type",
            ),
        ),
        (
            "livenessProbe: {tcpSocket: {port: 80}, successThreshold: 2}",
            Some("spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"),
        ),
        (
            "readinessProbe: {tcpSocket: {port: 0}}",
            Some(
                "spec.containers[0].readinessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive",
            ),
        ),
    ] {
        let (kind, object) = read(&container(fields));
        let found = lines(&validate(kind, &object, None));
        let found = found.iter().filter(|line| !line.contains("requests[gpu]")).collect::<Vec<_>>();
        assert_eq!(found, expected.iter().collect::<Vec<_>>(), "{fields}");
    }
}

#[test]
fn volumes_are_checked() {
    check(
        &pod(
            "containers: [{name: x, image: i}], volumes: [{name: v, emptyDir: {}, hostPath: {path: /x}}, {name: v, configMap: {}}, {name: w, secret: {}}]",
        ),
        &[
            "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
            "spec.volumes[1].name: Duplicate value: \"v\"",
            "spec.volumes[1].configMap.name: Required value",
            "spec.volumes[2].secret.secretName: Required value",
        ],
    );
}

#[test]
fn pods_stay_as_they_are_but_for_few_fields() {
    let one = |more: &str| pod(&format!("containers: [{{name: x, image: i}}]{more}"));
    let other = pod("containers: [{name: x, image: j}]");
    check_update(&one(""), &other, &[]);
    check_update(&one(""), &one(", activeDeadlineSeconds: 5, nodeName: w"), &[]);
    check_update(
        &one(""),
        &one(
            ", tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 300}, {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 300}, {key: k, operator: Exists}]",
        ),
        &[],
    );
    let (kind, old) = read(&one(""));
    let (_, new) = read(&one(", hostNetwork: true"));
    let causes = validate(kind, &new, Some(&old));
    assert_eq!(causes.len(), 1);
    assert_eq!(causes[0].reason, "FieldValueForbidden");
    assert!(
        causes[0].message.starts_with("Forbidden: pod updates may not change fields other than")
    );
    let (_, bound) = read(&one(", nodeName: w"));
    let (_, moved) = read(&one(", nodeName: u"));
    assert_eq!(validate(kind, &moved, Some(&bound)).len(), 1);
}

fn workload(kind: &str, spec: &str, labels: &str, pod: &str) -> String {
    format!(
        "{{apiVersion: {kind}, metadata: {{name: a}}, spec: {{{spec}, template: {{metadata: {{labels: {{{labels}}}}}, spec: {{containers: [{{name: x, image: i}}], {pod}}}}}}}}}"
    )
}

#[test]
fn selectors_match_their_template_and_stay() {
    let deployment = |selector: &str, labels: &str| {
        workload("apps/v1, kind: Deployment", &format!("replicas: 1, {selector}"), labels, "")
    };
    let right = deployment("selector: {matchLabels: {a: b}}", "a: b, c: d");
    check(&right, &[]);
    check(&deployment("paused: false", "a: b"), &["spec.selector: Required value"]);
    check(
        &deployment("selector: {}", "a: b"),
        &["spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
    );
    check(
        &deployment("selector: {matchLabels: {a: x}}", "a: b"),
        &[
            "spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`",
        ],
    );
    check_update(
        &right,
        &deployment("selector: {matchLabels: {c: d}}", "a: b, c: d"),
        &["spec.selector: Invalid value: {\"matchLabels\":{\"c\":\"d\"}}: field is immutable"],
    );
}

#[test]
fn workloads_are_checked() {
    let selector = "selector: {matchLabels: {a: b}}";
    for (kind, spec, pod, expected) in [
        (
            "apps/v1, kind: Deployment",
            "replicas: -1",
            "",
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        ),
        (
            "apps/v1, kind: Deployment",
            "strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}",
            "",
            "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
        ),
        (
            "apps/v1, kind: Deployment",
            "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}",
            "",
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0 when `maxSurge` is 0",
        ),
        (
            "apps/v1, kind: DaemonSet",
            "minReadySeconds: 0",
            "restartPolicy: Never",
            "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"",
        ),
        (
            "batch/v1, kind: Job",
            "parallelism: 1",
            "",
            "spec.template.spec.restartPolicy: Unsupported value: \"Always\": supported values: \"OnFailure\", \"Never\"",
        ),
    ] {
        check(&workload(kind, &format!("{selector}, {spec}"), "a: b", pod), &[expected]);
    }
}

#[test]
fn what_must_stay_in_workloads_stays() {
    let job = |image: &str| {
        format!(
            "{{apiVersion: batch/v1, kind: Job, metadata: {{name: a}}, spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: x, image: {image}}}]}}}}}}}}"
        )
    };
    let ((kind, old), (_, new)) = (read(&job("i")), read(&job("j")));
    let causes = lines(&validate(kind, &new, Some(&old)));
    assert_eq!(causes.len(), 1);
    assert!(causes[0].starts_with("spec.template: Invalid value: {"), "{causes:?}");
    assert!(causes[0].ends_with(": field is immutable"), "{causes:?}");

    let set = |spec: &str| {
        workload(
            "apps/v1, kind: StatefulSet",
            &format!("selector: {{matchLabels: {{a: b}}}}, {spec}"),
            "a: b",
            "",
        )
    };
    check_update(&set("replicas: 1"), &set("replicas: 2"), &[]);
    check_update(
        &set("serviceName: s"),
        &set("serviceName: t"),
        &[
            "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        ],
    );
}

/// A `StatefulSet` was refused when a container mounted what its claim templates make.
#[test]
fn claim_templates_are_volumes() {
    let set = |mounted: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: a}}, spec: {{serviceName: a, selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: {{restartPolicy: Always, containers: [{{name: x, image: i, volumeMounts: [{{name: {mounted}, mountPath: /x}}]}}]}}}}, volumeClaimTemplates: [{{metadata: {{name: data}}, spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}}}]}}}}"
        )
    };
    check(&set("data"), &[]);
    check(
        &set("other"),
        &["spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"other\""],
    );
}

#[test]
fn cron_jobs_are_checked() {
    let cron = |schedule: &str, more: &str| {
        format!(
            "{{apiVersion: batch/v1, kind: CronJob, metadata: {{name: a}}, spec: {{schedule: {schedule:?}, {more}jobTemplate: {{spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: x, image: i}}]}}}}}}}}}}}}"
        )
    };
    check(&cron("*/5 * * * *", ""), &[]);
    check(&cron("@hourly", "timeZone: Europe/Berlin, "), &[]);
    check(&cron("", ""), &["spec.schedule: Required value"]);
    check(
        &cron("0 0 * * *", "timeZone: Moon/Sea, "),
        &["spec.timeZone: Invalid value: \"Moon/Sea\": unknown time zone Moon/Sea"],
    );
    let (kind, object) = read(&cron("often", ""));
    assert_eq!(validate(kind, &object, None)[0].field, "spec.schedule");
}

fn service(spec: &str) -> String {
    format!("{{apiVersion: v1, kind: Service, metadata: {{name: a}}, spec: {{{spec}}}}}")
}

#[test]
fn services_are_checked() {
    for (spec, expected) in [
        ("ports: [{port: 80}]", &[][..]),
        ("clusterIP: None", &[]),
        ("type: ExternalName, externalName: a.b", &[]),
        ("type: ClusterIP", &["spec.ports: Required value"]),
        ("type: ExternalName", &["spec.externalName: Required value"]),
        (
            "type: Odd, clusterIP: None",
            &[
                "spec.type: Unsupported value: \"Odd\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"",
            ],
        ),
        (
            "ports: [{port: 80}, {port: 81}]",
            &["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
        ),
        (
            "ports: [{port: 80, name: a}, {port: 81, name: a}]",
            &["spec.ports[1].name: Duplicate value: \"a\""],
        ),
        (
            "ports: [{port: 0}]",
            &[
                "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
                "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive",
            ],
        ),
        (
            "ports: [{port: 80, nodePort: 30000}]",
            &["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
        ),
        (
            "type: NodePort, ports: [{port: 80, nodePort: 80}]",
            &[
                "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
            ],
        ),
    ] {
        check(&service(spec), expected);
    }
    check_update(
        &service("ports: [{port: 80}], clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1]"),
        &service("ports: [{port: 80}], clusterIP: 10.0.0.2, clusterIPs: [10.0.0.2]"),
        &["spec.clusterIPs[0]: Invalid value: [\"10.0.0.2\"]: may not change once set"],
    );
}

#[test]
fn config_maps_and_secrets_are_checked() {
    check(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a b: x, c: z}, binaryData: {c: eA==}}",
        &[
            "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
            "data[c]: Invalid value: \"c\": duplicate of key present in binaryData",
        ],
    );
    check(
        "{apiVersion: v1, kind: Secret, metadata: {name: a}, type: kubernetes.io/tls, data: {tls.crt: ''}}",
        &["data[tls.key]: Required value"],
    );
    let kind = kinds::find("v1", "ConfigMap").unwrap();
    let large = json!({"metadata": {"name": "a"}, "data": {"x": "x".repeat(1024 * 1024 + 1)}});
    assert_eq!(
        lines(&validate(kind, &large, None)),
        ["data: Too long: may not be more than 1048576 bytes"]
    );
    let map = |data: &str| {
        format!(
            "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}, immutable: true, data: {{a: {data}}}}}"
        )
    };
    check_update(&map("x"), &map("x"), &[]);
    check_update(
        &map("x"),
        &map("z"),
        &["data: Forbidden: field is immutable when `immutable` is set"],
    );
}

#[test]
fn claims_are_checked() {
    let claim = |spec: &str| {
        format!(
            "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: a}}, spec: {{{spec}}}}}"
        )
    };
    let right = "accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}";
    check(&claim(right), &[]);
    check(
        &claim("accessModes: [Odd]"),
        &[
            "spec.accessModes[0]: Unsupported value: \"Odd\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", \"ReadWriteOnce\", \"ReadWriteOncePod\"",
            "spec.resources[storage]: Required value",
        ],
    );
    check(
        &claim("resources: {requests: {storage: 0}}"),
        &[
            "spec.accessModes: Required value: at least 1 access mode is required",
            "spec.resources.requests[storage]: Invalid value: 0: must be greater than zero",
        ],
    );
    let bound = format!("{right}, volumeName: v");
    let grown =
        "accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}, volumeName: v";
    check_update(&claim(right), &claim(&bound), &[]);
    check_update(&claim(&bound), &claim(grown), &[]);
    check_update(
        &claim(grown),
        &claim(&bound),
        &["spec.resources.requests.storage: Forbidden: field can not be less than previous value"],
    );
    check_update(
        &claim(right),
        &claim("accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}"),
        &[
            "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
        ],
    );
}

#[test]
fn ingresses_are_checked() {
    let ingress = |spec: &str| {
        format!(
            "{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: a}}, spec: {{{spec}}}}}"
        )
    };
    let backend = "backend: {service: {name: s, port: {number: 80}}}";
    check(
        &ingress(&format!(
            "rules: [{{host: '*.a.b', http: {{paths: [{{path: /, pathType: Prefix, {backend}}}]}}}}]"
        )),
        &[],
    );
    check(
        &ingress(""),
        &["spec: Invalid value: {}: either `defaultBackend` or `rules` must be specified"],
    );
    check(
        &ingress(&format!("rules: [{{http: {{paths: [{{path: x, {backend}}}]}}}}]")),
        &[
            "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified",
            "spec.rules[0].http.paths[0].path: Invalid value: \"x\": must be an absolute path",
        ],
    );
    check(
        &ingress("defaultBackend: {service: {name: s}}"),
        &["spec.defaultBackend.service.port: Required value: port name or number is required"],
    );
}

/// Status writes and metadata changes go on even when today's rules would refuse the spec.
#[test]
fn an_unchanged_spec_is_not_looked_at_again() {
    let (kind, old) = read(&pod(""));
    let mut new = old.clone();
    new["metadata"]["labels"] = json!({"a": "b"});
    new["status"] = json!({"phase": "Failed"});
    assert_eq!(lines(&validate(kind, &new, Some(&old))), [] as [&str; 0]);
}
