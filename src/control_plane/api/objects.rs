//! One object: get, create, replace, patch, delete, and the subresources that act.

use http::StatusCode;
use serde_json::{Value, json};

use super::accept::Accept;
use super::decode::{self, Decoded};
use super::filter::Filter;
use super::options::{delete_options, delete_options_of, write_options};
use super::reply::Reply;
use super::route::Resource;
use super::tabular::{self, Include};
use super::{Api, Call, metadata_only};
use crate::control_plane::store::Stored;
use crate::control_plane::verbs::{self, Deleted, Key, Patch, Written};
use crate::kubernetes::{Reason, Status};
use crate::yaml;

impl Api {
    pub(super) fn get(&self, call: &Call<'_>, resource: &Resource) -> Result<Reply, Status> {
        let object = self.verbs.get(&resource.key())?;
        show(call, resource, &object)
    }

    pub(super) async fn create(
        &self,
        call: &Call<'_>,
        resource: &Resource,
    ) -> Result<Reply, Status> {
        let Decoded { value, duplicates } = decode::object(&call.parts.headers, &call.body)?;
        let options = write_options(call, duplicates)?;
        let namespace = resource.namespace.as_deref().unwrap_or("");
        let written = self.verbs.create_written(resource.kind, namespace, value, &options).await?;
        show_written(call, resource, &written)
    }

    pub(super) async fn replace(
        &self,
        call: &Call<'_>,
        resource: &Resource,
    ) -> Result<Reply, Status> {
        let Decoded { value, duplicates } = decode::object(&call.parts.headers, &call.body)?;
        let options = write_options(call, duplicates)?;
        let Resource { subresource, .. } = resource;
        let written =
            self.verbs.update_written(&resource.key(), subresource, value, &options).await?;
        show_written(call, resource, &written)
    }

    pub(super) async fn patch(
        &self,
        call: &Call<'_>,
        resource: &Resource,
    ) -> Result<Reply, Status> {
        let (patch, duplicates) = patch(call)?;
        let options = write_options(call, duplicates)?;
        let Resource { subresource, .. } = resource;
        let written =
            self.verbs.patch_written(&resource.key(), subresource, patch, &options).await?;
        show_written(call, resource, &written)
    }

    pub(super) async fn delete(
        &self,
        call: &Call<'_>,
        resource: &Resource,
    ) -> Result<Reply, Status> {
        let deleted = self.verbs.delete(&resource.key(), &delete_options(call)?).await?;
        show_deleted(call, resource, &deleted)
    }

    pub(super) async fn delete_all(
        &self,
        call: &Call<'_>,
        resource: &Resource,
    ) -> Result<Reply, Status> {
        let options = delete_options(call)?;
        let filter = Filter::parse(resource, &call.query)?;
        let (mut objects, _) = self.verbs.list(resource.kind, resource.namespace.as_deref());
        filter.keep(&mut objects);
        for object in &objects {
            match self.verbs.delete(&Key::from(&**object), &options).await {
                // Someone else was faster.
                Err(status) if status.reason == Reason::NotFound => {}
                result => drop(result?),
            }
        }
        Ok(Reply::value(&success(resource, "", "")))
    }

    pub(super) async fn bind(&self, call: &Call<'_>, resource: &Resource) -> Result<Reply, Status> {
        let Decoded { value, .. } = decode::object(&call.parts.headers, &call.body)?;
        let options = write_options(call, Vec::new())?;
        self.verbs.bind(&resource.key(), &value, &options).await?;
        Ok(Reply::value(&success(resource, "", "")).code(StatusCode::CREATED))
    }

    pub(super) async fn evict(
        &self,
        call: &Call<'_>,
        resource: &Resource,
    ) -> Result<Reply, Status> {
        let Decoded { value, .. } = decode::object(&call.parts.headers, &call.body)?;
        let options = value.get("deleteOptions").unwrap_or(&Value::Null);
        let options = delete_options_of(options, &call.query)?;
        self.verbs.evict(&resource.key(), &options).await?;
        Ok(Reply::value(&success(resource, "", "")).code(StatusCode::CREATED))
    }
}

