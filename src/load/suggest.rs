//! "Did you mean …?"

/// More candidates than this are no list that anybody mistyped a name of.
const MAX_CANDIDATES: usize = 1_000;

/// The candidate that a mistyped name most likely stands for.
///
/// Upper and lower case differ by nothing worth counting, and `-` and `_` are taken for each other.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // the distance is quadratic in the length, and nobody mistypes pages
    if name.len() > 100 {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let length = name.chars().count();
    let name = plain(name);
    candidates
        .take(MAX_CANDIDATES)
        .filter_map(|candidate| {
            let other = candidate.chars().count();
            let tolerance = tolerance(length.max(other));
            if length.abs_diff(other) > tolerance {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&name, &plain(candidate));
            (distance <= tolerance).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// The remedy for a name that nothing defines, where the reader may have mistyped another.
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    match nearest(name, candidates) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => otherwise(),
    }
}

/// How many letters may differ: in a name of one letter none, as any other would be as near.
fn tolerance(length: usize) -> usize {
    match length {
        0 | 1 => 0,
        2..=4 => 1,
        _ => length.div_ceil(3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_suggested() {
        let known = ["image", "ports", "environment", "pid", "stop_signal", "x", "db"];
        let cases = [
            ("imagee", Some("image")),
            ("enviroment", Some("environment")),
            ("port", Some("ports")),
            ("IMAGE", Some("image")),
            ("stop-signal", Some("stop_signal")),
            ("bd", Some("db")),
            ("dba", Some("db")),
            ("whatever", None),
            ("y", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, known.into_iter()), expected, "{name}");
        }
    }
}
