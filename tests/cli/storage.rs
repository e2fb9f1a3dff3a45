//! Volumes on their way to a cluster: what is written, and what is said about it.

use super::place::Place;

/// `convert` of a service `a` with these attributes and of these sections, with all that its manifests and its
/// findings must have.
fn check(service: &str, sections: &str, manifests: &[&str], findings: &[&str]) {
    let place = Place::with(&format!("services:\n  a:\n    image: x\n    {service}\n{sections}\n"));
    let ran = place.run(&["convert"]);
    assert_eq!(ran.code, Some(0), "{service}: {}", ran.stderr);
    for text in manifests {
        assert!(ran.stdout.contains(text), "{service}: no `{text}` in\n{}", ran.stdout);
    }
    for text in findings {
        assert!(ran.stderr.contains(text), "{service}: no `{text}` in\n{}", ran.stderr);
    }
    if findings.is_empty() {
        assert_eq!(ran.stderr, "", "{service}");
    }
}

#[test]
fn a_bind_mount_keeps_its_options() {
    let bind = |options: &str| {
        format!("volumes: [{{type: bind, source: /x, target: /y, bind: {{{options}}}}}]")
    };
    check(&bind("propagation: rslave"), "", &["mountPropagation: HostToContainer"], &["node"]);
    check(&bind("selinux: Z"), "", &["path: /x"], &["does not label a path of the node"]);
    // Of a volume that is such a path, `:z` was lost in silence.
    let bound = "volumes: {vol: {driver_opts: {type: none, o: bind, device: /x}}}";
    let label = "does not label a path of the node";
    check("volumes: [\"vol:/y:Z\"]", bound, &["path: /x"], &[label, "compose.yaml:4:"]);
    check(
        "volumes: [{type: bind, source: /x, target: /y, read_only: true, bind: {recursive: readonly}}]",
        "",
        &["recursiveReadOnly: Enabled", "readOnly: true"],
        &["node"],
    );
}

#[test]
fn the_files_of_an_image_are_a_volume() {
    let mount = "volumes: [{type: image, source: tools:1, target: /t, image: {subpath: bin}}]";
    check(
        mount,
        "",
        &["image:\n          reference: tools:1", "subPath: bin", "readOnly: true"],
        &["can be read, but not executed"],
    );
    check(
        "volumes: [{type: image, source: b, target: /t}]",
        "  b: {build: .}\nname: p",
        &["reference: p-b\n"],
        &["can be read, but not executed"],
    );
}

/// A volume that only a mount of `type: cluster` names was left out as one that no service uses.
#[test]
fn a_volume_of_a_swarm_is_a_claim_where_the_project_has_it() {
    let mount = "volumes: [{type: cluster, source: data, target: /d}]";
    check(mount, "volumes: {data: {}}", &["claimName: data", "storage: 1Gi"], &["no size"]);
    check(mount, "", &["name: a"], &["the volume of the Swarm is not in the project"]);
}

/// Of a volume of NFS `ro` and all other options of its mount were lost in silence.
#[test]
fn words_about_a_volume_without_a_claim_are_kept_or_reported() {
    let nfs = |options: &str| {
        format!(
            "volumes: {{vol: {{driver_opts: {{type: nfs, o: \"{options}\", device: \":/e\"}}}}}}"
        )
    };
    let mount = "volumes: [vol:/d]";
    check(mount, &nfs("addr=nas,rw"), &["server: nas\n", "path: /e\n"], &[]);
    check(mount, &nfs("addr=nas,ro"), &["  readOnly: true\n"], &[]);
    check(mount, &nfs("addr=nas,soft,nfsvers=4"), &["server: nas"], &["`soft`, `nfsvers`"]);
    check(
        mount,
        "volumes: {vol: {driver_opts: {type: tmpfs, o: \"uid=5\"}, labels: {a: b}}}",
        &["medium: Memory"],
        &["`uid` is left out", "the labels are left out", "in memory of its own"],
    );
}

