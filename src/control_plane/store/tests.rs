//! One suite for every backend, and faults through a backend that fails.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::*;
use crate::kubernetes::kinds;

fn config_maps() -> &'static Kind {
    kinds::find("v1", "ConfigMap").unwrap()
}

fn draft(name: &str, text: &str) -> Draft {
    Draft::new(
        config_maps(),
        &json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": name, "namespace": "shop", "uid": format!("uid-{name}"),
                "labels": {"app": name},
                "ownerReferences": [{"uid": "owner"}],
            },
            "data": {"text": text},
        }),
    )
}

fn key(name: &str) -> Key {
    Key::new(config_maps(), "shop", name)
}

/// Runs a suite against every backend.
async fn with_backends<F: Future<Output = ()>>(suite: impl Fn(Box<dyn Backend>) -> F) {
    suite(Box::new(InMemory)).await;
    let directory = tempfile::tempdir().unwrap();
    suite(Box::new(File::open(&directory.path().join("store")).unwrap())).await;
}

#[tokio::test]
async fn writes_get_rising_revisions_and_stale_ones_are_rejected() {
    with_backends(|backend| async {
        let store = Store::open(backend).unwrap();
        let first = store.commit(Write::Create(draft("a", "1"), None)).await.unwrap();
        let second = store.commit(Write::Replace(draft("a", "2"), first.revision)).await.unwrap();
        assert!(second.revision > first.revision);
        assert_eq!(second.value()["metadata"]["resourceVersion"], second.revision.to_string());
        let stale = store.commit(Write::Replace(draft("a", "3"), first.revision)).await;
        assert!(matches!(stale, Err(Rejected::Changed)), "{stale:?}");
        let again = store.commit(Write::Create(draft("a", "3"), None)).await;
        assert!(matches!(again, Err(Rejected::Exists)), "{again:?}");
        let gone = store.commit(Write::Delete(key("a"), second.revision, None)).await.unwrap();
        assert_eq!(gone.value()["data"]["text"], "2");
        assert_eq!(gone.value()["metadata"]["resourceVersion"], gone.revision.to_string());
        assert!(store.get(&key("a")).is_none());
        assert_eq!(store.revision(), gone.revision);
    })
    .await;
}

