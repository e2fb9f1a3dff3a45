use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Loss, Report, Severity};
use crate::model::Project;

/// What becomes of one part of a project: a service, a volume, a network, …
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The Compose path, e.g. `services.web`.
    pub path: String,
    /// The objects it becomes, e.g. `Deployment web`.
    pub objects: Vec<String>,
    /// How many findings are about it, by [`Loss::ALL`]; errors are not among them.
    pub losses: [usize; Loss::ALL.len()],
    /// How many errors are about it.
    pub errors: usize,
}

impl Row {
    /// A row for each part; of those that are not services only the ones with something to say.
    pub fn all(project: &Project, objects: &[(String, String)], report: &Report) -> Vec<Self> {
        let Project { services, jobs, networks, volumes, configs, secrets, models, .. } = project;
        let sections: [(&str, Vec<&String>); 7] = [
            ("services", services.keys().collect()),
            ("jobs", jobs.keys().collect()),
            ("networks", networks.keys().collect()),
            ("volumes", volumes.keys().collect()),
            ("configs", configs.keys().collect()),
            ("secrets", secrets.keys().collect()),
            ("models", models.keys().collect()),
        ];
        let paths = sections
            .iter()
            .flat_map(|(section, names)| names.iter().map(move |name| format!("{section}.{name}")));
        let mut rows: Vec<Self> = paths.map(|path| Self::of(path, objects, report)).collect();
        rows.retain(|row| row.path.starts_with("services.") || row.has_something_to_say());
        rows
    }

    /// How many findings are in a class.
    pub fn of_class(&self, loss: Loss) -> usize {
        let classes = Loss::ALL.into_iter().zip(self.losses);
        classes.filter(|(class, _)| *class == loss).map(|(_, count)| count).sum()
    }

    fn of(path: String, objects: &[(String, String)], report: &Report) -> Self {
        let own = objects.iter().filter(|(source, _)| *source == path);
        let objects = own.map(|(_, object)| object.clone());
        let objects = objects.collect::<BTreeSet<_>>().into_iter().collect();
        let mut row = Self { path, objects, losses: Default::default(), errors: 0 };
        for finding in report.iter().filter(|finding| is_about(finding, &row.path)) {
            if finding.severity == Severity::Error {
                row.errors += 1;
                continue;
            }
            let counts = row.losses.iter_mut().zip(Loss::ALL);
            counts.filter(|(_, loss)| *loss == finding.loss).for_each(|(count, _)| *count += 1);
        }
        row
    }

    fn has_something_to_say(&self) -> bool {
        let Self { path: _, objects, losses, errors } = self;
        !objects.is_empty() || *errors > 0 || losses.iter().any(|count| *count > 0)
    }
}

fn is_about(finding: &Diagnostic, path: &str) -> bool {
    std::iter::once(&finding.path).chain(&finding.also).any(|found| {
        found.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}
