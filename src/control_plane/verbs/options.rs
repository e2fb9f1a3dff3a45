use std::sync::Arc;

use serde_json::Value;

use super::super::store::Stored;

/// How an object is written.
#[derive(Debug, Clone, Default)]
pub struct WriteOptions {
    /// The field manager; controllers give their own name.
    pub manager: String,
    /// `dryRun=All`: everything but persistence.
    pub dry_run: bool,
    /// `fieldValidation`.
    pub field_validation: FieldValidation,
    /// Fields that stand twice in the request body: findings of the field validation.
    pub duplicates: Vec<String>,
}

/// What happens to fields that the type does not know, and to fields that stand twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// Nothing is looked at: for writers inside the process, whose objects have types.
    #[default]
    Trusted,
    /// They are dropped in silence.
    Ignore,
    /// They are dropped, with a warning each.
    Warn,
    /// The request fails.
    Strict,
}

/// How an object is deleted.
#[derive(Debug, Clone, Default)]
pub struct DeleteOptions {
    /// `gracePeriodSeconds`.
    pub grace_period: Option<i64>,
    /// `propagationPolicy`.
    pub propagation: Option<Propagation>,
    /// `preconditions.uid`.
    pub uid: Option<String>,
    /// `preconditions.resourceVersion`.
    pub resource_version: Option<String>,
    /// `dryRun=All`.
    pub dry_run: bool,
}

/// `propagationPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Propagation {
    /// Dependents go after the owner.
    Background,
    /// Dependents go before the owner.
    Foreground,
    /// Dependents stay.
    Orphan,
}

/// A patch in one of its forms.
#[derive(Debug, Clone)]
pub enum Patch {
    /// RFC 6902.
    Json(Value),
    /// RFC 7386.
    Merge(Value),
    /// Kubernetes strategic merge patch.
    Strategic(Value),
    /// Server-side apply.
    Apply {
        /// The applied configuration.
        config: Value,
        /// Take over fields that others own.
        force: bool,
    },
}

/// What a write did, in full.
#[derive(Debug, Clone)]
pub struct Written {
    /// The object as it is now; its last state when the write let its deletion finish.
    pub object: Arc<Stored>,
    /// Whether the object is new.
    pub created: bool,
    /// What the client should be warned of.
    pub warnings: Vec<String>,
}

/// What a delete did.
#[derive(Debug, Clone)]
pub enum Deleted {
    /// The object is gone; its last state.
    Gone(Arc<Stored>),
    /// The object waits for its finalizers or its grace period.
    Pending(Arc<Stored>),
}
