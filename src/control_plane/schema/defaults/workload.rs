use serde_json::{Value, json};

use super::pod::default_template;
use super::storage::default_claim;
use super::{Fields, set, text, with, with_each, with_new};

/// pkg/apis/apps/v1: `SetDefaults_Deployment`.
pub(super) fn default_deployment(object: &mut Fields) {
    with_new(object, "spec", |spec| {
        set(spec, "replicas", json!(1));
        set(spec, "revisionHistoryLimit", json!(10));
        set(spec, "progressDeadlineSeconds", json!(600));
        with_new(spec, "strategy", |strategy| {
            set(strategy, "type", json!("RollingUpdate"));
            if text(strategy, "type") == "RollingUpdate" {
                with_new(strategy, "rollingUpdate", |rolling| {
                    set(rolling, "maxUnavailable", json!("25%"));
                    set(rolling, "maxSurge", json!("25%"));
                });
            }
        });
        with_new(spec, "template", default_template);
    });
    set(object, "status", json!({}));
}

/// pkg/apis/apps/v1: `SetDefaults_ReplicaSet`.
pub(super) fn default_replica_set(object: &mut Fields) {
    with_new(object, "spec", |spec| {
        set(spec, "replicas", json!(1));
        with(spec, "template", default_template);
    });
    with_new(object, "status", |status| set(status, "replicas", json!(0)));
}

/// pkg/apis/core/v1: `SetDefaults_ReplicationController`: labels and selector come from the template.
pub(super) fn default_replication_controller(object: &mut Fields) {
    let labels = object
        .get("spec")
        .and_then(|spec| spec.pointer("/template/metadata/labels"))
        .filter(|labels| labels.as_object().is_some_and(|labels| !labels.is_empty()))
        .cloned();
    with_new(object, "spec", |spec| {
        set(spec, "replicas", json!(1));
        if let Some(labels) = &labels {
            set(spec, "selector", labels.clone());
        }
        with(spec, "template", default_template);
    });
    if let Some(labels) = labels {
        with_new(object, "metadata", |metadata| set(metadata, "labels", labels));
    }
    with_new(object, "status", |status| set(status, "replicas", json!(0)));
}

/// pkg/apis/apps/v1: `SetDefaults_StatefulSet`.
pub(super) fn default_stateful_set(object: &mut Fields) {
    with_new(object, "spec", |spec| {
        set(spec, "replicas", json!(1));
        set(spec, "revisionHistoryLimit", json!(10));
        set(spec, "podManagementPolicy", json!("OrderedReady"));
        with_new(spec, "updateStrategy", |strategy| {
            if text(strategy, "type").is_empty() {
                strategy.insert("type".to_owned(), json!("RollingUpdate"));
                set(strategy, "rollingUpdate", json!({}));
            }
            with(strategy, "rollingUpdate", |rolling| set(rolling, "partition", json!(0)));
        });
        with_new(spec, "persistentVolumeClaimRetentionPolicy", |policy| {
            set(policy, "whenDeleted", json!("Retain"));
            set(policy, "whenScaled", json!("Retain"));
        });
        with_each(spec, "volumeClaimTemplates", |claim| {
            set(claim, "apiVersion", json!("v1"));
            set(claim, "kind", json!("PersistentVolumeClaim"));
            default_claim(claim);
        });
        with_new(spec, "template", default_template);
    });
    with_new(object, "status", |status| {
        set(status, "replicas", json!(0));
        set(status, "availableReplicas", json!(0));
    });
}

/// pkg/apis/apps/v1: `SetDefaults_DaemonSet`.
pub(super) fn default_daemon_set(object: &mut Fields) {
    with_new(object, "spec", |spec| {
        set(spec, "revisionHistoryLimit", json!(10));
        with_new(spec, "updateStrategy", |strategy| {
            set(strategy, "type", json!("RollingUpdate"));
            if text(strategy, "type") == "RollingUpdate" {
                with_new(strategy, "rollingUpdate", |rolling| {
                    set(rolling, "maxUnavailable", json!(1));
                    set(rolling, "maxSurge", json!(0));
                });
            }
        });
        with_new(spec, "template", default_template);
    });
    with_new(object, "status", |status| {
        let counts = [
            "currentNumberScheduled",
            "numberMisscheduled",
            "desiredNumberScheduled",
            "numberReady",
        ];
        for count in counts {
            set(status, count, json!(0));
        }
    });
}

