//! The verbs of the API, for HTTP handlers, controllers, scheduler and kubelet alike.

use std::sync::Arc;

use serde_json::Value;

pub use super::store::Key;
use super::store::{Event, Stored};
use crate::kubernetes::{Kind, Status};

/// The verbs over one store; cheap to clone.
#[derive(Clone)]
pub struct Verbs {}

/// How an object is written.
#[derive(Debug, Clone, Default)]
pub struct WriteOptions {
    /// The field manager; controllers give their own name.
    pub manager: String,
    /// `dryRun=All`: everything but persistence.
    pub dry_run: bool,
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

/// What a delete did.
#[derive(Debug, Clone)]
pub enum Deleted {
    /// The object is gone; its last state.
    Gone(Arc<Stored>),
    /// The object waits for its finalizers or its grace period.
    Pending(Arc<Stored>),
}

/// The ring was overrun: list again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired;

/// A reader of the event ring, for all kinds.
pub struct Cursor {}

impl Cursor {
    /// The next event, when there is one.
    pub async fn next(&mut self) -> Result<Arc<Event>, Expired> {
        std::future::pending().await
    }
}

#[expect(clippy::todo, clippy::unused_async, unused_variables, reason = "contract")]
impl Verbs {
    /// Verbs over an empty store in memory, with the bootstrap namespaces: for tests.
    pub fn ephemeral() -> Self {
        todo!()
    }

    /// One object.
    pub fn get(&self, key: &Key) -> Result<Arc<Stored>, Status> {
        todo!()
    }

    /// All objects of a kind, in one namespace or in all, with the revision of the list.
    pub fn list(&self, kind: &'static Kind, namespace: Option<&str>) -> (Vec<Arc<Stored>>, u64) {
        todo!()
    }

    /// Creates an object.
    pub async fn create(
        &self,
        kind: &'static Kind,
        namespace: &str,
        object: Value,
        options: &WriteOptions,
    ) -> Result<Arc<Stored>, Status> {
        todo!()
    }

    /// Replaces an object, or one of its subresources (`status`, `scale`, …; empty for the object).
    pub async fn update(
        &self,
        key: &Key,
        subresource: &str,
        object: Value,
        options: &WriteOptions,
    ) -> Result<Arc<Stored>, Status> {
        todo!()
    }

    /// Patches an object, or one of its subresources.
    pub async fn patch(
        &self,
        key: &Key,
        subresource: &str,
        patch: Patch,
        options: &WriteOptions,
    ) -> Result<Arc<Stored>, Status> {
        todo!()
    }

    /// Deletes an object.
    pub async fn delete(&self, key: &Key, options: &DeleteOptions) -> Result<Deleted, Status> {
        todo!()
    }

    /// All events after a revision.
    pub fn watch(&self, after: u64) -> Result<Cursor, Expired> {
        todo!()
    }
}
