//! `external` of networks, volumes, secrets and configs.

use crate::case::{Case, check};

const SERVICES: &str = "services:
  web: {image: a, networks: [net], volumes: ['vol:/v'], secrets: [sec], configs: [con]}
";

#[test]
fn the_old_form_names_the_resource() {
    check(&[
        Case {
            name: "a name below external",
            files: &[
                ("compose.yaml", SERVICES),
                (
                    "compose.override.yaml",
                    "networks: {net: {external: {name: nn}}}
volumes: {vol: {external: {name: v}}}
secrets: {sec: {external: {name: s}}}
configs: {con: {external: {name: c}}}",
                ),
            ],
            values: &[
                ("networks.net", "{name: nn, external: true}"),
                ("volumes.vol", "{name: v, external: true}"),
                ("secrets.sec", "{name: s, external: true}"),
                ("configs.con", "{name: c, external: true}"),
            ],
            findings: &[
                "LS0205 compose.override.yaml:1:29 networks.net.external: old form",
                "LS0205 compose.override.yaml:2:28 volumes.vol.external: old form",
                "LS0205 compose.override.yaml:3:28 secrets.sec.external: old form",
                "LS0205 compose.override.yaml:4:28 configs.con.external: old form",
            ],
            ..Case::default()
        },
        Case {
            name: "the same name twice, no name at all, a boolean as text",
            files: &[
                ("compose.yaml", SERVICES),
                (
                    "compose.override.yaml",
                    "networks: {net: {external: {name: nn}, name: nn}}
volumes: {vol: {external: {}}}
secrets: {sec: {external: 'true', name: s}}
configs: {con: {external: true}}",
                ),
            ],
            values: &[
                ("networks.net", "{name: nn, external: true}"),
                ("volumes.vol", "{name: vol, external: true}"),
                ("secrets.sec", "{name: s, external: true}"),
                ("configs.con", "{name: con, external: true}"),
            ],
            findings: &["LS0205 compose.override.yaml:1:29 networks.net.external: old form"],
            ..Case::default()
        },
        Case {
            name: "no boolean",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a}}\nvolumes: {vol: {external: maybe}}",
            )],
            findings: &["LS0205 compose.yaml:2:27 volumes.vol.external: but is `maybe`"],
            ..Case::default()
        },
        Case {
            name: "no resource",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a}}\nvolumes: {vol: 1}\nnetworks: {net: []}",
            )],
            findings: &[
                "LS0203 compose.yaml:2:16 volumes.vol: must be a mapping or null, but is a number",
                "LS0203 compose.yaml:3:17 networks.net: must be a mapping or null, but is a list",
            ],
            ..Case::default()
        },
    ]);
}

#[test]
fn two_names_contradict_each_other() {
    check(&[
        Case {
            name: "two names",
            files: &[
                ("compose.yaml", SERVICES),
                (
                    "compose.override.yaml",
                    "networks: {net: {external: {name: nn}, name: m}}
volumes: {vol: }
secrets: {sec: {external: true}}
configs: {con: {external: true}}",
                ),
            ],
            findings: &[
                "LS0303 compose.override.yaml:1:28 networks.net.external: say different names",
                "LS0205 compose.override.yaml:1:29 networks.net.external: old form",
            ],
            ..Case::default()
        },
        Case {
            name: "two names in every section",
            files: &[
                ("compose.yaml", SERVICES),
                (
                    "compose.override.yaml",
                    "networks: {net: }
volumes: {vol: {external: {name: nn}, name: m}}
secrets: {sec: {external: {name: nn}, name: m}}
configs: {con: {external: {name: nn}, name: m}}",
                ),
            ],
            findings: &[
                "LS0303 compose.override.yaml:2:27 volumes.vol.external: say different names",
                "LS0205 compose.override.yaml:2:28 volumes.vol.external: old form",
                "LS0303 compose.override.yaml:3:27 secrets.sec.external: say different names",
                "LS0205 compose.override.yaml:3:28 secrets.sec.external: old form",
                "LS0303 compose.override.yaml:4:27 configs.con.external: say different names",
                "LS0205 compose.override.yaml:4:28 configs.con.external: old form",
            ],
            ..Case::default()
        },
    ]);
}
