use std::collections::BTreeMap;

use indexmap::IndexMap;
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::model::{Limits, Reservations, Resources};

use super::cpu::{ProcessorTime, milli};
use super::device::ExtendedResources;
use super::findings::Site;
use super::label::settings;
use super::setting::Settings;
use super::volume::parse_size;

/// The resource of a container's own file system.
const EPHEMERAL_STORAGE: &str = "ephemeral-storage";

/// What a service says of its resources outside of `deploy`, and the devices that it asks for anywhere.
pub struct ServiceLimits<'a> {
    /// `cpus` and its relatives.
    pub time: ProcessorTime,
    /// `mem_limit`.
    pub mem_limit: Option<i64>,
    /// `mem_reservation`.
    pub mem_reservation: Option<i64>,
    /// The container's own file system.
    pub storage: EphemeralStorage<'a>,
    /// The devices.
    pub devices: ExtendedResources,
}

/// What a service says of its container's own file system.
#[derive(Clone, Copy)]
pub struct EphemeralStorage<'a> {
    /// `storage_opt`.
    pub options: &'a IndexMap<String, String>,
    /// The labels of the service and of `deploy`.
    pub labels: [&'a Settings<'a>; 2],
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
        // With the devices of the service.
        generic_resources: _,
        devices: _,
        extensions: _,
    } = reservations;
    let ServiceLimits { time, mem_limit, mem_reservation, storage, devices } = service;
    let deploy = site.child("deploy").child("resources");
    report_pids(*pids, &deploy.child("limits").child("pids"));

    let reserves_cpu = milli(*cpu_request).is_some();
    let reserves_memory = positive(*memory_request).is_some();
    let cpu_limit = milli(*cpu_limit).or_else(|| time.limit(site));
    let memory_limit = positive(*memory_limit).or(positive(mem_limit));
    let cpu_request = milli(*cpu_request).or_else(|| time.request(site));
    let memory_request = positive(*memory_request).or(positive(mem_reservation));

    let reservations = deploy.child("reservations");
    let cpu_site = if reserves_cpu { reservations.child("cpus") } else { site.child("cpu_shares") };
    let cpu_request = at_most(cpu_request, cpu_limit, &cpu_site);
    let memory_site =
        if reserves_memory { reservations.child("memory") } else { site.child("mem_reservation") };
    let memory_request = at_most(memory_request, memory_limit, &memory_site);

    let mut limits = quantities(cpu_limit, memory_limit);
    let own_limit = storage_limit(storage.options, &site.child("storage_opt"));
    limits.extend(storage.amount(settings::STORAGE_LIMIT).or(own_limit));
    limits.extend(devices);
    let mut requests = quantities(cpu_request, memory_request);
    requests.extend(storage.amount(settings::STORAGE_REQUEST));
    let requirements = ResourceRequirements {
        limits: (!limits.is_empty()).then_some(limits),
        requests: (!requests.is_empty()).then_some(requests),
        ..ResourceRequirements::default()
    };
    (requirements != ResourceRequirements::default()).then_some(requirements)
}

impl EphemeralStorage<'_> {
    fn amount(&self, keys: &[&'static str]) -> Option<(String, Quantity)> {
        let setting = self.labels.iter().find_map(|labels| labels.get(keys))?;
        Some((EPHEMERAL_STORAGE.to_owned(), Quantity(setting.quantity()?.to_owned())))
    }
}

/// The size of a container's own file system.
fn storage_limit(options: &IndexMap<String, String>, site: &Site) -> Option<(String, Quantity)> {
    for name in options.keys().filter(|name| *name != "size") {
        site.child(name).not_translated(
            "the storage of containers is set up with the node's container runtime",
            "set it there",
        );
    }
    let written = options.get("size")?;
    let Some(amount) = parse_size(written) else {
        site.child("size").invalid(format!("`{written}` is not a size"), "write it as `10G`");
        return None;
    };
    Some((EPHEMERAL_STORAGE.to_owned(), Quantity(bytes(amount))))
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

fn quantities(cpu: Option<i64>, memory: Option<i64>) -> BTreeMap<String, Quantity> {
    let cpu = cpu.map(|milli| ("cpu".to_owned(), Quantity(cores(milli))));
    let memory = memory.map(|memory| ("memory".to_owned(), Quantity(bytes(memory))));
    cpu.into_iter().chain(memory).collect()
}

fn cores(milli: i64) -> String {
    if milli % 1000 == 0 { (milli / 1000).to_string() } else { format!("{milli}m") }
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
        assert_eq!([cores(1500), cores(2000)], ["1500m", "2"]);
    }

    #[test]
    fn a_request_is_never_above_its_limit() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let none = IndexMap::new();
        let settings = Settings::new(&none, findings.site("services.web.labels"));
        let service = ServiceLimits {
            time: ProcessorTime { cpus: Some(0.5), ..ProcessorTime::default() },
            mem_limit: Some(64 << 20),
            mem_reservation: Some(128 << 20),
            storage: EphemeralStorage { options: &none, labels: [&settings; 2] },
            devices: ExtendedResources::new(),
        };
        let site = findings.site("services.web");
        let resources = translate_resources(&Resources::default(), service, &site).unwrap();
        assert_eq!(
            serde_json::to_string(&resources).unwrap(),
            r#"{"limits":{"cpu":"500m","memory":"64Mi"},"requests":{"memory":"64Mi"}}"#
        );
        drop((settings, site));
        let report = findings.into_report();
        assert_eq!(report.iter().next().unwrap().path, "services.web.mem_reservation");
    }
}
