use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use k8s_openapi::api::core::v1::Pod;

use super::Runtime;
use crate::kubernetes::{Reason, Status};

/// The runtimes of the nodes, for requests that reach into containers; cheap to clone.
#[derive(Clone, Default)]
pub struct Runtimes(Arc<RwLock<HashMap<String, Arc<dyn Runtime>>>>);

impl Runtimes {
    /// Adds that of a node.
    pub fn insert(&self, node: &str, runtime: Arc<dyn Runtime>) {
        let mut nodes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        nodes.insert(node.to_owned(), runtime);
    }

    /// The runtime of the node that a pod is on.
    pub fn of(&self, pod: &Pod) -> Result<Arc<dyn Runtime>, Status> {
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
        let Some(node) = node else {
            let name = pod.metadata.name.as_deref().unwrap_or("");
            let message = format!("pod {name} does not have a host assigned");
            return Err(Status::new(Reason::BadRequest, message));
        };
        let nodes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        nodes.get(node).cloned().ok_or_else(|| {
            let message =
                format!("node {node} does not run here: nothing is known of its containers");
            Status::new(Reason::ServiceUnavailable, message)
        })
    }
}
