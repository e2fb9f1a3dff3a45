use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, ContainerStatus, Pod};
use kube::api::ListParams;

use super::Error;
use crate::deploy::{Cluster, Target};
use crate::kubernetes::labels;

/// One container of a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replica {
    /// The service; the container's own name where it is another's helper.
    pub service: String,
    /// Which of the service's replicas, from 1.
    pub index: usize,
    /// The pod.
    pub pod: String,
    /// The container in it.
    pub container: String,
    /// The id of its run, once there was one.
    pub run: Option<String>,
    /// It runs.
    pub running: bool,
}

impl Replica {
    /// `web-1`.
    pub fn name(&self) -> String {
        format!("{}-{}", self.service, self.index)
    }
}

/// The replica of a service to reach into: the one of an index, else the first that runs.
pub async fn replica(
    cluster: &Cluster,
    target: &Target,
    service: &str,
    index: Option<usize>,
) -> Result<Replica, Error> {
    let pods = pods(cluster, target).await?;
    choose(&target.project, &replicas(&pods), service, index)
}

/// The pods of a project.
pub(super) async fn pods(cluster: &Cluster, target: &Target) -> Result<Vec<Pod>, Error> {
    let params = ListParams::default().labels(&target.pod_selector());
    let listed = cluster.pods(&target.namespace).list(&params).await;
    Ok(listed.map_err(|error| cluster.error("list the pods of the project", error))?.items)
}

/// All containers of pods, in order of service and index.
///
/// A container is of the service whose name it has: in a pod of several services each has its own,
/// and what helps a container to start is told apart.
pub(super) fn replicas(pods: &[Pod]) -> Vec<Replica> {
    let mut pods: Vec<&Pod> = pods.iter().collect();
    pods.sort_by_key(|pod| (pod.metadata.creation_timestamp.clone(), pod.metadata.name.clone()));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut replicas = Vec::new();
    for pod in pods {
        let name = pod.metadata.name.clone().unwrap_or_default();
        let label = pod.metadata.labels.as_ref().and_then(|labels| labels.get(labels::NAME));
        for container in containers(pod) {
            let main = pod.spec.as_ref().map_or(&[][..], |spec| &spec.containers);
            // A pod of somebody's template may call its only container what it likes.
            let service = match (label, main) {
                (Some(service), [only]) if only.name == container.name => service,
                _ => &container.name,
            };
            let count = counts.entry(service.clone()).or_default();
            *count += 1;
            let status = status(pod, &container.name);
            replicas.push(Replica {
                service: service.clone(),
                index: ordinal(pod).unwrap_or(*count),
                pod: name.clone(),
                container: container.name.clone(),
                run: status.and_then(|status| status.container_id.clone()),
                running: status.is_some_and(is_running),
            });
        }
    }
    replicas.sort();
    replicas
}

/// Whether a container's logs are asked for when these services are (none: all).
pub(super) fn is_of(replica: &Replica, pods: &[Pod], services: &[String]) -> bool {
    if services.is_empty() || services.contains(&replica.service) {
        return true;
    }
    let pod = pods.iter().find(|pod| pod.metadata.name.as_ref() == Some(&replica.pod));
    pod.is_some_and(|pod| {
        let label = pod.metadata.labels.as_ref().and_then(|labels| labels.get(labels::NAME));
        let init = pod.spec.iter().flat_map(|spec| spec.init_containers.iter().flatten());
        let helps = init
            .filter(|container| container.restart_policy.is_none())
            .any(|container| container.name == replica.container);
        helps && label.is_some_and(|service| services.contains(service))
    })
}

/// A service that is asked for, and that the project does not have.
pub(super) fn unknown(
    project: &str,
    replicas: &[Replica],
    services: &[String],
) -> Result<(), Error> {
    let missing = services.iter().find(|name| !replicas.iter().any(|one| one.service == **name));
    let Some(service) = missing else { return Ok(()) };
    let mut known: Vec<String> = replicas.iter().map(|replica| replica.service.clone()).collect();
    known.dedup();
    Err(Error::NoService { project: project.to_owned(), service: service.clone(), known })
}

fn choose(
    project: &str,
    replicas: &[Replica],
    service: &str,
    index: Option<usize>,
) -> Result<Replica, Error> {
    unknown(project, replicas, &[service.to_owned()])?;
    let mut running = replicas.iter().filter(|one| one.service == service && one.running);
    let chosen = match index {
        Some(index) => running.find(|one| one.index == index),
        None => running.next(),
    };
    let service = service.to_owned();
    chosen.cloned().ok_or(match index {
        Some(index) => Error::NoIndex { service, index },
        None => Error::NotRunning { service },
    })
}

