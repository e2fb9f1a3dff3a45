//! The numbers of a Deployment's strategy.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// Whether old pods go before new ones come.
pub(super) fn is_recreate(deployment: &Deployment) -> bool {
    let strategy = deployment.spec.as_ref().and_then(|spec| spec.strategy.as_ref());
    strategy.and_then(|strategy| strategy.type_.as_deref()) == Some("Recreate")
}

/// How many pods there shall be.
pub(super) fn replicas(spec: &DeploymentSpec) -> i32 {
    spec.replicas.unwrap_or(1)
}

/// How many pods there may be on top, and how many may be missing, during a rollout.
pub(super) fn surge_and_unavailable(spec: &DeploymentSpec) -> (i32, i32) {
    let replicas = replicas(spec);
    let strategy = spec.strategy.as_ref();
    if strategy.and_then(|strategy| strategy.type_.as_deref()) == Some("Recreate") {
        return (0, 0);
    }
    let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
    let quarter = IntOrString::String("25%".to_owned());
    let surge = rolling.and_then(|rolling| rolling.max_surge.as_ref()).unwrap_or(&quarter);
    let missing = rolling.and_then(|rolling| rolling.max_unavailable.as_ref()).unwrap_or(&quarter);
    let surge = scaled(surge, replicas, true);
    let missing = scaled(missing, replicas, false);
    // Both zero would stand still, e.g. 25 % of one replica rounded down.
    let missing = if surge == 0 && missing == 0 { 1 } else { missing };
    (surge, missing.min(replicas))
}

/// A number, or a percentage of `total`.
pub(crate) fn scaled(value: &IntOrString, total: i32, round_up: bool) -> i32 {
    match value {
        IntOrString::Int(value) => *value,
        IntOrString::String(text) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or_default();
            let product = percent * i64::from(total);
            let quotient = if round_up { (product + 99).div_euclid(100) } else { product / 100 };
            i32::try_from(quotient).unwrap_or(i32::MAX)
        }
    }
}
