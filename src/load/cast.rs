//! Strings to the type of their attribute, where Compose casts before it validates.
//!
//! That is how `replicas: "${N}"` and `privileged: "true"` become a number and a boolean.

use crate::diagnostic::{Diagnostic, Loss, Report, codes};

use super::path::Path;
use super::quantity::parse_number;
use super::tree::{Node, Value, plain_scalar};

/// A type that text is cast to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Integer,
    Float,
    Boolean,
    Umask,
}

use Type::{Boolean, Float, Integer, Umask};

/// An attribute below its owner: names, `*` for any key, `[]` for any item.
type Attribute = (&'static [&'static str], Type);

/// Of all that runs in a container: services, jobs and `pre_start` hooks.
const CONTAINER: &[Attribute] = &[
    (&["cpu_count"], Integer),
    (&["cpu_percent"], Float),
    (&["cpu_period"], Integer),
    (&["cpu_quota"], Integer),
    (&["cpu_rt_period"], Integer),
    (&["cpu_rt_runtime"], Integer),
    (&["cpu_shares"], Integer),
    (&["cpus"], Float),
    (&["env_file", "[]", "required"], Boolean),
    (&["init"], Boolean),
    (&["networks", "*", "use_service_name_alias"], Boolean),
    (&["oom_kill_disable"], Boolean),
    (&["oom_score_adj"], Integer),
    (&["pids_limit"], Integer),
    (&["privileged"], Boolean),
    (&["read_only"], Boolean),
    (&["ulimits", "*"], Integer),
    (&["ulimits", "*", "hard"], Integer),
    (&["ulimits", "*", "soft"], Integer),
    (&["umask"], Umask),
    (&["volumes", "[]", "read_only"], Boolean),
    (&["volumes", "[]", "volume", "nocopy"], Boolean),
];

/// Of services and jobs.
const WORKLOAD: &[Attribute] = &[
    (&["depends_on", "*", "required"], Boolean),
    (&["depends_on", "*", "restart"], Boolean),
    (&["healthcheck", "disable"], Boolean),
    (&["healthcheck", "retries"], Integer),
    (&["ports", "[]", "target"], Integer),
    (&["stdin_open"], Boolean),
    (&["tty"], Boolean),
];

/// Of services alone.
const SERVICE: &[Attribute] = &[
    (&["deploy", "placement", "max_replicas_per_node"], Integer),
    (&["deploy", "replicas"], Integer),
    (&["deploy", "restart_policy", "max_attempts"], Integer),
    (&["deploy", "rollback_config", "max_failure_ratio"], Float),
    (&["deploy", "rollback_config", "parallelism"], Integer),
    (&["deploy", "update_config", "max_failure_ratio"], Float),
    (&["deploy", "update_config", "parallelism"], Integer),
    (&["scale"], Integer),
];

const NETWORK: &[Attribute] = &[
    (&["attachable"], Boolean),
    (&["enable_ipv4"], Boolean),
    (&["enable_ipv6"], Boolean),
    (&["external"], Boolean),
    (&["internal"], Boolean),
];

const EXTERNAL: &[Attribute] = &[(&["external"], Boolean)];

/// Where the attributes of the tables stand.
const OWNERS: &[(&[&str], &[&[Attribute]])] = &[
    (&["services", "*"], &[CONTAINER, WORKLOAD, SERVICE]),
    (&["services", "*", "pre_start", "[]"], &[CONTAINER]),
    (&["jobs", "*"], &[CONTAINER, WORKLOAD]),
    (&["networks", "*"], &[NETWORK]),
    (&["volumes", "*"], &[EXTERNAL]),
    (&["secrets", "*"], &[EXTERNAL]),
    (&["configs", "*"], &[EXTERNAL]),
];

/// Casts the strings of a document that stand at such a place, unless the function spares one.
/// What cannot be cast is reported.
pub fn cast(root: &mut Node, is_value: fn(&str) -> bool, report: &mut Report) {
    for (owner, tables) in OWNERS {
        each(root, owner, &Path::ROOT, &mut |owner, path| {
            for (attribute, wanted) in tables.iter().copied().flatten() {
                each(owner, attribute, path, &mut |node, path| {
                    if node.as_str().is_some_and(is_value) {
                        cast_string(node, *wanted, path, report);
                    }
                });
            }
        });
    }
}

