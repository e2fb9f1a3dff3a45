use std::fmt::Write as _;

use super::{Item, Loss, Migration, Row, place};

/// Plain text, without control characters of the input.
pub fn render(migration: &Migration) -> String {
    let mut text = printable(&format!("{}\n", migration.summary()));
    let allowed = migration.report.allowed().len();
    for loss in Loss::ALL.into_iter().skip(1) {
        let (attributes, findings) = (migration.attributes.of(loss), migration.count(loss));
        line(
            &mut text,
            &format!("  {:<26}{attributes:>5} attributes{findings:>5} findings", loss.name()),
        );
    }
    if allowed > 0 {
        line(&mut text, &format!("  {:<26}{:>16}{allowed:>5} findings", "allowed", ""));
    }
    if !migration.rows.is_empty() {
        line(&mut text, "\nPARTS");
    }
    for row in &migration.rows {
        let Row { path, objects, .. } = row;
        let objects = if objects.is_empty() { "no object".to_owned() } else { objects.join(", ") };
        line(&mut text, &format!("  {path}: {objects}{}", losses(row)));
    }
    for (title, findings) in migration.findings() {
        line(&mut text, &format!("\n{}", title.to_uppercase()));
        for finding in findings {
            let path =
                if finding.path.is_empty() { String::new() } else { format!(" {}", finding.path) };
            line(&mut text, &format!("  {}{path}: {}", finding.code, finding.message));
            let place = place(finding);
            if !place.is_empty() {
                line(&mut text, &format!("      at {place}"));
            }
            if let Some(help) = &finding.help {
                line(&mut text, &format!("      help: {help}"));
            }
        }
    }
    for (title, items) in
        migration.inventory.lists().into_iter().filter(|(_, items)| !items.is_empty())
    {
        line(&mut text, &format!("\n{}", title.to_uppercase()));
        for Item { name, services, remark } in items {
            let remark = if remark.is_empty() { String::new() } else { format!(" ({remark})") };
            line(&mut text, &format!("  {name}: {}{remark}", services.join(", ")));
        }
    }
    line(&mut text, "\nNEXT STEPS");
    for (index, step) in migration.steps.iter().enumerate() {
        line(&mut text, &format!("  {}. {step}", index + 1));
    }
    text
}

fn losses(row: &Row) -> String {
    let classes = Loss::ALL.into_iter().skip(1).rev();
    let mut parts: Vec<String> = classes
        .filter(|loss| row.of_class(*loss) > 0)
        .map(|loss| format!("{} {}", row.of_class(loss), loss.name()))
        .collect();
    if row.errors > 0 {
        parts.insert(0, format!("{} errors", row.errors));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn line(text: &mut String, line: &str) {
    let (before, line) = match line.strip_prefix('\n') {
        Some(line) => ("\n", line),
        None => ("", line),
    };
    writeln!(text, "{before}{}", printable(line)).expect("a String takes all");
}

/// What a user wrote must not reach the terminal as a command.
fn printable(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}")
}
