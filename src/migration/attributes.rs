use std::collections::HashMap;

use crate::diagnostic::{Loss, Report, Severity};
use crate::model::Project;

/// How many attributes of a project there are in each class of loss.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attributes {
    counts: [usize; Loss::ALL.len()],
}

impl Attributes {
    /// Counts the attributes that are written in the files, each with the worst that is found at it.
    pub fn count(project: &Project, report: &Report) -> Self {
        let mut worst: HashMap<&str, Loss> = HashMap::new();
        let told = report.iter().chain(report.allowed().iter().map(|it| &it.diagnostic));
        for finding in told.filter(|finding| finding.severity != Severity::Error) {
            for path in std::iter::once(&finding.path).chain(&finding.also) {
                let worst = worst.entry(path).or_insert(finding.loss);
                *worst = finding.loss.max(*worst);
            }
        }
        let mut attributes = Self::default();
        for path in project.origins.attributes() {
            let loss = Self::loss(path, &worst);
            let count = attributes.counts.iter_mut().zip(Loss::ALL);
            count.filter(|(_, class)| *class == loss).for_each(|(count, _)| *count += 1);
        }
        attributes
    }

    /// How many are in a class.
    pub fn of(&self, loss: Loss) -> usize {
        let classes = Loss::ALL.into_iter().zip(self.counts);
        classes.filter(|(class, _)| *class == loss).map(|(_, count)| count).sum()
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.counts.iter().sum()
    }

    /// What is found at an attribute or around it; what concerns a service as a whole concerns none
    /// of its attributes.
    fn loss(path: &str, worst: &HashMap<&str, Loss>) -> Loss {
        let mut loss = Loss::Exact;
        let mut path = path;
        loop {
            if path.matches('.').count() < 2 {
                return loss;
            }
            loss = loss.max(worst.get(path).copied().unwrap_or(Loss::Exact));
            let Some(end) = path.rfind(['.', '[']) else { return loss };
            path = path.get(..end).unwrap_or("");
        }
    }
}
