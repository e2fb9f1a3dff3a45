//! Diagnostics as SARIF 2.1.0, which code scanning tools read.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>; what GitHub asks for beyond
//! it: <https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::fingerprint::Fingerprints;
use super::{AllowedBy, Code, Diagnostic, Explanation, Report, Repository, Severity, Span};

/// The whole report as one document.
pub fn render(report: &Report, repository: &Repository) -> String {
    let rest = report.rest();
    let allowed = report.allowed().iter().map(|it| (&it.diagnostic, Some(it.by)));
    let findings = report.iter().chain(&rest).map(|diagnostic| (diagnostic, None)).chain(allowed);
    let findings: Vec<(&Diagnostic, Option<AllowedBy>)> = findings.collect();
    let codes: BTreeSet<Code> = findings.iter().map(|(diagnostic, _)| diagnostic.code).collect();
    let codes: Vec<Code> = codes.into_iter().collect();
    let results = Results {
        codes: &codes,
        repository,
        fallback: repository.path(report.main_file()),
        fingerprints: Fingerprints::new(repository),
    };
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "longshore",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results.of(&findings),
        }],
    });
    format!("{document:#}\n")
}

fn rule(code: Code) -> Value {
    let mut rule = json!({ "id": code.id, "name": code.name });
    if let (Some(rule), Some(explanation)) = (rule.as_object_mut(), Explanation::of(code)) {
        let Explanation { meaning, reason, remedy, .. } = explanation;
        rule.insert("shortDescription".to_owned(), json!({ "text": meaning }));
        rule.insert("fullDescription".to_owned(), json!({ "text": format!("{meaning} {reason}") }));
        let markdown = markdown(explanation);
        rule.insert("help".to_owned(), json!({ "text": remedy, "markdown": markdown }));
    }
    rule
}

fn markdown(explanation: &Explanation) -> String {
    let Explanation { meaning, reason, example, remedy, .. } = explanation;
    let example = example.as_ref().map(|text| format!("```yaml\n{text}```\n\n"));
    format!("{meaning}\n\n{reason}\n\n{}{remedy}", example.unwrap_or_default())
}

/// The results of a run, one after the other.
struct Results<'a> {
    codes: &'a [Code],
    repository: &'a Repository,
    /// The file of findings that have no place: every result must have one.
    fallback: String,
    fingerprints: Fingerprints<'a>,
}

impl Results<'_> {
    fn of(mut self, findings: &[(&Diagnostic, Option<AllowedBy>)]) -> Vec<Value> {
        findings.iter().map(|(diagnostic, by)| self.result(diagnostic, *by)).collect()
    }

    fn result(&mut self, diagnostic: &Diagnostic, by: Option<AllowedBy>) -> Value {
        let suppressions: Vec<Value> = by
            .iter()
            .map(|by| match by {
                AllowedBy::Source => json!({ "kind": "inSource" }),
                AllowedBy::CommandLine => json!({ "kind": "external" }),
            })
            .collect();
        let Diagnostic { code, severity, loss, path, also, span, message, help, related } =
            diagnostic;
        let (fingerprint, count) = self.fingerprints.next(diagnostic);
        let level = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let help_text = help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        let mut location = Map::new();
        let physical = match span {
            Some(span) => self.physical(span),
            None => json!({ "artifactLocation": { "uri": uri(&self.fallback) } }),
        };
        location.insert("physicalLocation".to_owned(), physical);
        if !path.is_empty() {
            let logical = std::iter::once(path).chain(also);
            let logical: Vec<Value> =
                logical.map(|path| json!({ "fullyQualifiedName": path })).collect();
            location.insert("logicalLocations".to_owned(), logical.into());
        }
        let related: Vec<Value> = related
            .iter()
            .map(|(span, label)| {
                json!({ "physicalLocation": self.physical(span), "message": { "text": label } })
            })
            .collect();
        json!({
            "ruleId": code.id,
            "ruleIndex": self.codes.binary_search(code).ok(),
            "level": level,
            "message": { "text": format!("{message}{help_text}") },
            "locations": [location],
            "relatedLocations": related,
            // The key that GitHub looks at; a number tells findings with one fingerprint apart.
            "partialFingerprints": { "primaryLocationLineHash": format!("{fingerprint}:{count}") },
            "suppressions": suppressions,
            "properties": { "loss": loss },
        })
    }

    fn physical(&self, span: &Span) -> Value {
        let ((line, column), (end_line, end_column)) = span.region();
        json!({
            "artifactLocation": { "uri": uri(&self.repository.path(&span.source.name)) },
            "region": {
                "startLine": line,
                "startColumn": column,
                "endLine": end_line,
                "endColumn": end_column,
            },
        })
    }
}

/// A path as a reference: everything but the usual letters is encoded.
fn uri(path: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEPT: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(path, KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Loss, Source, codes};

    fn document(report: &Report) -> Value {
        serde_json::from_str(&render(report, &Repository::new("/repo", "/repo/my app"))).unwrap()
    }

    #[test]
    fn results_have_rules_regions_and_fingerprints() {
        let source = Arc::new(Source::new("compose.yaml", "services:\n  web: ü\n"));
        let ulimits = codes::find("ulimits").unwrap();
        let mut report = Report::new();
        report.push(
            Diagnostic::warning(ulimits, Loss::Unsupported, "services.web", "m")
                .at(Span::new(Arc::clone(&source), 17, 19))
                .related(Span::new(source, 0, 8), "here")
                .help("h"),
        );
        let document = document(&report);
        let run = &document["runs"][0];
        assert_eq!(document["version"], "2.1.0");
        let rule = &run["tool"]["driver"]["rules"][0];
        assert_eq!((&rule["id"], &rule["name"]), (&json!("LS1305"), &json!("ulimits")));
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("```yaml\nservices:"));
        let result = &run["results"][0];
        assert_eq!(result["ruleId"], "LS1305");
        assert_eq!(result["ruleIndex"], 0);
        assert_eq!(result["level"], "warning");
        assert_eq!(result["message"]["text"], "m; h");
        let location = &result["locations"][0];
        let physical = &location["physicalLocation"];
        assert_eq!(physical["artifactLocation"]["uri"], "my%20app/compose.yaml");
        let region = json!({"startLine": 2, "startColumn": 8, "endLine": 2, "endColumn": 9});
        assert_eq!(physical["region"], region);
        assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "services.web");
        assert_eq!(result["suppressions"], json!([]));
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "here");
        let fingerprint = result["partialFingerprints"]["primaryLocationLineHash"].as_str();
        assert!(fingerprint.unwrap().ends_with(":1"));
    }

    #[test]
    fn a_finding_without_a_place_has_a_file() {
        let mut report = Report::new();
        report.push(Diagnostic::error(codes::UNREADABLE_FILE, "", "no compose file"));
        let document = document(&report);
        let location = &document["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "my%20app/compose.yaml");
    }
}
