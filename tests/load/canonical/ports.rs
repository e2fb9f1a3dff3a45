//! `ports` and `expose`.

use super::{Web, check, web, wrong};
use crate::case::{self, Case};

#[test]
fn a_short_port_is_split_at_its_colons() {
    check(&[
        web("a number is the port of the container", "ports: [80]", &[(
            "ports",
            "[{mode: ingress, target: 80, protocol: tcp}]",
        )]),
        web("so is a text", "ports: ['80']", &[(
            "ports",
            "[{mode: ingress, target: 80, protocol: tcp}]",
        )]),
        web("the port of the host stands in front", "ports: ['80:8080']", &[(
            "ports",
            "[{mode: ingress, target: 8080, published: '80', protocol: tcp}]",
        )]),
        web("the protocol stands behind", "ports: ['8080:80/tcp', '80:8080/udp', '1:1/sctp']", &[(
            "ports",
            "[{mode: ingress, target: 80, published: '8080', protocol: tcp},
              {mode: ingress, target: 8080, published: '80', protocol: udp},
              {mode: ingress, target: 1, published: '1', protocol: sctp}]",
        )]),
        web("the protocol may be in capitals, or empty", "ports: ['80/UDP', '81/']", &[
            ("ports[0].protocol", "udp"),
            ("ports[1].protocol", "tcp"),
        ]),
        web("an address stands first", "ports: ['127.0.0.1:8080:80', '127.0.0.1:8081:81']", &[(
            "ports",
            "[{mode: ingress, host_ip: 127.0.0.1, target: 80, published: '8080', protocol: tcp},
              {mode: ingress, host_ip: 127.0.0.1, target: 81, published: '8081', protocol: tcp}]",
        )]),
        web("any free port of an address", "ports: ['127.0.0.1::80']", &[(
            "ports",
            "[{mode: ingress, host_ip: 127.0.0.1, target: 80, protocol: tcp}]",
        )]),
        web("any free port of any address", "ports: ['::80', ':81']", &[(
            "ports",
            "[{mode: ingress, target: 80, protocol: tcp}, {mode: ingress, target: 81, protocol: tcp}]",
        )]),
        web(
            "an IPv6 address may stand in brackets",
            "ports: ['[::1]:8080:80', '::1:8081:81', '[127.0.0.1]:1:1', '[]:2:2']",
            &[
                ("ports[0].host_ip", "'::1'"),
                ("ports[0].published", "'8080'"),
                ("ports[1].host_ip", "'::1'"),
                ("ports[1].target", "81"),
                ("ports[2].host_ip", "127.0.0.1"),
                ("ports[3].host_ip", ""),
            ],
        ),
        web("22:22 is a text, not a number of base 60", "ports: [22:22]", &[
            ("ports[0].target", "22"),
            ("ports[0].published", "'22'"),
        ]),
    ]);
}

#[test]
fn ranges_expand_pair_by_pair_in_the_order_of_their_texts() {
    check(&[
        web(
            "a range of the container",
            "ports: ['3000-3002']",
            &[(
                "ports",
                "[{mode: ingress, target: 3000, protocol: tcp},
              {mode: ingress, target: 3001, protocol: tcp},
              {mode: ingress, target: 3002, protocol: tcp}]",
            )],
        ),
        web(
            "two ranges of the same length",
            "ports: ['80-82:8080-8082/udp']",
            &[(
                "ports",
                "[{mode: ingress, target: 8080, published: '80', protocol: udp},
              {mode: ingress, target: 8081, published: '81', protocol: udp},
              {mode: ingress, target: 8082, published: '82', protocol: udp}]",
            )],
        ),
        web(
            "10 comes before 8",
            "ports: ['8-11:8-11']",
            &[
                ("ports[0].published", "'10'"),
                ("ports[1].published", "'11'"),
                ("ports[2].published", "'8'"),
                ("ports[3].published", "'9'"),
            ],
        ),
        web(
            "a range of the host over one port stays a range",
            "ports: ['80-90:8080']",
            &[("ports", "[{mode: ingress, target: 8080, published: '80-90', protocol: tcp}]")],
        ),
        web(
            "a range of one port is that port",
            "ports: ['80-80:8080/tcp', '9-9']",
            &[("ports[0].published", "'80'"), ("ports[1].target", "9")],
        ),
        web(
            "a sign does no harm",
            "ports: ['+80:+81']",
            &[("ports[0].published", "'80'"), ("ports[0].target", "81")],
        ),
        web(
            "the same port twice is one port",
            "ports: ['80-82', '81', '8081:81']",
            &[
                ("ports[0].target", "80"),
                ("ports[1].target", "81"),
                ("ports[2].target", "82"),
                ("ports[3].published", "'8081'"),
                ("ports[4]", ""),
            ],
        ),
    ]);
}

