//! "Did you mean …?"

/// Of so many names nobody remembers one that is near.
const MAX_CANDIDATES: usize = 1_000;

/// The candidate that a mistyped name most likely stands for.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // the distance is quadratic in the length, and nobody mistypes pages
    if name.len() > 100 {
        return None;
    }
    let length = name.chars().count();
    let is_near =
        |distance: usize, candidate: &str| distance <= candidate.chars().count().div_ceil(3);
    candidates
        .take(MAX_CANDIDATES)
        // the distance is never less than the difference in length, which costs nothing to find
        .filter(|candidate| is_near(length.abs_diff(candidate.chars().count()), candidate))
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        // another single letter is another name
        .filter(|(distance, candidate)| {
            is_near(*distance, candidate) && *distance < candidate.chars().count()
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
