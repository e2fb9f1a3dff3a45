//! Names that stand for mappings: networks, models, dependencies.

use super::check_services;

#[test]
fn names_stand_for_mappings() {
    check_services(&[
        (
            "networks",
            "networks: [front, back]",
            "networks: [front, one]",
            "networks",
            "{front: null, back: null, one: null}",
        ),
        (
            "settings over a name",
            "networks: [front, one]",
            "networks: {one: {aliases: [a, b]}, two: {link_local_ips: [169.254.1.1]}}",
            "networks",
            "{front: null, one: {aliases: [a, b]}, two: {link_local_ips: [169.254.1.1]}}",
        ),
        (
            "a name over settings",
            "networks: {one: {aliases: [a]}}",
            "networks: [one, two]",
            "networks",
            "{one: {aliases: [a]}, two: null}",
        ),
        (
            "lists inside",
            "networks: {one: {aliases: [a, b], link_local_ips: [169.254.1.1, 169.254.1.2]}, two: {aliases: [a]}}",
            "networks: {one: {aliases: [c, a], link_local_ips: [169.254.1.3, 169.254.1.2]}}",
            "networks",
            "{one: {aliases: [a, b, c], link_local_ips: [169.254.1.1, 169.254.1.2, 169.254.1.3]}, two: {aliases: [a]}}",
        ),
        ("null leaves all alone", "networks: [one]", "networks: null", "networks", "{one: null}"),
        (
            "models",
            "models: [llm, embedding]",
            "models: [vision]",
            "models",
            "{llm: null, embedding: null, vision: null}",
        ),
        (
            "with their variables",
            "models: {llm: {endpoint_var: OLD, model_var: M}}",
            "models: {llm: {endpoint_var: NEW}, vision: {model_var: V}}",
            "models",
            "{llm: {endpoint_var: NEW, model_var: M}, vision: {model_var: V}}",
        ),
        (
            "a list over those",
            "models: {llm: {model_var: M}}",
            "models: [llm, vision]",
            "models",
            "{llm: {model_var: M}, vision: null}",
        ),
        ("null", "models: [llm]", "models: null", "models", "{llm: null}"),
        (
            "dependencies",
            "depends_on: [db]",
            "depends_on: {db: {condition: service_healthy, required: false}}",
            "depends_on",
            "{db: {condition: service_healthy, required: false}}",
        ),
        (
            "a list over those",
            "depends_on: {db: {condition: service_healthy, restart: true}}",
            "depends_on: [cache]",
            "depends_on",
            "{db: {condition: service_healthy, required: true, restart: true}, cache: {condition: service_started, required: true}}",
        ),
        (
            "null",
            "depends_on: [db]",
            "depends_on: null",
            "depends_on",
            "{db: {condition: service_started, required: true}}",
        ),
        (
            "one text is a list of one",
            "depends_on: [db]",
            "depends_on: cache",
            "depends_on",
            "{db: {condition: service_started, required: true}, cache: {condition: service_started, required: true}}",
        ),
    ]);
}
