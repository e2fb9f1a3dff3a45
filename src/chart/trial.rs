use std::collections::BTreeMap;

use crate::kubernetes::Object;

use super::leaf::{Leaf, all_text, is_hash, leaves};

/// A variable of the compose files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// Whether Compose refuses to go on without it, and what it says then.
    pub required: Option<String>,
    /// What it stands for where it is not set; `None` when it must be set, or when that differs
    /// from place to place.
    pub default: Option<String>,
    /// Whether only a whole number may stand for it.
    pub is_number: bool,
}

/// What stand-ins for the variables showed.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The objects as the plain output has them.
    pub base: Vec<Object>,
    /// The same objects with stand-ins in place of the variables.
    pub varied: Vec<Object>,
    /// The variables that are values of the chart, each with its stand-in.
    pub variables: Vec<(Variable, String)>,
    /// What a variable is where a leaf has it, by variable, object and pointer.
    pub defaults: BTreeMap<(usize, usize, String), String>,
    /// The variables that change a hash, by object and pointer.
    pub hashes: BTreeMap<(usize, String), Vec<usize>>,
    /// Variables that are worked into something else, so that a chart cannot have them as values.
    pub fixed: Vec<String>,
}

/// Finds out by runs with stand-ins what becomes of each variable.
///
/// `run` gives the objects for an assignment of variables, `None` when they cannot be had;
/// `asked` has the variables without which there are no objects at all.
pub fn try_variables(
    variables: Vec<Variable>,
    asked: &BTreeMap<String, String>,
    mut run: impl FnMut(&BTreeMap<String, String>) -> Option<Vec<Object>>,
) -> Option<Trial> {
    let base = run(asked)?;
    let known = all_text(&base);
    let mut trial = Trial {
        varied: base.clone(),
        base,
        variables: Vec::new(),
        defaults: BTreeMap::new(),
        hashes: BTreeMap::new(),
        fixed: Vec::new(),
    };
    let mut assigned = asked.clone();
    for variable in variables {
        let mut outcome = Outcome::Fixed;
        let stand_ins = stand_ins(trial.variables.len(), &known);
        for (is_number, stand_in) in [false, true].into_iter().zip(stand_ins) {
            let mut assignment = assigned.clone();
            assignment.insert(variable.name.clone(), stand_in.clone());
            let Some(varied) = run(&assignment) else { continue };
            match compare(&trial.varied, &varied, &stand_in) {
                Some(places) if places.is_empty() => outcome = Outcome::Unused,
                Some(places) if !is_number || are_numbers(&places, asked.get(&variable.name)) => {
                    assigned = assignment;
                    outcome = Outcome::Found { is_number, stand_in, varied, places };
                }
                _ => continue,
            }
            break;
        }
        match outcome {
            Outcome::Unused => {}
            Outcome::Fixed => trial.fixed.push(variable.name),
            Outcome::Found { is_number, stand_in, varied, places } => {
                trial.varied = varied;
                trial.add(Variable { is_number, ..variable }, stand_in, places, asked);
            }
        }
    }
    Some(trial)
}

enum Outcome {
    /// It changes nothing.
    Unused,
    /// It changes what does not hold it.
    Fixed,
    Found {
        is_number: bool,
        stand_in: String,
        varied: Vec<Object>,
        places: Places,
    },
}

/// What a variable is in each leaf that holds it, `None` for hashes.
type Places = BTreeMap<(usize, String), Option<String>>;

impl Trial {
    fn add(
        &mut self,
        mut variable: Variable,
        stand_in: String,
        places: Places,
        asked: &BTreeMap<String, String>,
    ) {
        let index = self.variables.len();
        let mut defaults: Vec<String> = places.values().flatten().cloned().collect();
        defaults.dedup();
        variable.default = match defaults.as_slice() {
            [only] if !asked.contains_key(&variable.name) => Some(only.clone()),
            _ => None,
        };
        for ((object, pointer), default) in places {
            match default {
                Some(default) => drop(self.defaults.insert((index, object, pointer), default)),
                None => self.hashes.entry((object, pointer)).or_default().push(index),
            }
        }
        self.variables.push((variable, stand_in));
    }
}

