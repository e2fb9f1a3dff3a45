//! Programs that talk to the server.

use std::process::{Output, Stdio};

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::served::Served;

/// A program whose home is the server's directory.
pub fn program(served: &Served, program: &str) -> Command {
    let mut command = Command::new(program);
    command.arg("--kubeconfig").arg(served.kubeconfig()).kill_on_drop(true);
    command.env("HOME", served.directory.path()).env_remove("KUBECONFIG");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a command writes, and its exit code.
pub async fn run(mut command: Command, input: &str) -> (String, String, i32) {
    command.stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feed = async {
        // One that does not read ends first.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
    };
    let ((), output) = tokio::join!(feed, child.wait_with_output());
    let Output { status, stdout, stderr } = output.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(stdout), text(stderr), status.code().unwrap())
}
