//! Section 12.3: whether the parts of a project fit together.

use crate::case::{Case, check, check_texts};

#[test]
fn a_service_says_where_its_image_comes_from() {
    check_texts(&[
        (
            "neither image nor build",
            "services:\n  a: {command: x}",
            "LS0204 compose.yaml:2:3 services.a: neither `image` nor `build`",
        ),
        ("a provider needs no image", "services: {a: {provider: {type: t}}}", ""),
        ("a disabled service may lack it", "services: {a: {image: x}, b: {profiles: [p]}}", ""),
        (
            "two ways to say the Dockerfile",
            "services: {a: {build: {dockerfile: D, dockerfile_inline: FROM x}}}",
            "LS0303 compose.yaml:1:39 services.a.build: exclude each other",
        ),
        (
            "a platform that is not built",
            "services: {a: {platform: linux/arm64, build: {context: ., platforms: [linux/amd64]}}}",
            "LS0303 compose.yaml:1:26 services.a.platform: not one of `build.platforms`",
        ),
        (
            "a platform that is built",
            "services: {a: {platform: linux/arm64, build: {context: ., platforms: [linux/arm64]}}}",
            "",
        ),
    ]);
}

#[test]
fn contexts_of_a_build_can_be_other_services() {
    let context = "services: {a: {build: {context: ., additional_contexts: {k: 'service:b'}}}";
    let path = "services.a.build.additional_contexts.k";
    let at = "compose.yaml:1:61";
    let rows = [
        ("one that is built", ", b: {build: .}}", String::new()),
        ("one that is built but disabled", ", b: {build: ., profiles: [p]}}", String::new()),
        (
            "one that is not built",
            ", b: {image: x}}",
            format!("LS0301 {at} {path}: `b` is not built"),
        ),
        ("one that is not there", "}", format!("LS0301 {at} {path}: `b` is not defined")),
    ];
    check_texts(&rows.map(|(name, other, finding)| (name, format!("{context}{other}"), finding)));
}

#[test]
fn the_network_of_a_service_is_one_thing() {
    check_texts(&[
        (
            "network_mode beside networks",
            "services: {a: {image: x, network_mode: bridge, networks: [n]}}\nnetworks: {n: {}}",
            "LS0303 compose.yaml:1:40 services.a.network_mode: exclude each other",
        ),
        (
            "no networks at all are not networks",
            "services: {a: {image: x, network_mode: host, networks: []}}",
            "",
        ),
        (
            "the network of a service",
            "services: {a: {image: x, network_mode: 'service:b'}, b: {image: x}}",
            "",
        ),
        (
            "the network of a service that is not there",
            "services: {a: {image: x, network_mode: 'service:c'}, b: {image: x}}",
            "LS0301 compose.yaml:1:40 services.a.depends_on.c: `c` is not defined",
        ),
        (
            "the network of a disabled service, which the service need not wait for",
            "
services:
  a:
    image: x
    network_mode: service:b
    depends_on: {b: {condition: service_started, required: false}}
  b: {image: x, profiles: [p]}
",
            "LS0301 compose.yaml:5:19 services.a.network_mode: `b` is not defined",
        ),
        (
            "the network of a container",
            "services: {a: {image: x, network_mode: 'container:other'}}",
            "",
        ),
    ]);
}

#[test]
fn names_lead_to_something() {
    let at = "LS0301 compose.yaml:1";
    let rows = [
        ("a network", "{image: x, networks: [n]}", ":37 services.a.networks.n: network `n`"),
        ("a model", "{image: x, models: [n]}", ":35 services.a.models.n: model `n`"),
        ("a volume", "{image: x, volumes: ['/a', 'vv:/b']}", ":43 services.a.volumes[1]: `vv`"),
        ("a config", "{image: x, configs: [n]}", ":36 services.a.configs[0]: config `n`"),
        ("a secret", "{image: x, secrets: [n]}", ":36 services.a.secrets[0]: secret `n`"),
        (
            "the secret of a build",
            "{build: {context: ., secrets: [n]}}",
            ":46 services.a.build.secrets[0]: secret `n`",
        ),
        ("a service", "{image: x, depends_on: [n]}", ":39 services.a.depends_on.n: service `n`"),
        (
            "a service that need not be there must still be defined",
            "{image: x, depends_on: {n: {condition: service_started, required: false}}}",
            ":39 services.a.depends_on.n: service `n`",
        ),
        ("a link", "{image: x, links: ['n:alias']}", ":34 services.a.depends_on.n: service `n`"),
        (
            "a link has two parts at most",
            "{image: x, links: ['a:b:c']}",
            ":34 services.a.depends_on.a:b:c: service `a:b:c`",
        ),
        (
            "the volumes of a service",
            "{image: x, volumes_from: ['n:ro', 'container:c']}",
            ":41 services.a.depends_on.n: service `n`",
        ),
    ];
    check_texts(&rows.map(|(name, service, finding)| {
        (name, format!("services: {{a: {service}}}"), format!("{at}{finding}"))
    }));
    check_texts(&[
        (
            "volumes without a name need no definition",
            "services: {a: {image: x, volumes: [/a]}}",
            "",
        ),
        (
            "misspelt names are told from unknown ones",
            "services: {a: {image: x, networks: [fornt]}}\nnetworks: {front: {}}",
            "LS0301 compose.yaml:1:37 services.a.networks.fornt: `fornt` is not defined",
        ),
        (
            "disabled services may lead nowhere",
            "services: {a: {image: x}, b: {image: x, networks: [n], depends_on: [c], profiles: [p]}}",
            "",
        ),
    ]);
}

