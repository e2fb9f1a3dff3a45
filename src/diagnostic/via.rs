use std::fmt;
use std::sync::Arc;

use super::Span;

/// More than this nobody reads; it also bounds what a chain of thousands of merge keys costs.
const MAX_STEPS: usize = 20;

/// Through what a text came from the place where it is written to the place where it counts.
///
/// Mostly empty, and cheap to copy: spans that came the same way share their steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Via(Option<Arc<Link>>);

#[derive(Debug, PartialEq, Eq)]
struct Link {
    step: Arc<Step>,
    before: Via,
    length: usize,
}

/// One step on the way of a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// What kind of step.
    pub kind: StepKind,
    /// The anchor, variable, service or attribute; empty for an included file.
    pub name: String,
    /// Where the step is written, if it is.
    pub place: Option<Span>,
    hidden: Hidden,
}

/// The kinds of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// A YAML alias, also behind the merge key `<<`.
    Alias,
    /// `${NAME}`; without a place the variable is in no file.
    Variable,
    /// `DEFAULT` in `${NAME:-DEFAULT}`.
    Default,
    /// `env_file` or `label_file`, at the place that names the file.
    EnvFile,
    /// A service inherits from another one.
    Extends,
    /// A file is included.
    Include,
}

/// A value that no message shows.
#[derive(Default, PartialEq, Eq)]
struct Hidden(Option<String>);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "hidden" } else { "none" })
    }
}

impl Step {
    /// A step that is written somewhere.
    pub fn at(kind: StepKind, name: impl Into<String>, place: &Span) -> Self {
        Self::new(kind, name, Some(place.without_via()), Hidden::default())
    }

    /// A variable of the process environment: [`Via::hide`] keeps its value out of messages.
    pub fn process_variable(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(StepKind::Variable, name, None, Hidden(Some(value.into())))
    }

    /// A variable that longshore sets itself.
    pub fn own_variable(name: impl Into<String>) -> Self {
        Self::new(StepKind::Variable, name, None, Hidden::default())
    }

    /// The default of a variable; the text itself stands where the variable is used.
    pub fn default_of(name: impl Into<String>) -> Self {
        Self::new(StepKind::Default, name, None, Hidden::default())
    }

    fn new(kind: StepKind, name: impl Into<String>, place: Option<Span>, hidden: Hidden) -> Self {
        Self { kind, name: name.into(), place, hidden }
    }

    /// `file:line`, for places where the column says nothing.
    fn line(&self) -> String {
        let line = |place: &Span| format!("{}:{}", place.source.name, place.line_column().0);
        self.place.as_ref().map(line).unwrap_or_default()
    }
}

/// The sentence for people, lowercase.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, name, place, hidden } = self;
        let exact = place.as_ref().map(ToString::to_string).unwrap_or_default();
        match kind {
            StepKind::Alias => write!(f, "through the alias `*{name}` at {exact}"),
            StepKind::Variable if place.is_some() => {
                write!(f, "through the variable `{name}`, set in {}", self.line())
            }
            StepKind::Variable if hidden.0.is_some() => {
                write!(f, "through the variable `{name}` of the process environment")
            }
            StepKind::Variable => write!(f, "through the variable `{name}`, which longshore sets"),
            StepKind::Default => {
                write!(f, "through the default of the variable `{name}`, which has no value")
            }
            StepKind::EnvFile => write!(f, "through `{name}` at {exact}"),
            StepKind::Extends => {
                write!(f, "inherited by `services.{name}` ({}) through `extends`", self.line())
            }
            StepKind::Include => write!(f, "included at {exact}"),
        }
    }
}

impl Via {
    /// Whether the text counts where it is written.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The steps, the first one after the text first.
    pub fn steps(&self) -> Vec<&Step> {
        let mut steps: Vec<&Step> = self.links().map(|link| &*link.step).collect();
        steps.reverse();
        steps
    }

