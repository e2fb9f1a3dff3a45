use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use futures_util::FutureExt;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::runtime::wait::await_condition;
use longshore::control_plane::DataDirectory;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::machine::Machine;

/// So long something may take to come: far more than it needs, so that only a failure waits for it.
const PATIENCE: Duration = Duration::from_mins(1);
const WEB: &str = "/bin/busybox --install -s /bin; echo started; echo oops >&2; mkdir -p /srv; \
                   cd /srv; echo hi > index.html; exec httpd -f -p 8080";
const ECHO: &str = "while read line; do echo got $line; done";

#[tokio::test(flavor = "multi_thread")]
async fn commands_files_ports_and_logs_of_real_containers() {
    let Some(machine) = Machine::find("streams").await else { return };
    if Command::new("kubectl").args(["version", "--client"]).output().await.is_err() {
        println!("skipped: needs kubectl");
        return machine.clean().await;
    }
    let directory = tempfile::tempdir().unwrap();
    let data = DataDirectory::resolve(Some(&directory.path().join("data"))).unwrap();
    // What a test leaves behind is somebody else's obstacle.
    let result = AssertUnwindSafe(scenario(&machine, &data)).catch_unwind().await;
    let (said, code) = run(cluster(&data, "reset -y"), "").await;
    machine.clean().await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
    assert_eq!(code, 0, "{said}");
}

async fn scenario(machine: &Machine, data: &DataDirectory) {
    // The real program: it is what pods have their network from.
    let (said, code) = run(cluster(data, "start"), "").await;
    assert_eq!(code, 0, "{said}");
    let pods = pods(data).await;
    pods.create(&PostParams::default(), &pod(&machine.busybox)).await.unwrap();
    let ready = await_condition(pods.clone(), "web", |pod: Option<&Pod>| {
        let statuses = pod.and_then(|pod| pod.status.as_ref()?.container_statuses.as_ref());
        let up = |name: &str, restarts| {
            statuses.into_iter().flatten().any(|status| {
                status.name == name
                    && status.restart_count >= restarts
                    && (status.ready || restarts > 0)
            })
        };
        up("web", 0) && up("echo", 0) && up("crash", 1)
    });
    if tokio::time::timeout(PATIENCE, ready).await.is_err() {
        let status = pods.get("web").await.unwrap().status;
        panic!("the pod does not run: {}", serde_json::to_string_pretty(&status).unwrap());
    }

    commands(data).await;
    files(data).await;
    ports(data).await;
    logs(data).await;

    let mut follow = kubectl(data, "logs -f web -c echo").spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("got hello"));
    let now = DeleteParams::default().grace_period(0);
    pods.delete("web", &now).await.unwrap();
    assert_eq!(lines.next_line().await.unwrap(), None, "logs end with their container");
}

async fn commands(data: &DataDirectory) {
    let failed = ("out\n".to_owned(), 7);
    let script = "sh -c 'echo out; echo err >&2; exit 7'";
    assert_eq!(run(kubectl(data, &format!("exec web -- {script}")), "").await, failed);
    assert_eq!(run(longshore(data, &format!("exec web {script}")), "").await, failed);
    let large = "0123456789abcde\n".repeat(1 << 16);
    for command in [kubectl(data, "exec -i web -- cat"), longshore(data, "exec -T web cat")] {
        let (out, code) = run(command, &large).await;
        assert!(out == large && code == 0, "{} bytes, {code}", out.len());
    }
    // Without an end: the container's own process reads on.
    let mut attach = kubectl(data, "attach -i web -c echo").stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = attach.stdin.take().unwrap();
    stdin.write_all(b"hello\n").await.unwrap();
    let mut lines = BufReader::new(attach.stdout.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("got hello"));
    if Command::new("script").arg("--version").output().await.is_err() {
        return println!("skipped: needs script");
    }
    let inner = kubectl(data, "exec -it web -- sh -c 'test -t 0 && stty size'");
    let words = std::iter::once(inner.as_std().get_program()).chain(inner.as_std().get_args());
    let line = shell_words::join(words.map(|word| word.to_str().unwrap()));
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &format!("stty rows 33 cols 99; {line}"), "/dev/null"]);
    terminal.stdin(Stdio::null()).stdout(Stdio::piped()).env("HOME", data.root());
    let (_, code) = run(terminal, "").await;
    assert_eq!(code, 0, "the command has a terminal");
}

