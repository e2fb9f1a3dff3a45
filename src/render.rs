//! Template contexts to checked Kubernetes objects; no decisions.
//!
//! ```text
//! context ─handlebars─▶ text with markers ─▶ lines, each with its template line ─▶ parsed, checked ─▶ Objects
//! ```
//!
//! # Invariants
//! - A value never breaks the document: `{{yaml x}}` prints any value at any depth.
//! - A name that the context does not have is an error, also in `{{#if}}`.
//! - What leaves this module has passed the check against the Kubernetes types.

mod builtin;
mod condition;
mod error;
mod export;
mod marker;
mod overrides;
mod rendered;
mod substitute;
mod unprinted;
mod yaml_helper;

use std::sync::{Arc, OnceLock};

use handlebars::{Handlebars, RenderErrorReason, TemplateErrorReason, no_escape};
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Report, Source, Span, codes};
use crate::kubernetes::Object;

pub use error::TemplatesError;
pub use export::export_templates;
pub use overrides::{Override, read_overrides};

use builtin::{BUILTIN, PARTIALS};
use rendered::Rendered;
use substitute::Forms;

/// What to do about an error in a template.
const EXPORT: &str = "correct the template; `longshore templates export` gives the built-in ones";

/// So many contexts at least are printed on one processor before another one helps.
const SHARE: usize = 32;

/// A context to print.
#[derive(Debug, Clone)]
pub struct Print {
    /// The template, e.g. `deployment`.
    pub template: &'static str,
    /// Whose object it is, for errors.
    pub subject: String,
    /// What the template gets.
    pub context: Value,
}

/// The templates, ready to print.
pub struct Templates {
    /// By the number that the markers carry.
    sources: Vec<(String, Arc<Source>)>,
    /// For each template the parsed texts that it needs, when it is used: a project uses few of the
    /// templates, and reading all of them would take as long as the rest of a small one.
    parsed: Vec<OnceLock<Handlebars<'static>>>,
    forms: Forms,
    is_overridden: bool,
}

impl Templates {
    /// The built-in templates, each replaced by its override if there is one.
    ///
    /// The report says which templates cannot be parsed, and where.
    pub fn new(overrides: Vec<Override>) -> Result<Self, Report> {
        let mut sources: Vec<(String, Arc<Source>)> = BUILTIN
            .iter()
            .map(|(name, text)| {
                let shown = format!("built-in {}", builtin::file_name(name));
                ((*name).to_owned(), Arc::new(Source::new(shown, *text)))
            })
            .collect();
        let is_overridden = !overrides.is_empty();
        let mut report = Report::new();
        for Override { name, source } in overrides {
            let source = Arc::new(source);
            // An error is told also when nothing uses the template.
            if let Err(error) = register(&mut registry(), &name, &source, 0) {
                report.push(error);
            }
            if let Some(known) = sources.iter_mut().find(|(known, _)| *known == name) {
                known.1 = source;
            }
        }
        let parsed = sources.iter().map(|_| OnceLock::new()).collect();
        if report.is_empty() {
            Ok(Self { sources, parsed, forms: Forms::default(), is_overridden })
        } else {
            Err(report)
        }
    }

    /// Reads the templates that nearly every project uses, so that they are there when they are needed.
    pub fn prepare(&self) {
        for template in ["deployment", "service"] {
            self.parsed(template);
        }
    }

