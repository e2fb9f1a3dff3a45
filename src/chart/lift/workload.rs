use serde_json::{Map, Value, json};

use crate::chart::expression::{helper, value};
use crate::chart::hole::Hole;
use crate::kubernetes::Object;

use super::{Lift, insert};

/// Fields of a pod that say where it runs, with what they are when they say nothing.
const PLACEMENT: &[(&str, Empty)] =
    &[("nodeSelector", Empty::Map), ("tolerations", Empty::List), ("affinity", Empty::Map)];

/// A field that says nothing.
#[derive(Clone, Copy)]
enum Empty {
    Map,
    List,
}

impl Lift<'_> {
    /// Image, replicas, environment, resources and placement of a workload's main container.
    pub(super) fn workload(&mut self, index: usize, object: &Object, tree: &mut Value) {
        let name = object.name();
        let pod = match object.kind() {
            "CronJob" => "/spec/jobTemplate/spec/template/spec",
            _ => "/spec/template/spec",
        };
        let mut values = Map::new();
        if let Some(container) = main_container(tree, pod, name) {
            self.image(index, name, tree, &container, &mut values);
            self.policy(name, tree, &container, &mut values);
            self.replicas(name, tree, &mut values);
            self.environment(name, tree, &container, &mut values);
            let resources = at(name, &["resources"]);
            self.optional(tree, &container, "resources", resources, json!({}), &mut values);
        }
        for (field, empty) in PLACEMENT {
            let empty = match empty {
                Empty::Map => json!({}),
                Empty::List => json!([]),
            };
            self.optional(tree, pod, field, at(name, &[field]), empty, &mut values);
        }
        if tree.pointer(&format!("{pod}/imagePullSecrets")).is_none() {
            let hole = self.holes.add(Hole::Optional(value(&["imagePullSecrets"])));
            insert(tree, pod, "imagePullSecrets", hole);
        }
        self.hashes(index, name, tree, pod.trim_end_matches("/spec"));
        self.volumes(tree, pod);
        self.claim_templates(name, tree);
        self.values.service(name).extend(values);
    }

    fn replicas(&mut self, name: &str, tree: &mut Value, values: &mut Map<String, Value>) {
        let replicas = tree.pointer("/spec/replicas").filter(|replicas| replicas.is_number());
        if let Some(replicas) = replicas.cloned() {
            values.insert("replicas".to_owned(), replicas);
            let hole = Hole::Inline(format!("{} | int64", at(name, &["replicas"])));
            self.replace(tree, "/spec/replicas", hole);
        }
    }

    fn policy(
        &mut self,
        name: &str,
        tree: &mut Value,
        container: &str,
        values: &mut Map<String, Value>,
    ) {
        let pointer = format!("{container}/imagePullPolicy");
        let policy = tree.pointer(&pointer).filter(|policy| !self.holes.is_in(policy));
        if let Some(policy) = policy.cloned() {
            values.insert("imagePullPolicy".to_owned(), policy);
            self.replace(tree, &pointer, Hole::Inline(at(name, &["imagePullPolicy"])));
        }
    }

    /// An image is a value also where variables are in it: they count while the value is empty.
    fn image(
        &mut self,
        index: usize,
        name: &str,
        tree: &mut Value,
        container: &str,
        values: &mut Map<String, Value>,
    ) {
        let pointer = format!("{container}/image");
        let varied = self.variables.trial.varied.get(index).map(|it| it.clone().into_value());
        let Some(varied_tree) = &varied else { return };
        let varied = varied_tree.pointer(&pointer).and_then(Value::as_str);
        let Some(image) = varied else { return };
        let own = own_init_images(varied_tree, container, name, image);
        let mut parts = Map::new();
        let mut arguments = Vec::new();
        let mut is_plain = true;
        for (field, part) in ["repository", "tag", "digest"].into_iter().zip(split(image)) {
            let own = at(name, &["image", field]);
            if self.variables.is_in(part) {
                is_plain = false;
                parts.insert(field.to_owned(), json!(""));
                let from_variables = self.variables.text(part, index, &pointer);
                arguments.push(format!("{} ({own} | default ({from_variables}))", json!(field)));
            } else {
                parts.insert(field.to_owned(), json!(part));
                arguments.push(format!("{} {own}", json!(field)));
            }
        }
        values.insert("image".to_owned(), parts.into());
        let argument =
            if is_plain { at(name, &["image"]) } else { format!("(dict {})", arguments.join(" ")) };
        let hole = format!("{} | quote", helper(self.project, "image", &argument));
        for pointer in own.into_iter().chain([pointer]) {
            self.replace(tree, &pointer, Hole::Inline(hole.clone()));
        }
    }

    /// Each variable that has its value in the object, and room for more.
    fn environment(
        &mut self,
        name: &str,
        tree: &mut Value,
        container: &str,
        values: &mut Map<String, Value>,
    ) {
        let pointer = format!("{container}/env");
        let count = tree.pointer(&pointer).and_then(Value::as_array).map_or(0, Vec::len);
        let mut variables = Map::new();
        for index in 0..count {
            let entry = format!("{pointer}/{index}");
            let text = |field: &str| {
                let value = tree.pointer(&format!("{entry}/{field}"))?;
                value.as_str().filter(|_| !self.holes.is_in(value)).map(str::to_owned)
            };
            let (Some(key), Some(text)) = (text("name"), text("value")) else { continue };
            if variables.contains_key(&key) {
                continue;
            }
            let own = self.text(&at(name, &["env", &key]));
            self.replace(tree, &format!("{entry}/value"), Hole::Inline(format!("{own} | quote")));
            variables.insert(key, json!(text));
        }
        values.insert("env".to_owned(), variables.into());
        if let Some(secrets) = self.secrets.get(name) {
            values.insert("secretEnv".to_owned(), secrets.clone().into());
        }
        values.insert("extraEnv".to_owned(), json!([]));
        let extra = at(name, &["extraEnv"]);
        match tree.pointer_mut(&pointer) {
            Some(Value::Array(entries)) => entries.push(self.holes.add(Hole::Items(extra)).into()),
            _ => insert(tree, container, "env", self.holes.add(Hole::Optional(extra))),
        }
    }
}

