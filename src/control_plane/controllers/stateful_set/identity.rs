//! Names, labels and volumes that a pod of a `StatefulSet` has by its ordinal.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec, StatefulSetStatus};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimVolumeSource, Pod, PodTemplateSpec, Volume,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::control_plane::controllers::{labels, owner, pods};

/// The number at the end of a pod's name; none when the name is not of the set.
pub(super) fn ordinal(set: &StatefulSet, pod: &Pod) -> Option<i32> {
    owner::name(pod).strip_prefix(owner::name(set))?.strip_prefix('-')?.parse().ok()
}

/// The revision that a pod was made from.
pub(super) fn revision(pod: &Pod) -> Option<&str> {
    let labels = pod.metadata.labels.as_ref()?;
    labels.get(labels::CONTROLLER_REVISION_HASH).map(String::as_str)
}

/// The revisions that must not be deleted.
pub(super) fn revisions_of(pods: &[Pod], status: &StatefulSetStatus) -> BTreeSet<String> {
    let in_pods = pods.iter().filter_map(revision).map(str::to_owned);
    in_pods.chain(status.current_revision.clone()).chain(status.update_revision.clone()).collect()
}

/// The pod of an ordinal.
pub(super) fn pod(
    set: &StatefulSet,
    spec: &StatefulSetSpec,
    template: &PodTemplateSpec,
    revision: &str,
    ordinal: i32,
) -> Pod {
    let mut pod = pods::from_template(template, owner::controller_reference(set));
    let name = format!("{}-{ordinal}", owner::name(set));
    pod.metadata.namespace.clone_from(&set.metadata.namespace);
    pod.metadata.name = Some(name.clone());
    let pod_labels = pod.metadata.labels.get_or_insert_default();
    for (key, value) in [
        (labels::STATEFUL_POD_NAME, name.clone()),
        (labels::POD_INDEX, ordinal.to_string()),
        (labels::CONTROLLER_REVISION_HASH, revision.to_owned()),
    ] {
        pod_labels.insert(key.to_owned(), value);
    }
    let pod_spec = pod.spec.get_or_insert_default();
    pod_spec.hostname = Some(name.clone());
    pod_spec.subdomain = spec.service_name.clone().filter(|name| !name.is_empty());
    let claimed: Vec<Volume> = claims(set, spec, &name)
        .into_iter()
        .map(|(template, claim)| Volume {
            name: template,
            persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
                claim_name: owner::name(&claim).to_owned(),
                read_only: Some(false),
            }),
            ..Volume::default()
        })
        .collect();
    if !claimed.is_empty() {
        let volumes = pod_spec.volumes.get_or_insert_default();
        volumes.retain(|volume| claimed.iter().all(|claim| claim.name != volume.name));
        volumes.extend(claimed);
    }
    pod
}

/// The claims of a pod, with the names of their templates.
pub(super) fn claims(
    set: &StatefulSet,
    spec: &StatefulSetSpec,
    pod: &str,
) -> Vec<(String, PersistentVolumeClaim)> {
    let retention = spec.persistent_volume_claim_retention_policy.as_ref();
    let goes = retention.and_then(|policy| policy.when_deleted.as_deref()) == Some("Delete");
    let templates = spec.volume_claim_templates.iter().flatten();
    templates
        .map(|template| {
            let name = template.metadata.name.clone().unwrap_or_default();
            let mut labels = template.metadata.labels.clone().unwrap_or_default();
            labels.extend(spec.selector.match_labels.clone().unwrap_or_default());
            let claim = PersistentVolumeClaim {
                metadata: ObjectMeta {
                    name: Some(format!("{name}-{pod}")),
                    namespace: set.metadata.namespace.clone(),
                    labels: Some(labels).filter(|labels| !labels.is_empty()),
                    annotations: template.metadata.annotations.clone(),
                    owner_references: goes.then(|| vec![owner::controller_reference(set)]),
                    ..ObjectMeta::default()
                },
                spec: template.spec.clone(),
                status: None,
            };
            (name, claim)
        })
        .collect()
}