    /// The way that goes one step further.
    #[must_use]
    pub fn and(&self, step: &Arc<Step>) -> Self {
        let length = self.length() + 1;
        if length > MAX_STEPS {
            return self.clone();
        }
        Self(Some(Arc::new(Link { step: Arc::clone(step), before: self.clone(), length })))
    }

    /// The way that goes on as another one.
    #[must_use]
    pub fn and_all(&self, further: &Self) -> Self {
        if self.is_empty() {
            return further.clone();
        }
        let mut links: Vec<&Link> = further.links().collect();
        links.reverse();
        links.into_iter().fold(self.clone(), |via, link| via.and(&link.step))
    }

    /// Whether both are one and the same way, which is quickly found out.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            _ => false,
        }
    }

    /// Puts `${NAME}` in place of the value of each variable of the process environment, in the
    /// parts of a message that quote what the user wrote: the values may be secrets.
    pub fn hide(&self, message: &mut String) {
        for link in self.links() {
            if let Some(value) = link.step.hidden.0.as_deref().filter(|value| !value.is_empty()) {
                *message = hide(message, value, &link.step.name);
            }
        }
    }

    fn length(&self) -> usize {
        self.0.as_ref().map_or(0, |link| link.length)
    }

    fn links(&self) -> impl Iterator<Item = &Link> {
        std::iter::successors(self.0.as_deref(), |link| link.before.0.as_deref())
    }
}

/// Messages quote with backticks: each second part is a quotation.
fn hide(message: &str, value: &str, name: &str) -> String {
    // a few letters stand in many a word by accident
    const LONG: usize = 4;
    let parts = message.split('`').enumerate().map(|(index, part)| {
        let quoted = index % 2 == 1;
        if quoted && (value.len() >= LONG || stands_alone(part, value)) {
            part.replace(value, &format!("${{{name}}}"))
        } else {
            part.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// Whether a value stands in a text with nothing that would make it a part of a longer word or
/// of a Compose path.
fn stands_alone(text: &str, value: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']');
    text.match_indices(value).any(|(start, _)| {
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let after = text.get(start + value.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(joins) && !after.is_some_and(joins)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_from_the_text_outwards() {
        let first = Arc::new(Step::default_of("A"));
        let second = Arc::new(Step::own_variable("B"));
        let third = Arc::new(Step::own_variable("C"));
        let via = Via::default().and(&first).and_all(&Via::default().and(&second).and(&third));
        let names: Vec<&str> = via.steps().iter().map(|step| step.name.as_str()).collect();
        assert_eq!(names, ["A", "B", "C"]);
    }

    #[test]
    fn a_long_way_is_cut_off() {
        let step = Arc::new(Step::own_variable("A"));
        let via = (0..100_000).fold(Via::default(), |via, _| via.and(&step));
        assert_eq!(via.steps().len(), MAX_STEPS);
    }

    #[test]
    fn values_of_the_process_environment_are_hidden_where_messages_quote() {
        let hidden = |value: &str, message: &str| {
            let step = Arc::new(Step::process_variable("X", value));
            let mut message = message.to_owned();
            Via::default().and(&step).hide(&mut message);
            message
        };
        let cases = [
            (
                "80x",
                "invalid port `1:80x`: `80x` is no port",
                "invalid port `1:${X}`: `${X}` is no port",
            ),
            (
                "hunter2",
                "`a.b` must be a number, but is `hunter2!`",
                "`a.b` must be a number, but is `${X}!`",
            ),
            ("web", "`services.web.image` is `web`", "`services.web.image` is `${X}`"),
            ("0", "`services.web.ports[0]` is `0`", "`services.web.ports[0]` is `${X}`"),
            ("is", "this is `this`", "this is `this`"),
            ("", "a `` b", "a `` b"),
        ];
        for (value, message, expected) in cases {
            assert_eq!(hidden(value, message), expected);
        }
        assert!(!format!("{:?}", Step::process_variable("X", "hunter2")).contains("hunter2"));
    }
}