async fn files(data: &DataDirectory) {
    let path = |name: &str| data.root().with_file_name(name).display().to_string();
    let content = "0123456789abcdef".repeat(1 << 16);
    std::fs::write(path("a"), &content).unwrap();
    for (there, copy) in [
        ("/srv/by-kubectl", kubectl as fn(&DataDirectory, &str) -> Command),
        ("/srv/by-longshore", longshore),
    ] {
        for (from, to) in [(path("a"), format!("web:{there}")), (format!("web:{there}"), path("b"))]
        {
            let mut command = copy(data, &format!("cp {from} {to}"));
            command.stderr(Stdio::inherit());
            assert_eq!(run(command, "").await.1, 0, "{from} {to}");
        }
        let copied = std::fs::read_to_string(path("b")).unwrap();
        assert!(copied == content, "{there}: {} bytes", copied.len());
        std::fs::remove_file(path("b")).unwrap();
    }
}

async fn ports(data: &DataDirectory) {
    let mut by_kubectl = kubectl(data, "port-forward web :8080").spawn().unwrap();
    let mut by_longshore = longshore(data, "port-forward web :8080").spawn().unwrap();
    let mut lines = BufReader::new(by_kubectl.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    let mut lines = BufReader::new(by_longshore.stderr.take().unwrap()).lines();
    let second = lines.next_line().await.unwrap().unwrap();
    for line in [first, second] {
        let (_, port) = line.split_once("127.0.0.1:").unwrap();
        let port: u16 = port.split(' ').next().unwrap().parse().unwrap();
        for _ in 0..3 {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.ends_with("\r\n\r\nhi\n"), "{line}: {answer}");
        }
    }
}

async fn logs(data: &DataDirectory) {
    let shown = async |command: Command| {
        let (out, code) = run(command, "").await;
        assert_eq!(code, 0, "{out}");
        let mut lines: Vec<String> = out.lines().map(str::to_owned).collect();
        // The engine does not promise the order of two streams.
        lines.sort();
        lines
    };
    assert_eq!(shown(kubectl(data, "logs web")).await, ["oops", "started"]);
    assert_eq!(shown(kubectl(data, "logs web --tail=1")).await.len(), 1);
    assert_eq!(shown(kubectl(data, "logs web -c crash --previous")).await, ["crashed"]);
    assert_eq!(shown(longshore(data, "logs web")).await, ["web-1 | oops", "web-1 | started"]);
    let all = shown(kubectl(data, "logs web --all-containers --since=1h --timestamps")).await;
    let texts: Vec<&str> = all.iter().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
    for text in ["started", "oops", "crashed", "got hello"] {
        assert!(texts.contains(&text), "{all:?}");
    }
}

fn pod(image: &str) -> Pod {
    let container = |name: &str, script: &str, stdin| {
        json!({
            "name": name, "image": image, "imagePullPolicy": "Never", "stdin": stdin,
            "command": ["/bin/busybox", "sh", "-c", script],
        })
    };
    serde_json::from_value(json!({
        "metadata": {
            "name": "web",
            "annotations": {"kubectl.kubernetes.io/default-container": "web"},
            "labels": {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "shop"},
        },
        "spec": {"containers": [
            container("web", WEB, false),
            container("echo", ECHO, true),
            container("crash", "echo crashed; exit 1", false),
        ]},
    }))
    .unwrap()
}

async fn pods(data: &DataDirectory) -> kube::Api<Pod> {
    let config = Kubeconfig::read_from(data.kubeconfig()).unwrap();
    let options = KubeConfigOptions::default();
    let config = kube::Config::from_custom_kubeconfig(config, &options).await.unwrap();
    kube::Api::namespaced(kube::Client::try_from(config).unwrap(), "default")
}

/// `longshore cluster ARGUMENTS`, of a cluster whose pods are containers.
fn cluster(data: &DataDirectory, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_longshore"));
    command.arg("cluster").args(arguments.split(' '));
    command.env("LONGSHORE_DATA_DIR", data.root()).env("LONGSHORE_RUNTIME", "docker");
    command.env_remove("KUBECONFIG").stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

fn kubectl(data: &DataDirectory, arguments: &str) -> Command {
    program("kubectl", data, arguments)
}

fn longshore(data: &DataDirectory, arguments: &str) -> Command {
    program(env!("CARGO_BIN_EXE_longshore"), data, arguments)
}

fn program(program: impl AsRef<Path>, data: &DataDirectory, arguments: &str) -> Command {
    let program = program.as_ref();
    let mut command = Command::new(program);
    command.arg("--kubeconfig").arg(data.kubeconfig());
    if program != Path::new("kubectl") {
        command.args(["-p", "shop", "-n", "default"]);
    }
    command.args(shell_words::split(arguments).unwrap()).kill_on_drop(true);
    command.env("HOME", data.root()).env_remove("KUBECONFIG");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a command writes, and its exit code.
async fn run(mut command: Command, input: &str) -> (String, i32) {
    command.stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feed = async {
        // One that does not read ends first.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
    };
    let ((), output) = tokio::join!(feed, child.wait_with_output());
    let output = output.unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}
