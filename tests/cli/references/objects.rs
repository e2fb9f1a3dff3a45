use serde_json::Value;

/// The objects of one project, and those that are in the cluster already, by kind and name.
pub struct Objects(Vec<Value>, Vec<(&'static str, String)>);

/// Where the pods of a kind of object are described.
const TEMPLATES: &[(&str, &str)] = &[
    ("Pod", ""),
    ("Deployment", "/spec/template"),
    ("StatefulSet", "/spec/template"),
    ("DaemonSet", "/spec/template"),
    ("Job", "/spec/template"),
    ("CronJob", "/spec/jobTemplate/spec/template"),
];

impl Objects {
    pub fn read(manifests: &str) -> Self {
        let of_every_namespace = [("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")];
        Self(
            longshore::yaml::read(manifests).unwrap(),
            of_every_namespace.map(|(kind, name)| (kind, name.to_owned())).into(),
        )
    }

    /// With further objects that are in the cluster.
    pub fn with(mut self, external: Vec<(&'static str, String)>) -> Self {
        self.1.extend(external);
        self
    }

    /// What objects name and none of them is, and what does not match.
    pub fn dangling(&self) -> impl Iterator<Item = String> {
        let of = |object: &Value, found: Vec<String>| {
            let place = format!("{}/{}", text(object, "/kind"), text(object, "/metadata/name"));
            found.into_iter().map(move |it| format!("{place}: {it}")).collect::<Vec<_>>()
        };
        let found = self.0.iter().flat_map(|object| {
            let mut found = match text(object, "/kind") {
                "Service" => self.service(object),
                "Ingress" => self.ingress(object),
                "NetworkPolicy" => self.policy(object),
                "HorizontalPodAutoscaler" => self.autoscaler(object),
                "RoleBinding" => self.binding(object),
                _ => self.workload(object),
            };
            found.dedup();
            of(object, found)
        });
        found.collect::<Vec<_>>().into_iter()
    }

    fn has(&self, kind: &str, name: &str) -> bool {
        let is_external = self.1.iter().any(|(of, external)| *of == kind && external == name);
        is_external || self.find(kind, name).is_some()
    }

    fn find(&self, kind: &str, name: &str) -> Option<&Value> {
        self.0.iter().find(|it| text(it, "/kind") == kind && text(it, "/metadata/name") == name)
    }

    /// The templates of all pods.
    fn templates(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().filter_map(template)
    }

    /// dangling-service, invalid-target-ports.
    fn service(&self, service: &Value) -> Vec<String> {
        let Some(selector) = service.pointer("/spec/selector") else { return Vec::new() };
        let pods: Vec<&Value> = self.templates().filter(|pod| selects(selector, pod)).collect();
        if pods.is_empty() {
            return vec!["selects no pod".to_owned()];
        }
        let named = list(service, "/spec/ports").filter_map(|port| port["targetPort"].as_str());
        let missing = named.filter(|name| !pods.iter().any(|pod| has_port(pod, name)));
        missing.map(|name| format!("no pod has the port {name}")).collect()
    }

    fn ingress(&self, ingress: &Value) -> Vec<String> {
        let paths = list(ingress, "/spec/rules").flat_map(|rule| list(rule, "/http/paths"));
        let backends = paths.filter_map(|path| path.pointer("/backend/service"));
        let missing = backends.filter_map(|backend| {
            let name = text(backend, "/name");
            let Some(service) = self.find("Service", name) else {
                return Some(format!("there is no Service {name}"));
            };
            let (key, wanted) = backend["port"].as_object()?.iter().next()?;
            let key = if key == "number" { "port" } else { "name" };
            let is_there = list(service, "/spec/ports").any(|port| port[key] == *wanted);
            (!is_there).then(|| format!("Service {name} has no port {wanted}"))
        });
        missing.collect()
    }

    fn policy(&self, policy: &Value) -> Vec<String> {
        let selector = policy.pointer("/spec/podSelector/matchLabels");
        let is_dangling = selector.is_some_and(|it| !self.templates().any(|pod| selects(it, pod)));
        is_dangling.then(|| "selects no pod".to_owned()).into_iter().collect()
    }

    fn autoscaler(&self, autoscaler: &Value) -> Vec<String> {
        let (kind, name) = (
            text(autoscaler, "/spec/scaleTargetRef/kind"),
            text(autoscaler, "/spec/scaleTargetRef/name"),
        );
        let Some(target) = self.find(kind, name) else {
            return vec![format!("there is no {kind} {name}")];
        };
        let has_replicas = target.pointer("/spec/replicas").is_some();
        has_replicas.then(|| format!("{kind} {name} has replicas of its own")).into_iter().collect()
    }

    fn binding(&self, binding: &Value) -> Vec<String> {
        let role = ("Role", text(binding, "/roleRef/name"));
        let subjects = list(binding, "/subjects").map(|it| (text(it, "/kind"), text(it, "/name")));
        let missing =
            std::iter::once(role).chain(subjects).filter(|(kind, name)| !self.has(kind, name));
        missing.map(|(kind, name)| format!("there is no {kind} {name}")).collect()
    }

    /// mismatching-selector, non-existent-service-account, env-value-from, and ports of probes.
    fn workload(&self, object: &Value) -> Vec<String> {
        let Some(pod) = template(object) else { return Vec::new() };
        let mut found = Vec::new();
        if let Some(selector) = object.pointer("/spec/selector/matchLabels")
            && !selects(selector, pod)
        {
            found.push("its selector does not select its pods".to_owned());
        }
        if text(object, "/kind") == "StatefulSet"
            && !self.has("Service", text(object, "/spec/serviceName"))
        {
            found.push("there is no Service of its name".to_owned());
        }
        let account = text(pod, "/spec/serviceAccountName");
        if !account.is_empty() && !self.has("ServiceAccount", account) {
            found.push(format!("there is no ServiceAccount {account}"));
        }
        let missing = references(pod).filter(|(kind, name)| !self.has(kind, name));
        found.extend(missing.map(|(kind, name)| format!("there is no {kind} {name}")));
        found.extend(mounts(object, pod));
        found.extend(probes(pod));
        found
    }
}

/// The objects that the containers and volumes of a pod name; those that are optional may be missing.
fn references(pod: &Value) -> impl Iterator<Item = (&'static str, &str)> {
    const PLACES: &[(&str, &str, &str)] = &[
        ("ConfigMap", "/valueFrom/configMapKeyRef", "name"),
        ("Secret", "/valueFrom/secretKeyRef", "name"),
        ("ConfigMap", "/configMapRef", "name"),
        ("Secret", "/secretRef", "name"),
        ("ConfigMap", "/configMap", "name"),
        ("Secret", "/secret", "secretName"),
        ("Secret", "/secret", "name"),
        ("PersistentVolumeClaim", "/persistentVolumeClaim", "claimName"),
    ];
    let of_containers = containers(pod).flat_map(|it| list(it, "/env").chain(list(it, "/envFrom")));
    let volumes = list(pod, "/spec/volumes");
    let projected = list(pod, "/spec/volumes").flat_map(|it| list(it, "/projected/sources"));
    of_containers.chain(volumes).chain(projected).flat_map(|place| {
        PLACES.iter().filter_map(|(kind, pointer, key)| {
            let reference = place.pointer(pointer)?;
            let name = reference[*key].as_str()?;
            (reference["optional"] != true).then_some((*kind, name))
        })
    })
}

fn mounts(object: &Value, pod: &Value) -> Vec<String> {
    let volumes = list(pod, "/spec/volumes").map(|it| text(it, "/name"));
    let claims = list(object, "/spec/volumeClaimTemplates").map(|it| text(it, "/metadata/name"));
    let known: Vec<&str> = volumes.chain(claims).collect();
    let mounts =
        containers(pod).flat_map(|it| list(it, "/volumeMounts")).map(|it| text(it, "/name"));
    let missing = mounts.filter(|name| !known.contains(name));
    missing.map(|name| format!("there is no volume {name}")).collect()
}

/// liveness-port, readiness-port, startup-port, for names: a port by number need not be declared.
fn probes(pod: &Value) -> Vec<String> {
    let probes = containers(pod).flat_map(|container| {
        ["livenessProbe", "readinessProbe", "startupProbe"].into_iter().flat_map(move |probe| {
            ["httpGet", "tcpSocket"].into_iter().filter_map(move |action| {
                Some((container, container[probe][action]["port"].as_str()?))
            })
        })
    });
    let missing = probes.filter(|(container, name)| {
        !list(container, "/ports").any(|port| port["name"].as_str() == Some(name))
    });
    missing.map(|(_, name)| format!("a probe asks the port {name}, which is not there")).collect()
}

fn template(object: &Value) -> Option<&Value> {
    let kind = text(object, "/kind");
    let (_, pointer) = TEMPLATES.iter().find(|(of, _)| *of == kind)?;
    object.pointer(pointer)
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    list(pod, "/spec/containers").chain(list(pod, "/spec/initContainers"))
}

fn has_port(pod: &Value, name: &str) -> bool {
    containers(pod).any(|it| list(it, "/ports").any(|port| port["name"].as_str() == Some(name)))
}

fn selects(selector: &Value, pod: &Value) -> bool {
    let labels = pod.pointer("/metadata/labels");
    let wanted = selector.as_object().into_iter().flatten();
    labels
        .is_some_and(|labels| wanted.into_iter().all(|(key, value)| labels.get(key) == Some(value)))
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