fn containers(pod: &Pod) -> impl Iterator<Item = &Container> {
    let spec = pod.spec.iter();
    spec.flat_map(|spec| spec.init_containers.iter().flatten().chain(&spec.containers))
}

fn status<'a>(pod: &'a Pod, container: &str) -> Option<&'a ContainerStatus> {
    let status = pod.status.as_ref()?;
    let all = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
    all.into_iter().find(|status| status.name == container)
}

fn is_running(status: &ContainerStatus) -> bool {
    status.state.as_ref().is_some_and(|state| state.running.is_some())
}

/// The pods of a `StatefulSet` have numbers of their own, which stay when one is replaced.
fn ordinal(pod: &Pod) -> Option<usize> {
    let owner = pod.metadata.owner_references.as_ref()?.first()?;
    if owner.kind != "StatefulSet" {
        return None;
    }
    let number = pod.metadata.name.as_ref()?.rsplit('-').next()?;
    number.parse::<usize>().ok()?.checked_add(1)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pod(name: &str, service: &str, init: &[Value], main: &[&str], owner: &str) -> Pod {
        let named = |name: &&str| json!({"name": name});
        let running = |name: &&str| {
            json!({"name": name, "state": {"running": {}}, "containerID": format!("x://{name}"),
                "image": "", "imageID": "", "ready": true, "restartCount": 0})
        };
        let owner = json!({"kind": owner, "name": "o", "apiVersion": "apps/v1", "uid": "u"});
        serde_json::from_value(json!({
            "metadata": {
                "name": name,
                "labels": {"app.kubernetes.io/name": service},
                "ownerReferences": [owner],
            },
            "spec": {
                "initContainers": init,
                "containers": main.iter().map(named).collect::<Vec<_>>(),
            },
            "status": {"containerStatuses": main.iter().map(running).collect::<Vec<_>>()},
        }))
        .unwrap()
    }

    fn shop() -> Vec<Pod> {
        vec![
            pod("web-b", "web", &[json!({"name": "wait-for-db"})], &["web"], "ReplicaSet"),
            pod("web-a", "web", &[json!({"name": "wait-for-db"})], &["web"], "ReplicaSet"),
            pod("db-1", "db", &[], &["postgres"], "StatefulSet"),
            pod(
                "vpn-a",
                "vpn",
                &[json!({"name": "vpn", "restartPolicy": "Always"})],
                &["client", "seeder"],
                "ReplicaSet",
            ),
        ]
    }

    #[test]
    fn replicas_have_the_names_of_their_services() {
        let replicas = replicas(&shop());
        let names: Vec<String> = replicas
            .iter()
            .map(|one| format!("{} {}/{}", one.name(), one.pod, one.container))
            .collect();
        assert_eq!(
            names,
            [
                "client-1 vpn-a/client",
                "db-2 db-1/postgres",
                "seeder-1 vpn-a/seeder",
                "vpn-1 vpn-a/vpn",
                "wait-for-db-1 web-a/wait-for-db",
                "wait-for-db-2 web-b/wait-for-db",
                "web-1 web-a/web",
                "web-2 web-b/web",
            ]
        );
    }

    #[test]
    fn a_service_brings_its_helpers_and_not_its_neighbours() {
        let pods = shop();
        let of = |service: &str| -> Vec<String> {
            let services = [service.to_owned()];
            let replicas = replicas(&pods);
            let own = replicas.iter().filter(|replica| is_of(replica, &pods, &services));
            own.map(Replica::name).collect()
        };
        assert_eq!(of("web"), ["wait-for-db-1", "wait-for-db-2", "web-1", "web-2"]);
        assert_eq!(of("vpn"), ["vpn-1"]);
        assert_eq!(of("client"), ["client-1"]);
    }

    #[test]
    fn one_that_runs_is_chosen() {
        let replicas = replicas(&shop());
        let chosen = |service, index| match choose("shop", &replicas, service, index) {
            Ok(replica) => replica.pod,
            Err(error) => format!("{error} ({})", error.help().unwrap_or_default()),
        };
        assert_eq!(chosen("web", None), "web-a");
        assert_eq!(chosen("web", Some(2)), "web-b");
        let ps = "(`longshore ps` shows the state of the services)";
        assert_eq!(
            chosen("web", Some(3)),
            format!("service `web` has no running container 3 {ps}")
        );
        assert_eq!(chosen("vpn", None), format!("no container of service `vpn` is running {ps}"));
        assert_eq!(
            chosen("wob", None),
            "project `shop` has no service `wob` in the cluster (it has: client, db, seeder, vpn, \
             wait-for-db, web)"
        );
    }
}
