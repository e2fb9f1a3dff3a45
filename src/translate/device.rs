use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::model::{Device, DeviceCount, DeviceRequest, DiscreteResource, GenericResource};

use super::findings::Site;
use super::label::is_qualified_name;

/// What a driver of Compose is called as an extended resource: the names of the vendors' device plugins.
const RESOURCE_OF_DRIVER: &[(&str, &str)] = &[
    ("nvidia", "nvidia.com/gpu"),
    ("amd", "amd.com/gpu"),
    ("amdgpu", "amd.com/gpu"),
    ("rocm", "amd.com/gpu"),
    ("intel", "gpu.intel.com/i915"),
    ("i915", "gpu.intel.com/i915"),
    ("xe", "gpu.intel.com/xe"),
    ("tpu", "google.com/tpu"),
    ("google", "google.com/tpu"),
];
/// The resource of a request that names no driver.
const DEFAULT_GPU: &str = "nvidia.com/gpu";
/// Capabilities that a driver has anyway.
const OF_EVERY_GPU: &[&str] = &["gpu", "tpu", "compute", "utility", "nvidia"];
/// Devices of Linux that are blocks.
const BLOCK_DEVICES: &[&str] = &[
    "/dev/sd",
    "/dev/hd",
    "/dev/vd",
    "/dev/xvd",
    "/dev/nvme",
    "/dev/loop",
    "/dev/md",
    "/dev/dm-",
    "/dev/mapper/",
];
/// Directories of devices.
const DEVICE_DIRECTORIES: &[&str] =
    &["/dev/bus/usb", "/dev/dri", "/dev/input", "/dev/mapper", "/dev/serial/by-id", "/dev/snd"];

/// Extended resources by name, and how many a container gets.
pub type ExtendedResources = BTreeMap<String, Quantity>;

/// What a service asks for beside processors and memory.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeviceRequests<'a> {
    /// `gpus`.
    pub gpus: &'a [DeviceRequest],
    /// `deploy.resources.reservations.devices`.
    pub reserved: &'a [DeviceRequest],
    /// `deploy.resources.reservations.generic_resources`.
    pub generic: &'a [GenericResource],
    /// `devices`.
    pub devices: &'a [Device],
}

/// The extended resources of a container.
pub fn translate_device_requests(requests: DeviceRequests, site: &Site) -> ExtendedResources {
    let DeviceRequests { gpus, reserved, generic, devices } = requests;
    let mut resources = Counts::default();
    for (index, request) in gpus.iter().enumerate() {
        resources.add_request(request, &site.child("gpus").item(index));
    }
    let reservations = site.child("deploy").child("resources").child("reservations");
    for (index, request) in reserved.iter().enumerate() {
        resources.add_request(request, &reservations.child("devices").item(index));
    }
    for (index, resource) in generic.iter().enumerate() {
        resources.add_generic(resource, &reservations.child("generic_resources").item(index));
    }
    for (index, device) in devices.iter().enumerate() {
        if let Some((kind, _)) = cdi_name(&device.source) {
            let site = site.child("devices").item(index);
            site.approximated(
                format!("the device plugin chooses a device of `{kind}`"),
                "use dynamic resource allocation (a ResourceClaim) where it must be this one",
            );
            resources.add(kind, 1, &site);
        }
    }
    resources.0.into_iter().map(|(name, count)| (name, Quantity(count.to_string()))).collect()
}

/// A device of the node as a path in the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevicePath<'a> {
    /// The path on the node.
    pub source: &'a str,
    /// The path in the container.
    pub target: &'a str,
    /// The type of a `hostPath` volume, where the name tells it.
    pub kind: Option<&'static str>,
    /// The place in the list.
    pub index: usize,
}

/// The devices that are paths of the node; a container has to be privileged to use them.
pub fn device_paths<'a>(devices: &'a [Device], site: &Site) -> Vec<DevicePath<'a>> {
    let mut paths = Vec::new();
    for (index, device) in devices.iter().enumerate() {
        let Device { source, target, permissions, extensions: _ } = device;
        if cdi_name(source).is_some() {
            continue;
        }
        let site = site.item(index);
        site.approximated(
            format!("`{source}` is that of the node, and the container is privileged to use it"),
            "use the device plugin of the device, which needs no privileges",
        );
        if permissions.as_deref().is_some_and(|permissions| permissions != "rwm") {
            site.child("permissions").not_translated(
                "a privileged container may do everything with a device",
                "use the device plugin of the device",
            );
        }
        let target = target.as_deref().unwrap_or(source);
        paths.push(DevicePath { source, target, kind: path_kind(source), index });
    }
    paths
}

fn path_kind(source: &str) -> Option<&'static str> {
    if DEVICE_DIRECTORIES.contains(&source.trim_end_matches('/')) {
        Some("Directory")
    } else if BLOCK_DEVICES.iter().any(|start| source.starts_with(start)) {
        Some("BlockDevice")
    } else if source.starts_with("/dev/") && !source.trim_start_matches("/dev/").contains('/') {
        Some("CharDevice")
    } else {
        None
    }
}

