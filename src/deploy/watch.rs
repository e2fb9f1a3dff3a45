use std::collections::BTreeMap;
use std::pin::Pin;

use futures_util::stream::{self, Stream, StreamExt as _};
use kube::runtime::watcher;
use tokio::time::Instant;

use super::board::{Board, News};
use super::error::is_unreachable;
use super::kinds::{WORKLOADS, known};
use super::{Cluster, Error, Target};
use crate::kubernetes::{Kind, Object};

/// How many failures in a row of one watch mean that the cluster is away: about 12 seconds.
const FAILURES_TOLERATED: u32 = 5;
/// How much news is taken in before anybody looks at the board.
const BATCH: usize = 512;

/// Watches of a project's workloads and of what comes from them.
pub(super) struct Watch {
    cluster: Cluster,
    news: Pin<Box<dyn Stream<Item = Vec<Item>> + Send>>,
    failures: BTreeMap<&'static str, u32>,
}

type Item = (&'static Kind, Result<watcher::Event<Object>, watcher::Error>);

impl Watch {
    /// Watches workloads, replica sets, pods, volumes and events of a project.
    pub(super) fn of_project(cluster: &Cluster, target: &Target) -> Self {
        let own = target.selector();
        let pods = target.pod_selector();
        let workloads =
            WORKLOADS.iter().map(|(version, kind)| (known(version, kind), own.as_str()));
        let others = [
            (known("v1", "PersistentVolumeClaim"), own.as_str()),
            (known("apps/v1", "ReplicaSet"), pods.as_str()),
            (known("v1", "Pod"), pods.as_str()),
            (known("v1", "Event"), ""),
        ];
        Self::new(cluster, target, workloads.chain(others))
    }

    /// Watches kinds, each with a selector.
    pub(super) fn new<'a>(
        cluster: &Cluster,
        target: &Target,
        kinds: impl Iterator<Item = (&'static Kind, &'a str)>,
    ) -> Self {
        let watches = kinds.map(|(kind, selector)| {
            let events = cluster.watch(kind, &target.namespace, selector);
            events.map(move |event| (kind, event)).boxed()
        });
        let news = stream::select_all(watches).ready_chunks(BATCH);
        Self { cluster: cluster.clone(), news: Box::pin(news), failures: BTreeMap::new() }
    }

    /// Waits for news; may be dropped at any time without losing some.
    pub(super) async fn next(&mut self) -> Result<Vec<(&'static str, News)>, Error> {
        let batch = self.news.next().await.unwrap_or_default();
        let mut news = Vec::with_capacity(batch.len());
        for (kind, event) in batch {
            match event {
                Ok(event) => {
                    if !matches!(event, watcher::Event::Init) {
                        self.failures.remove(kind.kind);
                    }
                    news.push((kind.kind, news_of(event)));
                }
                Err(error) => self.tolerate(kind, error)?,
            }
        }
        Ok(news)
    }

    /// Waits for news and puts them on a board.
    pub(super) async fn feed(&mut self, board: &mut Board) -> Result<(), Error> {
        let news = self.next().await?;
        let now = Instant::now();
        for (kind, news) in news {
            board.take(kind, news, now);
        }
        Ok(())
    }

    /// A watch repairs itself: only a refusal, or failure after failure, ends the wait.
    fn tolerate(&mut self, kind: &'static Kind, error: watcher::Error) -> Result<(), Error> {
        let (watcher::Error::InitialListFailed(source)
        | watcher::Error::WatchStartFailed(source)
        | watcher::Error::WatchFailed(source)) = error
        else {
            return Ok(());
        };
        let helpful_only = matches!(kind.kind, "Event" | "ReplicaSet" | "PersistentVolumeClaim");
        let refused = match &source {
            kube::Error::Api(status) => [401, 403].contains(&status.code) && !helpful_only,
            _ => false,
        };
        let failures = self.failures.entry(kind.kind).or_default();
        *failures += 1;
        if refused || (is_unreachable(&source) && *failures >= FAILURES_TOLERATED) {
            return Err(self.cluster.error(format!("watch {}", kind.plural), source));
        }
        Ok(())
    }
}

fn news_of(event: watcher::Event<Object>) -> News {
    match event {
        watcher::Event::Init => News::Listing,
        watcher::Event::InitApply(object) => News::Listed(object),
        watcher::Event::InitDone => News::AllListed,
        watcher::Event::Apply(object) => News::Changed(object),
        watcher::Event::Delete(object) => News::Gone(object),
    }
}
