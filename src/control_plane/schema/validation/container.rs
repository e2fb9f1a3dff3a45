use std::collections::HashSet;

use serde_json::json;

use super::field::Field;
use super::findings::Findings;
use super::probe::validate_probes;
use crate::control_plane::schema::names;

/// What the containers of a pod share.
pub(super) struct Pod<'a> {
    /// The names of its volumes.
    pub(super) volumes: HashSet<&'a str>,
    /// The names of the containers so far.
    names: HashSet<&'a str>,
    /// Address, protocol and number of the host ports so far.
    host_ports: HashSet<(&'a str, &'a str, i64)>,
}

impl<'a> Pod<'a> {
    pub(super) fn new(volumes: HashSet<&'a str>) -> Self {
        Self { volumes, names: HashSet::new(), host_ports: HashSet::new() }
    }

    /// Containers and init containers.
    pub(super) fn validate_containers(&mut self, spec: &Field<'a>, findings: &mut Findings) {
        let containers = spec.child("containers");
        if findings.require(&containers) {
            for container in containers.items() {
                self.validate_container(&container, findings);
                validate_probes(&container, findings);
            }
        }
        for container in spec.child("initContainers").items() {
            self.validate_container(&container, findings);
            if container.child("restartPolicy").text() == "Always" {
                validate_probes(&container, findings);
                continue;
            }
            for name in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
                let field = container.child(name);
                if field.exists() {
                    let sentence =
                        "may not be set for init containers without restartPolicy=Always";
                    findings.forbidden(&field, sentence);
                }
            }
        }
    }

    fn validate_container(&mut self, container: &Field<'a>, findings: &mut Findings) {
        let name = container.child("name");
        if findings.require(&name) {
            findings.check(&name, names::check_label(name.text()));
            if !self.names.insert(name.text()) {
                findings.duplicate(&name, &json!(name.text()));
            }
        }
        let image = container.child("image");
        if findings.require(&image) && image.text().trim() != image.text() {
            findings.invalid(&image, "must not have leading or trailing whitespace");
        }
        let policies = ["Always", "IfNotPresent", "Never"];
        findings.one_of(&container.child("imagePullPolicy"), &policies);
        let policies = ["FallbackToLogsOnError", "File"];
        findings.one_of(&container.child("terminationMessagePolicy"), &policies);
        self.validate_ports(&container.child("ports"), findings);
        validate_environment(&container.child("env"), findings);
        validate_environment_sources(&container.child("envFrom"), findings);
        self.validate_mounts(&container.child("volumeMounts"), findings);
        validate_resources(&container.child("resources"), findings);
    }

    fn validate_ports(&mut self, ports: &Field<'a>, findings: &mut Findings) {
        let mut names = HashSet::new();
        for port in ports.items() {
            let name = port.child("name");
            if !name.is_empty() {
                findings.check(&name, names::check_port_name(name.text()));
                if !names.insert(name.text()) {
                    findings.duplicate(&name, &json!(name.text()));
                }
            }
            let number = port.child("containerPort");
            if findings.require(&number) {
                findings.within(&number, 1, 65535);
            }
            let protocol = port.child("protocol");
            findings.one_of(&protocol, &["SCTP", "TCP", "UDP"]);
            let host_port = port.child("hostPort");
            let Some(host_number) = host_port.number().filter(|number| *number != 0) else {
                continue;
            };
            findings.within(&host_port, 1, 65535);
            let address = port.child("hostIP").text();
            if !self.host_ports.insert((address, protocol.text(), host_number)) {
                let value = format!("{address}/{}/{host_number}", protocol.text());
                findings.duplicate(&host_port, &json!(value));
            }
        }
    }

    fn validate_mounts(&self, mounts: &Field<'a>, findings: &mut Findings) {
        let mut paths = HashSet::new();
        for mount in mounts.items() {
            let name = mount.child("name");
            if findings.require(&name) && !self.volumes.contains(name.text()) {
                findings.not_found(&name);
            }
            let path = mount.child("mountPath");
            if findings.require(&path) && !paths.insert(path.text()) {
                findings.invalid(&path, "must be unique");
            }
            for name in ["subPath", "subPathExpr"] {
                let path = mount.child(name);
                if path.text().starts_with('/') {
                    findings.invalid(&path, "must be a relative path");
                }
                if path.text().split('/').any(|part| part == "..") {
                    findings.invalid(&path, "must not contain '..'");
                }
            }
        }
    }
}

const SOURCES: [&str; 5] =
    ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

fn validate_environment(environment: &Field<'_>, findings: &mut Findings) {
    for variable in environment.items() {
        let name = variable.child("name");
        if findings.require(&name) {
            findings.check(&name, names::check_env_name(name.text()));
        }
        let from = variable.child("valueFrom");
        if !from.exists() {
            continue;
        }
        let sources: Vec<_> = SOURCES.iter().filter(|source| from.child(source).exists()).collect();
        let sentence = match sources.len() {
            0 => {
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
            }
            1 if variable.child("value").is_empty() => "",
            1 => "may not be specified when `value` is not empty",
            _ => "may not have more than one field specified at a time",
        };
        if !sentence.is_empty() {
            findings.invalid_value(&from, &json!(""), sentence);
        }
        for source in ["configMapKeyRef", "secretKeyRef"] {
            let source = from.child(source);
            if source.exists() {
                findings.require(&source.child("name"));
                let key = source.child("key");
                if findings.require(&key) {
                    findings.check(&key, names::check_data_key(key.text()));
                }
            }
        }
        if from.child("fieldRef").exists() {
            findings.require(&from.child("fieldRef").child("fieldPath"));
        }
        if from.child("resourceFieldRef").exists() {
            findings.require(&from.child("resourceFieldRef").child("resource"));
        }
    }
}

fn validate_environment_sources(sources: &Field<'_>, findings: &mut Findings) {
    for source in sources.items() {
        let (map, secret) = (source.child("configMapRef"), source.child("secretRef"));
        match (map.exists(), secret.exists()) {
            (true, true) => findings.invalid_value(
                &source,
                &json!(""),
                "may not have more than one field specified at a time",
            ),
            (false, false) => findings.invalid_value(
                &source,
                &json!(""),
                "must specify one of: `configMapRef` or `secretRef`",
            ),
            (true, false) => {
                findings.require(&map.child("name"));
            }
            (false, true) => {
                findings.require(&secret.child("name"));
            }
        }
    }
}

/// Requests and limits: names that nodes know, quantities, no request above its limit.
pub(super) fn validate_resources(resources: &Field<'_>, findings: &mut Findings) {
    let (limits, requests) = (resources.child("limits"), resources.child("requests"));
    for amounts in [&limits, &requests] {
        for (name, amount) in amounts.entries() {
            let is_known = matches!(name, "cpu" | "memory" | "ephemeral-storage")
                || name.starts_with("hugepages-")
                || name.contains('/');
            if !is_known {
                let sentence = "must be a standard resource type or fully qualified";
                findings.invalid_value(&amount, &json!(name), sentence);
            }
            findings.quantity(&amount);
        }
    }
    for (name, request) in requests.entries() {
        let limit = limits.child(name);
        let parsed = |field: &Field<'_>| {
            Findings::default().quantity(field).map(|quantity| (quantity, field.text().to_owned()))
        };
        if let (Some((request_amount, text)), Some((limit_amount, limit_text))) =
            (parsed(&request), parsed(&limit))
            && request_amount > limit_amount
        {
            let sentence = format!("must be less than or equal to {name} limit of {limit_text}");
            findings.invalid_value(&requests, &json!(text), &sentence);
        }
    }
}
