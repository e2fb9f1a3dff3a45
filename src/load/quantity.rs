//! Byte sizes and durations in Compose's notation.

use std::time::Duration;

/// Reads a finite number; `_` may stand between two digits.
pub fn parse_number(text: &str) -> Option<f64> {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let separates = |index: usize| {
        is_digit(index.checked_sub(1).and_then(|before| bytes.get(before)))
            && is_digit(bytes.get(index + 1))
    };
    let digits = if text.match_indices('_').all(|(index, _)| separates(index)) {
        text.replace('_', "")
    } else {
        return None;
    };
    digits.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Reads a size: `N[.N][ ][kmgtp[[i]b]]` in powers of 1024, any case; a whole number may be negative.
pub fn parse_bytes(text: &str) -> Option<i64> {
    if let Ok(whole) = text.parse() {
        return Some(whole);
    }
    let end = text.rfind(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' '))?;
    let (number, unit) = text.split_at_checked(end + 1)?;
    let number = number.strip_suffix(' ').unwrap_or(number);
    let power = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return None,
    };
    if let Ok(whole) = number.parse::<i64>() {
        return whole.checked_mul(1024_i64.pow(power)).filter(|size| *size >= 0);
    }
    // not `inf` and `nan`, which Rust reads as numbers
    if number.contains(|c: char| c.is_alphabetic() && !matches!(c, 'e' | 'E')) {
        return None;
    }
    let value = number.parse::<f64>().ok()? * 1024_f64.powi(i32::try_from(power).ok()?);
    // fractions of a byte are cut off; what i64 cannot hold is no size
    #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
    (0.0..9.0e18).contains(&value).then_some(value as i64)
}

/// Reads a duration: Go's notation (`1h5m30.5s20ms`) with `d` and `w`.
///
/// Compose reads negative ones as well, but nothing could be done with them.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (is_negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, after) = rest.split_at(end);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let nanoseconds: u64 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "d" => 86_400_000_000_000,
            "w" => 604_800_000_000_000,
            _ => return None,
        };
        total = total.checked_add(scaled(number, nanoseconds)?)?;
        rest = after;
    }
    let fits = total.as_nanos() <= i64::MAX.unsigned_abs().into();
    (fits && !(is_negative && total > Duration::ZERO)).then_some(total)
}

/// `number` times `unit` nanoseconds, in integers so that `0.1s` is exactly 100 ms.
fn scaled(number: &str, unit: u64) -> Option<Duration> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut nanoseconds = whole.checked_mul(unit)?;
    let mut place = unit;
    for digit in fraction.chars().filter_map(|c| c.to_digit(10)) {
        place /= 10;
        nanoseconds = nanoseconds.checked_add(place * u64::from(digit))?;
    }
    Some(Duration::from_nanos(nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let cases = [
            ("0.5", Some(0.5)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("+1e3", Some(1000.0)),
            ("1_000.5", Some(1000.5)),
            ("1__0", None),
            ("_1", None),
            ("1_", None),
            ("1_.5", None),
            ("", None),
            ("inf", None),
            ("-infinity", None),
            ("NaN", None),
            ("1e999", None),
            ("1 ", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_number(text), expected, "{text}");
        }
    }

    #[test]
    fn sizes() {
        let cases = [
            ("0", Some(0)),
            ("655360", Some(655_360)),
            ("-1", Some(-1)),
            ("-5", Some(-5)),
            ("50M", Some(52_428_800)),
            ("512m", Some(536_870_912)),
            ("1g", Some(1 << 30)),
            ("1.5k", Some(1536)),
            (".5k", Some(512)),
            ("1.", Some(1)),
            ("0.5", Some(0)),
            ("1e3k", Some(1_024_000)),
            ("+2k", Some(2048)),
            ("2 GiB", Some(2 << 30)),
            ("64mb", Some(64 << 20)),
            ("10b", Some(10)),
            ("5 ", Some(5)),
            ("1p", Some(1 << 50)),
            ("", None),
            ("invalid", None),
            ("k", None),
            ("1x", None),
            ("1i", None),
            ("1ki", None),
            ("1kbb", None),
            ("5  k", None),
            (" 5k", None),
            ("5k ", None),
            ("-5k", None),
            ("infk", None),
            ("0x10", None),
            ("99999999p", None),
            ("99999999999999999999", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_bytes(text), expected, "{text}");
        }
    }

    #[test]
    fn durations() {
        let cases = [
            ("0", Some(0)),
            ("-0s", Some(0)),
            ("10s", Some(10_000)),
            ("+10s", Some(10_000)),
            ("1h5m30s20ms", Some(3_930_020)),
            ("1w2d", Some(777_600_000)),
            ("1d1d", Some(172_800_000)),
            ("1.5s", Some(1500)),
            (".5s", Some(500)),
            ("1.s", Some(1000)),
            ("1000us", Some(1)),
            ("1000µs", Some(1)),
            ("1000000ns", Some(1)),
            ("30", None),
            ("1m30", None),
            ("", None),
            ("-", None),
            ("-1s", None),
            ("s", None),
            (".s", None),
            ("1x", None),
            ("1S", None),
            (" 1s", None),
            ("1s ", None),
            ("1 s", None),
            ("1..5s", None),
            ("106752d", None),
            ("999999999999h", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_duration(text), expected.map(Duration::from_millis), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_quantity_or_not(text in "\\PC{0,20}") {
            let _ = (parse_bytes(&text), parse_duration(&text));
        }

        #[test]
        fn a_printed_duration_is_read_again(nanoseconds in 0..i64::MAX.unsigned_abs()) {
            let duration = Duration::from_nanos(nanoseconds);
            let check = crate::model::Healthcheck { interval: Some(duration), ..Default::default() };
            let printed = serde_json::to_value(check).unwrap();
            let interval = printed["interval"].as_str().unwrap();
            proptest::prop_assert_eq!(parse_duration(interval), Some(duration));
        }

        #[test]
        fn a_number_of_bytes_is_its_size(bytes: i64) {
            proptest::prop_assert_eq!(parse_bytes(&bytes.to_string()), Some(bytes));
        }
    }
}
