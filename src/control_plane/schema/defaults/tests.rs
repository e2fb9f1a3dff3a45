use similar_asserts::assert_eq;

use super::*;
use crate::kubernetes::kinds;
use crate::yaml;

/// Fills in a manifest, checks that filling in again changes nothing, and compares.
fn check(input: &str, expected: &str) {
    let mut object = yaml::read(input).unwrap().remove(0);
    let kind =
        kinds::find(object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap())
            .unwrap();
    apply_defaults(kind, &mut object);
    let once = object.clone();
    apply_defaults(kind, &mut object);
    assert_eq!(object, once);
    let expected = yaml::read(expected).unwrap().remove(0);
    assert_eq!(yaml::write(&sorted(&object)), yaml::write(&sorted(&expected)));
}

/// Defaults say nothing about the order of fields.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(fields.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[test]
fn a_pod_gets_what_upstream_gives_it() {
    check(
        "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: registry:5000/web
    ports: [{containerPort: 80}]
    resources: {limits: {cpu: '1'}, requests: {memory: 1Gi}}
    env:
    - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    livenessProbe: {httpGet: {port: 80}, periodSeconds: 0, timeoutSeconds: 5}
    readinessProbe: {exec: {command: [\"true\"]}}
  volumes:
  - name: a
  - {name: b, configMap: {name: c}}
  - {name: d, hostPath: {path: /x}}
",
        "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  dnsPolicy: ClusterFirst
  enableServiceLinks: true
  preemptionPolicy: PreemptLowerPriority
  priority: 0
  restartPolicy: Always
  schedulerName: default-scheduler
  securityContext: {}
  serviceAccount: default
  serviceAccountName: default
  terminationGracePeriodSeconds: 30
  tolerations:
  - {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 300}
  - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 300}
  containers:
  - name: web
    image: registry:5000/web
    imagePullPolicy: Always
    terminationMessagePath: /dev/termination-log
    terminationMessagePolicy: File
    ports: [{containerPort: 80, protocol: TCP}]
    resources: {limits: {cpu: '1'}, requests: {cpu: '1', memory: 1Gi}}
    env:
    - {name: IP, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: status.podIP}}}
    livenessProbe:
      httpGet: {path: /, port: 80, scheme: HTTP}
      failureThreshold: 3
      periodSeconds: 10
      successThreshold: 1
      timeoutSeconds: 5
    readinessProbe:
      exec: {command: [\"true\"]}
      failureThreshold: 3
      periodSeconds: 10
      successThreshold: 1
      timeoutSeconds: 1
  volumes:
  - {name: a, emptyDir: {}}
  - {name: b, configMap: {name: c, defaultMode: 420}}
  - {name: d, hostPath: {path: /x, type: ''}}
status: {phase: Pending, qosClass: Burstable}
",
    );
}

#[test]
fn pull_policies_follow_the_tag() {
    for (image, policy) in [
        ("web", "Always"),
        ("web:latest", "Always"),
        ("web:1", "IfNotPresent"),
        ("localhost:5000/web", "Always"),
        ("localhost:5000/web:1", "IfNotPresent"),
        ("web@sha256:abc", "IfNotPresent"),
        ("web:latest@sha256:abc", "Always"),
    ] {
        assert_eq!(container::pull_policy(image), policy, "{image}");
    }
}

/// The part of every workload that is the same.
const TEMPLATE: &str = "
  template:
    metadata: {labels: {app: web}}
    spec:
      dnsPolicy: ClusterFirst
      restartPolicy: Always
      schedulerName: default-scheduler
      securityContext: {}
      terminationGracePeriodSeconds: 30
      containers:
      - name: web
        image: web:1
        imagePullPolicy: IfNotPresent
        resources: {}
        terminationMessagePath: /dev/termination-log
        terminationMessagePolicy: File
";

fn check_workload(head: &str, spec: &str, expected: &str, status: &str) {
    let template = "
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'web:1'}]}
";
    let input = format!("{head}\nspec:{spec}{template}");
    let expected = format!("{head}\nspec:{expected}{TEMPLATE}status: {status}\n");
    check(&input, &expected);
}

