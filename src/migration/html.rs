use std::fmt::Write as _;

use super::{Item, Loss, Migration, place};

const STYLE: &str = "\
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { border-bottom: 1px solid #8886; padding: .35rem .6rem; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
.place { color: #888; font-size: .85em; }
";

/// One file without scripts and without anything from elsewhere.
pub fn render(migration: &Migration) -> String {
    let mut body =
        format!("<h1>Migration to Kubernetes</h1>\n<p>{}</p>\n", inline(&migration.summary()));
    write_classes(&mut body, migration);
    write_rows(&mut body, migration);
    write_findings(&mut body, migration);
    write_inventory(&mut body, migration);
    body.push_str("<h2>Next steps</h2>\n<ol>\n");
    for step in &migration.steps {
        writeln!(body, "<li>{}</li>", inline(step)).expect(TAKES_ALL);
    }
    body.push_str("</ol>\n");
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Migration to Kubernetes</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

const TAKES_ALL: &str = "a String takes all";

fn write_classes(body: &mut String, migration: &Migration) {
    body.push_str(
        "<table>\n<tr><th>class of loss</th><th class=\"number\">attributes</th>\
         <th class=\"number\">findings</th></tr>\n",
    );
    for loss in Loss::ALL {
        writeln!(
            body,
            "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
            loss.name(),
            migration.attributes.of(loss),
            migration.count(loss)
        )
        .expect(TAKES_ALL);
    }
    body.push_str("</table>\n");
    let allowed = migration.report.allowed().len();
    if allowed > 0 {
        let findings = if allowed == 1 { "finding is" } else { "findings are" };
        writeln!(body, "<p>{allowed} {findings} allowed and not shown.</p>").expect(TAKES_ALL);
    }
}

fn write_rows(body: &mut String, migration: &Migration) {
    if migration.rows.is_empty() {
        return;
    }
    body.push_str(
        "<h2>Services and what belongs to them</h2>\n<table>\n<tr><th>part</th><th>becomes</th>\
         <th class=\"number\">approximated</th><th class=\"number\">ignored</th>\
         <th class=\"number\">unsupported</th></tr>\n",
    );
    for row in &migration.rows {
        let ignored =
            row.of_class(Loss::IgnoredHarmless) + row.of_class(Loss::IgnoredBehaviourChange);
        let counts = [row.of_class(Loss::Approximated), ignored, row.of_class(Loss::Unsupported)];
        let counts = counts.map(|count| format!("<td class=\"number\">{count}</td>")).concat();
        let objects: Vec<String> = row.objects.iter().map(|object| escape(object)).collect();
        writeln!(
            body,
            "<tr><td><code>{}</code></td><td>{}</td>{counts}</tr>",
            escape(&row.path),
            objects.join("<br>")
        )
        .expect(TAKES_ALL);
    }
    body.push_str("</table>\n");
}

fn write_findings(body: &mut String, migration: &Migration) {
    for (title, findings) in migration.findings() {
        writeln!(
            body,
            "<h2>{}</h2>\n<table>\n<tr><th>code</th><th>where</th><th>what</th><th>remedy</th></tr>",
            escape(title)
        )
        .expect(TAKES_ALL);
        for finding in findings {
            writeln!(
                body,
                "<tr><td><code>{}</code></td><td><code>{}</code><br><span class=\"place\">{}</span></td>\
                 <td>{}</td><td>{}</td></tr>",
                escape(&finding.code.to_string()),
                escape(&finding.path),
                escape(&place(finding)),
                inline(&finding.message),
                inline(finding.help.as_deref().unwrap_or("")),
            )
            .expect(TAKES_ALL);
        }
        body.push_str("</table>\n");
    }
}

fn write_inventory(body: &mut String, migration: &Migration) {
    for (title, items) in migration.inventory.lists() {
        if items.is_empty() {
            continue;
        }
        writeln!(
            body,
            "<h2>{title}</h2>\n<table>\n<tr><th>name</th><th>services</th><th>remark</th></tr>"
        )
        .expect(TAKES_ALL);
        for Item { name, services, remark } in items {
            writeln!(
                body,
                "<tr><td><code>{}</code></td><td>{}</td><td>{remark}</td></tr>",
                escape(name),
                escape(&services.join(", "))
            )
            .expect(TAKES_ALL);
        }
        body.push_str("</table>\n");
    }
}

/// A text whose pairs of backticks are code.
fn inline(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let parts = parts.iter().enumerate().map(|(index, part)| {
        if index % 2 == 1 { format!("<code>{}</code>", escape(part)) } else { escape(part) }
    });
    parts.collect()
}

/// A text in HTML, inside and outside of attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other if other.is_control() && other != '\n' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::inline;

    #[test]
    fn nothing_that_a_user_writes_is_markup() {
        let cases = [
            ("`<b>`", "<code>&lt;b&gt;</code>"),
            ("<script>alert('&')</script>", "&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;"),
            ("one ` alone", "one ` alone"),
            ("a\u{1b}b", "a\u{fffd}b"),
        ];
        for (text, expected) in cases {
            assert_eq!(inline(text), expected);
        }
    }
}
