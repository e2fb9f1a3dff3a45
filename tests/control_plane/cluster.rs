//! A server in this process, and a client that shows what really went over the wire.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use kube::config::{KubeConfigOptions, Kubeconfig};
use longshore::control_plane::{Containers, DataDirectory, Server, ServerOptions};
use serde_json::{Value, json};

/// What nobody waits for longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server over objects in memory, stopped when the test ends.
pub struct Cluster {
    /// The data directory, for what is on disk.
    pub data: DataDirectory,
    pub client: Client,
    _server: Server,
    _directory: tempfile::TempDir,
}

impl Cluster {
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDirectory::resolve(Some(directory.path())).unwrap();
        let options = ServerOptions {
            data: data.clone(),
            port: None,
            ephemeral: true,
            containers: Containers::Simulated,
        };
        let server = Server::start(options).await.unwrap();
        let client = Client::new(config(&data).await);
        Self { data, client, _server: server, _directory: directory }
    }
}

/// The configuration in a data directory's kubeconfig.
pub async fn config(data: &DataDirectory) -> kube::Config {
    let kubeconfig = Kubeconfig::read_from(data.kubeconfig()).unwrap();
    let options = KubeConfigOptions::default();
    let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap();
    config.default_retry = false;
    config
}

#[derive(Clone)]
pub struct Client(kube::Client);

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub code: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// `code reason: message` of an error.
    pub fn error(&self) -> String {
        let status = self.json();
        assert_eq!((&status["kind"], &status["status"]), (&json!("Status"), &json!("Failure")));
        assert_eq!(status["code"], self.code);
        let text = |field: &str| status[field].as_str().unwrap_or("").to_owned();
        format!("{} {}: {}", self.code, text("reason"), text("message"))
    }
}

impl Client {
    pub fn new(config: kube::Config) -> Self {
        Self(kube::Client::try_from(config).unwrap())
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(kube::client::Body::from(body.into())).unwrap();
        let response = patient(self.0.send(request)).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = patient(body.collect()).await.unwrap().to_bytes();
        Answer { code: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    pub async fn get_as(&self, path: &str, accept: &str) -> Answer {
        self.send(Method::GET, path, &[("accept", accept)], "").await
    }

    pub async fn post(&self, path: &str, object: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send(Method::POST, path, &headers, object.to_string()).await
    }

    pub async fn put(&self, path: &str, object: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send(Method::PUT, path, &headers, object.to_string()).await
    }

    /// A patch of a form such as `merge-patch+json`.
    pub async fn patch(&self, path: &str, form: &str, change: &Value) -> Answer {
        let form = format!("application/{form}");
        let headers = [("content-type", form.as_str())];
        self.send(Method::PATCH, path, &headers, change.to_string()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], "").await
    }

    /// Writes an object and returns its new revision; none when the server did not answer.
    pub async fn try_write(&self, method: &str, path: &str, object: &Value) -> Option<u64> {
        let path = if method == "POST" { path.rsplit_once('/')?.0 } else { path };
        let request = Request::builder().method(method).uri(path);
        let request = request.header("content-type", "application/json");
        let request = request.body(kube::client::Body::from(object.to_string().into_bytes()));
        let response = patient(self.0.send(request.unwrap())).await.ok()?;
        assert!(response.status().is_success(), "{response:?}");
        let body = patient(response.into_body().collect()).await.ok()?.to_bytes();
        let object: Value = serde_json::from_slice(&body).ok()?;
        // A finished delete answers with a status, which has no revision.
        let revision = object["metadata"]["resourceVersion"].as_str().unwrap_or("0");
        Some(revision.parse().unwrap())
    }

    /// Creates a config map in `default`, which must succeed; returns it.
    pub async fn config_map(&self, name: &str, labels: Value) -> Value {
        let object = json!({"metadata": {"name": name, "labels": labels}, "data": {"k": "v"}});
        let answer = self.post(CONFIG_MAPS, &object).await;
        assert_eq!(answer.code, 201, "{answer:?}");
        answer.json()
    }

    pub async fn watch(&self, path: &str) -> Frames {
        self.watch_as(path, "application/json").await
    }

    pub async fn watch_as(&self, path: &str, accept: &str) -> Frames {
        let request = Request::get(path).header("accept", accept);
        let request = request.body(kube::client::Body::empty()).unwrap();
        let response = patient(self.0.send(request)).await.unwrap();
        assert_eq!(response.status(), 200);
        let data = response.into_body().into_data_stream();
        let data = data.filter_map(async |piece| piece.ok());
        Frames { data: Box::pin(data), rest: Vec::new() }
    }
}

/// The collection that most tests write to: no controller touches it.
pub const CONFIG_MAPS: &str = "/api/v1/namespaces/default/configmaps";

/// The frames of a watch.
pub struct Frames {
    data: BoxStream<'static, Bytes>,
    rest: Vec<u8>,
}

impl Frames {
    /// The next frame; none at the end.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            match patient(self.data.next()).await {
                Some(piece) => self.rest.extend_from_slice(&piece),
                None => return None,
            }
        }
    }

    /// `TYPE name` of the next frame.
    pub async fn line(&mut self) -> String {
        let frame = self.next().await.expect("the watch ended");
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        format!("{} {}", text(&frame["type"]), text(&frame["object"]["metadata"]["name"]))
    }
}

async fn patient<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("nothing came")
}
