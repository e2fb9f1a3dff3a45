//! Values as the model holds them, and what of them it cannot hold.

use crate::case::{Case, check, check_texts};

/// One service `a` with these attributes.
fn service(attributes: &str) -> String {
    format!("services: {{a: {{image: x, network_mode: none, {attributes}}}}}")
}

/// The point, the attributes, and the canonical values below the service.
type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

fn check_values(rows: &[Row]) {
    let texts: Vec<String> = rows.iter().map(|(_, attributes, _)| service(attributes)).collect();
    for ((name, _, values), text) in rows.iter().zip(&texts) {
        let paths: Vec<String> =
            values.iter().map(|(path, _)| format!("services.a.{path}")).collect();
        let values: Vec<(&str, &str)> =
            paths.iter().zip(*values).map(|(path, (_, value))| (path.as_str(), *value)).collect();
        check(&[Case {
            name,
            files: &[("compose.yaml", text)],
            values: &values,
            ..Case::default()
        }]);
    }
}

#[test]
fn quantities_have_one_unit() {
    check_values(&[
        (
            "sizes are bytes in a text, as Compose prints them",
            "mem_limit: 1.5k, memswap_limit: -1, shm_size: 64mb, mem_swappiness: 60,
             blkio_config: {device_read_bps: [{path: /dev/a, rate: 12mb}]}",
            &[
                ("mem_limit", "'1536'"),
                ("memswap_limit", "'-1'"),
                ("shm_size", "'67108864'"),
                ("mem_swappiness", "'60'"),
                ("blkio_config.device_read_bps[0].rate", "'12582912'"),
            ],
        ),
        (
            "durations are as Go prints them",
            "stop_grace_period: 90s,
             healthcheck: {test: x, interval: 1h, timeout: 1500ms, start_period: 0s}",
            &[
                ("stop_grace_period", "1m30s"),
                ("healthcheck.interval", "1h0m0s"),
                ("healthcheck.timeout", "1.5s"),
                ("healthcheck.start_period", "0s"),
            ],
        ),
        (
            "numbers in texts are numbers, and whole ones have no fraction",
            "cpus: '2.0', cpu_count: '3', pids_limit: '50', oom_score_adj: '-5'",
            &[("cpus", "2"), ("cpu_count", "3"), ("pids_limit", "50"), ("oom_score_adj", "-5")],
        ),
        (
            "a file mode is octal in a text, a mask and the mode of a tmpfs are numbers",
            "umask: '027', volumes: [{type: tmpfs, target: /x, tmpfs: {mode: 0700, size: 1k}}]",
            &[
                ("umask", "23"),
                ("volumes[0].tmpfs.mode", "448"),
                ("volumes[0].tmpfs.size", "'1024'"),
            ],
        ),
    ]);
}

#[test]
fn devices_are_asked_for_in_one_form() {
    check_values(&[
        ("all graphics processors", "gpus: all", &[("gpus", "[{count: all}]")]),
        ("a request that says nothing is for all", "gpus: [{}]", &[("gpus", "[{count: all}]")]),
        (
            "a request that names neither number nor device is for all",
            "gpus: [{driver: nvidia}, {count: '3'}, {count: -1}, {device_ids: ['0']}]",
            &[(
                "gpus",
                "[{count: all, driver: nvidia}, {count: 3}, {count: all}, {device_ids: ['0']}]",
            )],
        ),
        (
            "options without a value are empty",
            "gpus: [{count: 1, options: [a=b, c]}]",
            &[("gpus[0].options", "{a: b, c: ''}")],
        ),
        (
            "reservations ask in the same way",
            "deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}",
            &[("deploy.resources.reservations.devices", "[{capabilities: [gpu], count: all}]")],
        ),
        (
            "a device is in the container where it is on the host",
            "devices: ['/dev/a', '/dev/a:/dev/b:r']",
            &[(
                "devices",
                "[{source: /dev/a, target: /dev/a, permissions: rwm},
                  {source: /dev/a, target: /dev/b, permissions: r}]",
            )],
        ),
    ]);
}

