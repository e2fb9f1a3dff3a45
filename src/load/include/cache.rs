use std::collections::HashMap;
use std::path::Path as FilePath;

use crate::load::environment::Environment;
use crate::load::tree::Node;

/// The included projects that are loaded already: files that include one another twice at each
/// step would otherwise be read more often than anybody can wait for.
#[derive(Debug, Default)]
pub struct Included(HashMap<Vec<u8>, Option<Node>>);

impl Included {
    /// All that decides what is loaded.
    pub(super) fn key<'f>(
        files: impl Iterator<Item = &'f FilePath>,
        directory: &'f FilePath,
        environment: &Environment,
    ) -> Vec<u8> {
        let mut key = environment.digest().to_vec();
        for file in std::iter::once(directory).chain(files) {
            key.extend(file.as_os_str().as_encoded_bytes());
            // no path holds this byte
            key.push(0);
        }
        key
    }

    /// A project that is loaded; none inside when it could not be.
    #[expect(clippy::option_option, reason = "not loaded yet is another thing than not loadable")]
    pub(super) fn get(&self, key: &[u8]) -> Option<Option<Node>> {
        self.0.get(key).cloned()
    }

    /// Remembers what was loaded.
    pub(super) fn insert(&mut self, key: Vec<u8>, root: Option<Node>) {
        self.0.insert(key, root);
    }
}
