use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use longshore::control_plane::controllers::{Context, SystemClock};
use longshore::control_plane::network::{self, Host, Streams};
use longshore::control_plane::store::{InMemory, Key, Store};
use longshore::control_plane::verbs::{DeleteOptions, Patch, Verbs, WriteOptions};
use longshore::kubernetes::kinds;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, watch};

/// So long something may take to come: far more than it needs, so that only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// The objects of a cluster and its network; all addresses are of 127.0.0.0/8.
pub struct Cluster {
    pub verbs: Verbs,
    pub gateway: Arc<Process>,
    /// Where published ports listen: every cluster has its own address.
    pub address: Ipv4Addr,
    shutdown: watch::Sender<bool>,
}

/// A gateway as a process of the machine.
pub struct Process {
    pub dns: SocketAddrV4,
    upstream: SocketAddr,
    child: Mutex<Option<Child>>,
}

impl Host for Process {
    fn connect(&self) -> BoxFuture<'_, Result<Streams, String>> {
        Box::pin(async move {
            let mut child = Command::new(env!("CARGO_BIN_EXE_longshore"))
                .args(["gateway", "--range", "127.88.0.0/16"])
                .args(["--dns", &self.dns.to_string(), "--upstream", &self.upstream.to_string()])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .map_err(|error| error.to_string())?;
            let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
            *self.child.lock().await = Some(child);
            Ok(Streams { input: Box::pin(input), output: Box::pin(output) })
        })
    }
}

impl Process {
    /// Kills it, as an engine or a lack of memory does.
    pub async fn kill(&self) {
        self.child.lock().await.as_mut().unwrap().kill().await.unwrap();
    }
}

impl Cluster {
    pub async fn start() -> Self {
        Self::with_upstream(SocketAddr::from((Ipv4Addr::LOCALHOST, 1))).await
    }

    pub async fn with_upstream(upstream: SocketAddr) -> Self {
        let store = Store::open(Box::new(InMemory)).unwrap();
        let verbs = Verbs::new(store, "127.88.0.0/16".parse().unwrap());
        let dns = free_address().await;
        let address = own_address();
        let ingress_ports = network::IngressPorts { http: vec![8880, 8881], https: vec![8843] };
        let gateway = Arc::new(Process { dns, upstream, child: Mutex::new(None) });
        let (shutdown, stopping) = watch::channel(false);
        let context =
            Context { verbs: verbs.clone(), clock: Arc::new(SystemClock), shutdown: stopping };
        let settings = network::Settings {
            node: "here".to_owned(),
            gateway: Arc::clone(&gateway) as _,
            address,
            ingress_ports,
        };
        network::spawn(context, settings);
        let cluster = Self { verbs, gateway, address, shutdown };
        for name in ["default", "kube-system"] {
            let metadata = json!({"name": name});
            let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata});
            cluster.create(namespace).await;
        }
        cluster
    }

    /// Creates a Service that selects nothing: its slices are written by tests.
    pub async fn service(&self, name: &str, spec: &Value) {
        let spec = merged(json!({"ports": [{"name": "main", "port": 8080}]}), spec);
        let service = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": "default"},
            "spec": spec,
        });
        self.create(service).await;
    }

    /// Makes these the ready endpoints of a Service.
    pub async fn endpoints(&self, service: &str, endpoints: &[SocketAddrV4]) {
        let each = |endpoint: &SocketAddrV4| json!({"addresses": [endpoint.ip().to_string()]});
        let slice = json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": service,
                "namespace": "default",
                "labels": {"kubernetes.io/service-name": service},
            },
            "addressType": "IPv4",
            "endpoints": endpoints.iter().map(each).collect::<Vec<_>>(),
            "ports": [{
                "name": "main",
                "port": endpoints.first().map_or(1, SocketAddrV4::port),
                "protocol": "TCP",
            }],
        });
        let key = key("discovery.k8s.io/v1", "EndpointSlice", service);
        let patch = Patch::Apply { config: slice, force: true };
        self.verbs.patch(&key, "", patch, &options()).await.unwrap();
    }

    pub async fn create(&self, object: Value) {
        let text = |pointer| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let kind = kinds::find(text("/apiVersion"), text("/kind")).unwrap();
        let namespace = text("/metadata/namespace").to_owned();
        self.verbs.create(kind, &namespace, object, &options()).await.unwrap();
    }

    pub async fn patch(&self, key: &Key, patch: Value) {
        self.verbs.patch(key, "", Patch::Merge(patch), &options()).await.unwrap();
    }

    pub async fn patch_status(&self, key: &Key, patch: Value) {
        self.verbs.patch(key, "status", Patch::Merge(patch), &options()).await.unwrap();
    }

    pub async fn delete(&self, key: &Key) {
        self.verbs.delete(key, &DeleteOptions::default()).await.unwrap();
    }

    /// Waits until an object of the cluster looks as wanted, looking after every change.
    pub async fn eventually(&self, what: &str, holds: impl Fn(&Verbs) -> bool) {
        let kind = kinds::find("v1", "Event").unwrap();
        let mut cursor = self.verbs.watch(self.verbs.list(kind, None).1).unwrap();
        let wait = async {
            while !holds(&self.verbs) {
                cursor.next().await.unwrap();
            }
        };
        let came = tokio::time::timeout(PATIENCE, wait).await.is_ok();
        assert!(came, "never came: {what}");
    }

    pub fn get(&self, key: &Key) -> Value {
        self.verbs.get(key).map(|object| object.value()).unwrap_or_default()
    }

    /// Waits until a JSON pointer into an object shows a value.
    pub async fn shows(&self, key: &Key, pointer: &str, expected: &Value) {
        let what = format!("{key} {pointer} = {expected}");
        self.eventually(&what, |verbs| {
            let object = verbs.get(key).map(|object| object.value()).unwrap_or_default();
            object.pointer(pointer).unwrap_or(&Value::Null) == expected
        })
        .await;
    }

    pub fn messages(&self, reason: &str) -> Vec<String> {
        let events = self.verbs.list(kinds::find("v1", "Event").unwrap(), None).0;
        let events = events.iter().map(|event| event.value());
        let of_reason = events.filter(|event| event["reason"] == reason);
        of_reason.map(|event| event["message"].as_str().unwrap().to_owned()).collect()
    }

    pub fn stop(&self) {
        self.shutdown.send_replace(true);
    }
}

