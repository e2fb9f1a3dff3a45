//! What `!reset` and `!override` take out of earlier files.

use indexmap::IndexMap;

use super::tree::Node;

/// The paths that a document takes out of what came before it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Removal {
    whole: bool,
    below: IndexMap<String, Removal>,
}

impl Removal {
    /// Adds a path.
    pub fn insert(&mut self, path: &[String]) {
        match path.split_first() {
            Some((key, rest)) => self.below.entry(key.clone()).or_default().insert(rest),
            None => self.whole = true,
        }
    }

    /// Adds the paths of another document.
    pub fn extend(&mut self, other: Self) {
        self.whole |= other.whole;
        for (key, removal) in other.below {
            self.below.entry(key).or_default().extend(removal);
        }
    }

    /// Takes an attribute of all members of a section for another one.
    pub fn rename(&mut self, section: &str, from: &str, to: &str) {
        let Some(section) = self.below.get_mut(section) else { return };
        for member in section.below.values_mut() {
            if let Some(removal) = member.below.shift_remove(from) {
                member.below.entry(to.to_owned()).or_default().extend(removal);
            }
        }
    }

    /// The part below a key.
    pub fn below(&self, key: &str) -> Option<&Self> {
        self.below.get(key)
    }

    /// Whether it takes all of it out.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Takes the paths out of a tree, where it has them.
    pub fn apply(&self, root: &mut Node) {
        let Some(mapping) = root.as_mapping_mut().filter(|_| !self.below.is_empty()) else {
            return;
        };
        mapping.retain(|key, entry| match self.below.get(key) {
            Some(removal) if removal.whole => false,
            Some(removal) => {
                removal.apply(&mut entry.node);
                true
            }
            None => true,
        });
    }
}
