//! The subresources of pods that act: `binding` and `eviction`.

use serde_json::{Value, json};

use super::super::schema::selectors::Selectors;
use super::super::store::Key;
use super::options::{DeleteOptions, Deleted, WriteOptions, Written};
use super::update::Changing;
use super::{Verbs, metadata, refusal, scale};
use crate::kubernetes::{Cause, Reason, Status, kinds};

impl Verbs {
    /// Binds a pod to a node: `POST …/pods/NAME/binding`.
    pub async fn bind(
        &self,
        key: &Key,
        binding: &Value,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        let node = binding.pointer("/target/name").and_then(Value::as_str).unwrap_or("");
        if node.is_empty() {
            return Err(refusal::bad_request("a binding needs a target.name"));
        }
        let changing = Changing { key, subresource: "binding", options, by_apply: false };
        self.change(changing, |pod, _| bound(key, pod, node)).await
    }

    /// Deletes a pod, unless a disruption budget forbids it for now (429).
    pub async fn evict(&self, key: &Key, options: &DeleteOptions) -> Result<Deleted, Status> {
        let pod = self.get(key)?;
        if let Some(budget) = self.exhausted_budget(key, &pod.value()) {
            let mut status = Status::new(
                Reason::TooManyRequests,
                "Cannot evict pod as it would violate the pod's disruption budget.",
            );
            status.causes.push(Cause {
                reason: "DisruptionBudget",
                message: format!("The disruption budget {budget} does not allow more disruptions"),
                field: String::new(),
            });
            return Err(status);
        }
        self.delete(key, options).await
    }

    /// The budget that selects the pod and allows no disruption.
    fn exhausted_budget(&self, key: &Key, pod: &Value) -> Option<String> {
        let kind = kinds::find("policy/v1", "PodDisruptionBudget")?;
        let (budgets, _) = self.list(kind, Some(&key.namespace));
        let budget = budgets.iter().map(|budget| budget.value()).find(|budget| {
            let allowed = budget.pointer("/status/disruptionsAllowed").and_then(Value::as_i64);
            let selector = budget.pointer("/spec/selector").filter(|selector| selector.is_object());
            let selects = |selector| {
                let labels = scale::selector_text(selector);
                let selectors = Selectors::parse(key.kind, &labels, "");
                selectors.is_ok_and(|selectors| selectors.matches(pod))
            };
            allowed.unwrap_or(0) <= 0 && selector.is_some_and(selects)
        })?;
        Some(metadata::text(&budget, "name").to_owned())
    }
}

fn bound(key: &Key, pod: &Value, node: &str) -> Result<Value, Status> {
    let current = pod.pointer("/spec/nodeName").and_then(Value::as_str).unwrap_or("");
    if !current.is_empty() {
        let why = format!("pod {} is already assigned to node \"{current}\"", key.name);
        return Err(refusal::conflict(key, &why));
    }
    if pod.pointer("/metadata/deletionTimestamp").is_some() {
        let why = format!("pod {} is being deleted, cannot be assigned to a host", key.name);
        return Err(refusal::conflict(key, &why));
    }
    let mut pod = pod.clone();
    if let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) {
        spec.insert("nodeName".to_owned(), json!(node));
    }
    let condition = json!({
        "type": "PodScheduled",
        "status": "True",
        "lastProbeTime": null,
        "lastTransitionTime": metadata::seconds(jiff::Timestamp::now()),
    });
    let Some(fields) = pod.as_object_mut() else { return Ok(pod) };
    let status = fields.entry("status").or_insert_with(|| json!({}));
    let Some(status) = status.as_object_mut() else { return Ok(pod) };
    let conditions = status.entry("conditions").or_insert_with(|| json!([]));
    if let Some(conditions) = conditions.as_array_mut() {
        conditions.retain(|condition| condition["type"] != "PodScheduled");
        conditions.push(condition);
    }
    Ok(pod)
}
