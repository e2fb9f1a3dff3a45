//! A task that runs on every node, to its end: no Job does, because none knows how many nodes there are.

use super::context::{Container, Pod};
use super::findings::Site;
use super::pod::task;
use super::wait::waiting;

/// Does nothing, and every node has it.
const PAUSE_IMAGE: &str = "registry.k8s.io/pause:3.10.1";

/// Makes init containers of all containers of a pod of a `DaemonSet`, so that it is ready when they are done.
pub fn run_before_pause(pod: &mut Pod, site: &Site) {
    let tasks = std::mem::take(&mut pod.containers);
    let tasks = tasks.into_iter().map(|it| Container { ports: Vec::new(), ..task(it, site) });
    pod.init_containers.extend(tasks);
    pod.containers.push(waiting("pause", PAUSE_IMAGE));
}
