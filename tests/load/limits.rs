//! Input made to hurt: refused, or loaded, with little memory.
//!
//! Each case runs in the real binary, which gets no more than `ADDRESS_SPACE`: it may take its time,
//! but to run out of memory, to crash or to wait for ever is a failure.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::process::{Command, Output, Stdio};

/// In KiB, as `ulimit -v` has it.
const ADDRESS_SPACE: u32 = 2 << 20;

/// A project directory for one run.
struct Project(tempfile::TempDir);

impl Project {
    fn new(compose: impl AsRef<[u8]>) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.write("compose.yaml", compose);
        project
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let script = format!("ulimit -v {ADDRESS_SPACE} && exec \"$0\" \"$@\"");
        let output = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_longshore"), "convert"])
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            .env("HOME", self.0.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code().is_some(), "killed: {said}");
        assert!(!said.contains("panicked"), "{said}");
        output
    }

    /// Refused as bad input, with these words.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], words: &str) {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        let shown: String = said.chars().take(2_000).collect();
        assert_eq!(output.status.code(), Some(2), "{shown}");
        assert!(said.contains(words), "{shown}");
        assert!(said.len() < 20 << 20, "{} bytes of messages", said.len());
    }

    #[track_caller]
    fn loads(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }
}

fn service(rest: &str) -> String {
    format!("services: {{web: {{image: a, {rest}}}}}\n")
}

#[test]
fn a_large_file_is_refused_by_its_size() {
    for size in [100_u64 << 20, 1 << 40] {
        let project = Project::new("");
        // sparse: it takes no room, but would take all memory when it is read
        File::create(project.path("compose.yaml")).unwrap().set_len(size).unwrap();
        project.refuses(&[], "is larger than");
        project.write("compose.yaml", service("env_file: large"));
        for name in ["large", ".env"] {
            File::create(project.path(name)).unwrap().set_len(size).unwrap();
            project.refuses(&[], "is larger than");
        }
    }
}

