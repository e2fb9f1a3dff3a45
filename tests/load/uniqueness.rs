//! Section 7.3 of the loader: items with the same key are one, the last one, in the place of the
//! first.

use crate::case::{Case, check};

/// The point, a list of a service in one file, and what is left of it.
fn check_lists(attribute: &str, rows: &[(&str, &str, &str)]) {
    for (name, list, expected) in rows {
        let file = format!(
            "
networks: {{front: {{}}}}
volumes: {{one: {{}}, two: {{}}, src: {{}}, foo: {{}}}}
secrets: {{foo: {{external: true}}, bar: {{external: true}}, zot: {{external: true}}}}
configs: {{foo: {{external: true}}, bar: {{external: true}}, zot: {{external: true}}}}
services:
  test:
    image: foo
    {attribute}: {list}
"
        );
        let path = format!("services.test.{attribute}");
        check(&[Case {
            name,
            files: &[("compose.yaml", &file)],
            values: &[(&path, expected)],
            ..Case::default()
        }]);
    }
}

#[test]
fn variables_are_one_by_their_name() {
    check_lists(
        "environment",
        &[(
            "with and without a value",
            "[FOO=BAR, BAR=QIX, QIX=, ZOT, FOO=ZOT, QIX, ZOT=]",
            "{FOO: ZOT, BAR: QIX, QIX: null, ZOT: ''}",
        )],
    );
    for attribute in ["labels", "annotations", "sysctls"] {
        check_lists(attribute, &[("the last counts", "[a=1, b=2, a=3]", "{a: '3', b: '2'}")]);
    }
}

#[test]
fn texts_are_one_by_what_stands_in_front_of_the_equals_sign() {
    for attribute in ["cap_add", "cap_drop", "dns_opt", "dns_search"] {
        check_lists(
            attribute,
            &[
                ("the same item", "[a, b, a]", "[a, b]"),
                ("another value", "[a=1, b, a=2]", "[a=2, b]"),
            ],
        );
    }
    check_lists(
        "tmpfs",
        &[("options belong to the key", "['/a:size=1', '/a:size=2', /b]", "['/a:size=2', /b]")],
    );
    check_lists("dns", &[("name servers", "[1.1.1.1, 8.8.8.8, 1.1.1.1]", "[1.1.1.1, 8.8.8.8]")]);
    check_lists(
        "build",
        &[
            (
                "tags",
                "{context: ., tags: [a, b, a]}",
                "{context: <DIR>, dockerfile: Dockerfile, tags: [a, b]}",
            ),
            (
                "contexts by their name",
                "{context: ., additional_contexts: [a=/x, b=/y, a=/z]}",
                "{context: <DIR>, dockerfile: Dockerfile, additional_contexts: {a: /z, b: /y}}",
            ),
        ],
    );
    check_lists(
        "networks",
        &[(
            "names and addresses on a network",
            "{front: {aliases: [a, b, a], link_local_ips: [169.254.1.1, 169.254.1.1]}}",
            "{front: {aliases: [a, b], link_local_ips: [169.254.1.1]}}",
        )],
    );
    check(&[Case {
        name: "profiles and links",
        files: &[(
            "compose.yaml",
            "services: {a: {image: x}, b: {image: x, profiles: [p, q, p], links: [a, 'a:b', a]}}",
        )],
        profiles: &["p"],
        values: &[("services.b.profiles", "[p, q]"), ("services.b.links", "[a, 'a:b']")],
        ..Case::default()
    }]);
    check(&[Case {
        name: "labels of networks",
        files: &[(
            "compose.yaml",
            "services: {a: {image: x}}\nnetworks: {default: {labels: [a=1, a=1, a=2]}}",
        )],
        values: &[("networks.default.labels", "{a: '2'}")],
        ..Case::default()
    }]);
}

#[test]
fn exposed_ports_are_one_by_their_text() {
    check_lists(
        "expose",
        &[("numbers and texts", "[80, '80', 81, 80/udp, '80/udp']", "['80', '81', '80/udp']")],
    );
}

#[test]
fn ports_are_one_by_address_and_numbers() {
    let tcp = |target: u16, published: &str| {
        format!("{{mode: ingress, target: {target}, published: '{published}', protocol: tcp}}")
    };
    let expected = format!(
        "[{}, {}, {{mode: ingress, target: 5000, protocol: tcp}},
          {{mode: ingress, target: 6060, published: '6060', protocol: udp}},
          {{mode: ingress, target: 6060, published: '9080', protocol: udp}}]",
        tcp(80, "9080"),
        tcp(81, "9081")
    );
    check_lists(
        "ports",
        &[
            (
                "short forms",
                "['9080:80', '9081:81', '9080:80', '5000', '6060:6060/udp', '9080:6060/udp']",
                &expected,
            ),
            (
                "long forms",
                "[{target: 80, host_ip: 127.0.0.1, published: '8080', mode: host}, {target: 81, published: '8080'},
                  {target: 80, host_ip: 127.0.0.2, published: '8080'}, {target: 81, published: '8080', name: again}]",
                "[{mode: host, host_ip: 127.0.0.1, target: 80, published: '8080', protocol: tcp},
                  {mode: ingress, name: again, target: 81, published: '8080', protocol: tcp},
                  {mode: ingress, host_ip: 127.0.0.2, target: 80, published: '8080', protocol: tcp}]",
            ),
            (
                "a range holds what is named before",
                "['8080:80', '8080-8081:80-81']",
                &format!("[{}, {}]", tcp(80, "8080"), tcp(81, "8081")),
            ),
            (
                "another protocol is another port",
                "['53:53', '53:53/udp']",
                "[{mode: ingress, target: 53, published: '53', protocol: tcp}, {mode: ingress, target: 53, published: '53', protocol: udp}]",
            ),
        ],
    );
    check(&[Case {
        name: "a range of an override holds what the base names",
        files: &[
            ("compose.yaml", "services: {a: {image: x, ports: ['8080:80', '8080:80/udp']}}"),
            ("compose.override.yaml", "services: {a: {ports: ['8080-8081:80-81']}}"),
        ],
        values: &[(
            "services.a.ports",
            "[{mode: ingress, target: 80, published: '8080', protocol: tcp},
              {mode: ingress, target: 80, published: '8080', protocol: udp},
              {mode: ingress, target: 81, published: '8081', protocol: tcp}]",
        )],
        ..Case::default()
    }]);
}