pub fn key(api_version: &str, kind: &str, name: &str) -> Key {
    Key::new(kinds::find(api_version, kind).unwrap(), "default", name)
}

fn options() -> WriteOptions {
    WriteOptions { manager: "test".to_owned(), ..WriteOptions::default() }
}

fn merged(mut base: Value, with: &Value) -> Value {
    json_patch::merge(&mut base, with);
    base
}

/// Tries until it succeeds: what is tested is that a state comes, not how soon.
pub async fn until<T, E: std::fmt::Debug>(
    what: &str,
    attempt: impl AsyncFn() -> Result<T, E>,
) -> T {
    let started = tokio::time::Instant::now();
    loop {
        match attempt().await {
            Ok(value) => return value,
            Err(error) if started.elapsed() > PATIENCE => panic!("never came: {what}: {error:?}"),
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

/// An address that no other cluster of this or another test has.
fn own_address() -> Ipv4Addr {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, high | 0x40, low, NEXT.fetch_add(1, Ordering::Relaxed))
}

/// An address of this machine that nobody listens at, by TCP and UDP.
pub async fn free_address() -> SocketAddrV4 {
    loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let SocketAddr::V4(address) = tcp.local_addr().unwrap() else { unreachable!() };
        if UdpSocket::bind(address).await.is_ok() {
            return address;
        }
    }
}

/// A server that answers each connection with its name and what it heard.
pub async fn named(name: &'static str, address: &str) -> SocketAddrV4 {
    let listener = TcpListener::bind(address).await.unwrap();
    let SocketAddr::V4(address) = listener.local_addr().unwrap() else { unreachable!() };
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut said = String::new();
                if stream.read_to_string(&mut said).await.is_ok() {
                    let _ = stream.write_all(format!("{name}: {said}").as_bytes()).await;
                }
            });
        }
    });
    address
}

/// What a server answers.
pub async fn ask(address: impl tokio::net::ToSocketAddrs) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"hello").await?;
    stream.shutdown().await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
