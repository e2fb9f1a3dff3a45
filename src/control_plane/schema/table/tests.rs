use similar_asserts::assert_eq;

use super::*;
use crate::kubernetes::kinds;
use crate::yaml;

/// A row as text, cells between bars; all objects are an hour and five minutes old.
fn row(text: &str) -> String {
    let object = yaml::read(text).unwrap().remove(0);
    let kind =
        kinds::find(object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap())
            .unwrap();
    let now = "2025-01-01T05:05:00Z".parse().unwrap();
    let cells = cells(kind, &object, now);
    assert_eq!(cells.len(), columns(kind).len());
    let cells: Vec<_> = cells
        .iter()
        .map(|cell| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned))
        .collect();
    cells.join("|")
}

const META: &str = "metadata: {name: a, creationTimestamp: '2025-01-01T00:00:00Z'}";

fn pod_row(spec: &str, status: &str) -> String {
    let row = row(&format!(
        "{{apiVersion: v1, kind: Pod, {META}, spec: {{{spec}}}, status: {{{status}}}}}"
    ));
    row.strip_suffix("|<none>|<none>|<none>|<none>").unwrap().to_owned()
}

/// Ready, status and restarts of pods in all the states that they go through.
#[test]
fn pods_in_all_states() {
    let one = "containers: [{name: x}]";
    let with_init = "containers: [{name: x}], initContainers: [{name: i}, {name: j}]";
    let sidecar = "containers: [{name: x}], initContainers: [{name: i, restartPolicy: Always}]";
    for (spec, status, expected) in [
        (one, "phase: Pending", "0/1|Pending|0"),
        (
            one,
            "phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated}]",
            "0/1|SchedulingGated|0",
        ),
        (
            one,
            "phase: Pending, containerStatuses: [{name: x, state: {waiting: {reason: ContainerCreating}}}]",
            "0/1|ContainerCreating|0",
        ),
        (
            one,
            "phase: Pending, containerStatuses: [{name: x, state: {waiting: {reason: ImagePullBackOff}}}]",
            "0/1|ImagePullBackOff|0",
        ),
        (
            one,
            "phase: Running, containerStatuses: [{name: x, ready: true, state: {running: {}}}]",
            "1/1|Running|0",
        ),
        (
            one,
            "phase: Running, containerStatuses: [{name: x, ready: false, state: {running: {}}}]",
            "0/1|Running|0",
        ),
        (
            one,
            "phase: Running, containerStatuses: [{name: x, restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {finishedAt: '2025-01-01T05:00:00Z'}}}]",
            "0/1|CrashLoopBackOff|3 (5m ago)",
        ),
        (
            one,
            "phase: Succeeded, containerStatuses: [{name: x, state: {terminated: {exitCode: 0, reason: Completed}}}]",
            "0/1|Completed|0",
        ),
        (
            one,
            "phase: Failed, containerStatuses: [{name: x, state: {terminated: {exitCode: 1, reason: Error}}}]",
            "0/1|Error|0",
        ),
        (
            one,
            "phase: Failed, containerStatuses: [{name: x, state: {terminated: {exitCode: 2}}}]",
            "0/1|ExitCode:2|0",
        ),
        (
            one,
            "phase: Failed, containerStatuses: [{name: x, state: {terminated: {exitCode: 137, signal: 9}}}]",
            "0/1|Signal:9|0",
        ),
        (one, "phase: Failed, reason: Evicted", "0/1|Evicted|0"),
        (
            "containers: [{name: x}, {name: w}]",
            "phase: Running, conditions: [{type: Ready, status: 'False'}], containerStatuses: [{name: x, state: {terminated: {exitCode: 0, reason: Completed}}}, {name: w, ready: true, state: {running: {}}}]",
            "1/2|NotReady|0",
        ),
        (
            with_init,
            "phase: Pending, initContainerStatuses: [{name: i, state: {running: {}}}, {name: j, state: {waiting: {reason: PodInitializing}}}]",
            "0/1|Init:0/2|0",
        ),
        (
            with_init,
            "phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 0}}}, {name: j, restartCount: 1, state: {terminated: {exitCode: 1, reason: Error}}}]",
            "0/1|Init:Error|1",
        ),
        (
            with_init,
            "phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 0}}}, {name: j, state: {waiting: {reason: CrashLoopBackOff}}}]",
            "0/1|Init:CrashLoopBackOff|0",
        ),
        (
            with_init,
            "phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 0}}}, {name: j, state: {terminated: {exitCode: 0}}}], containerStatuses: [{name: x, state: {waiting: {reason: PodInitializing}}}]",
            "0/1|PodInitializing|0",
        ),
        (
            sidecar,
            "phase: Running, initContainerStatuses: [{name: i, started: true, ready: true, restartCount: 2, state: {running: {}}}], containerStatuses: [{name: x, ready: true, state: {running: {}}}]",
            "2/2|Running|2",
        ),
    ] {
        assert_eq!(pod_row(spec, status), format!("a|{expected}|5h5m"), "{status}");
    }
}

