//! How the options about the network change what `convert` writes.

use super::place::Place;

const WEB: &str = "services:\n  web:\n    image: nginx:1.29\n    ports: [\"30080:80\", \"8443:443\", \"127.0.0.1:9000:9000\"]\n";

/// `type` and ports of the Services, as `NAME TYPE PORT:NODEPORT …`.
fn services(place: &Place, arguments: &[&str]) -> Vec<String> {
    let mut all = vec!["convert", "--format", "json"];
    all.extend(arguments);
    let ran = place.run(&all);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let list: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let services = list["items"].as_array().unwrap().iter().filter(|it| it["kind"] == "Service");
    services
        .map(|service| {
            let ports = service["spec"]["ports"].as_array().unwrap().iter();
            let ports: Vec<String> = ports
                .map(|port| match port["nodePort"].as_i64() {
                    Some(node) => format!("{}:{node}", port["port"]),
                    None => port["port"].to_string(),
                })
                .collect();
            let name = service["metadata"]["name"].as_str().unwrap();
            let cluster_ip = service["spec"]["clusterIP"].as_str().unwrap_or_default();
            let kind = service["spec"]["type"].as_str().unwrap();
            format!("{name} {kind}{cluster_ip} {}", ports.join(" "))
        })
        .collect()
}

#[test]
fn published_ports_by_option() {
    let place = Place::with(WEB);
    let own = "web ClusterIP 80 443 9000";
    let published = |kind, ports| format!("web-published {kind} {ports}");
    assert_eq!(services(&place, &[]), [own, &published("LoadBalancer", "30080 8443")]);
    assert_eq!(
        services(&place, &["--publish", "nodeport"]),
        [own, &published("NodePort", "30080:30080 8443")]
    );
    assert_eq!(services(&place, &["--publish", "none"]), [own]);
}

