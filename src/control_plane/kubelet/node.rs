//! The Node object and its Lease.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::api::core::v1::{
    Node, NodeAddress, NodeCondition, NodeDaemonEndpoints, NodeSpec, NodeStatus, NodeSystemInfo,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta, OwnerReference, Time};
use serde_json::json;

use super::Settings;
use crate::control_plane::controllers::{labels, owner};
use crate::control_plane::runner::{Operation, Plan};
use crate::kubernetes;

/// How long a Lease is good for, and how often it is renewed: upstream's values.
const LEASE_SECONDS: i32 = 40;
const RENEW_AFTER: SignedDuration = SignedDuration::from_secs(10);
/// The namespace of node Leases.
pub(super) const LEASES: &str = "kube-node-lease";

/// What the usual device plugins would offer: a simulated pod that asks for a device gets one.
const SIMULATED_DEVICES: &[(&str, &str)] = &[
    ("amd.com/gpu", "8"),
    ("google.com/tpu", "8"),
    ("gpu.intel.com/i915", "8"),
    ("nvidia.com/gpu", "8"),
];

/// What a node runs on: its capacity as quantities, and what it shows of its system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Processors.
    pub cpu: String,
    /// Memory.
    pub memory: String,
    /// Space for images and what containers write.
    pub storage: String,
    /// How many pods it takes.
    pub pods: String,
    /// Devices that pods can ask for, and how many there are of each.
    pub devices: Vec<(String, String)>,
    /// The version of the kernel.
    pub kernel: String,
    /// The name of the system.
    pub system: String,
}

impl Machine {
    /// A machine that has all that a pod may ask for, because nothing of it is used.
    pub fn simulated() -> Self {
        let devices = SIMULATED_DEVICES.iter();
        Self {
            cpu: "1k".to_owned(),
            memory: "1Ti".to_owned(),
            storage: "1Ti".to_owned(),
            pods: "30k".to_owned(),
            devices: devices.map(|(name, count)| ((*name).into(), (*count).into())).collect(),
            kernel: "simulated".to_owned(),
            system: "longshore".to_owned(),
        }
    }
}

impl Machine {
    /// What it has, by the names of resources.
    pub(super) fn resources(&self) -> BTreeMap<String, Quantity> {
        let Self { cpu, memory, storage, pods, devices, .. } = self;
        [
            ("cpu", cpu.as_str()),
            ("memory", memory.as_str()),
            ("ephemeral-storage", storage.as_str()),
            ("hugepages-1Gi", "0"),
            ("hugepages-2Mi", "0"),
            ("pods", pods.as_str()),
        ]
        .into_iter()
        .chain(devices.iter().map(|(name, count)| (name.as_str(), count.as_str())))
        .map(|(name, amount)| (name.to_owned(), Quantity(amount.to_owned())))
        .collect()
    }
}

/// What is known of the node's objects.
pub(super) struct Observed {
    pub(super) node: Option<Node>,
    pub(super) lease: Option<Lease>,
}

/// Registers the node, keeps its status, renews its Lease.
pub(super) fn reconcile(
    settings: &Settings,
    runtime_version: &str,
    observed: Observed,
    now: Timestamp,
) -> Plan {
    let mut plan = Plan::default();
    let Some(node) = observed.node else {
        let status = Some(status(settings, runtime_version, None, now));
        plan.push(Operation::create(
            &Node { status, ..registration(settings, runtime_version) },
            None,
        ));
        return plan;
    };
    let status = status(settings, runtime_version, node.status.as_ref(), now);
    if node.status.as_ref() != Some(&status) {
        plan.push(Operation::status(&Node { status: Some(status), ..node.clone() }));
    }
    let renewed = observed.lease.as_ref().and_then(|lease| lease.spec.as_ref()?.renew_time.clone());
    let due = renewed.and_then(|at| at.0.checked_add(RENEW_AFTER).ok());
    if let Some(at) = due.filter(|at| *at > now) {
        plan.look_again(at);
        return plan;
    }
    match observed.lease {
        Some(lease) => {
            let patch = json!({"spec": {
                "renewTime": MicroTime(now),
                "holderIdentity": settings.node,
            }});
            plan.push(Operation::patch(&lease, patch));
        }
        None => plan.push(Operation::create(&lease(&node, settings, now), None)),
    }
    plan.again_at = now.checked_add(RENEW_AFTER).ok();
    plan
}

