//! Section 9: the variables of an included project.

use longshore::load::{Input, load_with_contents};

use crate::case::{Case, check};

use super::{EXTRA, IMPORTED, case, wrong};

const MODULE: (&str, &str) =
    ("module/compose.yaml", "services: {b: {image: 'x:${TAG-unset}', environment: [TAG, OTHER]}}");

#[test]
fn variables_of_an_included_project() {
    check(&[
        case(
            "those of its files are its own",
            &[
                (
                    "compose.yaml",
                    "
include: [{path: [./module/compose.yaml], env_file: [./custom.env]}]
services: {a: {image: 'x:${TAG-unset}', environment: [TAG]}}
",
                ),
                ("custom.env", "TAG=value"),
                MODULE,
            ],
            &[
                ("services.a.image", "x:unset"),
                ("services.a.environment", "{TAG: null}"),
                ("services.b.image", "x:value"),
                ("services.b.environment", "{TAG: value, OTHER: null}"),
            ],
        ),
        case(
            "`.env` of its directory",
            &[("compose.yaml", "include: [module/compose.yaml]"), ("module/.env", "TAG=m"), MODULE],
            &[("services.b.environment", "{TAG: m, OTHER: null}")],
        ),
        case(
            "`.env` of its directory, when its list of files is empty",
            &[
                ("compose.yaml", "include: [{path: module/compose.yaml, env_file: []}]"),
                ("module/.env", "TAG=m"),
                MODULE,
            ],
            &[("services.b.image", "x:m")],
        ),
        case(
            "those of the including project win",
            &[
                ("compose.yaml", "include: [module/compose.yaml]"),
                (".env", "TAG=root"),
                ("module/.env", "TAG=module\nOTHER=other-$TAG"),
                MODULE,
            ],
            &[("services.b.environment", "{TAG: root, OTHER: other-root}")],
        ),
        Case {
            environment: &[("SOURCE", "override")],
            ..case(
                "those of the shell win",
                &[
                    (
                        "compose.yaml",
                        "include: [{path: ./sub/imported.yaml, env_file: ./sub/extra.env}]",
                    ),
                    IMPORTED,
                    EXTRA,
                ],
                &[
                    ("services.imported.container_name", "override"),
                    ("services.imported.environment", "{SOURCE: extends}"),
                ],
            )
        },
    ]);
}

#[test]
fn files_of_variables() {
    check(&[
        case(
            "later files win, and see what earlier ones say",
            &[
                (
                    "compose.yaml",
                    "include: [{path: module/compose.yaml, env_file: [one.env, module/two.env]}]",
                ),
                ("one.env", "TAG=one\nONE=1"),
                ("module/two.env", "TAG=two\nOTHER=$TAG$ONE"),
                ("module/.env", "TAG=unread"),
                MODULE,
            ],
            &[("services.b.environment", "{TAG: two, OTHER: two1}")],
        ),
        case(
            "`/dev/null` stands for none",
            &[
                ("compose.yaml", "include: [{path: module/compose.yaml, env_file: /dev/null}]"),
                ("module/.env", "TAG=module"),
                MODULE,
            ],
            &[("services.b.image", "x:unset")],
        ),
        case(
            "a directory of that name is no `.env`",
            &[("compose.yaml", "include: [module/compose.yaml]"), ("module/.env/x", ""), MODULE],
            &[("services.b.image", "x:unset")],
        ),
        case(
            "what is included in turn sees them",
            &[
                ("compose.yaml", "include: [{path: sub/a.yaml, env_file: one.env}]"),
                ("sub/a.yaml", "include: [deep/b.yaml]"),
                ("sub/deep/b.yaml", "services: {t: {image: 'x:$T-$U'}}"),
                ("sub/deep/.env", "T=deep\nU=deep"),
                ("one.env", "T=one"),
            ],
            &[("services.t.image", "x:one-deep")],
        ),
        case(
            "the same file with other variables is another project",
            &[
                (
                    "compose.yaml",
                    "include: [{path: a.yaml, env_file: a.env}, {path: a.yaml, env_file: b.env}]",
                ),
                ("a.yaml", "services: {s: {image: x, labels: ['tag-${TAG:-none}=1']}}"),
                ("a.env", "TAG=a"),
                ("b.env", "TAG=b"),
            ],
            &[("services.s.labels", "{tag-a: '1', tag-b: '1'}")],
        ),
        wrong(
            "a file that is not there",
            &[("compose.yaml", "include: [{path: module/compose.yaml, env_file: no.env}]"), MODULE],
            &["LS0201 compose.yaml:1:49 include[0]: no.env` does not exist"],
        ),
        wrong(
            "a directory",
            &[("compose.yaml", "include: [{path: module/compose.yaml, env_file: module}]"), MODULE],
            &["LS0201 compose.yaml:1:49 include[0]: is a directory"],
        ),
    ]);
}

#[test]
fn values_of_secrets_come_from_the_project_that_names_the_variable() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "compose.yaml",
        "include: [sub/a.yaml]\nservices: {t: {image: x, secrets: [own]}}\nsecrets: {own: {environment: OWN}}",
    );
    write(
        "sub/a.yaml",
        "services: {s: {image: x, secrets: [k]}}\nsecrets: {k: {environment: TOKEN}}",
    );
    write("sub/.env", "TOKEN=of-sub\nOWN=of-sub");
    write(".env", "OWN=of-root");
    let input = Input {
        working_directory: directory.path().to_owned(),
        project_name: Some("app".to_owned()),
        ..Input::default()
    };
    let (loaded, _) = load_with_contents(&input);
    let (project, contents) = loaded.unwrap();
    assert_eq!(contents.secrets["k"], b"of-sub");
    assert_eq!(contents.secrets["own"], b"of-root");
    let printed = serde_json::to_value(&project.secrets["k"]).unwrap();
    assert_eq!(printed, serde_json::json!({"name": "app_k", "environment": "TOKEN"}));
}