#[test]
fn published_ports_by_label() {
    let label = |value: &str| format!("{WEB}    labels: {{kompose.service.type: {value}}}\n");
    let place = Place::with(&label("NodePort"));
    assert_eq!(services(&place, &["--publish", "none"]).len(), 2);
    place.file("compose.yaml", &label("headless"));
    assert_eq!(services(&place, &[]), ["web ClusterIPNone 80 443 9000"]);
    place.file("compose.yaml", &label("somehow"));
    let ran = place.run(&["convert"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("`somehow` is no way to publish a service"), "{}", ran.stderr);
    assert!(ran.stderr.contains("compose.yaml:5:"), "{}", ran.stderr);
}

#[test]
fn a_port_of_the_nodes_by_label() {
    let web = |more: &str| {
        format!(
            "services:\n  web:\n    image: nginx\n    ports: [\"80:80\"]\n    labels:\n      kompose.service.nodeport.port: \"30081\"\n{more}"
        )
    };
    let place = Place::with(&web("      kompose.service.type: nodeport\n"));
    assert_eq!(services(&place, &[])[1], "web-published NodePort 80:30081");
    place.file("compose.yaml", &web(""));
    assert_eq!(place.run(&["convert"]).code, Some(2));
    let local = "      longshore.service.external-traffic-policy: local\n";
    place.file("compose.yaml", &web(local).replace("30081", "30082"));
    let ran = place.run(&["convert", "--publish", "nodeport"]);
    assert!(ran.stdout.contains("externalTrafficPolicy: Local\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("nodePort: 30082\n"), "{}", ran.stdout);
}

#[test]
fn a_port_of_this_machine_alone_is_not_published() {
    let ran = Place::with(WEB).run(&["convert"]);
    assert!(ran.stderr.contains("is for this machine alone, so it is not published"));
}

const ORDER: &str = "services:
  db:
    image: postgres:17
    expose: [5432]
    healthcheck: {test: pg_isready}
    networks: [back]
  job:
    image: busybox
    networks: [back]
  web:
    image: nginx:1.29
    ports: [\"80:80\"]
    networks: [back, front]
    depends_on:
      db: {condition: service_healthy}
      job: {condition: service_completed_successfully}
networks:
  front:
  back: {internal: true}
";

/// `kind/name` of all objects.
fn objects(place: &Place, arguments: &[&str]) -> Vec<String> {
    let mut all = vec!["convert", "--format", "json"];
    all.extend(arguments);
    let ran = place.run(&all);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let list: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let name = |item: &serde_json::Value| {
        let kind = item["kind"].as_str().unwrap();
        format!("{kind}/{}", item["metadata"]["name"].as_str().unwrap())
    };
    list["items"].as_array().unwrap().iter().map(name).collect()
}

#[test]
fn pods_wait_in_init_containers_with_the_images_of_the_options() {
    let place = Place::with(ORDER);
    let objects = objects(&place, &[]);
    assert_eq!(objects[..3], ["ServiceAccount/web-wait", "Role/web-wait", "RoleBinding/web-wait"]);
    let images = ["--wait-image", "registry.example.com/wait", "--kubectl-image", "kubectl:1"];
    let mut all = vec!["convert"];
    all.extend(images);
    let ran = place.run(&all);
    for image in ["image: registry.example.com/wait\n", "image: kubectl:1\n"] {
        assert!(ran.stdout.contains(image), "{}", ran.stdout);
    }
    let ran = place.run(&["convert", "--wait-for", "none"]);
    assert!(!ran.stdout.contains("initContainers"), "{}", ran.stdout);
    let ran = place.run(&["convert", "--wait-for", "sometimes"]);
    assert_eq!(ran.code, Some(2));
}

#[test]
fn networks_become_policies_on_request() {
    let place = Place::with(ORDER);
    let policies = |arguments: &[&str]| -> Vec<String> {
        let objects = objects(&place, arguments).into_iter();
        objects.filter(|object| object.starts_with("NetworkPolicy/")).collect()
    };
    assert!(policies(&[]).is_empty());
    let expected = ["network-front", "network-back", "web-published"];
    assert_eq!(
        policies(&["--network-policies"]),
        expected.map(|name| format!("NetworkPolicy/{name}"))
    );
    let closed = policies(&["--network-policies", "--publish", "none"]);
    assert_eq!(
        closed,
        expected[..2].iter().map(|name| format!("NetworkPolicy/{name}")).collect::<Vec<_>>()
    );
}

#[test]
fn services_have_the_addresses_of_their_networks() {
    let both = "  ipFamilyPolicy: PreferDualStack\n";
    let second = "  ipFamilyPolicy: SingleStack\n  ipFamilies:\n  - IPv6\n";
    for (networks, expected) in [
        ("{default: {}}", ""),
        ("{default: {enable_ipv6: true}}", both),
        ("{default: {enable_ipv4: false, enable_ipv6: true}}", second),
        ("{default: {enable_ipv6: false}}", ""),
    ] {
        let place = Place::with(&format!(
            "services: {{web: {{image: x, expose: [80]}}}}\nnetworks: {networks}\n"
        ));
        let ran = place.run(&["convert"]);
        let (_, spec) = ran.stdout.split_once("  type: ClusterIP\n").unwrap();
        let (found, _) = spec.split_once("  selector:").unwrap();
        assert_eq!(found, expected, "{networks}");
    }
}

/// The health check of Supabase's `vector` asks `http://vector:9001`: the Service lets nobody through before the pod is
/// ready, so that it never was. The host name of the pod leads to the pod itself.
#[test]
fn a_pod_that_asks_for_itself_by_name_finds_itself() {
    for (attributes, expected) in [
        ("healthcheck: {test: [CMD, wget, -q, 'http://vector:9001/health']}", Some("vector")),
        ("container_name: logs\n    command: nc -z logs 9001", Some("logs")),
        ("environment: {LISTEN: 'http://vector:9001'}", Some("vector")),
        ("hostname: own\n    environment: {LISTEN: 'http://vector:9001'}", Some("own")),
        // A name that several pods would share stays away, unless the check needs it.
        ("scale: 2\n    environment: {LISTEN: 'http://vector:9001'}", None),
        ("scale: 2\n    healthcheck: {test: curl http://vector:9001}", Some("vector")),
        ("network_mode: host\n    healthcheck: {test: curl http://vector:9001}", None),
        ("healthcheck: {test: pg_isready -U vector -h localhost}", None),
    ] {
        let file = format!("services:\n  vector:\n    image: x\n    {attributes}\n");
        let ran = Place::with(&file).run(&["convert"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let found = ran.stdout.lines().find_map(|line| line.trim().strip_prefix("hostname: "));
        assert_eq!(found, expected, "{attributes}");
    }
}

/// Each `container_name` with `_` was a warning, though hardly anybody uses it as a host name.
#[test]
fn a_name_that_is_no_host_name_is_a_warning_where_something_asks_for_it() {
    for (environment, expected) in
        [("API: 'http://my_web:80'", "warning[LS1524"), ("API: 'http://web:80'", "note[LS1524")]
    {
        let file = format!(
            "services:\n  web: {{image: x, container_name: my_web}}\n  b: {{image: x, environment: {{{environment}}}}}\n"
        );
        let ran = Place::with(&file).run(&["convert"]);
        assert!(ran.stderr.contains(expected), "{environment}: {}", ran.stderr);
    }
}

/// A service that only Traefik's labels publish could be reached by nobody, and nothing said so; nor that a model on
/// `host.docker.internal` is not there in a cluster.
#[test]
fn what_only_docker_knows_is_told() {
    for (attributes, expected) in [
        (
            "labels: {traefik.http.routers.a.rule: 'Host(`a.example`)'}",
            "set the label `longshore.ingress.host: a.example`, and name its port in `expose`",
        ),
        (
            "expose: [80]\n    labels: {traefik.http.routers.a.rule: 'Host(`a.example`) && Path(`/`)'}",
            "set the label `longshore.ingress.host: a.example`\n",
        ),
        (
            "environment: {LLM: 'http://host.docker.internal:11434'}",
            "`host.docker.internal` is this machine",
        ),
    ] {
        let ran = Place::with(&format!("services:\n  a:\n    image: x\n    {attributes}\n"))
            .run(&["convert"]);
        assert!(ran.stderr.contains(expected), "{attributes}: {}", ran.stderr);
    }
    let file = "services:\n  a:\n    image: x\n    expose: [80]\n    labels: {traefik.http.routers.a.rule: 'Host(`a.example`)', longshore.ingress.host: a.example}\n";
    assert_eq!(Place::with(file).run(&["convert"]).stderr, "");
}

/// `Backend` was a warning, though other services find `backend` by it.
#[test]
fn a_name_in_upper_case_is_only_a_note() {
    let ran = Place::with("services: {Backend: {image: x}}").run(&["convert"]);
    assert!(ran.stderr.starts_with("note[LS1006"), "{}", ran.stderr);
}
