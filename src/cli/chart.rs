//! The runs that show what a chart's values are.

use std::collections::BTreeMap;

use super::project::{Build, accept, print};
use super::{Exit, Failure, GlobalArgs};
use crate::chart::{self, Chart, Trial, Variable, try_variables};
use crate::diagnostic::{Diagnostic, Report, Severity, codes};
use crate::kubernetes::Object;
use crate::load::{UsedVariable, find_variables};
use crate::output::Tree;

/// The files of the project's chart.
pub fn tree(build: &Build, global: &GlobalArgs) -> Result<Tree, Failure> {
    let (used, report) = find_variables(build.input());
    let Some(used) = used else {
        print(&report, global)?;
        return Err(Failure::told(Exit::Input));
    };
    let asked = asked(build, used.values());
    let (application, mut report) = build.run(&asked);
    let objects = |application: crate::kubernetes::Application| -> Vec<Object> {
        application.into_objects().collect()
    };
    let variables = used.into_values().map(variable).collect();
    let usable = application.as_ref().filter(|_| !report.has_errors());
    let trial = usable.and_then(|_| {
        try_variables(variables, &asked, |assignment| {
            let (application, report) = build.run(assignment);
            application.filter(|_| !report.has_errors()).map(objects)
        })
    });
    if let Some(trial) = &trial {
        report_fixed(trial, &asked, &mut report);
    }
    let application = accept(application, &report, global)?;
    let trial = trial.ok_or_else(|| Failure::told(Exit::Input))?;
    let Chart { files, starters } = chart::chart(&application.project, &trial);
    Ok(Tree { files, starters })
}

/// Stand-ins for the variables that must be set and are not: a chart asks for them itself.
fn asked<'a>(
    build: &Build,
    used: impl Iterator<Item = &'a UsedVariable>,
) -> BTreeMap<String, String> {
    let is_asked_for = |assignment: &BTreeMap<String, String>| {
        build.run(assignment).1.iter().any(|found| found.code == codes::REQUIRED_VARIABLE)
    };
    if !is_asked_for(&BTreeMap::new()) {
        return BTreeMap::new();
    }
    let stand_in = |(index, it): (usize, &UsedVariable)| (it.name.clone(), format!("asked{index}"));
    let mut asked: BTreeMap<String, String> =
        used.filter(|it| it.required).enumerate().map(stand_in).collect();
    for name in asked.keys().cloned().collect::<Vec<_>>() {
        let Some(value) = asked.remove(&name) else { continue };
        if is_asked_for(&asked) {
            asked.insert(name, value);
        }
    }
    let errors = |asked: &BTreeMap<String, String>| build.run(asked).1.count(Severity::Error);
    let names: Vec<String> = asked.keys().cloned().collect();
    for (index, name) in names.into_iter().enumerate() {
        let before = errors(&asked);
        if before == 0 {
            break;
        }
        // Perhaps it is a port or another number.
        let mut changed = asked.clone();
        changed.insert(name, (60_000 + index).to_string());
        if errors(&changed) < before {
            asked = changed;
        }
    }
    asked
}

fn variable(used: UsedVariable) -> Variable {
    let UsedVariable { name, default: _, alternate: _, required, message } = used;
    let message = if message.is_empty() { format!("set variables.{name}") } else { message };
    Variable { name, required: required.then_some(message), default: None, is_number: false }
}

/// Says which variables are no values of the chart, and stops at those without a value.
fn report_fixed(trial: &Trial, asked: &BTreeMap<String, String>, report: &mut Report) {
    for name in &trial.fixed {
        let message = format!(
            "the variable `{name}` is no value of the chart: what it stands for is worked into names, sizes or the like"
        );
        report.push(if asked.contains_key(name) {
            Diagnostic::error(codes::CHART_VARIABLE, "", message)
                .help(format!("set `{name}` for the conversion"))
        } else {
            Diagnostic::note(codes::CHART_VARIABLE, "", message)
                .help("the chart has the value of now; where it differs, convert again")
        });
    }
}
