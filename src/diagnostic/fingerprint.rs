use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::{Diagnostic, Repository};

/// Gives each finding of a report a name that stays when lines move: tools tell by it which
/// findings are new. It is made of code, file and Compose path; findings that share all three
/// are numbered.
pub struct Fingerprints<'a> {
    repository: &'a Repository,
    seen: HashMap<String, usize>,
}

impl<'a> Fingerprints<'a> {
    /// For the findings of one report, in its order.
    pub fn new(repository: &'a Repository) -> Self {
        Self { repository, seen: HashMap::new() }
    }

    /// The fingerprint of the next finding, and the how manieth it is with it.
    pub fn next(&mut self, diagnostic: &Diagnostic) -> (String, usize) {
        let file = diagnostic.span.as_ref().map(|span| self.repository.path(&span.source.name));
        let mut hash = Sha256::new();
        for part in [diagnostic.code.id, file.as_deref().unwrap_or(""), &diagnostic.path] {
            hash.update(part);
            hash.update([0]);
        }
        let digest = hash.finalize();
        let name = digest.iter().take(16).fold(String::new(), |mut name, byte| {
            write!(name, "{byte:02x}").expect("a String takes all");
            name
        });
        let count = self.seen.entry(name.clone()).or_default();
        *count += 1;
        (name, *count)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Source, Span, codes};

    #[test]
    fn a_fingerprint_stays_when_lines_move_and_is_not_shared() {
        let repository = Repository::default();
        let finding = |text: &str, path: &str| {
            let source = Arc::new(Source::new("compose.yaml", text));
            let start = text.find("it").unwrap();
            let span = Span::new(source, start, start + 2);
            Diagnostic::error(codes::WRONG_TYPE, path, "x").at(span)
        };
        let mut before = Fingerprints::new(&repository);
        let first = before.next(&finding("it", "services.a"));
        let again = before.next(&finding("it", "services.a"));
        let other = before.next(&finding("it", "services.b"));
        assert_eq!(first.0, again.0);
        assert_eq!((first.1, again.1, other.1), (1, 2, 1));
        assert_ne!(first.0, other.0);
        let mut after = Fingerprints::new(&repository);
        assert_eq!(after.next(&finding("\n\n  it", "services.a")), first);
    }
}
