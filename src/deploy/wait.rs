use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::board::{Board, Verdict, event_line};
use super::watch::Watch;
use super::workload::{Phase, State};
use super::{Change, Cluster, Error, Id, Progress, Step, Target, Trouble, reasons};
use crate::kubernetes::{Gate, Object, labels};

/// How many of the last lines of a failed container are told.
const LINES_TOLD: usize = 10;

/// Waits for gates, showing how far the workloads are.
pub(super) struct Waiter<'a> {
    cluster: &'a Cluster,
    target: &'a Target,
    board: Board,
    watch: Watch,
    start: Instant,
    timeout: Duration,
    shown: BTreeMap<Id, (Step, String)>,
}

/// The workloads for whose sake a wait ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// How long it was waited for; none when waiting longer would not have helped.
    pub timed_out: Option<Duration>,
    /// The workloads, by kind and name.
    pub workloads: Vec<FailedWorkload>,
}

/// A workload that is not as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedWorkload {
    /// The workload.
    pub id: Id,
    /// Its Compose service.
    pub service: Option<String>,
    /// How far it is; empty when that says nothing.
    pub progress: String,
    /// What keeps it.
    pub trouble: Option<Trouble>,
    /// The latest warning of the cluster about it.
    pub event: Option<String>,
    /// The last lines that the container wrote.
    pub lines: Vec<String>,
}

impl<'a> Waiter<'a> {
    /// Starts the clock of all waits.
    pub(super) fn new(cluster: &'a Cluster, target: &'a Target, timeout: Duration) -> Self {
        Self {
            cluster,
            target,
            board: Board::default(),
            watch: Watch::of_project(cluster, target),
            start: Instant::now(),
            timeout,
            shown: BTreeMap::new(),
        }
    }

    /// How much of the time is left.
    pub(super) fn left(&self) -> Duration {
        self.timeout.saturating_sub(self.start.elapsed())
    }

    /// Remembers what was applied, so that an older state is not taken for the new one.
    pub(super) fn expect(&mut self, answer: &Object) {
        self.board.expect(answer);
        self.shown.remove(&Id::of(answer));
    }

    /// Waits until all gates are open.
    pub(super) async fn until_open(
        &mut self,
        gates: &[Gate],
        progress: &mut dyn Progress,
    ) -> Result<(), Error> {
        let deadline = self.start + self.timeout;
        loop {
            let now = Instant::now();
            let verdicts: Vec<(&Gate, Verdict)> =
                gates.iter().map(|gate| (gate, self.board.judge(gate, now))).collect();
            for (gate, verdict) in &verdicts {
                self.show(gate, verdict, progress);
            }
            let failed = self.failed(&verdicts, now, |gate, verdict| {
                gate.required && matches!(verdict, Verdict::Failed(_))
            });
            if !failed.is_empty() {
                return Err(self.report(failed, None).await);
            }
            let closed =
                self.failed(&verdicts, now, |_, verdict| matches!(verdict, Verdict::Closed(_)));
            if closed.is_empty() {
                return Ok(());
            }
            if now >= deadline {
                return Err(self.report(closed, Some(self.timeout)).await);
            }
            let check = self.board.next_check(now).map_or(deadline, |check| check.min(deadline));
            tokio::select! {
                fed = self.watch.feed(&mut self.board) => fed?,
                () = tokio::time::sleep_until(check) => {}
            }
        }
    }

    /// Waits until all gates are open; a Job that is still at work when the time is over is no
    /// failure: nobody waits for it.
    pub(super) async fn until_settled(
        &mut self,
        gates: &[Gate],
        progress: &mut dyn Progress,
    ) -> Result<(), Error> {
        match self.until_open(gates, progress).await {
            Err(Error::Failed(failed))
                if failed.timed_out.is_some()
                    && failed.workloads.iter().all(|job| self.board.is_at_work(&job.id)) =>
            {
                for FailedWorkload { id, .. } in &failed.workloads {
                    progress.note(&format!("{id} is still at work after {:?}", self.timeout));
                }
                Ok(())
            }
            result => result,
        }
    }

    fn show(&mut self, gate: &Gate, verdict: &Verdict, progress: &mut dyn Progress) {
        let id = Id::new(&gate.kind, &gate.name);
        let Some(state) = self.board.current_state(&id) else {
            return;
        };
        let (step, detail) = match verdict {
            Verdict::Open => opened(&state),
            Verdict::Closed(told) => (Step::Waiting, told.clone()),
            Verdict::Failed(trouble) => {
                (Step::Failed, format!("{}: {}", trouble.reason, trouble.message))
            }
        };
        let state = (step, detail);
        if self.shown.get(&id) == Some(&state) {
            return;
        }
        let service = self.service(&id);
        let (step, detail) = state.clone();
        progress.change(&Change { id: id.clone(), service, step, detail });
        self.shown.insert(id, state);
    }

