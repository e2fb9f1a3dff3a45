//! `--compat kompose`: what kompose has deployed is updated in place, and its data stays in its claims.

use std::collections::BTreeSet;

use super::place::Place;

/// What is written of a project for kompose's cluster.
fn converted(compose: &str, options: &[&str]) -> (Place, String) {
    let place = Place::with(compose);
    place.file("envs/Prod.env", "MODE=fast\nSHARED=1\n");
    place.file("conf/a.conf", "a = 1\n");
    let arguments = [&["convert", "--compat", "kompose"] as &[&str], options].concat();
    let ran = place.run(&arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    (place, ran.stdout)
}

/// `Kind/name` of all objects.
fn objects(text: &str) -> BTreeSet<String> {
    let all = longshore::yaml::read(text).unwrap();
    let name = |object: &serde_json::Value| {
        let name = object["metadata"]["name"].as_str().unwrap();
        format!("{}/{name}", object["kind"].as_str().unwrap())
    };
    all.iter().map(name).collect()
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

/// Claims of bind mounts and of volumes without a name had names of their own, so that the data was lost to the pods.
#[test]
fn claims_and_config_maps_have_the_number_of_their_entry() {
    let (_, text) = converted(
        "services:
  web:
    image: nginx
    volumes: [\"named:/n\", \"/anonymous\", \"./missing:/m\", \"./conf/a.conf:/etc/a.conf:ro\", \"/srv/none:/s:ro\"]
  copy:
    image: nginx
    volumes: [\"./missing:/m\"]
  heir:
    image: nginx
    volumes_from: [copy]
volumes:
  named: { name: another-name }
",
        &[],
    );
    let mut claims = objects(&text);
    claims.retain(|it| !it.starts_with("Deployment/") && !it.starts_with("Service/"));
    let expected = [
        "ConfigMap/web-cm3",
        "PersistentVolumeClaim/copy-claim0",
        "PersistentVolumeClaim/named",
        "PersistentVolumeClaim/web-claim1",
        "PersistentVolumeClaim/web-claim2",
        "PersistentVolumeClaim/web-claim4",
    ];
    assert_eq!(claims, expected.map(str::to_owned).into());
    assert_eq!(text.matches("claimName: copy-claim0\n").count(), 2, "{text}");
    assert_eq!(text.matches("storage: 100Mi\n").count(), 5, "{text}");
    assert_eq!(text.matches("- ReadOnlyMany\n").count(), 1, "{text}");
    // Each of these claims can only be had by pods of one node.
    assert_eq!(text.matches("type: Recreate\n").count(), 3, "{text}");
}

/// A claim that several pods use asked for another access mode, which the API server refuses to change.
#[test]
fn a_shared_claim_keeps_its_access_mode_with_a_warning() {
    let place = Place::with(
        "services:
  a: { image: nginx, volumes: [\"data:/d\"] }
  b: { image: nginx, volumes: [\"data:/d:ro\"] }
volumes:
  data:
",
    );
    let ran = place.run(&["convert", "--compat", "kompose"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    has(&ran.stdout, &["- ReadWriteOnce\n"]);
    has(&ran.stderr, &["LS1009 shared-volume", "kompose has asked for ReadWriteOnce"]);
}

/// The values of an `env_file` were in the Deployment, and its `ConfigMap` was left behind.
#[test]
fn an_env_file_is_a_config_map_without_secrets_and_without_what_is_overridden() {
    let place = Place::with(
        "services:
  web:
    image: nginx
    env_file: [./envs/Prod.env, .env.local]
    environment: { SHARED: \"2\" }
  other:
    image: nginx
    env_file: ./envs/Prod.env
",
    );
    place.file("envs/Prod.env", "MODE=fast\nSHARED=1\nDB_PASSWORD=x\n");
    place.file(".env.local", "LOCAL=$$(1)\n");
    let ran = place.run(&["convert", "--compat", "kompose"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let mut maps = objects(&ran.stdout);
    maps.retain(|it| it.starts_with("ConfigMap/"));
    let expected = ["ConfigMap/env-local", "ConfigMap/envs-prod-env"];
    assert_eq!(maps, expected.map(str::to_owned).into());
    has(
        &ran.stdout,
        &[
            "data:\n  MODE: fast\n  SHARED: \"1\"\n",
            "data:\n  LOCAL: \"$(1)\"\n",
            "        - name: SHARED\n          value: \"2\"\n",
            "        envFrom:\n        - configMapRef:\n            name: env-local\n        - configMapRef:\n            name: envs-prod-env\n",
            "secretKeyRef:\n              name: web-env\n              key: DB_PASSWORD\n",
        ],
    );
}

#[test]
fn containers_services_and_keys_have_the_names_that_kompose_gives() {
    let (_, text) = converted(
        "services:
  web:
    image: nginx
    container_name: My_Web
    ports: [\"80:80\", \"81:81/udp\"]
    configs: [my_conf]
    secrets: [my_secret]
    labels: { kompose.service.type: LoadBalancer }
  db:
    image: postgres
    expose: [\"5432\"]
    labels: { kompose.service.type: nodeport }
  vip:
    image: nginx
    ports: [\"90:90\"]
    deploy: { endpoint_mode: vip }
configs:
  my_conf: { file: ./conf/a.conf, name: other }
secrets:
  my_secret: { file: ./conf/a.conf }
",
        &["-n", "shop"],
    );
    let names = objects(&text);
    for object in ["Service/web", "Service/web-tcp", "Service/web-udp", "Namespace/shop"] {
        assert!(names.contains(object), "{names:?}");
    }
    has(
        &text,
        &[
            "- name: my-web\n        image: nginx\n",
            "  name: my-conf\n",
            "data:\n  a.conf: ",
            "data:\n  my-secret: ",
        ],
    );
    assert_eq!(text.matches("  type: NodePort\n").count(), 2, "{text}");
    assert_eq!(text.matches("  type: LoadBalancer\n").count(), 2, "{text}");
}

#[test]
fn a_group_has_its_name_and_the_claims_of_the_group() {
    let compose = "services:
  web: { image: nginx, ports: [\"80:80\"], volumes: [\"./missing:/m\"] }
  side: { image: busybox, volumes: [\"./missing:/m\"] }
";
    for (options, name) in [
        (&["--service-group-mode", "volume"] as &[&str], "side-web"),
        (&["--service-group-mode", "volume", "--service-group-name", "site"], "site"),
    ] {
        let (_, text) = converted(compose, options);
        let expected = [
            format!("Deployment/{name}"),
            format!("PersistentVolumeClaim/{name}-claim0"),
            "Service/side".to_owned(),
            "Service/web".to_owned(),
        ];
        assert_eq!(objects(&text).into_iter().collect::<Vec<_>>(), expected, "{text}");
        has(&text, &[&format!("  selector:\n    io.kompose.service: {name}\n")]);
    }
}

#[test]
fn services_of_stateful_sets_are_headless() {
    let compose = "services:
  db: { image: postgres, ports: [\"5432:5432\"], volumes: [\"data:/d\"] }
volumes:
  data:
";
    let (_, text) = converted(compose, &["--controller", "statefulset"]);
    has(&text, &["  clusterIP: None\n", "      storage: 100Mi\n", "  serviceName: db\n"]);
}

/// The claims of bind mounts were shared by all pods, where those of kompose have their own.
#[test]
fn all_claims_of_stateful_sets_are_templates() {
    let compose = "services:
  db:
    image: postgres
    volumes: [\"data:/d\", \"/anonymous\", \"./missing:/m\"]
    labels: { kompose.controller.type: statefulset }
  backup: { image: busybox, volumes: [\"data:/d\"] }
volumes:
  data:
";
    let (_, text) = converted(compose, &[]);
    let mut claims = objects(&text);
    claims.retain(|it| it.starts_with("PersistentVolumeClaim/"));
    assert_eq!(claims, ["PersistentVolumeClaim/data".to_owned()].into());
    let set = text.split("\n---\n").find(|it| it.contains("kind: StatefulSet")).unwrap();
    let (_, templates) = set.split_once("  volumeClaimTemplates:\n").unwrap();
    has(templates, &["    name: data\n", "    name: db-claim1\n", "    name: db-claim2\n"]);
    assert!(!set.contains("claimName"), "{set}");
}

#[test]
fn files_have_the_name_first() {
    let compose = "services:
  web: { image: nginx, ports: [\"80:80\"] }
";
    let (place, _) = converted(compose, &["-o", "out/"]);
    let mut files = place.files("out");
    files.retain(|it| it.starts_with("web"));
    assert_eq!(files, ["web-deployment.yaml", "web-service.yaml"]);
}