/// The container of the service itself: the one of its name, which may be an init container, or else the first.
fn main_container(tree: &Value, pod: &str, name: &str) -> Option<String> {
    let named = |list: &str| {
        let containers = tree.pointer(&format!("{pod}/{list}"))?.as_array()?;
        let index = containers.iter().position(|it| it.get("name").is_some_and(|it| it == name))?;
        Some(format!("{pod}/{list}/{index}"))
    };
    let first = format!("{pod}/containers/0");
    let first = tree.pointer(&first).is_some().then_some(first);
    named("containers").or_else(|| named("initContainers")).or(first)
}

/// Where the init containers of the service itself have its image: `SERVICE-seed`, `SERVICE-pre-start-1`.
fn own_init_images(tree: &Value, container: &str, name: &str, image: &str) -> Vec<String> {
    let parts = container.rsplitn(3, '/').nth(2);
    let pod = parts.unwrap_or_default();
    let all = tree.pointer(&format!("{pod}/initContainers")).and_then(Value::as_array);
    let is_own = |it: &Value| {
        let own_name = it["name"].as_str().and_then(|own| own.strip_prefix(name));
        own_name.is_some_and(|rest| rest.starts_with('-')) && it["image"] == image
    };
    let own = all.into_iter().flatten().enumerate().filter(|(_, it)| is_own(it));
    own.map(|(index, _)| format!("{pod}/initContainers/{index}/image")).collect()
}

/// Repository, tag and digest of an image; what it does not say is empty.
fn split(image: &str) -> [&str; 3] {
    let (name, digest) = image.split_once('@').unwrap_or((image, ""));
    match name.rsplit_once(':') {
        // A colon before the last slash belongs to the port of a registry.
        Some((repository, tag)) if !tag.contains('/') => [repository, tag, digest],
        _ => [name, "", digest],
    }
}

fn at(service: &str, fields: &[&str]) -> String {
    value(&[&["services", service], fields].concat())
}
