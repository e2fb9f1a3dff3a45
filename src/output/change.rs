use std::path::PathBuf;

use similar::TextDiff;

use super::mask::mask;

/// A file that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// What is there; `None` when there is no such file.
    pub before: Option<Vec<u8>>,
    /// What should be there; `None` when there should be no such file.
    pub after: Option<String>,
}

impl Change {
    /// What differs, as a unified diff that `patch -p0` takes; values of Secrets are not in it.
    pub fn to_diff(&self) -> String {
        let Self { path, before, after } = self;
        let name = |there: bool| {
            if there { path.display().to_string() } else { "/dev/null".to_owned() }
        };
        let (before_name, after_name) = (name(before.is_some()), name(after.is_some()));
        let before = String::from_utf8_lossy(before.as_deref().unwrap_or_default());
        let (before, after) = mask(&before, after.as_deref().unwrap_or_default());
        let diff = TextDiff::from_lines(&before, &after);
        let text = diff.unified_diff().header(&before_name, &after_name).to_string();
        if text.is_empty() {
            // An empty file, or bytes that are not text.
            return format!("--- {before_name}\n+++ {after_name}\n");
        }
        text
    }
}
