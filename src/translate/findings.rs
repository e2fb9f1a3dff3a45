use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic, Loss, Report, Severity, attributes, codes};
use crate::model::Origins;

use super::job::JobRun;

/// Collects what the translation has to say; shared by all its parts.
pub struct Findings<'a> {
    origins: &'a Origins,
    report: RefCell<Report>,
    /// Place, code and message of what was found: what a hook has from its service is told once.
    told: RefCell<BTreeSet<(String, &'static str, String)>>,
    /// The services that are jobs, with their keys in `jobs`.
    jobs: BTreeMap<String, String>,
}

impl<'a> Findings<'a> {
    /// Nothing found yet.
    pub fn new(origins: &'a Origins) -> Self {
        Self {
            origins,
            report: RefCell::default(),
            told: RefCell::default(),
            jobs: BTreeMap::new(),
        }
    }

    /// Nothing found yet, where these services are jobs.
    pub fn with_jobs(origins: &'a Origins, jobs: &BTreeMap<String, JobRun>) -> Self {
        let jobs = jobs.iter().map(|(key, run)| (key.clone(), run.job.clone())).collect();
        Self { jobs, ..Self::new(origins) }
    }

    /// The place of a service, or of the job that it is.
    pub fn service(&'a self, key: &str) -> Site<'a> {
        match self.jobs.get(key) {
            Some(job) => self.site(format!("jobs.{job}")),
            None => self.site(format!("services.{key}")),
        }
    }

    /// A place in the compose files.
    pub fn site(&'a self, path: impl Into<String>) -> Site<'a> {
        Site { findings: self, path: path.into() }
    }

    /// All findings, sorted.
    pub fn into_report(self) -> Report {
        let mut report = self.report.into_inner();
        report.sort();
        report
    }
}

/// A place in the compose files, by its path, at which something can be found.
#[derive(Clone)]
pub struct Site<'a> {
    findings: &'a Findings<'a>,
    path: String,
}

impl<'a> Site<'a> {
    /// The Compose path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The attribute `key` of this place.
    pub fn child(&self, key: &str) -> Site<'a> {
        Site { findings: self.findings, path: format!("{}.{key}", self.path) }
    }

    /// The entry `index` of this list.
    pub fn item(&self, index: usize) -> Site<'a> {
        Site { findings: self.findings, path: format!("{}[{index}]", self.path) }
    }

    /// The value cannot be used.
    pub fn invalid(&self, message: impl Into<String>, help: impl Into<String>) {
        let diagnostic = Diagnostic::error(codes::INVALID_VALUE, &self.path, message);
        self.push(diagnostic.help(help));
    }

    /// Two attributes cannot both hold.
    pub fn conflict(&self, message: impl Into<String>, help: impl Into<String>) {
        let diagnostic = Diagnostic::error(codes::CONFLICTING_ATTRIBUTES, &self.path, message);
        self.push(diagnostic.help(help));
    }

    /// The nearest equivalent is used, and the application may notice.
    pub fn approximated(&self, message: impl Into<String>, help: impl Into<String>) {
        self.warn(codes::APPROXIMATED, Loss::Approximated, message, help);
    }

    /// The nearest equivalent is used; the application hardly notices.
    pub fn approximated_closely(&self, message: impl Into<String>, help: impl Into<String>) {
        self.note(codes::APPROXIMATED, Loss::Approximated, message, help);
    }

    /// Left out, and the application may behave differently.
    pub fn not_translated(&self, message: impl Into<String>, help: impl Into<String>) {
        self.warn(codes::NOT_TRANSLATED, Loss::IgnoredBehaviourChange, message, help);
    }

    /// A warning with a code of its own.
    pub fn warn(
        &self,
        code: Code,
        loss: Loss,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Diagnostic::warning(code, loss, &self.path, message).help(help));
    }

    /// A note with a code of its own.
    pub fn note(
        &self,
        code: Code,
        loss: Loss,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let mut diagnostic = Diagnostic::note(code, &self.path, message).help(help);
        diagnostic.loss = loss;
        debug_assert_eq!(diagnostic.severity, Severity::Note);
        self.push(diagnostic);
    }

    /// What has no code of its own gets that of the attribute.
    fn push(&self, mut diagnostic: Diagnostic) {
        if diagnostic.code.gives_way()
            && let Some(code) = attributes::code_of(&self.path)
        {
            diagnostic.code = code;
        }
        let span = self.findings.origins.get(&self.path).cloned();
        let place = match &span {
            Some(span) => format!("{}:{}", span.source.name, span.start),
            None => self.path.clone(),
        };
        let told = (place, diagnostic.code.id, diagnostic.message.clone());
        if !self.findings.told.borrow_mut().insert(told) {
            return;
        }
        self.findings.report.borrow_mut().push(diagnostic.at(span));
    }
}
