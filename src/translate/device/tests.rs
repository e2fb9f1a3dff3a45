use super::*;
use crate::model::{Extensions, Origins};
use crate::translate::findings::Findings;

fn check(requests: DeviceRequests, expected: &[(&str, &str)], findings_expected: usize) {
    let origins = Origins::default();
    let findings = Findings::new(&origins);
    let resources = translate_device_requests(requests, &findings.site("services.a"));
    let resources: Vec<(&str, &str)> =
        resources.iter().map(|(name, count)| (name.as_str(), count.0.as_str())).collect();
    assert_eq!(resources, expected);
    let report = findings.into_report();
    let messages: Vec<&str> = report.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(messages.len(), findings_expected, "{messages:?}");
}

fn request(driver: &str, capabilities: &[&str], count: Option<DeviceCount>) -> DeviceRequest {
    DeviceRequest {
        driver: (!driver.is_empty()).then(|| driver.to_owned()),
        capabilities: capabilities.iter().map(|it| (*it).to_owned()).collect(),
        count,
        ..DeviceRequest::default()
    }
}

fn check_request(request: DeviceRequest, expected: &[(&str, &str)], findings_expected: usize) {
    check(
        DeviceRequests { gpus: &[request], ..DeviceRequests::default() },
        expected,
        findings_expected,
    );
}

#[test]
fn drivers_have_resources() {
    let two = Some(DeviceCount::Exactly(2));
    check_request(request("", &["gpu"], two), &[("nvidia.com/gpu", "2")], 0);
    check_request(request("nvidia", &["gpu", "utility"], two), &[("nvidia.com/gpu", "2")], 0);
    check_request(request("amdgpu", &["gpu"], two), &[("amd.com/gpu", "2")], 0);
    check_request(request("", &["tpu"], two), &[("google.com/tpu", "2")], 0);
    check_request(request("", &["nvidia-compute"], two), &[("nvidia.com/gpu", "2")], 0);
    check_request(request("example.com/fpga", &["fast"], two), &[("example.com/fpga", "2")], 1);
    check_request(request("unheard-of", &["gpu"], two), &[], 1);
    check_request(request("", &["gpu"], Some(DeviceCount::All)), &[("nvidia.com/gpu", "1")], 1);
    check_request(request("", &["gpu"], None), &[("nvidia.com/gpu", "1")], 1);
}

#[test]
fn a_plugin_chooses_the_device() {
    let ids = |driver: &str, ids: &[&str]| DeviceRequest {
        device_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..request(driver, &["gpu"], None)
    };
    check_request(ids("nvidia", &["0", "3"]), &[("nvidia.com/gpu", "2")], 1);
    check_request(ids("cdi", &["nvidia.com/gpu=0"]), &[("nvidia.com/gpu", "1")], 1);
    check_request(ids("cdi", &["all"]), &[], 1);
}

#[test]
fn generic_resources() {
    let generic = |kind: &str| GenericResource {
        discrete_resource_spec: Some(DiscreteResource {
            kind: Some(kind.to_owned()),
            value: Some(2),
            extensions: Extensions::default(),
        }),
        extensions: Extensions::default(),
    };
    for (kind, expected, findings_expected) in [
        ("NVIDIA-GPU", Some("nvidia.com/gpu"), 0),
        ("gpu", Some("nvidia.com/gpu"), 0),
        ("AMD_GPU", Some("amd.com/gpu"), 0),
        ("example.com/fpga", Some("example.com/fpga"), 0),
        ("SSD", None, 1),
    ] {
        let expected: Vec<(&str, &str)> = expected.into_iter().map(|name| (name, "2")).collect();
        let requests = DeviceRequests { generic: &[generic(kind)], ..DeviceRequests::default() };
        check(requests, &expected, findings_expected);
    }
}

#[test]
fn kinds_of_paths() {
    for (path, kind) in [
        ("/dev/kvm", Some("CharDevice")),
        ("/dev/sda1", Some("BlockDevice")),
        ("/dev/dri", Some("Directory")),
        ("/dev/dri/renderD128", None),
        ("/opt/device", None),
    ] {
        assert_eq!(path_kind(path), kind, "{path}");
    }
}
