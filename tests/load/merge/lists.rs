//! Lists, of texts and of mappings.

use crate::case::{Case, check};

use super::{check_member, check_services};

#[test]
fn lists_append_and_leave_out_what_is_there() {
    check_services(&[
        (
            "capabilities to add",
            "cap_add: [CAP_BPF, CAP_CHOWN]",
            "cap_add: [CAP_KILL, CAP_CHOWN]",
            "cap_add",
            "[CAP_BPF, CAP_CHOWN, CAP_KILL]",
        ),
        (
            "capabilities to drop",
            "cap_drop: [NET_ADMIN, SYS_ADMIN]",
            "cap_drop: [NET_ADMIN, CAP_FOWNER]",
            "cap_drop",
            "[NET_ADMIN, SYS_ADMIN, CAP_FOWNER]",
        ),
        ("name servers", "dns: [8.8.8.8]", "dns: [9.9.9.9, 8.8.8.8]", "dns", "[8.8.8.8, 9.9.9.9]"),
        (
            "one name server over many",
            "dns: [8.8.8.8, 10.10.10.10, 9.9.9.9]",
            "dns: 9.9.9.9",
            "dns",
            "[8.8.8.8, 10.10.10.10, 9.9.9.9]",
        ),
        ("one over one", "dns: 8.8.8.8", "dns: 9.9.9.9", "dns", "[8.8.8.8, 9.9.9.9]"),
        (
            "resolver options",
            "dns_opt: [use-vc]",
            "dns_opt: [no-tld-query, use-vc]",
            "dns_opt",
            "[use-vc, no-tld-query]",
        ),
        (
            "search domains",
            "dns_search: dc1.example.com",
            "dns_search: [dc2.example.com]",
            "dns_search",
            "[dc1.example.com, dc2.example.com]",
        ),
        (
            "memory file systems",
            "tmpfs: [/foo]",
            "tmpfs: [/bar, /baz, /foo]",
            "tmpfs",
            "[/foo, /bar, /baz]",
        ),
        ("one over one", "tmpfs: /foo", "tmpfs: /bar", "tmpfs", "[/foo, /bar]"),
        ("many over one", "tmpfs: /foo", "tmpfs: [/bar, /foo]", "tmpfs", "[/foo, /bar]"),
        ("one over many", "tmpfs: [/bar, /foo]", "tmpfs: /foo", "tmpfs", "[/bar, /foo]"),
        ("profiles", "profiles: ['*', a]", "profiles: [a, b]", "profiles", ""),
        (
            "security options",
            "security_opt: [a, b]",
            "security_opt: [b, c]",
            "security_opt",
            "[a, b, c]",
        ),
        ("groups", "group_add: [1, a]", "group_add: [a, 2]", "group_add", "['1', a, '2']"),
        (
            "rules for devices",
            "device_cgroup_rules: ['c 1:3 mr']",
            "device_cgroup_rules: ['c 1:3 mr', 'c 7:* rmw']",
            "device_cgroup_rules",
            "['c 1:3 mr', 'c 7:* rmw']",
        ),
        (
            "services elsewhere",
            "external_links: [a]",
            "external_links: [a, 'b:c']",
            "external_links",
            "[a, 'b:c']",
        ),
        (
            "links",
            "links: [db, cache]",
            "links: ['cache:alias', db]",
            "links",
            "[db, cache, 'cache:alias']",
        ),
        (
            "volumes of others",
            "volumes_from: [db]",
            "volumes_from: ['cache:ro', db]",
            "volumes_from",
            "[db, 'cache:ro']",
        ),
        (
            "constraints",
            "deploy: {placement: {constraints: [a==b]}}",
            "deploy: {placement: {constraints: [a==b, c==d]}}",
            "deploy.placement.constraints",
            "[a==b, c==d]",
        ),
    ]);
}

