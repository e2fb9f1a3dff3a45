//! Quantities as numbers, in thousandths, so that `100m` stays whole.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

const BINARY: &[(&str, u32)] = &[("Ki", 1), ("Mi", 2), ("Gi", 3), ("Ti", 4), ("Pi", 5), ("Ei", 6)];
const DECIMAL: &[(&str, i32)] = &[
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
];

/// The thousandths of a quantity, rounded up; none when it is not one.
pub(crate) fn thousandths(quantity: &Quantity) -> Option<i128> {
    let text = quantity.0.trim();
    for (suffix, power) in BINARY {
        if let Some(number) = text.strip_suffix(suffix) {
            return scaled(number, 3)?.checked_mul(1024_i128.checked_pow(*power)?);
        }
    }
    for (suffix, power) in DECIMAL {
        if let Some(number) = text.strip_suffix(suffix) {
            return scaled(number, power + 3);
        }
    }
    match text.split_once(['e', 'E']) {
        Some((number, power)) => {
            scaled(number, power.parse::<i32>().ok().filter(|p| (-30..=30).contains(p))? + 3)
        }
        None => scaled(text, 3),
    }
}

/// A decimal number times a power of ten, rounded up.
fn scaled(number: &str, power: i32) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = whole.trim_start_matches(['+', '-']);
    if unsigned.is_empty() && fraction.is_empty() || !is_digits(unsigned) || !is_digits(fraction) {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let power = power - i32::try_from(fraction.len()).ok()?;
    let factor = 10_i128.checked_pow(power.unsigned_abs())?;
    if power >= 0 {
        digits.checked_mul(factor)
    } else {
        Some(digits.div_euclid(factor) + i128::from(digits.rem_euclid(factor) != 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suffix_counts() {
        let check = |text: &str, expected: Option<i128>| {
            assert_eq!(thousandths(&Quantity(text.to_owned())), expected, "{text}");
        };
        check("1", Some(1_000));
        check("100m", Some(100));
        check("0.5", Some(500));
        check("1.5Gi", Some(1_610_612_736_000));
        check("128Mi", Some(134_217_728_000));
        check("1k", Some(1_000_000));
        check("2e3", Some(2_000_000));
        check("1n", Some(1));
        check(".5", Some(500));
        check("-1", Some(-1_000));
        check("", None);
        check("Mi", None);
        check("1.2.3", None);
        check("ten", None);
        check("1e99", None);
    }
}
