//! The README's promises: its console examples give what it shows, its commands are the ones CI runs.
//!
//! In a `console` block, a line that starts with `$ ` is a command; the lines below it are its whole
//! standard output. `…` stands for any text, on a line of its own for any lines.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail, and say what they skip"
)]

#[path = "e2e/copy.rs"]
mod copy;

use std::path::Path;
use std::process::Command;

use copy::copy;

#[test]
fn console_examples_give_what_the_readme_shows() {
    let place = Place::new();
    let mut checked = 0;
    for example in examples(&readme()) {
        let actual = place.run(&example.command);
        assert!(
            matches(&example.output, &actual),
            "$ {}\nshown in the README:\n{}\nprinted:\n{actual}",
            example.command,
            example.output,
        );
        checked += 1;
    }
    assert!(checked > 3, "the README has examples");
}

#[test]
fn ci_runs_the_test_command_of_the_readme() {
    let readme = readme();
    let set_up: Vec<&str> = readme
        .split("```sh\n")
        .nth(1)
        .and_then(|block| block.split("```").next())
        .expect("the README has a block with the set-up commands")
        .lines()
        .filter(|line| !line.is_empty())
        .collect();
    let [main_job, tests] = set_up[..] else { panic!("exactly two set-up commands: {set_up:?}") };
    assert!(main_job.starts_with("cargo run"), "{main_job}");
    let ci = std::fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(
        ci.lines().any(|line| line.split(" --locked").collect::<String>() == tests),
        "`.ci/run` does not call `{tests}`"
    );
}

#[test]
fn a_wildcard_stands_for_any_text() {
    assert!(matches("a … c\n", "a b c\n"));
    assert!(matches("a\n…\nd\n", "a\nb\nc\nd\n"));
    assert!(!matches("a\n", "a\nb\n"));
    assert!(!matches("a … c\n", "a b d\n"));
}

struct Example {
    command: String,
    output: String,
}

fn examples(readme: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap_or("");
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                examples.push(Example { command: command.to_owned(), output: String::new() });
            } else if let Some(example) = examples.last_mut() {
                example.output.push_str(line);
                example.output.push('\n');
            }
        }
    }
    examples
}

fn matches(expected: &str, actual: &str) -> bool {
    let expected: Vec<&str> = expected.lines().collect();
    let actual: Vec<&str> = actual.lines().map(str::trim_end).collect();
    lines_match(&expected, &actual)
}

fn lines_match(expected: &[&str], actual: &[&str]) -> bool {
    match expected.split_first() {
        None => actual.is_empty(),
        Some((&"…", rest)) => (0..=actual.len()).any(|skip| lines_match(rest, &actual[skip..])),
        Some((line, rest)) => actual.split_first().is_some_and(|(first, others)| {
            line_matches(line.trim_end(), first) && lines_match(rest, others)
        }),
    }
}

fn line_matches(expected: &str, actual: &str) -> bool {
    let mut parts = expected.split('…');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = actual.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        let Some(index) = rest.find(part) else { return false };
        rest = &rest[index + part.len()..];
        last = Some(part);
    }
    match last {
        None => rest.is_empty(),
        Some("") => true,
        Some(part) => rest.is_empty() || actual.ends_with(part),
    }
}

/// A copy of the samples, an own data directory, and the binary on the `PATH`.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        copy(&root().join("samples"), &directory.path().join("samples"));
        Self { directory }
    }

    fn run(&self, command: &str) -> String {
        let binary = Path::new(env!("CARGO_BIN_EXE_longshore")).parent().unwrap();
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(self.directory.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.directory.path())
            .env("LONGSHORE_RUNTIME", "simulated")
            .env("LONGSHORE_DATA_DIR", self.directory.path().join("data"))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "$ {command}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.run("longshore cluster stop >/dev/null");
    }
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
