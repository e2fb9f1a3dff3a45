//! "Did you mean …?"

/// The candidate that a mistyped name most likely stands for.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // the distance is quadratic in the length, and nobody mistypes pages
    if name.len() > 100 {
        return None;
    }
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| {
            let length = candidate.chars().count();
            // another single letter is another name
            *distance <= length.div_ceil(3) && *distance < length
        })
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_suggested() {
        let known = ["image", "ports", "environment", "pid"];
        assert_eq!(nearest("imagee", known.into_iter()), Some("image"));
        assert_eq!(nearest("enviroment", known.into_iter()), Some("environment"));
        assert_eq!(nearest("port", known.into_iter()), Some("ports"));
        assert_eq!(nearest("whatever", known.into_iter()), None);
        assert_eq!(nearest("b", ["a"].into_iter()), None);
    }
}
