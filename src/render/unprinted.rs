//! What the templates of a user leave out: they are copies, and do not know what has come since.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Loss, Report, Span, codes};

use super::condition::is_something;
use super::{Print, Templates};

/// The parts of a context that have a template of their own, where the one above calls it.
const PARTS: &[(&str, &str)] = &[
    ("containers", "partials/container"),
    ("initContainers", "partials/container"),
    ("metadata", "partials/metadata"),
    ("pod", "partials/pod"),
];

/// What prints a part of the context of the template that calls it.
const SHARED: &str = "partials/claim";

impl Templates {
    /// Warns of what contexts have and the templates that print them never name: once for each template and name.
    pub fn unprinted(&self, prints: &[Print]) -> Report {
        let mut report = Report::new();
        if !self.is_overridden {
            return report;
        }
        let mut search = Search::default();
        for Print { template, subject, context } in prints {
            search.walk(context, template, self);
            for (template, name) in std::mem::take(&mut search.found) {
                if let Some(source) = self.source(&template) {
                    let message = format!("the template does not print `{name}`, which is lost");
                    let loss = Loss::IgnoredBehaviourChange;
                    let warning = Diagnostic::warning(codes::UNPRINTED, loss, subject, message);
                    report.push(warning.at(Span::of_line(source, 1)).help(format!(
                        "print it as the built-in template does (`longshore templates export`), or name it in a comment, `{{{{! {name} }}}}`, to leave it out"
                    )));
                }
            }
        }
        report
    }
}

#[derive(Default)]
struct Search<'t> {
    /// The words of each template, none of one that prints nothing.
    words: HashMap<&'t str, Option<HashSet<&'t str>>>,
    /// What has been found before.
    known: HashSet<(String, String)>,
    /// Template and name.
    found: BTreeSet<(String, String)>,
}

impl<'t> Search<'t> {
    fn walk(&mut self, context: &Value, template: &str, templates: &'t Templates) {
        let Some((name, source)) = templates.sources.iter().find(|(name, _)| name == template)
        else {
            return;
        };
        let text = source.text.as_str();
        let shared = templates.source(SHARED).filter(|_| text.contains(SHARED));
        let words = self.words.entry(name).or_insert_with(|| {
            let mut words = words(text)?;
            words.extend(shared.and_then(|it| self::words(&it.text)).into_iter().flatten());
            Some(words)
        });
        let Some(words) = words else { return };
        let fields = context.as_object().into_iter().flatten();
        let mut parts = Vec::new();
        for (key, value) in fields.filter(|(_, value)| is_something(value)) {
            if !words.contains(key.as_str()) {
                let found = (template.to_owned(), key.clone());
                if self.known.insert(found.clone()) {
                    self.found.insert(found);
                }
                continue;
            }
            let part = PARTS.iter().find(|(part, _)| part == key).map(|(_, partial)| *partial);
            parts.extend(part.filter(|it| text.contains(it)).map(|partial| (partial, value)));
        }
        for (partial, value) in parts {
            match value {
                Value::Array(items) => {
                    for item in items {
                        self.walk(item, partial, templates);
                    }
                }
                value => self.walk(value, partial, templates),
            }
        }
    }
}

/// All words of a template, those of its comments too; none where it has nothing but comments.
fn words(text: &str) -> Option<HashSet<&str>> {
    let mut rest = text;
    let mut printed = String::new();
    while let Some((before, comment)) = rest.split_once("{{!") {
        printed.push_str(before);
        let end = if comment.starts_with("--") { "--}}" } else { "}}" };
        rest = comment.split_once(end).map_or("", |(_, after)| after);
    }
    printed.push_str(rest);
    let words = text.split(|it: char| !it.is_alphanumeric()).filter(|word| !word.is_empty());
    (!printed.trim().is_empty()).then(|| words.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diagnostic::Source;
    use crate::render::Override;

    fn check(name: &str, text: &str, expected: &[&str]) {
        let source = Source::new("mine", text);
        let templates = Templates::new(vec![Override { name: name.into(), source }]).unwrap();
        let container = json!({"name": "web", "image": "nginx", "envFrom": [{}], "env": []});
        let print = || Print {
            template: "job",
            subject: "services.web".into(),
            context: json!({"metadata": {"name": "web"}, "pod": {"containers": [&container]}}),
        };
        let report = templates.unprinted(&[print(), print()]);
        let found: Vec<&str> = report.iter().map(|it| it.message.as_str()).collect();
        let expected = expected.iter();
        let expected =
            expected.map(|it| format!("the template does not print `{it}`, which is lost"));
        assert_eq!(found, expected.collect::<Vec<_>>(), "{text}");
    }

    /// A copy from before `envFrom` lost the variables of a container.
    #[test]
    fn what_a_copy_does_not_know_is_told_once() {
        check("partials/container", "name: {{name}}\nimage: {{image}}\n", &["envFrom"]);
        check("partials/container", "name: {{name}}\nimage: {{image}}\n{{! envFrom }}\n", &[]);
        check("partials/container", "{{!-- no containers --}}\n", &[]);
        check("partials/metadata", "labels: {}\n", &["name"]);
        check("job", "kind: Job\nmetadata: {}\n", &["pod"]);
    }
}
