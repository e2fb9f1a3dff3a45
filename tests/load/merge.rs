//! Section 7 of the loader: one file over another. A base, an override, and what they are together.

#[path = "merge/associative.rs"]
mod associative;
#[path = "merge/build.rs"]
mod build;
#[path = "merge/lists.rs"]
mod lists;
#[path = "merge/names.rs"]
mod names;
#[path = "merge/pairs.rs"]
mod pairs;
#[path = "merge/refused.rs"]
mod refused;
#[path = "merge/resources.rs"]
mod resources;
#[path = "merge/values.rs"]
mod values;

use crate::case::{Case, check};

/// The point, the attributes in the base, those in the override, one of them, and what it is then.
type Triple<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

/// What a service may refer to.
const DEFINITIONS: &str = "
networks: {front: {}, back: {}, one: {}, two: {}}
volumes: {a: {}, b: {}, c: {}}
secrets: {foo: {external: true}, bar: {external: true}, zot: {external: true}}
configs: {foo: {external: true}, bar: {external: true}, zot: {external: true}}
models: {llm: {model: m}, embedding: {model: m}, vision: {model: m}}
services: {db: {image: db}, cache: {image: cache}}
---
";

/// Base and override hold one service `test` each.
fn check_services(triples: &[Triple<'_>]) {
    for triple in triples {
        check_member("services", triple);
    }
}

/// Base and override hold one member `test` of a section each.
fn check_member(section: &str, (name, base, over, attribute, expected): &Triple<'_>) {
    let image = match section {
        "services" => "image: foo, ",
        "jobs" => "image: foo, triggers: {schedule: ['0 0 * * *']}, ",
        _ => "",
    };
    let user = match section {
        "services" | "jobs" => String::new(),
        "volumes" => "services: {db: {volumes: ['test:/t']}}\n---\n".to_owned(),
        _ => format!("services: {{db: {{{section}: [test]}}}}\n---\n"),
    };
    let base = format!("{DEFINITIONS}{user}{section}: {{test: {{{image}{base}}}}}\n");
    let over = format!("{section}: {{test: {{{over}}}}}\n");
    let path = format!("{section}.test.{attribute}");
    check(&[Case {
        name,
        files: &[("compose.yaml", &base), ("compose.override.yaml", &over)],
        values: &[(&path, expected)],
        ..Case::default()
    }]);
}