#[test]
fn mounts_are_one_by_their_target() {
    check_lists(
        "volumes",
        &[
            (
                "short forms",
                "['.:/foo', 'foo:/bar', 'src:/foo']",
                "[{type: volume, source: src, target: /foo}, {type: volume, source: foo, target: /bar}]",
            ),
            (
                "in every form",
                "['one:/x', {type: bind, source: /b, target: /x}, {type: tmpfs, target: /y}, '/y/']",
                "[{type: bind, source: /b, bind: {create_host_path: true}, target: /x}, {type: volume, target: /y}]",
            ),
        ],
    );
    check_lists(
        "devices",
        &[(
            "devices too",
            "['/dev/sda:/dev/sda', '/dev/sdb', '/dev/nvme0:/dev/sda', {source: /dev/nvme1, target: /dev/sdb}]",
            "[{source: /dev/nvme0, target: /dev/sda, permissions: rwm}, {source: /dev/nvme1, target: /dev/sdb}]",
        )],
    );
}

#[test]
fn secrets_and_configs_are_one_by_their_target() {
    check_lists(
        "secrets",
        &[(
            "the default is below /run/secrets",
            "[foo, bar, zot, {source: zot, target: /run/secrets/foo}]",
            "[{source: zot, target: /run/secrets/foo}, {source: bar, target: /run/secrets/bar}, {source: zot, target: /run/secrets/zot}]",
        )],
    );
    check_lists(
        "configs",
        &[(
            "the default is below /",
            "[foo, bar, {source: zot, target: /foo}]",
            "[{source: zot, target: /foo}, {source: bar, target: /bar}]",
        )],
    );
}

#[test]
fn an_override_takes_the_place_of_what_it_replaces() {
    for (name, base, over, attribute, expected) in [
        (
            "secrets",
            "secrets: [foo, bar, zot]",
            "secrets: [{source: zot, target: /run/secrets/foo}]",
            "secrets",
            "[{source: zot, target: /run/secrets/foo}, {source: bar, target: /run/secrets/bar}, {source: zot, target: /run/secrets/zot}]",
        ),
        (
            "mounts",
            "volumes: ['one:/a', {type: bind, source: ./b, target: /b}]",
            "volumes: ['two:/c', '/b']",
            "volumes",
            "[{type: volume, source: one, target: /a}, {type: volume, target: /b}, {type: volume, source: two, target: /c}]",
        ),
        (
            "the same mount",
            "volumes: ['./src:/src']",
            "volumes: ['./src:/src']",
            "volumes",
            "[{type: bind, source: <DIR>/src, bind: {create_host_path: true}, target: /src}]",
        ),
        (
            "devices",
            "devices: ['/dev/sda:/dev/sda', '/dev/sdb:/dev/sdb', '/dev/sdd:/dev/sdd']",
            "devices: ['/dev/nvme0:/dev/sda', '/dev/sde']",
            "devices",
            "[{source: /dev/nvme0, target: /dev/sda, permissions: rwm}, {source: /dev/sdb, target: /dev/sdb, permissions: rwm},
              {source: /dev/sdd, target: /dev/sdd, permissions: rwm}, {source: /dev/sde, target: /dev/sde, permissions: rwm}]",
        ),
        (
            "a long form over the same short one",
            "ports: ['8080:80']",
            "ports: [{target: 80, published: 8080, mode: host}]",
            "ports",
            "[{mode: host, target: 80, published: '8080', protocol: tcp}]",
        ),
        (
            "a short form over the same long one",
            "ports: [{target: 80, published: 8080, mode: host}]",
            "ports: ['8080:80']",
            "ports",
            "[{mode: ingress, target: 80, published: '8080', protocol: tcp}]",
        ),
    ] {
        let base = format!(
            "
volumes: {{one: {{}}, two: {{}}}}
secrets: {{foo: {{external: true}}, bar: {{external: true}}, zot: {{external: true}}}}
services: {{db: {{image: x}}, cache: {{image: x}}, test: {{image: foo, {base}}}}}
"
        );
        let over = format!("services: {{test: {{{over}}}}}\n");
        let path = format!("services.test.{attribute}");
        check(&[Case {
            name,
            files: &[("compose.yaml", &base), ("compose.override.yaml", &over)],
            values: &[(&path, expected)],
            ..Case::default()
        }]);
    }
}
