use serde_json::{Map, Value, json};

use crate::chart::expression::value;
use crate::chart::hole::Hole;

use super::{Lift, insert, or_default};

impl Lift<'_> {
    /// A claim that can be left out, or be there already; gives the condition for it.
    pub(super) fn claim(&mut self, name: &str, tree: &mut Value) -> String {
        let mut values = Map::new();
        values.insert("enabled".to_owned(), json!(true));
        values.insert("existingClaim".to_owned(), json!(""));
        self.storage(name, tree, "/spec", &mut values);
        self.values.persistence.insert(name.to_owned(), values.into());
        format!("and {} (not {})", at(name, "enabled"), at(name, "existingClaim"))
    }

    /// The claims that a StatefulSet makes for each of its pods.
    pub(super) fn claim_templates(&mut self, workload: &str, tree: &mut Value) {
        let templates = tree.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
        for index in 0..templates.map_or(0, Vec::len) {
            let pointer = format!("/spec/volumeClaimTemplates/{index}");
            let name = tree.pointer(&format!("{pointer}/metadata/name")).and_then(Value::as_str);
            let Some(name) = name.map(|name| format!("{name}-{workload}")) else { continue };
            let mut values = Map::new();
            self.storage(&name, tree, &format!("{pointer}/spec"), &mut values);
            self.values.persistence.insert(name, values.into());
        }
    }

    /// The volumes of a pod that are claims of the project.
    pub(super) fn volumes(&mut self, tree: &mut Value, pod: &str) {
        let volumes = tree.pointer(&format!("{pod}/volumes")).and_then(Value::as_array);
        for index in 0..volumes.map_or(0, Vec::len) {
            let pointer = format!("{pod}/volumes/{index}/persistentVolumeClaim");
            let Some(Value::Object(source)) = tree.pointer(&pointer) else { continue };
            let name = source.get("claimName").and_then(Value::as_str).unwrap_or_default();
            if source.len() != 1 || !self.claims.contains(name) {
                continue;
            }
            let hole = Hole::Claim {
                condition: at(name, "enabled"),
                name: format!("{} | quote", or_default(&at(name, "existingClaim"), name)),
            };
            self.replace(tree, &pointer, hole);
        }
    }

    /// Size, class and access modes of the claim whose `spec` is at a pointer.
    fn storage(
        &mut self,
        name: &str,
        tree: &mut Value,
        spec: &str,
        values: &mut Map<String, Value>,
    ) {
        let pointer = format!("{spec}/resources/requests/storage");
        if let Some(size) = tree.pointer(&pointer).filter(|size| !self.holes.is_in(size)).cloned() {
            values.insert("size".to_owned(), size);
            let hole = Hole::Inline(format!("{} | quote", self.text(&at(name, "size"))));
            self.replace(tree, &pointer, hole);
        }
        let class = tree.pointer(&format!("{spec}/storageClassName")).cloned();
        let class = class.unwrap_or_else(|| json!(""));
        if !self.holes.is_in(&class) {
            values.insert("storageClass".to_owned(), class);
            let hole = self.holes.add(Hole::OptionalText(at(name, "storageClass")));
            insert(tree, spec, "storageClassName", hole);
        }
        let pointer = format!("{spec}/accessModes");
        if let Some(modes) = tree.pointer(&pointer).filter(|it| !self.holes.is_in(it)).cloned() {
            values.insert("accessModes".to_owned(), modes);
            self.replace(tree, &pointer, Hole::Block(at(name, "accessModes")));
        }
    }
}

fn at(claim: &str, field: &str) -> String {
    value(&["persistence", claim, field])
}
