//! `build`.

use super::{check, check_with, web, wrong};

#[test]
fn a_text_is_the_context() {
    check(&[
        web(
            "the context",
            "build: ./dir",
            &[("build.context", "<DIR>/dir"), ("build.dockerfile", "Dockerfile")],
        ),
        web(
            "without a context it is the project",
            "build: {dockerfile: foo.Dockerfile}",
            &[("build", "{context: <DIR>, dockerfile: foo.Dockerfile}")],
        ),
        web(
            "a Dockerfile in the file",
            "build: {dockerfile_inline: FROM alpine}",
            &[("build", "{context: <DIR>, dockerfile_inline: FROM alpine}")],
        ),
    ]);
}

#[test]
fn lists_are_mappings() {
    check(&[
        web(
            "labels",
            "build: {context: ., labels: [FOO=BAR, EMPTY, 'a =b']}",
            &[("build.labels", "{FOO: BAR, EMPTY: '', 'a ': b}")],
        ),
        web(
            "arguments without a value are left out",
            "build: {context: ., args: [A=1, B, C=]}",
            &[("build.args", "{A: '1', C: ''}")],
        ),
        web(
            "arguments as a mapping",
            "build: {context: ., args: {foo: bar, n: 1.10, b: true}}",
            &[("build.args", "{foo: bar, n: '1.1', b: 'true'}")],
        ),
        web(
            "further contexts",
            "build: {context: ., additional_contexts: [a=./x, b=docker-image://y]}",
            &[("build.additional_contexts", "{a: <DIR>/x, b: docker-image://y}")],
        ),
        web(
            "keys for SSH",
            "build: {context: ., ssh: [default, foo=bar]}",
            &[("build.ssh", "{default: , foo: <DIR>/bar}")],
        ),
        web(
            "keys for SSH as a mapping",
            "build: {context: ., ssh: {default: , foo: /bar}}",
            &[("build.ssh", "{default: , foo: /bar}")],
        ),
        wrong(
            "a context needs a value",
            "build: {context: ., additional_contexts: [x]}",
            &["LS0205 4:47 build.additional_contexts.x: the context `x` has no value"],
        ),
        wrong(
            "a key needs a path",
            "build: {context: ., ssh: [default, x]}",
            &["LS0205 4:40 build.ssh.x: the key `x` has no path"],
        ),
        wrong(
            "no blank behind an argument",
            "build: {context: ., args: ['A =1']}",
            &["LS0205 4:33 build.args[0]: the name `A` is followed by a blank"],
        ),
    ]);
}

#[test]
fn single_values_are_lists_or_texts() {
    check(&[
        web(
            "one stage without cache",
            "build: {context: ., no_cache_filter: foo}",
            &[("build.no_cache_filter", "[foo]")],
        ),
        web(
            "two stages",
            "build: {context: ., no_cache_filter: [foo, bar]}",
            &[("build.no_cache_filter", "[foo, bar]")],
        ),
        web(
            "attestations",
            "build: {context: ., provenance: mode=max, sbom: true}",
            &[("build.provenance", "mode=max"), ("build.sbom", "'true'")],
        ),
        web(
            "attestations as booleans",
            "build: {context: ., provenance: true, sbom: false}",
            &[("build.provenance", "'true'"), ("build.sbom", "'false'")],
        ),
        wrong(
            "attestations as numbers",
            "build: {context: ., provenance: 1, sbom: [a]}",
            &[
                "LS0203 4:37 build.provenance: must be a string or a boolean, but is a number",
                "LS0203 4:46 build.sbom: must be a string or a boolean, but is a list",
            ],
        ),
        web(
            "booleans as texts",
            "build: {context: ., privileged: 'true', pull: 'false', no_cache: 'TRUE'}",
            &[("build.privileged", "true"), ("build.no_cache", "true")],
        ),
        web(
            "sizes and limits",
            "build: {context: ., shm_size: 128m, ulimits: {nofile: 5, nproc: {soft: 1, hard: 2}}}",
            &[
                ("build.shm_size", "'134217728'"),
                ("build.ulimits", "{nofile: 5, nproc: {soft: 1, hard: 2}}"),
            ],
        ),
        wrong(
            "limits are not cast from a text",
            "build: {context: ., ulimits: {nofile: '5', nproc: {soft: '1', hard: 2}}}",
            &[
                "LS0205 4:43 build.ulimits.nofile: must be a whole number, but is `5`",
                "LS0205 4:62 build.ulimits.nproc.soft: must be a whole number, but is `1`",
            ],
        ),
    ]);
}

#[test]
fn everything_else_stays_as_it_is() {
    check_with("secrets: {s: {external: true}, t: {external: true}}", &[web(
        "a whole build",
        "
build:
  context: https://github.com/a/b.git
  dockerfile: D
  target: foo
  network: host
  isolation: process
  entitlements: [network.host]
  cache_from: [foo, bar]
  cache_to: [user/app:cache, 'type=local,dest=path/to/cache']
  tags: ['foo:v1.0.0', docker.io/username/foo:my-other-tag]
  platforms: [linux/amd64, linux/arm64]
  secrets: [s, {source: t, target: my, uid: '103', gid: '103', mode: 0440}]",
        &[(
            "build",
            "{context: 'https://github.com/a/b.git', dockerfile: D, target: foo, network: host,
              isolation: process, entitlements: [network.host], cache_from: [foo, bar],
              cache_to: [user/app:cache, 'type=local,dest=path/to/cache'],
              tags: ['foo:v1.0.0', docker.io/username/foo:my-other-tag],
              platforms: [linux/amd64, linux/arm64],
              secrets: [{source: s}, {source: t, target: my, uid: '103', gid: '103', mode: '0440'}]}",
        )],
    )]);
}
