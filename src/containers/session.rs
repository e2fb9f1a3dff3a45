use std::future::pending;

use futures_util::stream::BoxStream;
use futures_util::{SinkExt as _, StreamExt as _};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::api::{AttachParams, AttachedProcess, TerminalSize};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::{Error, Replica};
use crate::deploy::{Cluster, Target};

/// What runs at the other end of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments; none to join the container's own process.
    pub words: Option<Vec<String>>,
    /// It reads.
    pub stdin: bool,
    /// It has a terminal.
    pub tty: bool,
}

/// The size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// Our ends of a session's streams.
pub struct Ends {
    /// What the command reads.
    pub stdin: Option<Box<dyn AsyncRead + Send + Unpin>>,
    /// Where its output goes.
    pub stdout: Box<dyn AsyncWrite + Send + Unpin>,
    /// Where its errors go.
    pub stderr: Box<dyn AsyncWrite + Send + Unpin>,
    /// The sizes of our terminal, the first at once.
    pub sizes: BoxStream<'static, Size>,
}

/// A command that runs in a container.
pub struct Session {
    process: AttachedProcess,
    what: &'static str,
    replica: String,
}

impl Command {
    /// A command with variables and a working directory, which Kubernetes has no place for: `env`
    /// and `sh` in the container set them.
    pub fn placed(
        words: Vec<String>,
        variables: &[String],
        directory: Option<&str>,
    ) -> Vec<String> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let mut placed: Vec<String> = Vec::new();
        if !variables.is_empty() {
            placed.push("env".to_owned());
            placed.extend_from_slice(variables);
        }
        if let Some(directory) = directory {
            let shell: Vec<String> = owned(&["sh", "-c", "cd \"$0\" && exec \"$@\"", directory]);
            placed.extend(shell);
        }
        placed.extend(words);
        placed
    }
}

impl Session {
    /// Begins a command in a replica.
    pub async fn begin(
        cluster: &Cluster,
        target: &Target,
        replica: &Replica,
        command: Command,
    ) -> Result<Self, Error> {
        let Command { words, stdin, tty } = command;
        let params = AttachParams::default()
            .container(&replica.container)
            .stdin(stdin)
            .stdout(true)
            .stderr(!tty)
            .tty(tty);
        let pods = cluster.pods(&target.namespace);
        let (what, begun) = match words {
            Some(words) => ("run a command", pods.exec(&replica.pod, words, &params).await),
            None => ("attach", pods.attach(&replica.pod, &params).await),
        };
        let replica = replica.name();
        match begun {
            Ok(process) => Ok(Self { process, what, replica }),
            Err(error @ (kube::Error::HyperError(_) | kube::Error::Service(_))) => {
                Err(cluster.error(format!("{what} in `{replica}`"), error).into())
            }
            Err(error) => Err(Error::Session { what, replica, reason: error.to_string() }),
        }
    }

    /// Joins our ends to the command's until it ends; its exit code.
    pub async fn join(mut self, ends: Ends) -> Result<u8, Error> {
        let Ends { stdin, mut stdout, mut stderr, mut sizes } = ends;
        let status = self.process.take_status();
        let out = self.process.stdout();
        let errors = self.process.stderr();
        let input = self.process.stdin();
        let terminal = self.process.terminal_size();
        let show = async {
            let shown = async {
                if let Some(mut out) = out {
                    tokio::io::copy(&mut out, &mut stdout).await?;
                }
                stdout.flush().await
            };
            let told = async {
                if let Some(mut errors) = errors {
                    tokio::io::copy(&mut errors, &mut stderr).await?;
                }
                stderr.flush().await
            };
            let (shown, told) = tokio::join!(shown, told);
            (
                shown.and(told),
                match status {
                    Some(status) => status.await,
                    None => None,
                },
            )
        };
        let feed = async {
            if let (Some(mut stdin), Some(mut input)) = (stdin, input) {
                // A command that has ended does not read; its status says the rest.
                let _ = tokio::io::copy(&mut stdin, &mut input).await;
                let _ = input.shutdown().await;
            }
            pending::<()>().await;
        };
        let resize = async {
            if let Some(mut terminal) = terminal {
                while let Some(Size { width, height }) = sizes.next().await {
                    let _ = terminal.send(TerminalSize { width, height }).await;
                }
            }
            pending::<()>().await;
        };
        let (shown, status) = tokio::select! {
            ended = show => ended,
            () = feed => (Ok(()), None),
            () = resize => (Ok(()), None),
        };
        let here =
            |source| Error::Here { what: "cannot write what the command says".to_owned(), source };
        shown.map_err(here)?;
        let failed = |reason| Error::Session { what: self.what, replica: self.replica, reason };
        match status {
            Some(status) => code(&status).map_err(failed),
            None => Err(failed(match self.process.join().await {
                Ok(()) => "the connection was lost".to_owned(),
                Err(error) => format!("the connection was lost: {error}"),
            })),
        }
    }
}

/// The exit code in a status; its message when there is none.
fn code(status: &Status) -> Result<u8, String> {
    if status.status.as_deref() == Some("Success") {
        return Ok(0);
    }
    let causes = status.details.as_ref().and_then(|details| details.causes.as_ref());
    let exit =
        causes.into_iter().flatten().find(|cause| cause.reason.as_deref() == Some("ExitCode"));
    let code = exit.and_then(|cause| cause.message.as_ref()?.parse::<i32>().ok());
    match code {
        // As a shell says it: what does not fit is not zero.
        Some(code) => Ok(u8::try_from(code).unwrap_or(u8::MAX)),
        None => Err(status.message.clone().unwrap_or_else(|| "it has failed".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_has_the_exit_code() {
        let code = |status| code(&serde_json::from_value(status).unwrap());
        let exit = |text| {
            json!({"status": "Failure", "reason": "NonZeroExitCode", "details":
            {"causes": [{"reason": "ExitCode", "message": text}]}})
        };
        assert_eq!(code(json!({"status": "Success"})), Ok(0));
        assert_eq!(code(exit("7")), Ok(7));
        assert_eq!(code(exit("-1")), Ok(255));
        assert_eq!(code(json!({"status": "Failure", "message": "no"})), Err("no".to_owned()));
    }

    #[test]
    fn variables_and_directory_come_before_the_command() {
        let placed = |variables: &[&str], directory| {
            let variables: Vec<String> = variables.iter().map(ToString::to_string).collect();
            Command::placed(vec!["ls".to_owned()], &variables, directory).join(" ")
        };
        assert_eq!(placed(&[], None), "ls");
        assert_eq!(placed(&["A=1", "B=2"], None), "env A=1 B=2 ls");
        assert_eq!(
            placed(&["A=1"], Some("/srv")),
            "env A=1 sh -c cd \"$0\" && exec \"$@\" /srv ls"
        );
    }
}
