//! The quality-of-service class of a pod.

use serde_json::{Map, Value};

use crate::kubernetes::schema::Quantity;

/// `Guaranteed`, `Burstable` or `BestEffort`, from a pod's spec with its defaults
/// (k8s.io/component-helpers `ComputePodQOS`).
pub fn class_of(spec: &Value) -> &'static str {
    let containers = ["initContainers", "containers"]
        .into_iter()
        .filter_map(|field| spec.get(field)?.as_array())
        .flatten();
    let mut anything = false;
    let mut guaranteed = true;
    for container in containers {
        let amounts = |field| container.get("resources").and_then(|found| found.get(field));
        let requests = amounts("requests").and_then(Value::as_object);
        let limits = amounts("limits").and_then(Value::as_object);
        for resource in ["cpu", "memory"] {
            let request = amount(requests, resource);
            let limit = amount(limits, resource);
            anything |= request.is_some() || limit.is_some();
            guaranteed &= limit.is_some() && (request.is_none() || request == limit);
        }
    }
    match (anything, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// An amount above zero.
fn amount(resources: Option<&Map<String, Value>>, resource: &str) -> Option<Quantity> {
    let value = resources?.get(resource)?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse::<Quantity>().ok().filter(|amount| amount.units() > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn classes() {
        let class = |resources: Value| class_of(&json!({"containers": [{"resources": resources}]}));
        assert_eq!(class(json!({})), "BestEffort");
        assert_eq!(class(json!({"requests": {"cpu": "0"}})), "BestEffort");
        assert_eq!(class(json!({"requests": {"cpu": "100m"}})), "Burstable");
        assert_eq!(class(json!({"limits": {"cpu": "1"}})), "Burstable");
        assert_eq!(class(json!({"limits": {"cpu": "1", "memory": "1Gi"}})), "Guaranteed");
        assert_eq!(
            class(json!({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}})),
            "Burstable"
        );
        assert_eq!(
            class(
                json!({"limits": {"cpu": 1, "memory": "1Gi"}, "requests": {"cpu": "1000m", "memory": "1024Mi"}})
            ),
            "Guaranteed"
        );
    }
}
