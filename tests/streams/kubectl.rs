//! By kubectl itself.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::command::{program, run};
use super::served::{Served, echo};

/// kubectl for a server; `None` where there is none.
async fn kubectl(served: &Served) -> Option<impl Fn(&str) -> Command + '_> {
    let version = Command::new("kubectl").args(["version", "--client"]).output().await;
    if !version.is_ok_and(|output| output.status.success()) {
        println!("skipped: needs kubectl");
        return None;
    }
    Some(move |arguments: &str| {
        let mut command = program(served, "kubectl");
        command.args(shell_words::split(arguments).unwrap());
        command
    })
}

/// The two ways in which kubectl streams: `WebSocket`, and SPDY as it did before them.
const WAYS: &[(&str, &str)] = &[("true", "true"), ("false", "false")];

fn by(mut command: Command, (commands, ports): (&str, &str)) -> Command {
    command.env("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", commands);
    command.env("KUBECTL_PORT_FORWARD_WEBSOCKETS", ports);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_run() {
    let served = Served::start().await;
    let Some(kubectl) = kubectl(&served).await else { return };
    for way in WAYS {
        let command = kubectl("exec web -- sh -c 'echo out; echo err >&2; exit 7'");
        let (out, error, code) = run(by(command, *way), "").await;
        assert_eq!((out.as_str(), code), ("out\n", 7), "{way:?}: {error}");
        assert_eq!(error, "err\ncommand terminated with exit code 7\n");
        let large = "0123456789abcdef".repeat(1 << 17);
        let (out, error, code) = run(by(kubectl("exec -i web -- cat"), *way), &large).await;
        assert_eq!((out.len(), code), (large.len(), 0), "{way:?}: {error}");
        assert!(out == large);
        let (out, error, code) = run(by(kubectl("attach -i web"), *way), "hello\n").await;
        assert_eq!((out.as_str(), code), ("attached\nhello\n", 0), "{way:?}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_copied() {
    let served = Served::start().await;
    let Some(kubectl) = kubectl(&served).await else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    let content = "0123456789abcdef".repeat(1 << 17);
    std::fs::write(path("a"), &content).unwrap();
    for way in WAYS {
        for (from, to) in
            [(path("a"), format!("web:{}", path("b"))), (format!("web:{}", path("b")), path("c"))]
        {
            let command = kubectl(&format!("cp {from} {to}"));
            let (_, error, code) = run(by(command, *way), "").await;
            assert_eq!(code, 0, "{way:?}: {error}");
        }
        assert!(std::fs::read_to_string(path("c")).unwrap() == content);
        std::fs::remove_file(path("b")).unwrap();
        std::fs::remove_file(path("c")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_is_used() {
    let served = Served::start().await;
    let Some(kubectl) = kubectl(&served).await else { return };
    if Command::new("script").arg("--version").output().await.is_err() {
        println!("skipped: needs script");
        return;
    }
    for way in WAYS {
        let inner = kubectl("exec -it web -- sed -u 's/^/heard: /'");
        let words = std::iter::once(inner.as_std().get_program()).chain(inner.as_std().get_args());
        let words: Vec<_> = words.map(|word| word.to_str().unwrap()).collect();
        let mut command = Command::new("script");
        let line = format!("stty rows 33 cols 99; {}", shell_words::join(words));
        command.args(["-qec", &line, "/dev/null"]).kill_on_drop(true);
        command.env("HOME", served.directory.path()).env_remove("KUBECONFIG");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = by(command, *way).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"hello\n").await.unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while !lines.next_line().await.unwrap().expect("sed answers").contains("heard: hello") {}
        let mut sizes = served.runtime.sizes.subscribe();
        sizes.wait_for(|sizes| sizes.contains(&(99, 33))).await.unwrap();
        served.runtime.sizes.send_modify(Vec::clear);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ports_are_forwarded() {
    let served = Served::start().await;
    let Some(kubectl) = kubectl(&served).await else { return };
    let port = echo().await;
    for way in WAYS {
        let mut child = by(kubectl(&format!("port-forward web :{port} :1")), *way).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut local = Vec::new();
        while local.len() < 2 {
            let line = lines.next_line().await.unwrap().expect("it says where it listens");
            let Some(at) = line.strip_prefix("Forwarding from 127.0.0.1:") else { continue };
            local.push(at.split(' ').next().unwrap().parse::<u16>().unwrap());
        }
        let large = "0123456789abcdef".repeat(1 << 17).into_bytes();
        let forwarded = async || {
            let (mut read, mut write) =
                TcpStream::connect(("127.0.0.1", local[0])).await.unwrap().into_split();
            let feed = async {
                write.write_all(&large).await.unwrap();
                write.shutdown().await.unwrap();
            };
            let mut heard = Vec::new();
            let ((), all) = tokio::join!(feed, read.read_to_end(&mut heard));
            all.unwrap();
            assert!(heard == large.to_ascii_uppercase(), "{way:?}: {} bytes", heard.len());
        };
        tokio::join!(forwarded(), forwarded(), forwarded());
        let mut refused = TcpStream::connect(("127.0.0.1", local[1])).await.unwrap();
        assert_eq!(refused.read(&mut [0]).await.unwrap_or(0), 0);
        let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut told = String::new();
        while !told.contains("error forwarding port 1 to pod") {
            told = errors.next_line().await.unwrap().expect("kubectl shows the error");
        }
        assert!(told.contains("cannot connect: connection refused"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_shown() {
    let served = Served::start().await;
    let Some(kubectl) = kubectl(&served).await else { return };
    let shown = async |arguments: &str| run(kubectl(arguments), "").await;
    let all = ("one\ntwo\n".to_owned(), String::new(), 0);
    assert_eq!(shown("logs web").await, all);
    assert_eq!(shown("logs web --previous --tail=5 --since=1h").await, all);
    let (id, options) = served.runtime.asked.lock().unwrap().last().unwrap().clone();
    assert_eq!((id.as_str(), options.tail), ("here://before", Some(5)));
    assert!(options.since.is_some());
    assert_eq!(shown("logs web --limit-bytes=5").await.0, "one\nt");
    let (_, error, code) = shown("logs web -c side").await;
    let waiting =
        "container \"side\" in pod \"web\" is waiting to start: trying and failing to pull image";
    assert_eq!((error, code), (format!("Error from server (BadRequest): {waiting}\n"), 1));
    let mut child = kubectl("logs -f web").spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("one"));
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("two"));
    served.runtime.last_line.notify_one();
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("three"));
    assert!(child.wait().await.unwrap().success());
}
