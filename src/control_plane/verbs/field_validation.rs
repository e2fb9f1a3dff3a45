use serde_json::Value;

use super::options::{FieldValidation, WriteOptions};
use super::refusal::bad_request;
use crate::kubernetes::Status;
use crate::kubernetes::schema::{self, Fault};

/// Looks for unknown, doubled and mistyped fields; returns the warnings.
///
/// Unknown fields are dropped when the request does not fail over them.
pub fn check(object: &mut Value, options: &WriteOptions) -> Result<Vec<String>, Status> {
    let mode = options.field_validation;
    if mode == FieldValidation::Trusted {
        return Ok(Vec::new());
    }
    let problems = schema::check(object);
    // What is missing is for the validation to say, in its own words and after the defaults.
    let with = |fault| problems.iter().filter(move |problem| problem.fault == fault);
    let (unknown, mistyped) = (with(Fault::Unknown), with(Fault::Mistyped));
    let findings: Vec<_> =
        mistyped.map(|problem| format!("{}: {}", problem.path, problem.message)).collect();
    if !findings.is_empty() {
        return Err(bad_request(format!(
            "the request body cannot be decoded: {}",
            findings.join(", ")
        )));
    }
    let doubled = options.duplicates.iter().map(|path| format!("duplicate field \"{path}\""));
    let findings: Vec<String> = doubled
        .chain(unknown.map(|problem| format!("unknown field \"{}\"", problem.path)))
        .collect();
    if mode == FieldValidation::Strict && !findings.is_empty() {
        return Err(bad_request(format!("strict decoding error: {}", findings.join(", "))));
    }
    schema::prune(object);
    Ok(if mode == FieldValidation::Warn { findings } else { Vec::new() })
}