#[test]
fn what_is_no_file_is_refused_without_waiting_for_it() {
    let project = Project::new(service("label_file: x"));
    nix::unistd::mkfifo(&project.path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    fs::create_dir(project.path("directory")).unwrap();
    project.write("good.yaml", service("init: true"));
    let socket = std::os::unix::net::UnixListener::bind(project.path("socket")).unwrap();
    for (name, words) in [
        ("pipe", "is a pipe, a socket or a device"),
        ("socket", "is a pipe, a socket or a device"),
        ("/dev/zero", "is a pipe, a socket or a device"),
        ("directory", "is a directory"),
    ] {
        for text in [
            service(&format!("env_file: {name}")),
            service(&format!("env_file: {{path: {name}, required: false}}"))
                .replace("{path", "[{path")
                .replace("false}", "false}]"),
            service(&format!("label_file: {name}")),
            service(&format!("extends: {{file: {name}, service: web}}")),
            format!("include: [{name}]\n"),
            format!("include: [{{path: good.yaml, env_file: {name}}}]\n"),
            service("configs: [c]") + &format!("configs: {{c: {{file: {name}}}}}\n"),
            service("secrets: [c]") + &format!("secrets: {{c: {{file: {name}}}}}\n"),
        ] {
            project.write("compose.yaml", &text);
            project.refuses(&[], words);
        }
    }
    drop(socket);
}

#[test]
fn what_reads_like_a_file_is_one() {
    let project = Project::new(service("env_file: /dev/null, label_file: /dev/null"));
    project.loads(&[]);
    project.loads(&["--env-file", "/dev/null"]);
    let piped =
        "longshore=$1; printf 'services: {web: {image: a}}' | \"$longshore\" convert -f /dev/stdin";
    let status = Command::new("sh")
        .args(["-c", piped, "sh", env!("CARGO_BIN_EXE_longshore")])
        .current_dir(project.0.path())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn what_is_no_text_is_refused() {
    let project = Project::new(b"services: {web: {image: \xff}}");
    project.refuses(&[], "is not UTF-8 text (byte 24)");
    project.write("compose.yaml", service("env_file: x.env"));
    project.write("x.env", b"A=\xc3\x28\n");
    project.refuses(&[], "is not UTF-8 text");
}

#[test]
fn aliases_of_aliases_are_counted() {
    let mut bomb = "x-0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(bomb, "x-{level}: &a{level} [{aliases}]").unwrap();
    }
    Project::new(&bomb).refuses(&[], "more than 500000 values");

    let mut merged = "x-0: &a0 {k: v}\n".to_owned();
    for level in 1..40 {
        writeln!(merged, "x-{level}: &a{level} {{a: *a{0}, b: *a{0}}}", level - 1).unwrap();
    }
    Project::new(&merged).refuses(&[], "more than 500000 values");
}

#[test]
fn aliases_of_long_texts_are_counted_by_their_length() {
    let long = "x".repeat(1 << 20);
    let aliases = vec!["*long"; 50_000].join(", ");
    Project::new(format!("x-a: &long {long}\nx-b: [{aliases}]\n")).refuses(&[], "more than");
}

#[test]
fn ten_thousand_levels_are_too_many() {
    for nested in ["[", "{a: ", "- ", "? ", "!reset [", "&a [", "{? "] {
        Project::new(format!("x-a: {}", nested.repeat(10_000))).refuses(&[], "error[");
        Project::new(format!("x-a:\n  {}", nested.repeat(10_000))).refuses(&[], "error[");
    }
    let mut block = String::new();
    for level in 0..3_000 {
        writeln!(block, "{}x-a:", " ".repeat(level)).unwrap();
    }
    Project::new(block).refuses(&[], "error[");
    let defaults = format!("x-a: {}{}", "${A:-".repeat(10_000), "}".repeat(10_000));
    Project::new(service("init: true") + &defaults).refuses(&[], "more than 100 variables");
}

#[test]
fn inclusions_end() {
    let project = Project::new("include: [b.yaml]\n");
    project.write("b.yaml", "include: [compose.yaml]\n");
    project.refuses(&[], "in a circle");

    let chain = Project::new("include: [0.yaml]\n");
    for level in 0..3_000 {
        chain.write(&format!("{level}.yaml"), format!("include: [{}.yaml]\n", level + 1));
    }
    chain.refuses(&[], "include one another");

    let doubling = Project::new("include: [0.yaml, 0.yaml]\n");
    let large = vec!["x"; 10_000].join(", ");
    for level in 0..30 {
        let next = level + 1;
        let text = format!("include: [{next}.yaml, {next}.yaml]\nx-large: [{large}]\n");
        doubling.write(&format!("{level}.yaml"), text);
    }
    doubling.write("30.yaml", service("init: true"));
    // each of them is read once
    doubling.loads(&[]);

    let directories = (0..1_000).map(|n| format!("{{path: large.yaml, project_directory: d{n}}}"));
    let multiplied =
        Project::new(format!("include: [{}]\n", directories.collect::<Vec<_>>().join(", ")));
    multiplied.write("large.yaml", format!("x-large: [{large}]\n"));
    multiplied.refuses(&[], "limit-exceeded");
}

#[test]
fn services_that_extend_end() {
    let mut chain = "services:\n".to_owned();
    for index in 0..5_000 {
        writeln!(chain, "  s{index}: {{extends: s{}}}", index + 1).unwrap();
    }
    Project::new(chain + "  s5000: {image: a}\n").refuses(&[], "extend one another");

    let circle = Project::new("services: {a: {extends: {file: b.yaml, service: a}}}\n");
    circle.write("b.yaml", "services: {a: {extends: {file: compose.yaml, service: a}}}\n");
    circle.refuses(&[], "in a circle");
}

#[test]
fn what_many_services_share_is_counted_for_each() {
    let variables = vec!["A=1"; 1_000].iter().enumerate().fold(String::new(), |mut all, (n, _)| {
        write!(all, "V{n}: x, ").unwrap();
        all
    });
    let mut extends = format!("services:\n  base: {{image: a, environment: {{{variables}}}}}\n");
    let mut env_files = "services:\n".to_owned();
    for index in 0..1_200 {
        writeln!(extends, "  s{index}: {{extends: base}}").unwrap();
        writeln!(env_files, "  s{index}: {{image: a, env_file: many.env}}").unwrap();
    }
    Project::new(extends).refuses(&[], "more than");
    let hooks = "{user: x}, ".repeat(1_200);
    let hooks = format!(
        "services: {{a: {{image: a, environment: {{{variables}}}, pre_start: [{hooks}]}}}}"
    );
    Project::new(hooks).refuses(&[], "more than");
    let project = Project::new(env_files);
    let lines: String = (0..40_000).fold(String::new(), |mut all, n| {
        writeln!(all, "V{n}=").unwrap();
        all
    });
    project.write("many.env", lines);
    project.refuses(&[], "more than");
}

#[test]
fn what_hooks_inherit_is_counted_for_each() {
    let variables = (0..1_000).fold(String::new(), |all, n| all + &format!("V{n}: x, "));
    let hooks = vec!["{}"; 10_000].join(", ");
    let text = format!("environment: {{{variables}}}, pre_start: [{hooks}]");
    Project::new(service(&text)).refuses(&[], "more than");
}

#[test]
fn documents_over_one_another_are_counted() {
    let mut documents = String::new();
    for index in 0..2_000 {
        writeln!(
            documents,
            "services: {{s{index}: {{image: a, ports: ['1-60000:1-60000']}}}}\n---"
        )
        .unwrap();
    }
    Project::new(documents).refuses(&[], "limit-exceeded");
}

#[test]
fn ranges_of_ports_are_counted() {
    Project::new(service("ports: ['1-100000:1-100000']")).refuses(&[], "is not a port");
    let services = (0..100).fold(String::new(), |mut all, index| {
        writeln!(
            all,
            "  s{index}: {{image: a, ports: ['1-65535:1-65535', '1-65535/udp'], expose: [1-65535]}}"
        )
        .unwrap();
        all
    });
    Project::new(format!("services:\n{services}")).refuses(&[], "more than 100000 ports");
}

#[test]
fn huge_numbers_are_wrong_or_right_but_no_harm() {
    for number in
        ["1e999", "-1e999", ".inf", ".nan", "9223372036854775808", "0xffffffffffffffffffff"]
    {
        for attribute in [
            "scale",
            "cpus",
            "mem_limit",
            "pids_limit",
            "cpu_shares",
            "shm_size",
            "stop_grace_period",
            "healthcheck",
            "ports",
            "ulimits",
            "oom_score_adj",
        ] {
            let value = match attribute {
                "healthcheck" => format!("{{test: a, retries: {number}}}"),
                "ports" => format!("[{{target: {number}, published: {number}}}]"),
                "ulimits" => format!("{{nofile: {number}}}"),
                _ => number.to_owned(),
            };
            Project::new(service(&format!("{attribute}: {value}"))).run(&[]);
        }
    }
    Project::new(service(&format!("scale: {}", "9".repeat(1 << 20)))).refuses(&[], "error[");
    Project::new(service("stop_grace_period: 99999999999999999w")).refuses(&[], "error[");
}

#[test]
fn variables_that_double_are_limited() {
    let project = Project::new(service("command: $A40"));
    let mut doubling = "A0=xxxxxxxxxxxxxxxx\n".to_owned();
    for level in 1..=40 {
        writeln!(doubling, "A{level}=${{A{0}}}${{A{0}}}", level - 1).unwrap();
    }
    project.write(".env", &doubling);
    project.refuses(&[], "once their variables are expanded");
    project.write("compose.yaml", service("env_file: double.env"));
    project.write("double.env", &doubling);
    fs::remove_file(project.path(".env")).unwrap();
    project.refuses(&[], "once their variables are expanded");

    let variables = vec!["$LARGE"; 50_000].join(", ");
    let project = Project::new(service("init: true") + &format!("x-a: [{variables}]\n"));
    project.write(".env", format!("LARGE={}\n", "x".repeat(900_000)));
    project.refuses(&[], "limit-exceeded");
}

#[test]
fn a_million_errors_are_not_told() {
    let unknown = (0..20_000).fold(String::new(), |mut all, n| {
        write!(all, "a{n}: , ").unwrap();
        all
    });
    // all in one line, which no excerpt can show
    Project::new(service(&unknown)).refuses(&[], "more errors are not shown");
    let unset: String = (0..100_000).fold(String::new(), |mut all, n| {
        write!(all, "$V{n}").unwrap();
        all
    });
    Project::new(service(&format!("command: {unset}"))).run(&[]);
    let long_key = "k".repeat(1_000);
    let nested = format!("{{{long_key}: ").repeat(90);
    let leaves = vec!["1"; 50_000].join(",");
    Project::new(service(&format!("x-a: {nested}[{leaves}]{}", "}".repeat(90)))).loads(&[]);
    Project::new(service(&format!("b: {nested}[{leaves}]{}", "}".repeat(90))))
        .refuses(&[], "error[");
}

#[test]
fn circles_and_wide_graphs_of_dependencies_end() {
    let mut layers = "services:\n".to_owned();
    for layer in 0..60 {
        for side in ["a", "b"] {
            let next = layer + 1;
            writeln!(layers, "  {side}{layer}: {{image: a, depends_on: [a{next}, b{next}]}}")
                .unwrap();
        }
    }
    layers += "  a60: {image: a}\n  b60: {image: a}\n";
    Project::new(layers).loads(&[]);
}
