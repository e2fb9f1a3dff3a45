//! A cluster on a real engine, which several tests share: the last one takes it away.

use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::runtime::wait::await_condition;
use kube::{Client, Config};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::image;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(2);

static SHARED: Mutex<Weak<Cluster>> = Mutex::const_new(Weak::new());
static NAMESPACES: AtomicU32 = AtomicU32::new(0);

/// A control plane of its own data directory.
pub struct Cluster {
    directory: tempfile::TempDir,
}

/// A namespace of a cluster: what a test works in.
pub struct Namespace {
    _cluster: Arc<Cluster>,
    pub client: Client,
    pub name: String,
}

/// The cluster that tests share; `None`, and said so, without an engine.
pub async fn shared() -> Option<Arc<Cluster>> {
    let mut shared = SHARED.lock().await;
    if let Some(cluster) = shared.upgrade() {
        return Some(cluster);
    }
    let cluster = Arc::new(Cluster::new().await?);
    cluster.start();
    *shared = Arc::downgrade(&cluster);
    Some(cluster)
}

/// A namespace of the cluster that tests share; `None`, and said so, without an engine.
pub async fn namespace() -> Option<Namespace> {
    Some(Namespace::new(shared().await?).await)
}

impl Cluster {
    /// A cluster that does not run yet; `None`, and said so, without an engine.
    pub async fn new() -> Option<Self> {
        if !image::make().await {
            eprintln!("skipped: needs a Docker Engine and a static /bin/busybox");
            return None;
        }
        Some(Self { directory: tempfile::tempdir().unwrap() })
    }

    /// Starts it, or finds it running.
    pub fn start(&self) {
        self.succeed(&["cluster", "start", "--runtime", "docker"]);
    }

    /// Runs `longshore ARGUMENTS` on it, which must succeed; its standard output.
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.longshore(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let log = std::fs::read_to_string(self.directory.path().join("server.log"));
        assert!(
            output.status.success(),
            "longshore {arguments:?}: {stderr}\nserver log:\n{}",
            log.unwrap_or_default()
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs `longshore ARGUMENTS` on it.
    pub fn longshore(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_longshore"))
            .args(arguments)
            .env("LONGSHORE_DATA_DIR", self.directory.path())
            .env("LONGSHORE_RUNTIME", "docker")
            .output()
            .unwrap()
    }

    /// Its data directory.
    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// The process of its server.
    pub fn pid(&self) -> i32 {
        let data = longshore::control_plane::DataDirectory::resolve(Some(self.directory.path()));
        data.unwrap().server().unwrap().expect("the server runs")
    }

    /// The name under which the engine has what is the cluster's.
    pub fn id(&self) -> String {
        let data = longshore::control_plane::DataDirectory::resolve(Some(self.directory.path()));
        data.unwrap().cluster()
    }

    /// A client of it.
    pub async fn client(&self) -> Client {
        let kubeconfig = Kubeconfig::read_from(self.directory.path().join("kubeconfig")).unwrap();
        let options = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap();
        Client::try_from(config).unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let output = self.longshore(&["cluster", "reset", "--yes"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || std::thread::panicking(), "{said}");
    }
}

impl Namespace {
    /// A new namespace of a cluster.
    pub async fn new(cluster: Arc<Cluster>) -> Self {
        let client = cluster.client().await;
        let name = format!("test-{}", NAMESPACES.fetch_add(1, Ordering::Relaxed));
        let namespace = Self { _cluster: cluster, client, name };
        let object =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace.name}});
        namespace.apply(object).await;
        namespace
    }

    /// Applies an object, in this namespace if it is of one.
    pub async fn apply(&self, object: Value) -> Value {
        let kind = resource(&object);
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        let parameters = PatchParams::apply("test").force();
        let applied = self.api(&kind).patch(&name, &parameters, &Patch::Apply(object)).await;
        serde_json::to_value(applied.unwrap()).unwrap()
    }

