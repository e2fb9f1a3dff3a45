use std::io;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::signal::unix::{SignalKind, signal};

use crate::containers::Size;

/// The terminal of this process in raw mode: every key goes to the command. Put back when dropped.
pub(super) struct Terminal(Termios);

impl Terminal {
    /// Makes it raw.
    pub(super) fn raw() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        Ok(Self(before))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing put back.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// The sizes of the terminal: the one it has, and each that it gets.
pub(super) fn sizes() -> BoxStream<'static, Size> {
    let Ok(changes) = signal(SignalKind::window_change()) else {
        return stream::iter(size()).boxed();
    };
    let later = stream::unfold(changes, async |mut changes| {
        changes.recv().await?;
        Some((size(), changes))
    });
    stream::iter(size()).chain(later.filter_map(std::future::ready)).boxed()
}

fn size() -> Option<Size> {
    let size = tcgetwinsize(io::stdout()).ok()?;
    Some(Size { width: size.ws_col, height: size.ws_row })
}