/// pkg/apis/batch/v1: `SetDefaults_Job`, and the selector that the registry generates.
pub(super) fn default_job(object: &mut Fields) {
    let labels = object.get("spec").and_then(|spec| spec.pointer("/template/metadata/labels"));
    if let Some(labels) = labels.cloned() {
        with_new(object, "metadata", |metadata| set(metadata, "labels", labels));
    }
    let metadata = object.get("metadata").and_then(Value::as_object);
    let of = |field| metadata.map_or("", |metadata| text(metadata, field)).to_owned();
    let (name, uid) = (of("name"), of("uid"));
    with_new(object, "spec", |spec| {
        if !is_set(spec, "completions") && !is_set(spec, "parallelism") {
            spec.insert("completions".to_owned(), json!(1));
        }
        set(spec, "parallelism", json!(1));
        let per_index = is_set(spec, "backoffLimitPerIndex");
        set(spec, "backoffLimit", json!(if per_index { i32::MAX } else { 6 }));
        set(spec, "completionMode", json!("NonIndexed"));
        set(spec, "suspend", json!(false));
        set(spec, "manualSelector", json!(false));
        let after_failure_only = is_set(spec, "podFailurePolicy");
        let policy = if after_failure_only { "Failed" } else { "TerminatingOrFailed" };
        set(spec, "podReplacementPolicy", json!(policy));
        with_new(spec, "template", default_template);
        if !uid.is_empty() && spec.get("manualSelector") != Some(&json!(true)) {
            generate_selector(spec, &name, &uid);
        }
    });
    set(object, "status", json!({}));
}

fn is_set(object: &Fields, field: &str) -> bool {
    object.get(field).is_some_and(|value| !value.is_null())
}

/// pkg/registry/batch/job: a job selects its pods by its uid.
fn generate_selector(spec: &mut Fields, name: &str, uid: &str) {
    with_new(spec, "template", |template| {
        with_new(template, "metadata", |metadata| {
            with_new(metadata, "labels", |labels| {
                set(labels, "controller-uid", json!(uid));
                set(labels, "job-name", json!(name));
                set(labels, "batch.kubernetes.io/controller-uid", json!(uid));
                set(labels, "batch.kubernetes.io/job-name", json!(name));
            });
        });
    });
    with_new(spec, "selector", |selector| {
        with_new(selector, "matchLabels", |labels| {
            set(labels, "batch.kubernetes.io/controller-uid", json!(uid));
        });
    });
}

/// pkg/apis/batch/v1: `SetDefaults_CronJob`; the job in it gets its own when it is made.
pub(super) fn default_cron_job(object: &mut Fields) {
    with_new(object, "spec", |spec| {
        set(spec, "concurrencyPolicy", json!("Allow"));
        set(spec, "suspend", json!(false));
        set(spec, "successfulJobsHistoryLimit", json!(3));
        set(spec, "failedJobsHistoryLimit", json!(1));
        with(spec, "jobTemplate", |job| {
            with(job, "spec", |spec| with_new(spec, "template", default_template));
        });
    });
    set(object, "status", json!({}));
}

/// pkg/apis/autoscaling: one replica at least, 80 % of the CPU unless there is a metric.
pub(super) fn default_autoscaler(version: &str, object: &mut Fields) {
    with_new(object, "spec", |spec| {
        set(spec, "minReplicas", json!(1));
        let has_metrics = spec
            .get("metrics")
            .and_then(Value::as_array)
            .is_some_and(|metrics| !metrics.is_empty());
        if version == "v1" {
            set(spec, "targetCPUUtilizationPercentage", json!(80));
        } else if !has_metrics {
            let target = json!({"type": "Utilization", "averageUtilization": 80});
            let metric = json!({"type": "Resource", "resource": {"name": "cpu", "target": target}});
            spec.insert("metrics".to_owned(), json!([metric]));
        }
    });
}
