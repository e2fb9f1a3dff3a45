use serde_json::Value;

use super::reply::Reply;
use super::route::Resource;
use super::{Api, Call};
use crate::control_plane::verbs::Key;
use crate::kubernetes::{Reason, Status};

/// What a pod of the simulated node has "written": one text for all its containers.
const SIMULATED_LOGS: &str = "longshore.dev/sim-logs";

impl Api {
    /// `GET …/pods/NAME/log`: nothing runs on the simulated node, so the text is an annotation's.
    pub(super) fn log(&self, call: &Call<'_>, resource: &Resource) -> Result<Reply, Status> {
        let key = resource.key();
        let pod = self.verbs.get(&key)?.value();
        let container = container(&key, &pod, call.query.get("container"))?;
        let phase = pod.pointer("/status/phase").and_then(Value::as_str).unwrap_or("Pending");
        if phase == "Pending" {
            let message = format!(
                "container \"{container}\" in pod \"{}\" is waiting to start: ContainerCreating",
                key.name
            );
            return Err(Status::new(Reason::BadRequest, message));
        }
        let annotations = pod.pointer("/metadata/annotations");
        let text = annotations.and_then(|all| all.get(SIMULATED_LOGS)).and_then(Value::as_str);
        let mut text = text.unwrap_or("").to_owned();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        if let Some(lines) = call.query.number::<usize>("tailLines")? {
            let all: Vec<&str> = text.split_inclusive('\n').collect();
            text = all.iter().skip(all.len().saturating_sub(lines)).copied().collect();
        }
        if let Some(bytes) = call.query.number::<usize>("limitBytes")? {
            let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
            text.truncate(end.unwrap_or(0));
        }
        Ok(Reply::text(text))
    }
}

/// The container that is asked for; the only one when none is named.
fn container(key: &Key, pod: &Value, wanted: &str) -> Result<String, Status> {
    let named = |list: &str| -> Vec<String> {
        let list = pod.pointer(list).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(|entry| Some(entry.get("name")?.as_str()?.to_owned())).collect()
    };
    let containers = named("/spec/containers");
    let all: Vec<String> = ["/spec/initContainers", "/spec/ephemeralContainers"]
        .into_iter()
        .flat_map(named)
        .chain(containers.iter().cloned())
        .collect();
    let refused = |message| Err(Status::new(Reason::BadRequest, message));
    match (wanted, containers.as_slice()) {
        ("", [only]) => Ok(only.clone()),
        ("", many) => refused(format!(
            "a container name must be specified for pod {}, choose one of: [{}]",
            key.name,
            many.join(" ")
        )),
        (wanted, _) if all.iter().any(|name| name == wanted) => Ok(wanted.to_owned()),
        (wanted, _) => refused(format!("container {wanted} is not valid for pod {}", key.name)),
    }
}
