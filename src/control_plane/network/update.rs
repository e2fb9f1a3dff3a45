//! What control plane and gateway say to each other: one JSON document a line.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::table::{Service, Table};

/// From the control plane to the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Update {
    /// This is all there is.
    Table(Table),
    /// These things are different.
    Changes(Vec<Change>),
}

/// A difference between two tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Change {
    /// A Service is new or different.
    Service(Arc<Service>),
    /// The Service of this key is gone.
    Gone(String),
    /// These are the namespaces.
    Namespaces(Arc<BTreeSet<String>>),
}

/// From the gateway to the control plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Report {
    /// It serves names, and waits for updates.
    Ready,
    /// An update holds.
    Applied {
        /// How many updates were applied before and with it.
        updates: u64,
        /// How many listeners there are.
        listeners: usize,
    },
    /// It cannot listen somewhere.
    Failed {
        /// Where.
        listen: String,
        /// Why.
        reason: String,
    },
    /// A line was no update.
    Unreadable {
        /// Why.
        reason: String,
    },
}

impl Table {
    /// What makes another table of this one.
    pub(super) fn changes_to(&self, new: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.namespaces != new.namespaces {
            changes.push(Change::Namespaces(Arc::clone(&new.namespaces)));
        }
        let gone = self.services.keys().filter(|key| !new.services.contains_key(*key));
        changes.extend(gone.map(|key| Change::Gone(key.clone())));
        let is_news = |service: &&Arc<Service>| {
            let known = self.services.get(&service.key());
            known.is_none_or(|known| !Arc::ptr_eq(known, service) && known != *service)
        };
        changes.extend(new.services.values().filter(is_news).cloned().map(Change::Service));
        changes
    }

    /// Takes in an update.
    pub(super) fn apply(&mut self, update: Update) {
        let changes = match update {
            Update::Table(table) => {
                *self = table;
                return;
            }
            Update::Changes(changes) => changes,
        };
        for change in changes {
            match change {
                Change::Namespaces(namespaces) => self.namespaces = namespaces,
                Change::Service(service) => {
                    Arc::make_mut(&mut self.services).insert(service.key(), service);
                }
                Change::Gone(key) => {
                    Arc::make_mut(&mut self.services).remove(&key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control_plane::network::table::Address;

    fn service(name: &str, target: &str) -> Arc<Service> {
        Arc::new(Service {
            namespace: "shop".to_owned(),
            name: name.to_owned(),
            uid: String::new(),
            address: Address::ExternalName(target.to_owned()),
            external_addresses: Vec::new(),
            load_balancer: false,
            affinity_seconds: None,
            ports: Vec::new(),
            hosts: Vec::new(),
        })
    }

    fn table(services: &[(&str, &str)]) -> Table {
        let services = services.iter().map(|(name, target)| service(name, target));
        Table {
            namespaces: Arc::new(BTreeSet::from(["shop".to_owned()])),
            services: Arc::new(services.map(|service| (service.key(), service)).collect()),
            ..Table::default()
        }
    }

    #[test]
    fn changes_lead_from_one_table_to_the_other() {
        let old = table(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let new = table(&[("a", "1"), ("b", "2"), ("d", "1")]);
        let changes = old.changes_to(&new);
        let gone = Change::Gone("shop/c".to_owned());
        let expected =
            [gone, Change::Service(service("b", "2")), Change::Service(service("d", "1"))];
        assert_eq!(changes, expected);
        let mut applied = old.clone();
        let line = serde_json::to_string(&Update::Changes(changes)).unwrap();
        applied.apply(serde_json::from_str(&line).unwrap());
        assert_eq!(applied, new);
        assert!(applied.changes_to(&new).is_empty());
        assert_eq!(Table::default().changes_to(&old).len(), 4);
    }
}
