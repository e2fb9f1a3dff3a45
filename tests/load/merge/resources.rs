//! Networks and models.

use crate::case::{Case, check};

#[test]
fn resources_merge_key_by_key() {
    let addresses = "
    ipam:
      options: {foo: bar, baz: '0'}
      config:
        - {subnet: 172.28.0.0/16, ip_range: 172.28.5.0/24, gateway: 172.28.5.254, aux_addresses: {a: 172.28.1.5, b: 172.28.1.6}}
        - {subnet: 172.30.0.0/16}
";
    check(&[
        Case {
            name: "address pools by their subnet",
            files: &[
                ("compose.yaml", &format!("services: {{test: {{image: foo}}}}
networks:
  one:{addresses}")),
                (
                    "compose.override.yaml",
                    "
networks:
  one:
    ipam:
      options: {bar: foo, baz: '0'}
      config:
        - {subnet: 172.29.0.0/16, gateway: 172.29.0.1}
        - {subnet: 172.28.0.0/16, ip_range: 172.28.6.0/24, aux_addresses: {b: 172.28.1.4, c: 172.28.1.7}}
  two:
services: {test: {networks: [one, two]}}
",
                ),
            ],
            values: &[
                (
                    "networks.one.ipam",
                    "
options: {foo: bar, bar: foo, baz: '0'}
config:
  - {subnet: 172.28.0.0/16, ip_range: 172.28.6.0/24, gateway: 172.28.5.254, aux_addresses: {a: 172.28.1.5, b: 172.28.1.4, c: 172.28.1.7}}
  - {subnet: 172.30.0.0/16}
  - {subnet: 172.29.0.0/16, gateway: 172.29.0.1}
",
                ),
                ("networks.two.name", "app_two"),
            ],
            ..Case::default()
        },
        Case {
            name: "pools without a subnet are one",
            files: &[
                ("compose.yaml", "services: {test: {image: foo}}
networks: {default: {ipam: {config: [{gateway: 10.0.0.1}]}}}"),
                ("compose.override.yaml", "networks: {default: {ipam: {config: [{gateway: 10.0.0.2}]}}}"),
            ],
            values: &[("networks.default.ipam.config", "[{gateway: 10.0.0.2}]")],
            ..Case::default()
        },
        Case {
            name: "models, whose flags append",
            files: &[
                ("compose.yaml", "models: {llm: {model: a, context_size: 1, runtime_flags: [--gpu, --x]}}
services: {app: {image: app, models: [llm]}}"),
                ("compose.override.yaml", "models: {llm: {model: b, runtime_flags: [--x, --y]}, v: {model: c}}
services: {app: {models: [v]}}"),
            ],
            values: &[
                ("models", "{llm: {model: b, context_size: 1, runtime_flags: [--gpu, --x, --y]}, v: {model: c}}"),
                ("services.app.models", "{llm: null, v: null}"),
            ],
            ..Case::default()
        },
        Case {
            name: "services of both files, which use one model",
            files: &[
                ("compose.yaml", "models: {llm: {model: a}}
services: {one: {image: x, models: [llm]}}"),
                ("compose.override.yaml", "models: {llm: {model: a}}
services: {two: {image: x, models: [llm]}}"),
            ],
            values: &[("services.one.models", "{llm: null}"), ("services.two.models", "{llm: null}"), ("models", "{llm: {model: a}}")],
            ..Case::default()
        },
    ]);
}
