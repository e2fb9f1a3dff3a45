use std::collections::HashMap;
use std::time::Duration;

use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptions;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

use crate::engine::{Engine, labels};

/// How long an engine that is gone is left alone.
const PAUSE: Duration = Duration::from_secs(1);
/// What happens to a container that matters to its pod.
const ACTIONS: &[&str] = &["die", "oom", "destroy", "start"];

/// The uids of pods whose containers something happens to; `None` whenever events may have been missed.
pub(super) fn follow(engine: Engine, cluster: String) -> BoxStream<'static, Option<String>> {
    let again = stream::unfold(true, move |first| {
        let (engine, cluster) = (engine.clone(), cluster.clone());
        async move {
            if !first {
                tokio::time::sleep(PAUSE).await;
                // An engine that does not answer has nothing to tell.
                while engine.docker().ping().await.is_err() {
                    tokio::time::sleep(PAUSE).await;
                }
            }
            let missed = stream::iter((!first).then_some(None));
            Some((missed.chain(once(&engine, &cluster)), false))
        }
    });
    again.flatten().boxed()
}

/// The events until the engine goes.
fn once(engine: &Engine, cluster: &str) -> BoxStream<'static, Option<String>> {
    let wanted = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
    let label = format!("{}={cluster}", labels::CLUSTER);
    let options = EventsOptions {
        filters: Some(HashMap::from([
            ("type".to_owned(), wanted(&["container"])),
            ("event".to_owned(), wanted(ACTIONS)),
            ("label".to_owned(), vec![label]),
        ])),
        ..EventsOptions::default()
    };
    let events = engine.docker().events(Some(options));
    let events = events.take_while(|event| std::future::ready(event.is_ok()));
    events.filter_map(|event| std::future::ready(event.ok().and_then(uid).map(Some))).boxed()
}

fn uid(event: EventMessage) -> Option<String> {
    event.actor?.attributes?.remove(labels::POD_UID)
}
