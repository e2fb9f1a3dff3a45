use std::cell::{LazyCell, OnceCell};
use std::sync::Arc;

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Report, Source, Span, codes};
use crate::kubernetes::{Object, schema};
use crate::yaml::{self, Positions};

use super::marker::Lines;
use super::{EXPORT, Templates, substitute, yaml_helper};

/// What a template printed, with the template line of each line, and placeholders for values.
pub struct Rendered<'a> {
    /// The templates.
    pub templates: &'a Templates,
    /// The name of the one that printed it.
    pub template: &'a str,
    /// Whose object it is.
    pub subject: &'a str,
    /// What it printed.
    pub lines: Lines,
}

impl Rendered<'_> {
    /// The objects, checked.
    pub fn into_objects(self) -> Result<Vec<Object>, Report> {
        let mut report = Report::new();
        let printed = LazyCell::new(|| Printed::new(&self));
        let documents = match substitute::read(&self.lines, &self.templates.forms) {
            Some(documents) => documents,
            None => yaml::read(&printed.text.text).map_err(|error| {
                let line = error.line.and_then(|line| usize::try_from(line).ok()).unwrap_or(1);
                let message = format!("this is not YAML: {}", error.message);
                report.push(self.problem(&printed, line, "", &message));
                std::mem::take(&mut report)
            })?,
        };
        let mut objects = Vec::new();
        for (number, document) in documents.into_iter().enumerate() {
            for problem in schema::check(&document) {
                let line = printed.line(number, &problem.path);
                report.push(self.problem(&printed, line, &problem.path, &problem.message));
            }
            let object = match document {
                Value::Object(fields) => Object::new(fields),
                _ => None,
            };
            if let Some(object) = object {
                objects.push(object);
            } else {
                let message = "an object needs `apiVersion`, `kind` and `metadata.name`";
                let line = printed.line(number, "");
                report.push(self.problem(&printed, line, "", message));
            }
        }
        if report.is_empty() { Ok(objects) } else { Err(report) }
    }

    /// An error that shows the template's line and what it printed.
    fn problem(&self, printed: &Printed, line: usize, path: &str, message: &str) -> Diagnostic {
        let message = match path {
            "" => message.to_owned(),
            path => format!("`{path}`: {message}"),
        };
        let span = Span::of_line(&printed.text, line);
        let diagnostic = Diagnostic::error(codes::RENDERED_OBJECT, self.subject, message);
        let printed_line = line.checked_sub(1).and_then(|index| printed.lines.0.get(index));
        let origin = printed_line.and_then(|it| it.origin);
        let diagnostic = match origin.and_then(|(number, line)| {
            Some(Span::of_line(&self.templates.sources.get(number)?.1, line))
        }) {
            Some(origin) => diagnostic.at(origin).related(span, "printed as this"),
            None => diagnostic.at(span),
        };
        diagnostic.help(EXPORT)
    }
}

/// The whole text, which only errors need.
struct Printed {
    lines: Lines,
    text: Arc<Source>,
    positions: OnceCell<Positions>,
}

impl Printed {
    fn new(rendered: &Rendered<'_>) -> Self {
        let Rendered { templates: _, template, subject, lines } = rendered;
        let lines = yaml_helper::expand(lines);
        let text = Source::new(format!("{template} of {subject}, as printed"), lines.text());
        Self { lines, text: Arc::new(text), positions: OnceCell::new() }
    }

    /// The line of a field of a document.
    fn line(&self, document: usize, path: &str) -> usize {
        let positions = self.positions.get_or_init(|| Positions::new(&self.text.text));
        positions.line(document, path)
    }
}
