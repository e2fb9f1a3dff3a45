use std::collections::BTreeSet;

use serde_json::Value;

/// An attribute that holds a value and not only further attributes.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// The parts of its path: keys, `*` for names that the user chooses, `[]` for items of a list.
    pub path: Vec<String>,
    /// A value of its type.
    pub value: Value,
}

impl Leaf {
    /// The path for people: `services.ports.target`.
    pub fn attribute(&self) -> String {
        let parts = self.path.iter().enumerate().filter(|(index, part)| {
            // The name of the service goes without saying.
            part.as_str() != "[]" && !(*index == 1 && part.as_str() == "*")
        });
        parts.map(|(_, part)| part.as_str()).collect::<Vec<_>>().join(".")
    }
}

/// All attributes of the schema that the loader checks compose files against.
pub fn leaves() -> Vec<Leaf> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/load/schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut walk = Walk { schema: &schema, found: Vec::new() };
    walk.properties(&schema, &mut Vec::new());
    let mut seen = BTreeSet::new();
    walk.found.retain(|leaf| seen.insert(leaf.attribute()));
    assert!(walk.found.len() > 300, "the walk finds the attributes: {}", walk.found.len());
    walk.found
}

struct Walk<'a> {
    schema: &'a Value,
    found: Vec<Leaf>,
}

impl<'a> Walk<'a> {
    fn properties(&mut self, node: &'a Value, path: &mut Vec<String>) -> bool {
        let mut found = false;
        for (key, property) in node["properties"].as_object().into_iter().flatten() {
            path.push(key.clone());
            self.visit(property, path);
            path.pop();
            found = true;
        }
        found
    }

    /// Finds the attributes at and below a node.
    fn visit(&mut self, node: &'a Value, path: &mut Vec<String>) {
        let forms = self.forms(node);
        let mut value = None;
        for form in &forms {
            if self.properties(form, path) {
                continue;
            }
            let members = form["patternProperties"].as_object();
            let mut members = members.into_iter().flatten().filter(|(key, _)| *key != "^x-");
            if let Some((_, member)) = members.next()
                && self.has_attributes(member)
            {
                path.push("*".to_owned());
                self.visit(member, path);
                path.pop();
            } else if self.has_attributes(&form["items"]) {
                path.push("[]".to_owned());
                self.visit(&form["items"], path);
                path.pop();
            } else {
                value = value.or_else(|| Some(self.value(form)));
            }
        }
        if let Some(value) = value.filter(|value| !value.is_null()) {
            self.found.push(Leaf { path: path.clone(), value });
        }
    }

    /// The alternatives of a node, references followed.
    fn forms(&self, node: &'a Value) -> Vec<&'a Value> {
        if let Some(reference) = node["$ref"].as_str() {
            return self.forms(self.schema.pointer(reference.trim_start_matches('#')).unwrap());
        }
        let mut forms = vec![node];
        for key in ["oneOf", "anyOf", "allOf"] {
            let alternatives = node[key].as_array().into_iter().flatten();
            forms.extend(alternatives.flat_map(|alternative| self.forms(alternative)));
        }
        // What only holds alternatives has no value of its own.
        if forms.len() > 1 && node["type"].is_null() && node["properties"].is_null() {
            forms.remove(0);
        }
        forms
    }

    fn has_attributes(&self, node: &'a Value) -> bool {
        self.forms(node).iter().any(|form| {
            form["properties"].is_object() || {
                let members = form["patternProperties"].as_object();
                let mut members = members.into_iter().flatten().filter(|(key, _)| *key != "^x-");
                members.next().is_some_and(|(_, member)| self.has_attributes(member))
            }
        })
    }

    /// A value of the type that a form has.
    fn value(&self, form: &'a Value) -> Value {
        if let Some(first) = form["enum"].as_array().and_then(|values| values.first()) {
            return first.clone();
        }
        let types = &form["type"];
        let is = |name: &str| {
            types == name || types.as_array().is_some_and(|all| all.contains(&name.into()))
        };
        if is("boolean") {
            Value::Bool(true)
        } else if is("integer") || is("number") {
            1.into()
        } else if is("string") {
            "x".into()
        } else if is("array") {
            let items = self.forms(&form["items"]);
            Value::Array(items.first().map(|item| self.value(item)).into_iter().collect())
        } else if is("object") {
            serde_json::json!({ "x": "y" })
        } else {
            Value::Null
        }
    }
}
