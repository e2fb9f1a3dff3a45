//! Compose projects on a real engine, as their users run them: `up`, a request, `down`.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::{Duration, Instant};

use super::cluster::{Cluster, shared};
use super::image::BUSYBOX;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// Published ports of the tests: below those that systems give to clients.
static PORTS: AtomicU16 = AtomicU16::new(18_100);

/// A project in a directory of its own.
struct Project {
    cluster: Arc<Cluster>,
    directory: tempfile::TempDir,
    name: &'static str,
    port: u16,
}

impl Project {
    /// A project of this name; `PORT` in the text stands for a port of its own, `IMAGE` for the image.
    async fn new(name: &'static str, compose: &str) -> Option<Self> {
        let cluster = shared().await?;
        let port = PORTS.fetch_add(1, Ordering::Relaxed);
        let project = Self { cluster, directory: tempfile::tempdir().unwrap(), name, port };
        project.write(compose);
        Some(project)
    }

    fn write(&self, compose: &str) {
        let text = compose.replace("PORT", &self.port.to_string()).replace("IMAGE", BUSYBOX);
        std::fs::write(self.file(), format!("name: {}\n{text}", self.name)).unwrap();
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("compose.yaml")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let file = self.file();
        let all: Vec<&str> =
            ["-f", file.to_str().unwrap()].iter().chain(arguments).copied().collect();
        self.cluster.longshore(&all)
    }

    fn succeed(&self, arguments: &[&str]) -> String {
        let file = self.file();
        let all: Vec<&str> =
            ["-f", file.to_str().unwrap()].iter().chain(arguments).copied().collect();
        self.cluster.succeed(&all)
    }

    /// What the published port answers, as soon as it answers.
    fn answer(&self, path: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            match get(self.port, path) {
                Ok(answer) if answer.starts_with("HTTP/1.1 200") => {
                    return answer.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned();
                }
                other => assert!(Instant::now() < end, "{}: {other:?}", self.name),
            }
            std::thread::yield_now();
        }
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        self.run(&["down", "-v", "--timeout", "30s"]);
    }
}

fn get(port: u16, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

const SERVER: &str = "\
services:
  web:
    image: IMAGE
    command: [sh, -c, 'echo TEXT > /www/index.html; httpd -p 80 -h /www; trap \"exit 0\" TERM; while true; do sleep 0.05; done']
    ports: ['PORT:80']
    healthcheck: {test: [CMD, wget, -qO-, 'http://127.0.0.1/'], interval: 1s}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_served_on_the_published_port() {
    let Some(project) = Project::new("page", &SERVER.replace("TEXT", "hello")).await else {
        return;
    };
    project.succeed(&["up", "-d"]);
    assert_eq!(project.answer("/"), "hello\n");
    assert!(project.succeed(&["logs", "web"]).is_empty());
    assert_eq!(project.succeed(&["exec", "-T", "web", "cat", "/www/index.html"]), "hello\n");
    project.succeed(&["down"]);
    assert!(get(project.port, "/").is_err(), "nothing listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn services_find_each_other_by_name_and_alias() {
    let compose = "\
services:
  db:
    image: IMAGE
    command: [sh, -c, 'echo data > /www/index.html; exec httpd -f -p 80 -h /www']
    expose: ['80']
    stop_grace_period: 0s
    networks: {default: {aliases: [store]}}
    healthcheck: {test: [CMD, wget, -qO-, 'http://127.0.0.1/'], interval: 1s}
  task:
    image: IMAGE
    restart: 'no'
    depends_on: {db: {condition: service_healthy}}
    command: [sh, -c, 'wget -qO- http://db/ && wget -qO- http://store/ && wget -qO- http://db.names.svc.cluster.local/']
";
    let Some(project) = Project::new("names", compose).await else { return };
    project.succeed(&["up", "-d"]);
    let logs = project.succeed(&["logs", "--no-log-prefix", "task"]);
    assert_eq!(logs, "data\ndata\ndata\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_survives_down_and_goes_with_its_volumes() {
    let compose = "\
services:
  task:
    image: IMAGE
    restart: 'no'
    command: [sh, -c, 'echo more >> /data/log; wc -l < /data/log']
    volumes: ['data:/data']
volumes: {data: {}}
";
    let Some(project) = Project::new("data", compose).await else { return };
    for (before, expected) in
        [(&[][..], "1\n"), (&["down"][..], "2\n"), (&["down", "-v"][..], "1\n")]
    {
        if !before.is_empty() {
            project.succeed(before);
        }
        project.succeed(&["up", "-d"]);
        assert_eq!(project.succeed(&["logs", "--no-log-prefix", "task"]), expected, "{before:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_update_loses_no_request() {
    let first = SERVER.replace("TEXT", "old");
    let Some(project) = Project::new("rolling", &first).await else { return };
    project.succeed(&["up", "-d"]);
    assert_eq!(project.answer("/"), "old\n");
    let done = Arc::new(AtomicBool::new(false));
    let (port, stop) = (project.port, Arc::clone(&done));
    let asking = std::thread::spawn(move || {
        let (mut asked, mut lost) = (0, Vec::new());
        while !stop.load(Ordering::Relaxed) {
            let begin = Instant::now();
            match get(port, "/") {
                Ok(answer) if answer.starts_with("HTTP/1.1 200") => asked += 1,
                other => lost.push(other),
            }
            // A steady rate, however fast the answer comes.
            std::thread::park_timeout(Duration::from_millis(20).saturating_sub(begin.elapsed()));
        }
        (asked, lost)
    });
    project.write(&SERVER.replace("TEXT", "new"));
    project.succeed(&["up", "-d"]);
    while project.answer("/") != "new\n" {
        std::thread::yield_now();
    }
    done.store(true, Ordering::Relaxed);
    let (asked, lost) = asking.join().unwrap();
    assert!(lost.is_empty() && asked > 0, "{asked} answered, lost: {lost:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_port_that_is_taken_is_told() {
    let Some(project) = Project::new("taken", &SERVER.replace("TEXT", "x")).await else { return };
    let _holder = TcpListener::bind(("127.0.0.1", project.port)).unwrap();
    let output = project.run(&["up", "-d"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    let problem = format!("127.0.0.1:{} (TCP) is in use by engine", project.port);
    assert!(said.contains(&problem), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_missing_fails_with_its_reason() {
    let compose = "services:\n  web:\n    image: 127.0.0.1:1/missing:1\n";
    let Some(project) = Project::new("missing", compose).await else { return };
    let output = project.run(&["up", "-d", "--wait-timeout", "20s"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("127.0.0.1:1/missing:1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_config_is_seen() {
    let compose = |text: &str| {
        format!(
            "services:\n  web:\n    image: IMAGE\n    command: [httpd, -f, -p, '80', -h, /site]\n    \
             ports: ['PORT:80']\n    stop_grace_period: 0s\n    configs: [{{source: page, target: /site/index.html}}]\n\
             configs: {{page: {{content: '{text}'}}}}\n"
        )
    };
    let Some(project) = Project::new("config", &compose("before")).await else { return };
    project.succeed(&["up", "-d"]);
    assert_eq!(project.answer("/").trim(), "before");
    project.write(&compose("after"));
    project.succeed(&["up", "-d"]);
    let end = Instant::now() + PATIENCE;
    while project.answer("/").trim() != "after" {
        assert!(Instant::now() < end);
        std::thread::yield_now();
    }
}
