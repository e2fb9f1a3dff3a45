use bollard::models::ContainerStatsResponse;
use bollard::query_parameters::StatsOptions;
use futures_util::StreamExt;
use futures_util::future::join_all;
use jiff::Timestamp;

use super::{Docker, label};
use crate::control_plane::kubelet::runtime::{RuntimeError, Usage};
use crate::engine::labels;

impl Docker {
    /// What the containers of a pod use that run.
    pub(super) async fn measure(&self, uid: &str) -> Result<Vec<Usage>, RuntimeError> {
        let wanted = [(labels::POD_UID, uid), (labels::ROLE, labels::CONTAINER)];
        let there = self.list(&wanted).await?;
        let measured = there.iter().map(|one| async move {
            let name = label(one, labels::CONTAINER_NAME)?.to_owned();
            let options = StatsOptions { stream: false, one_shot: true };
            let mut stats = self.engine.docker().stats(one.id.as_deref()?, Some(options));
            // One that has just ended uses nothing.
            usage(name, &stats.next().await?.ok()?)
        });
        Ok(join_all(measured).await.into_iter().flatten().collect())
    }
}

fn usage(container: String, stats: &ContainerStatsResponse) -> Option<Usage> {
    let processor_time = stats.cpu_stats.as_ref()?.cpu_usage.as_ref()?.total_usage?;
    let memory = stats.memory_stats.as_ref()?;
    // The working set: what could be dropped from the page cache does not count.
    let cache = memory.stats.as_ref().and_then(|stats| {
        ["total_inactive_file", "inactive_file"].iter().find_map(|name| stats.get(*name).copied())
    });
    let memory = memory.usage?.saturating_sub(cache.unwrap_or_default());
    Some(Usage { container, processor_time, memory, at: Timestamp::now() })
}