#[test]
fn what_a_service_needs_takes_part() {
    check_texts(&[
        (
            "a disabled service that is required",
            "services: {a: {image: x, depends_on: [b]}, b: {image: x, profiles: [p]}}",
            "LS0301 compose.yaml:1:39 services.a.depends_on.b: no active profile enables",
        ),
        (
            "a disabled service that is not required",
            "
services:
  a: {image: x, depends_on: {b: {condition: service_started, required: false}}}
  b: {image: x, profiles: [p]}
",
            "",
        ),
        (
            "conditions",
            "
services:
  a:
    image: x
    depends_on:
      b: {condition: service_started}
      c: {condition: service_healthy, required: false}
      d: {condition: service_completed_successfully, required: true}
  b: {image: x}
  c: {image: x}
  d: {image: x}
",
            "",
        ),
    ]);
}

#[test]
fn jobs_and_services_are_told_apart() {
    let job = "{image: x, triggers: {manual: true}";
    let rows: &[(&str, String, &str)] = &[
        (
            "a service cannot wait for a job",
            format!("services: {{a: {{image: x, depends_on: [j]}}}}\njobs: {{j: {job}}}}}"),
            "LS0301 compose.yaml:1:39 services.a.depends_on.j: cannot depend on a job",
        ),
        (
            "a job can wait for services and for jobs",
            format!(
                "services: {{a: {{image: x}}}}\njobs: {{j: {job}, depends_on: [a, k]}}, k: {job}}}}}"
            ),
            "",
        ),
        (
            "a job cannot wait for what is not there",
            format!(
                "services: {{a: {{image: x}}}}\njobs: {{j: {job}, depends_on: {{zz: {{condition: service_started}}}}}}}}"
            ),
            "LS0301 compose.yaml:2:61 jobs.j.depends_on.zz: `zz` is not defined",
        ),
        (
            "a name is one of both",
            format!("services: {{a: {{image: x}}}}\njobs: {{a: {job}}}}}"),
            "LS0303 compose.yaml:2:8 jobs.a: the name of a service and of a job",
        ),
        (
            "disabled services own their names too",
            format!("services: {{a: {{image: x, profiles: [p]}}}}\njobs: {{a: {job}}}}}"),
            "LS0303 compose.yaml:2:8 jobs.a: the name of a service and of a job",
        ),
    ];
    check_texts(rows);
}

#[test]
fn a_healthcheck_starts_with_a_word_that_compose_knows() {
    let at = "LS0205 compose.yaml:1:39 services.a.healthcheck: cannot start with `curl`";
    check_texts(&[
        ("none", "services: {a: {image: x, healthcheck: {test: []}}}", ""),
        ("off", "services: {a: {image: x, healthcheck: {test: [NONE]}}}", ""),
        ("a command", "services: {a: {image: x, healthcheck: {test: [CMD, curl]}}}", ""),
        ("a line", "services: {a: {image: x, healthcheck: {test: [CMD-SHELL, curl]}}}", ""),
        ("a text", "services: {a: {image: x, healthcheck: {test: curl x}}}", ""),
        ("another word", "services: {a: {image: x, healthcheck: {test: [curl, x]}}}", at),
        (
            "another word, though it is off",
            "services: {a: {image: x, healthcheck: {test: [curl, x], disable: true}}}",
            at,
        ),
    ]);
}

