//! How values are written in a canonical Compose file.

use std::time::Duration;

use serde::Serializer;

/// `1m30s`.
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
pub(super) fn duration<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => serializer.serialize_str(&duration_text(*duration)),
        None => serializer.serialize_none(),
    }
}

/// A size as its number of bytes, in a text: `"67108864"`.
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
pub(super) fn bytes<S: Serializer>(bytes: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match bytes {
        Some(bytes) => serializer.collect_str(bytes),
        None => serializer.serialize_none(),
    }
}

/// A number, without a fraction where it has none.
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
pub(super) fn number<S: Serializer>(
    number: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match number {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number in the range")]
        Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            serializer.serialize_i64(*number as i64)
        }
        Some(number) => serializer.serialize_f64(*number),
        None => serializer.serialize_none(),
    }
}

/// A file mode in octal, in a text: `"0440"`.
#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
pub(super) fn file_mode<S: Serializer>(
    mode: &Option<u32>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match mode {
        Some(mode) => serializer.collect_str(&format_args!("0{mode:o}")),
        None => serializer.serialize_none(),
    }
}

/// A duration as Go prints it: `1h0m0.5s`, `1.5ms`, `0s`.
fn duration_text(duration: Duration) -> String {
    let nanoseconds = duration.as_nanos();
    let below_a_second = [(1, "ns"), (1_000, "µs"), (1_000_000, "ms")];
    if nanoseconds == 0 {
        return "0s".to_owned();
    }
    if nanoseconds < 1_000_000_000 {
        let unit = below_a_second.into_iter().rev().find(|(size, _)| nanoseconds >= *size);
        let (size, name) = unit.unwrap_or((1, "ns"));
        return decimal(nanoseconds, size) + name;
    }
    let seconds = duration.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let rest = decimal(nanoseconds % 60_000_000_000, 1_000_000_000);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, minutes) => format!("{minutes}m{rest}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{rest}s"),
    }
}

/// `value` in units of `unit`, a power of ten, without zeros at the end.
fn decimal(value: u128, unit: u128) -> String {
    let (whole, fraction) = (value / unit, value % unit);
    if fraction == 0 {
        return whole.to_string();
    }
    let places = unit.ilog10() as usize;
    let fraction = format!("{fraction:0places$}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_as_go_prints_them() {
        for (nanoseconds, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1µs"),
            (2_200_000, "2.2ms"),
            (10_000_000_000, "10s"),
            (3_300_000_000, "3.3s"),
            (90_000_000_000, "1m30s"),
            (245_000_000_000, "4m5s"),
            (245_001_000_000, "4m5.001s"),
            (3_600_000_000_000, "1h0m0s"),
            (18_367_001_000_000, "5h6m7.001s"),
            (1_814_400_000_000_000, "504h0m0s"),
        ] {
            assert_eq!(duration_text(Duration::from_nanos(nanoseconds)), text);
        }
    }
}
