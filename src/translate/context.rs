//! What the templates get, one type per template. A template prints a context and decides nothing.
//!
//! Every field is always there, `null` or empty when it has nothing to say, so that a template
//! that misspells one is an error. Values that Kubernetes defines as a whole (a probe, a security
//! context) are in Kubernetes' own form and printed as such.

#![expect(clippy::struct_field_names, reason = "the fields have the names of Kubernetes")]

use std::collections::BTreeMap;

use indexmap::IndexMap;
use k8s_openapi::api::apps::v1::{DaemonSetUpdateStrategy, DeploymentStrategy};
use k8s_openapi::api::autoscaling::v2::MetricSpec;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::networking::v1::{
    IngressRule, IngressTLS, NetworkPolicyEgressRule, NetworkPolicyIngressRule,
};
use k8s_openapi::api::rbac::v1::PolicyRule;
use serde::Serialize;

use super::ip_family::IpFamilies;

/// The `metadata` of every object.
#[derive(Debug, Clone, Serialize)]
pub struct Metadata {
    pub name: String,
    pub namespace: Option<String>,
    pub labels: IndexMap<String, String>,
    pub annotations: IndexMap<String, String>,
}

/// `deployment.yaml.hbs`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    pub metadata: Metadata,
    /// None where an autoscaler decides.
    pub replicas: Option<u32>,
    pub min_ready_seconds: Option<u64>,
    pub progress_deadline_seconds: Option<u64>,
    pub selector: IndexMap<String, String>,
    pub strategy: Option<DeploymentStrategy>,
    pub pod: Pod,
}

/// `daemonset.yaml.hbs`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DaemonSet {
    pub metadata: Metadata,
    pub min_ready_seconds: Option<u64>,
    pub selector: IndexMap<String, String>,
    pub update_strategy: Option<DaemonSetUpdateStrategy>,
    pub pod: Pod,
}

/// `statefulset.yaml.hbs`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatefulSet {
    pub metadata: Metadata,
    pub replicas: Option<u32>,
    pub min_ready_seconds: Option<u64>,
    /// The Service that names the pods.
    pub service_name: String,
    pub selector: IndexMap<String, String>,
    pub pod: Pod,
    /// The storage of each pod, by the name of the volume.
    pub volume_claims: Vec<PersistentVolumeClaim>,
}

/// `job.yaml.hbs`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub metadata: Metadata,
    pub completions: Option<u32>,
    pub parallelism: Option<u32>,
    pub backoff_limit: Option<u32>,
    pub pod: Pod,
}

/// `cronjob.yaml.hbs`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CronJob {
    pub metadata: Metadata,
    pub schedule: String,
    pub time_zone: Option<String>,
    pub suspend: bool,
    pub concurrency_policy: Option<&'static str>,
    pub starting_deadline_seconds: Option<u64>,
    pub backoff_limit: Option<u32>,
    pub pod: Pod,
}

/// `horizontalpodautoscaler.yaml.hbs`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HorizontalPodAutoscaler {
    pub metadata: Metadata,
    pub target_kind: &'static str,
    pub target_name: String,
    pub min_replicas: u32,
    pub max_replicas: u32,
    pub metrics: Vec<MetricSpec>,
}

/// `service.yaml.hbs`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    pub metadata: Metadata,
    #[serde(rename = "type")]
    pub service_type: &'static str,
    pub external_name: Option<String>,
    pub headless: bool,
    #[serde(flatten)]
    pub ip_families: IpFamilies,
    pub external_traffic_policy: Option<&'static str>,
    pub selector: IndexMap<String, String>,
    pub ports: Vec<ServicePort>,
}

/// `networkpolicy.yaml.hbs`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkPolicy {
    pub metadata: Metadata,
    pub pod_selector: IndexMap<String, String>,
    pub policy_types: Vec<&'static str>,
    pub ingress: Vec<NetworkPolicyIngressRule>,
    pub egress: Vec<NetworkPolicyEgressRule>,
}

/// `serviceaccount.yaml.hbs`.
#[derive(Debug, Serialize)]
pub struct ServiceAccount {
    pub metadata: Metadata,
}

/// `role.yaml.hbs`.
#[derive(Debug, Serialize)]
pub struct Role {
    pub metadata: Metadata,
    pub rules: Vec<PolicyRule>,
}

/// `rolebinding.yaml.hbs`: gives a role of the same namespace to a service account of the same namespace.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleBinding {
    pub metadata: Metadata,
    pub role: String,
    pub service_account: String,
}

/// One of a [`Service`]'s ports.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePort {
    pub name: String,
    pub port: u16,
    pub target_port: u16,
    pub node_port: Option<u16>,
    pub protocol: String,
    pub app_protocol: Option<String>,
}