#[tokio::test]
async fn a_list_is_sorted_and_keeps_to_its_namespace() {
    with_backends(|backend| async {
        let store = Store::open(backend).unwrap();
        for name in ["c", "a", "b"] {
            store.commit(Write::Create(draft(name, ""), None)).await.unwrap();
        }
        let names = |namespace| -> Vec<String> {
            let (objects, _) = store.list(config_maps(), namespace);
            objects.iter().map(|object| object.name.clone()).collect()
        };
        assert_eq!(names(None), ["a", "b", "c"]);
        assert_eq!(names(Some("shop")), ["a", "b", "c"]);
        assert_eq!(names(Some("sho")), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn cursors_see_every_event_in_order_from_where_they_start() {
    with_backends(|backend| async {
        let store = Store::open(backend).unwrap();
        let mut all = store.watch(0).unwrap();
        let mut pods = store.watch_kind(kinds::find("v1", "Pod").unwrap(), 0).unwrap();
        let writes = (0..200).map(|i| {
            let store = store.clone();
            tokio::spawn(async move {
                store.commit(Write::Create(draft(&format!("m{i}"), ""), None)).await.unwrap();
            })
        });
        for write in writes.collect::<Vec<_>>() {
            write.await.unwrap();
        }
        let mut last = 0;
        for _ in 0..200 {
            let event = all.next().await.unwrap();
            assert!(event.revision > last);
            assert_eq!(event.change, Change::Added);
            last = event.revision;
        }
        assert!(all.try_next().unwrap().is_none());
        assert!(pods.try_next().unwrap().is_none());
        assert_eq!(pods.seen(), Some(last));
        let mut late = store.watch(last - 1).unwrap();
        assert_eq!(late.next().await.unwrap().revision, last);
    })
    .await;
}

#[tokio::test]
async fn a_namespace_on_its_way_out_takes_no_new_objects() {
    with_backends(|backend| async {
        let store = Store::open(backend).unwrap();
        let kind = kinds::find("v1", "Namespace").unwrap();
        let guard = || Some(Key::new(kind, "", "shop"));
        let missing = store.commit(Write::Create(draft("a", ""), guard())).await;
        assert!(matches!(missing, Err(Rejected::NamespaceGone)), "{missing:?}");
        let metadata = json!({"name": "shop", "deletionTimestamp": "2026-01-01T00:00:00Z"});
        let namespace = Draft::new(kind, &json!({"metadata": metadata}));
        store.commit(Write::Create(namespace, None)).await.unwrap();
        let going = store.commit(Write::Create(draft("a", ""), guard())).await;
        assert!(matches!(going, Err(Rejected::NamespaceGone)), "{going:?}");
    })
    .await;
}

#[tokio::test]
async fn a_file_gives_back_what_was_written_and_its_revision_never_goes_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let store = Store::open(Box::new(File::open(&path).unwrap())).unwrap();
    let kept = store.commit(Write::Create(draft("kept", "text"), None)).await.unwrap();
    let gone = store.commit(Write::Create(draft("gone", ""), None)).await.unwrap();
    let last = store.commit(Write::Delete(key("gone"), gone.revision, None)).await.unwrap();
    store.close().await;
    assert!(matches!(
        store.commit(Write::Create(draft("late", ""), None)).await,
        Err(Rejected::Closed)
    ));

    let store = Store::open(Box::new(File::open(&path).unwrap())).unwrap();
    assert_eq!(store.revision(), last.revision);
    let (objects, _) = store.list(config_maps(), None);
    let [object] = objects.as_slice() else { panic!("{objects:?}") };
    assert_eq!(object.json, kept.json);
    assert_eq!(
        (object.revision, &object.uid, &object.labels),
        (kept.revision, &kept.uid, &kept.labels)
    );
    assert_eq!(object.owners, ["owner"]);
    assert_eq!(store.watch(last.revision - 1).err(), Some(Expired));
    assert!(store.watch(last.revision).is_ok());
    let next = store.commit(Write::Create(draft("next", ""), None)).await.unwrap();
    assert!(next.revision > last.revision);
}

/// A backend whose disk can be full.
struct Failing(Arc<AtomicBool>);

impl Backend for Failing {
    fn load(&mut self, _visit: &mut dyn FnMut(Record)) -> Result<u64, BackendError> {
        Ok(0)
    }

    fn append(&mut self, _batch: &[Record]) -> Result<(), BackendError> {
        if self.0.load(Ordering::Relaxed) {
            let (path, message) = ("store".to_owned(), "no space left on device".to_owned());
            return Err(BackendError::Write { path, message });
        }
        Ok(())
    }
}

#[tokio::test]
async fn what_could_not_be_made_durable_is_never_seen() {
    let full = Arc::new(AtomicBool::new(true));
    let store = Store::open(Box::new(Failing(Arc::clone(&full)))).unwrap();
    let mut cursor = store.watch(0).unwrap();
    let failed = store.commit(Write::Create(draft("a", ""), None)).await;
    let message = failed.unwrap_err().to_string();
    assert!(message.contains("no space left on device"), "{message}");
    assert!(store.get(&key("a")).is_none());
    assert_eq!(store.revision(), 0);
    assert!(cursor.try_next().unwrap().is_none());

    full.store(false, Ordering::Relaxed);
    let written = store.commit(Write::Create(draft("a", ""), None)).await.unwrap();
    assert!(written.revision > 1, "the revision of the lost change is not given out again");
    assert_eq!(cursor.next().await.unwrap().revision, written.revision);
}

#[test]
fn a_damaged_file_is_an_error_that_names_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    drop(File::open(&path).unwrap());
    let whole = std::fs::read(&path).unwrap();
    let damages: [(&str, Vec<u8>); 4] = [
        ("text", b"this is not a store".to_vec()),
        ("zeros", vec![0; whole.len()]),
        ("cut", whole[..whole.len() / 3].to_vec()),
        (
            "flipped",
            whole.iter().enumerate().map(|(i, b)| if i < 320 && i > 8 { !b } else { *b }).collect(),
        ),
    ];
    for (name, bytes) in damages {
        std::fs::write(&path, bytes).unwrap();
        let opened = File::open(&path).and_then(|mut file| file.load(&mut |_| {}));
        let message = opened.expect_err(name).to_string();
        assert!(message.contains(path.to_str().unwrap()), "{name}: {message}");
        assert!(message.contains("damaged"), "{name}: {message}");
    }
}

#[tokio::test]
async fn a_cursor_that_was_overrun_is_told() {
    let store = Store::open(Box::new(InMemory)).unwrap();
    let mut behind = store.watch(0).unwrap();
    let text = "x".repeat(1 << 20);
    for i in 0..40 {
        store.commit(Write::Create(draft(&format!("m{i}"), &text), None)).await.unwrap();
    }
    assert_eq!(behind.next().await.err(), Some(Expired));
    let mut pods = store.watch_kind(kinds::find("v1", "Pod").unwrap(), 0).unwrap();
    assert_eq!(pods.try_next().map(|event| event.is_none()), Ok(true), "no pod was forgotten");
}
