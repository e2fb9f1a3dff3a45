//! Lists of `K=V` that stand for a mapping: variables, labels, annotations, `sysctls`.

use super::{check, web, wrong};
use crate::case::{self, Case};

#[test]
fn labels_without_a_value_are_empty() {
    let labels = "{com.example.description: Accounting webapp, com.example.number: '42', com.example.empty-label: ''}";
    check(&[
        web(
            "a mapping",
            "labels: {com.example.description: Accounting webapp, com.example.number: 42, com.example.empty-label: }",
            &[("labels", labels)],
        ),
        web(
            "a list",
            "labels: [com.example.description=Accounting webapp, com.example.number=42, com.example.empty-label]",
            &[("labels", labels)],
        ),
        web(
            "annotations",
            "annotations: [com.example.foo=bar, b]",
            &[("annotations", "{com.example.foo: bar, b: ''}")],
        ),
        web(
            "kernel parameters",
            "sysctls: [net.core.somaxconn=1024, one=, two]",
            &[("sysctls", "{net.core.somaxconn: '1024', one: '', two: ''}")],
        ),
        web(
            "kernel parameters as a mapping",
            "sysctls: {net.core.somaxconn: 1024, one: '', two: }",
            &[("sysctls", "{net.core.somaxconn: '1024', one: '', two: ''}")],
        ),
        web("only the first equals sign counts", "labels: ['a=b=c']", &[("labels", "{a: b=c}")]),
        web(
            "names may end in a blank",
            "labels: ['a =b']\nannotations: ['c =d']\nsysctls: ['e =f']",
            &[("labels", "{'a ': b}"), ("annotations", "{'c ': d}"), ("sysctls", "{'e ': f}")],
        ),
        web(
            "an item without a name was the empty name, which reached the manifests, and which no mapping may have",
            "labels: ['', a=1]\nsysctls: ['']\nenvironment: [\"${NONE:+A=1}\"]\nannotations: [\"\\n\"]",
            &[("labels", "{a: '1'}"), ("sysctls", ""), ("environment", ""), ("annotations", "")],
        )
        .with(&[
            "LS0205 4:14 labels[0]: the item is empty",
            "LS0205 5:15 sysctls[0]: the item is empty",
            "LS0205 6:19 environment[0]: the item is empty",
            "LS0205 7:19 annotations[0]: the item is empty",
        ]),
        wrong(
            "nor may a name be empty that has a value",
            "sysctls: [=1]\nenvironment: ['=x']\nbuild: {context: ., additional_contexts: [=x], args: [=]}",
            &[
                "LS0205 4:15 sysctls[0]: `=1` has no name",
                "LS0205 5:19 environment[0]: `=x` has no name",
                "LS0205 6:47 build.additional_contexts[0]: `=x` has no name",
                "LS0205 6:59 build.args[0]: `=` has no name",
            ],
        ),
        web("the last one counts", "labels: [a=1, b=2, a=3]", &[("labels", "{a: '3', b: '2'}")]),
    ]);
}

#[test]
fn numbers_are_printed_as_compose_prints_them() {
    check(&[web(
        "all notations",
        "labels: {a: 1.10, b: 1e6, c: 0440, d: true, e: 0x10, f: 1_000, g: 12345678901234567890, h: 1.0, i: .5, \
         j: 0.00001, k: 123456789.5, l: 0b11, m: yes, n: 22:22, o: -0.0}",
        &[(
            "labels",
            "{a: '1.1', b: '1e+06', c: '288', d: 'true', e: '16', f: '1000', g: '12345678901234567890', h: '1', i: '0.5', \
              j: '1e-05', k: '1.234567895e+08', l: '3', m: 'yes', n: '22:22', o: '-0'}",
        )],
    )]);
}

#[test]
fn variables_without_a_value_come_from_the_environment() {
    for attributes in [
        "environment: {FOO: '1', BAR: 2, GA: 2.5, BU: '', ZO: , MEU: , T: true, F: false}",
        "environment: [FOO=1, BAR=2, GA=2.5, BU=, ZO, MEU, T=true, F=false]",
    ] {
        case::check(&[Case {
            name: attributes,
            files: &[("compose.yaml", &format!("services: {{web: {{image: a, {attributes}}}}}"))],
            environment: &[("MEU", "Shadoks")],
            values: &[(
                "services.web.environment",
                "{FOO: '1', BAR: '2', GA: '2.5', BU: '', ZO: null, MEU: Shadoks, T: 'true', F: 'false'}",
            )],
            ..Case::default()
        }]);
    }
    check(&[
        wrong(
            "a blank behind the name",
            "environment: ['DEBUG = true', 'A\t']",
            &[
                "LS0205 4:20 environment[0]: the name `DEBUG` is followed by a blank",
                "LS0205 4:36 environment[1]: the name `A` is followed by a blank",
            ],
        ),
        wrong(
            "a value is no list",
            "environment: {FOO: ['1']}",
            &[
                "LS0203 4:24 environment.FOO: must be a string, a number, a boolean or null, but is a list",
            ],
        ),
        wrong(
            "a text is no list of variables",
            "environment: FOO=1",
            &["LS0203 4:18 environment: must be a mapping or a list, but is a string"],
        ),
    ]);
}

#[test]
fn options_are_texts() {
    check(&[
        web(
            "of logging",
            "logging: {driver: syslog, options: {a: 1, b: , c: 1.5, d: 'tcp://1.1.1.1:1'}}",
            &[(
                "logging",
                "{driver: syslog, options: {a: '1', b: '', c: '1.5', d: 'tcp://1.1.1.1:1'}}",
            )],
        ),
        web(
            "of the storage",
            "storage_opt: {size: 20G, n: 20}",
            &[("storage_opt", "{size: 20G, n: '20'}")],
        ),
    ]);
}
