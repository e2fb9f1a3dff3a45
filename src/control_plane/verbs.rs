//! The verbs of the API, for HTTP handlers, controllers, scheduler and kubelet alike.
//!
//! ```text
//!  create ─┐  stamp metadata ▸ defaults ▸ admission ▸ validation ▸ managed fields ▸ commit
//!  update ─┤
//!  patch  ─┘  (read ▸ change ▸ the same ▸ commit, again from the start when someone was faster)
//!  delete     finalizers, grace period, propagation ▸ commit
//! ```
//!
//! # Invariants
//! - The only code that writes to the store: what holds here holds for everyone.
//! - A write that changes nothing is no write: no new revision, no event.

mod addresses;
mod admission;
mod create;
mod delete;
mod field_validation;
mod metadata;
mod options;
mod patch;
mod pods;
mod refusal;
mod scale;
mod update;

pub use super::store::{Cursor, Expired, Key};
pub use options::{
    DeleteOptions, Deleted, FieldValidation, Patch, Propagation, WriteOptions, Written,
};
pub use scale::{is_scalable, scale_of};

use refusal::not_found;

use std::sync::{Arc, Mutex};

use serde_json::Value;

use self::addresses::Addresses;
use super::cluster_range::ClusterRange;
use super::store::{InMemory, Store, Stored};
use crate::kubernetes::{Kind, Status};

/// The verbs over one store; cheap to clone.
#[derive(Clone)]
pub struct Verbs {
    store: Store,
    range: ClusterRange,
    addresses: Arc<Mutex<Addresses>>,
}

impl Verbs {
    /// Verbs over a store, for a cluster that has these addresses.
    pub fn new(store: Store, range: ClusterRange) -> Self {
        let addresses = Arc::new(Mutex::new(Addresses::of(&store, range)));
        Self { store, range, addresses }
    }

    /// Verbs over an empty store in memory, with the namespaces that every cluster has: for tests.
    ///
    /// # Panics
    /// When the system has no thread left.
    pub async fn ephemeral() -> Self {
        let store = Store::open(Box::new(InMemory)).expect("the system has threads");
        let verbs = Self::new(store, ClusterRange::default());
        super::bootstrap::namespaces(&verbs).await.expect("an empty store takes namespaces");
        verbs
    }

    /// The addresses of the cluster.
    pub fn range(&self) -> ClusterRange {
        self.range
    }

    /// The store, for what only reads.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// One object.
    pub fn get(&self, key: &Key) -> Result<Arc<Stored>, Status> {
        self.store.get(key).ok_or_else(|| not_found(key.kind, &key.name))
    }

    /// All objects of a kind, in one namespace or in all, with the revision of the list.
    pub fn list(&self, kind: &'static Kind, namespace: Option<&str>) -> (Vec<Arc<Stored>>, u64) {
        self.store.list(kind, namespace)
    }

    /// Creates an object.
    pub async fn create(
        &self,
        kind: &'static Kind,
        namespace: &str,
        object: Value,
        options: &WriteOptions,
    ) -> Result<Arc<Stored>, Status> {
        Ok(self.create_written(kind, namespace, object, options).await?.object)
    }

    /// Replaces an object, or one of its subresources (`status`, `scale`, …; empty for the object).
    pub async fn update(
        &self,
        key: &Key,
        subresource: &str,
        object: Value,
        options: &WriteOptions,
    ) -> Result<Arc<Stored>, Status> {
        Ok(self.update_written(key, subresource, object, options).await?.object)
    }

    /// Patches an object, or one of its subresources.
    pub async fn patch(
        &self,
        key: &Key,
        subresource: &str,
        patch: Patch,
        options: &WriteOptions,
    ) -> Result<Arc<Stored>, Status> {
        Ok(self.patch_written(key, subresource, patch, options).await?.object)
    }

    /// Deletes an object.
    pub async fn delete(&self, key: &Key, options: &DeleteOptions) -> Result<Deleted, Status> {
        self.delete_object(key, options).await
    }

    /// All events after a revision.
    pub fn watch(&self, after: u64) -> Result<Cursor, Expired> {
        self.store.watch(after)
    }

    /// The events of one kind after a revision.
    pub fn watch_kind(&self, kind: &'static Kind, after: u64) -> Result<Cursor, Expired> {
        self.store.watch_kind(kind, after)
    }
}

#[cfg(test)]
mod tests;