/// `persistentvolumeclaim.yaml.hbs`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PersistentVolumeClaim {
    pub metadata: Metadata,
    pub access_mode: &'static str,
    pub storage_class: Option<String>,
    pub selector: IndexMap<String, String>,
    pub storage: String,
}

/// `namespace.yaml.hbs`.
#[derive(Debug, Serialize)]
pub struct Namespace {
    pub metadata: Metadata,
}

/// `configmap.yaml.hbs`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMap {
    pub metadata: Metadata,
    pub data: BTreeMap<String, String>,
    pub binary_data: BTreeMap<String, String>,
}

/// `secret.yaml.hbs`.
#[derive(Debug, Serialize)]
pub struct Secret {
    pub metadata: Metadata,
    /// In base64.
    pub data: BTreeMap<String, String>,
}

/// `ingress.yaml.hbs`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ingress {
    pub metadata: Metadata,
    pub ingress_class_name: Option<String>,
    pub tls: Vec<IngressTLS>,
    pub rules: Vec<IngressRule>,
    /// Where all rules lead.
    #[serde(skip)]
    pub port: u16,
}

/// `partials/pod.yaml.hbs`: the pod template of every workload.
#[expect(clippy::struct_excessive_bools, reason = "the fields are those of Kubernetes")]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pod {
    pub labels: IndexMap<String, String>,
    pub annotations: IndexMap<String, String>,
    pub restart_policy: Option<&'static str>,
    pub os: Option<&'static str>,
    pub hostname: Option<String>,
    pub subdomain: Option<String>,
    pub runtime_class_name: Option<String>,
    pub host_network: bool,
    #[serde(rename = "hostIPC")]
    pub host_ipc: bool,
    #[serde(rename = "hostPID")]
    pub host_pid: bool,
    /// Whether the pod has a user namespace of its own.
    pub own_users: bool,
    pub dns_policy: Option<&'static str>,
    pub dns_config: Option<core::PodDNSConfig>,
    pub host_aliases: Vec<core::HostAlias>,
    pub node_selector: BTreeMap<String, String>,
    pub affinity: Option<core::Affinity>,
    pub tolerations: Vec<core::Toleration>,
    pub topology_spread_constraints: Vec<core::TopologySpreadConstraint>,
    pub share_process_namespace: bool,
    pub service_account_name: Option<String>,
    pub automount_token: bool,
    pub image_pull_secrets: Vec<core::LocalObjectReference>,
    pub security_context: Option<core::PodSecurityContext>,
    pub termination_grace_period_seconds: u64,
    pub init_containers: Vec<Container>,
    pub containers: Vec<Container>,
    pub volumes: Vec<Volume>,
}

/// `partials/container.yaml.hbs`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    pub name: String,
    pub image: String,
    /// Of an init container that goes on running.
    pub restart_policy: Option<&'static str>,
    pub image_pull_policy: &'static str,
    pub command: Vec<String>,
    pub args: Vec<String>,
    pub working_dir: Option<String>,
    pub stdin: bool,
    pub tty: bool,
    /// The `ConfigMap`s whose keys are variables.
    pub env_from: Vec<String>,
    pub env: Vec<EnvVar>,
    pub ports: Vec<ContainerPort>,
    pub resources: Option<core::ResourceRequirements>,
    pub startup_probe: Option<core::Probe>,
    pub readiness_probe: Option<core::Probe>,
    pub liveness_probe: Option<core::Probe>,
    pub lifecycle: Option<core::Lifecycle>,
    pub security_context: Option<core::SecurityContext>,
    pub volume_mounts: Vec<VolumeMount>,
}

/// A variable: with a value, or with the Secret that holds it.
#[derive(Debug, Serialize)]
pub struct EnvVar {
    pub name: String,
    pub value: String,
    /// The name of the Secret; the key is the name of the variable.
    pub secret: Option<String>,
}

/// One of a [`Container`]'s ports.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerPort {
    pub name: String,
    pub container_port: u16,
    pub host_port: Option<u16>,
    #[serde(rename = "hostIP")]
    pub host_ip: Option<String>,
    pub protocol: String,
}

/// One of a [`Pod`]'s volumes.
#[derive(Debug, PartialEq, Serialize)]
pub struct Volume {
    pub name: String,
    /// The one field that says what the volume is, e.g. `emptyDir`.
    pub source: serde_json::Value,
}

/// Where a [`Container`] has a volume.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VolumeMount {
    pub name: String,
    pub mount_path: String,
    pub sub_path: Option<String>,
    pub read_only: bool,
    pub recursive_read_only: Option<&'static str>,
    pub mount_propagation: Option<&'static str>,
}
