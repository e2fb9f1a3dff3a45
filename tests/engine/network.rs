use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use longshore::control_plane::controllers::{Context, SystemClock};
use longshore::control_plane::network::{
    self, GatewayContainer, IngressPorts, Settings, take_range,
};
use longshore::control_plane::store::{InMemory, Store};
use longshore::control_plane::verbs::{Verbs, WriteOptions};
use longshore::control_plane::{ClusterRange, Subnet};
use longshore::engine::PodNetwork;
use longshore::kubernetes::kinds;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::machine::Machine;

/// So long something may take to come: far more than it needs, so that only a failure waits for it.
const PATIENCE: Duration = Duration::from_mins(1);
const BACKEND: &str = "cd /tmp 2>/dev/null || busybox mkdir -p /tmp; cd /tmp; echo hi > index.html; \
                       exec busybox httpd -f -p 8080 -h /tmp";

const ASK: &str = "busybox wget -q -O - http://web/ || true";

async fn create(verbs: &Verbs, object: Value) {
    let text = |pointer| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let kind = kinds::find(text("/apiVersion"), text("/kind")).unwrap();
    let namespace = text("/metadata/namespace").to_owned();
    let options = WriteOptions { manager: "test".to_owned(), ..WriteOptions::default() };
    verbs.create(kind, &namespace, object, &options).await.unwrap();
}

/// A cluster's network, and how to stop its control plane.
struct Running {
    verbs: Verbs,
    stop: watch::Sender<bool>,
    ended: tokio::task::JoinHandle<()>,
}

impl Running {
    fn start(verbs: &Verbs, gateway: &GatewayContainer) -> Self {
        let (stop, shutdown) = watch::channel(false);
        let context = Context { verbs: verbs.clone(), clock: Arc::new(SystemClock), shutdown };
        let settings = Settings {
            node: "here".to_owned(),
            gateway: Arc::new(gateway.clone()),
            address: [127, 0, 0, 1].into(),
            ingress_ports: IngressPorts { http: Vec::new(), https: Vec::new() },
        };
        let ended = network::spawn(context, settings);
        Self { verbs: verbs.clone(), stop, ended }
    }

    async fn stop(self) -> Verbs {
        self.stop.send_replace(true);
        self.ended.await.unwrap();
        self.verbs
    }
}

#[tokio::test]
async fn pods_reach_services_by_name_while_the_control_plane_comes_and_goes() {
    let Some(machine) = Machine::find("network").await else { return };
    // What a test leaves behind is somebody else's obstacle.
    let result = AssertUnwindSafe(scenario(&machine)).catch_unwind().await;
    machine.clean().await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

async fn scenario(machine: &Machine) {
    let range = take_range(&machine.engine, &machine.cluster).await.unwrap();
    let gateway = gateway(machine, range).await;
    let network = gateway.network.name();
    // Its own addresses do not stand in its way when it starts again.
    let again = take_range(&machine.engine, &machine.cluster).await.unwrap();
    assert_eq!(again, range);
    let backend = machine.start("web", &network, &[], BACKEND).await;
    let verbs = cluster(&machine.address(&backend).await, range).await;
    let running = Running::start(&verbs, &gateway);
    let ask = async |attempt: &str| {
        let dns = [range.dns().to_string()];
        let started = tokio::time::Instant::now();
        for count in 0.. {
            let answer = machine.run(&format!("{attempt}-{count}"), &network, &dns, ASK).await;
            if answer.trim() == "hi" {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "{attempt}: {answer}");
        }
    };
    ask("first").await;
    let id = machine.id(&gateway.name()).await;
    // The gateway serves without a control plane, and the next one takes it over.
    let verbs = running.stop().await;
    ask("alone").await;
    let running = Running::start(&verbs, &gateway);
    ask("again").await;
    assert_eq!(machine.id(&gateway.name()).await, id);
    // One that is killed is replaced.
    machine.engine.docker().kill_container(&gateway.name(), None).await.unwrap();
    ask("killed").await;
    assert_ne!(machine.id(&gateway.name()).await, id);
    running.stop().await;
}

async fn gateway(machine: &Machine, range: ClusterRange) -> GatewayContainer {
    let cidr = |(base, prefix): Subnet| format!("{base}/{prefix}");
    GatewayContainer {
        engine: machine.engine.clone(),
        network: PodNetwork {
            cluster: machine.cluster.clone(),
            range: cidr(range.all()),
            pod_range: cidr(range.pods()),
            host: range.host().to_string(),
        },
        range,
        image: machine.image_of(env!("CARGO_BIN_EXE_longshore")).await,
    }
}

/// A cluster with the Service `web`, that leads to an address.
async fn cluster(backend: &str, range: ClusterRange) -> Verbs {
    let verbs = Verbs::new(Store::open(Box::new(InMemory)).unwrap(), range);
    for name in ["default", "kube-system"] {
        let metadata = json!({"name": name});
        create(&verbs, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}))
            .await;
    }
    create(
        &verbs,
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"ports": [{"port": 80}]},
        }),
    )
    .await;
    create(
        &verbs,
        json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": "web",
                "namespace": "default",
                "labels": {"kubernetes.io/service-name": "web"},
            },
            "addressType": "IPv4",
            "endpoints": [{"addresses": [backend]}],
            "ports": [{"name": "", "port": 8080, "protocol": "TCP"}],
        }),
    )
    .await;
    verbs
}
