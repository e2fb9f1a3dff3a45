use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::watch;

use super::{Change, Event, Expired, Key, Record, Stored};
use crate::kubernetes::Kind;

/// The ring forgets its oldest events beyond this many…
const RING_EVENTS: usize = 100_000;
/// …or beyond this many bytes of JSON.
const RING_BYTES: usize = 32 << 20;

/// The live objects and the recent events.
#[derive(Default)]
pub(super) struct Memory {
    image: RwLock<Image>,
    /// Told of each batch of changes; the value means nothing.
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct Image {
    revision: u64,
    drawers: HashMap<DrawerKey, Drawer>,
    ring: VecDeque<Arc<Event>>,
    ring_bytes: usize,
    /// The revision of the last event that the ring forgot.
    forgotten: u64,
    /// The revision at which the backend was loaded: there is no history before it.
    loaded: u64,
}

type DrawerKey = (&'static str, &'static str, &'static str);

/// The objects and recent events of one kind.
#[derive(Default)]
struct Drawer {
    /// By `NAMESPACE/NAME`.
    objects: BTreeMap<String, Arc<Stored>>,
    /// The events of this kind that are in the ring.
    ring: VecDeque<Arc<Event>>,
    /// The revision of the last event of this kind that the ring forgot.
    forgotten: u64,
    /// Told of each batch of changes to this kind.
    changed: watch::Sender<()>,
}

impl Memory {
    /// Takes an object of the backend; one of an unknown kind stays in the file, unseen.
    pub(super) fn insert(&self, record: Record) {
        let path = record.path.clone();
        if let Some(object) = record.read() {
            let mut image = self.write();
            image.drawer(object.kind).objects.insert(place_of(&object), Arc::new(object));
        } else {
            tracing::warn!(%path, "skipped a stored object that cannot be read");
        }
    }

    /// Sets the revision after a load.
    pub(super) fn start_at(&self, revision: u64) {
        let mut image = self.write();
        image.revision = revision;
        image.forgotten = revision;
        image.loaded = revision;
        for drawer in image.drawers.values_mut() {
            drawer.forgotten = revision;
        }
    }

    pub(super) fn revision(&self) -> u64 {
        self.read().revision
    }

    pub(super) fn get(&self, key: &Key) -> Option<Arc<Stored>> {
        self.read().drawers.get(&drawer_key(key.kind))?.objects.get(&place(key)).cloned()
    }

    pub(super) fn list(
        &self,
        kind: &'static Kind,
        namespace: Option<&str>,
    ) -> (Vec<Arc<Stored>>, u64) {
        let image = self.read();
        let Some(drawer) = image.drawers.get(&drawer_key(kind)) else {
            return (Vec::new(), image.revision);
        };
        let objects = match namespace {
            None => drawer.objects.values().cloned().collect(),
            Some(namespace) => {
                // "0" follows "/", so that the range holds all names of the namespace.
                let range = format!("{namespace}/")..format!("{namespace}0");
                drawer.objects.range(range).map(|(_, object)| Arc::clone(object)).collect()
            }
        };
        (objects, image.revision)
    }

    /// Makes a batch of durable events visible, all at once.
    pub(super) fn apply(&self, events: Vec<Event>) {
        let mut image = self.write();
        let mut told: Vec<DrawerKey> = Vec::new();
        for event in events {
            let kind = event.object.kind;
            image.apply(event);
            if !told.contains(&drawer_key(kind)) {
                told.push(drawer_key(kind));
            }
        }
        image.forget();
        for key in told {
            if let Some(drawer) = image.drawers.get(&key) {
                drawer.changed.send_replace(());
            }
        }
        drop(image);
        self.changed.send_replace(());
    }

    /// Up to `limit` events after a revision, and the revision up to which nothing is missing.
    pub(super) fn events(
        &self,
        kind: Option<&'static Kind>,
        after: u64,
        limit: usize,
    ) -> Result<(Vec<Arc<Event>>, u64), Expired> {
        let image = self.read();
        let (ring, forgotten) = match kind {
            None => (&image.ring, image.forgotten),
            Some(kind) => match image.drawers.get(&drawer_key(kind)) {
                Some(drawer) => (&drawer.ring, drawer.forgotten),
                None => return Ok((Vec::new(), image.revision)),
            },
        };
        if after < forgotten {
            return Err(Expired);
        }
        let first = ring.partition_point(|event| event.revision <= after);
        let events: Vec<_> = ring.iter().skip(first).take(limit).cloned().collect();
        let seen = match events.last() {
            Some(last) if events.len() == limit => last.revision,
            _ => image.revision,
        };
        Ok((events, seen))
    }

    /// Is told when there are new events, of one kind or of any.
    pub(super) fn changed(&self, kind: Option<&'static Kind>) -> watch::Receiver<()> {
        match kind {
            None => self.changed.subscribe(),
            Some(kind) => self.write().drawer(kind).changed.subscribe(),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Image> {
        self.image.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Image> {
        self.image.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Image {
    fn drawer(&mut self, kind: &'static Kind) -> &mut Drawer {
        let forgotten = self.loaded;
        self.drawers
            .entry(drawer_key(kind))
            .or_insert_with(|| Drawer { forgotten, ..Drawer::default() })
    }

    fn apply(&mut self, event: Event) {
        let event = Arc::new(event);
        self.revision = event.revision;
        self.ring_bytes += event.object.json.len();
        self.ring.push_back(Arc::clone(&event));
        let drawer = self.drawer(event.object.kind);
        match event.change {
            Change::Deleted => drawer.objects.remove(&place_of(&event.object)),
            Change::Added | Change::Modified => {
                drawer.objects.insert(place_of(&event.object), Arc::clone(&event.object))
            }
        };
        drawer.ring.push_back(event);
    }

    fn forget(&mut self) {
        while self.ring.len() > RING_EVENTS || self.ring_bytes > RING_BYTES {
            let Some(oldest) = self.ring.pop_front() else { return };
            self.ring_bytes -= oldest.object.json.len();
            self.forgotten = oldest.revision;
            let drawer = self.drawer(oldest.object.kind);
            drawer.ring.pop_front();
            drawer.forgotten = oldest.revision;
        }
    }
}

fn drawer_key(kind: &Kind) -> DrawerKey {
    (kind.plural, kind.group, kind.version)
}

fn place(key: &Key) -> String {
    format!("{}/{}", key.namespace, key.name)
}

fn place_of(object: &Stored) -> String {
    format!("{}/{}", object.namespace, object.name)
}
