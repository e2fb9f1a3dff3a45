//! The client that everyone uses, against a server in this process.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::cluster::Cluster;

struct Kubectl {
    kubeconfig: std::path::PathBuf,
    home: tempfile::TempDir,
}

impl Kubectl {
    /// `None` where there is no kubectl.
    fn of(cluster: &Cluster) -> Option<Self> {
        let version = Command::new("kubectl").args(["version", "--client"]).output();
        if !version.is_ok_and(|output| output.status.success()) {
            println!("skipped: needs kubectl");
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        Some(Self { kubeconfig: cluster.data.kubeconfig(), home })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("kubectl");
        command.arg("--kubeconfig").arg(&self.kubeconfig).args(arguments);
        command.env("HOME", self.home.path()).env_remove("KUBECONFIG");
        command
    }

    /// Standard output of a command that must succeed.
    async fn run(&self, arguments: &[&str], input: &str) -> String {
        let output = self.output(arguments, input).await;
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn output(&self, arguments: &[&str], input: &str) -> std::process::Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap()
    }
}

const MANIFEST: &str = "
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: 'nginx:1', ports: [{containerPort: 80}]}]
";

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_applies_changes_and_deletes() {
    let cluster = Cluster::start().await;
    let Some(kubectl) = Kubectl::of(&cluster) else { return };
    let applied = kubectl.run(&["apply", "-f", "-"], MANIFEST).await;
    assert_eq!(applied, "service/web created\ndeployment.apps/web created\n");
    let applied = kubectl.run(&["apply", "-f", "-"], MANIFEST).await;
    assert_eq!(applied, "service/web unchanged\ndeployment.apps/web unchanged\n");
    kubectl.run(&["rollout", "status", "deployment/web", "--timeout=60s"], "").await;
    let changed = MANIFEST.replace("nginx:1", "nginx:2");
    let applied = kubectl.run(&["apply", "-f", "-"], &changed).await;
    assert_eq!(applied, "service/web unchanged\ndeployment.apps/web configured\n");
    kubectl.run(&["rollout", "status", "deployment/web", "--timeout=60s"], "").await;
    kubectl.run(&["label", "deployment/web", "x=y"], "").await;
    kubectl.run(&["scale", "deployment/web", "--replicas=1"], "").await;
    kubectl.run(&["patch", "deployment/web", "-p", r#"{"spec":{"paused":true}}"#], "").await;
    let path = "jsonpath={.metadata.labels.x} {.spec.replicas} {.spec.paused}";
    let found = kubectl.run(&["get", "deployment", "web", "-o", path], "").await;
    assert_eq!(found, "y 1 true");
    let table = kubectl.run(&["get", "service", "web"], "").await;
    let header: Vec<_> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(header, ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"]);
    let described = kubectl.run(&["describe", "deployment", "web"], "").await;
    assert!(described.contains("ScalingReplicaSet"), "{described}");
    let deleted = kubectl.run(&["delete", "-f", "-", "--timeout=60s"], MANIFEST).await;
    assert!(deleted.contains("deployment.apps \"web\" deleted"), "{deleted}");
    let gone = kubectl.output(&["get", "deployment", "web"], "").await;
    assert!(String::from_utf8_lossy(&gone.stderr).contains("(NotFound)"), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_applies_on_the_server_and_sees_mistakes() {
    let cluster = Cluster::start().await;
    let Some(kubectl) = Kubectl::of(&cluster) else { return };
    let applied = kubectl.run(&["apply", "--server-side", "-f", "-"], MANIFEST).await;
    assert_eq!(applied, "service/web serverside-applied\ndeployment.apps/web serverside-applied\n");
    let mistaken = MANIFEST.replace("replicas: 2", "replicaCount: 2");
    let refused = kubectl.output(&["apply", "-f", "-"], &mistaken).await;
    let message = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success());
    assert!(message.contains("unknown field \"spec.replicaCount\""), "{message}");
    let kinds = kubectl.run(&["api-resources", "-o", "name"], "").await;
    assert!(kinds.lines().any(|line| line == "deployments.apps"), "{kinds}");
}

/// Commands of kubectl 1.32 and newer that send protobuf, and what they make.
const CREATED: &[(&str, &str)] = &[
    ("create namespace team", "namespace/team"),
    ("create configmap settings --from-literal=a=b --from-literal=empty=", "configmap/settings"),
    ("create secret generic keys --from-literal=password=x", "secret/keys"),
    ("create serviceaccount robot", "serviceaccount/robot"),
    ("create deployment web --image=nginx:1 --replicas=2 --port=80", "deployment/web"),
    ("create service clusterip api --tcp=80:8080", "service/api"),
    ("create service nodeport door --tcp=443:https", "service/door"),
    ("create service externalname out --external-name=example.com", "service/out"),
    ("create job once --image=busybox -- true", "job/once"),
    ("create cronjob nightly --image=busybox --schedule=@daily -- true", "cronjob/nightly"),
    ("create quota limit --hard=cpu=1500m,memory=1Gi,pods=2", "resourcequota/limit"),
    ("create poddisruptionbudget half --selector=app=web --min-available=50%", "pdb/half"),
    ("create priorityclass high --value=1000 --description=first", "priorityclass/high"),
    ("create role reader --verb=get,list --resource=pods", "role/reader"),
    ("create rolebinding readers --role=reader --user=someone", "rolebinding/readers"),
    ("create ingress site --rule=example.com/*=api:80", "ingress/site"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_kubectl_sends_as_protobuf_is_what_it_prints() {
    let cluster = Cluster::start().await;
    let Some(kubectl) = Kubectl::of(&cluster) else { return };
    for (command, name) in CREATED {
        let mut arguments: Vec<_> = command.split(' ').collect();
        kubectl.run(&arguments, "").await;
        let stored = kubectl.run(&["get", name, "-o", "json"], "").await;
        let end = arguments.iter().position(|argument| *argument == "--");
        arguments.splice(end.unwrap_or(arguments.len()).., ["--dry-run=client", "-o", "json"]);
        arguments.extend(end.map(|_| ["--", "true"]).into_iter().flatten());
        let printed = kubectl.run(&arguments, "").await;
        let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let mut printed = parse(&printed);
        // A create takes no status.
        printed.as_object_mut().unwrap().remove("status");
        let lost = differences(&parse(&stored), &printed, "");
        assert!(lost.is_empty(), "{command}: {lost:?}\n{stored}");
    }
}

/// What is printed and not stored; empty objects and nulls are the zero values of Go.
fn differences(stored: &Value, printed: &Value, path: &str) -> Vec<String> {
    match printed {
        Value::Null => Vec::new(),
        Value::Object(fields) => {
            let fields = fields.iter();
            fields.flat_map(|(k, v)| differences(&stored[k], v, &format!("{path}.{k}"))).collect()
        }
        Value::Array(items) if stored.as_array().is_some_and(|s| s.len() == items.len()) => {
            let items = items.iter().enumerate();
            items.flat_map(|(i, v)| differences(&stored[i], v, &format!("{path}[{i}]"))).collect()
        }
        _ if stored == printed => Vec::new(),
        _ => vec![format!("{path}: {printed} became {stored}")],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_watches() {
    let cluster = Cluster::start().await;
    let Some(kubectl) = Kubectl::of(&cluster) else { return };
    let arguments = ["get", "configmaps", "-l", "ours=yes", "-o", "name", "--watch"];
    let mut command = kubectl.command(&arguments);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for name in ["a", "b"] {
        cluster.client.config_map(name, serde_json::json!({"ours": "yes"})).await;
        let line;
        (lines, line) = tokio::task::spawn_blocking(move || {
            let line = lines.next().unwrap().unwrap();
            (lines, line)
        })
        .await
        .unwrap();
        assert_eq!(line, format!("configmap/{name}"));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
