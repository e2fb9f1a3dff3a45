use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::stream::{BoxStream, SelectAll};
use futures_util::{AsyncBufRead, AsyncBufReadExt as _, StreamExt as _, stream};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::LogParams;
use kube::runtime::{WatchStreamExt as _, watcher};

use super::Error;
use super::merge::merged;
use super::replica::{Replica, is_of, pods, replicas, unknown};
use crate::deploy::{Cluster, Target};

/// The wait before logs that broke off are asked for again.
const PAUSE: Duration = Duration::from_millis(500);

/// Which part of the logs is shown.
#[derive(Debug, Clone, Default)]
pub struct LogsOptions {
    /// Go on with what is written later, also by replicas that start later.
    pub follow: bool,
    /// Of the run before the last restart.
    pub previous: bool,
    /// Only what was written since.
    pub since: Option<Timestamp>,
    /// Only so many lines from the end of each.
    pub tail: Option<i64>,
}

/// A line that a replica has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The replica, e.g. `web-1`.
    pub replica: String,
    /// When.
    pub time: Option<Timestamp>,
    /// What.
    pub text: String,
}

/// Shows the logs of services (none: of all), in the order of time; when they are followed, as
/// they come and until nothing is left that may write.
pub async fn logs(
    cluster: &Cluster,
    target: &Target,
    services: &[String],
    options: &LogsOptions,
    mut show: impl FnMut(&Line),
) -> Result<(), Error> {
    let pods = pods(cluster, target).await?;
    let replicas = replicas(&pods);
    unknown(&target.project, &replicas, services)?;
    let source = Source { pods: cluster.pods(&target.namespace), options: options.clone() };
    if options.follow {
        return follow(source, target, services, show).await;
    }
    let wanted = replicas.into_iter().filter(|replica| is_of(replica, &pods, services));
    let mut lines = merged(wanted.map(|replica| source.lines(replica, false)).collect());
    while let Some(line) = lines.next().await {
        show(&line);
    }
    Ok(())
}

async fn follow(
    source: Source,
    target: &Target,
    services: &[String],
    mut show: impl FnMut(&Line),
) -> Result<(), Error> {
    let config = watcher::Config::default().labels(&target.pod_selector());
    let mut watch = watcher(source.pods.clone(), config).default_backoff().boxed();
    let mut known: Vec<Pod> = Vec::new();
    let mut followed: BTreeSet<String> = BTreeSet::new();
    let mut lines = SelectAll::new();
    let mut listed = false;
    loop {
        let event = tokio::select! {
            event = watch.next() => event,
            Some(line) = lines.next() => {
                show(&line);
                continue;
            }
        };
        match event {
            Some(Ok(watcher::Event::Init)) => known.clear(),
            Some(Ok(watcher::Event::InitDone)) => listed = true,
            Some(Ok(watcher::Event::InitApply(pod) | watcher::Event::Apply(pod))) => {
                forget(&mut known, &pod);
                known.push(pod);
            }
            Some(Ok(watcher::Event::Delete(pod))) => forget(&mut known, &pod),
            // It goes on by itself.
            Some(Err(error)) => tracing::debug!(%error, "the watch of pods failed"),
            None => return Ok(()),
        }
        if !listed {
            continue;
        }
        let first = followed.is_empty();
        for replica in replicas(&known).into_iter().filter(|one| is_of(one, &known, services)) {
            let Some(run) = replica.run.clone() else { continue };
            if followed.insert(run) {
                lines.push(source.lines(replica, !first));
            }
        }
        if lines.is_empty() && known.iter().all(has_ended) {
            return Ok(());
        }
    }
}

fn forget(known: &mut Vec<Pod>, pod: &Pod) {
    known.retain(|other| other.metadata.uid != pod.metadata.uid);
}

fn has_ended(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}

/// Where lines come from.
struct Source {
    pods: Api<Pod>,
    options: LogsOptions,
}

impl Source {
    /// The lines of a replica; all that it has written when it is `new`.
    fn lines(&self, replica: Replica, new: bool) -> BoxStream<'static, Line> {
        let LogsOptions { follow, previous, since, tail } = self.options.clone();
        let reading = Reading {
            pods: self.pods.clone(),
            params: LogParams {
                container: Some(replica.container.clone()),
                follow,
                previous,
                since_time: since.filter(|_| !new),
                tail_lines: tail.filter(|_| !new),
                timestamps: true,
                ..LogParams::default()
            },
            name: replica.name(),
            pod: replica.pod,
            seen: None,
            told: None,
            open: None,
        };
        stream::unfold(reading, async |mut reading| Some((reading.next().await?, reading))).boxed()
    }
}

/// The logs of one run, which are asked for again when they break off.
struct Reading {
    pods: Api<Pod>,
    params: LogParams,
    name: String,
    pod: String,
    /// The time of the last line.
    seen: Option<Timestamp>,
    /// Lines up to this time were told before the logs broke off.
    told: Option<Timestamp>,
    open: Option<std::pin::Pin<Box<dyn AsyncBufRead + Send>>>,
}

impl Reading {
    async fn next(&mut self) -> Option<Line> {
        loop {
            let open = match &mut self.open {
                Some(open) => open,
                // Not started, or gone: it has nothing to say.
                closed => match self.pods.log_stream(&self.pod, &self.params).await {
                    Ok(stream) => closed.insert(Box::pin(stream)),
                    Err(kube::Error::Api(_)) => return None,
                    Err(_) if self.params.follow => {
                        tokio::time::sleep(PAUSE).await;
                        continue;
                    }
                    Err(_) => return None,
                },
            };
            let mut bytes = Vec::new();
            match open.read_until(b'\n', &mut bytes).await {
                Ok(0) => return None,
                Ok(_) => {}
                Err(_) if self.params.follow => {
                    self.again();
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                Err(_) => return None,
            }
            let line = line(&self.name, &bytes);
            if line.time.is_some() && line.time <= self.told {
                continue;
            }
            self.seen = line.time.max(self.seen);
            return Some(line);
        }
    }

    fn again(&mut self) {
        self.open = None;
        self.told = self.seen;
        self.params.tail_lines = None;
        self.params.since_time = self.seen.or(self.params.since_time);
    }
}

/// A line with its time before it, taken apart.
fn line(replica: &str, bytes: &[u8]) -> Line {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    let dated = text.split_once(' ').and_then(|(time, rest)| Some((time.parse().ok()?, rest)));
    let (time, text) = dated.map_or((None, text), |(time, rest)| (Some(time), rest));
    Line { replica: replica.to_owned(), time, text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_time_before_it() {
        let read = |bytes: &[u8]| {
            let Line { replica, time, text } = line("web-1", bytes);
            format!("{replica} {} {text:?}", time.map_or("-".to_owned(), |time| time.to_string()))
        };
        let time = "2026-01-01T00:00:00.5Z";
        assert_eq!(
            read(b"2026-01-01T00:00:00.500000000Z hi there\r\n"),
            format!("web-1 {time} \"hi there\"")
        );
        assert_eq!(read(b"2026-01-01T00:00:00.5Z \n"), format!("web-1 {time} \"\""));
        assert_eq!(read(b"plain text"), "web-1 - \"plain text\"");
        assert_eq!(read(b"2026-01-01T00:00:00.5Z \xff\n"), format!("web-1 {time} \"\u{fffd}\""));
    }
}
