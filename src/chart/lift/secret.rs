use std::fmt::Write as _;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::chart::expression::{constant, helper, value};
use crate::chart::hole::Hole;
use crate::chart::leaf::{HASHES, Leaf, escape, leaves};
use crate::kubernetes::Object;

use super::Lift;

impl Lift<'_> {
    /// The variables of a workload that are in a Secret.
    pub(super) fn secret(&mut self, object: &Object, tree: &mut Value) {
        let Some(name) = self.owner(object) else { return };
        let keys = object.fields().get("data").and_then(Value::as_object);
        let leaves = leaves(object);
        for key in keys.into_iter().flat_map(Map::keys) {
            let pointer = format!("/data/{}", escape(key));
            let has_hole = tree.pointer(&pointer).is_none_or(|value| self.holes.is_in(value));
            let Some(Leaf::Base64(text)) = leaves.get(&pointer).filter(|_| !has_hole) else {
                continue;
            };
            let values = self.secrets.entry(name.clone()).or_default();
            if values.contains_key(key) {
                continue;
            }
            values.insert(key.clone(), text.clone().into());
            let own = self.text(&value(&["services", &name, "secretEnv", key]));
            self.replace(tree, &pointer, Hole::Inline(format!("{own} | b64enc | quote")));
        }
    }

    /// The hashes of a pod are those of the plain output until one of the values changes.
    pub(super) fn hashes(&mut self, index: usize, name: &str, tree: &mut Value, template: &str) {
        for key in HASHES {
            let pointer = format!("{template}/metadata/annotations/{}", escape(key));
            self.hash(index, name, tree, &pointer);
        }
    }

    fn hash(&mut self, index: usize, name: &str, tree: &mut Value, pointer: &str) {
        let Some(hash) = tree.pointer(pointer).and_then(Value::as_str) else { return };
        let mut texts = self.variables.in_hash(index, pointer);
        for (key, text) in self.secrets.get(name).into_iter().flatten() {
            let text = text.as_str().unwrap_or_default().to_owned();
            texts.push((value(&["services", name, "secretEnv", key]), text));
        }
        if texts.is_empty() {
            return;
        }
        let (values, defaults): (Vec<String>, Vec<String>) = texts.into_iter().unzip();
        let argument = format!(
            "(dict \"hash\" {} \"values\" (list {}) \"unchanged\" {})",
            constant(hash),
            values.join(" "),
            constant(&sum(&defaults.join("\n"))),
        );
        let expression = format!("{} | quote", helper(self.project, "hash", &argument));
        self.replace(tree, pointer, Hole::Inline(expression));
    }
}

/// As `sha256sum` of Helm writes it.
fn sum(text: &str) -> String {
    let mut sum = String::new();
    for byte in Sha256::digest(text) {
        // Writing to a string cannot fail.
        let _ = write!(sum, "{byte:02x}");
    }
    sum
}
