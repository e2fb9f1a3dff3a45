use std::future::Future;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::{Exit, Failure};

/// Runs a command that talks to a cluster, until it ends or the user interrupts it.
pub(super) fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Cluster, error))?;
    let result = runtime.block_on(async {
        tokio::select! {
            // A command that knows what the interruption means says so itself.
            biased;
            result = command => result,
            () = interrupted() => Err(stopped()),
        }
    });
    // A request that nobody waits for any more must not keep the process.
    runtime.shutdown_background();
    result
}

/// What a server runs on.
pub(super) fn server_runtime() -> Result<Runtime, Failure> {
    /// Threads for requests: a local control plane shares its machine with the user.
    const THREADS: usize = 4;
    raise_file_limit();
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(THREADS));
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Cluster, error))
}

/// Each connection that is served or proxied is a file or two, and shells allow few by default.
fn raise_file_limit() {
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // Where the system refuses, the limit stays as it was.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}

fn stopped() -> Failure {
    Failure::new(Exit::Interrupted, anyhow::anyhow!("interrupted"))
        .help("what is done stays done; the same command goes on from there")
}

/// Waits for Ctrl-C or a polite request to end.
pub(super) async fn interrupted() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        Some(()) = terminate.recv() => {}
    }
}
