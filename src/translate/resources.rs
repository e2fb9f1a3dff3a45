use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::model::{Limits, Reservations, Resources};

use super::findings::Site;

/// The limits of a service outside of `deploy`.
#[derive(Debug, Default, Clone, Copy)]
pub struct ServiceLimits {
    /// `cpus`.
    pub cpus: Option<f64>,
    /// `mem_limit`.
    pub mem_limit: Option<i64>,
    /// `mem_reservation`.
    pub mem_reservation: Option<i64>,
}

/// Limits and requests of a container; what `deploy.resources` says goes first.
pub fn translate_resources(
    resources: &Resources,
    service: ServiceLimits,
    site: &Site,
) -> Option<ResourceRequirements> {
    let Resources { limits, reservations, extensions: _ } = resources;
    let Limits { cpus: cpu_limit, memory: memory_limit, pids, extensions: _ } = limits;
    let Reservations {
        cpus: cpu_request,
        memory: memory_request,
        generic_resources: _,
        devices: _,
        extensions: _,
    } = reservations;
    let ServiceLimits { cpus, mem_limit, mem_reservation } = service;
    let deploy = site.child("deploy").child("resources");
    report_pids(*pids, &deploy.child("limits").child("pids"));

    let reserves_memory = positive(*memory_request).is_some();
    let cpu_limit = milli(*cpu_limit).or(milli(cpus));
    let memory_limit = positive(*memory_limit).or(positive(mem_limit));
    let cpu_request = milli(*cpu_request);
    let memory_request = positive(*memory_request).or(positive(mem_reservation));

    let reservations = deploy.child("reservations");
    let cpu_request = at_most(cpu_request, cpu_limit, &reservations.child("cpus"));
    let memory_site =
        if reserves_memory { reservations.child("memory") } else { site.child("mem_reservation") };
    let memory_request = at_most(memory_request, memory_limit, &memory_site);

    let limits = quantities(cpu_limit, memory_limit);
    let requests = quantities(cpu_request, memory_request);
    (limits.is_some() || requests.is_some()).then(|| ResourceRequirements {
        limits,
        requests,
        ..ResourceRequirements::default()
    })
}

/// Bytes as people write them: in the largest binary unit that divides them.
pub fn bytes(bytes: i64) -> String {
    for (unit, name) in [(1 << 40, "Ti"), (1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")] {
        if bytes >= unit && bytes % unit == 0 {
            return format!("{}{name}", bytes / unit);
        }
    }
    bytes.to_string()
}

fn quantities(cpu: Option<i64>, memory: Option<i64>) -> Option<BTreeMap<String, Quantity>> {
    let cpu = cpu.map(|milli| ("cpu".to_owned(), Quantity(cores(milli))));
    let memory = memory.map(|memory| ("memory".to_owned(), Quantity(bytes(memory))));
    let quantities: BTreeMap<_, _> = cpu.into_iter().chain(memory).collect();
    (!quantities.is_empty()).then_some(quantities)
}

fn cores(milli: i64) -> String {
    if milli % 1000 == 0 { (milli / 1000).to_string() } else { format!("{milli}m") }
}

/// Thousandths of a core, rounded up; none where Compose means no limit.
fn milli(cpus: Option<f64>) -> Option<i64> {
    // First to millionths: 0.07 cores are 70.00000000000001 thousandths in floating point.
    #[expect(clippy::cast_possible_truncation, reason = "a float that is too large saturates")]
    let milli = ((cpus? * 1e6).round() / 1e3).ceil() as i64;
    (milli > 0).then_some(milli)
}

fn positive(bytes: Option<i64>) -> Option<i64> {
    bytes.filter(|bytes| *bytes > 0)
}

fn at_most(request: Option<i64>, limit: Option<i64>, site: &Site) -> Option<i64> {
    if let (Some(request), Some(limit)) = (request, limit)
        && request > limit
    {
        site.approximated(
            "the reservation is above the limit, which Kubernetes refuses; the limit is reserved",
            "lower the reservation or raise the limit",
        );
        return Some(limit);
    }
    request
}

fn report_pids(pids: Option<i64>, site: &Site) {
    if pids.is_some_and(|pids| pids > 0) {
        site.not_translated(
            "a pod has no limit of processes",
            "set `podPidsLimit` in the configuration of the kubelet",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    #[test]
    fn units() {
        for (number, text) in [(1, "1"), (1024, "1Ki"), (1536 << 20, "1536Mi"), (3 << 30, "3Gi")] {
            assert_eq!(bytes(number), text);
        }
        assert_eq!(milli(Some(0.0001)), Some(1));
        assert_eq!(milli(Some(0.07)), Some(70));
        assert_eq!(milli(Some(0.0)), None);
        assert_eq!([cores(1500), cores(2000)], ["1500m", "2"]);
    }

    #[test]
    fn a_request_is_never_above_its_limit() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let service = ServiceLimits {
            cpus: Some(0.5),
            mem_limit: Some(64 << 20),
            mem_reservation: Some(128 << 20),
        };
        let site = findings.site("services.web");
        let resources = translate_resources(&Resources::default(), service, &site).unwrap();
        assert_eq!(
            serde_json::to_string(&resources).unwrap(),
            r#"{"limits":{"cpu":"500m","memory":"64Mi"},"requests":{"memory":"64Mi"}}"#
        );
        let report = findings.into_report();
        assert_eq!(report.iter().next().unwrap().path, "services.web.mem_reservation");
    }
}
