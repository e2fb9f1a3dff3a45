//! The loop that controllers, scheduler and kubelet share: events in, tasks on a keyed queue, writes out.
//!
//! ```text
//!  event ring ──cursor──▶ Logic::observe (index, no I/O) ──tasks──▶ Queue ──▶ Logic::start ──future──▶ verbs
//!                              ▲                                      ▲ done / again at / retry │
//!                              └──────── drained before each start ───┴──────────────────────────┘
//! ```
//!
//! # Invariants
//! - The ring is drained before a task starts, so a task sees every write that ended before: no
//!   expectations, no double creation.
//! - One task never runs twice at a time; what arrives meanwhile makes it run once more.
//! - Nothing polls and nothing resyncs; an idle runner waits on the ring and its next due time.

mod clock;
mod execute;
mod index;
mod plan;
mod queue;
mod recorder;

pub use clock::{Clock, ManualClock, SystemClock};
pub(crate) use execute::{Executor, Outcome};
pub(crate) use index::{Index, is, kind_of, parse};
pub(crate) use plan::{Note, Operation, Plan, Reference};
pub(crate) use recorder::Recorder;

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

use self::queue::Queue;
use super::store::{Change, Event};
use super::verbs::{Cursor, Expired, Verbs};
use crate::kubernetes::kinds;

/// How many tasks of one runner are under way at a time.
const CONCURRENCY: usize = 64;

/// What every loop of the control plane works with; cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The one way to read and write.
    pub verbs: Verbs,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Turns true when the server stops.
    pub shutdown: watch::Receiver<bool>,
}

/// What a runner runs.
pub(crate) trait Logic: Send + 'static {
    /// What is queued: each runs once at a time.
    type Task: Clone + Eq + Hash + Ord + Display + Send + 'static;

    /// For logs.
    fn name(&self) -> &'static str;

    /// Forgets everything that was observed: a new list follows.
    fn reset(&mut self);

    /// What is to be done once everything was listed.
    fn listed(&mut self) -> Vec<Self::Task> {
        Vec::new()
    }

    /// Takes in what happened, without I/O; returns what is to be done about it.
    fn observe(&mut self, event: &Event) -> Vec<Self::Task>;

    /// Decides from what was observed, and returns the work to be done.
    fn start(&mut self, task: &Self::Task, now: Timestamp) -> BoxFuture<'static, Outcome>;

    /// The next thing to be done that no event of the ring tells of.
    fn woken(&mut self) -> impl Future<Output = Vec<Self::Task>> + Send {
        std::future::pending()
    }

    /// Hears how a task ended.
    fn ended(&mut self, _task: &Self::Task, _outcome: &Outcome) {}

    /// How many tasks may be under way at a time.
    fn concurrency(&self) -> usize {
        CONCURRENCY
    }
}

/// Runs until shutdown.
pub(crate) async fn run<L: Logic>(mut logic: L, context: Context) {
    let mut runner =
        Runner { queue: Queue::default(), running: JoinSet::new(), ids: HashMap::new() };
    let mut shutdown = context.shutdown.clone();
    loop {
        let stopped = shutdown.wait_for(|stopping| *stopping);
        tokio::select! {
            Expired = runner.follow(&mut logic, &context) => {
                tracing::warn!(runner = logic.name(), "the event ring was overrun: listing again");
            }
            // An error says that the server is gone.
            _ = stopped => break,
        }
    }
    runner.running.shutdown().await;
}

struct Runner<T> {
    queue: Queue<T>,
    running: JoinSet<Outcome>,
    ids: HashMap<Id, T>,
}

impl<T: Clone + Eq + Hash + Ord + Display> Runner<T> {
    /// Lists, then follows the ring until it is overrun.
    async fn follow<L: Logic<Task = T>>(&mut self, logic: &mut L, context: &Context) -> Expired {
        let mut cursor = match self.list(logic, &context.verbs) {
            Ok(cursor) => cursor,
            Err(expired) => return expired,
        };
        loop {
            if let Err(expired) = self.drain(logic, &mut cursor) {
                return expired;
            }
            self.start_ready(logic, context);
            let due = self.queue.next_due();
            let retry = self.queue.next_retry();
            tokio::select! {
                event = cursor.next() => match event {
                    Ok(event) => self.observe(logic, &event),
                    Err(expired) => return expired,
                },
                Some(ended) = self.running.join_next_with_id() => self.end(logic, ended),
                tasks = logic.woken() => self.add(tasks),
                () = wait_until(&*context.clock, due) => {}
                () = wait_for(retry) => {}
            }
        }
    }

    /// Lists every kind, from a cursor that was taken before: nothing is missed, what is seen twice is ignored.
    fn list<L: Logic<Task = T>>(
        &mut self,
        logic: &mut L,
        verbs: &Verbs,
    ) -> Result<Cursor, Expired> {
        logic.reset();
        let mut cursor = None;
        for kind in kinds::all() {
            let (objects, revision) = verbs.list(kind, None);
            if cursor.is_none() {
                cursor = Some(verbs.watch(revision)?);
            }
            for object in objects {
                let revision = object.revision;
                let event = Event { revision, change: Change::Added, object, previous: None };
                self.observe(logic, &event);
            }
        }
        self.add(logic.listed());
        cursor.ok_or(Expired)
    }

    fn drain<L: Logic<Task = T>>(
        &mut self,
        logic: &mut L,
        cursor: &mut Cursor,
    ) -> Result<(), Expired> {
        while let Some(event) = cursor.next().now_or_never() {
            self.observe(logic, &*event?);
        }
        Ok(())
    }

    fn observe<L: Logic<Task = T>>(&mut self, logic: &mut L, event: &Event) {
        self.add(logic.observe(event));
    }

    fn add(&mut self, tasks: Vec<T>) {
        for task in tasks {
            self.queue.add(task);
        }
    }

    fn start_ready<L: Logic<Task = T>>(&mut self, logic: &mut L, context: &Context) {
        let now = context.clock.now();
        while self.running.len() < logic.concurrency() {
            let Some(task) = self.queue.take(now, Instant::now()) else { break };
            let handle = self.running.spawn(logic.start(&task, now));
            self.ids.insert(handle.id(), task);
        }
    }

    fn end<L: Logic<Task = T>>(&mut self, logic: &mut L, ended: Result<(Id, Outcome), JoinError>) {
        let name = logic.name();
        let (id, outcome) = match ended {
            Ok(ended) => ended,
            // A task that panicked is a defect of ours; the loop goes on for all others.
            Err(error) => (error.id(), Outcome::Retry(error.to_string())),
        };
        let Some(task) = self.ids.remove(&id) else { return };
        if let Outcome::Retry(reason) = &outcome {
            tracing::debug!(runner = name, %task, reason, "will be tried again");
        }
        logic.ended(&task, &outcome);
        let delay = self.queue.done(&task, &outcome, Instant::now());
        if delay >= Duration::from_secs(1)
            && let Outcome::Retry(reason) = outcome
        {
            tracing::warn!(runner = name, %task, reason, "keeps failing");
        }
    }
}

async fn wait_until(clock: &dyn Clock, at: Option<Timestamp>) {
    match at {
        Some(at) => clock.sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn wait_for(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
