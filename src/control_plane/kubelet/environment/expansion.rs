use super::Variables;

/// Fills in `$(NAME)`; `$$` is a dollar sign, and what has no such variable stays as it is.
pub(in super::super) fn expand(text: &str, variables: &Variables) -> String {
    expand_with(text, |name| match variables.get(name) {
        Some(value) => value.clone(),
        None => format!("$({name})"),
    })
}

/// Fills in `$(NAME)` where each name must have a value: else, the names that have none.
pub(in super::super) fn expand_all(
    text: &str,
    variables: &Variables,
) -> Result<String, Vec<String>> {
    let mut missing = Vec::new();
    let expanded = expand_with(text, |name| {
        let value = variables.get(name).filter(|value| !value.is_empty());
        if value.is_none() {
            missing.push(name.to_owned());
        }
        value.cloned().unwrap_or_default()
    });
    missing.sort();
    missing.dedup();
    if missing.is_empty() { Ok(expanded) } else { Err(missing) }
}

fn expand_with(text: &str, mut value: impl FnMut(&str) -> String) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some((name, after)) =
            rest.strip_prefix('(').and_then(|rest| rest.split_once(')'))
        {
            expanded.push_str(&value(name));
            rest = after;
        } else {
            expanded.push('$');
        }
    }
    expanded.push_str(rest);
    expanded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn variables() -> Variables {
        [("A", "a"), ("B", "$(A)"), ("EMPTY", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn expands_as_upstream_does() {
        let check = |text: &str, expected: &str| {
            assert_eq!(expand(text, &variables()), expected, "{text}");
        };
        check("", "");
        check("$(A)", "a");
        check("x$(A)y$(A)", "xaya");
        check("$(B)", "$(A)");
        check("$(EMPTY)", "");
        check("$(NONE)", "$(NONE)");
        check("$$(A)", "$(A)");
        check("$$$(A)", "$a");
        check("$$$$", "$$");
        check("$A ${A}", "$A ${A}");
        check("$(A", "$(A");
        check("$(A$(B)", "$(A$(B)");
        check("cost: 5$", "cost: 5$");
        check("$()", "$()");
        check("$é", "$é");
        check("$((A))", "$((A))");
    }

    #[test]
    fn a_path_needs_all_its_variables() {
        let check = |text: &str, expected: Result<&str, &[&str]>| {
            let missing = expected.map_err(|names| names.iter().map(|one| (*one).to_owned()));
            let expected = missing.map(str::to_owned).map_err(Iterator::collect::<Vec<_>>);
            assert_eq!(expand_all(text, &variables()), expected, "{text}");
        };
        check("$(A)/b", Ok("a/b"));
        check("$(Z)/$(EMPTY)/$(Z)", Err(&["EMPTY", "Z"]));
    }

    proptest! {
        #[test]
        fn text_without_references_stays(text in "[^$]*") {
            prop_assert_eq!(expand(&text, &variables()), text);
        }

        #[test]
        fn never_panics(text in r"[$()A-Bé ]*") {
            let _ = expand(&text, &variables());
        }
    }
}
