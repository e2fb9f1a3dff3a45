use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::Hash;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::Outcome;

const FIRST_BACKOFF: Duration = Duration::from_millis(5);
const LONGEST_BACKOFF: Duration = Duration::from_mins(5);

/// Tasks to do, each once, with back-off after failures and a time to come back.
pub(super) struct Queue<T> {
    ready: VecDeque<T>,
    queued: HashSet<T>,
    running: HashSet<T>,
    /// Tasks that were added again while they ran.
    again: HashSet<T>,
    /// By the clock of the objects.
    due: Alarms<Timestamp, T>,
    /// By the clock of the machine: a failing write is no business of the objects.
    retries: Alarms<Instant, T>,
    failures: HashMap<T, u32>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            ready: VecDeque::new(),
            queued: HashSet::new(),
            running: HashSet::new(),
            again: HashSet::new(),
            due: Alarms::default(),
            retries: Alarms::default(),
            failures: HashMap::new(),
        }
    }
}

impl<T: Clone + Eq + Hash + Ord> Queue<T> {
    /// Adds a task, unless it waits already.
    pub(super) fn add(&mut self, task: T) {
        if self.running.contains(&task) {
            self.again.insert(task);
        } else if self.queued.insert(task.clone()) {
            self.ready.push_back(task);
        }
    }

    /// The next task that is ready; it counts as running until [`Queue::done`].
    pub(super) fn take(&mut self, now: Timestamp, instant: Instant) -> Option<T> {
        while let Some(task) = self.due.take(now) {
            self.add(task);
        }
        while let Some(task) = self.retries.take(instant) {
            self.add(task);
        }
        let task = self.ready.pop_front()?;
        self.queued.remove(&task);
        self.running.insert(task.clone());
        // How this run ends says whether there is another one.
        self.due.forget(&task);
        self.retries.forget(&task);
        Some(task)
    }

    /// Ends a task; returns how long it has to wait after a failure.
    pub(super) fn done(&mut self, task: &T, outcome: &Outcome, instant: Instant) -> Duration {
        self.running.remove(task);
        if self.again.remove(task) {
            self.add(task.clone());
        }
        match outcome {
            Outcome::Retry(_) => {
                let failures = self.failures.entry(task.clone()).or_default();
                let delay = LONGEST_BACKOFF.min(FIRST_BACKOFF * 2_u32.saturating_pow(*failures));
                *failures += 1;
                self.retries.set(task, instant + delay);
                return delay;
            }
            Outcome::Again(at) => self.due.set(task, *at),
            Outcome::Done => {}
        }
        self.failures.remove(task);
        Duration::ZERO
    }

    /// When the next task comes back by itself.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.due.first()
    }

    /// When the next failed task is tried again.
    pub(super) fn next_retry(&self) -> Option<Instant> {
        self.retries.first()
    }
}

/// Tasks that come back at a time, each at one only.
struct Alarms<C, T> {
    by_time: BTreeSet<(C, T)>,
    times: HashMap<T, C>,
}

impl<C, T> Default for Alarms<C, T> {
    fn default() -> Self {
        Self { by_time: BTreeSet::new(), times: HashMap::new() }
    }
}

impl<C: Copy + Ord, T: Clone + Eq + Hash + Ord> Alarms<C, T> {
    fn set(&mut self, task: &T, at: C) {
        self.forget(task);
        self.by_time.insert((at, task.clone()));
        self.times.insert(task.clone(), at);
    }

    fn forget(&mut self, task: &T) {
        if let Some(at) = self.times.remove(task) {
            self.by_time.remove(&(at, task.clone()));
        }
    }

    fn first(&self) -> Option<C> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// One whose time has come.
    fn take(&mut self, now: C) -> Option<T> {
        self.first().filter(|at| *at <= now)?;
        let (_, task) = self.by_time.pop_first()?;
        self.times.remove(&task);
        Some(task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> (Queue<&'static str>, Timestamp, Instant) {
        (Queue::default(), Timestamp::UNIX_EPOCH, Instant::now())
    }

    #[test]
    fn a_task_waits_once_and_runs_once_at_a_time() {
        let (mut queue, now, instant) = start();
        queue.add("a");
        queue.add("a");
        assert_eq!(queue.take(now, instant), Some("a"));
        assert_eq!(queue.take(now, instant), None);
        queue.add("a");
        queue.add("a");
        assert_eq!(queue.take(now, instant), None, "it still runs");
        queue.done(&"a", &Outcome::Done, instant);
        assert_eq!(queue.take(now, instant), Some("a"));
        queue.done(&"a", &Outcome::Done, instant);
        assert_eq!(queue.take(now, instant), None);
    }

    #[test]
    fn failures_double_the_delay_until_a_success() {
        let (mut queue, now, instant) = start();
        let failure = Outcome::Retry("no".to_owned());
        let mut delays = Vec::new();
        for _ in 0..30 {
            queue.add("a");
            queue.take(now, instant);
            delays.push(queue.done(&"a", &failure, instant).as_millis());
        }
        assert_eq!(delays[..4], [5, 10, 20, 40]);
        assert_eq!(delays[29], 300_000);
        queue.add("a");
        queue.take(now, instant);
        queue.done(&"a", &Outcome::Done, instant);
        queue.add("a");
        queue.take(now, instant);
        assert_eq!(queue.done(&"a", &failure, instant).as_millis(), 5);
    }

    #[test]
    fn a_task_comes_back_at_its_time_and_an_earlier_run_replaces_the_time() {
        let (mut queue, now, instant) = start();
        let later = now + Duration::from_secs(10);
        queue.add("a");
        queue.take(now, instant);
        queue.done(&"a", &Outcome::Again(later), instant);
        assert_eq!(queue.next_due(), Some(later));
        assert_eq!(queue.take(now, instant), None);
        queue.add("a");
        assert_eq!(queue.take(now, instant), Some("a"));
        queue.done(&"a", &Outcome::Done, instant);
        assert_eq!(queue.take(later, instant), None, "the run found nothing to wait for");
    }

    #[test]
    fn a_task_that_fails_waits_for_one_retry_only() {
        // Each failed run left a retry behind, so that events made a failing task run ever more.
        let (mut queue, now, instant) = start();
        let failure = Outcome::Retry("no".to_owned());
        for _ in 0..5 {
            queue.add("a");
            queue.take(now, instant);
            queue.done(&"a", &failure, instant);
        }
        let later = instant + Duration::from_secs(1);
        assert_eq!(queue.take(now, later), Some("a"));
        queue.done(&"a", &Outcome::Done, later);
        assert_eq!(queue.next_retry(), None);
    }
}
