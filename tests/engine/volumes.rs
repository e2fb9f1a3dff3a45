use std::path::PathBuf;

use super::site::Site;

const OBJECTS: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {level: debug}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: s3cret}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";

/// A pod of two containers, of which the second one is nobody's user; both mount all volumes.
fn pod(name: &str, volumes: &[(&str, &str)]) -> String {
    let lines = |line: fn(&str, &str) -> String| {
        let lines = volumes.iter().map(|(volume, source)| line(volume, source));
        lines.collect::<Vec<_>>()
    };
    let mounts = lines(|volume, _| format!("{{name: {volume}, mountPath: /mnt/{volume}}}"));
    let mounts = mounts.join(", ");
    let volumes = lines(|volume, source| format!("  - {{name: {volume}, {source}}}")).join("\n");
    format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  terminationGracePeriodSeconds: 0
  securityContext: {{fsGroup: 2000}}
  containers:
  - name: one
    image: IMAGE
    command: [/bin/busybox, sleep, '100000']
    volumeMounts: [{mounts}]
  - name: two
    image: IMAGE
    command: [/bin/busybox, sleep, '100000']
    securityContext: {{runAsUser: 1000, runAsGroup: 1000}}
    volumeMounts: [{mounts}]
  volumes:
{volumes}"
    )
}

#[tokio::test]
async fn containers_share_what_is_in_their_volumes() {
    let Some(site) = Site::start("shared").await else { return };
    site.apply(OBJECTS);
    let memory = "emptyDir: {medium: Memory, sizeLimit: 8Mi}";
    let secret = "secret: {secretName: login, defaultMode: 0400}";
    site.apply(&pod("web", &[("disk", "emptyDir: {}"), ("memory", memory), ("secret", secret)]));
    site.ready("web");
    for volume in ["disk", "memory"] {
        site.run("web", "two", &format!("echo {volume} > /mnt/{volume}/file")).await;
        let said = site.run("web", "one", &format!("cat /mnt/{volume}/file")).await;
        assert_eq!(said.trim(), volume);
        let mode = site.run("web", "one", &format!("stat -c %A /mnt/{volume}")).await;
        assert!(mode.starts_with("drwxrw"), "{mode}");
    }
    let memory = site.run("web", "one", "df -P /mnt/memory | tail -n 1").await;
    assert_eq!(memory.split_whitespace().take(2).collect::<Vec<_>>(), ["tmpfs", "8192"]);
    // It is for its owner alone, but for the group that all containers of the pod are in.
    assert_eq!(site.run("web", "two", "cat /mnt/secret/password").await, "s3cret");
    site.kill("web", "one").await;
    site.kill("web", "two").await;
    site.kubectl(&[
        "wait",
        "--for=jsonpath={.status.containerStatuses[1].restartCount}=1",
        "pod/web",
        "--timeout=120s",
    ]);
    site.ready("web");
    assert_eq!(site.run("web", "two", "cat /mnt/memory/file").await.trim(), "memory");
    site.end().await;
}

#[tokio::test]
async fn a_change_is_seen_in_a_running_container() {
    let Some(site) = Site::start("change").await else { return };
    site.apply(OBJECTS);
    let sources = "projected: {sources: [{configMap: {name: settings}}, {secret: {name: login}}, \
                   {downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}]}";
    site.apply(&pod("web", &[("settings", "configMap: {name: settings}"), ("all", sources)]));
    site.ready("web");
    assert_eq!(
        site.run("web", "two", "cat /mnt/settings/level /mnt/all/level").await,
        "debugdebug"
    );
    site.kubectl(&["patch", "configmap", "settings", "-p", "{\"data\":{\"level\":\"info\"}}"]);
    site.kubectl(&["label", "pod", "web", "app=shop"]);
    for (file, text) in [("settings/level", "info"), ("all/level", "info"), ("all/labels", "shop")]
    {
        let script = format!("until grep -q {text} /mnt/{file}; do :; done");
        site.run("web", "two", &script).await;
    }
    site.end().await;
}

#[tokio::test]
async fn a_part_of_a_volume_is_mounted() {
    let Some(site) = Site::start("part").await else { return };
    site.apply(OBJECTS);
    site.apply(
        "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: one
    image: IMAGE
    command: [/bin/busybox, sleep, '100000']
    env: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
    volumeMounts:
    - {name: settings, mountPath: /etc/app/level, subPath: level}
    - {name: logs, mountPath: /logs, subPathExpr: $(POD)}
    - {name: logs, mountPath: /all}
  volumes:
  - {name: settings, configMap: {name: settings}}
  - {name: logs, emptyDir: {}}
",
    );
    site.ready("web");
    let said = site.run("web", "one", "cat /etc/app/level; echo x > /logs/f; cat /all/web/f").await;
    assert_eq!(said.trim(), "debugx");
    site.end().await;
}

#[tokio::test]
async fn a_pod_waits_for_what_it_mounts() {
    let Some(site) = Site::start("late").await else { return };
    site.apply(&pod("web", &[("settings", "configMap: {name: settings}")]));
    let message = site.event("FailedMount", "web");
    let expected =
        "MountVolume.SetUp failed for volume \"settings\" : configmap \"settings\" not found";
    assert_eq!(message, expected);
    site.apply(OBJECTS);
    site.ready("web");
    site.end().await;
}

#[tokio::test]
async fn data_outlives_the_pod_and_goes_with_the_claim() {
    let Some(site) = Site::start("claim").await else { return };
    site.apply(OBJECTS);
    let manifest = pod("db", &[("data", "persistentVolumeClaim: {claimName: data}")]);
    site.apply(&manifest);
    site.ready("db");
    // A folder of another user: only root may remove what is in it.
    site.run(
        "db",
        "two",
        "mkdir -p /mnt/data/a/b; chmod 700 /mnt/data/a; echo kept > /mnt/data/a/b/file",
    )
    .await;
    site.kubectl(&["delete", "pod", "db"]);
    site.apply(&manifest);
    site.ready("db");
    assert_eq!(site.run("db", "two", "cat /mnt/data/a/b/file").await.trim(), "kept");
    let path = "-o=jsonpath={.items[0].spec.hostPath.path}";
    let path = PathBuf::from(site.kubectl(&["get", "pv", path]));
    assert!(path.is_dir());
    site.kubectl(&["delete", "pod", "db"]);
    let volume = site.kubectl(&["get", "pv", "-o=name"]);
    site.kubectl(&["delete", "pvc", "data"]);
    site.kubectl(&["wait", "--for=delete", volume.trim(), "--timeout=120s"]);
    assert!(!path.exists(), "the volume has taken its data along");
    site.end().await;
}
