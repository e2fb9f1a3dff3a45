use jiff::Timestamp;
use serde_json::Value;

use super::super::schema::managed_fields;
use super::super::store::Key;
use super::create::Origin;
use super::options::{Patch, WriteOptions, Written};
use super::update::Changing;
use super::{Verbs, field_validation, metadata, refusal, scale};
use crate::kubernetes::schema::Type;
use crate::kubernetes::{Kind, Reason, Status, strategic_merge};

/// More operations than this in one JSON patch are refused.
const JSON_PATCH_OPERATIONS: usize = 10_000;
/// The `copy` operations of one JSON patch copy at most so many bytes together, as upstream.
const JSON_PATCH_COPIES: usize = 3 << 20;

impl Verbs {
    /// [`Verbs::patch`], with all that the HTTP answer needs.
    pub async fn patch_written(
        &self,
        key: &Key,
        subresource: &str,
        patch: Patch,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        if let Patch::Apply { config, force } = patch {
            return self.apply(key, subresource, config, force, options).await;
        }
        let changing = Changing { key, subresource, options, by_apply: false };
        self.change(changing, |before, warnings| {
            let mut new = patched(key.kind, before, &patch)?;
            if subresource != "scale" {
                metadata::set_type(key.kind, &mut new)?;
                warnings.append(&mut field_validation::check(&mut new, options)?);
            }
            Ok(new)
        })
        .await
    }

    async fn apply(
        &self,
        key: &Key,
        subresource: &str,
        mut config: Value,
        force: bool,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        let mut warnings = Vec::new();
        if subresource != "scale" {
            metadata::set_type(key.kind, &mut config)?;
            warnings = field_validation::check(&mut config, options)?;
        }
        check_config(key, &mut config)?;
        loop {
            let mut written = if self.store.get(key).is_none() && subresource.is_empty() {
                match self.apply_new(key, &config, force, options).await {
                    Err(status) if status.reason == Reason::AlreadyExists => continue,
                    result => result?,
                }
            } else {
                self.apply_to(key, subresource, &config, force, options).await?
            };
            written.warnings.append(&mut warnings);
            return Ok(written);
        }
    }

    async fn apply_new(
        &self,
        key: &Key,
        config: &Value,
        force: bool,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        if !metadata::text(config, "uid").is_empty() {
            return Err(refusal::conflict(key, "uid mismatch: the object does not exist"));
        }
        if !metadata::text(config, "resourceVersion").is_empty() {
            return Err(refusal::modified(key));
        }
        let writer = writer(options, "");
        let object = managed_fields::apply(key.kind, None, config, writer, force)?;
        // The configuration is checked already.
        let options = WriteOptions {
            manager: options.manager.clone(),
            dry_run: options.dry_run,
            ..WriteOptions::default()
        };
        self.create_from(key.kind, &key.namespace, object, &options, Origin::Apply).await
    }

    async fn apply_to(
        &self,
        key: &Key,
        subresource: &str,
        config: &Value,
        force: bool,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        let by_apply = subresource != "scale";
        let changing = Changing { key, subresource, options, by_apply };
        self.change(changing, |before, _| {
            if subresource == "scale" {
                return patched(key.kind, before, &Patch::Merge(config.clone()));
            }
            let writer = writer(options, subresource);
            managed_fields::apply(key.kind, Some(before), config, writer, force)
        })
        .await
    }
}

fn writer<'a>(options: &'a WriteOptions, subresource: &'a str) -> managed_fields::Writer<'a> {
    managed_fields::Writer { manager: &options.manager, subresource, now: Timestamp::now() }
}

