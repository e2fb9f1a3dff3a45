//! What longshore tells the user about their compose files.
//!
//! # Invariants
//! - A [`Diagnostic`] is data; only [`text`] makes it readable.
//! - A [`Span`] holds its source, so that a diagnostic can be shown wherever it arrives.
//! - A [`Span`] knows through what its text came; what holds a span holds this history, too.
//! - A [`Report`] is stable: the same input gives the same diagnostics in the same order.
//! - A [`Report`] shows no value of a variable of the process environment, and none that looks like a secret.

mod allow;
pub mod attributes;
pub mod codes;
mod explanation;
mod fail_on;
mod fingerprint;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
mod looks_secret;
mod masked;
mod report;
mod repository;
pub mod sarif;
mod span;
pub mod text;
mod via;

use std::collections::BTreeSet;

pub use allow::{Allow, Scope, allow, comments};
pub use codes::Code;
pub use explanation::Explanation;
pub use fail_on::FailOn;
pub use looks_secret::looks_secret;
pub use report::{Allowed, AllowedBy, Report};
pub use repository::Repository;
pub use span::{Source, Span};
pub use via::{Step, StepKind, Via};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The input cannot be used: exit code 2.
    Error,
    /// The result differs from what Compose does, or will surprise.
    Warning,
    /// Worth knowing; nothing changes at run time.
    Note,
}

impl Severity {
    /// The name for people and scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What becomes of an attribute on its way to Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Nothing is lost (findings that are no loss at all, such as errors in the input).
    Exact,
    /// The nearest equivalent is used.
    Approximated,
    /// Left out; the application cannot notice.
    IgnoredHarmless,
    /// Left out; the application may behave differently.
    IgnoredBehaviourChange,
    /// Kubernetes has nothing like it, or longshore does not translate it yet.
    Unsupported,
}

impl Loss {
    /// All classes, from nothing lost to all lost.
    pub const ALL: [Self; 5] = [
        Self::Exact,
        Self::Approximated,
        Self::IgnoredHarmless,
        Self::IgnoredBehaviourChange,
        Self::Unsupported,
    ];

    /// The name for people and scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Approximated => "approximated",
            Self::IgnoredHarmless => "ignored-harmless",
            Self::IgnoredBehaviourChange => "ignored-behaviour-change",
            Self::Unsupported => "unsupported",
        }
    }
}

/// One finding: what, where and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code that `codes` explains.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is lost.
    pub loss: Loss,
    /// The Compose path, e.g. `services.web.ports[0]`; empty for a whole file.
    pub path: String,
    /// Further paths that the same text goes to, by an alias or `extends`.
    pub also: BTreeSet<String>,
    /// The place the user must edit, with the way from there to where the value counts.
    pub span: Option<Span>,
    /// One sentence, lowercase, without full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Further places, each with what it has to do with the finding.
    pub related: Vec<(Span, String)>,
}

impl Diagnostic {
    /// An error in the input.
    pub fn error(code: Code, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, Loss::Exact, path, message)
    }

    /// A warning about an attribute that is lost or bent.
    pub fn warning(
        code: Code,
        loss: Loss,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(code, Severity::Warning, loss, path, message)
    }

    /// A note about something that changes nothing at run time.
    pub fn note(code: Code, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, Loss::IgnoredHarmless, path, message)
    }

    fn new(
        code: Code,
        severity: Severity,
        loss: Loss,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity,
            loss,
            path: path.into(),
            also: BTreeSet::new(),
            span: None,
            message: message.into(),
            help: None,
            related: Vec::new(),
        }
    }

    /// Says where it is.
    #[must_use]
    pub fn at(mut self, span: impl Into<Option<Span>>) -> Self {
        self.span = span.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}
