use jiff::Timestamp;

use super::after;
use crate::control_plane::kubelet::runtime::Signal;

/// What a container gets after a `preStop` hook that took all of its grace period, in seconds.
const LEAST_AFTER_HOOK: i64 = 2;

/// The end of a running container: hook, polite signal, kill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::control_plane::kubelet) struct Ending {
    pub(in crate::control_plane::kubelet) cause: Cause,
    hook: Hook,
    hooked: bool,
    signalled: Option<Timestamp>,
    killed: bool,
    deadline: Timestamp,
}

/// Why a container is ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::control_plane::kubelet) enum Cause {
    /// The pod is deleted.
    Deleted,
    /// The pod has succeeded or failed.
    Finished,
    /// The pod's network is gone.
    SandboxChanged,
    /// A liveness or startup probe has failed: its message.
    Unhealthy(String),
    /// The `postStart` hook has failed.
    HookFailed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hook {
    None,
    Due,
    Runs,
}

/// What comes next in an ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    PreStop,
    Signal(Signal),
    Wait(Option<Timestamp>),
}

impl Cause {
    /// Whether all containers of the pod end, and not only this one.
    pub(super) fn is_of_the_pod(&self) -> bool {
        match self {
            Self::Deleted | Self::Finished | Self::SandboxChanged => true,
            Self::Unhealthy(_) | Self::HookFailed => false,
        }
    }
}

impl Ending {
    pub(super) fn new(
        cause: Cause,
        has_pre_stop: bool,
        now: Timestamp,
        deadline: Timestamp,
    ) -> Self {
        let is_due = has_pre_stop && deadline > now && cause != Cause::SandboxChanged;
        let hook = if is_due { Hook::Due } else { Hook::None };
        Self { cause, hook, hooked: false, signalled: None, killed: false, deadline }
    }

    /// Another cause, or a shorter grace period.
    pub(super) fn hurry(&mut self, cause: Cause, deadline: Timestamp) {
        if cause.is_of_the_pod() && !self.cause.is_of_the_pod() {
            self.cause = cause;
        }
        self.deadline = self.deadline.min(deadline);
    }

    /// Whether nothing was done for it yet.
    pub(in crate::control_plane::kubelet) fn is_untold(&self) -> bool {
        !self.hooked && self.signalled.is_none()
    }

    /// Says that the hook has begun.
    pub(in crate::control_plane::kubelet) fn hook_started(&mut self) {
        (self.hook, self.hooked) = (Hook::Runs, true);
    }

    /// Says that the hook has ended, well or not.
    pub(in crate::control_plane::kubelet) fn hook_ended(&mut self, now: Timestamp) {
        self.hook = Hook::None;
        self.deadline = self.deadline.max(after(now, LEAST_AFTER_HOOK));
    }

    /// Says that a signal was sent.
    pub(in crate::control_plane::kubelet) fn signalled(&mut self, signal: Signal, now: Timestamp) {
        self.signalled = self.signalled.or(Some(now));
        self.killed |= signal == Signal::Kill;
    }

    pub(super) fn next(&self, now: Timestamp) -> Next {
        let over = self.deadline <= now;
        match (self.hook, self.signalled) {
            _ if self.killed => Next::Wait(None),
            _ if over => Next::Signal(Signal::Kill),
            (Hook::Due, _) => Next::PreStop,
            (Hook::None, None) => Next::Signal(Signal::Stop),
            (Hook::Runs, _) | (Hook::None, Some(_)) => Next::Wait(Some(self.deadline)),
        }
    }

    /// When it comes to the next step by itself.
    pub(super) fn changes_at(&self) -> Option<Timestamp> {
        (!self.killed).then_some(self.deadline)
    }
}
