use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program that `.ci/tools` built, or that the machine has; without it a line says what is skipped.
pub fn tool(name: &str) -> Option<Command> {
    let built = tools().join("bin").join(name);
    let program = if built.is_file() { built } else { PathBuf::from(name) };
    let mut trial = Command::new(&program);
    if trial.arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        eprintln!("skipped: needs {name}");
        return None;
    }
    Some(Command::new(program))
}

/// Where `.ci/tools` puts what it makes.
pub fn tools() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("tools")
}
