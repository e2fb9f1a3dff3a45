//! A project given as text, and what becomes of it: the rows of the tables in this folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use longshore::diagnostic::{Diagnostic, Report, Severity, text};
use longshore::load::{Input, load_project};
use serde_json::Value;

use super::reference::compare_row;
use super::reload::{check_file, check_literal};

/// One row: files, variables, options, and what is expected of them.
#[derive(Clone, Copy, Default)]
pub struct Case<'a> {
    /// The point of the case, as a sentence.
    pub name: &'a str,
    /// The files by their path below the project directory; `compose.yaml` is found by itself.
    pub files: &'a [(&'a str, &'a str)],
    /// The process environment.
    pub environment: &'a [(&'a str, &'a str)],
    /// `-f`, in order.
    pub compose_files: &'a [&'a str],
    /// `--profile`, in order.
    pub profiles: &'a [&'a str],
    /// What else the command line asks for.
    pub ask: Option<fn(&mut Input)>,
    /// The canonical values by Compose path, in YAML; `<DIR>` is the project directory and an
    /// empty text means that nothing is there. With any of them the project must load.
    pub values: &'a [(&'a str, &'a str)],
    /// What is reported, beside notes, and nothing else:
    /// `CODE PLACE PATH: part of the message`, with the place as `compose.yaml:3:5`.
    pub findings: &'a [&'a str],
}

/// Checks every row, and shows all that are wrong.
pub fn check(cases: &[Case<'_>]) {
    let mut wrong = String::new();
    for case in cases {
        if let Err(difference) = case.run() {
            writeln!(wrong, "\n== {}\n{difference}", case.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Checks rows that need one compose file only: the point, the file, and what is reported, one
/// finding a line.
pub fn check_texts<N, T, F>(rows: &[(N, T, F)])
where
    N: AsRef<str>,
    T: AsRef<str>,
    F: AsRef<str>,
{
    let rows = rows.iter().map(|(name, text, findings)| {
        let findings: Vec<&str> = findings.as_ref().lines().map(str::trim).collect();
        (name.as_ref(), [("compose.yaml", text.as_ref())], findings)
    });
    let rows: Vec<_> = rows.collect();
    let cases = rows.iter().map(|(name, files, findings)| Case {
        name,
        files,
        findings,
        ..Case::default()
    });
    check(&cases.collect::<Vec<_>>());
}

impl Case<'_> {
    fn run(&self) -> Result<(), String> {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        for (name, text) in self.files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let input = self.input(&root);
        let (project, report) = load_project(&input);
        self.check_findings(&report, &root)?;
        compare_row(self.name, &input)
            .map_err(|difference| format!("{difference}\n{}", self.shown()))?;
        if let Some(project) = &project {
            check_file(project, &input)?;
            // an included project has variables of its own, which the printed file does not have
            if !self.files.iter().any(|(_, text)| text.contains("include")) {
                check_literal(project, &input)?;
            }
        }
        if self.values.is_empty() {
            return Ok(());
        }
        let Some(project) = project else { return Err("the project does not load".to_owned()) };
        let project = serde_json::to_value(&project).unwrap();
        let mut wrong = String::new();
        for (path, expected) in self.values {
            let expected = expected.replace("<DIR>", &root.display().to_string());
            let expected: Value = serde_yaml::from_str(&expected).unwrap_or_default();
            let found = find(&project, path);
            if found != &expected {
                writeln!(wrong, "{path}\n  expected {expected}\n  found    {found}").unwrap();
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    fn shown(&self) -> String {
        let files = self.files.iter().map(|(name, text)| format!("-- {name}\n{text}\n"));
        files.collect::<Vec<_>>().concat()
    }

    fn input(&self, root: &Path) -> Input {
        let mut environment = BTreeMap::from([("HOME".to_owned(), "/home/me".to_owned())]);
        environment.extend(
            self.environment.iter().map(|(name, value)| (name.to_string(), value.to_string())),
        );
        let mut input = Input {
            files: self.compose_files.iter().map(Into::into).collect(),
            profiles: self.profiles.iter().map(ToString::to_string).collect(),
            project_name: Some("app".to_owned()),
            working_directory: root.to_owned(),
            environment,
            ..Input::default()
        };
        if let Some(ask) = self.ask {
            ask(&mut input);
        }
        input
    }

    fn check_findings(&self, report: &Report, root: &Path) -> Result<(), String> {
        let found: Vec<&Diagnostic> =
            report.iter().filter(|it| it.severity != Severity::Note).collect();
        let is_expected = found.len() == self.findings.len()
            && self.findings.iter().zip(&found).all(|(expected, found)| {
                let (head, part) =
                    expected.split_once(": ").unwrap_or((expected.trim_end_matches(':'), ""));
                head_of(found) == head && found.message.contains(part)
            });
        if is_expected {
            return Ok(());
        }
        let heads: Vec<String> =
            found.iter().map(|it| format!("{}: {}", head_of(it), it.message)).collect();
        let shown = text::render(report, false).replace(&root.display().to_string(), "<DIR>");
        Err(format!(
            "expected\n  {}\nfound\n  {}\n{shown}",
            self.findings.join("\n  "),
            heads.join("\n  ")
        ))
    }
}

/// `LS0205 compose.yaml:4:9 services.web.ports[0]`, without what is not known.
fn head_of(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.span.as_ref().map(ToString::to_string);
    let words = [Some(diagnostic.code.id.to_owned()), place, Some(diagnostic.path.clone())];
    let words: Vec<String> = words.into_iter().flatten().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// The value at a Compose path such as `services.web.ports[0].target`; a name that holds a dot
/// stands in double quotes.
fn find<'v>(value: &'v Value, path: &str) -> &'v Value {
    let mut value = value;
    let mut rest = path;
    while !rest.is_empty() {
        let step;
        if let Some(indexed) = rest.strip_prefix('[') {
            let (index, after) = indexed.split_once(']').unwrap();
            value = &value[index.parse::<usize>().unwrap()];
            rest = after.strip_prefix('.').unwrap_or(after);
            continue;
        } else if let Some(quoted) = rest.strip_prefix('"') {
            (step, rest) = quoted.split_once('"').unwrap();
        } else {
            (step, rest) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
        }
        value = &value[step];
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    value
}

#[test]
fn a_case_fails_when_anything_differs() {
    let good = Case {
        name: "good",
        files: &[("compose.yaml", "services:\n  web: {image: \"$IMAGE\"}\n")],
        environment: &[("IMAGE", "nginx")],
        values: &[("services.web.image", "nginx"), ("services.web.build", "")],
        ..Case::default()
    };
    check(&[good]);
    let findings: &[&str] = &["LS0208 compose.yaml:2:16 services.web.image"];
    for bad in [
        Case { name: "other value", values: &[("services.web.image", "redis")], ..good },
        Case { name: "missing finding", findings, ..good },
        Case { name: "unexpected finding", environment: &[], ..good },
    ] {
        assert!(bad.run().is_err(), "{}", bad.name);
    }
}
