use std::fmt::Write as _;

use super::{Item, Loss, Migration, place};

/// GitHub's Markdown, which GitLab reads as well.
pub fn render(migration: &Migration) -> String {
    let mut text = format!("# Migration to Kubernetes\n\n{}\n\n", escape(&migration.summary()));
    text.push_str("| class of loss | attributes | findings |\n|---|---:|---:|\n");
    for loss in Loss::ALL {
        let (attributes, findings) = (migration.attributes.of(loss), migration.count(loss));
        writeln!(text, "| {} | {attributes} | {findings} |", loss.name()).expect(TAKES_ALL);
    }
    let allowed = migration.report.allowed().len();
    if allowed > 0 {
        let findings = if allowed == 1 { "finding is" } else { "findings are" };
        writeln!(text, "\n{allowed} {findings} allowed and not shown.").expect(TAKES_ALL);
    }
    if !migration.rows.is_empty() {
        text.push_str(
            "\n## Services and what belongs to them\n\n| part | becomes | approximated | ignored | unsupported |\n\
             |---|---|---:|---:|---:|\n",
        );
    }
    for row in &migration.rows {
        let ignored =
            row.of_class(Loss::IgnoredHarmless) + row.of_class(Loss::IgnoredBehaviourChange);
        let objects = if row.objects.is_empty() { "-".to_owned() } else { row.objects.join(", ") };
        writeln!(
            text,
            "| {} | {} | {} | {ignored} | {} |",
            escape(&row.path),
            escape(&objects),
            row.of_class(Loss::Approximated),
            row.of_class(Loss::Unsupported),
        )
        .expect(TAKES_ALL);
    }
    for (title, findings) in migration.findings() {
        writeln!(text, "\n## {title}\n\n| code | where | what | remedy |\n|---|---|---|---|")
            .expect(TAKES_ALL);
        for finding in findings {
            let place = place(finding);
            let separator = if place.is_empty() || finding.path.is_empty() { "" } else { "<br>" };
            writeln!(
                text,
                "| {} | {}{separator}{} | {} | {} |",
                escape(&finding.code.to_string()),
                escape(&finding.path),
                escape(&place),
                escape(&finding.message),
                escape(finding.help.as_deref().unwrap_or("")),
            )
            .expect(TAKES_ALL);
        }
    }
    for (title, items) in
        migration.inventory.lists().into_iter().filter(|(_, items)| !items.is_empty())
    {
        writeln!(text, "\n## {title}\n\n| name | services | remark |\n|---|---|---|")
            .expect(TAKES_ALL);
        for Item { name, services, remark } in items {
            writeln!(text, "| {} | {} | {remark} |", escape(name), escape(&services.join(", ")))
                .expect(TAKES_ALL);
        }
    }
    text.push_str("\n## Next steps\n\n");
    for (index, step) in migration.steps.iter().enumerate() {
        writeln!(text, "{}. {}", index + 1, escape(step)).expect(TAKES_ALL);
    }
    text
}

const TAKES_ALL: &str = "a String takes all";

/// A text in a cell: nothing of it is markup but pairs of backticks, and it stays on its line.
fn escape(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // A backtick without its partner is one.
    let paired = parts.len() % 2 == 1;
    let mut escaped = String::new();
    for (index, part) in parts.iter().enumerate() {
        let is_code = paired && index % 2 == 1;
        if index > 0 {
            escaped.push_str(if paired { "`" } else { "\\`" });
        }
        for character in part.chars() {
            match character {
                '\n' | '\r' => escaped.push(' '),
                // A table divides its cells before it looks for code.
                '|' => escaped.push_str("\\|"),
                '<' if !is_code => escaped.push_str("&lt;"),
                '&' if !is_code => escaped.push_str("&amp;"),
                '\\' | '*' | '_' | '[' | ']' | '#' | '~' | '!' if !is_code => {
                    escaped.push('\\');
                    escaped.push(character);
                }
                other if other.is_control() => escaped.push('\u{fffd}'),
                other => escaped.push(other),
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_that_a_user_writes_is_markup() {
        let cases = [
            ("a|b", "a\\|b"),
            ("`a|b_c`", "`a\\|b_c`"),
            ("<img src=x> & *b*", "&lt;img src=x> &amp; \\*b\\*"),
            ("one ` alone", "one \\` alone"),
            ("two\nlines", "two lines"),
            ("[x](y) #1", "\\[x\\](y) \\#1"),
        ];
        for (text, expected) in cases {
            assert_eq!(escape(text), expected);
        }
    }
}
