use serde_json::{Value, json};

use super::kinds::kind_of;
use super::{Error, Id};
use crate::kubernetes::{Application, Object, Wave, labels};

/// Where a project lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The project: the value of the `instance` label.
    pub project: String,
    /// The namespace.
    pub namespace: String,
}

impl Target {
    /// A project in a namespace, its own unless one is named.
    pub fn new(project: impl Into<String>, namespace: Option<&str>) -> Self {
        let project = project.into();
        let namespace = namespace.map_or_else(|| project.clone(), str::to_owned);
        Self { project, namespace }
    }

    /// Matches what longshore made for the project.
    pub(super) fn selector(&self) -> String {
        format!("{}={},{}", labels::MANAGED_BY, labels::LONGSHORE, self.pod_selector())
    }

    /// Matches the pods too: their labels are those of the workload's selector.
    pub fn pod_selector(&self) -> String {
        format!("{}={}", labels::INSTANCE, self.project)
    }

    /// Whether longshore made an object, or a namespace, for the project.
    pub(super) fn owns(&self, object: &Object) -> bool {
        object.label(labels::MANAGED_BY) == Some(labels::LONGSHORE)
            && object.label(labels::INSTANCE) == Some(&self.project)
    }
}

/// An application on its way to a namespace: every object is of a known kind and names the namespace.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    pub(super) target: Target,
    /// What creates the namespace; an existing one is never changed, it may be shared.
    pub(super) namespace: Object,
    pub(super) waves: Vec<Wave>,
}

impl Delivery {
    /// Addresses all objects of an application to the target's namespace.
    pub fn new(application: Application, target: Target) -> Result<Self, Error> {
        let mut namespace = None;
        let mut waves = application.waves;
        for wave in &mut waves {
            let objects = std::mem::take(&mut wave.objects);
            for object in objects {
                if object.kind() == "Namespace" && object.name() == target.namespace {
                    namespace = Some(object);
                } else {
                    wave.objects.push(addressed(object, &target.namespace)?);
                }
            }
        }
        let namespace = namespace.unwrap_or_else(|| namespace_of(&target));
        Ok(Self { target, namespace, waves })
    }

    /// All objects, in apply order.
    pub(super) fn objects(&self) -> impl Iterator<Item = &Object> {
        self.waves.iter().flat_map(|wave| &wave.objects)
    }
}

fn addressed(mut object: Object, namespace: &str) -> Result<Object, Error> {
    if !kind_of(&object)?.namespaced {
        return Ok(object);
    }
    match object.namespace() {
        Some(found) if found != namespace => Err(Error::OtherNamespace {
            object: Id::of(&object),
            found: found.to_owned(),
            expected: namespace.to_owned(),
        }),
        Some(_) => Ok(object),
        None => {
            if let Some(metadata) = object.fields_mut().get_mut("metadata") {
                metadata["namespace"] = json!(namespace);
            }
            Ok(object)
        }
    }
}

fn namespace_of(target: &Target) -> Object {
    let fields = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": target.namespace,
            "labels": {
                labels::INSTANCE: target.project,
                labels::MANAGED_BY: labels::LONGSHORE,
            },
        },
    });
    match fields {
        Value::Object(fields) => Object::new(fields),
        _ => None,
    }
    .expect("a namespace of a project has a name")
}
