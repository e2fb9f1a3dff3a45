use std::cmp::Ordering;
use std::str::FromStr;

/// A number with a unit, as `resource.Quantity` reads it: `500m`, `1.5Gi`, `1e3`.
///
/// Kept in thousand-millionths, the finest step upstream keeps: larger numbers saturate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quantity {
    nanos: i128,
}

/// Not a quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)]
pub struct NotAQuantity;

impl Quantity {
    /// The value in whole units, rounded up.
    pub fn units(self) -> i128 {
        -((-self.nanos).div_euclid(1_000_000_000))
    }

    /// The form in which upstream writes a quantity back: `0.5` is `500m`, `1024Mi` is `1Gi`, `1000` is `1k`.
    pub fn canonical(text: &str) -> Result<String, NotAQuantity> {
        let nanos = text.parse::<Self>()?.nanos;
        let exponents = text.contains(['e', 'E']) && !text.ends_with('E') && !text.ends_with("Ei");
        // Below 1024 there is no binary unit, and rounding up to one would change the value.
        let binary = text.ends_with('i') && nanos.abs() >= 1024 * 1_000_000_000;
        let suffixes: &[&str] = match (binary, exponents) {
            (true, _) => &["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"],
            (_, true) => &["e-9", "e-6", "e-3", "", "e3", "e6", "e9", "e12", "e15", "e18"],
            _ => &["n", "u", "m", "", "k", "M", "G", "T", "P", "E"],
        };
        let (mut number, step) =
            if binary { (-((-nanos).div_euclid(1_000_000_000)), 1024) } else { (nanos, 1000) };
        if number == 0 {
            return Ok("0".to_owned());
        }
        let mut suffixes = suffixes.iter();
        let mut suffix = suffixes.next().copied().unwrap_or_default();
        while number % step == 0
            && let Some(next) = suffixes.next()
        {
            number /= step;
            suffix = next;
        }
        Ok(format!("{number}{suffix}"))
    }

    /// Whether the value is below zero.
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl FromStr for Quantity {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let end =
            unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at_checked(end).ok_or(NotAQuantity)?;
        let scale = Scale::parse(suffix).ok_or(NotAQuantity)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') {
            return Err(NotAQuantity);
        }
        let nanos = scale.nanos(whole, fraction);
        Ok(Self { nanos: if text.starts_with('-') { -nanos } else { nanos } })
    }
}

/// What the suffix multiplies with.
#[derive(Debug, Clone, Copy)]
enum Scale {
    Ten(i32),
    Two(u32),
}

impl Scale {
    fn parse(suffix: &str) -> Option<Self> {
        Some(match suffix {
            "" => Self::Ten(0),
            "n" => Self::Ten(-9),
            "u" => Self::Ten(-6),
            "m" => Self::Ten(-3),
            "k" => Self::Ten(3),
            "M" => Self::Ten(6),
            "G" => Self::Ten(9),
            "T" => Self::Ten(12),
            "P" => Self::Ten(15),
            "E" => Self::Ten(18),
            "Ki" => Self::Two(10),
            "Mi" => Self::Two(20),
            "Gi" => Self::Two(30),
            "Ti" => Self::Two(40),
            "Pi" => Self::Two(50),
            "Ei" => Self::Two(60),
            _ => Self::Ten(suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
        })
    }

    /// Digits beyond the ninth are rounded up, as upstream does.
    fn nanos(self, whole: &str, fraction: &str) -> i128 {
        let (exponent, factor) = match self {
            Self::Ten(exponent) => (i64::from(exponent), 1),
            Self::Two(bits) => (0, 1_i128 << bits),
        };
        let mut value = 0_i128;
        let mut rounded = false;
        let fraction_start = i64::try_from(whole.len()).unwrap_or(i64::MAX);
        // The digit at `place` counts 10^(fraction_start - 1 - place + exponent + 9) thousand-millionths.
        let last = fraction_start + exponent + 9;
        for (place, digit) in (0_i64..).zip(whole.bytes().chain(fraction.bytes())) {
            if place < last {
                value = value.saturating_mul(10).saturating_add(i128::from(digit - b'0'));
            } else {
                rounded |= digit != b'0';
            }
        }
        let digits = i64::try_from(whole.len() + fraction.len()).unwrap_or(i64::MAX);
        for _ in digits..last.min(digits + 64) {
            value = value.saturating_mul(10);
        }
        value.saturating_add(i128::from(rounded)).saturating_mul(factor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn millis(text: &str) -> Option<i128> {
        text.parse::<Quantity>().ok().map(|quantity| quantity.nanos / 1_000_000)
    }

    #[test]
    fn reads_what_upstream_reads() {
        for (text, expected) in [
            ("0", 0),
            ("1", 1000),
            ("500m", 500),
            ("0.5", 500),
            (".5", 500),
            ("5.", 5000),
            ("-1.5", -1500),
            ("+2", 2000),
            ("1k", 1_000_000),
            ("1Ki", 1_024_000),
            ("1.5Gi", 1_610_612_736_000),
            ("1e3", 1_000_000),
            ("1E3", 1_000_000),
            ("1e-3", 1),
            ("1500u", 1),
            ("1E", 1_000_000_000_000_000_000_000),
        ] {
            assert_eq!(millis(text), Some(expected), "{text}");
        }
        for text in
            ["", ".", "Mi", "1.2.3", "1 Gi", "1g", "1gi", "1KI", "1e", "--1", "0x1", "1e1.5"]
        {
            assert_eq!(millis(text), None, "{text}");
        }
    }

    #[test]
    fn compares_across_units() {
        let read = |text: &str| text.parse::<Quantity>().unwrap();
        assert!(read("1Gi") > read("1G"));
        assert_eq!(read("1000m"), read("1"));
        assert_eq!(read("1500m").units(), 2);
    }

    #[test]
    fn writes_back_as_upstream_does() {
        for (text, expected) in [
            ("0.5", "500m"),
            ("1", "1"),
            ("1000", "1k"),
            ("1024", "1024"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("0.5Ki", "512"),
            ("128M", "128M"),
            ("100m", "100m"),
            ("2000m", "2"),
            ("1e3", "1e3"),
            ("1E", "1E"),
            ("0", "0"),
            ("-0.5", "-500m"),
            ("1000Ki", "1000Ki"),
            // a property test once took this for stable: the second reading has no binary unit
            ("1000.0001Ki", "1024001"),
            ("15.625Ki", "16000"),
            ("16000", "16k"),
        ] {
            assert_eq!(Quantity::canonical(text).as_deref(), Ok(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_canonical_form_keeps_the_value(text in "-?[0-9]{1,9}(\\.[0-9]{1,4})?(n|u|m|k|M|G|T|Ki|Mi|Gi|Ti|e3|e-3)?") {
            let read = |text: &str| text.parse::<Quantity>().unwrap();
            let once = Quantity::canonical(&text).unwrap();
            // With a binary unit, parts of a whole are rounded up from 1024 on.
            if once.ends_with('i') {
                prop_assert_eq!(read(&once).units(), read(&text).units());
            }
            // A multiple of 1000 and not of 1024 that came with a binary unit has none, and is decimal
            // from then on, as upstream has it: `962270586397000`, and `962270586397k` when read again.
            let twice = Quantity::canonical(&once).unwrap();
            prop_assert_eq!(read(&once), read(&twice));
            prop_assert_eq!(Quantity::canonical(&twice), Ok(twice.clone()));
        }

        #[test]
        fn never_panics(text in "[-+0-9.a-zA-Z]{0,40}") {
            let _ = millis(&text);
        }
    }
}
