use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::*;
use crate::control_plane::kubelet::environment::Variables;
use crate::control_plane::kubelet::mount::{Mount, RecursiveReadOnly};
use crate::control_plane::kubelet::objects::Given;

/// A node with the objects of a test.
struct Node {
    directory: tempfile::TempDir,
    objects: Arc<Given>,
    volumes: Volumes,
}

impl Node {
    fn with(objects: &[Value]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let objects = Arc::new(Given::of(objects));
        let pods = directory.path().join("pods");
        let claims = directory.path().join("volumes");
        let volumes = Volumes { pods, claims, objects: Arc::<Given>::clone(&objects) };
        Self { directory, objects, volumes }
    }

    fn prepare(&self, pod: &Pod) -> Result<PodVolumes, String> {
        let host = "10.88.0.1".parse().unwrap();
        let allocatable = BTreeMap::new();
        let downward = Downward { pod, address: None, host, allocatable: &allocatable };
        self.volumes.prepare(downward).map_err(|error| error.to_string())
    }

    /// What the first container of a pod mounts.
    fn mounts(&self, pod: &Pod) -> Result<Vec<Mount>, String> {
        let container = &pod.spec.as_ref().unwrap().containers[0];
        let variables = Variables::from([("POD".to_owned(), "web".to_owned())]);
        let mounts = self.prepare(pod)?.mounts(container, &variables);
        mounts.map_err(|error| error.to_string())
    }

    /// Where the only mount of a pod leads to on this machine.
    fn path(&self, pod: &Pod) -> PathBuf {
        let mut mounts = self.mounts(pod).unwrap();
        match mounts.remove(0).source {
            Source::Host(path) => path,
            other => panic!("not of the host: {other:?}"),
        }
    }

    fn text(&self, pod: &Pod, file: &str) -> String {
        fs::read_to_string(self.path(pod).join(file)).unwrap()
    }
}

/// A pod with one volume, which its one container mounts.
fn pod(volume: &Value, mount: &Value) -> Pod {
    let (mut named, mut mounted) =
        (json!({"name": "v"}), json!({"name": "v", "mountPath": "/data"}));
    named.as_object_mut().unwrap().extend(volume.as_object().unwrap().clone());
    mounted.as_object_mut().unwrap().extend(mount.as_object().unwrap().clone());
    serde_json::from_value(json!({
        "metadata": {"name": "web", "namespace": "shop", "uid": "u-1", "labels": {"app": "web"}},
        "spec": {
            "containers": [{"name": "web", "volumeMounts": [mounted]}],
            "volumes": [named, {"name": "unused", "configMap": {"name": "nowhere"}}],
        },
    }))
    .unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn settings(level: &str) -> Value {
    json!({"kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop"},
           "data": {"level": level}, "binaryData": {"raw": "AP8="}})
}

#[test]
fn a_config_map_is_shown_and_its_changes_too() {
    let node = Node::with(&[settings("debug")]);
    let pod = pod(&json!({"configMap": {"name": "settings"}}), &json!({}));
    let mounts = node.mounts(&pod).unwrap();
    assert!(mounts[0].read_only);
    assert_eq!(mounts[0].target, "/data");
    assert_eq!(node.text(&pod, "level"), "debug");
    assert_eq!(fs::read(node.path(&pod).join("raw")).unwrap(), [0, 255]);
    assert_eq!(mode(&node.path(&pod).join("level")), 0o644);
    node.objects.set(settings("info"));
    assert_eq!(node.text(&pod, "level"), "info");
}

#[test]
fn the_files_of_a_pod_are_behind_a_closed_door() {
    let node = Node::with(&[]);
    let pod = pod(&json!({"emptyDir": {}}), &json!({}));
    assert_eq!(mode(&node.path(&pod)), 0o777);
    assert_eq!(mode(node.volumes.directory(&pod).path()), 0o700);
    assert_eq!(mode(&node.volumes.pods), 0o700);
    assert_eq!(node.volumes.pods().unwrap(), ["u-1"]);
    fs::remove_dir_all(node.volumes.directory(&pod).path()).unwrap();
    assert!(node.volumes.pods().unwrap().is_empty());
}

#[test]
fn keys_are_chosen_with_paths_and_modes() {
    let secret = json!({"kind": "Secret", "metadata": {"name": "login", "namespace": "shop"},
                        "data": {"password": "c2VjcmV0", "other": "eA=="}});
    let node = Node::with(&[secret]);
    let items = json!([{"key": "password", "path": "deep/pw", "mode": 0o400}]);
    let pod = pod(
        &json!({"secret": {"secretName": "login", "defaultMode": 0o440, "items": items}}),
        &json!({}),
    );
    assert_eq!(node.text(&pod, "deep/pw"), "secret");
    assert_eq!(mode(&node.path(&pod).join("deep/pw")), 0o400);
    assert!(!node.path(&pod).join("other").exists());
}

