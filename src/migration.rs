//! The migration report: one page that says what becomes of a project, what is lost, and what to
//! do next.
//!
//! # Invariants
//! - Pure, and the same project gives the same page.
//! - All forms show one [`Migration`]; they decide nothing.
//! - What the user wrote is escaped in every form.

mod attributes;
mod html;
mod inventory;
mod json;
mod markdown;
mod row;
mod step;
mod text;

use crate::diagnostic::{Diagnostic, Loss, Report, Severity};
use crate::model::Project;
use crate::translate::SecretVariables;

pub use attributes::Attributes;
pub use inventory::{Inventory, Item};
pub use row::Row;

use step::next_steps;

/// What there is to say about the way of a project to Kubernetes.
#[derive(Debug, Clone)]
pub struct Migration<'a> {
    /// The name of the project; none when it cannot be used.
    project: Option<&'a str>,
    /// How many attributes are translated, and how.
    attributes: Attributes,
    /// A row for each service, volume and so on.
    rows: Vec<Row>,
    inventory: Inventory,
    report: &'a Report,
    steps: Vec<String>,
}

impl<'a> Migration<'a> {
    /// The report about a project; `objects` are those that it becomes (`Deployment web`), each behind
    /// the Compose path that it comes from; `secret_variables` are the rules of the command line.
    pub fn new(
        project: Option<&'a Project>,
        objects: &[(String, String)],
        secret_variables: &SecretVariables,
        report: &'a Report,
    ) -> Self {
        let rows = project.map(|project| Row::all(project, objects, report)).unwrap_or_default();
        let attributes =
            project.map(|project| Attributes::count(project, report)).unwrap_or_default();
        Self {
            project: project.map(|project| project.name.as_str()),
            attributes,
            rows,
            inventory: project
                .map(|project| Inventory::of(project, secret_variables))
                .unwrap_or_default(),
            report,
            steps: next_steps(report),
        }
    }

    /// The page for a terminal.
    pub fn text(&self) -> String {
        text::render(self)
    }

    /// The page as Markdown, e.g. for a pull request.
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }

    /// The page for a browser, in one file.
    pub fn html(&self) -> String {
        html::render(self)
    }

    /// The page for programs.
    pub fn json(&self) -> String {
        json::render(self)
    }

    /// The sentence that says it all.
    fn summary(&self) -> String {
        let Self { project, attributes, report, .. } = self;
        let Some(project) = project else {
            let errors = report.count(Severity::Error);
            let s = if errors == 1 { "" } else { "s" };
            return format!("The project cannot be used: {errors} error{s}.");
        };
        let objects: usize = self.rows.iter().map(|row| row.objects.len()).sum();
        let (exact, total) = (attributes.of(Loss::Exact), attributes.total());
        format!(
            "The project `{project}` becomes {objects} Kubernetes object{}; {exact} of its {total} \
             attributes are translated exactly.",
            if objects == 1 { "" } else { "s" },
        )
    }

    /// How many findings there are in a class of loss.
    fn count(&self, loss: Loss) -> usize {
        self.report.iter().filter(|it| it.severity != Severity::Error && it.loss == loss).count()
    }

    /// Errors first, then by class, the worst first; within a class in the order of the report.
    fn findings(&self) -> Vec<(&'static str, Vec<&Diagnostic>)> {
        let errors = self.report.iter().filter(|it| it.severity == Severity::Error).collect();
        let mut groups = vec![("Errors", errors)];
        for loss in Loss::ALL.into_iter().rev() {
            let class = self.report.iter();
            let class = class.filter(|it| it.severity != Severity::Error && it.loss == loss);
            groups.push((title(loss), class.collect()));
        }
        groups.retain(|(_, findings): &(_, Vec<_>)| !findings.is_empty());
        groups
    }
}

/// A class of loss as a heading.
const fn title(loss: Loss) -> &'static str {
    match loss {
        Loss::Exact => "Other findings",
        Loss::Approximated => "Approximated: done in another way",
        Loss::IgnoredHarmless => "Ignored, harmless: the application cannot notice",
        Loss::IgnoredBehaviourChange => "Ignored: the application may behave differently",
        Loss::Unsupported => {
            "Unsupported: Kubernetes has nothing like it, or longshore does not translate it"
        }
    }
}

/// The place of a finding, if it has one.
fn place(diagnostic: &Diagnostic) -> String {
    diagnostic.span.as_ref().map(ToString::to_string).unwrap_or_default()
}
