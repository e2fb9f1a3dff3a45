//! Strings to the type of their attribute, where Compose casts before it validates.
//!
//! That is how `replicas: "${N}"` and `privileged: "true"` become a number and a boolean.

use crate::diagnostic::{Diagnostic, Loss, Report, codes};

use super::path::Path;
use super::tree::{Node, Value};

const INTEGERS: &[&[&str]] = &[
    &["services", "*", "cpu_count"],
    &["services", "*", "cpu_period"],
    &["services", "*", "cpu_quota"],
    &["services", "*", "cpu_rt_period"],
    &["services", "*", "cpu_rt_runtime"],
    &["services", "*", "cpu_shares"],
    &["services", "*", "oom_score_adj"],
    &["services", "*", "pids_limit"],
    &["services", "*", "scale"],
    &["services", "*", "deploy", "replicas"],
    &["services", "*", "deploy", "update_config", "parallelism"],
    &["services", "*", "deploy", "rollback_config", "parallelism"],
    &["services", "*", "deploy", "restart_policy", "max_attempts"],
    &["services", "*", "deploy", "placement", "max_replicas_per_node"],
    &["services", "*", "healthcheck", "retries"],
    &["services", "*", "ports", "[]", "target"],
    &["services", "*", "ulimits", "*"],
    &["services", "*", "ulimits", "*", "soft"],
    &["services", "*", "ulimits", "*", "hard"],
];

const FLOATS: &[&[&str]] = &[
    &["services", "*", "cpu_percent"],
    &["services", "*", "cpus"],
    &["services", "*", "deploy", "update_config", "max_failure_ratio"],
    &["services", "*", "deploy", "rollback_config", "max_failure_ratio"],
];

const BOOLEANS: &[&[&str]] = &[
    &["services", "*", "init"],
    &["services", "*", "depends_on", "*", "required"],
    &["services", "*", "depends_on", "*", "restart"],
    &["services", "*", "healthcheck", "disable"],
    &["services", "*", "oom_kill_disable"],
    &["services", "*", "privileged"],
    &["services", "*", "read_only"],
    &["services", "*", "stdin_open"],
    &["services", "*", "tty"],
    &["services", "*", "volumes", "[]", "read_only"],
    &["services", "*", "volumes", "[]", "volume", "nocopy"],
    &["networks", "*", "external"],
    &["networks", "*", "internal"],
    &["networks", "*", "attachable"],
    &["networks", "*", "enable_ipv4"],
    &["networks", "*", "enable_ipv6"],
    &["volumes", "*", "external"],
    &["secrets", "*", "external"],
    &["configs", "*", "external"],
];

/// Casts all strings of a document that have such a path. What cannot be cast is reported, and
/// stays a string.
pub fn cast(root: &mut Node, report: &mut Report) {
    walk(root, &Path::ROOT, report);
}

fn walk(node: &mut Node, path: &Path<'_>, report: &mut Report) {
    match &mut node.value {
        Value::String(_) => cast_string(node, path, report),
        Value::Sequence(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                walk(item, &path.index(index), report);
            }
        }
        Value::Mapping(mapping) => {
            for (key, entry) in mapping.iter_mut() {
                walk(&mut entry.node, &path.key(key), report);
            }
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
    }
}

fn cast_string(node: &mut Node, path: &Path<'_>, report: &mut Report) {
    let Value::String(text) = &node.value else { return };
    let (cast, wanted) = if path.matches_any(INTEGERS) {
        (text.parse().ok().map(Value::Int), "a whole number")
    } else if path.matches_any(FLOATS) {
        (text.parse().ok().map(Value::Float), "a number")
    } else if path.matches_any(BOOLEANS) {
        (boolean(node, path, report).map(Value::Bool), "`true` or `false`")
    } else {
        return;
    };
    match cast {
        Some(value) => node.value = value,
        None => report.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                path,
                format!("`{path}` must be {wanted}, but is `{text}`"),
            )
            .at(node.span.clone()),
        ),
    }
}

/// The boolean that a word stands for; the words of YAML 1.1 are accepted with a warning.
pub fn boolean(node: &Node, path: &Path<'_>, report: &mut Report) -> Option<bool> {
    let word = match &node.value {
        Value::Bool(value) => return Some(*value),
        Value::String(text) => text.to_ascii_lowercase(),
        _ => return None,
    };
    let value = match word.as_str() {
        "true" => return Some(true),
        "false" => return Some(false),
        "y" | "yes" | "on" => true,
        "n" | "no" | "off" => false,
        _ => return None,
    };
    report.push(
        Diagnostic::warning(
            codes::INVALID_VALUE,
            Loss::Exact,
            path,
            format!("`{word}` is not a boolean of YAML 1.2, it is read as `{value}`"),
        )
        .at(node.span.clone())
        .help(format!("write `{value}`")),
    );
    Some(value)
}
