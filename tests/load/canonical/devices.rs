//! `devices`, `gpus`, and devices that are reserved.

use super::{check, web, wrong};

#[test]
fn a_device_is_split_at_its_colons() {
    check(&[
        web(
            "three forms",
            "devices: [/dev/single, '/dev/a:/dev/b', '/dev/source:/dev/target:permissions']",
            &[(
                "devices",
                "[{source: /dev/single, target: /dev/single, permissions: rwm},
              {source: /dev/a, target: /dev/b, permissions: rwm},
              {source: /dev/source, target: /dev/target, permissions: permissions}]",
            )],
        ),
        web(
            "an empty target is the source",
            "devices: ['/dev/a::r']",
            &[("devices", "[{source: /dev/a, target: /dev/a, permissions: r}]")],
        ),
        web(
            "the long form stays",
            "devices: [{source: /dev/a, target: /dev/b, permissions: r}]",
            &[("devices", "[{source: /dev/a, target: /dev/b, permissions: r}]")],
        ),
        web(
            "of vendors",
            "devices: ['vendor1.com/device=gpu']",
            &[("devices[0].source", "vendor1.com/device=gpu")],
        ),
        wrong(
            "too many parts",
            "devices: ['a:b:c:d']",
            &["LS0205 4:15 devices[0]: invalid device `a:b:c:d`: it has too many colons"],
        ),
        wrong(
            "the long form needs a target",
            "devices: [{source: /dev/a}]",
            &["LS0204 4:15 devices[0]: needs the attribute `target`"],
        ),
    ]);
}

#[test]
fn a_request_for_devices_asks_for_all_of_them_by_default() {
    check(&[
        web("a word for all", "gpus: all", &[("gpus", "[{count: all}]")]),
        web("in capitals", "gpus: [{count: ALL}]", &[("gpus", "[{count: all}]")]),
        web(
            "a list",
            "gpus: [{driver: nvidia}, {driver: 3dfx, device_ids: [voodoo2], capabilities: [directX]}]",
            &[(
                "gpus",
                "[{driver: nvidia, count: all},
                  {driver: 3dfx, device_ids: [voodoo2], capabilities: [directX]}]",
            )],
        ),
        web(
            "a number",
            "gpus: [{count: 2, options: [a=b, c]}]",
            &[("gpus", "[{count: 2, options: {a: b, c: ''}}]")],
        ),
        web("a number as text", "gpus: [{count: '3'}]", &[("gpus", "[{count: 3}]")]),
        web(
            "reserved",
            "deploy: {resources: {reservations: {devices: \
             [{driver: nvidia, capabilities: [gpu], count: all, options: {q_bits: 42}}]}}}",
            &[(
                "deploy.resources.reservations.devices",
                "[{driver: nvidia, capabilities: [gpu], count: all, options: {q_bits: '42'}}]",
            )],
        ),
        web(
            "reserved without a number",
            "deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}",
            &[("deploy.resources.reservations.devices", "[{capabilities: [gpu], count: all}]")],
        ),
        wrong("another word", "gpus: some", &["LS0205 4:11 gpus: must be `all`, but is `some`"]),
        wrong(
            "a number in words",
            "gpus: [{count: two}]",
            &["LS0205 4:20 gpus[0].count: must be a number or `all`"],
        ),
        wrong(
            "both",
            "gpus: [{count: 1, device_ids: ['0']}]",
            &["LS0303 4:20 gpus[0]: `count` and `device_ids` exclude each other"],
        ),
        wrong(
            "both, reserved",
            "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 1, device_ids: ['0']}]}}}",
            &["LS0303 4:80 deploy.resources.reservations.devices[0]: exclude each other"],
        ),
        wrong(
            "reserved without capabilities",
            "deploy: {resources: {reservations: {devices: [{count: 1}]}}}",
            &[
                "LS0204 4:51 deploy.resources.reservations.devices[0]: needs the attribute `capabilities`",
            ],
        ),
    ]);
}
