//! By the commands of longshore.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::command::{program, run};
use super::served::{Served, echo};

fn longshore(served: &Served, arguments: &str) -> Command {
    let mut command = program(served, env!("CARGO_BIN_EXE_longshore"));
    command.args(["-p", "shop", "-n", "default"]).args(shell_words::split(arguments).unwrap());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_run() {
    let served = Served::start().await;
    let check = async |arguments: &str, input: &str, expected: (&str, &str, i32)| {
        let (out, error, code) = run(longshore(&served, arguments), input).await;
        assert_eq!((out.as_str(), error.as_str(), code), expected, "{arguments}");
    };
    check("exec web sh -c 'echo out; echo err >&2; exit 7'", "", ("out\n", "err\n", 7)).await;
    check("exec -T web cat -", "hello\n", ("hello\n", "", 0)).await;
    let command = "exec -e A=1 -w /usr web sh -c 'echo $A $PWD'";
    check(command, "", ("1 /usr\n", "", 0)).await;
    check("attach web", "hello\n", ("attached\nhello\n", "", 0)).await;
    let unknown =
        "error: project `shop` has no service `wob` in the cluster\nhelp: it has: side, web\n";
    check("exec wob ls", "", ("", unknown, 2)).await;
    let waiting = "error: no container of service `side` is running\n\
                   help: `longshore ps` shows the state of the services\n";
    check("exec side ls", "", ("", waiting, 4)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_copied() {
    let served = Served::start().await;
    let path = |name: &str| served.directory.path().join(name).display().to_string();
    let content = "0123456789abcdef".repeat(1 << 17);
    std::fs::create_dir(path("tree")).unwrap();
    std::fs::write(path("tree/a"), &content).unwrap();
    let copied = async |from: String, to: String| {
        let (out, error, code) = run(longshore(&served, &format!("cp {from} {to}")), "").await;
        assert_eq!((out.as_str(), error.as_str(), code), ("", "", 0), "{from} {to}");
    };
    copied(path("tree/a"), format!("web:{}", path("b"))).await;
    copied(format!("web:{}", path("b")), path("c")).await;
    assert!(std::fs::read_to_string(path("c")).unwrap() == content);
    std::fs::create_dir(path("there")).unwrap();
    copied(path("tree"), format!("web:{}", path("there"))).await;
    copied(format!("web:{}/", path("there/tree")), path("back")).await;
    assert!(std::fs::read_to_string(path("back/a")).unwrap() == content);
    let (_, error, code) =
        run(longshore(&served, &format!("cp web:/no/such {}", path("x"))), "").await;
    assert!(error.starts_with("error: cannot copy in `web-1`: tar: /no: "), "{error}");
    assert_eq!(code, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn ports_are_forwarded() {
    let served = Served::start().await;
    let port = echo().await;
    let mut child = longshore(&served, &format!("port-forward web :{port} :1")).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut local = Vec::new();
    for remote in [port, 1] {
        let line = lines.next_line().await.unwrap().expect("it says where it listens");
        let address = line.strip_suffix(&format!(" -> web:{remote}")).unwrap();
        local.push(address.strip_prefix("127.0.0.1:").unwrap().parse::<u16>().unwrap());
    }
    let large = "0123456789abcdef".repeat(1 << 17).into_bytes();
    let (mut read, mut write) =
        TcpStream::connect(("127.0.0.1", local[0])).await.unwrap().into_split();
    let mut heard = vec![0; large.len()];
    let (sent, all) = tokio::join!(write.write_all(&large), read.read_exact(&mut heard));
    sent.unwrap();
    all.unwrap();
    assert!(heard == large.to_ascii_uppercase());
    let mut refused = TcpStream::connect(("127.0.0.1", local[1])).await.unwrap();
    assert_eq!(refused.read(&mut [0]).await.unwrap_or(0), 0);
    let told = lines.next_line().await.unwrap().unwrap();
    assert!(told.starts_with("web:1: error forwarding port 1 to pod web"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_shown() {
    let served = Served::start().await;
    let check = async |arguments: &str, expected: &str| {
        let (out, error, code) = run(longshore(&served, arguments), "").await;
        assert_eq!((out.as_str(), error.as_str(), code), (expected, "", 0), "{arguments}");
    };
    check("logs", "web-1 | one\nweb-1 | two\n").await;
    check("logs --no-log-prefix web", "one\ntwo\n").await;
    let dated =
        "web-1 | 2026-01-01T00:00:01.000000000Z one\nweb-1 | 2026-01-01T00:00:02.000000000Z two\n";
    check("logs -t --tail 5 --since 1h --previous", dated).await;
    let (id, options) = served.runtime.asked.lock().unwrap().last().unwrap().clone();
    assert_eq!((id.as_str(), options.tail), ("here://before", Some(5)));
    assert!(options.since.is_some());
    let mut child = longshore(&served, "logs -f web").spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for (line, last) in [("one", false), ("two", true), ("three", false)] {
        let shown = lines.next_line().await.unwrap();
        assert_eq!(shown, Some(format!("web-1 | {line}")));
        if last {
            served.runtime.last_line.notify_one();
        }
    }
}