#[test]
fn a_pod_that_leaves_and_its_wide_columns() {
    assert_eq!(
        row("
apiVersion: v1
kind: Pod
metadata: {name: a, creationTimestamp: '2025-01-01T05:04:00Z', deletionTimestamp: x}
spec: {containers: [{name: x}], nodeName: m, readinessGates: [{conditionType: g}]}
status: {phase: Running, podIPs: [{ip: 10.0.0.1}], conditions: [{type: g, status: 'True'}]}
"),
        "a|0/1|Terminating|0|60s|10.0.0.1|m|<none>|1/1"
    );
}

#[test]
fn workloads() {
    let template = "template: {spec: {containers: [{name: x, image: i}, {name: w, image: j}]}}";
    let selector = "selector: {matchLabels: {b: c, a: b}, matchExpressions: [{key: k, operator: In, values: [v, w]}]}";
    for (kind, spec, status, expected) in [
        (
            "apps/v1, kind: Deployment",
            "replicas: 3",
            "readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1",
            "a|1/3|2|1|5h5m|x,w|i,j|a=b,b=c,k in (v,w)",
        ),
        (
            "apps/v1, kind: ReplicaSet",
            "replicas: 3",
            "replicas: 2, readyReplicas: 1",
            "a|3|2|1|5h5m|x,w|i,j|a=b,b=c,k in (v,w)",
        ),
        ("apps/v1, kind: StatefulSet", "replicas: 3", "readyReplicas: 1", "a|1/3|5h5m|x,w|i,j"),
        (
            "apps/v1, kind: DaemonSet",
            "x: 1",
            "desiredNumberScheduled: 3, currentNumberScheduled: 2, numberReady: 1",
            "a|3|2|1|0|0|<none>|5h5m|x,w|i,j|a=b,b=c,k in (v,w)",
        ),
        (
            "batch/v1, kind: Job",
            "completions: 2",
            "succeeded: 1, startTime: '2025-01-01T05:00:00Z'",
            "a|Running|1/2|5m|5h5m|x,w|i,j|a=b,b=c,k in (v,w)",
        ),
        (
            "batch/v1, kind: Job",
            "parallelism: 2",
            "conditions: [{type: Complete, status: 'True'}], startTime: '2025-01-01T05:00:00Z', completionTime: '2025-01-01T05:00:07Z'",
            "a|Complete|0/1 of 2|7s|5h5m|x,w|i,j|a=b,b=c,k in (v,w)",
        ),
    ] {
        let text = format!(
            "{{apiVersion: {kind}, {META}, spec: {{{spec}, {selector}, {template}}}, status: {{{status}}}}}"
        );
        assert_eq!(row(&text), expected);
    }
    assert_eq!(
        row(&format!(
            "{{apiVersion: batch/v1, kind: CronJob, {META}, spec: {{schedule: '* * * * *', suspend: false, jobTemplate: {{spec: {{{template}}}}}}}, status: {{active: [{{}}], lastScheduleTime: '2025-01-01T05:04:00Z'}}}}"
        )),
        "a|* * * * *|<none>|False|1|60s|5h5m|x,w|i,j|<none>"
    );
}

#[test]
fn network_kinds() {
    for (kind, rest, expected) in [
        (
            "v1, kind: Service",
            "spec: {type: NodePort, clusterIPs: [10.0.0.1], ports: [{port: 80, protocol: TCP, nodePort: 30080}, {port: 53, protocol: UDP}], selector: {a: b}}",
            "a|NodePort|10.0.0.1|<none>|80:30080/TCP,53/UDP|5h5m|a=b",
        ),
        (
            "v1, kind: Service",
            "spec: {type: ClusterIP, clusterIPs: [None]}",
            "a|ClusterIP|None|<none>|<none>|5h5m|<none>",
        ),
        (
            "v1, kind: Service",
            "spec: {type: LoadBalancer, clusterIPs: [10.0.0.1]}",
            "a|LoadBalancer|10.0.0.1|<pending>|<none>|5h5m|<none>",
        ),
        (
            "v1, kind: Service",
            "spec: {type: LoadBalancer, clusterIPs: [10.0.0.1]}, status: {loadBalancer: {ingress: [{hostname: localhost}]}}",
            "a|LoadBalancer|10.0.0.1|localhost|<none>|5h5m|<none>",
        ),
        (
            "v1, kind: Service",
            "spec: {type: ExternalName, externalName: a.b}",
            "a|ExternalName|<none>|a.b|<none>|5h5m|<none>",
        ),
        (
            "v1, kind: Endpoints",
            "subsets: [{addresses: [{ip: a}, {ip: b}], ports: [{port: 1}, {port: 2}]}]",
            "a|a:1,a:2,b:1 + 1 more...|5h5m",
        ),
        (
            "discovery.k8s.io/v1, kind: EndpointSlice",
            "addressType: IPv4, ports: [{port: 80}], endpoints: [{addresses: [a]}, {addresses: [b]}]",
            "a|IPv4|80|a,b|5h5m",
        ),
        (
            "discovery.k8s.io/v1, kind: EndpointSlice",
            "addressType: IPv4",
            "a|IPv4|<unset>|<unset>|5h5m",
        ),
        (
            "networking.k8s.io/v1, kind: Ingress",
            "spec: {ingressClassName: c, tls: [{}], rules: [{host: h}, {}]}",
            "a|c|h||80, 443|5h5m",
        ),
    ] {
        assert_eq!(row(&format!("{{apiVersion: {kind}, {META}, {rest}}}")), expected);
    }
}

#[test]
fn storage_and_cluster_kinds() {
    for (kind, rest, expected) in [
        ("v1, kind: ConfigMap", "data: {a: b}, binaryData: {c: d}", "a|2|5h5m"),
        ("v1, kind: Secret", "type: Opaque, data: {a: b}", "a|Opaque|1|5h5m"),
        ("v1, kind: Namespace", "status: {phase: Active}", "a|Active|5h5m"),
        (
            "v1, kind: PersistentVolumeClaim",
            "spec: {volumeName: v, storageClassName: s, volumeMode: Filesystem}, status: {phase: Bound, capacity: {storage: 1Gi}, accessModes: [ReadWriteMany, ReadWriteOnce]}",
            "a|Bound|v|1Gi|RWO,RWX|s|<unset>|5h5m|Filesystem",
        ),
        (
            "v1, kind: PersistentVolumeClaim",
            "spec: {storageClassName: s}, status: {phase: Pending}",
            "a|Pending||||s|<unset>|5h5m|<unset>",
        ),
        (
            "v1, kind: PersistentVolume",
            "spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], persistentVolumeReclaimPolicy: Delete, claimRef: {namespace: ns, name: c}}, status: {phase: Bound}",
            "a|1Gi|RWO|Delete|Bound|ns/c||<unset>||5h5m|<unset>",
        ),
        (
            "v1, kind: Node",
            "spec: {unschedulable: true}, status: {conditions: [{type: Ready, status: 'True'}], nodeInfo: {kubeletVersion: v1.35.0, osImage: linux}, addresses: [{type: InternalIP, address: 1.2.3.4}]}",
            "a|Ready,SchedulingDisabled|<none>|5h5m|v1.35.0|1.2.3.4|<none>|linux|<unknown>|<unknown>",
        ),
        (
            "v1, kind: Event",
            "lastTimestamp: '2025-01-01T05:04:50Z', firstTimestamp: '2025-01-01T05:04:00Z', type: Normal, reason: R, involvedObject: {kind: Pod, name: p}, source: {component: c, host: h}, message: ' m '",
            "10s|Normal|R|pod/p||c, h|m|60s|1|a",
        ),
        ("coordination.k8s.io/v1, kind: Lease", "spec: {holderIdentity: h}", "a|h|5h5m"),
        ("v1, kind: PodTemplate", "template: {}", "a|5h5m"),
        (
            "rbac.authorization.k8s.io/v1, kind: RoleBinding",
            "roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: u}, {kind: ServiceAccount, namespace: ns, name: s}]",
            "a|Role/r|5h5m|u||ns/s",
        ),
    ] {
        assert_eq!(row(&format!("{{apiVersion: {kind}, {META}, {rest}}}")), expected);
    }
    assert_eq!(
        row(
            "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: s, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}, provisioner: p}"
        ),
        "s (default)|p|Delete|Immediate|false|<unknown>"
    );
}

#[test]
fn wide_columns_have_priority_one() {
    let kind = kinds::find("v1", "Pod").unwrap();
    let priorities: Vec<_> =
        columns(kind).iter().map(|column| column["priority"].as_i64().unwrap()).collect();
    assert_eq!(priorities, [0, 0, 0, 0, 0, 1, 1, 1, 1]);
    assert_eq!(columns(kind)[0]["format"], "name");
    for kind in kinds::all() {
        assert_eq!(columns(kind).len(), cells(kind, &Value::Null, Timestamp::UNIX_EPOCH).len());
    }
}