#[test]
fn what_says_nothing_differs_from_what_says_none() {
    check_values(&[
        (
            "an empty command clears that of the image, and none does not",
            "command: [], entrypoint: ''",
            &[("command", "[]"), ("entrypoint", "[]")],
        ),
        ("a null command is none", "command: null", &[("command", "")]),
        (
            "a check can be there and be turned off",
            "healthcheck: {test: [CMD, x], disable: 'true'}",
            &[("healthcheck", "{test: [CMD, x], disable: true}")],
        ),
        ("NONE is a test", "healthcheck: {test: [NONE]}", &[("healthcheck", "{test: [NONE]}")]),
        (
            "a variable without a value stays without one",
            "environment: [A, B=]",
            &[("environment", "{A: null, B: ''}")],
        ),
        (
            "keys that the user chooses say something without a value",
            "logging: {options: {a: }}, storage_opt: {b: }, labels: {c: }, sysctls: {d: }",
            &[
                ("logging.options", "{a: ''}"),
                ("storage_opt", "{b: ''}"),
                ("labels", "{c: ''}"),
                ("sysctls", "{d: ''}"),
            ],
        ),
        (
            "false differs from not said",
            "attach: false, privileged: false",
            &[("attach", "false"), ("privileged", "false"), ("init", "")],
        ),
    ]);
}

#[test]
fn lists_and_mappings_have_one_form() {
    check_values(&[
        (
            "exposed ports are expanded, and each is there once",
            "expose: [80, '80/tcp', '53-54/udp']",
            &[("expose", "['80', 53/udp, 54/udp]")],
        ),
        (
            "a limit is one number where both sides are the same",
            "ulimits: {a: 5, b: {soft: 1, hard: 2}, c: {soft: 3, hard: 3}}",
            &[("ulimits", "{a: 5, b: {soft: 1, hard: 2}, c: 3}")],
        ),
        (
            "a side of a limit that is not said is none",
            "ulimits: {a_b: {hard: 5}}",
            &[("ulimits", "{a_b: {soft: 0, hard: 5}}")],
        ),
        (
            "each kind of mount has its own section",
            "volumes: [/cache, {type: image, source: i, target: /i, image: {subpath: s}},
                       {type: npipe, source: p, target: /p}]",
            &[(
                "volumes",
                "[{type: volume, target: /cache},
                  {type: image, source: i, target: /i, image: {subpath: s}},
                  {type: npipe, source: p, target: /p}]",
            )],
        ),
        (
            "keys of a build",
            "build: {context: /x, dockerfile: D, ssh: {default: , k: /y}}",
            &[("build.ssh", "{default: , k: /y}")],
        ),
        (
            "extensions are kept as they are",
            "x-a: {b: [1, 1.5, true, null, t]}, logging: {x-c: d}",
            &[("x-a", "{b: [1, 1.5, true, null, t]}"), ("logging", "{x-c: d}")],
        ),
    ]);
}

/// Of what a service says, its hooks had only what a command needs.
#[test]
fn a_hook_has_what_its_service_has() {
    check(&[Case {
        name: "but for the mounts, with its own words on top",
        files: &[(
            "compose.yaml",
            "
services:
  a:
    image: x
    cap_add: [A, B]
    networks: [back]
    umask: 027
    volumes: [data:/data]
    pre_start:
      - {command: setup, cap_add: [B, C], umask: 077, per_replica: true}
networks: {back: }
volumes: {data: }
",
        )],
        values: &[(
            "services.a.pre_start[0]",
            "{image: x, command: [setup], cap_add: [A, B, C], networks: {back: null}, umask: 63,
              per_replica: true}",
        )],
        ..Case::default()
    }]);
}

