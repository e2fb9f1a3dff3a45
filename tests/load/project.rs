//! What good projects mean.

use std::path::Path;

use longshore::diagnostic::{Report, text};
use longshore::load::{Input, load_project, load_with_contents};
use longshore::model::{MountSource, Project, Restart};

use crate::directory::Directory;

impl Directory {
    fn load(&self) -> Project {
        loaded(&self.input()).0
    }
}

fn loaded(input: &Input) -> (Project, Report) {
    let (project, report) = load_project(input);
    let project = project.unwrap_or_else(|| panic!("{}", text::render(&report, false)));
    (project, report)
}

fn one(text: &str) -> Project {
    Directory::new(&[("compose.yaml", text)]).load()
}

#[test]
fn short_and_long_forms_mean_the_same() {
    let short = one("
services:
  web:
    image: nginx
    build: .
    command: echo 'a b'
    depends_on: [db]
    environment: [A=1, B=]
    env_file: []
    ports: ['127.0.0.1:8080:80/udp']
    volumes: ['data:/data:ro', './x:/x']
    networks: [back]
    secrets: [s]
    ulimits: {nofile: 5}
    healthcheck: {test: curl localhost}
    extra_hosts: ['a:1.1.1.1', 'a=::1']
  db: {image: postgres}
networks: {back: }
volumes: {data: }
secrets: {s: {environment: S}}
"
    .replace("{environment: S}", "{external: true}")
    .as_str());
    let long = one("
services:
  web:
    image: nginx
    build: {context: .}
    command: [echo, a b]
    depends_on: {db: {condition: service_started, required: true}}
    environment: {A: 1, B: ''}
    ports: [{host_ip: 127.0.0.1, published: 8080, target: '80', protocol: udp}]
    volumes:
      - {type: volume, source: data, target: /data/, read_only: 'true'}
      - {type: bind, source: ./x, target: /x}
    networks: {back: {}}
    secrets: [{source: s, target: /run/secrets/s}]
    ulimits: {nofile: {soft: 5, hard: 5}}
    healthcheck: {test: [CMD-SHELL, curl localhost]}
    extra_hosts: {a: [1.1.1.1, '[::1]']}
  db: {image: postgres}
networks: {back: {}}
volumes: {data: {}}
secrets: {s: {external: true}}
");
    let show = |project: &Project| {
        let directory = project.directory.display().to_string();
        format!("{:#?}", project.services["web"]).replace(&directory, "<DIR>")
    };
    similar_asserts::assert_eq!(show(&short), show(&long));
}

#[test]
fn files_and_documents_merge_in_order() {
    let directory = Directory::new(&[
        (
            "compose.yaml",
            "
services:
  web: {image: a, command: [x], ports: ['80:80'], environment: {A: 1, B: 1}}
---
services:
  web: {image: b, environment: [B=2, C=2]}
",
        ),
        (
            "compose.override.yml",
            "
services:
  web: {command: !override [y], ports: !reset [], environment: {A: !reset null}}
",
        ),
    ]);
    let project = directory.load();
    let web = &project.services["web"];
    assert_eq!(web.container.image.as_deref(), Some("b"));
    assert_eq!(web.container.command.as_deref(), Some(["y".to_owned()].as_slice()));
    assert!(web.ports.is_empty());
    assert_eq!(web.container.environment.keys().collect::<Vec<_>>(), ["B", "C"]);
}

#[test]
fn a_fragment_need_not_be_whole() {
    let directory = Directory::new(&[
        ("a.yaml", "services: {web: {image: a, deploy: {replicas: 1}}}"),
        ("b.yaml", "services: {web: {deploy: {replicas: 3}}}"),
    ]);
    let mut input = directory.input();
    input.environment.insert("COMPOSE_FILE".to_owned(), "a.yaml:b.yaml".to_owned());
    let (project, _) = loaded(&input);
    assert_eq!(project.services["web"].deploy.as_ref().unwrap().replicas, Some(3));
}

#[test]
fn services_extend_others_here_and_in_other_files() {
    let directory = Directory::new(&[
        ("compose.yaml", "
services:
  web: {extends: base, environment: {B: 2}}
  base: {extends: {service: common, file: lib/common.yaml}, image: own, environment: {A: !reset null}}
"),
        ("lib/common.yaml", "
services:
  common: {extends: root, volumes: ['./data:/data'], environment: {A: 1, B: 1}}
  root: {image: root, restart: always}
"),
    ]);
    let project = directory.load();
    let web = &project.services["web"];
    assert_eq!(web.container.image.as_deref(), Some("own"));
    assert_eq!(web.restart, Some(Restart::Always));
    assert_eq!(
        web.container.environment.iter().collect::<Vec<_>>(),
        [(&"B".to_owned(), &Some("2".to_owned()))]
    );
    let MountSource::Bind { path, .. } = &web.container.volumes[0].source else {
        panic!("{web:?}")
    };
    assert_eq!(Path::new(path), directory.path().join("lib/data"));
}

#[test]
fn included_projects_keep_their_own_directory_and_variables() {
    let directory = Directory::new(&[
        (
            "compose.yaml",
            "
include:
  - sub/compose.yaml
  - {path: [two/a.yaml, two/b.yaml], env_file: two.env, project_directory: .}
services:
  web: {image: web, depends_on: [db, two], volumes: ['data:/d']}
  db: {environment: {B: web}}
",
        ),
        (
            "sub/compose.yaml",
            "
name: ignored
services:
  db: {image: 'db:${TAG}', environment: {A: sub}, volumes: ['./x:/x']}
volumes: {data: {}}
",
        ),
        ("sub/.env", "TAG=sub\n"),
        ("two.env", "TAG=two\n"),
        ("two/a.yaml", "services: {two: {image: 'x:${TAG}', volumes: ['./x:/x']}}"),
        ("two/b.yaml", "services: {two: {image: 'y:${TAG}'}}"),
    ]);
    let project = directory.load();
    assert_eq!(project.name, "app");
    let source = |service: &str| match &project.services[service].container.volumes[0].source {
        MountSource::Bind { path, .. } => {
            Path::new(path).strip_prefix(directory.path()).unwrap().to_owned()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(project.services["db"].container.image.as_deref(), Some("db:sub"));
    assert_eq!(project.services["db"].container.environment.keys().collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(source("db"), Path::new("sub/x"));
    assert_eq!(project.services["two"].container.image.as_deref(), Some("y:two"));
    assert_eq!(source("two"), Path::new("x"));
    assert_eq!(project.volumes["data"].name, "app_data");
}

#[test]
fn profiles_choose_services() {
    let directory = Directory::new(&[(
        "compose.yaml",
        "
services:
  web: {image: x, depends_on: {debug: {condition: service_started, required: false}}}
  debug: {image: x, profiles: [debug], volumes: ['undefined:/x']}
",
    )]);
    let project = directory.load();
    assert_eq!(project.services.keys().collect::<Vec<_>>(), ["web"]);
    assert!(project.services["web"].depends_on.is_empty());
    let mut input = directory.input();
    input.profiles = vec!["debug".to_owned()];
    assert!(load_project(&input).1.has_errors());
}

#[test]
fn every_attribute_has_its_place() {
    let project = one("
services:
  web:
    image: nginx
    volumes:
      - {type: bind, source: /x, target: /x, bind: {propagation: shared}}
");
    let origin = |path: &str| project.origins.get(path).map(ToString::to_string);
    assert_eq!(origin("services.web.image").as_deref(), Some("compose.yaml:4:12"));
    assert_eq!(origin("services.web").as_deref(), Some("compose.yaml:3:3"));
    assert_eq!(origin("services.web.volumes[0].target").as_deref(), Some("compose.yaml:6:42"));
    assert_eq!(origin("services.web.nothing[3].here").as_deref(), Some("compose.yaml:3:3"));
}

#[test]
fn implicit_networks_dependencies_and_names() {
    let project = one("
services:
  web: {image: x, links: ['db:database'], networks: {back: {aliases: [a]}}}
  db: {image: x, volumes_from: [data]}
  data: {image: x, network_mode: none}
  out: {image: x, networks: [ext]}
networks: {back: {name: real}, ext: {external: true}}
");
    assert!(project.services["web"].depends_on["db"].restart);
    assert!(!project.services["db"].depends_on["data"].restart);
    assert_eq!(project.services["db"].container.networks.keys().collect::<Vec<_>>(), ["default"]);
    assert!(project.services["data"].container.networks.is_empty());
    let names: Vec<_> =
        project.networks.iter().map(|(k, n)| (k.as_str(), n.name.as_str())).collect();
    assert_eq!(names, [("back", "real"), ("ext", "ext"), ("default", "app_default")]);
}

#[test]
fn contents_are_read_and_never_shown() {
    let directory = Directory::new(&[
        (
            "compose.yaml",
            "
services: {web: {image: x, configs: [c, {source: d, target: /etc/d, mode: 0440}], secrets: [s]}}
configs: {c: {file: c.txt}, d: {content: 'a $$b'}}
secrets: {s: {file: s.txt}, e: {environment: SECRET}}
",
        ),
        ("c.txt", "config"),
        ("s.txt", "hunter2"),
    ]);
    let mut input = directory.input();
    input.environment.insert("SECRET".to_owned(), "hunter3".to_owned());
    let (project, contents) = load_with_contents(&input).0.unwrap();
    assert_eq!(contents.configs["c"], b"config");
    assert_eq!(contents.configs["d"], b"a $b");
    assert_eq!(contents.secrets["s"], b"hunter2");
    assert_eq!(project.services["web"].container.configs[0].target, "/c");
    assert_eq!(project.services["web"].container.configs[1].mode, Some(0o440));
    assert_eq!(project.services["web"].container.secrets[0].target, "/run/secrets/s");
    assert!(!format!("{project:?} {contents:?}").contains("hunter"));
}

#[test]
fn old_and_unset_things_give_warnings() {
    let directory = Directory::new(&[(
        "compose.yaml",
        "
version: '3.8'
services: {web: {image: 'x:$TAG', tty: 'yes', labels: {a: '${TAG}'}}}
",
    )]);
    let (project, report) = loaded(&directory.input());
    assert_eq!(project.services["web"].tty, Some(true));
    let names: Vec<_> = report.iter().map(|diagnostic| diagnostic.code.name).collect();
    assert_eq!(names, ["obsolete-version", "unset-variable", "invalid-value"]);
}

#[test]
fn anchors_and_merge_keys_are_resolved() {
    let project = one("
x-a: &a {restart: always, environment: &env {A: 1, B: 1}}
x-b: &b {restart: 'no', image: b}
services:
  web:
    image: own
    <<: [*a, *b]
    environment: {<<: *env, B: 2}
");
    let web = &project.services["web"];
    assert_eq!((web.container.image.as_deref(), web.restart), (Some("own"), Some(Restart::Always)));
    let environment: Vec<_> =
        web.container.environment.values().map(|value| value.as_deref().unwrap()).collect();
    assert_eq!(environment, ["2", "1"]);
}

/// The secret of an image build and the volume of a disabled service became objects of the cluster.
#[test]
fn what_no_service_mounts_is_left_out() {
    let directory = Directory::new(&[(
        "compose.yaml",
        "
services:
  web:
    build: { context: ., secrets: [token] }
    volumes: [data:/data]
    secrets: [password]
  debug: { image: busybox, profiles: [debug], volumes: [scratch:/scratch] }
volumes: { data: {}, scratch: {} }
configs: { unread: { file: not-there } }
secrets: { token: { file: not-there }, password: { environment: PASSWORD } }
",
    )]);
    let mut input = directory.input();
    input.environment.insert("PASSWORD".into(), "x".into());
    let (loaded, report) = load_with_contents(&input);
    let (project, contents) = loaded.unwrap();
    assert_eq!(project.volumes.keys().collect::<Vec<_>>(), ["data"]);
    assert!(project.configs.is_empty());
    assert_eq!(contents.secrets.keys().collect::<Vec<_>>(), ["password"]);
    let told: Vec<_> = report.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(told, ["volumes.scratch", "configs.unread"]);
}

/// A target with a slash at its end gave a file without a name, and `..` stayed in the path.
#[test]
fn targets_of_configs_and_secrets_are_clean() {
    let project = one("
services:
  web:
    image: nginx
    configs: [{ source: a, target: /etc/app/ }]
    secrets: [{ source: s, target: ../../etc/key }]
configs: { a: { content: x } }
secrets: { s: { external: true } }
");
    assert_eq!(project.services["web"].container.configs[0].target, "/etc/app");
    assert_eq!(project.services["web"].container.secrets[0].target, "/etc/key");
}
