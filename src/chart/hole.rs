use crate::kubernetes::Object;

use super::leaf::all_text;

/// What a template prints in place of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hole {
    /// An expression on the line of its key.
    Inline(String),
    /// A list or mapping below its key.
    Block(String),
    /// A list or mapping with its key, when there is something in it.
    Optional(String),
    /// A text with its key, when there is one.
    OptionalText(String),
    /// Further items at the end of a list.
    Items(String),
    /// The source of a volume: a claim while the condition holds, else an empty directory.
    Claim {
        /// When there is a claim.
        condition: String,
        /// Its name.
        name: String,
    },
}

/// The holes of all templates. In a tree a mark stands for each of them.
pub struct Holes {
    mark: String,
    holes: Vec<Hole>,
}

impl Holes {
    /// None yet; the marks are in no text of the objects.
    pub fn new(project: &str, objects: &[Object]) -> Self {
        let known = all_text(objects);
        let mut marks = (0..).map(|round: u32| format!("Hole{round}n"));
        let mark = marks.find(|mark| !known.contains(mark.as_str()) && !project.contains(mark));
        Self { mark: mark.unwrap_or_default(), holes: Vec::new() }
    }

    /// The mark for a hole.
    pub fn add(&mut self, hole: Hole) -> String {
        self.holes.push(hole);
        format!("{}{:06}x", self.mark, self.holes.len() - 1)
    }

    /// Whether a value has a hole in it.
    pub fn is_in(&self, value: &serde_json::Value) -> bool {
        !self.holes.is_empty() && value.to_string().contains(&self.mark)
    }

    /// Puts the holes in the place of their marks, of which a line has one at most.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            match self.find(line) {
                Some((before, hole)) => filled.push_str(&print(before, hole)),
                None => filled.push_str(line),
            }
        }
        filled
    }

    fn find<'a, 'b>(&'a self, line: &'b str) -> Option<(&'b str, &'a Hole)> {
        let (before, after) = line.split_once(&self.mark)?;
        let number = after.split('x').next()?.parse::<usize>().ok()?;
        Some((before, self.holes.get(number)?))
    }
}

/// The lines of a hole, behind what stands before it on its line.
fn print(before: &str, hole: &Hole) -> String {
    let content = before.trim_start_matches(' ');
    let indent = &before[..before.len() - content.len()];
    // Behind a dash, what is below a key is indented from the key.
    let key = content.trim_start_matches("- ");
    let depth = before.len() - key.len() + 2;
    let pad = " ".repeat(depth);
    let before = before.trim_end_matches(' ');
    match hole {
        Hole::Inline(expression) => format!("{before} {{{{ {expression} }}}}\n"),
        Hole::Block(value) => {
            format!("{before}\n{pad}{{{{- toYaml {value} | nindent {depth} }}}}\n")
        }
        Hole::Optional(value) => format!(
            "{indent}{{{{- with {value} }}}}\n{before}\n{pad}{{{{- toYaml . | nindent {depth} }}}}\n{indent}{{{{- end }}}}\n"
        ),
        Hole::OptionalText(value) => format!(
            "{indent}{{{{- with {value} }}}}\n{before} {{{{ . | quote }}}}\n{indent}{{{{- end }}}}\n"
        ),
        Hole::Items(value) => format!(
            "{indent}{{{{- with {value} }}}}\n{indent}{{{{- toYaml . | nindent {} }}}}\n{indent}{{{{- end }}}}\n",
            indent.len()
        ),
        Hole::Claim { condition, name } => format!(
            "{indent}{{{{- if {condition} }}}}\n{before}\n{pad}claimName: {{{{ {name} }}}}\n\
             {indent}{{{{- else }}}}\n{indent}emptyDir: {{}}\n{indent}{{{{- end }}}}\n"
        ),
    }
}
