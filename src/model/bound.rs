use std::collections::BTreeMap;
use std::fmt;

/// What the source of a bind mount is on this machine, where it lies in the project:
/// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#volumes>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// A file.
    File(BoundFile),
    /// A directory: the files below it by their path, with `/` between its parts.
    Directory(BTreeMap<String, BoundFile>),
    /// Nothing is there.
    Missing,
    /// Its files cannot be held elsewhere: why not.
    Unfit(String),
}

/// A file that is bind-mounted.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BoundFile {
    /// Its bytes.
    pub content: Vec<u8>,
    /// Whether it can be executed.
    pub executable: bool,
}

/// Without the content, which may be secret.
impl fmt::Debug for BoundFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { content: _, executable } = self;
        f.debug_struct("BoundFile").field("executable", executable).finish_non_exhaustive()
    }
}
