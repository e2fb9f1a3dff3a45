use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::view::View;
use super::{AGE, Column, Layout, NAME, boolean, number, text, wide};

pub(super) const NAMESPACE: Layout = Layout {
    columns: &[NAME, text("Status"), AGE],
    cells: |object| vec![object.name(), json!(object.text("/status/phase")), object.age()],
};

pub(super) const NODE: Layout = Layout {
    columns: &[
        NAME,
        text("Status"),
        text("Roles"),
        AGE,
        text("Version"),
        wide("Internal-IP"),
        wide("External-IP"),
        wide("OS-Image"),
        wide("Kernel-Version"),
        wide("Container-Runtime"),
    ],
    cells: |object| {
        let address = |kind: &str| {
            let found = object.items("/status/addresses").find(|each| each.text("/type") == kind);
            json!(found.map_or("<none>", |each| each.text("/address")))
        };
        let info =
            |field: &str| json!(object.text_or(&format!("/status/nodeInfo/{field}"), "<unknown>"));
        vec![
            object.name(),
            json!(node_status(object)),
            json!(node_roles(object)),
            object.age(),
            json!(object.text("/status/nodeInfo/kubeletVersion")),
            address("InternalIP"),
            address("ExternalIP"),
            info("osImage"),
            info("kernelVersion"),
            info("containerRuntimeVersion"),
        ]
    },
};

fn node_status(node: View<'_>) -> String {
    let ready = node.items("/status/conditions").find(|each| each.text("/type") == "Ready");
    let status = match ready.map(|condition| condition.text("/status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    let mark = if node.is_true("/spec/unschedulable") { ",SchedulingDisabled" } else { "" };
    format!("{status}{mark}")
}

fn node_roles(node: View<'_>) -> String {
    let labels = node.fields("/metadata/labels").into_iter().flatten();
    let roles: BTreeSet<_> = labels
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => Some(role),
            None if key == "kubernetes.io/role" => value.as_str(),
            None => None,
        })
        .filter(|role| !role.is_empty())
        .collect();
    if roles.is_empty() {
        return "<none>".to_owned();
    }
    roles.into_iter().collect::<Vec<_>>().join(",")
}

pub(super) const EVENT: Layout = Layout {
    columns: &[
        text("Last Seen"),
        text("Type"),
        text("Reason"),
        text("Object"),
        wide("Subobject"),
        wide("Source"),
        text("Message"),
        wide("First Seen"),
        wide("Count"),
        // Events are known by what they are about.
        Column { name: "Name", kind: "string", wide: true },
    ],
    cells: |object| {
        let first = match object.get("/firstTimestamp") {
            Some(_) => object.since("/firstTimestamp"),
            None => object.since("/eventTime"),
        };
        let (last, count) = if object.get("/series").is_some() {
            (object.since("/series/lastObservedTime"), object.number("/series/count"))
        } else {
            let last = match object.get("/lastTimestamp") {
                Some(_) => object.since("/lastTimestamp"),
                None => first.clone(),
            };
            (last, object.number("/count").max(1))
        };
        let kind = object.text("/involvedObject/kind").to_lowercase();
        let about = match object.text("/involvedObject/name") {
            "" => kind,
            name => format!("{kind}/{name}"),
        };
        vec![
            json!(last),
            json!(object.text("/type")),
            json!(object.text("/reason")),
            json!(about),
            json!(object.text("/involvedObject/fieldPath")),
            json!(event_source(object)),
            json!(object.text("/message").trim()),
            json!(first),
            json!(count),
            object.name(),
        ]
    },
};

fn event_source(event: View<'_>) -> String {
    let own = (event.text("/source/component"), event.text("/source/host"));
    let (component, host) = match own {
        ("", "") => (event.text("/reportingComponent"), event.text("/reportingInstance")),
        own => own,
    };
    if host.is_empty() { component.to_owned() } else { format!("{component}, {host}") }
}

pub(super) const SERVICE_ACCOUNT: Layout = Layout {
    columns: &[NAME, number("Secrets"), AGE],
    cells: |object| vec![object.name(), json!(object.count("/secrets")), object.age()],
};

pub(super) const LEASE: Layout = Layout {
    columns: &[NAME, text("Holder"), AGE],
    cells: |object| vec![object.name(), json!(object.text("/spec/holderIdentity")), object.age()],
};

pub(super) const RUNTIME_CLASS: Layout = Layout {
    columns: &[NAME, text("Handler"), AGE],
    cells: |object| vec![object.name(), json!(object.text("/handler")), object.age()],
};

pub(super) const PRIORITY_CLASS: Layout = Layout {
    columns: &[NAME, number("Value"), boolean("Global-Default"), AGE, text("PreemptionPolicy")],
    cells: |object| -> Vec<Value> {
        vec![
            object.name(),
            json!(object.number("/value")),
            json!(object.is_true("/globalDefault")),
            object.age(),
            json!(object.text("/preemptionPolicy")),
        ]
    },
};
