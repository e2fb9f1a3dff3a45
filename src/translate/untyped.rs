use std::collections::BTreeSet;

use crate::diagnostic::{Loss, codes};
use crate::model::UntypedAttribute;

use super::findings::Findings;

mod rules;

use rules::{RULES, Rule};

/// What becomes of an attribute without a field in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Serves the local machine or the image build.
    Local,
    /// The application cannot notice.
    Harmless,
    /// Kubernetes has nothing like it.
    NoEquivalent,
    /// Kubernetes could do it, longshore does not yet.
    NotYet,
}

/// Reports every attribute that the files set and the model does not hold, once per rule and place;
/// not those whose value asks for what Kubernetes does anyway.
pub fn report_untyped(untyped: &[UntypedAttribute], findings: &Findings) {
    let mut told = BTreeSet::new();
    for UntypedAttribute { path, span } in untyped {
        let (place, rule) = find_rule(path);
        let value = span.text().trim_matches(['"', '\'']);
        let is_exact = rule.is_some_and(|rule| place == path && rule.exact.contains(&value));
        if !is_exact && told.insert(place.to_owned()) {
            report(place, rule, findings);
        }
    }
}

fn report(place: &str, rule: Option<&Rule>, findings: &Findings) {
    let site = findings.site(place);
    let attribute = place.rsplit('.').next().unwrap_or(place);
    let (code, loss, message) = match rule.map_or(Class::NotYet, |rule| rule.class) {
        Class::Local => (
            codes::LOCAL_ONLY,
            Loss::IgnoredHarmless,
            format!("`{attribute}` serves this machine or the image build and is left out"),
        ),
        Class::Harmless => (
            codes::NOT_TRANSLATED,
            Loss::IgnoredHarmless,
            format!("`{attribute}` is left out; the application cannot notice"),
        ),
        Class::NoEquivalent => (
            codes::NOT_TRANSLATED,
            Loss::Unsupported,
            format!("`{attribute}` has no equivalent in Kubernetes and is left out"),
        ),
        Class::NotYet => (
            codes::NOT_TRANSLATED,
            Loss::Unsupported,
            format!("longshore does not translate `{attribute}` yet"),
        ),
    };
    let help = rule.map_or("write the Kubernetes equivalent into a template", |rule| rule.help);
    match code {
        codes::LOCAL_ONLY => site.note(code, loss, message, help),
        code if loss == Loss::IgnoredHarmless => site.note(code, loss, message, help),
        code => site.warn(code, loss, message, help),
    }
}

/// The rule for a path, with the part of the path that it is about.
fn find_rule(path: &str) -> (&str, Option<&'static Rule>) {
    RULES
        .iter()
        .find_map(|rule| Some((matched(path, rule.pattern)?, Some(rule))))
        .unwrap_or((path, None))
}

/// The leading part of the path that matches the pattern, in which `*` stands for any one name.
fn matched<'a>(path: &'a str, pattern: &str) -> Option<&'a str> {
    let mut rest = path;
    let mut length = 0;
    for (index, wanted) in pattern.split('.').enumerate() {
        if index > 0 {
            rest = rest.strip_prefix('.')?;
        }
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if wanted != "*" && wanted != name {
            return None;
        }
        // List items are part of the list: what is said about them is said once, about the list.
        rest = after.find('.').filter(|_| after.starts_with('[')).map_or(after, |dot| {
            if pattern.split('.').count() > index + 1 { &after[dot..] } else { after }
        });
        length = path.len() - rest.len();
    }
    path.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_speaks_about_the_part_that_it_names() {
        for (path, pattern, expected) in [
            (
                "services.web.blkio_config.weight",
                "services.*.blkio_config",
                Some("services.web.blkio_config"),
            ),
            ("services.web.devices[0]", "services.*.devices", Some("services.web.devices")),
            (
                "services.web.volumes[1].bind.propagation",
                "services.*.volumes.bind",
                Some("services.web.volumes[1].bind"),
            ),
            ("services.web.cgroup_parent", "services.*.cgroup", None),
            ("services.web", "services.*.cgroup", None),
            ("networks.back.ipam.config[0].subnet", "networks.*.ipam", Some("networks.back.ipam")),
        ] {
            assert_eq!(matched(path, pattern), expected, "{path}");
        }
    }

    #[test]
    fn no_rule_hides_behind_a_shorter_one() {
        for (index, rule) in RULES.iter().enumerate() {
            let shadowed = RULES[..index]
                .iter()
                .any(|earlier| matched(rule.pattern, earlier.pattern).is_some());
            assert!(!shadowed, "{}", rule.pattern);
        }
    }
}