#[test]
fn options_of_a_provider_can_be_repeated() {
    check(&[Case {
        name: "each option is a list",
        files: &[(
            "compose.yaml",
            "services: {a: {provider: {type: p, options: {a: 1, b: [s, true]}}}}",
        )],
        values: &[("services.a", "{provider: {type: p, options: {a: ['1'], b: [s, 'true']}}}")],
        ..Case::default()
    }]);
}

/// The schema lets these pass, as Compose does; they were dropped without a word.
#[test]
fn what_means_nothing_where_it_stands_is_reported() {
    check_texts(&[
        (
            "requests for devices are open to any key",
            service("gpus: [{driver: d, size: 5, x-kept: 1}]"),
            "LS0202 compose.yaml:1:65 services.a.gpus[0].size: means nothing here",
        ),
        (
            "a mount has the section of another type",
            service("volumes: [{type: bind, source: /x, target: /y, volume: {nocopy: true}}]"),
            "LS0202 compose.yaml:1:93 services.a.volumes[0].volume: means nothing here",
        ),
        (
            "a mount in memory has no source",
            service("volumes: [{type: tmpfs, source: x, target: /y}]"),
            "LS0202 compose.yaml:1:70 services.a.volumes[0].source: means nothing here",
        ),
    ]);
}

#[test]
fn values_that_nothing_can_hold_are_errors() {
    check_texts(&[
        (
            "options of the storage are texts",
            service("storage_opt: {a: {b: c}}"),
            "LS0205 compose.yaml:1:63 services.a.storage_opt.a: must be a text, but is a mapping",
        ),
        (
            "a number of devices is `all` or a number",
            service("gpus: [{count: some}]"),
            "LS0205 compose.yaml:1:61 services.a.gpus[0].count:",
        ),
        (
            "a size has a known unit",
            service("blkio_config: {device_read_bps: [{path: /a, rate: 1x}]}"),
            "LS0205 compose.yaml:1:96 services.a.blkio_config.device_read_bps[0].rate: must be a size",
        ),
        (
            "ports are exposed once, or the list would have no end",
            service("expose: ['1-65535', '2-65535', '3-65535', '4-65535']"),
            "LS0205 compose.yaml:1:88 services.a.expose: names each port once",
        ),
    ]);
}

#[test]
fn an_empty_text_says_nothing() {
    check_values(&[
        ("`restart: ${UNSET}` is as if it were not there", "restart: '${A:-}'", &[("restart", "")]),
        (
            "words of `deploy` are the same",
            "deploy: {mode: '', endpoint_mode: '', replicas: 1, restart_policy: {condition: ''}}",
            &[("deploy.replicas", "1"), ("deploy.mode", ""), ("deploy.endpoint_mode", "")],
        ),
        (
            "a port has its defaults",
            "ports: [{target: 80, protocol: '', mode: '', published: ''}]",
            &[("ports", "[{target: 80, protocol: tcp, mode: ingress}]")],
        ),
    ]);
    check_texts(&[
        (
            "an image that is empty is none",
            service("init: true").replace("image: x", "image: '${A:-}'"),
            "LS0204 compose.yaml:1:12 services.a: neither `image` nor `build`",
        ),
        (
            "the port 0 is none",
            service("ports: [0]"),
            "LS0205 compose.yaml:1:54 services.a.ports[0]: 0 is no port of a container",
        ),
        (
            "the variable of a secret has a name",
            service("secrets: [s]") + "\nsecrets: {s: {environment: ''}}",
            "LS0204 compose.yaml:2:11 secrets.s: has neither `file` nor `environment`",
        ),
    ]);
}

#[test]
fn whether_a_file_is_required_is_a_boolean() {
    check_texts(&[(
        "any other text was taken for `true`",
        service("env_file: [{path: x, required: maybe}]"),
        "LS0205 compose.yaml:1:77 services.a.env_file[0].required: must be `true` or `false`",
    )]);
}