/// Whether the variable is a number everywhere now: a number may go where its text is worked into
/// something else, as `512m` of memory is.
fn are_numbers(places: &Places, asked: Option<&String>) -> bool {
    let is_number = |text: &String| text.bytes().all(|byte| byte.is_ascii_digit());
    asked.is_some() || places.values().flatten().all(|text| !text.is_empty() && is_number(text))
}

/// A text that may stand in names, and a number that may be a port.
fn stand_ins(index: usize, known: &str) -> [String; 2] {
    let is_unknown = |text: &String| !known.contains(text.as_str());
    let mut texts = (0..).map(|round: u32| format!("standin{round}n{index:04}x"));
    let mut numbers = (index..).map(|number| (61_000 + number * 7 % 4_500).to_string()).take(4_500);
    [texts.find(is_unknown).unwrap_or_default(), numbers.find(is_unknown).unwrap_or_default()]
}

/// Where the stand-in is, if that explains every difference.
fn compare(before: &[Object], after: &[Object], stand_in: &str) -> Option<Places> {
    let mut places = Places::new();
    if before.len() != after.len() || stand_in.is_empty() {
        return None;
    }
    for (index, (before, after)) in before.iter().zip(after).enumerate() {
        let same = before.kind() == after.kind() && before.name() == after.name();
        let (before, after) = (leaves(before), leaves(after));
        if !same || !before.keys().eq(after.keys()) {
            return None;
        }
        for ((pointer, before), after) in before.into_iter().zip(after.values()) {
            if before == *after {
                continue;
            }
            let default =
                if is_hash(&pointer) { None } else { Some(stood_for(&before, after, stand_in)?) };
            places.insert((index, pointer), default);
        }
    }
    Some(places)
}

/// The text that the stand-in takes the place of; `None` when it does not explain the difference.
fn stood_for(before: &Leaf, after: &Leaf, stand_in: &str) -> Option<String> {
    let (before_text, after_text) = match (before, after) {
        (Leaf::Text(before), Leaf::Text(after)) | (Leaf::Base64(before), Leaf::Base64(after)) => {
            (before, after)
        }
        (Leaf::Number(before), Leaf::Number(after)) => {
            return (after == stand_in).then(|| before.clone());
        }
        _ => return None,
    };
    let count = after_text.matches(stand_in).count();
    let rest = after_text.len() - count * stand_in.len();
    let length = before_text.len().checked_sub(rest)?.checked_div(count)?;
    let start = after_text.find(stand_in)?;
    let default = before_text.get(start..start + length)?;
    (after_text.replace(stand_in, default) == *before_text).then(|| default.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stand_in_stands_for() {
        let text = |text: &str| Leaf::Text(text.to_owned());
        for (before, after, expected) in [
            ("a:1.2", "a:X", Some("1.2")),
            ("a:", "a:X", Some("")),
            ("1-b-1", "X-b-X", Some("1")),
            ("1-b-2", "X-b-X", None),
            ("512Mi", "61000", None),
            ("XY", "XY", None),
        ] {
            let expected = expected.map(str::to_owned);
            let found = stood_for(&text(before), &text(after), "X");
            assert_eq!(found.filter(|_| before != after), expected, "{before} {after}");
        }
        let number = |text: &str| Leaf::Number(text.to_owned());
        assert_eq!(stood_for(&number("80"), &number("61000"), "61000"), Some("80".to_owned()));
        assert_eq!(stood_for(&number("80"), &number("610001"), "61000"), None);
        assert_eq!(stood_for(&number("80"), &text("61000"), "61000"), None);
    }
}
