use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};

use super::{Exit, Failure};

/// Holds the network of a pod: does nothing until it is told to end, and buries the pod's orphans.
pub fn run() -> Result<(), Failure> {
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGCHLD] {
        signals.add(signal);
    }
    let failed = |error: nix::Error| Failure::new(Exit::Input, error);
    signals.thread_block().map_err(failed)?;
    loop {
        match signals.wait().map_err(failed)? {
            Signal::SIGCHLD => bury(),
            _ => return Ok(()),
        }
    }
}

/// Takes the exit codes of all children that have ended.
fn bury() {
    while !matches!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Err(_) | Ok(WaitStatus::StillAlive))
    {
    }
}
