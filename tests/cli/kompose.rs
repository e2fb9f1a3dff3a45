//! Scripts that call `kompose convert`, with `longshore` in its place.

use super::place::Place;

const COMPOSE: &str = "services:
  web:
    image: nginx:1.29
    ports: [\"8080:80\"]
    volumes: [\"data:/data\"]
volumes:
  data:
";

/// What `convert` prints with these options.
fn converted(options: &[&str]) -> String {
    let mut arguments = vec!["convert"];
    arguments.extend(options);
    let ran = Place::with(COMPOSE).run(&arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.stdout
}

#[test]
fn its_spelling_means_the_same() {
    for (kompose, own) in [
        (&["--stdout"] as &[&str], &["-o", "-"] as &[&str]),
        (&["-j"], &["--format", "json"]),
        (&["-y", "--out", "-"], &["--format", "yaml"]),
        (&["--pvc-request-size", "5Gi"], &["--volume-size", "5Gi"]),
        (&["--generate-network-policies"], &["--network-policies"]),
        (&["--provider", "kubernetes", "--build", "none"], &[]),
        (&["--secrets-as-files", "--with-kompose-annotation=false", "--indent", "2"], &[]),
        (&["--volumes", "persistentVolumeClaim", "--controller", "deployment"], &[]),
        (&["-d", "--verbose", "--suppress-warnings"], &[]),
        (&["--daemon-set"], &["--controller", "daemonset"]),
        (&["--emptyvols"], &["--volumes", "emptyDir"]),
    ] {
        assert_eq!(converted(kompose), converted(own), "{kompose:?}");
    }
}

#[test]
fn replicas_kinds_and_volumes_of_all_services() {
    assert!(converted(&["--replicas", "3"]).contains("\n  replicas: 3\n"));
    assert!(converted(&["--controller", "daemonSet"]).contains("\nkind: DaemonSet\n"));
    let set = converted(&["--controller", "statefulset"]);
    assert!(set.contains("\nkind: StatefulSet\n"), "{set}");
    assert!(set.contains("\n  volumeClaimTemplates:\n"), "{set}");
    assert!(!set.contains("\nkind: PersistentVolumeClaim\n"), "{set}");
    let empty = converted(&["--volumes", "emptyDir"]);
    assert!(empty.contains("emptyDir: {}"), "{empty}");
    assert!(!empty.contains("persistentVolumeClaim"), "{empty}");
}

#[test]
fn several_files_in_one_option() {
    let place = Place::with(COMPOSE);
    place.file("more.yaml", "services:\n  web: { image: nginx:2 }\n");
    let apart = place.run(&["-f", "compose.yaml", "-f", "more.yaml", "convert"]);
    assert_eq!(apart.code, Some(0), "{}", apart.stderr);
    let ran = place.run(&["convert", "-f", "compose.yaml,more.yaml"]);
    assert_eq!((ran.code, &ran.stdout), (Some(0), &apart.stdout));
    let ran = place.run_with(&[("COMPOSE_FILE", "compose.yaml more.yaml")], &["convert"]);
    assert_eq!((ran.code, &ran.stdout), (Some(0), &apart.stdout));
    let ran = place.run(&["convert", "-f", "compose.yaml,other.yaml"]);
    assert_eq!(ran.code, Some(2));
    place.file("a,b.yaml", COMPOSE);
    assert_eq!(place.run(&["convert", "-f", "a,b.yaml"]).code, Some(0));
}

#[test]
fn a_chart_in_a_directory() {
    let place = Place::with(COMPOSE);
    let ran = place.run(&["convert", "-c", "-o", "chart/"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(place.files("chart").contains(&"Chart.yaml".to_owned()));
}

#[test]
fn what_it_cannot_take_over_is_refused_before_anything_is_written() {
    for (options, expected) in [
        (
            &["--provider", "OpenShift"] as &[&str],
            "error: `--provider openshift`: longshore writes no Routes, ImageStreams and DeploymentConfigs\n",
        ),
        (&["--build", "local"], "error: `convert` builds and pushes no images\n"),
        (&["--push-image"], "error: `convert` builds and pushes no images\n"),
        (
            &["--build-command", "make", "--push-command", "make push"],
            "error: `convert` builds and pushes no images\n",
        ),
        (
            &["--push-image-registry", "registry.example"],
            "error: `--push-image-registry`: `convert` pushes no images\n",
        ),
        (
            &["--build-branch", "main"],
            "error: `--provider openshift`: longshore writes no Routes, ImageStreams and DeploymentConfigs\n",
        ),
        (
            &["--replication-controller"],
            "error: `--replication-controller`: Deployments have taken the place of ReplicationControllers\n",
        ),
        (&["--indent", "4"], "error: `--indent 4`: manifests are indented by two blanks\n"),
        (
            &["--no-interpolate"],
            "error: `--no-interpolate`: variables in ports and numbers make no manifest\n",
        ),
    ] {
        let place = Place::with(COMPOSE);
        let mut arguments = vec!["convert", "-o", "out/"];
        arguments.extend(options);
        let ran = place.run(&arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{options:?}");
        assert!(ran.stderr.starts_with(expected), "{}", ran.stderr);
        assert!(!place.path("out").exists());
    }
}

/// A controller that kompose does not know gave no workload at all, and exit code 0.
#[test]
fn a_misspelt_controller_is_told() {
    let ran = Place::with(COMPOSE).run(&["convert", "--controller", "replicationController"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains("possible values: deployment, daemonset, statefulset"));
}

#[test]
fn warnings_are_told_unless_that_is_not_wanted() {
    let place = Place::with("services:\n  web: { image: nginx, ulimits: { nofile: 1 } }\n");
    assert!(place.run(&["convert"]).stderr.contains("LS1305"));
    let ran = place.run(&["convert", "--suppress-warnings", "--diagnostics", "text,json=all.json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(place.read("all.json").contains("LS1305"));
    let wrong =
        Place::with("services:\n  web: { imag: nginx, image: nginx, ulimits: { nofile: 1 } }\n");
    let ran = wrong.run(&["convert", "--suppress-warnings"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("error[LS0202") && !ran.stderr.contains("LS1305"),
        "{}",
        ran.stderr
    );
}

/// `Never` stood in kompose's documentation; kompose handed it on, and the cluster refused it.
#[test]
fn runs_that_never_overlap_are_forbidden() {
    let place = Place::with(
        "services:
  report:
    image: report
    restart: \"no\"
    labels: { kompose.cronjob.schedule: \"0 6 * * *\", kompose.cronjob.concurrency_policy: Never }
",
    );
    let ran = place.run(&["convert"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("  concurrencyPolicy: Forbid\n"), "{}", ran.stdout);
}

#[test]
fn labels_say_what_volumes_become_and_which_part_is_mounted() {
    let compose = |labels: &str| {
        format!(
            "services:
  db:
    image: postgres:17
    volumes: [\"data:/data\", \"./files:/files\"]
    labels: {{ {labels} }}
volumes:
  data:
"
        )
    };
    let converted = |labels: &str| Place::with(&compose(labels)).run(&["convert"]);
    let part = converted("kompose.volume.subpath: part");
    assert_eq!(part.stdout.matches("          subPath: part\n").count(), 2, "{}", part.stdout);
    let empty = converted("kompose.volume.type: emptyDir").stdout;
    assert_eq!(empty.matches("emptyDir: {}").count(), 2, "{empty}");
    assert!(!empty.contains("PersistentVolumeClaim"), "{empty}");
    let path = converted("kompose.volume.type: hostPath").stdout;
    assert_eq!(path.matches("hostPath:").count(), 1, "{path}");
    assert_eq!(path.matches("claimName: data").count(), 1, "{path}");
    for (labels, message) in [
        ("kompose.volume.type: EmptyDir", "`EmptyDir` is not what volumes can become"),
        ("kompose.volume.subpath: ../etc", "`../etc` is not below the volume"),
    ] {
        let ran = converted(labels);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
    }
}

#[test]
fn volumes_have_the_class_and_the_selector_of_labels() {
    let place = Place::with(
        "services:
  db:
    image: postgres:17
    volumes: [\"data:/data\"]
    labels:
      kompose.volume.storage-class-name: fast
      kompose.volume.size: 2Gi
volumes:
  data:
    labels:
      kompose.volume.selector: db
",
    );
    let ran = place.run(&["convert"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let spec = "spec:
  accessModes:
  - ReadWriteOnce
  storageClassName: fast
  selector:
    matchLabels:
      io.kompose.service: db
  resources:
    requests:
      storage: 2Gi
";
    assert!(ran.stdout.contains(spec), "{}", ran.stdout);
}

#[test]
fn services_of_a_group_share_a_pod() {
    let place = Place::with(
        "services:
  web:
    image: nginx:1.29
    volumes: [\"data:/data\"]
    labels: { kompose.service.group: site }
  side:
    image: busybox:1.37
    command: sleep 1000
    volumes: [\"data:/data\"]
    labels: { kompose.service.group: site }
  other:
    image: busybox:1.37
volumes:
  data:
",
    );
    let kinds = |options: &[&str]| {
        let mut arguments = vec!["convert"];
        arguments.extend(options);
        let ran = place.run(&arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout.matches("\nkind: Deployment\n").count()
    };
    assert_eq!(kinds(&[]), 3);
    assert_eq!(kinds(&["--service-group-mode", "label"]), 2);
    assert_eq!(kinds(&["--service-group-mode", "volume"]), 2);
    assert_eq!(kinds(&["--multiple-container-mode"]), 2);
}

/// A StatefulSet with labels of an autoscaler got neither the autoscaler nor its replicas.
#[test]
fn what_is_not_scaled_keeps_its_replicas() {
    let place = Place::with(
        "services:
  db:
    image: postgres:17
    scale: 3
    labels: { kompose.controller.type: statefulset, kompose.hpa.replicas.max: '5' }
",
    );
    let ran = place.run(&["convert"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("\nkind: StatefulSet\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("\n  replicas: 3\n"), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("a StatefulSet has no number of pods that an autoscaler could change")
    );
}