/// Calls a function for each node that a pattern leads to.
fn each(
    node: &mut Node,
    pattern: &[&str],
    path: &Path<'_>,
    found: &mut dyn FnMut(&mut Node, &Path<'_>),
) {
    let Some((step, rest)) = pattern.split_first() else { return found(node, path) };
    match (*step, &mut node.value) {
        ("[]", Value::Sequence(items)) => {
            for (index, item) in items.iter_mut().enumerate() {
                each(item, rest, &path.index(index), found);
            }
        }
        ("*", Value::Mapping(mapping)) => {
            for (key, entry) in mapping.iter_mut() {
                each(&mut entry.node, rest, &path.key(key), found);
            }
        }
        (key, Value::Mapping(mapping)) => {
            if let Some(node) = mapping.get_mut(key) {
                each(node, rest, &path.key(key), found);
            }
        }
        _ => {}
    }
}

fn cast_string(node: &mut Node, wanted: Type, path: &Path<'_>, report: &mut Report) {
    let Value::String(text) = &node.value else { return };
    // Any value of the type stands in for one that cannot be read: later stages have nothing to
    // repeat, and a project with an error is not handed out.
    let (cast, stand_in, description) = match wanted {
        Integer => {
            let value = text.parse::<i64>().ok().map(|value| Value::Int(value.into()));
            (value, Value::Int(1), "a whole number")
        }
        Float => {
            let value = parse_number(text);
            (value.map(Value::Float), Value::Float(1.0), "a number")
        }
        Boolean => {
            let value = boolean(node, path, report).map(Value::Bool);
            (value, Value::Bool(false), "`true` or `false`")
        }
        Umask => (umask(text).map(Value::Int), Value::Int(0), "a file mode mask such as `0022`"),
    };
    if cast.is_none() {
        let message = format!("`{path}` must be {description}, but is `{text}`");
        report.push(Diagnostic::error(codes::INVALID_VALUE, path, message).at(node.span.clone()));
    }
    node.value = cast.unwrap_or(stand_in);
}

/// A mask is read as YAML reads it without quotes: a leading `0` or `0o` makes it octal.
fn umask(text: &str) -> Option<i128> {
    match plain_scalar(text) {
        Value::Int(value) if !text.starts_with(['+', '-']) && separators_separate(text) => {
            u32::try_from(value).ok().map(i128::from)
        }
        _ => None,
    }
}

/// Whether each `_` stands between two digits, or behind the sign of the base.
fn separators_separate(text: &str) -> bool {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    text.match_indices('_').all(|(index, _)| {
        let before = index.checked_sub(1).and_then(|before| bytes.get(before));
        let base = index == 2 && before.is_some_and(u8::is_ascii_alphabetic);
        (is_digit(before) || base) && is_digit(bytes.get(index + 1))
    })
}

/// The boolean that a word stands for; the words of YAML 1.1 are accepted with a warning.
pub fn boolean(node: &Node, path: &Path<'_>, report: &mut Report) -> Option<bool> {
    let text = match &node.value {
        Value::Bool(value) => return Some(*value),
        Value::String(text) => text,
        _ => return None,
    };
    let is_one_of = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(&["true", "false"]) {
        return Some(is_one_of(&["true"]));
    }
    let yes = is_one_of(&["y", "yes", "on"]);
    if !yes && !is_one_of(&["n", "no", "off"]) {
        return None;
    }
    report.push(
        Diagnostic::warning(
            codes::INVALID_VALUE,
            Loss::Exact,
            path,
            format!("`{text}` is not a boolean of YAML 1.2, it is read as `{yes}`"),
        )
        .at(node.span.clone())
        .help(format!("write `{yes}`")),
    );
    Some(yes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_octal_with_a_leading_zero() {
        let cases = [
            ("077", Some(0o77)),
            ("0o77", Some(0o77)),
            ("0O77", Some(0o77)),
            ("77", Some(77)),
            ("0", Some(0)),
            ("07777", Some(0o7777)),
            ("4294967295", Some(4_294_967_295)),
            ("4294967296", None),
            ("-1", None),
            ("+1", None),
            ("0.5", None),
            ("0_77", Some(0o77)),
            ("0o_77", Some(0o77)),
            ("7__7", None),
            ("77_", None),
            ("08", None),
            ("abc", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(umask(text), expected, "{text}");
        }
    }
}
