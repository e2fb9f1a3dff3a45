//! Takes one pod from what it is to what it shall be.

mod end;
mod hear;
mod notes;
mod start;

use std::net::IpAddr;
use std::sync::Arc;

use futures_util::FutureExt;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;

use super::configuration::Configurations;
use super::life::{self, Life, Observed, Sandbox, Step};
use super::pod_directory::PodDirectory;
use super::probe;
use super::runtime::{Runtime, RuntimeError};
use super::status;
use super::volumes::VolumeError;
use super::works::{Work, Works};
use crate::control_plane::controllers::owner;
use crate::control_plane::runner::{Clock, Executor, Note, Operation, Outcome, Plan};

/// What it takes to run pods; cheap to clone.
#[derive(Clone)]
pub(super) struct Syncer {
    pub(super) runtime: Arc<dyn Runtime>,
    /// None when nothing is prepared for containers.
    pub(super) configurations: Option<Configurations>,
    pub(super) executor: Executor,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) host: IpAddr,
}

/// Why a pod does not get on.
#[derive(Debug, thiserror::Error)]
enum SyncError {
    #[error(transparent)]
    Volume(#[from] VolumeError),
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
}

/// A pod that is being run: its life, and what goes on for it beside its sync.
pub(super) struct Running {
    pub(super) life: Life,
    pub(super) works: Works,
}

impl Syncer {
    /// Does all that can be done for a pod now, and writes its status once.
    pub(super) async fn sync_pod(&self, pod: &Pod, running: &mut Running) -> Outcome {
        let Running { life, works } = running;
        for report in works.reports() {
            self.hear(pod, life, report);
        }
        match self.advance(pod, life, works).await {
            Ok(Some(again_at)) => {
                self.refresh_volumes(pod).await;
                self.probe(pod, life, works);
                self.write_status(pod, life, again_at).await
            }
            Ok(None) => match self.clean_up(owner::uid(pod)).await {
                Outcome::Done => self.let_go(pod).await,
                failed => failed,
            },
            Err(error) => {
                self.executor.record(match &error {
                    SyncError::Volume(error) => {
                        Note::warning(pod, "FailedMount", error.to_string())
                    }
                    SyncError::Runtime(error) => {
                        let message = format!("Error syncing pod: {error}");
                        Note::warning(pod, "FailedCreatePodSandBox", message)
                    }
                });
                // What is known so far is shown meanwhile.
                self.write_status(pod, life, None).await;
                Outcome::Retry(error.to_string())
            }
        }
    }

    /// Removes what is left of a pod that is gone.
    pub(super) async fn forget(&self, uid: &str) -> Outcome {
        match self.runtime.remove(uid).await {
            Ok(()) => self.clean_up(uid).await,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }

    /// Removes the files of a pod that is removed.
    async fn clean_up(&self, uid: &str) -> Outcome {
        let Some(configurations) = &self.configurations else { return Outcome::Done };
        let directory = PodDirectory::of(&configurations.volumes.pods, uid);
        match self.runtime.remove_directory(directory.path()).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }

    /// Makes the volumes of a pod that shall run.
    async fn prepare_volumes(&self, pod: &Pod) -> Result<(), VolumeError> {
        match &self.configurations {
            Some(configurations) => configurations.prepare_volumes(pod).await,
            None => Ok(()),
        }
    }

    /// Brings the volumes of a pod that runs up to date: it runs on with what it has if that fails.
    async fn refresh_volumes(&self, pod: &Pod) {
        if pod.metadata.deletion_timestamp.is_none()
            && !status::is_finished(pod)
            && let Err(error) = self.prepare_volumes(pod).await
        {
            self.executor.record(Note::warning(pod, "FailedMount", error.to_string()));
        }
    }

    /// Steps until there is nothing to do but wait; `None` says that the pod was removed.
    async fn advance(
        &self,
        pod: &Pod,
        life: &mut Life,
        works: &mut Works,
    ) -> Result<Option<Option<Timestamp>>, SyncError> {
        loop {
            let seen = self.runtime.inspect(pod).await?;
            let Observed { network_lost, ended } = life.observe(&seen, self.clock.now());
            for position in ended {
                self.read_message(pod, life, position).await;
            }
            if network_lost && !status::is_finished(pod) {
                let message = "Pod sandbox changed, it will be killed and re-created.";
                self.executor.record(Note::normal(pod, "SandboxChanged", message.to_owned()));
            }
            match life.next(pod, self.clock.now()) {
                Step::StartSandbox => {
                    self.prepare_volumes(pod).await?;
                    life.sandbox = Sandbox::Up(self.runtime.start_sandbox(pod).await?);
                }
                Step::Start(position) => self.start(pod, life, works, position).await?,
                Step::PreStop(position) => self.pre_stop(pod, life, works, position),
                Step::Signal(position, signal) => self.signal(pod, life, position, signal).await?,
                Step::Wait(again_at) => return Ok(Some(again_at)),
                Step::StopSandbox => {
                    self.runtime.stop_sandbox(owner::uid(pod)).await?;
                    if let Some(address) = life.address() {
                        life.sandbox = Sandbox::Stopped(address);
                    }
                }
                Step::Remove => {
                    self.runtime.remove(owner::uid(pod)).await?;
                    return Ok(None);
                }
            }
        }
    }

    /// Starts the probes that are due, and stops the others.
    fn probe(&self, pod: &Pod, life: &Life, works: &mut Works) {
        let Some(address) = life.address().filter(|_| pod.metadata.deletion_timestamp.is_none())
        else {
            works.keep_probes(&[]);
            return;
        };
        let wanted: Vec<_> = life::containers(pod)
            .zip(&life.containers)
            .flat_map(|((_, spec), container)| {
                let probings = probe::wanted(spec, container).into_iter();
                probings.map(move |probing| (spec, container.id(), probing))
            })
            .collect();
        let works_wanted: Vec<Work> =
            wanted.iter().map(|(_, id, probing)| Work::Probe(id.clone(), *probing)).collect();
        works.keep_probes(&works_wanted);
        for (spec, id, probing) in wanted {
            let work = Work::Probe(id.clone(), probing);
            let Some(probe) = probing.of(spec).filter(|_| !works.goes_on(&work)) else { continue };
            let prober = probe::Prober {
                runtime: Arc::clone(&self.runtime),
                container: spec.clone(),
                id,
                address,
                probing,
                probe: probe.clone(),
                reporter: works.reporter(),
            };
            works.spawn(work, prober.run().boxed());
        }
    }

    async fn write_status(&self, pod: &Pod, life: &Life, again_at: Option<Timestamp>) -> Outcome {
        let status = status::derive(pod, life, self.host, self.clock.now());
        let mut plan = Plan { operations: Vec::new(), again_at };
        if pod.status.as_ref() != Some(&status) {
            self.note_backoff(pod, life);
            let pod = Pod { status: Some(status), ..pod.clone() };
            plan.push(Operation::status_of_version(&pod));
        }
        self.executor.execute(plan).await
    }

    /// Deletes a stopped pod at once: its grace period is over when nothing of it runs.
    async fn let_go(&self, pod: &Pod) -> Outcome {
        let mut operation = Operation::delete(pod, None);
        if let Operation::Delete { grace_period, .. } = &mut operation {
            *grace_period = Some(0);
        }
        self.executor.execute(Plan { operations: vec![operation], again_at: None }).await
    }
}
