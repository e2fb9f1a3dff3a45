//! Types of values that come from variables, or are quoted.

use crate::case::{Case, check};

#[test]
fn variables_are_what_their_attribute_is() {
    check(&[
        Case {
            name: "everything that is cast, and what is read as it is bound",
            files: &[(
                "compose.yaml",
                "
services:
  web:
    image: a
    configs: [{source: appconfig, mode: $theint}]
    secrets: [{source: super, mode: $theint}]
    healthcheck: {retries: '${theint}', disable: $thebool}
    deploy:
      replicas: $theint
      update_config: {parallelism: $theint, max_failure_ratio: $thefloat}
      rollback_config: {parallelism: $theint, max_failure_ratio: $thefloat}
      restart_policy: {max_attempts: $theint}
      placement: {max_replicas_per_node: $theint}
    ports:
      - $theint
      - '34567'
      - {target: $theint, published: $theint, x-foo-bar: true}
    ulimits: {nproc: $theint, nofile: {hard: $theint, soft: $theint}}
    privileged: $thebool
    oom_kill_disable: $thebool
    read_only: $thebool
    shm_size: ${thesize}
    stop_grace_period: ${theduration}
    stdin_open: ${thebool}
    tty: $thebool
    networks: [front, back]
    volumes:
      - {type: volume, source: data, target: /data, read_only: $thebool, volume: {nocopy: $thebool}}
configs: {appconfig: {external: $thebool}}
secrets: {super: {external: $thebool}}
volumes: {data: {external: $thebool}}
networks: {front: {external: $thebool, internal: $thebool, attachable: $thebool, enable_ipv6: $thebool}, back: }",
            )],
            environment: &[
                ("theint", "555"),
                ("thefloat", "3.14"),
                ("thebool", "true"),
                ("theduration", "60s"),
                ("thesize", "2gb"),
            ],
            values: &[
                ("services.web.configs[0].mode", "'0555'"),
                ("services.web.secrets[0].mode", "'0555'"),
                ("services.web.deploy.replicas", "555"),
                (
                    "services.web.deploy.update_config",
                    "{parallelism: 555, max_failure_ratio: 3.14}",
                ),
                (
                    "services.web.deploy.rollback_config",
                    "{parallelism: 555, max_failure_ratio: 3.14}",
                ),
                ("services.web.deploy.restart_policy.max_attempts", "555"),
                ("services.web.deploy.placement.max_replicas_per_node", "555"),
                (
                    "services.web.ports",
                    "[{mode: ingress, target: 555, protocol: tcp},
                      {mode: ingress, target: 34567, protocol: tcp},
                      {mode: ingress, target: 555, protocol: tcp, published: '555', x-foo-bar: true}]",
                ),
                ("services.web.ulimits.nproc", "555"),
                ("services.web.privileged", "true"),
                ("services.web.oom_kill_disable", "true"),
                ("services.web.read_only", "true"),
                ("services.web.shm_size", "'2147483648'"),
                ("services.web.stop_grace_period", "1m0s"),
                ("services.web.stdin_open", "true"),
                ("services.web.tty", "true"),
                (
                    "services.web.volumes",
                    "[{type: volume, source: data, target: /data, read_only: true, volume: {nocopy: true}}]",
                ),
                ("configs.appconfig.external", "true"),
                ("secrets.super.external", "true"),
                ("volumes.data.external", "true"),
                (
                    "networks.front",
                    "{name: front, external: true, internal: true, attachable: true, enable_ipv6: true}",
                ),
            ],
            ..Case::default()
        },
    ]);
}

#[test]
fn defaults_are_cast_and_what_cannot_be_is_named() {
    check(&[
        Case {
            name: "a default is cast as well",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a, scale: '${N:-2}', cpus: '${C-0.5}', init: '${I:-false}'}}",
            )],
            values: &[
                ("services.web.scale", "2"),
                ("services.web.cpus", "0.5"),
                ("services.web.init", "false"),
            ],
            ..Case::default()
        },
        Case {
            name: "what cannot be cast is named, but not the value of the environment: it may be a secret",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a, scale: $N, cpus: $C, init: $I}}",
            )],
            environment: &[("N", "two"), ("C", "half"), ("I", "maybe")],
            findings: &[
                "LS0205 compose.yaml:1:35 services.web.scale: must be a whole number, but is `${N}`",
                "LS0205 compose.yaml:1:45 services.web.cpus: must be a number, but is `${C}`",
                "LS0205 compose.yaml:1:55 services.web.init: must be `true` or `false`, but is `${I}`",
            ],
            ..Case::default()
        },
        Case {
            name: "an empty variable is no number",
            files: &[("compose.yaml", "services: {web: {image: a, scale: '${N:-}'}}")],
            findings: &["LS0205 compose.yaml:1:35 services.web.scale: must be a whole number"],
            ..Case::default()
        },
    ]);
}