#[test]
fn the_access_mode_follows_from_the_use() {
    let volumes = "volumes: {vol: {labels: {longshore.volume.size: 1Gi}}}";
    let other = |mount: &str| format!("  b: {{image: x, volumes: [\"{mount}\"]}}\n{volumes}");
    let check_mode = |service: &str, sections: &str, mode: &str, finding: &str| {
        let mode = format!("accessModes:\n  - {mode}\n");
        check(service, sections, &[&mode], &[finding]);
    };
    let nocopy = "volumes: [\"vol:/d:nocopy\"]";
    check(nocopy, volumes, &["- ReadWriteOnce"], &[]);
    check_mode(nocopy, &other("vol:/d"), "ReadWriteMany", "several pods use the volume");
    check_mode(
        "volumes: [\"vol:/d:ro\"]",
        &other("vol:/d:ro"),
        "ReadOnlyMany",
        "none writes to it",
    );
    check_mode("volumes: [\"vol:/d:ro\"]", &other("vol:/d"), "ReadWriteMany", "several pods");
    let replicas = format!("{nocopy}\n    deploy: {{replicas: 2}}");
    check_mode(&replicas, volumes, "ReadWriteMany", "several pods");
    let global = format!("{nocopy}\n    deploy: {{mode: global}}");
    check_mode(&global, volumes, "ReadWriteMany", "several pods");
}

/// Whether a volume is shared was decided by the label for the kind alone: also where `deploy.mode` went before it, and for
/// what the pods of a StatefulSet do not have for themselves.
#[test]
fn the_pods_of_a_stateful_set_share_what_is_not_their_own() {
    let volumes = "volumes: {vol: {labels: {longshore.volume.size: 1Gi}}}";
    let of_kind = |more: &str| format!("labels: {{longshore.controller: statefulset{more}}}");
    let replicas = "deploy: {replicas: 3}";
    let volume = "volumes: [\"vol:/d:nocopy\"]";
    let service = format!("{volume}\n    {replicas}\n    {}", of_kind(""));
    check(&service, volumes, &["kind: StatefulSet", "- ReadWriteOnce"], &[]);
    let service = format!("{volume}\n    deploy: {{mode: global}}\n    {}", of_kind(""));
    check(&service, volumes, &["kind: DaemonSet", "- ReadWriteMany"], &["several pods"]);
    let from_path = of_kind(", longshore.bind: pvc");
    let service = format!("volumes: [./d:/d]\n    {replicas}\n    {from_path}");
    check(&service, "", &["kind: StatefulSet", "- ReadWriteMany"], &["several pods"]);
}