fn registration(settings: &Settings, runtime_version: &str) -> Node {
    // As in `simulated://0.1.0`: clients tell their users when nothing really runs.
    let runtime = runtime_version.split("://").next().unwrap_or_default();
    let labels = BTreeMap::from([
        (kubernetes::labels::RUNTIME.to_owned(), runtime.to_owned()),
        ("kubernetes.io/arch".to_owned(), architecture().to_owned()),
        (labels::HOSTNAME.to_owned(), settings.node.clone()),
        ("kubernetes.io/os".to_owned(), "linux".to_owned()),
        ("node-role.kubernetes.io/control-plane".to_owned(), String::new()),
    ]);
    let (base, prefix) = settings.pod_range;
    let range = format!("{base}/{prefix}");
    Node {
        metadata: ObjectMeta {
            name: Some(settings.node.clone()),
            labels: Some(labels),
            ..ObjectMeta::default()
        },
        spec: Some(NodeSpec {
            pod_cidr: Some(range.clone()),
            pod_cidrs: Some(vec![range]),
            provider_id: Some(format!("longshore://{}", settings.node)),
            ..NodeSpec::default()
        }),
        status: None,
    }
}

fn status(
    settings: &Settings,
    runtime_version: &str,
    before: Option<&NodeStatus>,
    now: Timestamp,
) -> NodeStatus {
    let Machine { kernel, system, .. } = &settings.machine;
    let resources = settings.machine.resources();
    let address = |kind: &str, address: String| NodeAddress { type_: kind.to_owned(), address };
    NodeStatus {
        capacity: Some(resources.clone()),
        allocatable: Some(resources),
        addresses: Some(vec![
            address("InternalIP", settings.address.to_string()),
            address("Hostname", settings.node.clone()),
        ]),
        conditions: Some(conditions(before, now)),
        daemon_endpoints: Some(NodeDaemonEndpoints::default()),
        node_info: Some(NodeSystemInfo {
            architecture: architecture().to_owned(),
            operating_system: "linux".to_owned(),
            os_image: system.clone(),
            kernel_version: kernel.clone(),
            container_runtime_version: runtime_version.to_owned(),
            kubelet_version: concat!("v1.35.0+longshore-", env!("CARGO_PKG_VERSION")).to_owned(),
            kube_proxy_version: String::new(),
            machine_id: settings.node.clone(),
            system_uuid: settings.node.clone(),
            boot_id: settings.node.clone(),
            swap: None,
        }),
        ..before.cloned().unwrap_or_default()
    }
}

fn conditions(before: Option<&NodeStatus>, now: Timestamp) -> Vec<NodeCondition> {
    let before = before.and_then(|status| status.conditions.as_ref());
    let condition = |(kind, status, reason, message): (&str, &str, &str, &str)| {
        let same = before
            .into_iter()
            .flatten()
            .find(|condition| condition.type_ == kind && condition.status == status);
        same.cloned().unwrap_or_else(|| NodeCondition {
            type_: kind.to_owned(),
            status: status.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message.to_owned()),
            last_heartbeat_time: Some(Time(now)),
            last_transition_time: Some(Time(now)),
        })
    };
    let conditions = [
        (
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ];
    conditions.into_iter().map(condition).collect()
}

fn lease(node: &Node, settings: &Settings, now: Timestamp) -> Lease {
    let owner = OwnerReference {
        controller: None,
        block_owner_deletion: None,
        ..owner::controller_reference(node)
    };
    Lease {
        metadata: ObjectMeta {
            name: Some(settings.node.clone()),
            namespace: Some(LEASES.to_owned()),
            owner_references: Some(vec![owner]),
            ..ObjectMeta::default()
        },
        spec: Some(LeaseSpec {
            holder_identity: Some(settings.node.clone()),
            lease_duration_seconds: Some(LEASE_SECONDS),
            renew_time: Some(MicroTime(now)),
            ..LeaseSpec::default()
        }),
    }
}

fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