/// The patch of a request, by its `Content-Type`.
fn patch(call: &Call<'_>) -> Result<(Patch, Vec<String>), Status> {
    let media_type = decode::media_type(&call.parts.headers);
    let apply = media_type == "application/apply-patch+yaml";
    let force = match call.query.get("force") {
        "" => None,
        "true" => Some(true),
        "false" => Some(false),
        other => {
            return Err(Status::new(Reason::BadRequest, format!("force: `{other}` is no boolean")));
        }
    };
    let invalid = |message| Err(Status::new(Reason::Invalid, message));
    if force.is_some() && !apply {
        return invalid(
            "PatchOptions is invalid: force: Forbidden: may not be specified for non-apply patch",
        );
    }
    if apply {
        if call.query.get("fieldManager").is_empty() {
            return invalid(
                "PatchOptions is invalid: fieldManager: Required value: is required for apply patch",
            );
        }
        // JSON is YAML, but only the JSON reader notices doubled fields, and it is faster.
        let decoded = match decode::json(&call.body) {
            Ok(decoded) => decoded,
            Err(_) => decode::yaml(&call.body)?,
        };
        let patch = Patch::Apply { config: decoded.value, force: force.unwrap_or(false) };
        return Ok((patch, decoded.duplicates));
    }
    let form: fn(Value) -> Patch = match media_type {
        "application/json-patch+json" => Patch::Json,
        "application/merge-patch+json" => Patch::Merge,
        "application/strategic-merge-patch+json" => Patch::Strategic,
        other => {
            return Err(Status::new(
                Reason::UnsupportedMediaType,
                format!(
                    "the body of the request was in an unknown format ({other}) - accepted media \
                     types include: application/json-patch+json, application/merge-patch+json, \
                     application/strategic-merge-patch+json, application/apply-patch+yaml"
                ),
            ));
        }
    };
    let Decoded { value, duplicates } = decode::json(&call.body)?;
    Ok((form(value), duplicates))
}

fn show_written(call: &Call<'_>, resource: &Resource, written: &Written) -> Result<Reply, Status> {
    let reply = show(call, resource, &written.object)?.warnings(&written.warnings);
    Ok(if written.created { reply.code(StatusCode::CREATED) } else { reply })
}

fn show_deleted(call: &Call<'_>, resource: &Resource, deleted: &Deleted) -> Result<Reply, Status> {
    match deleted {
        Deleted::Pending(object) => show(call, resource, object),
        Deleted::Gone(object) => Ok(Reply::value(&success(resource, &object.name, &object.uid))),
    }
}

/// An object, or its `Scale`, in the form that the client wants.
fn show(call: &Call<'_>, resource: &Resource, object: &Stored) -> Result<Reply, Status> {
    let kind = resource.kind;
    if resource.subresource == "scale" {
        let scale = verbs::scale_of(kind, &object.value());
        return Ok(Reply::value(&scale.unwrap_or_default()));
    }
    Ok(match Accept::parse(&call.parts.headers)? {
        Accept::Json => Reply::json(object.json.clone()),
        Accept::Yaml => Reply::bytes("application/yaml", yaml::write(&object.value())),
        Accept::Metadata => Reply::json(metadata_only::object(&object.json)),
        Accept::Table => {
            let metadata = json!({"resourceVersion": object.revision.to_string()});
            let include = Include::parse(&call.query)?;
            let rows = std::iter::once(object);
            Reply::json(tabular::table(kind, rows, &metadata, include, true))
        }
    })
}

/// The `Status` of a finished delete.
fn success(resource: &Resource, name: &str, uid: &str) -> Value {
    let mut details = serde_json::Map::new();
    let kind = resource.kind;
    for (field, text) in
        [("name", name), ("group", kind.group), ("kind", kind.plural), ("uid", uid)]
    {
        if !text.is_empty() {
            details.insert(field.to_owned(), json!(text));
        }
    }
    json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    })
}
