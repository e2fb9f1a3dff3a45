use serde_json::{Map, Value};

use crate::diagnostic::Diagnostic;
use crate::yaml;

use super::operation::Operation;
use super::target::Target;
use super::{Patch, Place};

/// What a patch does to an object.
#[derive(Debug)]
pub enum Change {
    /// A JSON patch: one operation after the other.
    Operations(Vec<Operation>),
    /// A strategic merge patch, and the path in the document at which it stands.
    Merge(Value, String),
}

/// Reads one document of a file of patches.
pub fn parse(document: Value, place: Place) -> Result<Patch, Box<Diagnostic>> {
    let Value::Object(mut fields) = document else {
        let message = "a patch is a part of an object, or `target` and `patch`";
        return Err(Box::new(place.error("", message)));
    };
    let at = |prefix: &'static str, place: &Place| {
        let place = place.clone();
        move |(path, message): (String, String)| {
            Box::new(place.error(&format!("{prefix}{path}"), message))
        }
    };
    if !fields.contains_key("target") && !fields.contains_key("patch") {
        let target = Target::of_object(&fields).map_err(at("", &place))?;
        let change = Change::Merge(Value::Object(fields), String::new());
        return Ok(Patch { target, change, place });
    }
    let target = fields.shift_remove("target").unwrap_or_default();
    let patch = fields.shift_remove("patch").unwrap_or_default();
    if let Some((field, _)) = fields.iter().next() {
        let message = format!("unknown field `{field}`: there are `target` and `patch`");
        return Err(Box::new(place.error(field, message)));
    }
    let (patch, inline) = inner(patch, &place)?;
    let target = match (target, &patch) {
        (Value::Object(target), _) => Target::parse(&target).map_err(at("target.", &place))?,
        (Value::Null, Value::Object(fields)) => {
            Target::of_object(fields).map_err(at("patch.", &place))?
        }
        (Value::Null, _) => {
            let message = "a JSON patch needs a `target`, e.g. `{kind: Deployment, name: web}`";
            return Err(Box::new(place.error("patch", message)));
        }
        _ => return Err(Box::new(place.error("target", "`target` must be a mapping"))),
    };
    let change = change(patch, inline).map_err(at("", &place))?;
    Ok(Patch { target, change, place })
}

/// Kustomize has the patch as a text in the document; written as it is, its parts have places.
fn inner(patch: Value, place: &Place) -> Result<(Value, bool), Box<Diagnostic>> {
    let Value::String(text) = patch else { return Ok((patch, true)) };
    let error = |message: String| Box::new(place.error("patch", message));
    let mut documents =
        yaml::read(&text).map_err(|fault| error(format!("`patch` is not YAML: {fault}")))?;
    match (documents.pop(), documents.is_empty()) {
        (Some(only), true) => Ok((only, false)),
        _ => Err(error("`patch` must hold one patch; write a document for each".to_owned())),
    }
}

fn change(patch: Value, inline: bool) -> Result<Change, (String, String)> {
    let at = "patch".to_owned();
    match patch {
        Value::Array(items) => Ok(Change::Operations(Operation::parse_all(items, &at, inline)?)),
        Value::Object(fields) => Ok(Change::Merge(Value::Object(without_names(fields)), at)),
        _ => Err((at, "`patch` is a list of operations or a part of an object".to_owned())),
    }
}

/// With a target, the patch may be for many objects: what it calls itself is not written into them.
fn without_names(mut fields: Map<String, Value>) -> Map<String, Value> {
    fields.retain(|field, _| !matches!(field.as_str(), "apiVersion" | "kind"));
    if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
        metadata.retain(|field, _| !matches!(field.as_str(), "name" | "namespace"));
    }
    fields
}
