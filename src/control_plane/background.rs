//! The server in the background: started when needed, stopped on request, and asked how it is.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::Instant;

use super::data_directory::{DataDirectory, DataDirectoryError};

/// How often a starting or stopping server is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// How long one look may take.
const LOOK_TIMEOUT: Duration = Duration::from_secs(2);
/// What is shown of the log of a server that did not start.
const LOG_TAIL: u64 = 2000;

/// A server in the background, as a query finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerStatus {
    /// Nobody serves the data directory.
    Stopped,
    /// A process serves it.
    Running {
        /// The process.
        pid: i32,
        /// Whether `/readyz` says so.
        ready: bool,
    },
}

/// Why a server was not started or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackgroundError {
    /// The data directory.
    #[error(transparent)]
    Directory(#[from] DataDirectoryError),
    /// The program could not be run.
    #[error("cannot run `{program}`")]
    Spawn {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// The server ended before it was ready.
    #[error("the control plane did not start ({status}); its log says:\n{log}")]
    Ended {
        /// How it ended.
        status: ExitStatus,
        /// The end of its log.
        log: String,
    },
    /// The server did not become ready.
    #[error("the control plane was not ready after {} s; its log is `{}`", .wait.as_secs(), .log.display())]
    NotReady {
        /// How long it was given.
        wait: Duration,
        /// The log.
        log: PathBuf,
    },
    /// The process did not take the signal.
    #[error("cannot stop process {pid}")]
    Signal {
        /// The process.
        pid: i32,
        /// Why.
        source: nix::Error,
    },
    /// The server is still there.
    #[error("process {pid} has not stopped after {} s", .wait.as_secs())]
    NotStopped {
        /// The process.
        pid: i32,
        /// How long it was given.
        wait: Duration,
    },
}

/// Starts the server of a data directory unless it runs, and waits until it is ready; returns its
/// kubeconfig.
///
/// `server` runs it in the foreground: it gets no input, and its output becomes the log.
pub async fn ensure_started(
    data: &DataDirectory,
    mut server: Command,
    wait: Duration,
) -> Result<PathBuf, BackgroundError> {
    data.create()?;
    let mut started = None;
    let end = Instant::now() + wait;
    loop {
        // Looked at each time: one that was killed has its lock until it is gone.
        if started.is_none() && data.server()?.is_none() {
            started = Some(start(data, &mut server)?);
        }
        if is_ready(data).await {
            return Ok(data.kubeconfig());
        }
        if let Some((child, from)) = &mut started
            && let Some(status) = ended(child)
        {
            // Someone else may have been faster to start one.
            if data.server()?.is_none() {
                let log = log_tail(&data.log(), *from);
                return Err(BackgroundError::Ended { status, log });
            }
            started = None;
        }
        if Instant::now() > end {
            return Err(BackgroundError::NotReady { wait, log: data.log() });
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Starts the server; the process, and where in the log it begins.
fn start(data: &DataDirectory, server: &mut Command) -> Result<(Child, u64), BackgroundError> {
    let log = data.open_log()?;
    let from = log.metadata().map_or(0, |metadata| metadata.len());
    let output = |log: &File| log.try_clone().map_or_else(|_| Stdio::null(), Stdio::from);
    server.stdin(Stdio::null()).stdout(output(&log)).stderr(output(&log));
    let child = server.spawn().map_err(|source| {
        let program = server.get_program().display().to_string();
        BackgroundError::Spawn { program, source }
    })?;
    Ok((child, from))
}

/// Stops the server of a data directory and waits until it is gone; whether there was one.
pub async fn stop(data: &DataDirectory, wait: Duration) -> Result<bool, BackgroundError> {
    let end = Instant::now() + wait;
    let mut told = None;
    while let Some(pid) = data.server()? {
        // A server that has just taken the lock has not said yet who it is.
        if pid > 0 && told != Some(pid) {
            match kill(Pid::from_raw(pid), Signal::SIGTERM) {
                Ok(()) | Err(nix::Error::ESRCH) => {}
                Err(source) => return Err(BackgroundError::Signal { pid, source }),
            }
            told = Some(pid);
        }
        if Instant::now() > end {
            return Err(BackgroundError::NotStopped { pid, wait });
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(told.is_some())
}

/// How the server of a data directory is.
pub async fn status(data: &DataDirectory) -> Result<ServerStatus, BackgroundError> {
    Ok(match data.server()? {
        None => ServerStatus::Stopped,
        Some(pid) => ServerStatus::Running { pid, ready: is_ready(data).await },
    })
}

/// Whether the server that the kubeconfig leads to says that it is ready.
async fn is_ready(data: &DataDirectory) -> bool {
    // A kubeconfig without a server may lead to someone else's port.
    if !matches!(data.server(), Ok(Some(_))) {
        return false;
    }
    let ask = async {
        let kubeconfig = Kubeconfig::read_from(data.kubeconfig()).ok()?;
        let options = KubeConfigOptions::default();
        let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.ok()?;
        config.default_retry = false;
        let client = kube::Client::try_from(config).ok()?;
        let request = http::Request::get("/readyz").body(Vec::new()).ok()?;
        client.request_text(request).await.ok()
    };
    matches!(tokio::time::timeout(LOOK_TIMEOUT, ask).await, Ok(Some(text)) if text == "ok")
}

fn ended(child: &mut Child) -> Option<ExitStatus> {
    child.try_wait().ok().flatten()
}

/// The end of what was written to the log since it had this length.
fn log_tail(path: &Path, from: u64) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(path)?;
        let start = from.max(file.metadata()?.len().saturating_sub(LOG_TAIL));
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    };
    read().unwrap_or_default()
}