#[test]
fn a_service_has_one_number_of_replicas() {
    let differ = "`scale` and `deploy.replicas` say different numbers";
    let several = "cannot have several replicas";
    check_texts(&[
        ("the same twice", "services: {a: {image: x, scale: 2, deploy: {replicas: '2'}}}", ""),
        (
            "two numbers",
            "services: {a: {image: x, scale: 3, deploy: {replicas: 2}}}",
            &format!("LS0303 compose.yaml:1:33 services.a.scale: {differ}"),
        ),
        (
            "a scale below zero",
            "services: {a: {image: x, scale: -1}}",
            "LS0205 compose.yaml:1:33 services.a.scale: is `-1`",
        ),
        (
            "replicas below zero",
            "services: {a: {image: x, deploy: {replicas: -2}}}",
            "LS0205 compose.yaml:1:45 services.a.deploy.replicas: is `-2`",
        ),
        ("no replica", "services: {a: {image: x, scale: 0}}", ""),
        (
            "a scaled container name",
            "services: {a: {image: x, container_name: name, scale: 2}}",
            &format!("LS0303 compose.yaml:1:42 services.a.container_name: {several}"),
        ),
        (
            "a replicated container name, in any mode",
            "services: {a: {image: x, container_name: name, deploy: {mode: global, replicas: 2}}}",
            &format!("LS0303 compose.yaml:1:42 services.a.container_name: {several}"),
        ),
        (
            "a container name for one",
            "services: {a: {image: x, container_name: name, scale: 1}}",
            "",
        ),
        (
            "a container name for two services",
            "services:\n  a: {image: x, container_name: name}\n  b: {image: x, container_name: name}",
            "LS0303 compose.yaml:3:33 services.b.container_name: two services have the container name `name`",
        ),
        (
            "a container name of a disabled service",
            "services:\n  a: {image: x, container_name: name}\n  b: {image: x, container_name: name, profiles: [p]}",
            "",
        ),
    ]);
}

#[test]
fn limits_are_said_once_or_alike() {
    let service = |own: &str, resources: &str| {
        format!("services: {{a: {{image: x, {own}, deploy: {{resources: {{{resources}}}}}}}}}")
    };
    let differ = |own: &str, other: &str| {
        format!("services.a.{own}: `{own}` and `deploy.resources.{other}` say different values")
    };
    let lacks = |own: &str, side: &str| {
        format!("services.a.{own}: `deploy.resources.{side}` lacks the value of `{own}`")
    };
    let rows = [
        ("the same CPUs", "cpus: 1.5", "limits: {cpus: '1.50'}", String::new()),
        ("the same part of a CPU", "cpus: 0.1", "limits: {cpus: '0.1'}", String::new()),
        ("other CPUs", "cpus: 2", "limits: {cpus: '1'}", differ("cpus", "limits.cpus")),
        ("limits without CPUs", "cpus: 2", "limits: {memory: 1g}", lacks("cpus", "limits")),
        ("no CPUs are no limit", "cpus: 0", "limits: {cpus: '1'}", String::new()),
        ("no limits at all", "cpus: 2", "reservations: {cpus: '1'}", String::new()),
        ("the same memory", "mem_limit: 1g", "limits: {memory: 1024m}", String::new()),
        (
            "other memory",
            "mem_limit: 1g",
            "limits: {memory: 1gb, cpus: '1'}, reservations: {memory: 5m}",
            String::new(),
        ),
        (
            "too much memory",
            "mem_limit: 2g",
            "limits: {memory: 1g}",
            differ("mem_limit", "limits.memory"),
        ),
        (
            "other reserved memory",
            "mem_reservation: 2g",
            "reservations: {memory: 1g}",
            differ("mem_reservation", "reservations.memory"),
        ),
        (
            "reservations without memory",
            "mem_reservation: 2g",
            "reservations: {cpus: '1'}",
            lacks("mem_reservation", "reservations"),
        ),
        (
            "limits without memory",
            "mem_limit: 2g",
            "limits: {cpus: '1'}",
            lacks("mem_limit", "limits"),
        ),
        (
            "limits without processes",
            "pids_limit: 2",
            "limits: {cpus: '1'}",
            lacks("pids_limit", "limits"),
        ),
        ("the same processes", "pids_limit: 10", "limits: {pids: 10}", String::new()),
        (
            "other processes",
            "pids_limit: 10",
            "limits: {pids: 9}",
            differ("pids_limit", "limits.pids"),
        ),
    ];
    check_texts(&rows.map(|(name, own, resources, finding)| {
        let column = 27 + own.find(' ').unwrap();
        let finding = match finding.as_str() {
            "" => finding,
            finding => format!("LS0303 compose.yaml:1:{column} {finding}"),
        };
        (name, service(own, resources), finding)
    }));
}

