//! The downward API: what a container is told of its pod and of itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;

use k8s_openapi::api::core::v1::{
    Container, ObjectFieldSelector, Pod, ResourceFieldSelector, ResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::life;
use crate::control_plane::scheduler::quantity::thousandths;

/// Resources by their names.
type Resources = BTreeMap<String, Quantity>;

/// A pod and where it runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Downward<'a> {
    pub(super) pod: &'a Pod,
    /// The pod's address, once it has one.
    pub(super) address: Option<IpAddr>,
    /// The node's address.
    pub(super) host: IpAddr,
    /// What the node has for pods: the limit of a container that has none.
    pub(super) allocatable: &'a Resources,
}

/// What cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum DownwardError {
    #[error("unsupported fieldPath: {path}")]
    UnknownField { path: String },
    #[error("unsupported container resource : {resource}")]
    UnknownResource { resource: String },
    #[error("container {name} not found")]
    ContainerNotFound { name: String },
}

impl Downward<'_> {
    /// A field of the pod, as text.
    pub(super) fn field(&self, field: &ObjectFieldSelector) -> Result<String, DownwardError> {
        let path = field.field_path.as_str();
        let metadata = &self.pod.metadata;
        let spec = self.pod.spec.as_ref();
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let address = || self.address.map(|address| address.to_string()).unwrap_or_default();
        if let Some((path, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['")) {
            let map = match path {
                "metadata.labels" => metadata.labels.as_ref(),
                "metadata.annotations" => metadata.annotations.as_ref(),
                _ => return Err(DownwardError::UnknownField { path: field.field_path.clone() }),
            };
            return Ok(text(map.and_then(|map| map.get(key))));
        }
        Ok(match path {
            "metadata.name" => text(metadata.name.as_ref()),
            "metadata.namespace" => text(metadata.namespace.as_ref()),
            "metadata.uid" => text(metadata.uid.as_ref()),
            "metadata.labels" => lines(metadata.labels.as_ref()),
            "metadata.annotations" => lines(metadata.annotations.as_ref()),
            "spec.nodeName" => text(spec.and_then(|spec| spec.node_name.as_ref())),
            "spec.serviceAccountName" => {
                text(spec.and_then(|spec| spec.service_account_name.as_ref()))
            }
            "status.hostIP" | "status.hostIPs" => self.host.to_string(),
            "status.podIP" | "status.podIPs" => address(),
            _ => return Err(DownwardError::UnknownField { path: path.to_owned() }),
        })
    }

    /// A request or limit in units of its divisor, rounded up: of `container` unless it names another one.
    pub(super) fn resource(
        &self,
        wanted: &ResourceFieldSelector,
        container: Option<&Container>,
    ) -> Result<String, DownwardError> {
        let named = wanted.container_name.as_deref().filter(|name| !name.is_empty());
        let container = match named {
            Some(name) => life::containers(self.pod)
                .map(|(_, container)| container)
                .find(|container| container.name == name),
            None => container,
        };
        let Some(container) = container else {
            let name = named.unwrap_or_default().to_owned();
            return Err(DownwardError::ContainerNotFound { name });
        };
        let unknown = || DownwardError::UnknownResource { resource: wanted.resource.clone() };
        let (side, resource) = wanted.resource.split_once('.').ok_or_else(unknown)?;
        let known = matches!(resource, "cpu" | "memory" | "ephemeral-storage");
        if !known && !resource.starts_with("hugepages-") {
            return Err(unknown());
        }
        let resources = container.resources.as_ref();
        let amount = match side {
            "requests" => amount(resources, |all| all.requests.as_ref(), resource),
            "limits" => self.limit(resources, resource),
            _ => return Err(unknown()),
        };
        let divisor = wanted.divisor.as_ref().and_then(thousandths).filter(|one| *one > 0);
        let divisor = divisor.unwrap_or(1000);
        let (amount, divisor) = match resource {
            "cpu" => (amount, divisor),
            _ => (rounded_up(amount, 1000), rounded_up(divisor, 1000)),
        };
        Ok(rounded_up(amount, divisor).to_string())
    }

    /// A container's limit, else the pod's, else all that the node has.
    fn limit(&self, resources: Option<&ResourceRequirements>, resource: &str) -> i128 {
        let limits = |all: &'_ ResourceRequirements| all.limits.clone();
        let pod = self.pod.spec.as_ref().and_then(|spec| spec.resources.as_ref());
        [resources.and_then(limits), pod.and_then(limits), Some(self.allocatable.clone())]
            .into_iter()
            .flatten()
            .filter_map(|all| thousandths(all.get(resource)?))
            .find(|amount| *amount > 0)
            .unwrap_or(0)
    }
}

fn amount<'a>(
    resources: Option<&'a ResourceRequirements>,
    side: impl Fn(&'a ResourceRequirements) -> Option<&'a Resources>,
    resource: &str,
) -> i128 {
    resources.and_then(side).and_then(|all| thousandths(all.get(resource)?)).unwrap_or(0)
}

fn rounded_up(number: i128, divisor: i128) -> i128 {
    -((-number).div_euclid(divisor))
}

/// One `key="value"` a line, the value quoted as Go does it.
fn lines(map: Option<&BTreeMap<String, String>>) -> String {
    let lines = map.into_iter().flatten().map(|(key, value)| format!("{key}={}", quoted(value)));
    lines.collect::<Vec<_>>().join("\n")
}

/// Go's `%q`.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{7f}' => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(character));
            }
            _ if character.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod() -> Pod {
        serde_json::from_value(json!({
            "metadata": {
                "name": "web", "namespace": "shop", "uid": "u-1",
                "labels": {"app": "web", "tier": "a \"b\"\n\u{1}"},
                "annotations": {"example.com/x": "é"},
            },
            "spec": {
                "nodeName": "n", "serviceAccountName": "default",
                "containers": [
                    {"name": "a", "resources": {
                        "requests": {"cpu": "250m", "memory": "32Mi"},
                        "limits": {"cpu": "1250m", "memory": "64Mi"},
                    }},
                    {"name": "b"},
                ],
            },
        }))
        .unwrap()
    }

    #[test]
    fn fields_are_told_as_text() {
        let pod = pod();
        let allocatable = Resources::new();
        let address = Some("10.88.0.5".parse().unwrap());
        let host = "10.88.0.1".parse().unwrap();
        let downward = Downward { pod: &pod, address, host, allocatable: &allocatable };
        let check = |path: &str, expected: Result<&str, &str>| {
            let field = ObjectFieldSelector { field_path: path.to_owned(), api_version: None };
            let told = downward.field(&field).map_err(|error| error.to_string());
            assert_eq!(told.as_deref().map_err(String::as_str), expected, "{path}");
        };
        check("metadata.name", Ok("web"));
        check("metadata.namespace", Ok("shop"));
        check("metadata.uid", Ok("u-1"));
        check("metadata.labels", Ok("app=\"web\"\ntier=\"a \\\"b\\\"\\n\\x01\""));
        check("metadata.labels['app']", Ok("web"));
        check("metadata.labels['none']", Ok(""));
        check("metadata.annotations['example.com/x']", Ok("é"));
        check("spec.nodeName", Ok("n"));
        check("spec.serviceAccountName", Ok("default"));
        check("status.podIP", Ok("10.88.0.5"));
        check("status.podIPs", Ok("10.88.0.5"));
        check("status.hostIP", Ok("10.88.0.1"));
        check("spec.hostname", Err("unsupported fieldPath: spec.hostname"));
        check("spec['a']", Err("unsupported fieldPath: spec['a']"));
    }

    #[test]
    fn resources_are_divided_and_rounded_up() {
        let pod = pod();
        let amount = |text: &str| Quantity(text.to_owned());
        let allocatable = Resources::from([
            ("cpu".to_owned(), amount("4")),
            ("memory".to_owned(), amount("1Gi")),
        ]);
        let host = "10.88.0.1".parse().unwrap();
        let downward = Downward { pod: &pod, address: None, host, allocatable: &allocatable };
        let check =
            |container: &str, resource: &str, divisor: &str, expected: Result<&str, &str>| {
                let wanted = ResourceFieldSelector {
                    container_name: Some(container.to_owned()),
                    divisor: Some(amount(divisor)),
                    resource: resource.to_owned(),
                };
                let told = downward.resource(&wanted, None).map_err(|error| error.to_string());
                let told = told.as_deref().map_err(String::as_str);
                assert_eq!(told, expected, "{container} {resource} / {divisor}");
            };
        check("a", "limits.cpu", "0", Ok("2"));
        check("a", "limits.cpu", "1m", Ok("1250"));
        check("a", "requests.cpu", "1", Ok("1"));
        check("a", "limits.memory", "1Mi", Ok("64"));
        check("a", "requests.memory", "1", Ok("33554432"));
        check("a", "limits.ephemeral-storage", "1", Ok("0"));
        check("b", "limits.cpu", "1", Ok("4"));
        check("b", "limits.memory", "1Mi", Ok("1024"));
        check("b", "requests.cpu", "1", Ok("0"));
        check("c", "limits.cpu", "1", Err("container c not found"));
        check("a", "limits.gpu", "1", Err("unsupported container resource : limits.gpu"));
        check("a", "cpu", "1", Err("unsupported container resource : cpu"));
    }
}
