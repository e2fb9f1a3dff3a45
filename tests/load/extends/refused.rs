//! What cannot be extended.

use crate::case::{Case, check, check_texts};

use super::case;

#[test]
fn references_that_say_too_little_or_too_much() {
    check_texts(&[
        (
            "no service",
            "services: {a: {image: x, extends: {file: base.yaml}}}",
            "LS0204 compose.yaml:1:26 services.a.extends: needs the attribute `service`",
        ),
        (
            "nothing at all",
            "services: {a: {image: x, extends: {}}}",
            "LS0204 compose.yaml:1:26 services.a.extends: needs the attribute `service`",
        ),
        (
            "an attribute that Compose takes no notice of",
            "services: {a: {extends: {service: b, fil: x}}, b: {image: x}}",
            "LS0202 compose.yaml:1:38 services.a.extends.fil: has no attribute `fil`",
        ),
        (
            "a service of this file that is null is none",
            "services: {a: {image: x, extends: b}, b: }",
            "LS0203 compose.yaml:1:39 services.b: must be a mapping, but is null",
        ),
        (
            "a number",
            "services: {a: {image: x, extends: 1}}",
            "LS0203 compose.yaml:1:35 services.a.extends:",
        ),
        (
            "null",
            "services: {a: {image: x, extends: null}}",
            "LS0203 compose.yaml:1:26 services.a.extends:",
        ),
        (
            "a list",
            "services: {a: {image: x, extends: [b]}, b: {image: x}}",
            "LS0203 compose.yaml:1:35 services.a.extends:",
        ),
        (
            "a name that is none, which was told a second time as an attribute without a meaning",
            "services: {a: {image: x, extends: {service: 1, fil: x}}}",
            "LS0203 compose.yaml:1:45 services.a.extends.service: must be a string, but is a number
             LS0202 compose.yaml:1:48 services.a.extends.fil: has no attribute `fil`",
        ),
        (
            "a misspelt service",
            "services: {a: {image: x, extends: bass}, base: {image: x}}",
            "LS0301 compose.yaml:1:35 services.a.extends: `a` extends `bass`, but there is no such service",
        ),
        (
            "an empty name",
            "services: {a: {image: x, extends: ''}}",
            "LS0301 compose.yaml:1:35 services.a.extends: `a` extends ``",
        ),
        (
            "no image either, which is not told twice",
            "services: {a: {extends: nobody}}",
            "LS0301 compose.yaml:1:25 services.a.extends: there is no such service",
        ),
    ]);
}

#[test]
fn files_that_cannot_be_extended() {
    let compose = "services: {a: {extends: {service: b, file: lib.yaml}}}";
    let path = "services.a.extends";
    let wrong = |name, files, findings| Case { findings, ..case(name, files, &[]) };
    check(&[
        wrong(
            "none",
            &[("compose.yaml", compose)],
            &[&format!("LS0201 compose.yaml:1:44 {path}: lib.yaml` does not exist")],
        ),
        wrong(
            "a directory",
            &[("compose.yaml", compose), ("lib.yaml/file", "")],
            &[&format!("LS0201 compose.yaml:1:44 {path}: is a directory")],
        ),
        wrong(
            "an empty one",
            &[("compose.yaml", compose), ("lib.yaml", "")],
            &[&format!("LS0301 compose.yaml:1:35 {path}: `lib.yaml` has no `services`")],
        ),
        wrong(
            "one without services",
            &[("compose.yaml", compose), ("lib.yaml", "volumes: {b: {}}")],
            &[&format!("LS0301 compose.yaml:1:35 {path}: `lib.yaml` has no `services`")],
        ),
        wrong(
            "one whose services are a list",
            &[("compose.yaml", compose), ("lib.yaml", "services: [b]")],
            &[&format!(
                "LS0301 compose.yaml:1:35 {path}: `services` of `lib.yaml` is not a mapping"
            )],
        ),
        wrong(
            "one without the service",
            &[("compose.yaml", compose), ("lib.yaml", "services: {c: {image: x}}")],
            &[&format!(
                "LS0301 compose.yaml:1:35 {path}: but there is no such service in `lib.yaml`"
            )],
        ),
        wrong(
            "one that only includes the service",
            &[
                ("compose.yaml", compose),
                ("lib.yaml", "include: [more.yaml]\nservices: {c: {image: x}}"),
                ("more.yaml", "services: {b: {image: x}}"),
            ],
            &[&format!(
                "LS0301 compose.yaml:1:35 {path}: but there is no such service in `lib.yaml`"
            )],
        ),
        wrong(
            "one whose service is a list",
            &[("compose.yaml", compose), ("lib.yaml", "services: {b: [x]}")],
            &[&format!("LS0301 compose.yaml:1:35 {path}: `a` extends `b`, which is a list")],
        ),
        wrong(
            "one that is elsewhere",
            &[("compose.yaml", "services: {a: {extends: {service: b, file: 'https://x/y.git'}}}")],
            &[&format!("LS0212 compose.yaml:1:35 {path}: is not on this machine")],
        ),
        wrong(
            "one whose service does not follow the schema",
            &[("compose.yaml", compose), ("lib.yaml", "services: {b: {image: x, prots: [1]}}")],
            &["LS0202 lib.yaml:1:26 services.a.prots:"],
        ),
    ]);
}

#[test]
fn circles() {
    let extends = "services.a.extends";
    check_texts(&[
        (
            "a service over itself",
            "services: {a: {image: x, extends: a}}",
            &format!("LS0301 compose.yaml:1:35 {extends}: in a circle: `a` -> `a`")[..],
        ),
        (
            "without what leads to the circle",
            "services: {a: {image: x, extends: b}, b: {extends: c}, c: {extends: b}}",
            "LS0301 compose.yaml:1:69 services.c.extends: in a circle: `b` -> `c` -> `b`",
        ),
    ]);
    check(&[Case {
        findings: &[
            "LS0301 compose.yaml:1:45 services.a.extends: `b` (b.yaml) -> `a` (compose.yaml) -> `b` (b.yaml)",
        ],
        ..case(
            "through two files, which are told",
            &[
                ("compose.yaml", "services: {a: {image: x, extends: {service: b, file: b.yaml}}}"),
                ("b.yaml", "services: {b: {extends: {service: a, file: compose.yaml}}}"),
            ],
            &[],
        )
    }]);
}