#[test]
fn items_are_the_same_only_when_all_of_them_is() {
    check_services(&[
        (
            "whole items are compared, in any order of keys",
            "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], driver: x}]}}}",
            "deploy: {resources: {reservations: {devices: [{driver: x, capabilities: [gpu]}, {capabilities: [tpu]}]}}}",
            "deploy.resources.reservations.devices",
            "[{capabilities: [gpu], driver: x, count: all}, {capabilities: [tpu], count: all}]",
        ),
        (
            "extensions as well",
            "x-l: [a, {b: [1]}, 1]",
            "x-l: [{b: [1]}, '1', {b: [2]}, 1.0, {b: [2]}]",
            "x-l",
            "[a, {b: [1]}, 1, '1', {b: [2]}, 1.0]",
        ),
        (
            "ports to the outside",
            "ports: ['80:80']",
            "ports: ['80:80', '81:81']",
            "ports",
            "[{mode: ingress, target: 80, published: '80', protocol: tcp}, {mode: ingress, target: 81, published: '81', protocol: tcp}]",
        ),
        (
            "hooks",
            "post_start: [{command: [a]}]",
            "post_start: [{command: [a]}, {command: b}]",
            "post_start",
            "[{command: [a]}, {command: [b]}]",
        ),
    ]);
}

#[test]
fn files_of_variables_append_and_keep_their_place() {
    for (name, base, over, expected) in [
        ("lists", "[foo.env]", "[bar.env, baz.env]", "{V: baz, FOO: '1', BAR: '1', BAZ: '1'}"),
        ("one over one", "foo.env", "bar.env", "{V: bar, FOO: '1', BAR: '1'}"),
        ("many over one of them", "foo.env", "[bar.env, foo.env]", "{V: bar, FOO: '1', BAR: '1'}"),
        ("one of them over many", "[bar.env, foo.env]", "foo.env", "{V: foo, FOO: '1', BAR: '1'}"),
        (
            "a long form over a short one",
            "[foo.env, missing.env]",
            "[{path: missing.env, required: false}, bar.env]",
            "{V: bar, FOO: '1', BAR: '1'}",
        ),
    ] {
        let base = format!("services: {{test: {{image: foo, env_file: {base}}}}}\n");
        let over = format!("services: {{test: {{env_file: {over}}}}}\n");
        check(&[Case {
            name,
            files: &[
                ("compose.yaml", &base),
                ("compose.override.yaml", &over),
                ("foo.env", "V=foo\nFOO=1\n"),
                ("bar.env", "V=bar\nBAR=1\n"),
                ("baz.env", "V=baz\nBAZ=1\n"),
            ],
            values: &[("services.test.environment", expected)],
            ..Case::default()
        }]);
    }
    check_member(
        "jobs",
        &(
            "files of labels",
            "label_file: foo.env",
            "label_file: [bar.env]",
            "label_file",
            "[<DIR>/foo.env, <DIR>/bar.env]",
        ),
    );
}

#[test]
fn hosts_add_up_their_addresses() {
    check_services(&[
        (
            "lists",
            "extra_hosts: [e.com=1.2.3.4]",
            "extra_hosts: [localhost=127.0.0.1, e.com=1.2.3.4, e.com=4.3.2.1]",
            "extra_hosts",
            "[e.com=1.2.3.4, e.com=4.3.2.1, localhost=127.0.0.1]",
        ),
        (
            "mappings",
            "extra_hosts: {e.com: 1.2.3.4}",
            "extra_hosts: {localhost: 127.0.0.1, e.com: [1.2.3.4, 4.3.2.1]}",
            "extra_hosts",
            "[e.com=1.2.3.4, e.com=4.3.2.1, localhost=127.0.0.1]",
        ),
        (
            "a list over a mapping",
            "extra_hosts: {e.com: 1.2.3.4}",
            "extra_hosts: [localhost=127.0.0.1, e.com=4.3.2.1]",
            "extra_hosts",
            "[e.com=1.2.3.4, e.com=4.3.2.1, localhost=127.0.0.1]",
        ),
        (
            "the other separator",
            "extra_hosts: ['e.com:1.2.3.4']",
            "extra_hosts: ['e.com=1.2.3.4', 'e.com:[::1]']",
            "extra_hosts",
            "[e.com=1.2.3.4, 'e.com=::1']",
        ),
        (
            "null leaves all alone",
            "extra_hosts: [a=1.2.3.4]",
            "extra_hosts: null",
            "extra_hosts",
            "[a=1.2.3.4]",
        ),
    ]);
}