    /// Makes a pod of this spec.
    pub async fn pod(&self, name: &str, spec: Value) {
        self.apply(json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": {"app": name}},
            "spec": spec,
        }))
        .await;
    }

    /// Waits until an object is as it should be.
    pub async fn shows(&self, kind: &str, name: &str, is: impl Fn(&Value) -> bool) -> Value {
        let api = self.api(&known(kind));
        let as_value = |object: &DynamicObject| serde_json::to_value(object).unwrap();
        let condition =
            |object: Option<&DynamicObject>| object.is_some_and(|one| is(&as_value(one)));
        let waited = tokio::time::timeout(PATIENCE, await_condition(api.clone(), name, condition));
        if let Ok(object) = waited.await {
            return as_value(&object.unwrap().expect("it was there"));
        }
        let object = api.get_opt(name).await.unwrap().map(|object| as_value(&object));
        let events = self.events().await;
        panic!("{kind} {name} does not become what it should: {object:#?}\n{events}")
    }

    /// Waits until a pod is in a phase.
    pub async fn phase(&self, pod: &str, phase: &str) -> Value {
        self.shows("Pod", pod, |pod| pod["status"]["phase"] == phase).await
    }

    /// Waits until a pod is ready.
    pub async fn ready(&self, pod: &str) -> Value {
        self.shows("Pod", pod, |pod| condition(pod, "Ready") == "True").await
    }

    /// Waits until an object is gone.
    pub async fn gone(&self, kind: &str, name: &str) {
        let api = self.api(&known(kind));
        let condition = |object: Option<&DynamicObject>| object.is_none();
        let waited = await_condition(api, name, condition);
        tokio::time::timeout(PATIENCE, waited).await.expect("it goes").unwrap();
    }

    /// Deletes an object.
    pub async fn delete(&self, kind: &str, name: &str, grace_period: Option<u32>) {
        let parameters =
            DeleteParams { grace_period_seconds: grace_period, ..DeleteParams::default() };
        self.api(&known(kind)).delete(name, &parameters).await.unwrap();
    }

    /// What one of a pod's containers has written.
    pub async fn logs_of(&self, pod: &str, container: &str) -> String {
        let pods: Api<k8s_openapi::api::core::v1::Pod> =
            Api::namespaced(self.client.clone(), &self.name);
        let parameters =
            kube::api::LogParams { container: Some(container.to_owned()), ..Default::default() };
        pods.logs(pod, &parameters).await.unwrap()
    }

    /// What a pod's only container has written.
    pub async fn logs(&self, pod: &str) -> String {
        let pods: Api<k8s_openapi::api::core::v1::Pod> =
            Api::namespaced(self.client.clone(), &self.name);
        pods.logs(pod, &kube::api::LogParams::default()).await.unwrap()
    }

    /// Runs a pod to its end, and returns what it has written.
    pub async fn output(&self, name: &str, spec: Value) -> String {
        self.pod(name, spec).await;
        let pod = self
            .shows("Pod", name, |pod| {
                matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"))
            })
            .await;
        let logs = self.logs(name).await;
        assert_eq!(pod["status"]["phase"], "Succeeded", "{logs}\n{pod:#}");
        logs
    }

    /// The events of the namespace, one a line.
    pub async fn events(&self) -> String {
        let events: Api<k8s_openapi::api::core::v1::Event> =
            Api::namespaced(self.client.clone(), &self.name);
        let events = events.list(&kube::api::ListParams::default()).await.unwrap();
        let lines = events.items.iter().map(|event| {
            let reason = event.reason.as_deref().unwrap_or_default();
            let about = event.involved_object.name.as_deref().unwrap_or_default();
            format!("{reason} {about}: {}\n", event.message.as_deref().unwrap_or_default())
        });
        lines.collect()
    }

    fn api(&self, kind: &ApiResource) -> Api<DynamicObject> {
        if matches!(kind.kind.as_str(), "Namespace" | "Node" | "PersistentVolume") {
            return Api::all_with(self.client.clone(), kind);
        }
        Api::namespaced_with(self.client.clone(), &self.name, kind)
    }
}

/// The status of a condition.
pub fn condition(object: &Value, kind: &str) -> String {
    let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let found = conditions.iter().find(|condition| condition["type"] == kind);
    found.and_then(|found| found["status"].as_str()).unwrap_or_default().to_owned()
}

/// A container of the test image that runs a script.
pub fn script(name: &str, script: &str) -> Value {
    json!({"name": name, "image": image::BUSYBOX, "command": ["sh", "-c", script]})
}

/// A spec of one container that runs a script to its end.
pub fn task(text: &str) -> Value {
    json!({"restartPolicy": "Never", "containers": [script("main", text)]})
}

fn resource(object: &Value) -> ApiResource {
    let text = |field: &str| object[field].as_str().unwrap().to_owned();
    let version = text("apiVersion");
    let (group, version) = version.split_once('/').unwrap_or(("", &version));
    ApiResource::from_gvk(&kube::core::GroupVersionKind::gvk(group, version, &text("kind")))
}

fn known(kind: &str) -> ApiResource {
    let version = match kind {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => "apps/v1",
        "Job" | "CronJob" => "batch/v1",
        "EndpointSlice" => "discovery.k8s.io/v1",
        _ => "v1",
    };
    resource(&json!({"apiVersion": version, "kind": kind}))
}
