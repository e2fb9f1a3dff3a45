//! The canonical form of every short syntax, and the defaults.
//!
//! The tables hold the inputs and results of the reference's own tests, and what they leave open
//! was asked of Docker Compose itself.

#[path = "canonical/build.rs"]
mod build;
#[path = "canonical/commands.rs"]
mod commands;
#[path = "canonical/dependencies.rs"]
mod dependencies;
#[path = "canonical/deploy.rs"]
mod deploy;
#[path = "canonical/devices.rs"]
mod devices;
#[path = "canonical/external.rs"]
mod external;
#[path = "canonical/hooks.rs"]
mod hooks;
#[path = "canonical/hosts.rs"]
mod hosts;
#[path = "canonical/limits.rs"]
mod limits;
#[path = "canonical/lists.rs"]
mod lists;
#[path = "canonical/mounts.rs"]
mod mounts;
#[path = "canonical/networks.rs"]
mod networks;
#[path = "canonical/pairs.rs"]
mod pairs;
#[path = "canonical/plain.rs"]
mod plain;
#[path = "canonical/ports.rs"]
mod ports;
#[path = "canonical/volumes.rs"]
mod volumes;

use crate::case::{self, Case};

/// Attributes of the service `web`, and what they come to.
///
/// The lines of the attributes start at line 4, column 5.
#[derive(Clone, Copy)]
pub struct Web<'a> {
    /// The point of the case, as a sentence.
    pub name: &'a str,
    /// The attributes, each at the start of a line.
    pub attributes: &'a str,
    /// The canonical values by their path below the service.
    pub values: &'a [(&'a str, &'a str)],
    /// As in [`Case::findings`], with paths from the service on.
    pub findings: &'a [&'a str],
}

impl<'a> Web<'a> {
    /// With findings.
    pub const fn with(self, findings: &'a [&'a str]) -> Self {
        Self { findings, ..self }
    }
}

/// A row without findings.
pub const fn web<'a>(
    name: &'a str,
    attributes: &'a str,
    values: &'a [(&'a str, &'a str)],
) -> Web<'a> {
    Web { name, attributes, values, findings: &[] }
}

/// A row that does not load.
pub const fn wrong<'a>(name: &'a str, attributes: &'a str, findings: &'a [&'a str]) -> Web<'a> {
    Web { name, attributes, values: &[], findings }
}

/// Checks every row.
pub fn check(rows: &[Web<'_>]) {
    check_with("", rows);
}

/// Checks every row; `rest` is the text of the other sections.
pub fn check_with(rest: &str, rows: &[Web<'_>]) {
    let texts: Vec<_> = rows.iter().map(|row| Texts::new(row, rest)).collect();
    let borrowed: Vec<_> = texts.iter().map(Texts::borrow).collect();
    let cases: Vec<Case<'_>> = rows
        .iter()
        .zip(&borrowed)
        .map(|(row, (files, values, findings))| Case {
            name: row.name,
            files,
            values,
            findings,
            ..Case::default()
        })
        .collect();
    case::check(&cases);
}

/// What a row says, as the parts of a [`Case`].
struct Texts<'a> {
    file: String,
    values: Vec<(String, &'a str)>,
    findings: Vec<String>,
}

impl<'a> Texts<'a> {
    fn new(row: &Web<'a>, rest: &str) -> Self {
        let attributes = row.attributes.trim_matches('\n').replace('\n', "\n    ");
        let values = row.values.iter();
        Self {
            file: format!("services:\n  web:\n    image: nginx\n    {attributes}\n{rest}"),
            values: values.map(|(path, value)| (format!("services.web.{path}"), *value)).collect(),
            findings: row.findings.iter().map(|finding| finding_of(finding)).collect(),
        }
    }

    #[expect(clippy::type_complexity, reason = "the parts of a case")]
    fn borrow(&self) -> ([(&str, &str); 1], Vec<(&str, &str)>, Vec<&str>) {
        (
            [("compose.yaml", &self.file)],
            self.values.iter().map(|(path, value)| (path.as_str(), *value)).collect(),
            self.findings.iter().map(String::as_str).collect(),
        )
    }
}

/// `LS0205 4:9 ports[0]: message` with the file and the service.
fn finding_of(text: &str) -> String {
    let (head, message) = text.split_once(": ").unwrap();
    let [code, place, path] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("{text}") };
    format!("{code} compose.yaml:{place} services.web.{path}: {message}")
}