    fn service(&self, id: &Id) -> Option<String> {
        self.board.get(id)?.label(labels::NAME).map(str::to_owned)
    }

    fn failed(
        &self,
        verdicts: &[(&Gate, Verdict)],
        now: Instant,
        which: impl Fn(&Gate, &Verdict) -> bool,
    ) -> Vec<FailedWorkload> {
        let chosen = verdicts.iter().filter(|(gate, verdict)| which(gate, verdict));
        chosen
            .map(|(gate, verdict)| {
                let id = Id::new(&gate.kind, &gate.name);
                let (trouble, progress) = match verdict {
                    Verdict::Failed(trouble) => (Some(trouble.clone()), String::new()),
                    Verdict::Closed(told) => (self.board.trouble_of(&id, now), told.clone()),
                    Verdict::Open => (None, String::new()),
                };
                FailedWorkload {
                    service: self.service(&id),
                    progress,
                    trouble,
                    event: self.board.warning_about(&id).map(event_line),
                    lines: Vec::new(),
                    id,
                }
            })
            .collect()
    }

    /// Adds what the containers said last.
    async fn report(
        &self,
        mut workloads: Vec<FailedWorkload>,
        timed_out: Option<Duration>,
    ) -> Error {
        for workload in &mut workloads {
            let Some(Trouble { pod: Some(pod), container: Some(container), .. }) =
                &workload.trouble
            else {
                continue;
            };
            let text = self.cluster.last_lines(&self.target.namespace, pod, container).await;
            let lines: Vec<&str> = text.lines().collect();
            let told = lines.iter().skip(lines.len().saturating_sub(LINES_TOLD));
            workload.lines = told.map(|line| (*line).to_owned()).collect();
        }
        Error::Failed(Box::new(Failed { timed_out, workloads }))
    }
}

/// What an open gate says about its workload.
fn opened(state: &State) -> (Step, String) {
    let count = format!("{}/{}", state.ready, state.desired);
    match state.phase {
        Phase::Complete => (Step::Complete, String::new()),
        Phase::Ready if state.desired > 0 => (Step::Ready, count),
        Phase::Ready => (Step::Ready, String::new()),
        Phase::Progressing(_) | Phase::Failed { .. } => (Step::Started, count),
    }
}

impl Failed {
    /// What to do about it: one sentence for each kind of trouble.
    pub(super) fn help(&self) -> Option<String> {
        let mut sentences: Vec<&str> = Vec::new();
        for workload in &self.workloads {
            let help = workload.trouble.as_ref().and_then(|trouble| reasons::help(&trouble.reason));
            sentences.extend(help.filter(|help| !sentences.contains(help)));
        }
        if sentences.is_empty() && self.timed_out.is_some() {
            sentences.push("wait longer with `--wait-timeout`, or look at the events of the pods");
        }
        (!sentences.is_empty()).then(|| sentences.join("; "))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(after) = self.timed_out {
            write!(f, "not ready after {after:?}:")?;
        }
        for (index, workload) in self.workloads.iter().enumerate() {
            if index > 0 || self.timed_out.is_some() {
                f.write_str("\n  ")?;
            }
            write!(f, "{workload}")?;
        }
        Ok(())
    }
}

impl fmt::Display for FailedWorkload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, service, progress, trouble, event, lines } = self;
        match service {
            Some(service) => write!(f, "service `{service}` ({id})")?,
            None => write!(f, "`{id}`")?,
        }
        match (trouble, progress.is_empty()) {
            (Some(trouble), _) => {
                write!(f, ": {}", trouble.reason)?;
                if !trouble.message.is_empty() {
                    write!(f, ": {}", trouble.message)?;
                }
                if let Some(pod) = &trouble.pod {
                    write!(f, "\n    pod {pod}")?;
                }
                if let Some(container) = &trouble.container {
                    write!(f, ", container {container}")?;
                }
            }
            (None, false) => write!(f, ": {progress}")?,
            (None, true) => {}
        }
        if let Some(event) = event {
            write!(f, "\n    event {event}")?;
        }
        for line in lines {
            write!(f, "\n    | {line}")?;
        }
        Ok(())
    }
}
