use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::observe::CONCURRENCY;
use super::{Cluster, Error, Id};

/// Kinds that tell about other objects, and go with them.
const COMPANIONS: [&str; 5] =
    ["Event", "Endpoints", "EndpointSlice", "ControllerRevision", "Lease"];

/// What every namespace gets from the cluster itself.
const GIVEN: [(&str, &str); 2] = [("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")];

/// What is in a namespace that somebody put there: objects of all kinds that the cluster serves, but
/// for what comes from another object and what the cluster makes by itself.
pub(super) async fn leftovers(cluster: &Cluster, namespace: &str) -> Result<Vec<Id>, Error> {
    let resources = cluster.discover().await?;
    let own = resources.iter().filter(|resource| {
        // Metrics are no objects: they are measured when they are asked for.
        resource.group != "metrics.k8s.io" && !COMPANIONS.contains(&resource.kind.as_str())
    });
    let found: Vec<Vec<Id>> = stream::iter(own)
        .map(|resource| async move {
            let objects = cluster.list_names(resource, namespace).await?;
            let put = objects.into_iter().filter(|object| object.owner_references.is_none());
            let ids = put.map(|object| Id::new(&resource.kind, object.name.unwrap_or_default()));
            Ok::<_, Error>(ids.filter(|id| !is_given(id)).collect())
        })
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    let mut found: Vec<Id> = found.into_iter().flatten().collect();
    found.sort();
    found.dedup();
    Ok(found)
}

fn is_given(id: &Id) -> bool {
    GIVEN.contains(&(id.kind.as_str(), id.name.as_str()))
}