#[test]
fn what_is_synchronised_needs_a_target() {
    let rows = [
        ("rebuild", "", false),
        ("restart", "", false),
        ("sync", "", true),
        ("sync+restart", "", true),
        ("sync+exec", ", exec: {command: x}", true),
        ("sync", ", target: ''", true),
        ("sync", ", target: /app", false),
    ];
    check_texts(&rows.map(|(action, rest, needs)| {
        let watch = format!("{{path: ./app, action: {action}{rest}}}");
        let text = format!("services: {{a: {{image: x, develop: {{watch: [{watch}]}}}}}}");
        let path = "services.a.develop.watch[0]";
        let finding = format!("LS0204 compose.yaml:1:44 {path}: needs the attribute `target`");
        (watch, text, if needs { finding } else { String::new() })
    }));
}

#[test]
fn two_mounts_do_not_share_a_target() {
    check_texts(&[
        (
            "a tmpfs and a bind mount",
            "
services:
  a:
    image: x
    tmpfs: [/foo, '/conflict:size=64m']
    volumes: ['.:/bar', '.:/conflict']
",
            "LS0303 compose.yaml:6:25 services.a.volumes[1]: two mounts have the target `/conflict`",
        ),
        (
            "the later of two mounts on one target counts, so they do not meet",
            "services: {a: {image: x, volumes: ['.:/bar', './x:/bar/']}}",
            "",
        ),
        (
            "two ways to write a target",
            "services: {a: {image: x, volumes: [{type: tmpfs, target: /a}, {type: tmpfs, target: /a/.}]}}",
            "LS0303 compose.yaml:1:63 services.a.volumes[1]: two mounts have the target `/a`",
        ),
        (
            "two tmpfs",
            "services: {a: {image: x, tmpfs: [/a, '/a:size=1m']}}",
            "LS0303 compose.yaml:1:38 services.a.tmpfs[1]: two mounts have the target `/a`",
        ),
    ]);
}

#[test]
fn services_do_not_wait_for_each_other_in_a_circle() {
    check_texts(&[
        (
            "three services",
            "
services:
  one: {image: x, depends_on: [two]}
  two: {image: x, depends_on: [three]}
  three: {image: x, depends_on: [one]}
",
            "LS0302 compose.yaml:5:34 services.one.depends_on: `one` -> `two` -> `three` -> `one`",
        ),
        (
            "itself",
            "services:\n  one: {image: x, depends_on: [one]}",
            "LS0302 compose.yaml:2:32 services.one.depends_on: `one` -> `one`",
        ),
        (
            "a part of a larger graph, told without what leads there",
            "
services:
  a: {image: x}
  b: {image: x, depends_on: [d]}
  c: {image: x, depends_on: [a, b]}
  d: {image: x, depends_on: [c, e]}
  e: {image: x, depends_on: [b]}
  f: {image: x, depends_on: [d]}
  g: {image: x, depends_on: [a]}
",
            "LS0302 compose.yaml:5:33 services.b.depends_on: `b` -> `d` -> `c` -> `b`",
        ),
        (
            "links are dependencies",
            "services:\n  a: {image: x, links: [b]}\n  b: {image: x, depends_on: [a]}",
            "LS0302 compose.yaml:3:30 services.a.depends_on: `a` -> `b` -> `a`",
        ),
        (
            "namespaces are dependencies",
            "services:\n  a: {image: x, pid: 'service:a'}",
            "LS0302 compose.yaml:2:22 services.a.depends_on: `a` -> `a`",
        ),
        (
            "two ways to one service are no circle",
            "services: {a: {image: x, depends_on: [b, c]}, b: {image: x, depends_on: [c]}, c: {image: x}}",
            "",
        ),
    ]);
    let through_a_profile = Case {
        name: "a circle through a service that does not take part",
        files: &[(
            "compose.yaml",
            "
services:
  a: {image: x, depends_on: {b: {condition: service_started, required: false}}}
  b: {image: x, depends_on: [a], profiles: [p]}
",
        )],
        ..Case::default()
    };
    let with_the_profile = Case {
        name: "the same with its profile",
        profiles: &["p"],
        findings: &["LS0302 compose.yaml:4:30 services.a.depends_on: `a` -> `b` -> `a`"],
        ..through_a_profile
    };
    check(&[through_a_profile, with_the_profile]);
}

#[test]
fn all_findings_of_a_project_are_told() {
    check_texts(&[(
        "five in one file",
        "
services:
  a: {networks: [n]}
  b: {image: x, depends_on: [c], volumes: ['vv:/v']}
  d: {image: x, develop: {watch: [{path: '', action: sync}]}}
",
        "LS0204 compose.yaml:3:3 services.a:
         LS0301 compose.yaml:3:18 services.a.networks.n:
         LS0301 compose.yaml:4:30 services.b.depends_on.c:
         LS0301 compose.yaml:4:45 services.b.volumes[0]:
         LS0204 compose.yaml:5:35 services.d.develop.watch[0]:
         LS0205 compose.yaml:5:42 services.d.develop.watch[0].path:",
    )]);
}
