//! `config` as scripts use it.

use super::place::Place;

const SHOP: &str = "\
name: shop
services:
  web:
    image: nginx:${TAG:-1.29}
    ports: ['8080:80']
    depends_on: [api]
    environment: {GREETING: 'costs $$5', TOKEN: '${TOKEN?needed}'}
  api:
    build: .
    depends_on: [db]
    volumes: ['./src:/src', 'cache:/cache']
    networks: [back]
    secrets: [key]
  db:
    image: postgres
    networks: [back]
  debug:
    image: busybox
    profiles: [debug, tools]
networks: {back: {}, unused: {}}
volumes: {cache: {}, unused: {}}
secrets: {key: {file: ./key.txt}}
";

fn shop() -> Place {
    let place = Place::with(SHOP);
    place.file(".env", "TOKEN=t$$\n");
    place
}

#[test]
fn the_canonical_file() {
    let ran = shop().run(&["config", "--diagnostics", "json"]);
    let expected = "\
name: shop
services:
  web:
    depends_on:
      api:
        condition: service_started
        required: true
    environment:
      GREETING: costs $$5
      TOKEN: t$$
    image: nginx:1.29
    networks:
      default: null
    ports:
    - target: 80
      published: \"8080\"
      protocol: tcp
      mode: ingress
  api:
    build:
      context: <PLACE>/app
      dockerfile: Dockerfile
    depends_on:
      db:
        condition: service_started
        required: true
    networks:
      back: null
    secrets:
    - source: key
      target: /run/secrets/key
    volumes:
    - type: bind
      source: <PLACE>/app/src
      bind:
        create_host_path: true
      target: /src
    - type: volume
      source: cache
      target: /cache
  db:
    image: postgres
    networks:
      back: null
networks:
  back:
    name: shop_back
  default:
    name: shop_default
volumes:
  cache:
    name: shop_cache
secrets:
  key:
    name: shop_key
    file: <PLACE>/app/key.txt
";
    similar_asserts::assert_eq!(ran.stdout, expected);
    assert_eq!(ran.code, Some(0));
    let notes: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(notes.len(), 2, "what is unused is told on standard error: {notes:?}");
}

#[test]
fn the_canonical_file_loads_again() {
    let place = shop();
    let first = place.run(&["config"]).stdout;
    place.run(&["config", "-o", "out/all.yaml"]);
    assert_eq!(place.read("out/all.yaml"), first.replace("<PLACE>", &shown(&place)));
    let again = ["-f", "out/all.yaml", "config"];
    place.run(&again).gives(0, &first, "");
    let json = place.run(&["config", "--format", "json"]);
    place.file("all.json", &json.stdout.replace("<PLACE>", &shown(&place)));
    place.run(&["-f", "all.json", "config"]).gives(0, &first, "");
}

fn shown(place: &Place) -> String {
    place.path("").parent().unwrap().to_str().unwrap().trim_end_matches("/app").to_owned()
}

#[test]
fn listings() {
    let place = shop();
    let lists = |arguments: &[&str], expected: &str| {
        let ran = place.run(&[&["config"], arguments].concat());
        similar_asserts::assert_eq!(ran.stdout, expected, "{arguments:?}");
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
    };
    lists(&["--services"], "db\napi\nweb\n");
    lists(&["--services", "--profile", "tools"], "db\napi\ndebug\nweb\n");
    lists(&["--services", "api"], "db\napi\n");
    lists(&["--services", "--no-deps", "api"], "api\n");
    lists(&["--volumes"], "cache\n");
    lists(&["--networks"], "back\ndefault\n");
    lists(&["--images"], "shop-api\npostgres\nnginx:1.29\n");
    lists(&["--profiles"], "debug\ntools\n");
    lists(
        &["--environment"],
        "COMPOSE_PROJECT_NAME=shop\nHOME=<PLACE>\nPWD=<PLACE>/app\nTOKEN=t$\n",
    );
    lists(
        &["--variables"],
        "\
NAME    REQUIRED   DEFAULT VALUE   ALTERNATE VALUE
TAG     false      1.29
TOKEN   true
",
    );
    lists(
        &["--variables", "--format", "yaml"],
        "\
TAG:
  Name: TAG
  DefaultValue: \"1.29\"
  PresenceValue: \"\"
  Required: false
TOKEN:
  Name: TOKEN
  DefaultValue: \"\"
  PresenceValue: \"\"
  Required: true
",
    );
}

