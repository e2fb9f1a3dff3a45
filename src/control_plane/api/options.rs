//! The options of writes: query parameters, and the bodies of deletes.

use http::HeaderMap;
use http::header::USER_AGENT;
use serde_json::Value;

use super::Call;
use super::decode;
use super::query::Query;
use crate::control_plane::verbs::{DeleteOptions, FieldValidation, Propagation, WriteOptions};
use crate::kubernetes::{Cause, Reason, Status};

/// `fieldManager`, `dryRun` and `fieldValidation`.
pub fn write_options(call: &Call<'_>, duplicates: Vec<String>) -> Result<WriteOptions, Status> {
    let query = &call.query;
    let manager = match query.get("fieldManager") {
        "" => manager_of_agent(&call.parts.headers),
        manager => manager.to_owned(),
    };
    let field_validation = match query.get("fieldValidation") {
        "" | "Warn" => FieldValidation::Warn,
        "Ignore" => FieldValidation::Ignore,
        "Strict" => FieldValidation::Strict,
        other => {
            let known = "\"Ignore\", \"Strict\", \"Warn\"";
            return Err(unsupported_value("fieldValidation", other, known));
        }
    };
    let dry_run = dry_run(query.all("dryRun"))?;
    Ok(WriteOptions { manager, dry_run, field_validation, duplicates })
}

/// The options of a delete, from its body and, where that is silent, its query.
pub fn delete_options(call: &Call<'_>) -> Result<DeleteOptions, Status> {
    let body = if call.body.is_empty() {
        Value::Null
    } else {
        decode::object(&call.parts.headers, &call.body)?.value
    };
    delete_options_of(&body, &call.query)
}

/// The options of a delete or an eviction.
pub fn delete_options_of(body: &Value, query: &Query) -> Result<DeleteOptions, Status> {
    let text = |path: &str| body.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let grace_period = match body.get("gracePeriodSeconds").and_then(Value::as_i64) {
        Some(seconds) => Some(seconds),
        None => query.number("gracePeriodSeconds")?,
    };
    let propagation = text("/propagationPolicy")
        .or_else(|| Some(query.get("propagationPolicy").to_owned()).filter(|p| !p.is_empty()));
    let propagation = match propagation.as_deref() {
        None => orphan_dependents(body, query),
        Some("Background") => Some(Propagation::Background),
        Some("Foreground") => Some(Propagation::Foreground),
        Some("Orphan") => Some(Propagation::Orphan),
        Some(other) => {
            let known = "\"Foreground\", \"Background\", \"Orphan\"";
            return Err(unsupported_value("propagationPolicy", other, known));
        }
    };
    let listed = body.get("dryRun").and_then(Value::as_array);
    let listed: Vec<&str> = listed.into_iter().flatten().filter_map(Value::as_str).collect();
    let dry_run = dry_run(listed.into_iter().chain(query.all("dryRun")))?;
    Ok(DeleteOptions {
        grace_period,
        propagation,
        uid: text("/preconditions/uid"),
        resource_version: text("/preconditions/resourceVersion"),
        dry_run,
    })
}

/// 422 for a value that an option does not have.
fn unsupported_value(field: &'static str, value: &str, known: &str) -> Status {
    let message = format!("Unsupported value: \"{value}\": supported values: {known}");
    let mut status =
        Status::new(Reason::Invalid, format!("options are invalid: {field}: {message}"));
    let cause = Cause { reason: "FieldValueNotSupported", message, field: field.to_owned() };
    status.causes.push(cause);
    status
}

/// The old form of `propagationPolicy`.
fn orphan_dependents(body: &Value, query: &Query) -> Option<Propagation> {
    let flag = body.get("orphanDependents").and_then(Value::as_bool);
    let flag = flag.or_else(|| match query.get("orphanDependents") {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    })?;
    Some(if flag { Propagation::Orphan } else { Propagation::Background })
}

fn dry_run<'a>(values: impl Iterator<Item = &'a str>) -> Result<bool, Status> {
    let mut dry = false;
    for value in values {
        match value {
            "" => {}
            "All" => dry = true,
            other => return Err(unsupported_value("dryRun", other, "\"All\"")),
        }
    }
    Ok(dry)
}

/// The program's name in the user agent: `kubectl/v1.32 (…)` is `kubectl`.
fn manager_of_agent(headers: &HeaderMap) -> String {
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    agent.split('/').next().filter(|name| !name.is_empty()).unwrap_or("unknown").to_owned()
}
