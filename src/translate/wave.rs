use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::model::{Condition, Service};

/// The order in which `depends_on` lets the services start.
///
/// A service starts one wave after the last of those it depends on.
#[derive(Debug, Default)]
pub struct Waves {
    waves: BTreeMap<String, usize>,
    awaited_to_complete: BTreeSet<String>,
}

impl Waves {
    /// Computes the waves, where the services of one pod, which is that of their host, start
    /// together. A circle, which the loader rejects, ends in finitely many waves too.
    pub fn new<'s>(
        services: &'s IndexMap<String, Service>,
        host_of: impl Fn(&'s str) -> &'s str,
    ) -> Self {
        let mut pods: BTreeMap<&str, usize> =
            services.keys().map(|key| (host_of(key), 0)).collect();
        for _ in 0..services.len() {
            let mut moved = false;
            for (key, service) in services {
                let pod = host_of(key);
                let others = service.depends_on.keys().map(|other| host_of(other));
                let others = others.filter(|other| *other != pod);
                let after = others.filter_map(|other| pods.get(other).map(|wave| wave + 1));
                let earliest = after.max().unwrap_or(0);
                if let Some(wave) = pods.get_mut(pod).filter(|wave| **wave < earliest) {
                    *wave = earliest;
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
        let wave = |key: &'s String| pods.get(host_of(key)).copied().unwrap_or(0);
        let waves = services.keys().map(|key| (key.clone(), wave(key))).collect();
        let awaited_to_complete = services
            .values()
            .flat_map(|service| &service.depends_on)
            .filter(|(_, dependency)| dependency.condition == Condition::CompletedSuccessfully)
            .map(|(key, _)| key.clone())
            .collect();
        Self { waves, awaited_to_complete }
    }

    /// The wave of a service.
    pub fn of(&self, service: &str) -> usize {
        self.waves.get(service).copied().unwrap_or(0)
    }

    /// Whether a service must complete before another one starts.
    pub fn is_awaited_to_complete(&self, service: &str) -> bool {
        self.awaited_to_complete.contains(service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Dependency;

    fn waves(edges: &[(&str, &[&str])]) -> Vec<(String, usize)> {
        let services: IndexMap<_, _> = edges
            .iter()
            .map(|(key, dependencies)| {
                let depends_on = dependencies
                    .iter()
                    .map(|other| ((*other).to_owned(), Dependency::default()))
                    .collect();
                ((*key).to_owned(), Service { depends_on, ..Service::default() })
            })
            .collect();
        Waves::new(&services, |key| key).waves.into_iter().collect()
    }

    #[test]
    fn each_service_starts_after_the_last_of_its_dependencies() {
        let waves = waves(&[("a", &["b", "d"]), ("b", &["c"]), ("c", &["absent"]), ("d", &[])]);
        let expected = [("a", 2), ("b", 1), ("c", 0), ("d", 0)];
        assert_eq!(waves, expected.map(|(key, wave)| (key.to_owned(), wave)));
    }

    #[test]
    fn a_circle_ends() {
        assert_eq!(waves(&[("a", &["b"]), ("b", &["a"])]).len(), 2);
    }
}
