//! Plain scalars to values: the YAML 1.2 core schema with the integers that Compose also reads.

use super::Value;

/// The value of a scalar without quotes and tag.
pub fn resolve_plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        "-0" | "-0.0" => Value::Float(-0.0),
        _ => resolve_number(text).unwrap_or_else(|| Value::String(text.to_owned())),
    }
}

fn resolve_number(text: &str) -> Option<Value> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return None;
    }
    if text.starts_with('.') && !separates_digits(text) {
        return None;
    }
    let digits = text.replace('_', "");
    if let Some(value) = parse_int(&digits) {
        return Some(Value::Int(value));
    }
    // a number that is too large for a float is text, like any other word
    let value: f64 = is_float(&digits).then(|| digits.parse().ok()).flatten()?;
    value.is_finite().then_some(Value::Float(value))
}

/// Whether each `_` stands between two digits; only numbers that start with `.` are so strict.
fn separates_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    bytes.iter().enumerate().all(|(index, byte)| {
        *byte != b'_' || index > 0 && digit(bytes.get(index - 1)) && digit(bytes.get(index + 1))
    })
}

/// Whether a text begins as a date does: `YYYY-M-D`.
pub(super) fn is_timestamp(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut digits = |lengths: std::ops::RangeInclusive<usize>, last: bool| {
        parts.next().is_some_and(|part| {
            let part = if last { part.split(['T', 't', ' ']).next().unwrap_or(part) } else { part };
            lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    digits(4..=4, false) && digits(1..=2, false) && digits(1..=2, true)
}

/// Decimal, `0x`, `0o`, `0b` and the octal with a leading zero of YAML 1.1 (`mode: 0440`).
fn parse_int(digits: &str) -> Option<i128> {
    let signed = digits.starts_with(['-', '+']);
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits.strip_prefix('+').unwrap_or(digits)),
    };
    let (radix, digits) = if let Some(hex) = strip_radix(digits, "0x", "0X") {
        (16, hex)
    } else if let Some(octal) = strip_radix(digits, "0o", "0O") {
        (8, octal)
    } else if let Some(binary) = strip_radix(digits, "0b", "0B") {
        (2, binary)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, digits)
    } else {
        (10, digits)
    };
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    // beyond 64 bits Compose falls back to a floating point number
    let largest = if signed { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    (i128::from(i64::MIN)..=largest).contains(&value).then_some(value)
}

fn strip_radix<'a>(digits: &'a str, lower: &str, upper: &str) -> Option<&'a str> {
    digits.strip_prefix(lower).or_else(|| digits.strip_prefix(upper))
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let mantissa_ok = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            all_digits(whole) && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty())
        }
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_ok = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    mantissa_ok && exponent_ok
}

/// A number as Compose prints it where text is wanted: `1.10` is `1.1`, `1e6` is `1e+06`.
pub fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_have_the_types_that_compose_gives_them() {
        let cases = [
            ("yes", Value::String("yes".into())),
            ("on", Value::String("on".into())),
            ("True", Value::Bool(true)),
            ("~", Value::Null),
            ("0440", Value::Int(0o440)),
            ("0o755", Value::Int(0o755)),
            ("0b11", Value::Int(3)),
            ("0x1F", Value::Int(31)),
            ("1_000", Value::Int(1000)),
            ("-5", Value::Int(-5)),
            ("08", Value::Float(8.0)),
            ("1e3", Value::Float(1000.0)),
            (".5", Value::Float(0.5)),
            ("22:22", Value::String("22:22".into())),
            ("2001-12-14", Value::String("2001-12-14".into())),
            ("1.2.3", Value::String("1.2.3".into())),
            ("-", Value::String("-".into())),
            ("+", Value::String("+".into())),
            ("0x", Value::String("0x".into())),
            ("--1", Value::String("--1".into())),
            ("18446744073709551615", Value::Int(18_446_744_073_709_551_615)),
        ];
        for (text, expected) in cases {
            assert_eq!(resolve_plain(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_printed_as_compose_prints_them() {
        let cases = [
            (1.1, "1.1"),
            (1e6, "1e+06"),
            (100_000.0, "100000"),
            (123_456_789.0, "1.23456789e+08"),
            (8.0, "8"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-2.5, "-2.5"),
        ];
        for (value, expected) in cases {
            assert_eq!(float_text(value), expected);
        }
    }
}
