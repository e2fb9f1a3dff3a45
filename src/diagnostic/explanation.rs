//! What `longshore explain` says about a code. The texts are data, in `explanations/`: a part for
//! each family of codes, in it a heading for each code, and below it
//!
//! ````text
//! what the code means
//!
//! why it is so
//!
//! ```yaml                 a compose file that gives the finding (`service` instead of `yaml`: the
//! …                       attributes of one service); left out where no file can show it
//! ```
//!
//! what to do
//! ````

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::{Code, attributes, codes};

const PARTS: &[&str] = &[
    include_str!("explanations/01-input.md"),
    include_str!("explanations/10-cluster.md"),
    include_str!("explanations/11-image.md"),
    include_str!("explanations/12-process.md"),
    include_str!("explanations/13-resources.md"),
    include_str!("explanations/14-isolation.md"),
    include_str!("explanations/15-network.md"),
    include_str!("explanations/16-storage.md"),
    include_str!("explanations/17-life.md"),
    include_str!("explanations/18-deploy.md"),
    include_str!("explanations/19-project.md"),
    include_str!("explanations/20-templates.md"),
    include_str!("explanations/31-sections.md"),
];

/// The explanation of one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// What it means, in a sentence or two.
    pub meaning: String,
    /// Why it is so.
    pub reason: String,
    /// A compose file that gives the finding.
    pub example: Option<String>,
    /// What to do.
    pub remedy: String,
}

impl Explanation {
    /// The explanation of a code.
    pub fn of(code: Code) -> Option<&'static Self> {
        ALL.iter().find(|explanation| explanation.code == code)
    }

    /// All explanations, in the order of the codes.
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The text for people.
    pub fn render(&self) -> String {
        let Self { code, meaning, reason, example, remedy } = self;
        let mut text = format!("{code}\n");
        if let Some(path) = attributes::path_of(*code) {
            writeln!(text, "{path}").expect("a String takes all");
        }
        write!(text, "\n{meaning}\n\nWhy: {reason}\n").expect("a String takes all");
        if let Some(example) = example {
            text.push_str("\nExample:\n\n");
            for line in example.lines() {
                writeln!(text, "    {line}").expect("a String takes all");
            }
        }
        writeln!(text, "\nRemedy: {remedy}").expect("a String takes all");
        text
    }
}

static ALL: LazyLock<Vec<Explanation>> = LazyLock::new(|| {
    PARTS.iter().flat_map(|part| part.split("\n## ").skip(1)).filter_map(parse).collect()
});

fn parse(section: &str) -> Option<Explanation> {
    let (heading, body) = section.split_once('\n')?;
    let code = codes::find(heading.split_whitespace().next()?)?;
    let (before, example, after) = match body.split_once("```") {
        None => (body, None, ""),
        Some((before, rest)) => {
            let (block, after) = rest.split_once("\n```")?;
            (before, Some(example(block)?), after)
        }
    };
    let mut paragraphs = before.split("\n\n").chain(after.split("\n\n"));
    let mut next = || paragraphs.find(|text| !text.trim().is_empty()).map(paragraph);
    let (meaning, reason, remedy) = (next()?, next()?, next()?);
    Some(Explanation { code, meaning, reason, example, remedy })
}

/// The lines of a block behind its language.
fn example(block: &str) -> Option<String> {
    let (language, lines) = block.split_once('\n')?;
    if language != "service" {
        return Some(format!("{lines}\n"));
    }
    let mut text = String::from("services:\n  web:\n    image: nginx\n");
    for line in lines.lines() {
        writeln!(text, "    {line}").expect("a String takes all");
    }
    Some(text)
}

fn paragraph(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_one_explanation_in_the_order_of_the_codes() {
        let explained: Vec<&str> = Explanation::all().iter().map(|it| it.code.id).collect();
        let mut all: Vec<&str> = codes::all().map(|code| code.id).collect();
        all.sort_unstable();
        similar_asserts::assert_eq!(explained, all);
    }

    #[test]
    fn headings_name_the_code_as_it_is_shown() {
        let headings = PARTS.iter().flat_map(|part| part.lines());
        for heading in headings.filter_map(|line| line.strip_prefix("## ")) {
            let code = codes::find(heading.split(' ').next().unwrap());
            assert_eq!(code.map(|code| code.to_string()).as_deref(), Some(heading));
        }
    }

    #[test]
    fn an_explanation_is_a_page() {
        similar_asserts::assert_eq!(
            Explanation::of(codes::find("LS1305").unwrap()).unwrap().render(),
            "\
LS1305 ulimits
services.*.ulimits

The limits of the process (`nofile`, `nproc`, …) are not set.

Why: The pod API has no field for them; a container has those of the node's container runtime.

Example:

    services:
      web:
        image: nginx
        ulimits: { nofile: 65536 }

Remedy: Set them in the container runtime of the nodes, or lower them with `ulimit` in the command.
"
        );
    }
}
