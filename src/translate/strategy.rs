use std::time::Duration;

use k8s_openapi::api::apps::v1::{
    DaemonSetUpdateStrategy, DeploymentStrategy, RollingUpdateDaemonSet, RollingUpdateDeployment,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::model::{UpdateConfig, UpdateOrder};

use super::findings::Site;

/// The default of `progressDeadlineSeconds`.
const PROGRESS_DEADLINE: u64 = 600;

/// How pods are replaced.
#[derive(Debug, Default)]
pub struct Rollout {
    max_surge: Option<IntOrString>,
    max_unavailable: Option<IntOrString>,
    recreate: bool,
    /// How long a new pod must be ready before the next one is replaced.
    pub min_ready_seconds: Option<u64>,
}

/// `deploy.update_config`; `exclusive` says that two pods of the service cannot run at once.
pub fn translate_update_config(
    update_config: Option<&UpdateConfig>,
    exclusive: bool,
    site: &Site,
) -> Rollout {
    let Some(UpdateConfig {
        parallelism,
        delay,
        failure_action: _,
        monitor,
        max_failure_ratio: _,
        order,
        extensions: _,
    }) = update_config
    else {
        return Rollout { recreate: exclusive, ..Rollout::default() };
    };
    let seconds = |time: Option<Duration>| time.map_or(0, |time| time.as_millis().div_ceil(1000));
    let ready = seconds(*delay).max(seconds(*monitor));
    let min_ready_seconds = u64::try_from(ready).ok().filter(|ready| *ready > 0);
    if seconds(*monitor) > 0 {
        site.child("monitor").approximated_closely(
            "a new pod must be ready for this time before the update goes on",
            "nothing to do, unless failures after that must undo the update",
        );
    }
    if seconds(*delay) > 0 {
        site.child("delay").approximated_closely(
            "the pause between two replacements becomes the time that a new pod must be ready",
            "nothing to do, unless the pause must pass even for pods that fail",
        );
    }
    if exclusive {
        if *order == Some(UpdateOrder::StartFirst) {
            site.child("order").approximated(
                "the old pod stops first: both would hold a volume or a host port that one can hold",
                "remove the volume or the host port, or accept `stop-first`",
            );
        }
        return Rollout { recreate: true, min_ready_seconds, ..Rollout::default() };
    }
    let step = match parallelism.unwrap_or(1) {
        0 => IntOrString::String("100%".to_owned()),
        parallelism => IntOrString::Int(i32::try_from(parallelism).unwrap_or(i32::MAX)),
    };
    let (max_surge, max_unavailable) = match order.unwrap_or(UpdateOrder::StopFirst) {
        UpdateOrder::StopFirst => (IntOrString::Int(0), step),
        UpdateOrder::StartFirst => (step, IntOrString::Int(0)),
    };
    Rollout {
        max_surge: Some(max_surge),
        max_unavailable: Some(max_unavailable),
        recreate: false,
        min_ready_seconds,
    }
}

impl Rollout {
    /// How long an update may stand still; none where Kubernetes' 600 seconds are longer than a pod
    /// must be ready, as they have to be.
    pub fn progress_deadline_seconds(&self) -> Option<u64> {
        let ready = self.min_ready_seconds.filter(|ready| *ready >= PROGRESS_DEADLINE)?;
        Some(ready.saturating_add(PROGRESS_DEADLINE))
    }

    /// For a Deployment; none leaves the choice to Kubernetes.
    pub fn deployment(&self) -> Option<DeploymentStrategy> {
        if self.recreate {
            return Some(DeploymentStrategy {
                type_: Some("Recreate".to_owned()),
                rolling_update: None,
            });
        }
        self.max_surge.as_ref()?;
        Some(DeploymentStrategy {
            type_: Some("RollingUpdate".to_owned()),
            rolling_update: Some(RollingUpdateDeployment {
                max_surge: self.max_surge.clone(),
                max_unavailable: self.max_unavailable.clone(),
            }),
        })
    }

    /// For a `DaemonSet`, whose own default is the same as Compose's: one by one, stop first.
    pub fn daemon_set(&self) -> Option<DaemonSetUpdateStrategy> {
        self.max_surge.as_ref()?;
        Some(DaemonSetUpdateStrategy {
            type_: Some("RollingUpdate".to_owned()),
            rolling_update: Some(RollingUpdateDaemonSet {
                max_surge: self.max_surge.clone(),
                max_unavailable: self.max_unavailable.clone(),
            }),
        })
    }
}
