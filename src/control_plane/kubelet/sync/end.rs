use std::sync::Arc;

use futures_util::{FutureExt, TryStreamExt};
use k8s_openapi::api::core::v1::Pod;

use super::Syncer;
use crate::control_plane::kubelet::hook;
use crate::control_plane::kubelet::life::{self, Life, Stage};
use crate::control_plane::kubelet::runtime::{LogOptions, Output, RuntimeError, Signal};
use crate::control_plane::kubelet::termination;
use crate::control_plane::kubelet::works::{Report, Work, Works};

impl Syncer {
    /// Runs the hook of a container that is being ended.
    pub(super) fn pre_stop(&self, pod: &Pod, life: &mut Life, works: &mut Works, at: usize) {
        let address = life.address();
        let specs = life::containers(pod).nth(at).zip(life.containers.get_mut(at));
        let Some(((_, spec), container)) = specs else { return };
        self.note_killing(pod, spec, container.ending.as_ref().map(|ending| &ending.cause));
        let id = container.id();
        let Some(ending) = &mut container.ending else { return };
        ending.hook_started();
        let lifecycle = spec.lifecycle.as_ref();
        let handler = lifecycle.and_then(|lifecycle| lifecycle.pre_stop.clone());
        let real = handler.filter(|_| self.configurations.is_some());
        let Some((handler, address)) = real.zip(address) else {
            return ending.hook_ended(self.clock.now());
        };
        let (runtime, spec) = (Arc::clone(&self.runtime), spec.clone());
        let (work, reporter) = (Work::PreStop(id.clone()), works.reporter());
        let hook = async move {
            let result = hook::run(&*runtime, &spec, &id, &handler, address).await;
            reporter.report(Report::PreStopEnded { id, result });
        };
        works.spawn(work, hook.boxed());
    }

    /// Sends a container that is being ended a signal.
    pub(super) async fn signal(
        &self,
        pod: &Pod,
        life: &mut Life,
        at: usize,
        signal: Signal,
    ) -> Result<(), RuntimeError> {
        let specs = life::containers(pod).nth(at).zip(life.containers.get_mut(at));
        let Some(((_, spec), container)) = specs else { return Ok(()) };
        let id = container.id();
        let Some(ending) = &mut container.ending else { return Ok(()) };
        if ending.is_untold() {
            self.note_killing(pod, spec, Some(&ending.cause));
        }
        self.runtime.signal(&id, signal).await?;
        ending.signalled(signal, self.clock.now());
        Ok(())
    }

    /// Reads the message that a run has left, if it has left one.
    pub(super) async fn read_message(&self, pod: &Pod, life: &mut Life, at: usize) {
        let specs = life::containers(pod).nth(at).zip(life.containers.get_mut(at));
        let Some((configurations, ((_, spec), container))) =
            self.configurations.as_ref().zip(specs)
        else {
            return;
        };
        let attempt = container.restarts.unsigned_abs();
        let Stage::Ended(run) = &mut container.stage else { return };
        let mut message = configurations.message(pod, spec, attempt);
        if message.is_empty() && termination::falls_back_to_log(spec, run.ended.code) {
            message = self.end_of_log(&run.id).await.unwrap_or_default();
        }
        if !message.is_empty() {
            run.ended.message = Some(message);
        }
    }

    async fn end_of_log(&self, id: &str) -> Result<String, RuntimeError> {
        let options = LogOptions { tail: Some(termination::LOG_LINES), ..LogOptions::default() };
        let log = self.runtime.logs(id, options).await?;
        let outputs: Vec<Output> = log.try_collect().await?;
        let bytes =
            outputs.iter().flat_map(|(Output::Stdout(bytes) | Output::Stderr(bytes))| bytes);
        Ok(termination::of_log(&bytes.copied().collect::<Vec<u8>>()))
    }
}
