use k8s_openapi::api::autoscaling::v2::{MetricSpec, MetricTarget, ResourceMetricSource};
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::claim::is_quantity;
use super::context::{HorizontalPodAutoscaler, Metadata};
use super::findings::Site;
use super::label::settings;
use super::setting::{Setting, Settings};

/// What kompose does without a number.
const MIN_REPLICAS: u32 = 1;
const MAX_REPLICAS: u32 = 3;
const CPU_PERCENT: u32 = 50;

/// The labels that ask for a `HorizontalPodAutoscaler`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaling {
    min: u32,
    max: u32,
    cpu: Option<Aim>,
    memory: Option<Aim>,
}

/// What an autoscaler aims at.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Aim {
    /// So many percent of the request.
    Percent(u32),
    /// So much in each pod on average.
    Amount(String),
}

/// Reads the labels; none where the number of replicas is fixed.
pub fn scaling(settings: &Settings) -> Option<Scaling> {
    let number = |keys, default| settings.get(keys).and_then(|it| it.number(1)).unwrap_or(default);
    let aim = |keys| settings.get(keys).as_ref().and_then(aim);
    let is_set = settings::SCALING.iter().any(|keys| settings.has(keys));
    if !is_set {
        return None;
    }
    let (cpu, memory) = (aim(settings::SCALING_CPU), aim(settings::SCALING_MEMORY));
    let cpu = if cpu.is_none() && memory.is_none() { Some(Aim::Percent(CPU_PERCENT)) } else { cpu };
    let min = number(settings::SCALING_MIN, MIN_REPLICAS);
    let max = number(settings::SCALING_MAX, MAX_REPLICAS.max(min));
    if max < min
        && let Some(setting) = settings.get(settings::SCALING_MAX)
    {
        setting.site.invalid(
            format!("at most {max} replicas are fewer than at least {min}"),
            "raise the one or lower the other",
        );
    }
    Some(Scaling { min, max, cpu, memory })
}

/// `80`, `80%` or `512Mi`, which the documentation of kompose has too.
fn aim(setting: &Setting) -> Option<Aim> {
    let is_share = setting.value.trim_end_matches('%').parse::<u32>().is_ok();
    if is_share || !is_quantity(setting.value) {
        setting.percent().map(Aim::Percent)
    } else {
        Some(Aim::Amount(setting.value.to_owned()))
    }
}

/// The autoscaler of a workload. A share of nothing cannot be measured: what has no request is reported.
pub fn translate_scaling(
    scaling: &Scaling,
    metadata: Metadata,
    kind: &'static str,
    resources: Option<&ResourceRequirements>,
    site: &Site,
) -> HorizontalPodAutoscaler {
    let Scaling { min, max, cpu, memory } = scaling;
    let metrics = [("cpu", cpu), ("memory", memory)];
    let metrics = metrics.into_iter().filter_map(|(name, aim)| {
        let aim = aim.as_ref()?;
        if matches!(aim, Aim::Percent(_)) && !has_request(resources, name) {
            site.approximated(
                format!("the autoscaler cannot measure {name}: the service reserves none"),
                format!("set `{name}` under `deploy.resources.reservations`")
                    .replace("`cpu`", "`cpus`"),
            );
        }
        Some(metric(name, aim))
    });
    HorizontalPodAutoscaler {
        target_kind: kind,
        target_name: metadata.name.clone(),
        metadata,
        min_replicas: *min,
        max_replicas: *max,
        metrics: metrics.collect(),
    }
}

/// Kubernetes takes the limit for the request where only the limit is given.
fn has_request(resources: Option<&ResourceRequirements>, name: &str) -> bool {
    resources.is_some_and(|resources| {
        [&resources.requests, &resources.limits]
            .into_iter()
            .flatten()
            .any(|amounts| amounts.contains_key(name))
    })
}

fn metric(name: &str, aim: &Aim) -> MetricSpec {
    let (type_, average_utilization, average_value) = match aim {
        Aim::Percent(percent) => {
            ("Utilization", Some(i32::try_from(*percent).unwrap_or(i32::MAX)), None)
        }
        Aim::Amount(amount) => ("AverageValue", None, Some(Quantity(amount.clone()))),
    };
    let target =
        MetricTarget { type_: type_.to_owned(), average_utilization, average_value, value: None };
    MetricSpec {
        type_: "Resource".to_owned(),
        resource: Some(ResourceMetricSource { name: name.to_owned(), target }),
        ..MetricSpec::default()
    }
}
