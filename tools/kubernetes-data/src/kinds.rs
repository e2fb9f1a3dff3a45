use std::any::TypeId;
use std::fmt::Write as _;

use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, Resource};
use schemars::JsonSchema;

/// A kind of object, as k8s-openapi describes it.
pub struct Root {
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub namespaced: bool,
    /// Whether objects of the kind are stored; the rest are requests such as `TokenReview`.
    pub stored: bool,
    pub add_to: fn(&mut schemars::SchemaGenerator),
}

fn root<T: Resource + JsonSchema>(stored: bool) -> Root
where
    T::Scope: 'static,
{
    let scope = TypeId::of::<T::Scope>();
    assert!(
        !stored
            || scope == TypeId::of::<NamespaceResourceScope>()
            || scope == TypeId::of::<ClusterResourceScope>()
    );
    Root {
        group: T::GROUP,
        version: T::VERSION,
        kind: T::KIND,
        plural: T::URL_PATH_SEGMENT,
        namespaced: scope == TypeId::of::<NamespaceResourceScope>(),
        stored,
        add_to: |generator| {
            generator.subschema_for::<T>();
        },
    }
}

macro_rules! roots {
    ($stored:literal: $($module:path { $($kind:ident)* })*) => {
        [$({ use $module as module; vec![$(root::<module::$kind>($stored)),*] }),*].into_iter().flatten()
    };
}

/// All kinds of stable API versions, but `ComponentStatus`, which nobody stores.
pub fn roots() -> Vec<Root> {
    use k8s_openapi::{api, apiextensions_apiserver, kube_aggregator};
    let stored = roots! { true:
        api::core::v1 {
            ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod
            PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount
        }
        api::admissionregistration::v1 {
            MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding
            ValidatingWebhookConfiguration
        }
        apiextensions_apiserver::pkg::apis::apiextensions::v1 { CustomResourceDefinition }
        kube_aggregator::pkg::apis::apiregistration::v1 { APIService }
        api::apps::v1 { ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet }
        api::autoscaling::v1 { HorizontalPodAutoscaler }
        api::autoscaling::v2 { HorizontalPodAutoscaler }
        api::batch::v1 { CronJob Job }
        api::certificates::v1 { CertificateSigningRequest }
        api::coordination::v1 { Lease }
        api::discovery::v1 { EndpointSlice }
        api::events::v1 { Event }
        api::flowcontrol::v1 { FlowSchema PriorityLevelConfiguration }
        api::networking::v1 { Ingress IngressClass IPAddress NetworkPolicy ServiceCIDR }
        api::node::v1 { RuntimeClass }
        api::policy::v1 { PodDisruptionBudget }
        api::rbac::v1 { ClusterRole ClusterRoleBinding Role RoleBinding }
        api::resource::v1 { DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice }
        api::scheduling::v1 { PriorityClass }
        api::storage::v1 {
            CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass
        }
    };
    let requests = roots! { false:
        api::core::v1 { Binding }
        api::policy::v1 { Eviction }
        api::autoscaling::v1 { Scale }
        api::authentication::v1 { SelfSubjectReview TokenRequest TokenReview }
        api::authorization::v1 {
            LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview
        }
    };
    stored.chain(requests).collect()
}

/// The lines of `kinds.tsv`.
pub fn table() -> String {
    let mut rows: Vec<_> = roots().into_iter().filter(|root| root.stored).collect();
    rows.sort_by_key(|root| (root.group, root.version, root.plural));
    let mut text =
        String::from("# group\tversion\tplural\tkind\tscope\tshortNames\tcategories\tstatus\n");
    for root in rows {
        let scope = if root.namespaced { "namespaced" } else { "cluster" };
        let (short_names, categories) = names(root.group, root.plural);
        let status = if has_status(&root) { "yes" } else { "" };
        let Root { group, version, kind, plural, .. } = root;
        let _ = writeln!(
            text,
            "{group}\t{version}\t{plural}\t{kind}\t{scope}\t{short_names}\t{categories}\t{status}"
        );
    }
    text
}

/// Kinds with a `status` field have the `status` subresource.
fn has_status(root: &Root) -> bool {
    let mut generator = schemars::SchemaGenerator::default();
    (root.add_to)(&mut generator);
    let suffix = format!(".{}.{}", root.version, root.kind);
    generator
        .definitions()
        .iter()
        .find(|(name, _)| name.ends_with(&suffix))
        .and_then(|(_, schema)| schema.get("properties")?.get("status"))
        .is_some()
}

/// Short names and categories: upstream keeps them in `pkg/registry/*/*/storage`, in neither of the crates.
fn names(group: &str, plural: &str) -> (&'static str, &'static str) {
    match (group, plural) {
        ("", "configmaps") => ("cm", ""),
        ("", "endpoints") => ("ep", ""),
        ("" | "events.k8s.io", "events") => ("ev", ""),
        ("", "limitranges") => ("limits", ""),
        ("", "namespaces") => ("ns", ""),
        ("", "nodes") => ("no", ""),
        ("", "persistentvolumeclaims") => ("pvc", ""),
        ("", "persistentvolumes") => ("pv", ""),
        ("", "pods") => ("po", "all"),
        ("", "replicationcontrollers") => ("rc", "all"),
        ("", "resourcequotas") => ("quota", ""),
        ("", "serviceaccounts") => ("sa", ""),
        ("", "services") => ("svc", "all"),
        ("apiextensions.k8s.io", "customresourcedefinitions") => ("crd,crds", "api-extensions"),
        ("apiregistration.k8s.io", "apiservices") => ("", "api-extensions"),
        (
            "admissionregistration.k8s.io",
            "mutatingwebhookconfigurations"
            | "validatingadmissionpolicies"
            | "validatingadmissionpolicybindings"
            | "validatingwebhookconfigurations",
        ) => ("", "api-extensions"),
        ("apps", "daemonsets") => ("ds", "all"),
        ("apps", "deployments") => ("deploy", "all"),
        ("apps", "replicasets") => ("rs", "all"),
        ("apps", "statefulsets") => ("sts", "all"),
        ("autoscaling", "horizontalpodautoscalers") => ("hpa", "all"),
        ("batch", "cronjobs") => ("cj", "all"),
        ("batch", "jobs") => ("", "all"),
        ("certificates.k8s.io", "certificatesigningrequests") => ("csr", ""),
        ("networking.k8s.io", "ingresses") => ("ing", ""),
        ("networking.k8s.io", "ipaddresses") => ("ip", ""),
        ("networking.k8s.io", "networkpolicies") => ("netpol", ""),
        ("policy", "poddisruptionbudgets") => ("pdb", ""),
        ("scheduling.k8s.io", "priorityclasses") => ("pc", ""),
        ("storage.k8s.io", "storageclasses") => ("sc", ""),
        ("storage.k8s.io", "volumeattributesclasses") => ("vac", ""),
        _ => ("", ""),
    }
}
