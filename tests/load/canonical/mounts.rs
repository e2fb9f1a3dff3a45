//! `secrets` and `configs` of a service.

use super::{check_with, web, wrong};

const REST: &str = "secrets: {a: {external: true}, b: {external: true}}
configs: {c: {content: text}, d: {external: true}}";

#[test]
fn a_name_is_mounted_at_its_place() {
    check_with(
        REST,
        &[
            web(
                "a secret",
                "secrets: [a]",
                &[("secrets", "[{source: a, target: /run/secrets/a}]")],
            ),
            web(
                "a secret at another place",
                "secrets: [{source: a, target: /x}]",
                &[("secrets[0].target", "/x")],
            ),
            web("a config", "configs: [c]", &[("configs", "[{source: c, target: /c}]")]),
            web(
                "a config at another place",
                "configs: [{source: d, target: /my_config}]",
                &[("configs", "[{source: d, target: /my_config}]")],
            ),
            web(
                "owner and group",
                "secrets: [{source: a, uid: '103', gid: '103'}]",
                &[("secrets[0].uid", "'103'"), ("secrets[0].gid", "'103'")],
            ),
            wrong(
                "an owner is a text",
                "secrets: [{source: a, uid: 103}]",
                &["LS0203 4:32 secrets[0].uid: must be a string, but is a number"],
            ),
            wrong(
                "a source is needed",
                "secrets: [{target: x}]",
                &["LS0205 4:15 secrets[0]: no source"],
            ),
        ],
    );
}

#[test]
fn modes_are_octal() {
    check_with(
        REST,
        &[
            web(
                "a number of YAML 1.1",
                "secrets: [{source: a, mode: 0440}]",
                &[("secrets[0].mode", "'0440'")],
            ),
            web(
                "a number of YAML 1.2",
                "secrets: [{source: a, mode: 0o440}]",
                &[("secrets[0].mode", "'0440'")],
            ),
            web("a text", "configs: [{source: d, mode: '0440'}]", &[("configs[0].mode", "'0440'")]),
            web(
                "a text without a zero",
                "configs: [{source: d, mode: '440'}]",
                &[("configs[0].mode", "'0440'")],
            ),
            web(
                "a number is taken as it is",
                "secrets: [{source: a, mode: 288}]",
                &[("secrets[0].mode", "'0440'")],
            ),
            wrong(
                "no mode",
                "secrets: [{source: a, mode: rw}]",
                &[
                    "LS0205 4:33 secrets[0].mode: must be an octal file mode such as `0440`, but is `rw`",
                ],
            ),
            wrong(
                "a text with a prefix",
                "secrets: [{source: a, mode: '0o440'}]",
                &["LS0205 4:33 secrets[0].mode: must be an octal file mode"],
            ),
            wrong(
                "a fraction",
                "secrets: [{source: a, mode: 4.5}]",
                &["LS0205 4:33 secrets[0].mode: must be an octal file mode"],
            ),
        ],
    );
}
