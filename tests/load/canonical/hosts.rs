//! `extra_hosts`, of a service and of its build.

use super::{check, web, wrong};

#[test]
fn a_host_and_its_addresses_are_split() {
    let one = "[myhost=192.168.0.1]";
    check(&[
        web("with an equals sign", "extra_hosts: [myhost=192.168.0.1]", &[("extra_hosts", one)]),
        web("with a colon", "extra_hosts: ['myhost:192.168.0.1']", &[("extra_hosts", one)]),
        web("in brackets", "extra_hosts: ['myhost:[192.168.0.1]']", &[("extra_hosts", one)]),
        web("as a mapping", "extra_hosts: {myhost: 192.168.0.1}", &[("extra_hosts", one)]),
        web(
            "as a mapping to a list",
            "extra_hosts: {a: [0.0.0.1, '[::2]']}",
            &[("extra_hosts", "[a=0.0.0.1, 'a=::2']")],
        ),
        web(
            "of a domain",
            "extra_hosts: ['host.invalid:10.0.2.1']",
            &[("extra_hosts", "[host.invalid=10.0.2.1]")],
        ),
        web(
            "IPv6",
            "extra_hosts: ['six:2003:ab34:e::1', 'seven=2003:ab34:e::1']",
            &[("extra_hosts", "['six=2003:ab34:e::1', 'seven=2003:ab34:e::1']")],
        ),
        web(
            "IPv6 in brackets",
            "extra_hosts: ['six:[2003:ab34:e::1]', 'seven=[::1]']",
            &[("extra_hosts", "['six=2003:ab34:e::1', 'seven=::1']")],
        ),
        web(
            "IPv6 of this machine",
            "extra_hosts: ['local:::1', 'same=::1']",
            &[("extra_hosts", "['local=::1', 'same=::1']")],
        ),
        web(
            "the machine that runs the containers",
            "extra_hosts: ['h.internal:host-gateway']",
            &[("extra_hosts", "[h.internal=host-gateway]")],
        ),
        web(
            "several hosts",
            "extra_hosts: ['a:192.168.0.1', 'b:[::1]', c=host-gateway]",
            &[("extra_hosts", "[a=192.168.0.1, 'b=::1', c=host-gateway]")],
        ),
        web(
            "the addresses of one host add up",
            "extra_hosts: ['foo:127.0.0.2', a=1.1.1.1, 'foo:ff02::1']",
            &[("extra_hosts", "[foo=127.0.0.2, 'foo=ff02::1', a=1.1.1.1]")],
        ),
        web(
            "several addresses in one text",
            "extra_hosts: ['foo=127.0.0.2,127.0.0.3']",
            &[("extra_hosts", "[foo=127.0.0.2, foo=127.0.0.3]")],
        ),
        web(
            "hosts of a build",
            "build: {context: ., extra_hosts: ['a:1.1.1.1']}",
            &[("build.extra_hosts", "[a=1.1.1.1]")],
        ),
    ]);
}

#[test]
fn what_is_no_host_is_refused() {
    check(&[
        wrong(
            "no address",
            "extra_hosts: [myhost]",
            &["LS0205 4:19 extra_hosts[0]: `myhost` names a host without an address"],
        ),
        wrong(
            "no host",
            "extra_hosts: ['::::1', '=::1']",
            &[
                "LS0205 4:19 extra_hosts[0]: `::::1` is not a host with its address",
                "LS0205 4:28 extra_hosts[1]: `=::1` is not a host with its address",
            ],
        ),
        wrong(
            "a colon in the host",
            "extra_hosts: ['a:b=::1']",
            &["LS0205 4:19 extra_hosts[0]: `a:b=::1` is not a host with its address"],
        ),
        wrong(
            "a separator in a key",
            "extra_hosts: {'a=b': 1.1.1.1}",
            &["LS0205 4:19 extra_hosts.a=b: `a=b` is not a host name"],
        ),
    ]);
}