#[test]
fn a_mount_needs_a_place() {
    for (mount, message) in [
        ("vol:/", "nothing can be mounted over the whole image"),
        ("{type: tmpfs, target: a}", "is not absolute"),
        ("{type: tmpfs, target: \"/a:b\"}", "with `:`"),
        (
            "{type: volume, source: vol, target: /a, volume: {subpath: ../x}}",
            "is not below the volume",
        ),
    ] {
        let place = Place::with(&format!(
            "services: {{a: {{image: x, volumes: [{mount}]}}}}\nvolumes: {{vol: {{}}}}\n"
        ));
        let ran = place.run(&["convert"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{mount}");
        assert!(ran.stderr.contains(message), "{mount}: {}", ran.stderr);
        assert!(ran.stderr.contains("compose.yaml:1:"), "{mount}: {}", ran.stderr);
    }
}

/// A config that only a `credential_spec` names was left out as one that no service mounts.
#[test]
fn a_credential_spec_comes_from_its_config() {
    check(
        "credential_spec: {config: gmsa}",
        "configs: {gmsa: {content: '{\"CmsPlugins\": []}'}}",
        &["          windowsOptions:\n            gmsaCredentialSpec: "],
        &[],
    );
    let named =
        |name: &str| format!("windowsOptions:\n            gmsaCredentialSpecName: {name}\n");
    for (spec, configs, name, told) in [
        ("registry: my-key", "", "my-key", "which must be there"),
        ("file: 'file://My_App.json'", "", "my-app", "which must be there"),
        ("config: gmsa", "configs: {gmsa: {external: true, name: spec}}", "spec", "must be there"),
    ] {
        check(&format!("credential_spec: {{{spec}}}"), configs, &[&named(name)], &[told]);
    }
    let place = Place::with("services: {a: {image: x, credential_spec: {config: gmsa}}}\n");
    let ran = place.run(&["convert"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("the config `gmsa` is not defined"), "{}", ran.stderr);
}

/// `convert` with these arguments of a project with files, by kind and name of its objects, and its report.
fn files(compose: &str, arguments: &[&str]) -> (Vec<String>, String) {
    let place = Place::with(compose);
    place.file("conf/a.conf", "a = 1\n");
    place.file("conf/deep/b", "b");
    place.file("one.txt", "one");
    let ran = place.run(&[&["convert", "--format", "json"], arguments].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let list: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let objects = list["items"].as_array().unwrap().iter();
    let name = |object: &serde_json::Value| {
        format!("{}/{}", object["kind"], object["metadata"]["name"]).replace('"', "")
    };
    (objects.map(name).filter(|it| !it.ends_with("/a")).collect(), ran.stderr)
}

#[test]
fn bind_mounts_follow_the_policy() {
    let compose = "services: {a: {image: x, volumes: [./conf:/conf:ro, ./one.txt:/one.txt:ro, ./data:/data, /srv:/srv]}}";
    let config_maps = ["ConfigMap/conf", "ConfigMap/one-txt"];
    for (policy, expected, findings) in [
        ("auto", &[&config_maps[..], &["PersistentVolumeClaim/data"]].concat()[..], 2),
        ("hostpath", &[], 4),
        (
            "pvc",
            &[
                "ConfigMap/one-txt",
                "PersistentVolumeClaim/conf",
                "PersistentVolumeClaim/data",
                "PersistentVolumeClaim/srv",
            ],
            3,
        ),
    ] {
        let (objects, report) = files(compose, &["--bind", policy]);
        assert_eq!(objects, expected, "{policy}");
        assert_eq!(report.matches("bind-mount]").count(), findings, "{policy}: {report}");
    }
    let (objects, _) = files(
        "services: {a: {image: x, labels: {longshore.bind: configmap}, volumes: [./conf:/conf]}}",
        &["--bind", "hostpath"],
    );
    assert_eq!(objects, ["ConfigMap/conf"]);
}

#[test]
fn a_bind_mount_that_the_policy_does_not_allow_is_an_error() {
    let compose = |label: &str, path: &str| {
        format!(
            "services:\n  a:\n    image: x\n    labels: {{{label}}}\n    volumes: [\"{path}\"]\n"
        )
    };
    for (label, path, policy, message) in [
        ("", "/srv:/srv", "configmap", "it is outside of the project"),
        ("", "./none:/none", "configmap", "there is nothing"),
        ("", ".:/src", "configmap", "it is the whole project"),
        ("", "./compose.yaml:/c", "refuse", "bind mounts are refused"),
        ("longshore.bind: refuse", "./compose.yaml:/c", "auto", "bind mounts are refused"),
    ] {
        let place = Place::with(&compose(label, path));
        let ran = place.run(&["convert", "--bind", policy]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{path} {policy}");
        assert!(ran.stderr.contains(message), "{path} {policy}: {}", ran.stderr);
        assert!(ran.stderr.contains("compose.yaml:5:15"), "{path} {policy}: {}", ran.stderr);
    }
    let ran = Place::with(&compose("longshore.bind: copy", "./x:/x")).run(&["convert"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("`copy` is not a policy"), "{}", ran.stderr);
    assert!(ran.stderr.contains("compose.yaml:4:30"), "{}", ran.stderr);
    let ran = Place::with(&compose("", "./x:/x")).run(&["convert", "--bind", "copy"]);
    assert_eq!(ran.code, Some(2));
}

#[test]
fn pods_are_replaced_when_a_file_changes_and_not_when_the_project_moves() {
    let compose = "services: {a: {image: x, volumes: [./conf:/conf:ro]}}\nname: same\n";
    let converted = |content: &str| {
        let place = Place::with(compose);
        place.file("conf/a", content);
        place.run(&["convert"]).stdout
    };
    assert_eq!(converted("1"), converted("1"));
    let hash = |text: &str| {
        let line = text.lines().find(|line| line.contains("config-hash"));
        line.unwrap().to_owned()
    };
    assert_ne!(hash(&converted("1")), hash(&converted("2")));
}

#[test]
fn a_large_directory_is_in_several_config_maps() {
    let place = Place::with(
        "services: {a: {image: x, labels: {longshore.bind: configmap}, volumes: [./big:/big:ro]}}",
    );
    for name in ["a", "b", "c"] {
        place.file(&format!("big/{name}"), &name.repeat(600 << 10));
    }
    let ran = place.run(&["convert"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout.matches("kind: ConfigMap\n").count(), 3);
    assert!(ran.stdout.contains("projected:\n"), "several as one");
    assert!(ran.stderr.contains("--server-side"), "{}", ran.stderr);
}

#[test]
fn volumes_come_from_other_services() {
    check(
        "volumes_from: [b:ro]",
        "  b: {image: x, container_name: box, volumes: [data:/d, /cache]}\nvolumes: {data: }",
        &["- name: data\n          mountPath: /d\n          readOnly: true\n"],
        &["several pods use the volume", "not that of `b`"],
    );
    check(
        "volumes_from: [\"container:box\", \"container:other\"]",
        "  b: {image: x, container_name: box, volumes: [data:/d]}\nvolumes: {data: }",
        &["claimName: data"],
        &["`container:other` is not a container of the project"],
    );
}

/// `:z` of a named volume was told as an attribute `bind`, which nobody had written, that means nothing.
#[test]
fn a_named_volume_may_ask_for_a_label() {
    let file = "services:\n  a:\n    image: x\n    volumes: ['data:/d:z', 'data:/e:Z,ro']\nvolumes:\n  data: {}\n";
    let ran = Place::with(file).run(&["convert", "--volume-size", "2Gi"]);
    assert!(ran.stdout.contains("claimName: data"), "{}", ran.stdout);
    assert!(!ran.stderr.contains("bind"), "{}", ran.stderr);
}

/// Postgres on a claim ended with `directory exists but is not empty` on the block storage of most clouds, and nothing
/// had said so.
#[test]
fn a_data_directory_of_postgresql_is_not_the_root_of_a_claim() {
    for (attributes, expected) in [
        ("volumes: ['data:/var/lib/postgresql/data']", true),
        ("volumes: ['data:/pg']\n    environment: {PGDATA: /pg}", true),
        ("volumes: ['data:/pg']\n    environment: {PGDATA: /pg/data}", false),
        (
            "volumes: ['data:/var/lib/postgresql/data']\n    environment: {PGDATA: /var/lib/postgresql/data/pgdata}",
            false,
        ),
        (
            "volumes: ['data:/var/lib/postgresql/data']\n    labels: {longshore.volume.subpath: pg}",
            false,
        ),
        ("volumes: ['data:/var/lib/postgresql']", false),
    ] {
        let file =
            format!("services:\n  a:\n    image: x\n    {attributes}\nvolumes: {{data: {{}}}}\n");
        let ran = Place::with(&file).run(&["convert"]);
        assert_eq!(ran.stderr.contains("lost+found"), expected, "{attributes}: {}", ran.stderr);
    }
}
