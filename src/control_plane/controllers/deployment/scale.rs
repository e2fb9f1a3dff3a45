//! How many pods each `ReplicaSet` of a Deployment shall have.

use super::replica_set::Set;
use super::rollout::Rollout;
use super::strategy;
use crate::control_plane::controllers::labels;
use crate::control_plane::runner::Note;

impl Rollout<'_> {
    /// Whether `spec.replicas` changed since the `ReplicaSet`s were scaled last.
    pub(super) fn was_scaled(&self) -> bool {
        let replicas = strategy::replicas(self.spec);
        self.old.iter().chain(&self.new).filter(|set| set.replicas() > 0).any(|set| {
            let desired = set.annotation(labels::DESIRED_REPLICAS);
            desired.and_then(|text| text.parse::<i32>().ok()).is_some_and(|n| n != replicas)
        })
    }

    /// Gives the new size to the one active `ReplicaSet`, or divides it in proportion.
    pub(super) fn scale_all(&mut self) {
        let replicas = strategy::replicas(self.spec);
        if let Some(position) = self.active_or_latest() {
            self.scale(position, replicas);
            return;
        }
        if self.is_saturated() {
            for position in 0..self.old.len() {
                self.scale_old(position, 0);
            }
        } else if self.new.is_some() || !self.old.is_empty() {
            self.scale_in_proportion();
        }
    }

    /// Scales the new `ReplicaSet` up as far as the surge allows, or down to the desired size.
    pub(super) fn scale_new_set(&mut self) -> bool {
        let replicas = self.replicas_of_new_set();
        self.scale_new(replicas)
    }

    /// How many pods the new `ReplicaSet` may have now.
    pub(super) fn replicas_of_new_set(&self) -> i32 {
        let replicas = strategy::replicas(self.spec);
        let Some(new) = &self.new else { return 0 };
        if super::strategy::is_recreate(self.deployment) || new.replicas() > replicas {
            return replicas;
        }
        let (surge, _) = strategy::surge_and_unavailable(self.spec);
        let room = replicas + surge - self.total();
        if room <= 0 {
            new.replicas()
        } else {
            new.replicas() + room.min(replicas - new.replicas())
        }
    }

    /// Takes old pods away: first those that are not available anyway, then as many as availability allows.
    pub(super) fn scale_old_sets(&mut self) -> bool {
        let Some(new) = &self.new else { return false };
        if self.old.iter().all(|set| set.replicas() == 0) {
            return false;
        }
        let (_, unavailable) = strategy::surge_and_unavailable(self.spec);
        let least = strategy::replicas(self.spec) - unavailable;
        let missing = new.replicas() - new.available();
        let surplus = self.total() - least - missing;
        if surplus <= 0 {
            return false;
        }
        let mut cleaned = 0;
        for position in 0..self.old.len() {
            let Some(set) = self.old.get(position) else { break };
            let unhealthy = set.replicas() - set.available();
            let count = unhealthy.min(surplus - cleaned).max(0);
            let size = set.replicas() - count;
            cleaned += count;
            self.scale_old(position, size);
        }
        let available: i32 = self.old.iter().chain(&self.new).map(Set::available).sum();
        let mut surplus = (available - least).max(0);
        let mut scaled = cleaned > 0;
        for position in 0..self.old.len() {
            let Some(set) = self.old.get(position) else { break };
            let count = set.replicas().min(surplus);
            let size = set.replicas() - count;
            surplus -= count;
            scaled |= self.scale_old(position, size);
        }
        scaled
    }

    /// Scales the new `ReplicaSet`; returns whether that changes anything.
    pub(super) fn scale_new(&mut self, replicas: i32) -> bool {
        self.scale(self.old.len(), replicas)
    }

    /// Scales an old `ReplicaSet`; returns whether that changes anything.
    pub(super) fn scale_old(&mut self, position: usize, replicas: i32) -> bool {
        self.scale(position, replicas)
    }

    /// Scales the set at a position: the old ones in order, then the new one.
    fn scale(&mut self, position: usize, replicas: i32) -> bool {
        let desired = strategy::replicas(self.spec);
        let (surge, _) = strategy::surge_and_unavailable(self.spec);
        let set = match self.old.get_mut(position) {
            Some(set) => Some(set),
            None => self.new.as_mut(),
        };
        let Some(set) = set else { return false };
        let before = set.replicas();
        let sized = set.annotation(labels::DESIRED_REPLICAS) == Some(desired.to_string().as_str());
        if before == replicas && (sized || replicas == 0) {
            return false;
        }
        set.annotate(labels::DESIRED_REPLICAS, desired.to_string());
        set.annotate(labels::MAX_REPLICAS, (desired + surge).to_string());
        set.set_replicas(replicas);
        if before != replicas {
            let direction = if before < replicas { "up" } else { "down" };
            let name = set.name();
            let message =
                format!("Scaled {direction} replica set {name} from {before} to {replicas}");
            self.notes.push(Note::normal(self.deployment, "ScalingReplicaSet", message));
        }
        before != replicas
    }

    fn total(&self) -> i32 {
        self.old.iter().chain(&self.new).map(Set::replicas).sum()
    }

    /// The only set with pods; when none has any, the new one, else the youngest.
    fn active_or_latest(&self) -> Option<usize> {
        let sets: Vec<&Set> = self.old.iter().chain(&self.new).collect();
        let active: Vec<usize> =
            sets.iter().enumerate().filter(|(_, set)| set.replicas() > 0).map(|(i, _)| i).collect();
        match active.as_slice() {
            [] => sets.len().checked_sub(1),
            [only] => Some(*only),
            _ => None,
        }
    }

    fn is_saturated(&self) -> bool {
        let replicas = strategy::replicas(self.spec);
        self.new.as_ref().is_some_and(|set| {
            set.replicas() == replicas
                && set.available() == replicas
                && set.annotation(labels::DESIRED_REPLICAS) == Some(replicas.to_string().as_str())
        })
    }

    /// Divides a change of size in the middle of a rollout among the active sets, by their sizes.
    fn scale_in_proportion(&mut self) {
        if strategy::is_recreate(self.deployment) {
            return;
        }
        let desired = strategy::replicas(self.spec);
        let (surge, _) = strategy::surge_and_unavailable(self.spec);
        let allowed = if desired > 0 { desired + surge } else { 0 };
        let to_add = allowed - self.total();
        let sets: Vec<&Set> = self.old.iter().chain(&self.new).collect();
        let mut order: Vec<(usize, i32)> = sets
            .iter()
            .enumerate()
            .filter(|(_, set)| set.replicas() > 0)
            .map(|(position, set)| (position, set.replicas()))
            .collect();
        // Larger ones first; among equals the newer grows first and the older shrinks first.
        order.sort_by_key(|(position, size)| {
            let age = i64::try_from(*position).unwrap_or_default();
            (-size, if to_add > 0 { -age } else { age })
        });
        let mut added = 0;
        let mut sizes = Vec::new();
        for (position, size) in order {
            let Some(set) = sets.get(position) else { continue };
            let share = self.share(set, desired + surge, to_add, added);
            added += share;
            sizes.push((position, size + share));
        }
        if let Some((_, size)) = sizes.first_mut() {
            *size = (*size + to_add - added).max(0);
        }
        for (position, size) in sizes {
            self.scale(position, size);
        }
    }

    fn share(&self, set: &Set, max_replicas: i32, to_add: i32, added: i32) -> i32 {
        if to_add == 0 || to_add == added {
            return 0;
        }
        if strategy::replicas(self.spec) == 0 {
            return (-set.replicas()).max(to_add - added);
        }
        let before = set.annotation(labels::MAX_REPLICAS).and_then(|text| text.parse().ok());
        let before: i32 = before.or(self.status.replicas).unwrap_or_default().max(1);
        let size = f64::from(set.replicas()) * f64::from(max_replicas) / f64::from(before);
        #[expect(clippy::cast_possible_truncation, reason = "replicas fit, and the cast saturates")]
        let share = size.round() as i32 - set.replicas();
        let left = to_add - added;
        if to_add > 0 { share.min(left) } else { share.max(left) }
    }
}
