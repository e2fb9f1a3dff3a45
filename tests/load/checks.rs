//! Section 12.2: what each member of the tree must keep to beyond the schema.

use crate::case::{Case, check, check_texts};

const CONFLICT: &str = "LS0303 compose.yaml";
const INVALID: &str = "LS0205 compose.yaml";

#[test]
fn external_volumes_have_only_a_name() {
    check_texts(&[
        (
            "a name and extensions are fine",
            "services: {a: {image: x}}\nvolumes: {v: {external: true, name: n, x-note: 1}}",
            "",
        ),
        (
            "`external: false` says nothing",
            "services: {a: {image: x}}\nvolumes: {v: {external: false, driver: d}}",
            "",
        ),
        (
            "a driver has no meaning",
            "services: {a: {image: x}}\nvolumes: {v: {external: true, driver: d}}",
            "LS0303 compose.yaml:2:39 volumes.v.driver: is external, so `driver`",
        ),
        (
            "options have no meaning",
            "services: {a: {image: x}}\nvolumes: {v: {external: true, driver_opts: {beep: boop}}}",
            "LS0303 compose.yaml:2:31 volumes.v.driver_opts: so `driver_opts` has no meaning",
        ),
        (
            "labels have no meaning, and all such attributes are told",
            "services: {a: {image: x}}\nvolumes: {v: {external: true, labels: [a=b], driver: d}}",
            "LS0303 compose.yaml:2:31 volumes.v.labels:
             LS0303 compose.yaml:2:54 volumes.v.driver:",
        ),
        (
            "other sections are not checked, as in the reference, but what has no effect is told",
            "
services: {a: {image: x, networks: [n], secrets: [s]}}
networks: {n: {external: true, driver: d}}
secrets: {s: {external: true, file: ./x}}
",
            "LS0202 compose.yaml:4:31 secrets.s.file: means nothing here",
        ),
    ]);
}

#[test]
fn configs_and_secrets_have_one_source() {
    let one = |section: &str, body: &str| {
        format!("services: {{a: {{image: x}}}}\n{section}: {{c: {{name: n{body}}}}}")
    };
    let rows = [
        ("a file", one("configs", ", file: ./a.conf"), ""),
        ("a variable", one("configs", ", environment: A"), ""),
        ("text", one("configs", ", content: a=b"), ""),
        ("none, but external", one("configs", ", external: true"), ""),
        (
            "two of them",
            one("configs", ", environment: A, content: a=b"),
            "LS0303 compose.yaml:2:40 configs.c: only one of the attributes `file`, `environment`, `content`",
        ),
        (
            "a file and a variable",
            one("configs", ", file: ./a, environment: A"),
            "LS0303 compose.yaml:2:35 configs.c: only one of the attributes `file`, `environment`, `content`",
        ),
        (
            "all of them",
            one("configs", ", file: ./a, environment: A, content: a"),
            "LS0303 compose.yaml:2:35 configs.c: only one of the attributes `file`, `environment`, `content`
             LS0303 compose.yaml:2:51 configs.c: only one of the attributes `file`, `environment`, `content`",
        ),
        (
            "none",
            one("configs", ""),
            "LS0204 compose.yaml:2:11 configs.c: needs one of the attributes `file`, `environment`, `content`",
        ),
        ("the file of a secret", one("secrets", ", file: ./a"), ""),
        ("the variable of a secret", one("secrets", ", environment: A"), ""),
        ("an external secret", one("secrets", ", external: true"), ""),
        (
            "a secret without a source",
            one("secrets", ""),
            "LS0204 compose.yaml:2:11 secrets.c: needs one of the attributes `file`, `environment`",
        ),
        (
            "a secret that is not external after all",
            one("secrets", ", external: false"),
            "LS0204 compose.yaml:2:11 secrets.c: needs one of",
        ),
        (
            "a secret with two sources",
            one("secrets", ", file: ./a, environment: A"),
            "LS0303 compose.yaml:2:35 secrets.c: can have only one of",
        ),
        (
            "a driver excuses nothing in the end: Compose has none",
            one("secrets", ", driver: vault"),
            "LS0204 compose.yaml:2:11 secrets.c: has neither `file` nor `environment`",
        ),
    ];
    check_texts(&rows);
}

#[test]
fn the_address_of_a_port_is_an_address() {
    let port = |address: &str| {
        format!("services: {{a: {{image: x, ports: [{{target: 80, published: 80{address}}}]}}}}")
    };
    let path = "services.a.ports[0].host_ip";
    let rows = [
        ("none", "", String::new()),
        ("version 4", ", host_ip: 192.168.3.4", String::new()),
        ("version 6", ", host_ip: '::1'", String::new()),
        (
            "a word",
            ", host_ip: localhost",
            format!("{INVALID}:1:71 {path}: `localhost` is not an IP address"),
        ),
        (
            "brackets are for the short form",
            ", host_ip: '[::1]'",
            format!("{INVALID}:1:71 {path}: `[::1]` is not"),
        ),
        ("nothing", ", host_ip: ''", format!("{INVALID}:1:71 {path}: the address is empty")),
    ];
    check_texts(&rows.map(|(name, address, finding)| (name, port(address), finding)));
}

#[test]
fn a_watched_path_is_not_blank() {
    check_texts(&[
        (
            "written so",
            "services: {a: {image: x, develop: {watch: [{path: '', action: rebuild}]}}}",
            "LS0205 compose.yaml:1:51 services.a.develop.watch[0].path: is empty",
        ),
        (
            "blanks alone name a folder, also for the reference",
            "services: {a: {image: x, develop: {watch: [{path: '  ', action: rebuild}]}}}",
            "",
        ),
        (
            "after the variable is put in",
            "services: {a: {image: x, develop: {watch: [{path: '${P:-}', action: rebuild}]}}}",
            "LS0205 compose.yaml:1:51 services.a.develop.watch[0].path: is empty",
        ),
        (
            "the schema asks for the action",
            "services: {a: {image: x, develop: {watch: [{path: ./html, target: /var/www}]}}}",
            "LS0204 compose.yaml:1:44 services.a.develop.watch[0]: `action`",
        ),
    ]);
}

#[test]
fn device_requests_name_devices_or_count_them() {
    let device = |body: &str| {
        format!(
            "
services:
  a:
    image: x
    deploy:
      resources:
        reservations:
          devices:
            - {{driver: nvidia, capabilities: [gpu]{body}}}
"
        )
    };
    let path = "services.a.deploy.resources.reservations.devices[0]";
    let rows = [
        ("a number", ", count: 1", String::new()),
        ("a number as text", ", count: '1'", String::new()),
        ("all", ", count: all", String::new()),
        ("neither", "", String::new()),
        ("ids", ", device_ids: [a]", String::new()),
        (
            "another word",
            ", count: some",
            format!("{INVALID}:9:60 {path}.count: must be a number or `all`"),
        ),
        (
            "both",
            ", count: 2, device_ids: [a]",
            format!("{CONFLICT}:9:60 {path}: `count` and `device_ids` exclude each other"),
        ),
    ];
    check_texts(&rows.map(|(name, body, finding)| (name, device(body), finding)));
    check(&[Case {
        name: "without a number and without names all devices are meant",
        files: &[("compose.yaml", &device(""))],
        values: &[(&format!("{path}.count"), "all")],
        ..Case::default()
    }]);
    check_texts(&[(
        "gpus are device requests",
        "services: {a: {image: x, gpus: [{count: 1, device_ids: [a]}]}}",
        "LS0303 compose.yaml:1:41 services.a.gpus[0]: exclude each other",
    )]);
}
