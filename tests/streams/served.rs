//! A server over [`Here`], and the ways to it.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kube::config::{KubeConfigOptions, Kubeconfig};
use longshore::control_plane::api::{Api, Health, Identity};
use longshore::control_plane::kubelet::{Runtime, Runtimes};
use longshore::control_plane::store::Key;
use longshore::control_plane::verbs::{Verbs, WriteOptions};
use longshore::kubernetes::kinds;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::here::Here;

/// A server with pods in `default`: `web` of the project `shop` (running, restarted once), `new`
/// (waiting) and `lost` (on a node of somebody else).
pub struct Served {
    pub runtime: Arc<Here>,
    pub health: Health,
    pub directory: tempfile::TempDir,
}

impl Served {
    pub async fn start() -> Self {
        let runtime = Arc::new(Here::default());
        let node: Arc<dyn Runtime> = Arc::clone(&runtime) as _;
        let verbs = Verbs::ephemeral().await;
        let status = json!({
            "phase": "Running",
            "containerStatuses": [
                status("web", &json!({"running": {}}), "here://web"),
                status("side", &json!({"waiting": {"reason": "ImagePullBackOff"}}), ""),
            ],
        });
        pod(&verbs, "web", "here", &status).await;
        pod(&verbs, "new", "here", &json!({"phase": "Pending"})).await;
        pod(&verbs, "lost", "elsewhere", &status).await;
        let health = Health::default();
        let runtimes = Runtimes::default();
        runtimes.insert("here", node);
        let api = Api::new(verbs, health.clone(), runtimes);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(serve(listener, api));
        let directory = tempfile::tempdir().unwrap();
        let served = Self { runtime, health, directory };
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "here", "cluster": {"server": format!("http://127.0.0.1:{port}")}}],
            "users": [{"name": "here", "user": {}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "here"}}],
            "current-context": "here",
        });
        std::fs::write(served.kubeconfig(), config.to_string()).unwrap();
        served
    }

    pub fn kubeconfig(&self) -> PathBuf {
        self.directory.path().join("kubeconfig")
    }

    pub async fn client(&self) -> kube::Client {
        let config = Kubeconfig::read_from(self.kubeconfig()).unwrap();
        let options = KubeConfigOptions::default();
        let mut config = kube::Config::from_custom_kubeconfig(config, &options).await.unwrap();
        // A 503 would be tried again for minutes.
        config.default_retry = false;
        kube::Client::try_from(config).unwrap()
    }
}

/// Without TLS, everyone is an administrator.
async fn serve(listener: TcpListener, api: Api) {
    let admin = Identity { user: "admin".to_owned(), groups: vec!["system:masters".to_owned()] };
    while let Ok((stream, _)) = listener.accept().await {
        let (api, admin) = (api.clone(), admin.clone());
        let service = service_fn(move |request| {
            let (api, admin) = (api.clone(), admin.clone());
            async move { Ok::<_, Infallible>(api.answer(request, Some(&admin)).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        tokio::spawn(connection);
    }
}

async fn pod(verbs: &Verbs, name: &str, node: &str, status: &Value) {
    let kind = kinds::find("v1", "Pod").unwrap();
    let options = WriteOptions { manager: "test".to_owned(), ..WriteOptions::default() };
    let container = |name| json!({"name": name, "image": "here"});
    let object = json!({
        "metadata": {
            "name": name,
            "annotations": {"kubectl.kubernetes.io/default-container": "web"},
            "labels": {
                "app.kubernetes.io/name": name,
                "app.kubernetes.io/instance": if name == "web" { "shop" } else { "other" },
            },
        },
        "spec": {"nodeName": node, "containers": [container("web"), container("side")]},
    });
    let created = verbs.create(kind, "default", object, &options).await.unwrap();
    let mut object = created.value();
    object["status"] = status.clone();
    verbs.update(&Key::new(kind, "default", name), "status", object, &options).await.unwrap();
}

fn status(name: &str, state: &Value, id: &str) -> Value {
    let last = json!({"terminated": {"exitCode": 1, "containerID": "here://before"}});
    json!({
        "name": name, "image": "here", "imageID": "", "ready": true, "restartCount": 1,
        "containerID": id, "state": state, "lastState": if id.is_empty() { json!({}) } else { last },
    })
}

/// A program that sends back what it is sent, in capitals, until it is told no more; its port.
pub async fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut piece = vec![0; 64 << 10];
                while let Ok(size @ 1..) = stream.read(&mut piece).await {
                    let answer = piece[..size].to_ascii_uppercase();
                    if stream.write_all(&answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}
