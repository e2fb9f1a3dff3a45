//! Findings that the user knows of and has allowed: on the command line, in `x-longshore` or by a
//! comment in the compose file.
//!
//! Errors cannot be allowed. What is allowed is counted, and an [`Allow`] that allows nothing is a
//! finding itself, so that none outlives its reason.

mod comment;

use std::sync::Arc;

use super::{AllowedBy, Code, Diagnostic, Loss, Report, Severity, Source, Span, codes};

pub use comment::comments;

/// Leave to keep quiet about one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// Which findings.
    pub code: Code,
    /// Where.
    pub scope: Scope,
    /// How it is given, to be named in messages.
    pub given: String,
    /// Where it is written; none on the command line.
    pub place: Option<Span>,
}

/// What an [`Allow`] is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The whole project.
    Project,
    /// A Compose path and all below it.
    Path(String),
    /// The attributes on a line of a file and all below them.
    Line {
        /// The file.
        source: Arc<Source>,
        /// The line, counted from 1.
        line: usize,
    },
}

impl Allow {
    /// Reads `CODE` or `CODE:PATH`; the path counts from `root`, the path of what gives leave.
    pub fn parse(text: &str, root: Option<&str>) -> Result<Self, String> {
        let (code, path) = match text.split_once(':') {
            Some((code, path)) => (code.trim(), Some(path.trim())),
            None => (text.trim(), None),
        };
        let code = find(code)?;
        let scope = match (root, path) {
            (None, None) => Scope::Project,
            (Some(root), None) => Scope::Path(root.to_owned()),
            (None, Some(path)) => Scope::Path(path.to_owned()),
            (Some(root), Some(path)) => Scope::Path(format!("{root}.{path}")),
        };
        Ok(Self { code, scope, given: text.to_owned(), place: None })
    }

    fn by(&self) -> AllowedBy {
        if self.place.is_some() { AllowedBy::Source } else { AllowedBy::CommandLine }
    }

    fn covers(&self, diagnostic: &Diagnostic, way: &[&Span]) -> bool {
        if diagnostic.severity == Severity::Error || diagnostic.code != self.code {
            return false;
        }
        match &self.scope {
            Scope::Project => true,
            Scope::Path(pattern) => is_below(&diagnostic.path, pattern),
            Scope::Line { source, line } => way
                .iter()
                .chain(&diagnostic.span.as_ref())
                .any(|span| Arc::ptr_eq(&span.source, source) && span.line_column().0 == *line),
        }
    }
}

/// The code of a name, or what to say about one that no code has.
fn find(name: &str) -> Result<Code, String> {
    codes::find(name).ok_or_else(|| match codes::similar(name) {
        Some(code) => format!("there is no code `{name}`; did you mean `{}`?", code.name),
        None => format!("there is no code `{name}`; `longshore explain` lists all codes"),
    })
}

/// Takes the allowed findings out of a report, and adds the leaves that allow nothing. `way_of`
/// gives the places of the attributes on the way to a Compose path. `is_whole` says that the
/// report is about the whole project: of a part nobody can tell what is in vain.
pub fn allow<'p>(
    allows: &[Allow],
    report: &mut Report,
    way_of: impl Fn(&str) -> Vec<&'p Span>,
    is_whole: bool,
) {
    let mut used = vec![false; allows.len()];
    report.allow(|diagnostic| {
        if !allows.iter().any(|allow| allow.code == diagnostic.code) {
            return None;
        }
        let way = way_of(&diagnostic.path);
        let mut by = None;
        for (allow, used) in allows.iter().zip(&mut used) {
            if allow.covers(diagnostic, &way) {
                *used = true;
                by = by.or(Some(allow.by()));
            }
        }
        by
    });
    if !is_whole {
        return;
    }
    for (allow, _) in allows.iter().zip(used).filter(|(_, used)| !used) {
        let message = format!("`{}` allows nothing: there is no such finding", allow.given);
        let mut note = Diagnostic::note(codes::UNUSED_ALLOW, "", message).at(allow.place.clone());
        note.loss = Loss::Exact;
        report.push(note.help("remove it"));
    }
}

/// Whether a path is that of a pattern or below it; `*` is any part, and `ports` is also
/// `ports[0]`.
fn is_below(path: &str, pattern: &str) -> bool {
    let mut parts = path.split('.');
    pattern.split('.').all(|wanted| {
        parts.next().is_some_and(|part| {
            wanted == "*"
                || part == wanted
                || part.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('['))
        })
    }) || path.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_covers_what_is_below_it() {
        let cases = [
            ("services.web.ulimits", "services.web", true),
            ("services.web.ulimits", "services.web.ulimits", true),
            ("services.web.ulimits", "services.*.ulimits", true),
            ("services.web.ports[0].name", "services.web.ports", true),
            ("services.web.ports[0]", "services.web.ports[0]", true),
            ("services.web.ports[1]", "services.web.ports[0]", false),
            ("services.website.ulimits", "services.web", false),
            ("services.web", "services.web.ulimits", false),
            ("services.a.b.ulimits", "services.a.b", true),
        ];
        for (path, pattern, expected) in cases {
            assert_eq!(is_below(path, pattern), expected, "{path} {pattern}");
        }
    }

    #[test]
    fn what_is_allowed_is_counted_and_what_allows_nothing_is_told() {
        let warning = |code, path| Diagnostic::warning(code, Loss::Approximated, path, "m");
        let mut report = Report::new();
        report.push(warning(codes::BIND_MOUNT, "services.a.volumes[0]"));
        report.push(warning(codes::BIND_MOUNT, "services.b.volumes[0]"));
        report.push(Diagnostic::error(codes::WRONG_TYPE, "services.a", "m"));
        let given = ["LS1004:services.a", "renamed", "LS0203"];
        let allows = given.map(|text| Allow::parse(text, None).unwrap());
        allow(&allows, &mut report, |_| Vec::new(), true);
        let told: Vec<&str> = report.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(
            told,
            [
                "m",
                "m",
                "`renamed` allows nothing: there is no such finding",
                "`LS0203` allows nothing: there is no such finding"
            ]
        );
        assert_eq!(report.allowed().len(), 1);
        assert_eq!(report.count(Severity::Warning), 1);
    }

    #[test]
    fn a_name_that_no_code_has_is_told_with_the_nearest() {
        let error = Allow::parse("ulimit", None).unwrap_err();
        assert_eq!(error, "there is no code `ulimit`; did you mean `ulimits`?");
    }
}