#[test]
fn what_is_missing_is_an_error_unless_it_may_be() {
    let node = Node::with(&[settings("debug")]);
    let check = |volume: &Value, expected: Result<(), &str>| {
        let prepared = node.prepare(&pod(volume, &json!({}))).map(drop);
        let expected = expected
            .map_err(|reason| format!("MountVolume.SetUp failed for volume \"v\" : {reason}"));
        assert_eq!(prepared, expected, "{volume}");
    };
    let items = json!([{"key": "none", "path": "x"}]);
    let outside = json!([{"key": "level", "path": "../x"}]);
    let hidden = json!([{"key": "level", "path": "..data"}]);
    check(&json!({"configMap": {"name": "none"}}), Err("configmap \"none\" not found"));
    check(&json!({"configMap": {"name": "none", "optional": true}}), Ok(()));
    check(&json!({"secret": {"secretName": "none"}}), Err("secret \"none\" not found"));
    check(&json!({"secret": {"secretName": "none", "optional": true}}), Ok(()));
    check(
        &json!({"configMap": {"name": "settings", "items": items}}),
        Err("references non-existent configmap key: none"),
    );
    check(&json!({"configMap": {"name": "settings", "items": items, "optional": true}}), Ok(()));
    check(
        &json!({"configMap": {"name": "settings", "items": outside}}),
        Err("invalid path \"../x\": must be a relative path without '..'"),
    );
    check(
        &json!({"configMap": {"name": "settings", "items": hidden}}),
        Err("invalid path \"..data\": must not start with '..'"),
    );
    check(
        &json!({"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}),
        Err("serviceAccountToken cannot be mounted here: this cluster issues none"),
    );
    check(
        &json!({"nfs": {"server": "a", "path": "/b"}}),
        Err("nfs cannot be mounted here: there is no driver for it"),
    );
    check(
        &json!({"emptyDir": {"medium": "HugePages"}}),
        Err(
            "an emptyDir of medium HugePages cannot be mounted here: only disk and memory hold one",
        ),
    );
}

#[test]
fn sources_are_projected_into_one_directory() {
    let node = Node::with(&[settings("debug")]);
    let field = json!({"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}});
    let limit = json!({"path": "cpu", "resourceFieldRef": {"containerName": "web", "resource": "requests.cpu"}});
    let sources =
        json!([{"configMap": {"name": "settings"}}, {"downwardAPI": {"items": [field, limit]}}]);
    let mut pod =
        pod(&json!({"projected": {"sources": sources, "defaultMode": 0o600}}), &json!({}));
    assert_eq!(node.text(&pod, "level"), "debug");
    assert_eq!(node.text(&pod, "labels"), "app=\"web\"");
    assert_eq!(node.text(&pod, "cpu"), "0");
    assert_eq!(mode(&node.path(&pod).join("labels")), 0o600);
    pod.metadata.labels = Some([("app".to_owned(), "new".to_owned())].into());
    assert_eq!(node.text(&pod, "labels"), "app=\"new\"");
}

#[test]
fn a_part_of_a_volume_is_mounted() {
    let node = Node::with(&[settings("debug")]);
    let check = |volume: &Value, mount: &Value, expected: Result<&str, &str>| {
        let pod = pod(volume, mount);
        let shown = node.mounts(&pod).map(|mounts| match &mounts[0].source {
            Source::Host(path) => path.file_name().unwrap().to_str().unwrap().to_owned(),
            Source::Memory(memory) => memory.path.clone().unwrap_or_default(),
            Source::Image { path, .. } => path.clone().unwrap_or_default(),
        });
        assert_eq!(shown.as_deref().map_err(String::as_str), expected, "{mount}");
    };
    let (map, empty) = (json!({"configMap": {"name": "settings"}}), json!({"emptyDir": {}}));
    check(&map, &json!({"subPath": "level"}), Ok("level"));
    check(&empty, &json!({"subPath": "a/b"}), Ok("b"));
    check(&empty, &json!({"subPathExpr": "logs-$(POD)"}), Ok("logs-web"));
    check(&empty, &json!({"subPathExpr": "$(NONE)/$(POD)"}), Err("missing value for NONE"));
    check(
        &empty,
        &json!({"subPathExpr": "/$(POD)"}),
        Err("error SubPath `/web` must not be an absolute path"),
    );
    check(
        &empty,
        &json!({"subPath": "../x"}),
        Err("unable to provision SubPath `../x`: must not contain '..'"),
    );
    check(&json!({"emptyDir": {"medium": "Memory"}}), &json!({"subPath": "a/./b"}), Ok("a/b"));
    check(&json!({"image": {"reference": "site:1"}}), &json!({"subPath": "www"}), Ok("www"));
}

#[test]
fn memory_is_as_large_as_its_limits() {
    let check = |limit: Option<&str>, memory: &[Option<&str>], expected: Option<i64>| {
        let containers = memory.iter().map(|limit| {
            json!({"name": "c", "resources": {"limits": limit.map(|limit| json!({"memory": limit}))}})
        });
        let containers: Vec<_> = containers.collect();
        let pod = json!({"spec": {
            "securityContext": {"fsGroup": 7},
            "containers": containers,
            "volumes": [
                {"name": "m", "emptyDir": {"medium": "Memory", "sizeLimit": limit}},
                {"name": "d", "emptyDir": {}},
            ],
        }});
        let volumes = empty_dir::memory_volumes(&serde_json::from_value(pod).unwrap());
        assert_eq!(volumes.len(), 1);
        assert_eq!((volumes[0].size, volumes[0].group), (expected, Some(7)));
    };
    check(None, &[None], None);
    check(Some("1Mi"), &[None], Some(1 << 20));
    check(None, &[Some("1Mi"), Some("2Mi")], Some(3 << 20));
    check(Some("1Gi"), &[Some("1Mi")], Some(1 << 20));
    check(None, &[Some("1Mi"), None], None);
}

/// A claim and its volume, bound or not.
fn claim(node: &Node, bound: bool, volume: &Value) {
    let phase = if bound { "Bound" } else { "Pending" };
    node.objects.set(json!({
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "shop", "uid": "c-1"},
        "spec": {"volumeName": "pv"}, "status": {"phase": phase},
    }));
    let mut spec = json!({"claimRef": {"uid": "c-1"}});
    spec.as_object_mut().unwrap().extend(volume.as_object().unwrap().clone());
    let provisioner = json!({"pv.kubernetes.io/provisioned-by": "longshore.dev/local-path"});
    node.objects.set(json!({
        "kind": "PersistentVolume", "metadata": {"name": "pv", "annotations": provisioner},
        "spec": spec,
    }));
}

#[test]
fn a_claim_is_the_directory_of_its_volume_and_outlives_the_pod() {
    let node = Node::with(&[]);
    let path = node.directory.path().join("volumes/pv_shop_data");
    claim(&node, true, &json!({"hostPath": {"path": path}}));
    let pod = pod(&json!({"persistentVolumeClaim": {"claimName": "data"}}), &json!({}));
    assert_eq!(node.path(&pod), path);
    assert_eq!(mode(&path), 0o777);
    fs::write(path.join("kept"), "x").unwrap();
    assert_eq!(node.path(&pod), path);
    fs::remove_dir_all(node.volumes.directory(&pod).path()).unwrap();
    assert_eq!(fs::read_to_string(path.join("kept")).unwrap(), "x");
}

#[test]
fn a_claim_must_be_bound_and_mountable() {
    let node = Node::with(&[]);
    let check = |volume: &Value, expected: &str| {
        let message = node.prepare(&pod(volume, &json!({}))).unwrap_err();
        let message = message.strip_prefix("MountVolume.SetUp failed for volume \"v\" : ").unwrap();
        assert_eq!(message, expected);
    };
    let data = json!({"persistentVolumeClaim": {"claimName": "data"}});
    check(&data, "persistentvolumeclaim \"data\" not found");
    claim(&node, false, &json!({"hostPath": {"path": "/none"}}));
    check(&data, "persistentvolumeclaim \"data\" is not bound");
    claim(&node, true, &json!({"nfs": {"server": "a", "path": "/b"}}));
    check(&data, "the volume pv cannot be mounted here: there is no driver for it");
    claim(&node, true, &json!({"hostPath": {"path": "/x"}, "volumeMode": "Block"}));
    check(&data, "the volume pv cannot be mounted here: it is a block device");
    let ephemeral = json!({"ephemeral": {"volumeClaimTemplate": {"spec": {}}}});
    check(&ephemeral, "persistentvolumeclaim \"web-v\" not found");
    let metadata = json!({"name": "web-v", "namespace": "shop", "uid": "c-2"});
    node.objects.set(json!({"kind": "PersistentVolumeClaim", "metadata": metadata}));
    check(&ephemeral, "persistentvolumeclaim \"web-v\" was not created for this pod");
}

#[test]
fn a_mount_says_how_it_is_mounted() {
    let node = Node::with(&[]);
    let check = |mount: Value, expected: (bool, RecursiveReadOnly, Option<&str>)| {
        let mounts = node.mounts(&pod(&json!({"emptyDir": {}}), &mount)).unwrap();
        let one = &mounts[0];
        assert_eq!((one.read_only, one.recursive_read_only, one.propagation), expected, "{mount}");
    };
    check(json!({}), (false, RecursiveReadOnly::Disabled, None));
    check(
        json!({"readOnly": true, "recursiveReadOnly": "IfPossible"}),
        (true, RecursiveReadOnly::IfPossible, None),
    );
    check(
        json!({"mountPropagation": "HostToContainer"}),
        (false, RecursiveReadOnly::Disabled, Some("rslave")),
    );
    check(
        json!({"mountPropagation": "Bidirectional"}),
        (false, RecursiveReadOnly::Disabled, Some("rshared")),
    );
}
