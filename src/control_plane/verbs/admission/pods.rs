//! Pods: service account, priority, and how long they stay on a node that does not answer.
//!
//! There is no token volume yet: on the simulated node nothing runs that could read it.

use serde_json::{Map, Value, json};

use super::super::{Key, Verbs, refusal};
use crate::kubernetes::{Kind, Status, kinds};

const DEFAULT_ACCOUNT: &str = "default";
/// The taints of a node that is not ready or not reachable.
const NODE_TAINTS: &[&str] = &["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
/// Seconds that a pod stays on such a node.
const TOLERATION_SECONDS: i64 = 300;

pub fn admit(verbs: &Verbs, key: &Key, pod: &mut Value) -> Result<(), Status> {
    let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) else { return Ok(()) };
    admit_service_account(verbs, key, spec)?;
    admit_priority(verbs, key, spec)?;
    add_tolerations(spec);
    Ok(())
}

/// The account `default` is not asked for: its controller may be slower than the pod.
fn admit_service_account(
    verbs: &Verbs,
    key: &Key,
    spec: &mut Map<String, Value>,
) -> Result<(), Status> {
    let named = |field: &str| {
        spec.get(field).and_then(Value::as_str).filter(|name| !name.is_empty()).map(str::to_owned)
    };
    let name = named("serviceAccountName")
        .or_else(|| named("serviceAccount"))
        .unwrap_or_else(|| DEFAULT_ACCOUNT.to_owned());
    if name != DEFAULT_ACCOUNT
        && let Some(kind) = kinds::find("v1", "ServiceAccount")
        && verbs.get(&Key::new(kind, key.namespace.as_str(), name.as_str())).is_err()
    {
        let why = format!(
            "error looking up service account {}/{name}: serviceaccount \"{name}\" not found",
            key.namespace
        );
        return Err(refusal::forbidden(key.kind, &key.name, &why));
    }
    for field in ["serviceAccountName", "serviceAccount"] {
        spec.insert(field.to_owned(), json!(name));
    }
    Ok(())
}

fn admit_priority(verbs: &Verbs, key: &Key, spec: &mut Map<String, Value>) -> Result<(), Status> {
    let Some(kind) = kinds::find("scheduling.k8s.io/v1", "PriorityClass") else { return Ok(()) };
    let named = spec.get("priorityClassName").and_then(Value::as_str).unwrap_or("").to_owned();
    let class = if named.is_empty() {
        global_default(verbs, kind)
    } else {
        let class = verbs.get(&Key::new(kind, "", named.as_str())).map_err(|_| {
            let why = format!("no PriorityClass with name {named} was found");
            refusal::forbidden(key.kind, &key.name, &why)
        })?;
        Some(class.value())
    };
    let class = class.unwrap_or_default();
    if named.is_empty()
        && let Some(name) = class.pointer("/metadata/name")
    {
        spec.insert("priorityClassName".to_owned(), name.clone());
    }
    spec.insert("priority".to_owned(), class.get("value").cloned().unwrap_or_else(|| json!(0)));
    if !spec.get("preemptionPolicy").is_some_and(Value::is_string) {
        let policy = class.get("preemptionPolicy").cloned();
        let policy = policy.unwrap_or_else(|| json!("PreemptLowerPriority"));
        spec.insert("preemptionPolicy".to_owned(), policy);
    }
    Ok(())
}

fn global_default(verbs: &Verbs, kind: &'static Kind) -> Option<Value> {
    let (classes, _) = verbs.list(kind, None);
    classes
        .iter()
        .map(|class| class.value())
        .find(|class| class.get("globalDefault").and_then(Value::as_bool) == Some(true))
}

fn add_tolerations(spec: &mut Map<String, Value>) {
    let list = spec.entry("tolerations").or_insert_with(|| json!([]));
    if list.is_null() {
        *list = json!([]);
    }
    let Some(list) = list.as_array_mut() else { return };
    for taint in NODE_TAINTS {
        if !list.iter().any(|toleration| tolerates(toleration, taint)) {
            list.push(json!({
                "key": taint,
                "operator": "Exists",
                "effect": "NoExecute",
                "tolerationSeconds": TOLERATION_SECONDS,
            }));
        }
    }
}

fn tolerates(toleration: &Value, taint: &str) -> bool {
    let text = |field| toleration.get(field).and_then(Value::as_str).unwrap_or("");
    let all = text("key").is_empty() && text("operator") == "Exists";
    (all || text("key") == taint) && matches!(text("effect"), "" | "NoExecute")
}