#[test]
fn what_is_no_port_is_refused() {
    let refused = |name, attributes, finding: &'static &'static str| Web {
        name,
        attributes,
        values: &[],
        findings: std::slice::from_ref(finding),
    };
    check(&[
        refused(
            "too large",
            "ports: ['9999999']",
            &"LS0205 4:14 ports[0]: `9999999` is not a port",
        ),
        refused("too large as a number", "ports: [70000]", &"LS0205 4:13 ports[0]: `70000` is not"),
        refused("not whole", "ports: [80.5]", &"LS0205 4:13 ports[0]: `80.5` is not a port"),
        refused("a fraction of zero", "ports: [80.0]", &"LS0205 4:13 ports[0]: `80` is not a port"),
        refused("no number", "ports: [tcp]", &"LS0205 4:13 ports[0]: `tcp` is not a port"),
        refused(
            "no protocol",
            "ports: [80/xyz]",
            &"LS0205 4:16 ports[0]: invalid port `80/xyz`: `xyz` is not a protocol",
        ),
        refused("nothing", "ports: ['']", &"LS0205 4:13 ports[0]: no container port is given"),
        refused("nothing at the end", "ports: ['80:']", &"LS0205 4:13 ports[0]: no container port"),
        refused("only a protocol", "ports: [/tcp]", &"LS0205 4:13 ports[0]: no container port"),
        refused(
            "bad address",
            "ports: ['127.0.1:8080:80']",
            &"LS0205 4:14 ports[0]: invalid port `127.0.1:8080:80`: `127.0.1` is",
        ),
        refused(
            "open bracket",
            "ports: ['[::1:80:80']",
            &"LS0205 4:14 ports[0]: invalid port `[::1:80:80`: `[::1` is not an",
        ),
        refused(
            "zero",
            "ports: ['8080:0']",
            &"LS0205 4:19 ports[0]: invalid port `8080:0`: 0 is no port of a container",
        ),
        refused("downwards", "ports: ['90-80']", &"LS0205 4:14 ports[0]: `90-80` is not a port or"),
        refused(
            "negative",
            "ports: [-80]",
            &"LS0205 4:13 ports[0]: `-80` is not a port or a range",
        ),
        refused("half a range", "ports: ['80-']", &"LS0205 4:14 ports[0]: `80-` is not a port or"),
        refused(
            "a protocol at the port of the host",
            "ports: [80/tcp:80]",
            &"LS0205 4:13 ports[0]: `80/tcp` is not a port",
        ),
        refused(
            "different ranges",
            "ports: ['9090-9092:8080-8081']",
            &"LS0205 4:14 ports[0]: invalid port `9090-9092:8080-8081`: the ranges `9090-9092` and `8080-8081` differ in length",
        ),
        refused(
            "one port over a range",
            "ports: ['9090:8080-8081']",
            &"LS0205 4:14 ports[0]: invalid port `9090:8080-8081`: the ranges `9090` and `8080-8081` differ in length",
        ),
    ]);
}

#[test]
fn ranges_cannot_fill_the_memory() {
    check(&[wrong(
        "two times all ports are more than 100,000",
        "ports: ['1-65535', '1-65535/udp']",
        &["LS0103 4:24 ports[1]: more than 100000 ports"],
    )]);
}