#[test]
fn words_of_yaml_1_1_are_booleans_with_a_warning() {
    let warning = |place: &str, attribute: &str, word: &str, value: bool| {
        format!(
            "LS0205 compose.yaml:{place} services.web.{attribute}: \
             `{word}` is not a boolean of YAML 1.2, it is read as `{value}`"
        )
    };
    let findings = [
        warning("1:34", "init", "yes", true),
        warning("1:44", "tty", "N", false),
        warning("1:59", "privileged", "On", true),
        warning("1:74", "read_only", "OFF", false),
        warning("1:91", "stdin_open", "y", true),
    ];
    let findings: Vec<&str> = findings.iter().map(String::as_str).collect();
    check(&[
        Case {
            name: "in any case",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a, init: yes, tty: N, privileged: On, read_only: OFF, stdin_open: y}}",
            )],
            values: &[
                ("services.web.init", "true"),
                ("services.web.tty", "false"),
                ("services.web.privileged", "true"),
                ("services.web.read_only", "false"),
                ("services.web.stdin_open", "true"),
            ],
            findings: &findings,
            ..Case::default()
        },
        Case {
            name: "`true` and `false` without one",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a, init: 'False', tty: TRUE, privileged: 'tRuE'}}",
            )],
            values: &[
                ("services.web.init", "false"),
                ("services.web.tty", "true"),
                ("services.web.privileged", "true"),
            ],
            ..Case::default()
        },
        Case {
            name: "where a boolean is bound, not cast",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a, attach: 'no', build: {context: ., no_cache: 'yes'}}}",
            )],
            values: &[("services.web.attach", "false"), ("services.web.build.no_cache", "true")],
            findings: &[
                "LS0205 compose.yaml:1:36 services.web.attach: is not a boolean of YAML 1.2",
                "LS0205 compose.yaml:1:72 services.web.build.no_cache: is not a boolean of YAML 1.2",
            ],
            ..Case::default()
        },
        Case {
            name: "where a text is wanted they are texts",
            files: &[(
                "compose.yaml",
                "services: {web: {image: yes, restart: no, environment: {A: on}}}",
            )],
            values: &[
                ("services.web.image", "'yes'"),
                ("services.web.restart", "'no'"),
                ("services.web.environment.A", "'on'"),
            ],
            ..Case::default()
        },
        Case {
            name: "a number is no boolean, a boolean no text",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a, tty: 1, use_api_socket: 'true', hostname: true}}",
            )],
            findings: &[
                "LS0203 compose.yaml:1:33 services.web.tty: must be a boolean or a string, but is a number",
                "LS0203 compose.yaml:1:52 services.web.use_api_socket: must be a boolean, but is a string",
                "LS0203 compose.yaml:1:70 services.web.hostname: must be a string, but is a boolean",
            ],
            ..Case::default()
        },
    ]);
}

#[test]
fn numbers_are_finite_and_fit() {
    check(&[
        Case {
            name: "infinity and no number, even in an extension",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a, cpus: .inf, labels: {a: .nan}}}\nx-a: [-.inf]",
            )],
            findings: &[
                "LS0205 compose.yaml:1:34 services.web.cpus: `.inf` is not a number",
                "LS0205 compose.yaml:1:52 services.web.labels.a: `.nan` is not a number",
                "LS0205 compose.yaml:2:7 x-a[0]: `-.inf` is not a number",
            ],
            ..Case::default()
        },
        Case {
            name: "infinity as a text",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a, cpus: 'inf', cpu_percent: NaN}}",
            )],
            findings: &[
                "LS0205 compose.yaml:1:34 services.web.cpus: must be a number, but is `inf`",
                "LS0205 compose.yaml:1:54 services.web.cpu_percent: must be a number, but is `NaN`",
            ],
            ..Case::default()
        },
        Case {
            name: "signs and exponents, but no separators and no other bases",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a, scale: '+3', cpus: '5e-1', pids_limit: '1_0', oom_score_adj: '0x1'}}",
            )],
            findings: &[
                "LS0205 compose.yaml:1:67 services.web.pids_limit: must be a whole number, but is `1_0`",
                "LS0205 compose.yaml:1:89 services.web.oom_score_adj: must be a whole number, but is `0x1`",
            ],
            ..Case::default()
        },
        Case {
            name: "too large for 64 bits",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a, pids_limit: '9223372036854775808'}}",
            )],
            findings: &["LS0205 compose.yaml:1:40 services.web.pids_limit: must be a whole number"],
            ..Case::default()
        },
    ]);
}

#[test]
fn what_is_no_yaml_is_no_value() {
    check(&[Case {
        name: "a tab indents",
        files: &[("compose.yaml", "services:\n  web:\n    image: nginx\n\tbuild: .")],
        findings: &["LS0101 compose.yaml:3:12: tab"],
        ..Case::default()
    }]);
}
