//! Values as YAML: read as kubectl reads it, written so that every YAML reader gets the same value back.

mod position;
mod write;

use serde_json::Value;
use serde_yaml::Options;

pub use position::Positions;
pub use write::{is_printable, write, write_fields};

/// Text that is not YAML, or YAML that no JSON value can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", position(*line, *column))]
pub struct YamlError {
    /// The line, from 1; `None` when the fault has no place.
    pub line: Option<u64>,
    /// The column, from 1.
    pub column: Option<u64>,
    /// One sentence.
    pub message: String,
}

/// Reads one or several documents; empty documents are left out.
///
/// Scalars have the types that kubectl gives them: `0644` is octal, `yes` is true, `1_000` is a number.
pub fn read(text: &str) -> Result<Vec<Value>, YamlError> {
    serde_yaml::from_multiple_with_options(text, options()).map_err(|error| {
        let error = error.without_snippet();
        let location = error.location();
        YamlError {
            line: location.map(|at| at.line()),
            column: location.map(|at| at.column()),
            message: error.to_string(),
        }
    })
}

/// The defaults refuse a manifest of 10 MB; these allow about ten times that and still bound the memory.
fn options() -> Options {
    serde_yaml::options! {
        legacy_octal_numbers: true,
        with_snippet: false,
        budget: serde_yaml::budget! {
            max_events: 20_000_000,
            max_nodes: 5_000_000,
            max_documents: 100_000,
            // The depth that serde_json reads, so that YAML and JSON bodies have one limit.
            max_depth: 128,
        },
    }
}

fn position(line: Option<u64>, column: Option<u64>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!("line {line}, column {column}: "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
