//! A project changes between two `up`s: only the change is applied, and what left is pruned.

use super::site::Site;

/// X must change one Deployment and leave the objects of the other services as they are.
#[test]
fn a_changed_image_rolls_one_deployment() {
    let Some(site) = Site::of_sample("voting") else { return };
    site.succeed(&["up", "-d"]);
    let before = site.get(&["deployments", "-n", "voting"]);

    site.edit(|text| text.replacen("redis:7", "redis:8", 1));
    site.succeed(&["up", "-d"]);

    let after = site.get(&["deployments", "-n", "voting"]);
    let changed: Vec<&str> = before["items"]
        .as_array()
        .unwrap()
        .iter()
        .zip(after["items"].as_array().unwrap())
        .filter(|(before, after)| {
            before["metadata"]["generation"] != after["metadata"]["generation"]
        })
        .map(|(before, _)| before["metadata"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(changed, ["redis"]);
    site.kubectl(&["rollout", "status", "deployment/redis", "-n", "voting", "--timeout=30s"]);
    let history = site.kubectl(&["rollout", "history", "deployment/redis", "-n", "voting"]);
    assert!(history.contains("\n2 "), "{history}");
}

/// A service that leaves the compose file must leave the cluster, with its Service objects and pods.
#[test]
fn a_removed_service_is_pruned() {
    let Some(site) = Site::of_sample("hello") else { return };
    site.edit(|text| {
        format!("{text}  extra:\n    image: busybox:1.36\n    command: [sleep, infinity]\n")
    });
    site.succeed(&["up", "-d"]);
    assert!(site.applied("hello").contains(&"Deployment/extra".to_owned()));

    site.edit(|text| text.split("  extra:\n").next().unwrap().to_owned());
    let (_, progress) = site.succeed(&["up", "-d"]);

    assert!(!site.applied("hello").iter().any(|name| name.contains("extra")));
    assert!(progress.contains("extra"), "up says what it pruned: {progress}");
    let pods = site.kubectl(&["get", "pods", "-n", "hello", "-o", "name"]);
    assert!(!pods.contains("extra"), "{pods}");
}

/// `up` of one service must bring up that one with what it depends on, and leave the others alone.
#[test]
fn a_named_service_comes_up_alone_and_prunes_nothing() {
    let Some(site) = Site::of_sample("hello") else { return };
    site.edit(|text| {
        let others = "  db:\n    image: redis:7\n  api:\n    image: busybox:1.36\n    \
                      command: [sleep, infinity]\n    depends_on: [db]\n";
        format!("{text}{others}")
    });
    let deployments = || -> Vec<String> {
        let applied = site.applied("hello").into_iter();
        applied.filter(|name| name.starts_with("Deployment/")).collect()
    };
    site.succeed(&["up", "-d", "api"]);
    assert_eq!(deployments(), ["Deployment/api", "Deployment/db"]);

    let (_, progress) = site.succeed(&["up", "-d", "--no-deps", "web"]);
    assert_eq!(deployments(), ["Deployment/api", "Deployment/db", "Deployment/web"]);
    assert!(!progress.contains("api"), "the other services are not named: {progress}");
}

/// `down` without `-v` must keep the data and `down -v` must take it.
#[test]
fn volumes_outlive_down_until_asked() {
    let Some(site) = Site::of_sample("wordpress") else { return };
    site.succeed(&["up", "-d"]);
    site.succeed(&["down"]);
    let claims = site.get(&["pvc", "-n", "wordpress"]);
    assert!(!claims["items"].as_array().unwrap().is_empty(), "the claims are kept");
    assert!(
        site.applied("wordpress").iter().all(|name| name.starts_with("PersistentVolumeClaim/"))
    );

    site.succeed(&["up", "-d"]);
    site.succeed(&["down", "-v"]);
    assert!(!site.try_kubectl(&["get", "namespace", "wordpress"]).status.success());
}

/// A start right behind a kill took the dying server for one that was about to be ready, and waited in vain.
/// The control plane is killed between two commands: nothing that was up may be lost.
#[test]
fn the_project_survives_a_killed_server() {
    let Some(site) = Site::of_sample("hello") else { return };
    site.succeed(&["up", "-d"]);
    let before = site.applied("hello");
    let (status, _) = site.succeed(&["cluster", "status", "--format", "json"]);
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let process = status["pid"].as_i64().unwrap();
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(i32::try_from(process).unwrap()),
        nix::sys::signal::Signal::SIGKILL,
    )
    .unwrap();

    site.succeed(&["cluster", "start"]);
    assert_eq!(site.applied("hello"), before);
    site.kubectl(&["rollout", "status", "deployment/web", "-n", "hello", "--timeout=30s"]);
    site.succeed(&["down", "-v"]);
}
