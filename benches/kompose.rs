//! `convert` beside kompose: time and peak memory of the whole process, for 1 to 1,000 services.
//!
//! The programs take turns, so that what else the machine does meets both alike.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot go on has nothing better to do than to stop"
)]

#[path = "generated.rs"]
mod generated;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

use generated::generated;

/// How many services, and how often each program converts them.
const ROUNDS: [(u32, usize); 4] = [(1, 31), (10, 31), (100, 21), (1_000, 11)];
/// In a process of its own, which has no other children: what one run takes.
const ONE_RUN: &str = "one-run";

/// A program with its arguments.
struct Program {
    name: &'static str,
    path: PathBuf,
    arguments: &'static [&'static str],
}

/// What a run takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    time: Duration,
    /// In KiB.
    memory: i64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, program, rest @ ..] = arguments.as_slice()
        && first == ONE_RUN
    {
        return one_run(program, rest);
    }
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    let programs = programs();
    println!("| services | program | time | per service | peak memory |\n|---|---|---|---|---|");
    for (services, rounds) in ROUNDS {
        let directory = generated(services as usize);
        let mut runs = vec![Vec::new(); programs.len()];
        for _ in 0..rounds {
            for (program, runs) in programs.iter().zip(&mut runs) {
                runs.push(measure(program, directory.path()));
            }
        }
        for (program, mut runs) in programs.iter().zip(runs) {
            runs.sort();
            let Run { time, memory } = runs[runs.len() / 2];
            println!(
                "| {services} | {} | {:.1} ms | {:.2} ms | {} MiB |",
                program.name,
                milliseconds(time),
                milliseconds(time / services),
                memory / 1024,
            );
        }
    }
}

fn programs() -> Vec<Program> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin/kompose");
    let kompose = if built.is_file() { built } else { PathBuf::from("kompose") };
    let longshore = PathBuf::from(env!("CARGO_BIN_EXE_longshore"));
    let is_there = Command::new(&kompose).arg("version").output().is_ok();
    let mut programs = vec![
        Program { name: "longshore", path: longshore.clone(), arguments: &["convert"] },
        Program {
            name: "longshore --compat kompose",
            path: longshore,
            arguments: &["convert", "--compat", "kompose"],
        },
    ];
    if is_there {
        let arguments: &[&str] = &["convert", "--stdout"];
        programs.push(Program { name: "kompose", path: kompose, arguments });
    } else {
        println!("skipped: needs kompose, which `.ci/tools` builds");
    }
    programs
}

/// Lets a process of its own run the program, and reads what it says.
fn measure(program: &Program, directory: &Path) -> Run {
    let output = Command::new(std::env::current_exe().unwrap())
        .arg(ONE_RUN)
        .arg(&program.path)
        .args(program.arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let (time, memory) = said.trim().split_once(' ').unwrap();
    let time = Duration::from_micros(time.parse().unwrap());
    Run { time, memory: memory.parse().unwrap() }
}

fn one_run(program: &str, arguments: &[String]) {
    let mut command = Command::new(program);
    let command = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().unwrap();
    let time = start.elapsed();
    assert!(status.success(), "{command:?}");
    let memory = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    println!("{} {memory}", time.as_micros());
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
