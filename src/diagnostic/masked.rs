//! Excerpts of compose files without the secrets in them.

use std::borrow::Cow;
use std::ops::Range;

use super::looks_secret::looks_secret;

/// Lines of a compose file in which a `*` stands for every byte of a value that looks like a secret.
///
/// The lines may be a part of a mapping that began before them, so they are no YAML to be parsed: where a
/// value ends is guessed, and too much is hidden rather than too little. All else stays in its place.
pub fn mask(lines: &str) -> Cow<'_, str> {
    let mut secrets = Vec::new();
    let mut start = 0;
    for line in lines.split_inclusive('\n') {
        let found = secrets_of(line.trim_end_matches(['\n', '\r']));
        secrets.extend(found.into_iter().map(|range| start + range.start..start + range.end));
        start += line.len();
    }
    if secrets.is_empty() {
        return Cow::Borrowed(lines);
    }
    let mut masked = String::with_capacity(lines.len());
    let mut shown = 0;
    for Range { start, end } in secrets {
        masked.push_str(lines.get(shown..start).unwrap_or_default());
        masked.extend(std::iter::repeat_n('*', end - start));
        shown = end;
    }
    masked.push_str(lines.get(shown..).unwrap_or_default());
    Cow::Owned(masked)
}

/// Where the secrets of a line are, in their order.
fn secrets_of(line: &str) -> Vec<Range<usize>> {
    let mut secrets: Vec<Range<usize>> = Vec::new();
    for (index, _) in line.match_indices([':', '=', '-']) {
        let is_hidden = secrets.last().is_some_and(|last| index < last.end);
        if let Some((name, value)) = pair(line, index).filter(|_| !is_hidden) {
            let text = line.get(value.clone()).unwrap_or_default();
            // a mapping is looked at where its keys are
            let is_no_value =
                is_variable(text) || text.starts_with(['{', '[']) || name == "secrets";
            if !is_no_value && looks_secret(name, text) {
                secrets.push(value);
            }
        }
    }
    secrets
}

/// Whether a text is one variable without a default, and nothing else: what is behind `$$` is the value.
fn is_variable(text: &str) -> bool {
    let Some(text) = text.strip_prefix('$') else { return false };
    let inner = text.strip_prefix('{').unwrap_or(text);
    let rest = inner.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    let is_closed = rest.find('}').is_none_or(|end| end + 1 == rest.len());
    let has_value = !rest.is_empty() && !rest.starts_with(['}', '?']) && !rest.starts_with(":?");
    rest.len() < inner.len() && is_closed && !has_value
}

/// The name and the value that a sign separates: in `NAME: value`, `NAME=value` and `${NAME:-value}`.
fn pair(line: &str, sign: usize) -> Option<(&str, Range<usize>)> {
    let (before, after) = line.split_at_checked(sign)?;
    let unquoted = before.trim_end().trim_end_matches(['"', '\'']);
    let is_of_name = |c: char| c.is_alphanumeric() || "_.".contains(c);
    let name = unquoted.rsplit(|c| !is_of_name(c)).next().filter(|name| !name.is_empty())?;
    let head = unquoted.strip_suffix(name)?;
    let length = match after.as_bytes() {
        [b':', b' ' | b'\t', ..] | [b'=', ..] => 1,
        [b':', b'-', ..] if head.ends_with("${") => 2,
        [b'-', ..] if head.ends_with("${") => 1,
        _ => return None,
    };
    let rest = after.get(length..)?;
    let value = rest.trim_start();
    let start = line.len() - value.len();
    if head.ends_with("${") {
        return Some((name, start..start + value.find('}').unwrap_or(value.len())));
    }
    let quote =
        |text: &str, c: Option<char>| c.filter(|c| ['"', '\''].contains(c) && !text.is_empty());
    if let Some(own) = quote(value, value.chars().next()) {
        let inner = start + 1;
        let text = value.get(1..)?;
        return Some((name, inner..inner + end_of_quoted(text, own)));
    }
    let length = match quote(head, head.chars().next_back()) {
        Some(around) if after.starts_with('=') => end_of_quoted(value, around),
        _ if is_flow(head) => value.find([',', '}', ']']).unwrap_or(value.len()),
        _ => value.find(" #").unwrap_or(value.len()),
    };
    Some((name, start..start + value.get(..length)?.trim_end().len()))
}

/// Where a quoted text ends, with what is escaped in it.
fn end_of_quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (index, c) in text.char_indices() {
        if c == quote && !is_escaped {
            return index;
        }
        is_escaped = c == '\\' && quote == '"' && !is_escaped;
    }
    text.len()
}

/// Whether a line is inside a mapping or a list in brackets.
fn is_flow(head: &str) -> bool {
    let count = |signs: [char; 2]| head.matches(signs).count();
    count(['{', '[']) > count(['}', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_in_every_notation() {
        for (line, expected) in [
            ("DB_PASSWORD: hunter2", "DB_PASSWORD: *******"),
            ("      - DB_PASSWORD=a,b c # no", "      - DB_PASSWORD=***** # no"),
            ("- 'DB_PASSWORD=a b' # no", "- 'DB_PASSWORD=***' # no"),
            ("\"DB_PASSWORD\": \"a\\\"b\"", "\"DB_PASSWORD\": \"****\""),
            (
                "web: {environment: {DB_PASSWORD: a, MODE: b}, image: x}",
                "web: {environment: {DB_PASSWORD: *, MODE: b}, image: x}",
            ),
            ("environment: [A_TOKEN=x, B=y]", "environment: [A_TOKEN=*, B=y]"),
            ("DB_PASSWORD: ${PASS_WORD}", "DB_PASSWORD: ${PASS_WORD}"),
            ("DB_PASSWORD: $PASS_WORD", "DB_PASSWORD: $PASS_WORD"),
            ("DB_PASSWORD: $$ecret", "DB_PASSWORD: *******"),
            ("DB_PASSWORD: ${A}hunter2", "DB_PASSWORD: ***********"),
            ("DB_PASSWORD: ${A:?say it}", "DB_PASSWORD: ${A:?say it}"),
            ("{DB_PASSWORD: ${A:-b}, C: d}", "{DB_PASSWORD: ******}, C: d}"),
            ("image: ${A_TOKEN:-abc}x${B-d}", "image: ${A_TOKEN:-***}x${B-d}"),
            ("X: ${A_TOKEN-abc}", "X: ${A_TOKEN-***}"),
            ("DB: postgres://a:b@c/d", "DB: ******************"),
            ("A_TOKEN: ü", "A_TOKEN: **"),
            ("A_TOKEN: a\nPORT: 1\nB_TOKEN: b", "A_TOKEN: *\nPORT: 1\nB_TOKEN: *"),
        ] {
            assert_eq!(mask(line), expected, "{line}");
            assert_eq!(mask(line).len(), line.len(), "{line}");
        }
    }

    #[test]
    fn what_is_no_secret_is_shown() {
        for line in [
            "secrets: {api_token: {file: ./token}}",
            "secrets: db",
            "  api_token:",
            "DB_PASSWORD_FILE: /run/secrets/x",
            "ports: ['8080:80']",
            "image: nginx:1.29",
            "command: echo ${WORDS:?needed}",
            "- key",
        ] {
            assert_eq!(mask(line), line);
        }
    }
}
