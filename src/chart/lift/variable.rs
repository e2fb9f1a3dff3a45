use serde_json::Value;

use crate::chart::expression::{constant, helper, value};
use crate::chart::hole::{Hole, Holes};
use crate::chart::leaf::{Leaf, is_hash, leaves};
use crate::chart::trial::Trial;

/// Where the variables of the compose files are in the objects.
pub struct Variables<'a> {
    pub project: &'a str,
    pub trial: &'a Trial,
}

impl Variables<'_> {
    /// Makes a hole of each leaf that holds a variable.
    pub fn mark(&self, object: usize, tree: &mut Value, holes: &mut Holes) {
        let Trial { base, varied, .. } = self.trial;
        let (Some(base), Some(varied)) = (base.get(object), varied.get(object)) else { return };
        let varied = leaves(varied);
        for (pointer, leaf) in leaves(base) {
            let Some(new) = varied.get(&pointer).filter(|new| **new != leaf) else { continue };
            if is_hash(&pointer) {
                // With what else changes it, a workload makes the hole.
                continue;
            }
            let expression = match new {
                Leaf::Text(text) => {
                    format!("{} | quote", self.text(text, object, &pointer))
                }
                Leaf::Base64(text) => {
                    format!("{} | b64enc | quote", self.text(text, object, &pointer))
                }
                Leaf::Number(number) => match self.of_number(number, object, &pointer) {
                    Some(expression) => expression,
                    None => continue,
                },
                Leaf::Other(_) => continue,
            };
            if let Some(place) = tree.pointer_mut(&pointer) {
                *place = holes.add(Hole::Inline(expression)).into();
            }
        }
    }

    /// The text of a leaf with stand-ins, as an expression.
    pub fn text(&self, text: &str, object: usize, pointer: &str) -> String {
        let mut format = String::new();
        let mut arguments = Vec::new();
        let mut rest = text;
        while let Some((start, index)) = self.first(rest) {
            let (before, after) = rest.split_at(start);
            format.push_str(&before.replace('%', "%%"));
            format.push_str("%s");
            arguments.push(helper(self.project, "text", &self.variable(index, object, pointer)));
            rest = after.get(self.stand_in(index).len()..).unwrap_or_default();
        }
        format.push_str(&rest.replace('%', "%%"));
        match arguments.as_slice() {
            [only] if format == "%s" => only.clone(),
            arguments => {
                format!("printf {} ({})", constant(&format), arguments.join(") ("))
            }
        }
    }

    /// Whether a text has a stand-in in it.
    pub fn is_in(&self, text: &str) -> bool {
        self.first(text).is_some()
    }

    fn of_number(&self, number: &str, object: usize, pointer: &str) -> Option<String> {
        let index = self.trial.variables.iter().position(|(_, stand_in)| stand_in == number)?;
        Some(format!("{} | int64", self.variable(index, object, pointer)))
    }

    /// The variables that change a hash: their expressions, and their defaults.
    pub fn in_hash(&self, object: usize, pointer: &str) -> Vec<(String, String)> {
        let none = Vec::new();
        let variables = self.trial.hashes.get(&(object, pointer.to_owned())).unwrap_or(&none);
        let known = variables.iter().filter_map(|index| self.trial.variables.get(*index));
        known
            .map(|(variable, _)| {
                let default = variable.default.clone().unwrap_or_default();
                (value(&["variables", &variable.name]), default)
            })
            .collect()
    }

    fn variable(&self, index: usize, object: usize, pointer: &str) -> String {
        let Some((variable, _)) = self.trial.variables.get(index) else { return String::new() };
        let expression = value(&["variables", &variable.name]);
        if let Some(message) = &variable.required {
            return format!("(required {} {expression})", constant(message));
        }
        let default = self.trial.defaults.get(&(index, object, pointer.to_owned()));
        match default.filter(|_| variable.default.is_none()) {
            Some(default) => format!("({})", super::or_default(&expression, default)),
            None => expression,
        }
    }

    /// The first stand-in of a text: where it is, and of which variable.
    fn first(&self, text: &str) -> Option<(usize, usize)> {
        let all = self.trial.variables.iter().enumerate();
        all.filter_map(|(index, (_, stand_in))| Some((text.find(stand_in.as_str())?, index))).min()
    }

    fn stand_in(&self, index: usize) -> &str {
        self.trial.variables.get(index).map_or("", |(_, stand_in)| stand_in)
    }
}