    /// Prints contexts, on all processors; the results have the order of the contexts.
    pub fn render_all(&self, prints: Vec<Print>) -> Vec<Result<Vec<Object>, Report>> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = processors.min(prints.len() / SHARE).max(1);
        if threads == 1 {
            prints.into_iter().map(|print| self.render(print)).collect()
        } else {
            self.render_on(threads, prints)
        }
    }

    fn render_on(&self, threads: usize, prints: Vec<Print>) -> Vec<Result<Vec<Object>, Report>> {
        // Dealt out like cards: large and small objects stand together in the list.
        let mut hands: Vec<Vec<(usize, Print)>> = (0..threads).map(|_| Vec::new()).collect();
        for (index, print) in prints.into_iter().enumerate() {
            if let Some(hand) = hands.get_mut(index % threads) {
                hand.push((index, print));
            }
        }
        let mut results: Vec<_> = std::thread::scope(|scope| {
            let play = |hand: Vec<(usize, Print)>| {
                let render = |(index, print)| (index, self.render(print));
                scope.spawn(move || hand.into_iter().map(render).collect::<Vec<_>>())
            };
            let threads: Vec<_> = hands.into_iter().map(play).collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().expect("what is wrong is a report, not a panic"))
                .collect()
        });
        results.sort_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, result)| result).collect()
    }

    /// Prints a context. A template may print several documents, or none.
    pub fn render(&self, print: Print) -> Result<Vec<Object>, Report> {
        let Print { template, subject, context } = print;
        let subject = subject.as_str();
        let marked = self.parsed(template).render_with_context(template, &context.into());
        let marked = marked.map_err(|error| {
            let name = error.template_name.as_deref().unwrap_or(template);
            let message = reason(error.reason());
            self.report(match self.source(name) {
                Some(source) => template_error(
                    source,
                    error.line_no.unwrap_or(1),
                    error.column_no.unwrap_or(0),
                    message,
                ),
                None => Diagnostic::error(codes::TEMPLATE, subject, message),
            })
        })?;
        let lines = marker::unmark(&marked);
        Rendered { templates: self, template, subject, lines }.into_objects()
    }

    /// A template with all that it calls. One of the user's may call any other.
    fn parsed(&self, template: &str) -> &Handlebars<'static> {
        let used = |name: &str| self.sources.iter().position(|(known, _)| known == name);
        let first = if self.is_overridden { Some(0) } else { used(template) };
        let parse = || {
            let mut registry = registry();
            for (number, (name, source)) in self.sources.iter().enumerate() {
                if self.is_overridden || name == template || self.calls(template, name) {
                    register(&mut registry, name, source, number)
                        .expect("a test parses the built-in ones, and `new` the others");
                }
            }
            registry
        };
        match first.and_then(|first| self.parsed.get(first)) {
            Some(parsed) => parsed.get_or_init(parse),
            None => self.parsed.first().expect("there are templates").get_or_init(parse),
        }
    }

    /// Whether a built-in template calls another one, itself or through those that it calls.
    fn calls(&self, template: &str, called: &str) -> bool {
        let Some(source) = self.source(template) else { return false };
        let is_partial = |name: &&str| name.starts_with(PARTIALS) && *name != template;
        let all = self.sources.iter().map(|(name, _)| name.as_str()).filter(is_partial);
        let mut direct = all.filter(|name| source.text.contains(&format!("{{{{> {name}")));
        direct.any(|name| name == called || self.calls(name, called))
    }

    fn source(&self, name: &str) -> Option<&Arc<Source>> {
        self.sources.iter().find(|(known, _)| known == name).map(|(_, source)| source)
    }

    #[expect(clippy::unused_self, reason = "reads as the other steps do")]
    fn report(&self, diagnostic: Diagnostic) -> Report {
        let mut report = Report::new();
        report.push(diagnostic);
        report
    }
}

/// A registry with our helpers and no templates.
fn registry() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(no_escape);
    registry.register_helper("yaml", Box::new(yaml_helper::YamlHelper));
    registry.register_helper("if", Box::new(condition::Condition { wanted: true }));
    registry.register_helper("unless", Box::new(condition::Condition { wanted: false }));
    registry
}

fn register(
    registry: &mut Handlebars<'static>,
    name: &str,
    source: &Arc<Source>,
    number: usize,
) -> Result<(), Diagnostic> {
    let marked = marker::mark(&source.text, number);
    registry.register_template_string(name, marked).map_err(|error| {
        let (line, column) = error.pos().unwrap_or((1, 0));
        template_error(source, line, column, syntax(error.reason()))
    })
}

fn template_error(source: &Arc<Source>, line: usize, column: usize, message: String) -> Diagnostic {
    let whole = Span::of_line(source, line);
    let start = whole.start
        + whole.text().char_indices().nth(column.saturating_sub(1)).map_or(0, |(byte, _)| byte);
    let span = Span::new(Arc::clone(source), start, whole.end);
    Diagnostic::error(codes::TEMPLATE, "", message).at(span).help(EXPORT)
}

/// The parser lists all that it could have read instead, which helps nobody.
fn syntax(reason: &TemplateErrorReason) -> String {
    match reason {
        TemplateErrorReason::InvalidSyntax(_) => {
            "this is not a template: a tag or block is not closed, or not well-formed".to_owned()
        }
        other => other.to_string(),
    }
}

fn reason(reason: &RenderErrorReason) -> String {
    match reason {
        RenderErrorReason::MissingVariable(Some(path)) => format!("the context has no `{path}`"),
        RenderErrorReason::MissingVariable(None) => "the context has no such name".to_owned(),
        RenderErrorReason::HelperNotFound(name) => format!("there is no helper `{name}`"),
        RenderErrorReason::PartialNotFound(name) => format!("there is no template `{name}`"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
