//! Byte sizes and durations in Compose's notation.

use std::time::Duration;

/// Reads a size: `N[.N][ ][kmgtp][i][b]` in powers of 1024, any case; `-1` means no limit.
pub fn parse_bytes(text: &str) -> Option<i64> {
    let text = text.trim();
    if text == "-1" {
        return Some(-1);
    }
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim_start().to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let (unit, binary) = unit.strip_suffix('i').map_or((unit, false), |unit| (unit, true));
    let power = match unit {
        "" if !binary => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    if let Ok(whole) = number.parse::<i64>() {
        return whole.checked_mul(1024_i64.pow(power));
    }
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let value = number.parse::<f64>().ok()? * 1024_f64.powi(i32::try_from(power).ok()?);
    // fractions of a byte are cut off; what i64 cannot hold is no size
    #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
    (value < 9.0e18).then_some(value as i64)
}

/// Reads a duration: Go's notation (`1h5m30.5s20ms`) with `d` and `w`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    rest = rest.strip_prefix('+').unwrap_or(rest);
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
    Some(total)
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
    fn sizes() {
        let cases = [
            ("0", Some(0)),
            ("50M", Some(52_428_800)),
            ("1.5k", Some(1536)),
            ("2 GiB", Some(2 << 30)),
            ("64mb", Some(64 << 20)),
            ("10b", Some(10)),
            ("-1", Some(-1)),
            ("", None),
            ("k", None),
            ("1x", None),
            ("1i", None),
            ("-5", None),
            ("99999999p", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_bytes(text), expected, "{text}");
        }
    }

    #[test]
    fn durations() {
        let cases = [
            ("0", Some(0)),
            ("10s", Some(10_000)),
            ("1h5m30s20ms", Some(3_930_020)),
            ("1w2d", Some(777_600_000)),
            ("1.5s", Some(1500)),
            (".5s", Some(500)),
            ("30", None),
            ("", None),
            ("-1s", None),
            ("s", None),
            ("1x", None),
            ("1..5s", None),
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
    }
}
