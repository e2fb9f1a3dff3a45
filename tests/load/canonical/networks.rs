//! `networks`, of a service and of the project.

use super::{check_with, web, wrong};
use crate::case::{Case, check};

#[test]
fn a_list_of_networks_is_a_mapping() {
    check_with("networks: {a: , b: }", &[
        web("names alone", "networks: [a, b]", &[("networks", "{a: null, b: null}")]),
        web("names to nothing", "networks: {a: , b: {}}", &[("networks.a", "null")]),
        web(
            "with attributes",
            "
networks:
  a:
    aliases: [alias1, alias3]
    ipv4_address: 172.16.238.10
    ipv6_address: '2001:3984:3989::10'
    mac_address: 02:42:72:98:65:08
    link_local_ips: ['fe80::1']
    priority: 10
    gw_priority: 42
    interface_name: eth0
    use_service_name_alias: 'false'
    driver_opts: {com.docker.network.endpoint.sysctls: ipv6.conf.accept_ra=0, n: 1}",
            &[(
                "networks.a",
                "{aliases: [alias1, alias3], ipv4_address: 172.16.238.10, ipv6_address: '2001:3984:3989::10',
                  mac_address: '02:42:72:98:65:08', link_local_ips: ['fe80::1'], priority: 10, gw_priority: 42,
                  interface_name: eth0, use_service_name_alias: false,
                  driver_opts: {com.docker.network.endpoint.sysctls: ipv6.conf.accept_ra=0, n: '1'}}",
            )],
        ),
        web("an alias that is wanted anyway", "networks: {a: {use_service_name_alias: true}}", &[(
            "networks.a.use_service_name_alias",
            "true",
        )]),
        wrong("no boolean", "networks: {a: {use_service_name_alias: maybe}}", &[
            "LS0205 4:44 networks.a.use_service_name_alias: but is `maybe`",
        ]),
    ]);
}

#[test]
fn networks_of_the_project_keep_what_they_say() {
    check(&[
        Case {
            name: "all attributes",
            files: &[(
                "compose.yaml",
                "
services: {web: {image: a, networks: [net]}}
networks:
  net:
    name: net-name
    driver: overlay
    driver_opts: {foo: bar, baz: 1}
    attachable: 'true'
    internal: 'TRUE'
    enable_ipv4: 'false'
    enable_ipv6: true
    labels: [foo=bar, empty]
    ipam:
      driver: default
      options: {com.docker.network.ipam.foo: bar}
      config:
        - subnet: 172.28.0.0/16
          ip_range: 172.28.5.0/24
          gateway: 172.28.5.254
          aux_addresses: {host1: 172.28.1.5}
        - {subnet: '2001:3984:3989::/64', gateway: '2001:3984:3989::1'}",
            )],
            values: &[(
                "networks.net",
                "{name: net-name, driver: overlay, driver_opts: {foo: bar, baz: '1'}, attachable: true, internal: true,
                  enable_ipv4: false, enable_ipv6: true, labels: {foo: bar, empty: ''},
                  ipam: {driver: default, options: {com.docker.network.ipam.foo: bar}, config: [
                    {subnet: 172.28.0.0/16, ip_range: 172.28.5.0/24, gateway: 172.28.5.254,
                     aux_addresses: {host1: 172.28.1.5}},
                    {subnet: '2001:3984:3989::/64', gateway: '2001:3984:3989::1'}]}}",
            )],
            ..Case::default()
        },
        Case {
            name: "an option of the addresses is a text",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a}}\nnetworks: {net: {ipam: {options: {x: 1}}}}",
            )],
            findings: &["LS0203 compose.yaml:2:38 networks.net.ipam.options.x: must be a string"],
            ..Case::default()
        },
    ]);
}

#[test]
fn volumes_of_the_project_keep_what_they_say() {
    check(&[Case {
        name: "all attributes",
        files: &[(
            "compose.yaml",
            "
services: {web: {image: a, volumes: ['plain:/a', 'full:/b']}}
volumes:
  plain:
  full: {name: user_specified_name, driver: flocker, driver_opts: {foo: bar, baz: 1}, labels: [foo=bar]}",
        )],
        values: &[
            ("volumes.plain", "{name: app_plain}"),
            (
                "volumes.full",
                "{name: user_specified_name, driver: flocker, driver_opts: {foo: bar, baz: '1'}, labels: {foo: bar}}",
            ),
        ],
        ..Case::default()
    }]);
}
