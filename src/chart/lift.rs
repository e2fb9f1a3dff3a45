use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::kubernetes::{Object, labels};

use super::expression::{constant, value};
use super::hole::{Hole, Holes};
use super::trial::Trial;
use super::values::Values;

mod claim;
mod secret;
mod variable;
mod workload;

use variable::Variables;

/// The kinds that run the containers of a service.
const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];

/// The templates of all objects, in their order, and the values that they need.
pub struct Lifted {
    pub templates: Vec<Template>,
    pub values: Values,
}

/// An object with holes.
pub struct Template {
    /// The object, with marks in place of holes.
    pub tree: Value,
    /// What must hold for the object to be there.
    pub condition: Option<String>,
}

/// Makes holes where variables are, and where fields differ from place to place.
pub fn lift(project: &str, trial: &Trial, holes: &mut Holes) -> Lifted {
    let variables = Variables { project, trial };
    let names = |kinds: &[&str]| -> BTreeSet<String> {
        let of_kind = trial.base.iter().filter(|object| kinds.contains(&object.kind()));
        of_kind.map(|object| object.name().to_owned()).collect()
    };
    let claims = names(&["PersistentVolumeClaim"]);
    let workloads = names(WORKLOADS);
    let all = trial.variables.iter().map(|(variable, _)| variable.clone()).collect();
    let values = Values { variables: all, ..Values::default() };
    let secrets = BTreeMap::new();
    let mut lift = Lift { project, variables, claims, workloads, secrets, holes, values };
    let order_of = |index: &usize| match trial.base.get(*index).map_or("", Object::kind) {
        // What is secret goes into the hashes of workloads, and what is of a workload into its values.
        "Secret" => 0,
        kind if WORKLOADS.contains(&kind) => 1,
        _ => 2,
    };
    let mut order: Vec<usize> = (0..trial.base.len()).collect();
    order.sort_by_key(order_of);
    let mut templates: Vec<(usize, Template)> = order
        .into_iter()
        .filter_map(|index| Some((index, lift.template(index, trial.base.get(index)?))))
        .collect();
    templates.sort_by_key(|(index, _)| *index);
    let templates = templates.into_iter().map(|(_, template)| template).collect();
    Lifted { templates, values: lift.values }
}

struct Lift<'a> {
    project: &'a str,
    variables: Variables<'a>,
    claims: BTreeSet<String>,
    workloads: BTreeSet<String>,
    /// By workload: the variables that its Secrets hold.
    secrets: BTreeMap<String, Map<String, Value>>,
    holes: &'a mut Holes,
    values: Values,
}

