//! A project as a Helm chart.
//!
//! ```text
//! a run for each variable ─trial─▶ where it lands in the objects ─┐
//! objects ─lift─▶ fields that differ from place to place ─────────┴─▶ templates/, values.yaml, its schema
//! ```
//!
//! # Invariants
//! - With its own values the chart gives the objects of the plain output; names stay.
//! - A variable is a value of the chart only when a run shows that it stands, as it is, in the objects.
//! - Text of the user's is never read as a template: `{{` is escaped.

mod expression;
mod hole;
mod leaf;
mod lift;
mod notes;
mod schema;
mod trial;
mod values;

use std::collections::BTreeMap;

use crate::kubernetes::Object;
use crate::yaml;

use hole::Holes;
use lift::Lifted;

pub use trial::{Trial, Variable, try_variables};

/// The files of a chart, by their paths in its directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// What longshore keeps in step with the project.
    pub files: BTreeMap<String, String>,
    /// What is the user's once it is there.
    pub starters: BTreeMap<String, String>,
}

/// Writes a chart. `project` is its name; the trial says where the variables are.
pub fn chart(project: &str, trial: &Trial) -> Chart {
    let mut holes = Holes::new(project, &trial.base);
    let Lifted { templates, values } = lift::lift(project, trial, &mut holes);
    let mut files = BTreeMap::new();
    for (object, template) in trial.base.iter().zip(templates) {
        let text = holes.fill(&expression::escape(&yaml::write(&template.tree)));
        let text = match template.condition {
            Some(condition) => format!("{{{{- if {condition} }}}}\n{text}{{{{- end }}}}\n"),
            None => text,
        };
        files.insert(format!("templates/{}", file_name(object)), text);
    }
    files.insert("templates/_helpers.tpl".to_owned(), expression::helpers(project));
    files.insert("templates/NOTES.txt".to_owned(), notes::notes(&trial.base));
    files.insert("values.schema.json".to_owned(), format!("{:#}\n", schema::schema(&values)));
    files.insert("values.yaml".to_owned(), values::write(&values));
    files.insert(".helmignore".to_owned(), ".longshore\n.git/\n".to_owned());
    let about = format!(
        "# This file is yours: longshore does not write it again.\n\
         apiVersion: v2\nname: {project}\ndescription: {project} on Kubernetes\ntype: application\n\
         version: 0.1.0\n"
    );
    Chart { files, starters: BTreeMap::from([("Chart.yaml".to_owned(), about)]) }
}

/// `deployment-web.yaml`.
fn file_name(object: &Object) -> String {
    let safe = |character: char| {
        if character.is_alphanumeric() || matches!(character, '-' | '.') { character } else { '-' }
    };
    let stem = format!("{}-{}", object.kind(), object.name()).to_lowercase();
    format!("{}.yaml", stem.chars().map(safe).collect::<String>())
}

#[cfg(test)]
mod tests;
