use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// The time, so that tests need not wait for it.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Completes when [`Clock::now`] has reached the time.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;
}

/// The time of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// A machine that slept, or whose time was set, is noticed after this long at the latest.
const LONGEST_SLEEP: Duration = Duration::from_mins(5);

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            while let Ok(left) = Duration::try_from(at.duration_since(Timestamp::now())) {
                if left.is_zero() {
                    break;
                }
                tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
            }
        })
    }
}

/// A time that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct ManualClock(watch::Sender<Timestamp>);

impl ManualClock {
    /// A clock that shows this time.
    pub fn at(now: Timestamp) -> Self {
        Self(watch::Sender::new(now))
    }

    /// Moves the time and wakes who waits for it.
    pub fn advance(&self, by: SignedDuration) {
        self.0.send_modify(|now| *now = now.saturating_add(by).unwrap_or(*now));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let mut now = self.0.subscribe();
        Box::pin(async move {
            if now.wait_for(|now| *now >= at).await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}
