use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

/// Writes a value as a YAML document in block style, ending in a newline.
///
/// Written by hand: the serializers at hand write strings that kubectl reads as booleans or cannot read.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(fields) => return write_fields(fields),
        Value::Array(items) if !items.is_empty() => write_list(&mut out, items, 0, false),
        Value::String(text) => {
            write_flow_string(&mut out, text);
            out.push('\n');
        }
        _ => write_leaf(&mut out, value),
    }
    out
}

/// Writes the fields of a mapping as a YAML document; see [`write()`].
pub fn write_fields(fields: &Map<String, Value>) -> String {
    let mut out = String::new();
    if fields.is_empty() {
        out.push_str("{}\n");
    } else {
        write_map(&mut out, fields, 0, false);
    }
    out
}

/// `inline` means that the cursor already stands at `indent`, behind the dash of a list item.
fn write_map(out: &mut String, fields: &Map<String, Value>, indent: usize, inline: bool) {
    for (index, (key, value)) in fields.iter().enumerate() {
        if index > 0 || !inline {
            pad(out, indent);
        }
        write_key(out, key, indent);
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                out.push('\n');
                write_map(out, fields, indent + 2, false);
            }
            // As kubectl writes it: the dashes stand under the key.
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                write_list(out, items, indent, false);
            }
            Value::String(text) => {
                out.push(' ');
                write_string(out, text, indent + 2);
            }
            _ => {
                out.push(' ');
                write_leaf(out, value);
            }
        }
    }
}

fn write_list(out: &mut String, items: &[Value], indent: usize, inline: bool) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || !inline {
            pad(out, indent);
        }
        out.push_str("- ");
        match item {
            Value::Object(fields) if !fields.is_empty() => write_map(out, fields, indent + 2, true),
            Value::Array(items) if !items.is_empty() => write_list(out, items, indent + 2, true),
            Value::String(text) => write_string(out, text, indent + 2),
            _ => write_leaf(out, item),
        }
    }
}

fn write_leaf(out: &mut String, value: &Value) {
    match value {
        Value::Object(_) => out.push_str("{}"),
        Value::Array(_) => out.push_str("[]"),
        Value::Number(number) => write_number(out, number),
        other => out.push_str(&other.to_string()),
    }
    out.push('\n');
}

/// YAML 1.1 knows no exponent without a dot and a sign: `1e21` would be a string to `PyYAML`.
fn write_number(out: &mut String, number: &Number) {
    let text = number.to_string();
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let dot = if mantissa.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
            out.push_str(&[mantissa, dot, "e", sign, exponent].concat());
        }
        None => out.push_str(&text),
    }
}

fn write_key(out: &mut String, key: &str, indent: usize) {
    // YAML readers look at most 1024 characters ahead for the colon of a simple key.
    if key.len() > 128 {
        out.push_str("? ");
        write_flow_string(out, key);
        out.push('\n');
        pad(out, indent);
    } else {
        write_flow_string(out, key);
    }
    out.push(':');
}

fn write_string(out: &mut String, text: &str, indent: usize) {
    if is_block(text) {
        write_block(out, text, indent);
    } else {
        write_flow_string(out, text);
        out.push('\n');
    }
}

fn write_flow_string(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
    } else {
        write_quoted(out, text);
    }
}

fn write_block(out: &mut String, text: &str, indent: usize) {
    out.push('|');
    // A first line that starts blank would hide how deep the block is indented.
    if text.starts_with([' ', '\t', '\n']) {
        out.push('2');
    }
    let body = text.strip_suffix('\n');
    match body {
        None => out.push('-'),
        Some(body) if body.ends_with('\n') => out.push('+'),
        Some(_) => {}
    }
    out.push('\n');
    for line in body.unwrap_or(text).split('\n') {
        if !line.is_empty() {
            pad(out, indent);
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) <= 0xff => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c if u32::from(c) <= 0xffff => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Several lines with something in them, and nothing that a reader would normalise.
fn is_block(text: &str) -> bool {
    text.trim_end_matches('\n').contains('\n')
        && text.chars().all(|c| c == '\n' || c == '\t' || is_printable(c))
        && text.lines().any(|line| !line.trim_matches([' ', '\t']).is_empty())
}

/// Whether YAML 1.1 and 1.2 readers take a character in quotes as it stands.
pub fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
        || (c >= '\u{10000}' && u32::from(c) & 0xfffe != 0xfffe)
}

/// Whether a string can stand without quotes and is a string to every reader.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let starts_well = match first {
        'a'..='z' | 'A'..='Z' => !is_word_with_meaning(text),
        '/' => true,
        '0'..='9' => is_number_with_unit(text),
        _ => false,
    };
    starts_well
        && text.chars().all(|c| matches!(c, ' '..='~'))
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
}

/// The booleans and nulls of YAML 1.1, in any case.
fn is_word_with_meaning(text: &str) -> bool {
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

/// `128Mi`, `500m`, `10s`: digits, then a letter that begins no number in any YAML dialect.
fn is_number_with_unit(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.starts_with(|c: char| c.is_ascii_alphabetic() && !"bBdDeEfFlLoOxX_".contains(c))
        && unit.chars().all(|c| c.is_ascii_alphanumeric())
}