/// The name and namespace of the URL, and no `managedFields`.
fn check_config(key: &Key, config: &mut Value) -> Result<(), Status> {
    let metadata = metadata::of(config)?;
    if metadata.get("managedFields").is_some_and(|fields| !fields.is_null()) {
        return Err(refusal::bad_request("metadata.managedFields must be nil"));
    }
    for (field, expected) in [("name", &key.name), ("namespace", &key.namespace)] {
        match metadata.get(field).and_then(Value::as_str) {
            Some(given) if given != expected => {
                return Err(refusal::bad_request(format!(
                    "the {field} of the object ({given}) does not match the {field} on the URL \
                     ({expected})"
                )));
            }
            _ if expected.is_empty() => {}
            _ => drop(metadata.insert(field.to_owned(), Value::from(expected.as_str()))),
        }
    }
    Ok(())
}

/// An object (or a `Scale`) after a patch that is not an apply.
fn patched(kind: &'static Kind, before: &Value, patch: &Patch) -> Result<Value, Status> {
    let mut new = before.clone();
    match patch {
        Patch::Json(operations) => {
            if operations.as_array().is_some_and(|list| list.len() > JSON_PATCH_OPERATIONS) {
                return Err(Status::new(
                    Reason::RequestEntityTooLarge,
                    format!("a JSON patch may have {JSON_PATCH_OPERATIONS} operations at most"),
                ));
            }
            let operations: json_patch::Patch = serde::Deserialize::deserialize(operations)
                .map_err(|error| refusal::bad_request(format!("the JSON patch: {error}")))?;
            apply_operations(&mut new, &operations)?;
        }
        Patch::Merge(patch) => json_patch::merge(&mut new, patch),
        // A `Scale` has no lists: both kinds of merge are the same.
        Patch::Strategic(patch) if scale::is_scale(before) => json_patch::merge(&mut new, patch),
        Patch::Strategic(patch) => {
            let place = Type::of_kind(&kind.api_version(), kind.kind).unwrap_or_else(Type::any);
            new = strategic_merge::merge(place, before, patch).map_err(refusal::bad_request)?;
        }
        Patch::Apply { config, .. } => new = config.clone(),
    }
    Ok(new)
}

/// Applies a JSON patch, one operation after the other: each `copy` is measured before it is made.
fn apply_operations(
    object: &mut Value,
    operations: &[json_patch::PatchOperation],
) -> Result<(), Status> {
    let mut copied = 0;
    for (index, operation) in operations.iter().enumerate() {
        if let json_patch::PatchOperation::Copy(copy) = operation {
            let source = object.pointer(copy.from.as_str());
            copied += source.map_or(0, |source| source.to_string().len());
            if copied > JSON_PATCH_COPIES {
                return Err(Status::new(
                    Reason::RequestEntityTooLarge,
                    format!("a JSON patch may copy {JSON_PATCH_COPIES} bytes at most"),
                ));
            }
        }
        json_patch::patch(object, std::slice::from_ref(operation)).map_err(|error| {
            let json_patch::PatchError { path, kind, .. } = error;
            let message = format!("operation {index} at path `{path}`: {kind}");
            Status::new(Reason::Invalid, format!("the JSON patch cannot be applied: {message}"))
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kubernetes::kinds;

    fn check(operations: Value) -> Result<Value, Status> {
        let map = kinds::find("v1", "ConfigMap").unwrap();
        patched(map, &json!({"data": {"a": "x"}}), &Patch::Json(operations))
    }

    #[test]
    fn copies_of_a_json_patch_are_limited() {
        // Each copy doubled the object: forty of them in one small request took all memory.
        let copies = (0..40)
            .map(|index| json!({"op": "copy", "from": "/data", "path": format!("/data/{index}")}));
        assert_eq!(check(copies.collect()).unwrap_err().code, 413);
        let copy = json!([{"op": "copy", "from": "/data/a", "path": "/data/b"}]);
        assert_eq!(check(copy).unwrap(), json!({"data": {"a": "x", "b": "x"}}));
        let operations = json!([
            {"op": "remove", "path": "/data/a"},
            {"op": "copy", "from": "/data/a", "path": "/data/b"},
        ]);
        let message = check(operations).unwrap_err().message;
        let expected = "operation 1 at path `/data/b`: \"from\" path is invalid";
        assert!(message.ends_with(expected), "{message}");
    }
}
