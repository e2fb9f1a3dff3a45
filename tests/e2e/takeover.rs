//! What kompose has deployed is updated in place: no object is replaced, none is refused.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::site::Site;

const COMPOSE: &str = "services:
  web:
    image: nginx:1.29
    container_name: My_Web
    ports: [\"8080:80\", \"8081:81/udp\"]
    env_file: [web.env]
    volumes: [\"uploads:/uploads\", \"/cache\", \"./missing:/missing:ro\", \"./compose.yaml:/etc/web/compose.yaml:ro\"]
    configs: [settings]
    labels: { kompose.service.type: loadbalancer }
  worker:
    image: busybox:1.37
    command: sleep infinity
    volumes: [\"uploads:/uploads\"]
    deploy: { replicas: 2 }
  agent:
    image: busybox:1.37
    command: sleep infinity
    deploy: { mode: global }
    expose: [\"9100\"]
volumes:
  uploads: { name: files-of-users }
configs:
  settings: { file: ./web.env }
";

#[test]
fn what_kompose_has_deployed_is_updated_in_place() {
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools/bin/kompose");
    if !built.is_file() {
        println!("skipped: needs kompose, which `.ci/tools` builds");
        return;
    }
    let Some(site) = Site::of_sample("hello") else { return };
    site.edit(|_| COMPOSE.to_owned());
    site.file("web.env", "MODE=fast\n");
    site.succeed(&["cluster", "start"]);
    let mut kompose = Command::new(built);
    site.run(kompose.args(["convert", "-o", "kompose.yaml"]));
    site.kubectl(&["apply", "-f", "kompose.yaml"]);
    let before = uids(&site);
    assert_eq!(before.len(), 12, "{before:?}");

    site.succeed(&["convert", "--compat", "kompose", "-o", "longshore.yaml"]);
    site.kubectl(&["apply", "-f", "longshore.yaml"]);
    let after = uids(&site);
    for (object, uid) in &before {
        assert_eq!(after.get(object), Some(uid), "{object} is replaced");
    }
    let more: Vec<&String> = after.keys().filter(|object| !before.contains_key(*object)).collect();
    assert_eq!(more, ["Service/web", "Service/worker"]);
    let web = site.get(&["deployment", "web"]);
    let containers = web["spec"]["template"]["spec"]["containers"].as_array().unwrap();
    assert_eq!(containers.len(), 1, "{web}");
}

/// The uid of each object of a project, by kind and name.
fn uids(site: &Site) -> BTreeMap<String, String> {
    let list = site.get(&["deploy,sts,ds,svc,pvc,cm", "-l", "io.kompose.service"]);
    let items = list["items"].as_array().unwrap().iter();
    let uid = |item: &serde_json::Value| {
        let metadata = &item["metadata"];
        let name =
            format!("{}/{}", item["kind"].as_str().unwrap(), metadata["name"].as_str().unwrap());
        (name, metadata["uid"].as_str().unwrap().to_owned())
    };
    items.map(uid).collect()
}