/// The kind and the name of a device of the Container Device Interface, `vendor.com/class=name`.
fn cdi_name(source: &str) -> Option<(&str, &str)> {
    let (kind, name) = source.split_once('=')?;
    (!source.starts_with('/') && kind.contains('/') && is_qualified_name(kind))
        .then_some((kind, name))
}

#[derive(Default)]
struct Counts(BTreeMap<String, i64>);

impl Counts {
    fn add(&mut self, name: &str, count: i64, site: &Site) {
        let sum = self.0.entry(name.to_owned()).or_default();
        *sum = sum.saturating_add(count);
        if *sum > i64::from(i32::MAX) {
            site.invalid(format!("no node has {sum} of `{name}`"), "ask for fewer");
        }
    }

    fn add_request(&mut self, request: &DeviceRequest, site: &Site) {
        let DeviceRequest { capabilities, count, device_ids, driver, options, extensions: _ } =
            request;
        if !options.is_empty() {
            site.child("options").not_translated(
                "a device plugin takes no options",
                "use dynamic resource allocation (a ResourceClaim) with the driver's parameters",
            );
        }
        if driver.as_deref() == Some("cdi") {
            self.add_cdi_devices(device_ids, site);
            return;
        }
        let Some(resource) = resource_of(driver.as_deref(), capabilities, site) else { return };
        let ids = i64::try_from(device_ids.len()).unwrap_or(i64::MAX);
        let count = match count {
            _ if ids > 0 => {
                site.child("device_ids").approximated(
                    format!("the device plugin chooses which {ids} of `{resource}` it gives"),
                    "use dynamic resource allocation (a ResourceClaim) where it must be these",
                );
                ids
            }
            Some(DeviceCount::Exactly(count)) => *count,
            Some(DeviceCount::All) | None => {
                site.child("count").approximated(
                    format!("a pod cannot ask for all of `{resource}`; it gets one"),
                    "name the number, e.g. `count: 2`",
                );
                1
            }
        };
        self.add(resource, count, site);
    }

    fn add_cdi_devices(&mut self, names: &[String], site: &Site) {
        for (index, name) in names.iter().enumerate() {
            let site = site.child("device_ids").item(index);
            let Some((kind, _)) = cdi_name(name) else {
                site.invalid(
                    format!("`{name}` is not the name of a CDI device"),
                    "write it as `vendor.com/class=name`",
                );
                continue;
            };
            site.approximated(
                format!("the device plugin chooses a device of `{kind}`"),
                "use dynamic resource allocation (a ResourceClaim) where it must be this one",
            );
            self.add(kind, 1, &site);
        }
    }

    fn add_generic(&mut self, resource: &GenericResource, site: &Site) {
        let GenericResource { discrete_resource_spec, extensions: _ } = resource;
        let Some(DiscreteResource { kind, value, extensions: _ }) = discrete_resource_spec else {
            return;
        };
        let site = site.child("discrete_resource_spec");
        let kind = kind.as_deref().unwrap_or_default();
        let name = if kind.contains('/') && is_qualified_name(kind) {
            Some(kind)
        } else {
            let lower = kind.to_ascii_lowercase();
            let vendor = lower.trim_end_matches("gpu").trim_end_matches(['-', '_']);
            match vendor {
                "" => lower.ends_with("gpu").then_some(DEFAULT_GPU),
                vendor => of_driver(vendor),
            }
        };
        match name {
            Some(name) => self.add(name, value.unwrap_or(1), &site),
            None => site.child("kind").not_translated(
                format!("`{kind}` is no resource that a node of Kubernetes offers"),
                "write it with the domain of its device plugin, e.g. `example.com/fpga`",
            ),
        }
    }
}

fn of_driver(driver: &str) -> Option<&'static str> {
    RESOURCE_OF_DRIVER.iter().find(|(name, _)| *name == driver).map(|(_, resource)| *resource)
}

/// The resource that a request means; none, and said so, where it is no GPU that has a plugin.
fn resource_of<'a>(
    driver: Option<&'a str>,
    capabilities: &'a [String],
    site: &Site,
) -> Option<&'a str> {
    // `nvidia-compute` names the driver as well.
    let named = || capabilities.iter().find_map(|it| of_driver(it.split('-').next()?));
    let resource = match driver {
        Some(driver) if driver.contains('/') && is_qualified_name(driver) => Some(driver),
        Some(driver) if !driver.is_empty() => of_driver(driver),
        _ => named().or_else(|| {
            (capabilities.is_empty() || capabilities.iter().any(|it| it == "gpu"))
                .then_some(DEFAULT_GPU)
        }),
    };
    if resource.is_none() {
        site.not_translated(
            "no device plugin is known for this request",
            "write the name of the resource as `driver`, e.g. `driver: example.com/fpga`",
        );
        return None;
    }
    for (index, capability) in capabilities.iter().enumerate() {
        let (driver, rest) = capability.split_once('-').unwrap_or(("", capability));
        let is_known =
            OF_EVERY_GPU.contains(&rest) && (driver.is_empty() || of_driver(driver).is_some());
        if !is_known {
            site.child("capabilities").item(index).not_translated(
                format!("a device plugin gives whole devices and is not asked for `{capability}`"),
                "set it in the image, e.g. with `NVIDIA_DRIVER_CAPABILITIES`",
            );
        }
    }
    resource
}

#[cfg(test)]
mod tests;
