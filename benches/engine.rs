//! `up` and `down` beside Docker Compose on the same engine, and what the service network costs.
//!
//! The programs take turns, so that what else the machine does meets both alike. Needs a Docker Engine, a static
//! `/bin/busybox`, and `docker-compose` (or `docker compose`) for the comparison.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark that cannot go on has nothing better to do than to stop"
)]

#[path = "../tests/engine/image.rs"]
mod image;

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How many services, and how often each program brings them up and down.
const ROUNDS: [(usize, usize); 3] = [(1, 7), (5, 5), (30, 3)];
const REQUESTS: usize = 1_000;
const FILE: usize = 256 << 20;

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if !runtime.block_on(image::make()) {
        println!("skipped: needs a Docker Engine and a static /bin/busybox");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let longshore = Program {
        name: "longshore",
        command: vec![env!("CARGO_BIN_EXE_longshore").to_owned()],
        up: &["up", "-d"],
        data: data.clone(),
    };
    let begin = Instant::now();
    longshore.run(place.path(), &["cluster", "start"]);
    println!("cluster start, first on this engine: {:.2} s", begin.elapsed().as_secs_f64());
    longshore.run(place.path(), &["cluster", "stop"]);
    let begin = Instant::now();
    longshore.run(place.path(), &["cluster", "start"]);
    println!("cluster start, again: {:.2} s", begin.elapsed().as_secs_f64());
    up_and_down(place.path(), &longshore);
    service_network(place.path(), &longshore);
    longshore.run(place.path(), &["cluster", "reset", "--yes"]);
}

#[derive(Clone)]
struct Program {
    name: &'static str,
    command: Vec<String>,
    up: &'static [&'static str],
    data: PathBuf,
}

impl Program {
    fn run(&self, directory: &Path, arguments: &[&str]) {
        let output = Command::new(&self.command[0])
            .args(&self.command[1..])
            .args(arguments)
            .current_dir(directory)
            .env("LONGSHORE_DATA_DIR", &self.data)
            .env("LONGSHORE_RUNTIME", "docker")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {arguments:?}: {said}", self.name);
    }
}

fn compose(data: &Path) -> Option<Program> {
    let forms =
        [vec!["docker-compose".to_owned()], vec!["docker".to_owned(), "compose".to_owned()]];
    let command = forms.into_iter().find(|form| {
        let mut command = Command::new(&form[0]);
        // What only reads compose files has no `up`.
        let output = command.args(&form[1..]).args(["up", "--help"]).output();
        output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("--wait"))
    })?;
    let up = &["up", "-d", "--wait"];
    Some(Program { name: "docker compose", command, up, data: data.to_owned() })
}

fn up_and_down(place: &Path, longshore: &Program) {
    let mut programs = vec![longshore.clone()];
    match compose(&longshore.data) {
        Some(compose) => programs.push(compose),
        None => println!("skipped: needs Docker Compose"),
    }
    println!("| services | program | up | down |\n|---|---|---|---|");
    for (services, rounds) in ROUNDS {
        let directory = place.join(format!("app{services}"));
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("compose.yaml"), project(services)).unwrap();
        let mut times = vec![(Vec::new(), Vec::new()); programs.len()];
        for _ in 0..rounds {
            for (program, (ups, downs)) in programs.iter().zip(&mut times) {
                ups.push(timed(|| program.run(&directory, program.up)));
                downs.push(timed(|| program.run(&directory, &["down"])));
            }
        }
        for (program, (ups, downs)) in programs.iter().zip(times) {
            println!(
                "| {services} | {} | {:.2} s | {:.2} s |",
                program.name,
                median(ups),
                median(downs)
            );
        }
    }
}

/// Services that start at once, are healthy at once, and end when they are told to.
fn project(services: usize) -> String {
    let mut text = "services:\n".to_owned();
    for number in 0..services {
        let _ = write!(
            text,
            "  s{number}:\n    image: {}\n    command: [sh, -c, \"trap 'exit 0' TERM; while true; do sleep 0.05; done\"]\n",
            image::BUSYBOX
        );
    }
    text
}

fn service_network(place: &Path, longshore: &Program) {
    let directory = place.join("net");
    std::fs::create_dir_all(&directory).unwrap();
    let port = 18_473;
    let serve = format!(
        "head -c {FILE} /dev/zero > /www/file; echo ok > /www/index.html; exec httpd -f -p 80 -h /www"
    );
    let text = format!(
        "services:\n  web:\n    image: {}\n    command: [sh, -c, '{serve}']\n    ports: ['{port}:80']\n    \
         stop_grace_period: 0s\n    healthcheck: {{test: [CMD, test, -e, /www/index.html], interval: 1s}}\n",
        image::BUSYBOX
    );
    std::fs::write(directory.join("compose.yaml"), text).unwrap();
    longshore.run(&directory, longshore.up);
    let kubeconfig = longshore.data.join("kubeconfig");
    let output = Command::new("kubectl")
        .args([
            "get",
            "pods",
            "-n",
            "net",
            "-o",
            "jsonpath={.items[0].status.podIP}",
            "--kubeconfig",
        ])
        .arg(kubeconfig)
        .output()
        .unwrap();
    let direct = format!("{}:80", String::from_utf8(output.stdout).unwrap());
    let published = format!("127.0.0.1:{port}");
    println!("| path | latency p50 | p99 | throughput |\n|---|---|---|---|");
    for (name, address) in [("pod directly", direct), ("published port", published)] {
        let mut latencies: Vec<Duration> =
            (0..REQUESTS).map(|_| duration(|| assert!(get(&address, "/index.html") > 0))).collect();
        latencies.sort();
        let time = duration(|| assert!(get(&address, "/file") > FILE));
        println!(
            "| {name} | {:.2} ms | {:.2} ms | {:.0} MB/s |",
            latencies[REQUESTS / 2].as_secs_f64() * 1e3,
            latencies[REQUESTS * 99 / 100].as_secs_f64() * 1e3,
            FILE as f64 / 1e6 / time.as_secs_f64()
        );
    }
    longshore.run(&directory, &["down"]);
}

/// The size of an answer.
fn get(address: &str, path: &str) -> usize {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").unwrap();
    let (mut buffer, mut size) = (vec![0; 1 << 16], 0);
    loop {
        match stream.read(&mut buffer).unwrap() {
            0 => return size,
            read => size += read,
        }
    }
}

fn duration(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

fn timed(work: impl FnOnce()) -> f64 {
    duration(work).as_secs_f64()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
