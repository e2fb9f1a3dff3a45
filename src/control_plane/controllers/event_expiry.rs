//! Events are deleted an hour after they last happened, as upstream's API server lets them expire.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Controller;
use crate::control_plane::runner::{Index, Operation, Plan, is};
use crate::control_plane::store::{Change, Event, Key};

const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// Deletes old events.
pub(super) struct EventExpiry;

impl Controller for EventExpiry {
    fn name(&self) -> &'static str {
        "event-expiry"
    }

    fn concerns(&self, event: &Event, _index: &Index) -> Vec<Key> {
        let object = &event.object;
        let is_there = event.change != Change::Deleted;
        if is::<v1::Event>(object) && is_there { vec![Key::from(&**object)] } else { Vec::new() }
    }

    fn plan(&mut self, key: &Key, index: &Index, now: Timestamp) -> Plan {
        match index.get::<v1::Event>(&key.namespace, &key.name) {
            Some(event) => reconcile(&event, now),
            None => Plan::default(),
        }
    }
}

fn reconcile(event: &v1::Event, now: Timestamp) -> Plan {
    let ObjectMeta { creation_timestamp, .. } = &event.metadata;
    let series = event.series.as_ref().and_then(|series| series.last_observed_time.as_ref());
    let times = [
        event.last_timestamp.as_ref().map(|time| time.0),
        event.event_time.as_ref().map(|time| time.0),
        series.map(|time| time.0),
        creation_timestamp.as_ref().map(|time| time.0),
    ];
    let last = times.into_iter().flatten().max().unwrap_or(now);
    match last.checked_add(LIFETIME) {
        Ok(at) if at > now => Plan { operations: Vec::new(), again_at: Some(at) },
        _ => Plan { operations: vec![Operation::delete(event, None)], again_at: None },
    }
}