#[test]
fn hashes_change_when_containers_do() {
    let place = shop();
    let hashes = |arguments: &[&str]| place.run(&[&["config", "--hash"], arguments].concat());
    let all = hashes(&["*"]).stdout;
    let names: Vec<&str> = all.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(names, ["api", "db", "web"]);
    assert!(all.lines().all(|line| line.split(' ').nth(1).unwrap().len() == 64), "{all}");
    let (_, of_two) = all.split_once('\n').unwrap();
    hashes(&["web,db"]).gives(0, of_two, "");
    hashes(&["none"]).gives(
        2,
        "",
        "error[LS0301 undefined-reference]: there is no service `none`
 |
 = help: the services are `web`, `api`, `db`

",
    );

    place.file("compose.yaml", &SHOP.replace("depends_on: [db]", "scale: 2"));
    assert_eq!(hashes(&["*"]).stdout, all);
    place.file("compose.yaml", &SHOP.replace("postgres", "postgres:17"));
    let changed = hashes(&["*"]).stdout;
    let unchanged: Vec<bool> = all.lines().zip(changed.lines()).map(|(a, b)| a == b).collect();
    assert_eq!(unchanged, [true, false, true]);
}

/// A variable without a value is no hindrance: nothing is asked of values.
#[test]
fn variables_are_listed_whether_they_have_values_or_not() {
    let place = Place::with(
        "include: ['${PART:-part}.yaml']
services: {web: {extends: {file: base.yaml, service: web}, ports: ['${PORT:?}:80']}}
",
    );
    place.file("part.yaml", "services: {db: {image: '${DB_IMAGE:-${FALLBACK}}', scale: '${N?}'}}");
    place.file("base.yaml", "services: {web: {image: 'x$TAG', labels: {a: '${L:+l}'}}}");
    place.run(&["config", "--variables"]).gives(
        0,
        "\
NAME       REQUIRED   DEFAULT VALUE   ALTERNATE VALUE
DB_IMAGE   false      ${FALLBACK}
FALLBACK   false
L          false                      l
N          true
PART       false      part
PORT       true
TAG        false
",
        "",
    );
    place.file("base.yaml", "services: [");
    let ran = place.run(&["config", "--variables"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.starts_with("error[LS0101 yaml-syntax]"), "{}", ran.stderr);
}

#[test]
fn variables_may_stay_as_they_are_written() {
    let place = Place::with(
        "\
name: ${NAME:-shop}
services:
  web:
    image: nginx:${TAG:?}
    build: {context: './${DIR}', args: [A]}
    ports: ['${PORT:-80}:80', '8080']
    expose: [90]
    volumes: ['./${DIR}:/a', '${DATA}:/b', './c:/c']
    labels: ['${KEY}=1', plain=2]
    environment: [\"COST=$$5\", HOME]
    command: echo ${WORDS:-a b}
    env_file: [./a.env]
    depends_on: [db]
  db: {image: postgres, command: sleep 1}
networks: {default: {name: '${NET}'}}
",
    );
    place.file("compose.override.yaml", "services: {web: {labels: {more: '3'}}}");
    place.run(&["config", "--no-interpolate"]).gives(
        0,
        "\
name: \"${NAME:-shop}\"
services:
  web:
    image: nginx:${TAG:?}
    build:
      context: <PLACE>/app/${DIR}
      args:
      - A
    ports:
    - \"${PORT:-80}:80\"
    - \"8080\"
    expose:
    - 90
    volumes:
    - <PLACE>/app/${DIR}:/a
    - \"${DATA}:/b\"
    - <PLACE>/app/c:/c
    labels:
    - \"${KEY}=1\"
    - plain=2
    - more=3
    environment:
    - COST=$$5
    - HOME
    command: echo ${WORDS:-a b}
    env_file:
    - path: <PLACE>/app/a.env
      required: true
    depends_on:
      db:
        condition: service_started
        required: true
    networks:
      default: null
  db:
    image: postgres
    command:
    - sleep
    - \"1\"
    networks:
      default: null
networks:
  default:
    name: \"${NET}\"
",
        "",
    );
}

#[test]
fn quiet_prints_nothing_and_tells_by_the_exit_code() {
    let place = shop();
    let ran = place.run(&["config", "-q"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""));
    place.file(".env", "");
    let ran = place.run(&["config", "-q"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains("error[LS0207 required-variable]"), "{}", ran.stderr);
}

#[test]
fn stages_can_be_left_out() {
    let place = Place::with("services: {web: {image: x, volumes: ['none:/x', './a:/a']}}");
    let ran = place.run(&["config"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    let ran = place.run(&["config", "--no-consistency", "--no-path-resolution"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stdout.contains("source: none\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("source: \"./a\"\n"), "{}", ran.stdout);
}

#[test]
fn listings_need_no_file_of_variables() {
    let place = Place::with("services: {web: {image: x, env_file: none.env}}");
    place.run(&["config", "--services"]).gives(0, "web\n", "");
    assert_eq!(place.run(&["config"]).code, Some(2));
}

#[test]
fn names_of_sections_need_no_variables() {
    let place = Place::new();
    place.file(
        "compose.yaml",
        "services: {web: {image: 'x:${TAG:?}', volumes: ['b:/b', 'a:/a']}, db: {image: x}}\nvolumes: {b: , a: }\n",
    );
    for (list, names) in
        [("--services", "db\nweb\n"), ("--volumes", "a\nb\n"), ("--networks", "default\n")]
    {
        place.run(&["config", "--no-interpolate", list]).gives(0, names, "");
    }
}

#[test]
fn what_no_service_uses_is_taken_where_it_is_asked_for() {
    let place = Place::new();
    place.file("compose.yaml", "services: {web: {image: x}}\nvolumes: {b: {labels: {longshore.volume.size: 2Gi}}}\nconfigs: {c: {content: a}}\n");
    place.run(&["--all-resources", "config", "--volumes"]).gives(0, "b\n", "");
    let ran = place.run(&["--all-resources", "convert"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    println!("{}", ran.stdout);
    assert!(
        ran.stdout.contains("kind: PersistentVolumeClaim\nmetadata:\n  name: b\n"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("kind: ConfigMap\nmetadata:\n  name: c\n"), "{}", ran.stdout);
}

#[test]
fn a_misspelt_profile_is_told() {
    let place = Place::new();
    place.file("compose.yaml", "services: {web: {image: x, profiles: [debug]}, db: {image: x}}");
    place.run(&["--profile", "debgu", "config", "--services"]).gives(
        0,
        "db\n",
        "\
warning[LS0301 undefined-reference]: no service has the profile `debgu`
 |
 = loss: ignored-harmless
 = help: did you mean `debug`?

",
    );
}

#[test]
fn what_excludes_each_other_is_a_usage_error() {
    let place = shop();
    for arguments in [
        ["--services", "--volumes"].as_slice(),
        &["--services", "--format", "json"],
        &["--variables", "web"],
        &["--hash", "*", "web"],
        &["--no-interpolate", "web"],
        &["--no-interpolate", "--images"],
        &["--no-deps"],
        &["--no-normalize"],
        &["--format", "toml"],
    ] {
        let ran = place.run(&[&["config"], arguments].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{arguments:?}");
    }
}
