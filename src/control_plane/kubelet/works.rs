//! What goes on for a pod beside its sync: pulls, hooks and probes.
//!
//! A sync never waits for any of them: each leaves a [`Report`], and wakes the pod.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use futures_util::future::BoxFuture;
use tokio::task::AbortHandle;

use super::probe::Probing;
use super::runtime::Image;
use super::wakes::Wake;

/// The works of one pod; dropped, they end.
pub(super) struct Works {
    tasks: HashMap<Work, AbortHandle>,
    reporter: Reporter,
}

/// One work: a container's, or that of a run of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Work {
    /// Pulls the image of the container of this name.
    Pull(String),
    /// Runs the hook of the run that has this id.
    PostStart(String),
    /// Runs the hook of the run that has this id.
    PreStop(String),
    /// Probes the run that has this id.
    Probe(String, Probing),
}

/// What a work has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Report {
    Pulled {
        container: String,
        image: Image,
    },
    NotPulled {
        container: String,
        never: bool,
        reason: String,
    },
    PostStartEnded {
        id: String,
        result: Result<(), String>,
    },
    PreStopEnded {
        id: String,
        result: Result<(), String>,
    },
    /// One probe; `message` says why it failed.
    Failing {
        id: String,
        probing: Probing,
        message: String,
    },
    /// The probes have passed, or failed, often enough to count.
    Probed {
        id: String,
        probing: Probing,
        passes: bool,
    },
}

/// Where works leave their reports; cheap to clone.
#[derive(Clone)]
pub(super) struct Reporter {
    reports: Arc<Mutex<Vec<Report>>>,
    wake: Wake,
}

impl Works {
    /// The works of a pod that is woken by what they report.
    pub(super) fn new(wake: Wake) -> Self {
        Self { tasks: HashMap::new(), reporter: Reporter { reports: Arc::default(), wake } }
    }

    /// What was reported since it was asked for last.
    pub(super) fn reports(&mut self) -> Vec<Report> {
        self.tasks.retain(|_, task| !task.is_finished());
        std::mem::take(&mut *self.reporter.reports.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where reports go.
    pub(super) fn reporter(&self) -> Reporter {
        self.reporter.clone()
    }

    /// Whether a work has begun and not ended.
    pub(super) fn goes_on(&self, work: &Work) -> bool {
        self.tasks.get(work).is_some_and(|task| !task.is_finished())
    }

    /// Starts a work, unless it goes on; one that has nothing to wait for has reported on return.
    pub(super) async fn start(&mut self, work: Work, mut future: BoxFuture<'static, Report>) {
        if self.goes_on(&work) {
            return;
        }
        let first = std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context)));
        if let Poll::Ready(report) = first.await {
            self.reporter.keep(report);
            return;
        }
        let reporter = self.reporter();
        self.spawn(work, Box::pin(async move { reporter.report(future.await) }));
    }

    /// Starts a work that reports by itself.
    pub(super) fn spawn(&mut self, work: Work, future: BoxFuture<'static, ()>) {
        self.tasks.insert(work, tokio::spawn(future).abort_handle());
    }

    /// Ends all probes but these.
    pub(super) fn keep_probes(&mut self, wanted: &[Work]) {
        self.tasks.retain(|work, task| {
            let stays = !matches!(work, Work::Probe(..)) || wanted.contains(work);
            if !stays {
                task.abort();
            }
            stays
        });
    }
}

impl Drop for Works {
    fn drop(&mut self) {
        for task in self.tasks.values() {
            task.abort();
        }
    }
}

impl Reporter {
    /// Leaves a report and wakes the pod.
    pub(super) fn report(&self, report: Report) {
        self.keep(report);
        self.wake.wake();
    }

    fn keep(&self, report: Report) {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
    }
}
