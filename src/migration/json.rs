use serde_json::{Value, json};

use super::{Item, Loss, Migration, Row};
use crate::diagnostic::{Severity, json::object};

/// One JSON object; findings have the form of `--diagnostics json`.
pub fn render(migration: &Migration) -> String {
    let Migration { project, attributes, rows, inventory, report, steps } = migration;
    let by_class = |count: &dyn Fn(Loss) -> usize| -> Value {
        Loss::ALL.into_iter().map(|loss| (loss.name().to_owned(), json!(count(loss)))).collect()
    };
    let severities = [Severity::Error, Severity::Warning, Severity::Note];
    let severities: Value = severities
        .into_iter()
        .map(|severity| (severity.name().to_owned(), json!(report.count(severity))))
        .collect();
    let page = json!({
        "project": project,
        "summary": migration.summary(),
        "attributes": by_class(&|loss| attributes.of(loss)),
        "findings": {
            "bySeverity": severities,
            "byLoss": by_class(&|loss| migration.count(loss)),
            "allowed": report.allowed().len(),
        },
        "parts": rows.iter().map(part).collect::<Vec<_>>(),
        "diagnostics": report.iter().map(object).collect::<Vec<_>>(),
        "allowed": report.allowed().iter().map(|it| object(&it.diagnostic)).collect::<Vec<_>>(),
        "images": inventory.images.iter().map(item).collect::<Vec<_>>(),
        "variables": inventory.variables.iter().map(item).collect::<Vec<_>>(),
        "nextSteps": steps,
    });
    format!("{page:#}\n")
}

fn item(item: &Item) -> Value {
    let Item { name, services, remark } = item;
    json!({ "name": name, "services": services, "remark": remark })
}

fn part(row: &Row) -> Value {
    let Row { path, objects, losses: _, errors } = row;
    let losses: Value = Loss::ALL
        .into_iter()
        .map(|loss| (loss.name().to_owned(), json!(row.of_class(loss))))
        .collect();
    json!({ "path": path, "objects": objects, "errors": errors, "losses": losses })
}
