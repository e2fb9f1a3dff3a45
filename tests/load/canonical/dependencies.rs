//! `depends_on`, `env_file`, `label_file`, `models`.

use super::{check_with, web, wrong};
use crate::case::{self, Case};

#[test]
fn a_list_of_services_is_a_mapping() {
    check_with(
        "  db: {image: a}\n  x-foo: {image: b}",
        &[
            web(
                "started and required",
                "depends_on: [db, x-foo]",
                &[(
                    "depends_on",
                    "{db: {condition: service_started, required: true},
              x-foo: {condition: service_started, required: true}}",
                )],
            ),
            web(
                "long entries are completed",
                "depends_on: {db: {condition: service_healthy, restart: true}}",
                &[(
                    "depends_on",
                    "{db: {condition: service_healthy, restart: true, required: true}}",
                )],
            ),
            web(
                "booleans may be texts",
                "depends_on: {db: {condition: service_healthy, restart: 'true', required: 'false'}}",
                &[(
                    "depends_on",
                    "{db: {condition: service_healthy, restart: true, required: false}}",
                )],
            ),
            wrong(
                "the condition is needed",
                "depends_on: {db: {}}",
                &["LS0204 4:22 depends_on.db: needs the attribute `condition`"],
            ),
            wrong(
                "of three",
                "depends_on: {db: {condition: healthy}}",
                &[
                    "LS0205 4:34 depends_on.db.condition: must be `service_started`, `service_healthy` or \
             `service_completed_successfully`, but is `healthy`",
                ],
            ),
            wrong(
                "nothing is no entry",
                "depends_on: {db: }",
                &["LS0203 4:18 depends_on.db: must be a mapping, but is null"],
            ),
        ],
    );
}

#[test]
fn files_of_variables_and_labels_are_lists() {
    let files = |attributes| format!("services: {{web: {{image: nginx, {attributes}}}}}");
    let texts = [
        ("one file", files("env_file: a.env"), "environment", "{A: a, B: a}"),
        ("two files", files("env_file: [a.env, b.env]"), "environment", "{A: a, B: b}"),
        (
            "a file that may be missing",
            files("env_file: [a.env, {path: none.env, required: false}]"),
            "environment",
            "{A: a, B: a}",
        ),
        ("a long entry", files("env_file: [{path: b.env}]"), "environment", "{B: b}"),
        ("one file of labels", files("label_file: a.env"), "labels", "{A: a, B: a}"),
        ("two files of labels", files("label_file: [a.env, b.env]"), "labels", "{A: a, B: b}"),
    ];
    for (name, text, attribute, value) in &texts {
        case::check(&[Case {
            name,
            files: &[("compose.yaml", text), ("a.env", "A=a\nB=a"), ("b.env", "B=b")],
            values: &[(&format!("services.web.{attribute}"), value)],
            ..Case::default()
        }]);
    }
}

#[test]
fn a_list_of_models_is_a_mapping() {
    let rest = "models: {foo: {model: ai/model, context_size: 1024, runtime_flags: [--some-flag]}}";
    check_with(
        rest,
        &[
            web("names alone", "models: [foo]", &[("models", "{foo: null}")]),
            web("names to nothing", "models: {foo: }", &[("models", "{foo: null}")]),
            web(
                "with variables",
                "models: {foo: {endpoint_var: MODEL_URL, model_var: MODEL}}",
                &[("models", "{foo: {endpoint_var: MODEL_URL, model_var: MODEL}}")],
            ),
        ],
    );
    case::check(&[
        Case {
            name: "the model itself",
            files: &[(
                "compose.yaml",
                &format!("services: {{web: {{image: a, models: [foo]}}}}\n{rest}"),
            )],
            values: &[(
                "models.foo",
                "{model: ai/model, context_size: 1024, runtime_flags: [--some-flag]}",
            )],
            ..Case::default()
        },
        Case {
            name: "a size is no text, a name no slash",
            files: &[(
                "compose.yaml",
                "services: {web: {image: a}}
models:
  m: {model: a, context_size: '1024'}
  /: {model: a}",
            )],
            findings: &[
                "LS0203 compose.yaml:3:31 models.m.context_size: must be a whole number",
                "LS0205 compose.yaml:4:3 models./: `/` is not a possible name",
            ],
            ..Case::default()
        },
    ]);
}