#[test]
fn a_long_port_keeps_what_it_says() {
    check(&[
        web(
            "everything set",
            "ports: [{name: http, target: 80, published: 8080, host_ip: '::1', protocol: udp, \
             app_protocol: http, mode: host, x-a: 1}]",
            &[(
                "ports",
                "[{name: http, target: 80, published: '8080', host_ip: '::1', protocol: udp,
                   app_protocol: http, mode: host, x-a: 1}]",
            )],
        ),
        web(
            "mode and protocol have defaults",
            "ports: [{target: 80, published: 8080}]",
            &[("ports", "[{target: 80, published: '8080', protocol: tcp, mode: ingress}]")],
        ),
        web(
            "numbers may be texts",
            "ports: [{target: '80', published: '8080-8090'}]",
            &[("ports[0].target", "80"), ("ports[0].published", "8080-8090")],
        ),
        web(
            "an unknown mode means nothing",
            "ports: [{target: 80, mode: swarm}]",
            &[("ports[0].mode", "ingress")],
        )
        .with(&["LS0205 4:32 ports[0].mode: is `swarm`, which means nothing and is left out"]),
        wrong(
            "a target beyond the last port",
            "ports: [{target: 65536}]",
            &[
                "LS0205 4:22 ports[0].target: must be a whole number from 0 to 65535, but is `65536`",
            ],
        ),
        wrong(
            "a published port beyond the last port",
            "ports: [{target: 80, published: 65536}]",
            &["LS0205 4:13 ports[0]: `65536` is not a port or a range of ports (0 to 65535)"],
        ),
        wrong(
            "a range that ends beyond the last port",
            "ports: ['65530-65536:80']",
            &["LS0205 4:14 ports[0]: `65530-65536` is not a port or a range of ports (0 to 65535)"],
        ),
        wrong(
            "a port beyond the last one",
            "ports: [65536]",
            &["LS0205 4:13 ports[0]: `65536` is not a port or a range of ports (0 to 65535)"],
        ),
        wrong(
            "a fraction is no port",
            "ports: [{target: 80, published: 80.0}]",
            &["LS0205 4:37 ports[0].published: must be a text or a whole number"],
        ),
        wrong(
            "without a target",
            "ports: [{published: 80}]",
            &["LS0205 4:13 ports[0]: the port has no target"],
        ),
        wrong(
            "target is no number",
            "ports: [{target: http}]",
            &["LS0205 4:22 ports[0].target: must be a whole number, but is `http`"],
        ),
        wrong(
            "address is none",
            "ports: [{target: 80, host_ip: localhost}]",
            &["LS0205 4:35 ports[0].host_ip: `localhost` is not an IP address"],
        ),
    ]);
}

#[test]
fn short_and_long_ports_mean_the_same() {
    let long = "services: {web: {image: nginx, ports: [
  {target: 8080, published: 80}, {target: 8090, published: 90, protocol: udp}, {target: 8600}]}}";
    let short = "services: {web: {image: nginx, ports: ['80:8080', '90:8090/udp', 8600]}}";
    for file in [long, short] {
        case::check(&[Case {
            name: "both forms",
            files: &[("compose.yaml", file)],
            values: &[(
                "services.web.ports",
                "[{mode: ingress, target: 8080, published: '80', protocol: tcp},
                  {mode: ingress, target: 8090, published: '90', protocol: udp},
                  {mode: ingress, target: 8600, protocol: tcp}]",
            )],
            ..Case::default()
        }]);
    }
}

#[test]
fn exposed_ports_are_texts() {
    check(&[
        web("numbers and texts", "expose: ['3000', 8000]", &[("expose", "['3000', '8000']")]),
        web("with a protocol", "expose: ['53/udp']", &[("expose", "[53/udp]")]),
        web("the same once", "expose: ['3000', 3000]", &[("expose", "['3000']")]),
        wrong("not a fraction", "expose: [80.5]", &["LS0205 4:14 expose: "]),
        wrong("not a word", "expose: [http]", &["LS0205 4:14 expose: "]),
    ]);
}
