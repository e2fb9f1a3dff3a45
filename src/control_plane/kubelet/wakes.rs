//! What wakes a pod's sync besides events of the API.

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Wakes the pod that has a uid.
#[derive(Clone)]
pub(super) struct Wake {
    sender: UnboundedSender<Option<String>>,
    uid: String,
}

/// Where wakes arrive: the uid of a pod, or `None` for all pods.
pub(super) struct Wakes {
    sender: UnboundedSender<Option<String>>,
    receiver: UnboundedReceiver<Option<String>>,
}

impl Wakes {
    pub(super) fn new() -> Self {
        let (sender, receiver) = unbounded_channel();
        Self { sender, receiver }
    }

    /// What wakes the pod that has a uid.
    pub(super) fn of(&self, uid: &str) -> Wake {
        Wake { sender: self.sender.clone(), uid: uid.to_owned() }
    }

    /// Where the uids of all kinds of events go.
    pub(super) fn sender(&self) -> UnboundedSender<Option<String>> {
        self.sender.clone()
    }

    /// The next one that is to be synced.
    pub(super) async fn next(&mut self) -> Option<String> {
        // Never `None`: `self` has a sender, too.
        self.receiver.recv().await.flatten()
    }
}

impl Wake {
    pub(super) fn wake(&self) {
        // A kubelet that has ended has nobody to wake.
        let _ = self.sender.send(Some(self.uid.clone()));
    }
}

/// Passes on the events of a runtime.
pub(super) async fn follow(
    mut events: BoxStream<'static, Option<String>>,
    wakes: UnboundedSender<Option<String>>,
) {
    while let Some(event) = events.next().await {
        if wakes.send(event).is_err() {
            return;
        }
    }
}