#[test]
fn workloads_get_what_upstream_gives_them() {
    check_workload(
        "apiVersion: apps/v1\nkind: Deployment",
        "",
        "
  replicas: 1
  revisionHistoryLimit: 10
  progressDeadlineSeconds: 600
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}",
        "{}",
    );
    check_workload(
        "apiVersion: apps/v1\nkind: Deployment",
        "\n  replicas: 0\n  strategy: {type: Recreate}",
        "
  replicas: 0
  revisionHistoryLimit: 10
  progressDeadlineSeconds: 600
  strategy: {type: Recreate}",
        "{}",
    );
    check_workload("apiVersion: apps/v1\nkind: ReplicaSet", "", "\n  replicas: 1", "{replicas: 0}");
    check_workload(
        "apiVersion: apps/v1\nkind: StatefulSet",
        "\n  volumeClaimTemplates: [{metadata: {name: a}, spec: {}}]",
        "
  replicas: 1
  revisionHistoryLimit: 10
  podManagementPolicy: OrderedReady
  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, whenScaled: Retain}
  volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: a}
    spec: {resources: {}, volumeMode: Filesystem}
    status: {phase: Pending}",
        "{availableReplicas: 0, replicas: 0}",
    );
    check_workload(
        "apiVersion: apps/v1\nkind: DaemonSet",
        "",
        "
  revisionHistoryLimit: 10
  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}",
        "{currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0}",
    );
}

#[test]
fn a_job_selects_its_pods_by_its_uid() {
    let mut job = json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "a", "uid": "u"},
        "spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": []}}},
    });
    let kind = kinds::find("batch/v1", "Job").unwrap();
    apply_defaults(kind, &mut job);
    assert_eq!(job["metadata"]["labels"], json!({"app": "web"}));
    assert_eq!(
        job["spec"]["selector"],
        json!({"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}})
    );
    assert_eq!(
        job["spec"]["template"]["metadata"]["labels"],
        json!({
            "app": "web",
            "controller-uid": "u",
            "job-name": "a",
            "batch.kubernetes.io/controller-uid": "u",
            "batch.kubernetes.io/job-name": "a",
        })
    );
    assert_eq!(job["spec"]["completions"], 1);
    assert_eq!(job["spec"]["parallelism"], 1);
    assert_eq!(job["spec"]["backoffLimit"], 6);
    assert_eq!(job["spec"]["podReplacementPolicy"], "TerminatingOrFailed");
    let once = job.clone();
    apply_defaults(kind, &mut job);
    assert_eq!(job, once);
}

#[test]
fn small_kinds_get_what_upstream_gives_them() {
    check(
        "{apiVersion: v1, kind: Service, spec: {ports: [{port: 80}], type: NodePort}}",
        "
apiVersion: v1
kind: Service
spec:
  externalTrafficPolicy: Cluster
  internalTrafficPolicy: Cluster
  ipFamilies: [IPv4]
  ipFamilyPolicy: SingleStack
  ports: [{port: 80, protocol: TCP, targetPort: 80}]
  sessionAffinity: None
  type: NodePort
status: {loadBalancer: {}}
",
    );
    check(
        "{apiVersion: v1, kind: Service, spec: {type: ExternalName, externalName: a.b}}",
        "{apiVersion: v1, kind: Service, spec: {type: ExternalName, externalName: a.b, sessionAffinity: None}, status: {loadBalancer: {}}}",
    );
    check(
        "{apiVersion: v1, kind: Secret, data: {a: eA==}, stringData: {b: z}}",
        "{apiVersion: v1, kind: Secret, data: {a: eA==, b: eg==}, type: Opaque}",
    );
    check(
        "{apiVersion: v1, kind: Namespace, metadata: {name: a}}",
        "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {kubernetes.io/metadata.name: a}}, spec: {finalizers: [kubernetes]}, status: {phase: Active}}",
    );
    check(
        "{apiVersion: v1, kind: Namespace, metadata: {deletionTimestamp: x}, spec: {}, status: {phase: Terminating}}",
        "{apiVersion: v1, kind: Namespace, metadata: {deletionTimestamp: x}, spec: {}, status: {phase: Terminating}}",
    );
    check(
        "{apiVersion: v1, kind: PersistentVolume, spec: {}}",
        "{apiVersion: v1, kind: PersistentVolume, spec: {persistentVolumeReclaimPolicy: Retain, volumeMode: Filesystem}, status: {phase: Pending}}",
    );
    check(
        "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, ports: [{port: 80}]}",
        "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, ports: [{name: '', port: 80, protocol: TCP}]}",
    );
    check(
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {podSelector: {}, egress: [{}]}}",
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {podSelector: {}, egress: [{}], policyTypes: [Ingress, Egress]}}",
    );
}
