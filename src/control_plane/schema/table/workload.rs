use serde_json::{Value, json};

use super::view::View;
use super::{AGE, Layout, NAME, age, number, text, wide};

const TEMPLATE: &str = "/spec/template/spec";

pub(super) const DEPLOYMENT: Layout = Layout {
    columns: &[
        NAME,
        text("Ready"),
        number("Up-to-date"),
        number("Available"),
        AGE,
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |object| {
        let [names, images] = object.containers(TEMPLATE);
        vec![
            object.name(),
            ready_of_replicas(object),
            json!(object.number("/status/updatedReplicas")),
            json!(object.number("/status/availableReplicas")),
            object.age(),
            names,
            images,
            object.label_selector("/spec/selector"),
        ]
    },
};

pub(super) const REPLICA_SET: Layout = Layout {
    columns: REPLICATION_CONTROLLER.columns,
    cells: |object| replica_cells(object, object.label_selector("/spec/selector")),
};

pub(super) const REPLICATION_CONTROLLER: Layout = Layout {
    columns: &[
        NAME,
        number("Desired"),
        number("Current"),
        number("Ready"),
        AGE,
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |object| replica_cells(object, object.label_map("/spec/selector")),
};

fn replica_cells(object: View<'_>, selector: Value) -> Vec<Value> {
    let [names, images] = object.containers(TEMPLATE);
    vec![
        object.name(),
        json!(object.number("/spec/replicas")),
        json!(object.number("/status/replicas")),
        json!(object.number("/status/readyReplicas")),
        object.age(),
        names,
        images,
        selector,
    ]
}

pub(super) const STATEFUL_SET: Layout = Layout {
    columns: &[NAME, text("Ready"), AGE, wide("Containers"), wide("Images")],
    cells: |object| {
        let [names, images] = object.containers(TEMPLATE);
        vec![object.name(), ready_of_replicas(object), object.age(), names, images]
    },
};

fn ready_of_replicas(object: View<'_>) -> Value {
    let (ready, wanted) = (object.number("/status/readyReplicas"), object.number("/spec/replicas"));
    json!(format!("{ready}/{wanted}"))
}

pub(super) const DAEMON_SET: Layout = Layout {
    columns: &[
        NAME,
        number("Desired"),
        number("Current"),
        number("Ready"),
        number("Up-to-date"),
        number("Available"),
        text("Node Selector"),
        AGE,
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |object| {
        let [names, images] = object.containers(TEMPLATE);
        vec![
            object.name(),
            json!(object.number("/status/desiredNumberScheduled")),
            json!(object.number("/status/currentNumberScheduled")),
            json!(object.number("/status/numberReady")),
            json!(object.number("/status/updatedNumberScheduled")),
            json!(object.number("/status/numberAvailable")),
            object.label_map("/spec/template/spec/nodeSelector"),
            object.age(),
            names,
            images,
            object.label_selector("/spec/selector"),
        ]
    },
};

pub(super) const CONTROLLER_REVISION: Layout = Layout {
    columns: &[NAME, text("Controller"), number("Revision"), AGE],
    cells: |object| {
        let owner = object
            .items("/metadata/ownerReferences")
            .find(|owner| owner.is_true("/controller"))
            .map(|owner| controller(owner.text("/apiVersion"), owner));
        vec![
            object.name(),
            json!(owner.unwrap_or_else(|| "<none>".to_owned())),
            json!(object.number("/revision")),
            object.age(),
        ]
    },
};

/// `daemonset.apps/web`.
fn controller(api_version: &str, owner: View<'_>) -> String {
    let group = api_version.split_once('/').map(|(group, _)| format!(".{group}"));
    let kind = owner.text("/kind").to_lowercase();
    format!("{kind}{}/{}", group.unwrap_or_default(), owner.text("/name"))
}

pub(super) const JOB: Layout = Layout {
    columns: &[
        NAME,
        text("Status"),
        text("Completions"),
        text("Duration"),
        AGE,
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |object| {
        let [names, images] = object.containers(TEMPLATE);
        vec![
            object.name(),
            json!(job_status(object)),
            json!(job_completions(object)),
            json!(job_duration(object)),
            object.age(),
            names,
            images,
            object.label_selector("/spec/selector"),
        ]
    },
};

fn job_status(job: View<'_>) -> &'static str {
    let first = ["Complete", "Failed"].into_iter().find(|name| job.has_condition(name));
    first
        .or_else(|| job.is_leaving().then_some("Terminating"))
        .or_else(|| {
            ["Suspended", "FailureTarget", "SuccessCriteriaMet"]
                .into_iter()
                .find(|name| job.has_condition(name))
        })
        .unwrap_or("Running")
}

fn job_completions(job: View<'_>) -> String {
    let succeeded = job.number("/status/succeeded");
    match (job.get("/spec/completions"), job.number("/spec/parallelism")) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, parallelism) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    }
}

fn job_duration(job: View<'_>) -> String {
    let end = job.time("/status/completionTime").unwrap_or(job.now);
    job.time("/status/startTime").map(|start| age::since(start, end)).unwrap_or_default()
}

pub(super) const CRON_JOB: Layout = Layout {
    columns: &[
        NAME,
        text("Schedule"),
        text("Timezone"),
        text("Suspend"),
        number("Active"),
        text("Last Schedule"),
        AGE,
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |object| {
        let [names, images] = object.containers("/spec/jobTemplate/spec/template/spec");
        let suspend = match object.get("/spec/suspend").and_then(Value::as_bool) {
            Some(true) => "True",
            Some(false) => "False",
            None => "<unset>",
        };
        let last = match object.get("/status/lastScheduleTime") {
            Some(_) => object.since("/status/lastScheduleTime"),
            None => "<none>".to_owned(),
        };
        vec![
            object.name(),
            json!(object.text("/spec/schedule")),
            json!(object.text_or("/spec/timeZone", "<none>")),
            json!(suspend),
            json!(object.count("/status/active")),
            json!(last),
            object.age(),
            names,
            images,
            object.label_selector("/spec/jobTemplate/spec/selector"),
        ]
    },
};

pub(super) const DISRUPTION_BUDGET: Layout = Layout {
    columns: &[
        NAME,
        text("Min Available"),
        text("Max Unavailable"),
        number("Allowed Disruptions"),
        AGE,
    ],
    cells: |object| {
        let amount = |pointer| match object.get(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => "N/A".to_owned(),
        };
        vec![
            object.name(),
            json!(amount("/spec/minAvailable")),
            json!(amount("/spec/maxUnavailable")),
            json!(object.number("/status/disruptionsAllowed")),
            object.age(),
        ]
    },
};
