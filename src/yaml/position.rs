use std::collections::BTreeMap;

use granit_parser::{Event, Parser};

/// The line of every field of every document of a YAML text.
///
/// Documents without content have no number, as they are not [read](super::read).
#[derive(Debug)]
pub struct Positions(Vec<BTreeMap<String, usize>>);

impl Positions {
    /// Finds the fields. Stops at the first fault: the reader of the text has told it.
    pub fn new(text: &str) -> Self {
        let mut walk = Walk::default();
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else { break };
            walk.step(&event, span.start.line());
        }
        Self(walk.documents)
    }

    /// The line of a field, from 1, or of the nearest field above it that is written.
    pub fn line(&self, document: usize, path: &str) -> usize {
        let Some(lines) = self.0.get(document) else { return 1 };
        let mut path = path;
        loop {
            if let Some(line) = lines.get(path) {
                return *line;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return lines.get("").copied().unwrap_or(1),
            }
        }
    }
}

/// One level of the document that is being read.
enum Level {
    List { path: String, next: usize },
    Map { path: String, key: Option<String> },
}

#[derive(Default)]
struct Walk {
    documents: Vec<BTreeMap<String, usize>>,
    levels: Vec<Level>,
}

impl Walk {
    fn step(&mut self, event: &Event, line: usize) {
        match event {
            Event::DocumentStart(..) => {
                self.levels.clear();
                self.documents.push(BTreeMap::new());
            }
            Event::SequenceStart(..) => {
                let path = self.enter(line);
                self.levels.push(Level::List { path, next: 0 });
            }
            Event::MappingStart(..) => {
                let path = self.enter(line);
                self.levels.push(Level::Map { path, key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.levels.pop();
            }
            Event::Scalar(text, ..) if self.levels.is_empty() && is_nothing(text) => {
                self.documents.pop();
            }
            Event::Scalar(text, ..) => {
                if let Some(Level::Map { key: key @ None, path }) = self.levels.last_mut() {
                    *key = Some(text.to_string());
                    let paths = [join(path, text), format!("{path}[{text}]")];
                    for path in paths {
                        self.record(path, line);
                    }
                } else {
                    self.enter(line);
                }
            }
            Event::Alias(_) => {
                self.enter(line);
            }
            _ => {}
        }
    }

    /// The path of the value that begins here.
    fn enter(&mut self, line: usize) -> String {
        let path = match self.levels.last_mut() {
            None => String::new(),
            Some(Level::List { path, next }) => {
                *next += 1;
                format!("{path}[{}]", *next - 1)
            }
            Some(Level::Map { path, key }) => {
                key.take().map_or(path.clone(), |key| join(path, &key))
            }
        };
        // A field is where its key is.
        self.record(path.clone(), line);
        path
    }

    fn record(&mut self, path: String, line: usize) {
        if let Some(document) = self.documents.last_mut() {
            document.entry(path).or_insert(line);
        }
    }
}

fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_fields() {
        let text = "a: 1\nb:\n  - c: 2\n    d:\n      x.y/z: 3\n---\n# nothing\n---\na:\n  - 1\n";
        let positions = Positions::new(text);
        for (document, path, line) in [
            (0, "a", 1),
            (0, "b[0].c", 3),
            (0, "b[0].d", 4),
            (0, "b[0].d[x.y/z]", 5),
            (0, "b[0].missing.deep", 3),
            (0, "", 1),
            (1, "a[0]", 10),
            (2, "a", 1),
        ] {
            assert_eq!(positions.line(document, path), line, "{document} {path}");
        }
    }
}
