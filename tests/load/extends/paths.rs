//! Relative paths of a service of another file.

use crate::case::check;

use super::{BASE, SIBLING, case};

#[test]
fn relative_paths_start_in_the_file_that_has_them() {
    check(&[
        case(
            "in another directory, and further on in its neighbour",
            &[
                (
                    "compose.yaml",
                    "
services:
  a: {extends: {file: lib/base.yaml, service: with-build}}
  b: {extends: {file: lib/sibling.yaml, service: test}, build: {target: t}}
",
                ),
                BASE,
                SIBLING,
            ],
            &[
                ("services.a.build.context", "<DIR>/lib"),
                ("services.b.build.context", "<DIR>/lib"),
                ("services.b.build.target", "t"),
            ],
        ),
        case(
            "a context that nobody names is that of the project",
            &[
                (
                    "compose.yaml",
                    "
services:
  a: {extends: {file: ./a/compose.yaml, service: a}}
  b: {extends: {file: ./b/compose.yaml, service: b}}
",
                ),
                ("a/compose.yaml", "services: {a: {build: .}}"),
                ("b/compose.yaml", "services: {b: {build: {target: fake}}}"),
            ],
            &[("services.a.build.context", "<DIR>/a"), ("services.b.build.context", "<DIR>")],
        ),
        case(
            "a chain inside of the other file",
            &[
                (
                    "compose.yaml",
                    "
services:
  out-base: {extends: {file: sub/compose.yaml, service: base}}
  out-service: {extends: {file: sub/compose.yaml, service: service}}
",
                ),
                (
                    "sub/compose.yaml",
                    "services: {base: {build: {context: ..}}, service: {extends: base, build: {target: t}}}",
                ),
            ],
            &[
                ("services.out-base.build.context", "<DIR>"),
                ("services.out-service.build.context", "<DIR>"),
                ("services.out-service.build.target", "t"),
            ],
        ),
    ]);
}

#[test]
fn relative_paths_of_all_kinds() {
    check(&[
        case(
            "mounts and files of variables",
            &[
                (
                    "compose.yaml",
                    "services: {a: {extends: {file: lib/x/base.yaml, service: b}, volumes: ['./own:/own']}}",
                ),
                (
                    "lib/x/base.yaml",
                    "
services:
  b:
    image: nginx
    env_file: ../b.env
    volumes: ['./data:/data', '../up:/up', '/opt/data:/opt', 'named:/named', '~/h:/h']
    extends: {file: ../y/c.yaml, service: c}
",
                ),
                ("lib/y/c.yaml", "services: {c: {volumes: ['./c:/c'], build: '.'}}"),
                ("lib/b.env", "SOURCE=extends"),
                ("compose.override.yaml", "volumes: {named: {}}"),
            ],
            &[
                ("services.a.environment", "{SOURCE: extends}"),
                ("services.a.build.context", "<DIR>/lib/y"),
                ("services.a.volumes[0].source", "<DIR>/lib/y/c"),
                ("services.a.volumes[1].source", "<DIR>/lib/x/data"),
                ("services.a.volumes[2].source", "<DIR>/lib/up"),
                ("services.a.volumes[3].source", "/opt/data"),
                ("services.a.volumes[4].source", "named"),
                ("services.a.volumes[5].source", "/home/me/h"),
                ("services.a.volumes[6].source", "<DIR>/own"),
            ],
        ),
        case(
            "remote contexts start nowhere",
            &[
                ("compose.yaml", "services: {a: {extends: {file: lib/base.yaml, service: b}}}"),
                (
                    "lib/base.yaml",
                    "services: {b: {build: {context: 'https://github.com/a/b.git'}}}",
                ),
            ],
            &[(
                "services.a.build",
                "{context: 'https://github.com/a/b.git', dockerfile: Dockerfile}",
            )],
        ),
    ]);
}