impl Lift<'_> {
    fn template(&mut self, index: usize, object: &Object) -> Template {
        let mut tree = object.clone().into_value();
        self.variables.mark(index, &mut tree, self.holes);
        let condition = match object.kind() {
            kind if WORKLOADS.contains(&kind) => {
                self.workload(index, object, &mut tree);
                None
            }
            "Secret" => {
                self.secret(object, &mut tree);
                None
            }
            "PersistentVolumeClaim" => Some(self.claim(object.name(), &mut tree)),
            "Service" => {
                self.service(object, &mut tree);
                None
            }
            "Ingress" => self.ingress(object, &mut tree),
            _ => None,
        };
        Template { tree, condition }
    }

    /// The type and annotations of a Service that others than the project reach.
    fn service(&mut self, object: &Object, tree: &mut Value) {
        let Some(name) = self.owner(object) else { return };
        let kind = tree.pointer("/spec/type").and_then(Value::as_str).unwrap_or_default();
        if !["LoadBalancer", "NodePort"].contains(&kind)
            || self.values.service(&name).contains_key("service")
        {
            return;
        }
        let mut values = Map::from_iter([("type".to_owned(), json!(kind))]);
        let path = ["services", &name, "service"];
        let hole = Hole::Inline(value(&[path.as_slice(), &["type"]].concat()));
        self.replace(tree, "/spec/type", hole);
        let annotations = value(&[path.as_slice(), &["annotations"]].concat());
        self.optional(tree, "/metadata", "annotations", annotations, json!({}), &mut values);
        self.values.service(&name).insert("service".to_owned(), values.into());
    }

    /// Hosts, class and annotations of an Ingress, which can be left out.
    fn ingress(&mut self, object: &Object, tree: &mut Value) -> Option<String> {
        let name = self.owner(object)?;
        if self.values.service(&name).contains_key("ingress") {
            return None;
        }
        let path = ["services", &name, "ingress"];
        let at = |field: &str| value(&[path.as_slice(), &[field]].concat());
        let mut values = Map::from_iter([("enabled".to_owned(), json!(true))]);
        let class = tree.pointer("/spec/ingressClassName").cloned().unwrap_or_else(|| json!(""));
        if !self.holes.is_in(&class) {
            values.insert("className".to_owned(), class);
            let hole = self.holes.add(Hole::OptionalText(at("className")));
            insert(tree, "/spec", "ingressClassName", hole);
        }
        self.optional(tree, "/metadata", "annotations", at("annotations"), json!({}), &mut values);
        let hosts = self.hosts(tree, &at("hosts"));
        values.insert("hosts".to_owned(), hosts.into());
        self.values.service(&name).insert("ingress".to_owned(), values.into());
        Some(at("enabled"))
    }

    fn hosts(&mut self, tree: &mut Value, list: &str) -> Vec<String> {
        let mut hosts: Vec<String> = Vec::new();
        let mut pointers = Vec::new();
        let count =
            |pointer: &str| tree.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len);
        pointers.extend((0..count("/spec/rules")).map(|rule| format!("/spec/rules/{rule}/host")));
        for entry in 0..count("/spec/tls") {
            let names = count(&format!("/spec/tls/{entry}/hosts"));
            pointers.extend((0..names).map(|host| format!("/spec/tls/{entry}/hosts/{host}")));
        }
        for pointer in pointers {
            let host = tree.pointer(&pointer).filter(|host| !self.holes.is_in(host));
            let Some(host) = host.and_then(Value::as_str).map(str::to_owned) else { continue };
            let index = hosts.iter().position(|known| *known == host).unwrap_or_else(|| {
                hosts.push(host);
                hosts.len() - 1
            });
            self.replace(tree, &pointer, Hole::Inline(format!("index {list} {index} | quote")));
        }
        hosts
    }

    /// The workload that an object belongs to.
    fn owner(&self, object: &Object) -> Option<String> {
        let name = object.label(labels::NAME)?;
        self.workloads.contains(name).then(|| name.to_owned())
    }

    /// A hole in place of a value.
    fn replace(&mut self, tree: &mut Value, pointer: &str, hole: Hole) {
        if let Some(place) = tree.pointer_mut(pointer) {
            *place = self.holes.add(hole).into();
        }
    }

    /// A list or mapping that may be empty becomes a value, unless a variable is in it.
    fn optional(
        &mut self,
        tree: &mut Value,
        parent: &str,
        field: &str,
        expression: String,
        empty: Value,
        values: &mut Map<String, Value>,
    ) {
        let current = tree.pointer(&format!("{parent}/{field}")).cloned().unwrap_or(empty);
        if self.holes.is_in(&current) {
            return;
        }
        values.insert(field.to_owned(), current);
        let hole = self.holes.add(Hole::Optional(expression));
        insert(tree, parent, field, hole);
    }

    /// A text of the chart's own template `text`.
    fn text(&self, expression: &str) -> String {
        super::expression::helper(self.project, "text", expression)
    }
}

/// Sets a field of the mapping at a pointer.
fn insert(tree: &mut Value, parent: &str, field: &str, mark: String) {
    if let Some(Value::Object(fields)) = tree.pointer_mut(parent) {
        fields.insert(field.to_owned(), mark.into());
    }
}

/// `X | default "y"`.
fn or_default(expression: &str, default: &str) -> String {
    format!("{expression} | default {}", constant(default))
}
