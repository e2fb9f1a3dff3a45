use std::fmt;

/// A Compose path that grows on the stack while a tree is walked.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    segment: Segment<'a>,
}

#[derive(Clone, Copy)]
enum Segment<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl Path<'_> {
    /// The whole document.
    pub const ROOT: Path<'static> = Path { parent: None, segment: Segment::Root };

    /// The path of a key below this one.
    pub fn key<'b>(&'b self, key: &'b str) -> Path<'b> {
        Path { parent: Some(self), segment: Segment::Key(key) }
    }

    /// The path of an item below this one.
    pub fn index(&self, index: usize) -> Path<'_> {
        Path { parent: Some(self), segment: Segment::Index(index) }
    }

    /// Whether the path has the form of a pattern: names, `*` for any key, `[]` for any item.
    pub fn matches(&self, pattern: &[&str]) -> bool {
        let Some((last, before)) = pattern.split_last() else {
            return matches!(self.segment, Segment::Root);
        };
        self.fits(last) && self.parent.is_some_and(|parent| parent.matches(before))
    }

    /// Whether the path is that of an attribute of any member of one of the sections, and the
    /// attribute has the form of a pattern.
    pub fn matches_member(&self, sections: &[&str], pattern: &[&str]) -> bool {
        let mut path = self;
        for segment in pattern.iter().rev() {
            match (path.parent, path.fits(segment)) {
                (Some(parent), true) => path = parent,
                _ => return false,
            }
        }
        let section = path.parent.filter(|_| path.fits("*"));
        section.is_some_and(|path| sections.iter().any(|name| path.matches(&[*name])))
    }

    fn fits(&self, pattern: &str) -> bool {
        match self.segment {
            Segment::Root => false,
            Segment::Key(key) => pattern == key || pattern == "*",
            Segment::Index(_) => pattern == "[]",
        }
    }

    /// The key that the path ends in.
    pub fn last_key(&self) -> Option<&str> {
        match self.segment {
            Segment::Key(key) => Some(key),
            Segment::Root | Segment::Index(_) => None,
        }
    }

    /// Whether one of the patterns matches.
    pub fn matches_any(&self, patterns: &[&[&str]]) -> bool {
        patterns.iter().any(|pattern| self.matches(pattern))
    }
}

/// `services.web.ports[0]`
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.segment {
            Segment::Root => Ok(()),
            Segment::Key(key) => {
                let first = self.parent.is_none_or(|p| matches!(p.segment, Segment::Root));
                write!(f, "{}{key}", if first { "" } else { "." })
            }
            Segment::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// For the places that keep a path as text.
impl From<&Path<'_>> for String {
    fn from(path: &Path<'_>) -> Self {
        path.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_print_as_compose_writes_them_and_match_patterns() {
        let services = Path::ROOT.key("services");
        let web = services.key("web");
        let ports = web.key("ports");
        let item = ports.index(0);
        let target = item.key("target");
        assert_eq!(target.to_string(), "services.web.ports[0].target");
        assert!(target.matches(&["services", "*", "ports", "[]", "target"]));
        assert!(!target.matches(&["*", "ports", "[]", "target"]));
        assert!(!item.matches(&["services", "*", "ports", "*"]));
        assert!(Path::ROOT.matches(&[]));
    }
}
