use std::collections::BTreeMap;
use std::net::IpAddr;

use bollard::models::{ContainerInspectResponse, ContainerState, ContainerStateStatusEnum};
use futures_util::future::join_all;
use jiff::Timestamp;

use super::{Docker, failed, label, shown};
use crate::control_plane::kubelet::runtime::{Ended, Process, RuntimeError, Seen};
use crate::engine::{labels, status_code};

impl Docker {
    /// What there is of a pod: its network, and each of its containers in the last start.
    pub(super) async fn look(&self, uid: &str) -> Result<Seen, RuntimeError> {
        let there = self.list(&[(labels::POD_UID, uid)]).await?;
        let mut sandbox = None;
        let mut last: BTreeMap<String, (u32, String)> = BTreeMap::new();
        for one in &there {
            let Some(id) = one.id.clone() else { continue };
            let attempt = label(one, labels::ATTEMPT).and_then(|attempt| attempt.parse().ok());
            let attempt = attempt.unwrap_or_default();
            match (label(one, labels::ROLE), label(one, labels::CONTAINER_NAME)) {
                (Some(labels::SANDBOX), _) => sandbox = sandbox.max(Some((attempt, id))),
                (_, Some(name)) => {
                    let known = last.entry(name.to_owned()).or_default();
                    if known.1.is_empty() || known.0 < attempt {
                        *known = (attempt, id);
                    }
                }
                _ => {}
            }
        }
        let address = match sandbox {
            Some((_, id)) => self.inspect_one(&id).await?.and_then(|one| self.address(&one)),
            None => None,
        };
        let looked = last.iter().map(|(name, (attempt, id))| async move {
            let one = self.inspect_one(id).await?;
            Ok::<_, RuntimeError>(one.and_then(|one| process(name, *attempt, id, one.state?)))
        });
        let processes: Result<Vec<_>, _> = join_all(looked).await.into_iter().collect();
        Ok(Seen { address, processes: processes?.into_iter().flatten().collect() })
    }

    async fn inspect_one(
        &self,
        id: &str,
    ) -> Result<Option<ContainerInspectResponse>, RuntimeError> {
        match self.engine.docker().inspect_container(id, None).await {
            Ok(container) => Ok(Some(container)),
            Err(error) if status_code(&error) == Some(404) => Ok(None),
            Err(error) => Err(failed("look at a container")(error)),
        }
    }

    /// The address of a sandbox that runs.
    fn address(&self, sandbox: &ContainerInspectResponse) -> Option<IpAddr> {
        if sandbox.state.as_ref().is_none_or(|state| state.running != Some(true)) {
            return None;
        }
        let host = sandbox.host_config.as_ref()?.network_mode.as_deref() == Some("host");
        if host {
            return self.network.host.parse().ok();
        }
        let networks = sandbox.network_settings.as_ref()?.networks.as_ref()?;
        networks.get(&self.network.name())?.ip_address.as_deref()?.parse().ok()
    }
}

/// A container that has been started: one that was only made does not count.
fn process(name: &str, attempt: u32, id: &str, state: ContainerState) -> Option<Process> {
    let started_at = time(state.started_at.as_deref());
    let never = started_at.is_none();
    let error = state.error.filter(|error| !error.is_empty());
    let ended_at = time(state.finished_at.as_deref());
    let (ended_at, reason) = match state.status? {
        ContainerStateStatusEnum::RUNNING | ContainerStateStatusEnum::PAUSED => (None, None),
        ContainerStateStatusEnum::CREATED if error.is_none() => return None,
        ContainerStateStatusEnum::CREATED => (Some(Timestamp::now()), Some("StartError")),
        _ if never => (Some(ended_at.unwrap_or_else(Timestamp::now)), Some("StartError")),
        _ if state.oom_killed == Some(true) => (ended_at, Some("OOMKilled")),
        _ => (Some(ended_at.unwrap_or_else(Timestamp::now)), None),
    };
    let code = state.exit_code.and_then(|code| i32::try_from(code).ok()).unwrap_or_default();
    let ended = ended_at.map(|at| Ended {
        code: if reason == Some("StartError") { 128 } else { code },
        at,
        reason,
        message: error,
    });
    Some(Process {
        container: name.to_owned(),
        id: shown(id),
        attempt,
        started_at: started_at.or(ended.as_ref().map(|ended| ended.at))?,
        ready: None,
        ended,
        changes_at: None,
    })
}

/// A time of the engine; its zero is the year 1.
fn time(text: Option<&str>) -> Option<Timestamp> {
    text.filter(|text| !text.starts_with("0001-")).and_then(|text| text.parse().ok())
}
