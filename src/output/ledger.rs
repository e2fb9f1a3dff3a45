use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::OutputError;

/// The name of the list in the directory.
pub const FILE_NAME: &str = ".longshore";

/// The files that longshore wrote into a directory, each with a hash of what it wrote.
///
/// On disk it is the output of `sha256sum`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ledger(BTreeMap<String, String>);

impl Ledger {
    /// The list of these files.
    pub fn of(files: &BTreeMap<String, String>) -> Self {
        Self(files.iter().map(|(name, text)| (name.clone(), hash(text.as_bytes()))).collect())
    }

    /// Reads the list of a directory; a directory without one has no files of ours.
    pub fn read(directory: &Path) -> Result<Self, OutputError> {
        let path = directory.join(FILE_NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            // Where there is no directory yet, or something else stands in its place, is no list.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(Self::default());
            }
            Err(source) => return Err(OutputError::Unreadable { path, source }),
        };
        Self::parse(&text).ok_or(OutputError::Ledger { path })
    }

    /// The text of the list.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (name, hash) in &self.0 {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{hash}  {name}");
        }
        text
    }

    /// The files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether longshore wrote a file of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether longshore wrote exactly this into a file of this name.
    pub fn wrote(&self, name: &str, content: &[u8]) -> bool {
        self.0.get(name).is_some_and(|known| *known == hash(content))
    }

    fn parse(text: &str) -> Option<Self> {
        let entry = |line: &str| {
            let (hash, name) = line.split_once("  ")?;
            let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            // Other paths would let a list reach out of its directory.
            let is_name = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
            (is_hash && is_name).then(|| (name.to_owned(), hash.to_owned()))
        };
        text.lines().map(entry).collect::<Option<BTreeMap<_, _>>>().map(Self)
    }
}

fn hash(content: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(content) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_back() {
        let files = ["a.yaml", "base/b.yaml"].map(|name| (name.to_owned(), "a".to_owned())).into();
        let ledger = Ledger::of(&files);
        assert_eq!(Ledger::parse(&ledger.to_text()), Some(ledger));
        let entry = |name: &str| format!("{}  {name}\n", "0".repeat(64));
        for text in ["x", "00  a\n", &entry("../a"), &entry("/a"), &entry("a/../b"), &entry("")] {
            assert_eq!(Ledger::parse(text), None, "{text}");
        }
    }
}
