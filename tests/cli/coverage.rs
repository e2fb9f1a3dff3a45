//! Nothing is lost in silence: each attribute of the schema, alone in a small project, changes the
//! manifests or is reported. `docs/compose-support.md` is made of what this finds;
//! `UPDATE_EXPECT=1 cargo test --test cli coverage` rewrites it.

mod project;
mod samples;
mod walk;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use longshore::diagnostic::{Loss, Severity, attributes};
use project::{Converted, Pair};
use walk::{Leaf, leaves};

const PAGE: &str = "docs/compose-support.md";

/// What the loader uses up: nothing of it is left to translate. Its own tests show what it does.
const LOADED: &[&str] = &[
    "include",
    "include.path",
    "include.env_file",
    "include.project_directory",
    "services.extends",
    "services.extends.service",
    "services.extends.file",
    "services.env_file.required",
    "services.pre_start.env_file.required",
    "jobs.env_file.required",
    "services.profiles",
    "jobs.profiles",
];

/// Attributes that change nothing, because Kubernetes does what they ask for.
const EXACT: &[&str] = &[
    // A new volume starts empty anyway.
    "services.volumes.volume.nocopy",
    "services.pre_start.volumes.volume.nocopy",
    "jobs.volumes.volume.nocopy",
    // A network is no object that could have a name.
    "networks.name",
    // A CronJob can be run by hand anyway.
    "jobs.triggers.manual",
];

/// The codes of what is said about attributes that have none of their own.
const WITHOUT_A_CODE: &[&str] = &["LS1001", "LS1002", "LS1003"];

/// What is said about an attribute in another place.
const TOLD_ELSEWHERE: &[(&str, &str)] =
    &[("services.networks", "networks"), ("jobs.networks", "networks")];

/// What becomes of an attribute.
struct Treatment {
    attribute: String,
    is_translated: bool,
    /// Codes and classes of loss of what is said about it.
    told: BTreeSet<(&'static str, &'static str)>,
    /// The code of the attribute itself, which other values may have.
    own: Option<&'static str>,
}

#[test]
fn each_attribute_of_the_schema_is_translated_or_reported() {
    let mut wrong = Vec::new();
    let mut page = Vec::new();
    for leaf in leaves() {
        let attribute = leaf.attribute();
        if LOADED.contains(&attribute.as_str()) {
            continue;
        }
        match treatment(&leaf) {
            Err(error) => wrong.push(format!("{attribute}: {error}")),
            Ok(treatment) => {
                let is_exact = EXACT.contains(&attribute.as_str());
                if treatment.told.iter().any(|(code, _)| WITHOUT_A_CODE.contains(code)) {
                    wrong.push(format!(
                        "{attribute}: has no code: give it a row in `src/diagnostic/attributes.rs`"
                    ));
                }
                if !treatment.is_translated && treatment.told.is_empty() && !is_exact {
                    wrong.push(format!("{attribute}: lost in silence"));
                }
                page.push(treatment);
            }
        }
    }
    assert!(wrong.is_empty(), "{} attributes:\n{}", wrong.len(), wrong.join("\n"));
    let all: BTreeSet<String> = page.iter().map(|it| it.attribute.clone()).collect();
    page.retain(|it| !is_shown_as_service(&it.attribute, &all));
    page.sort_by(|a, b| a.attribute.cmp(&b.attribute));
    check_page(&render(&page));
}

fn treatment(leaf: &Leaf) -> Result<Treatment, String> {
    let Pair { without, with, path } = Pair::of(leaf)?;
    let (before, after) = (Converted::of(&without)?, Converted::of(&with)?);
    let attribute = leaf.attribute();
    let elsewhere = TOLD_ELSEWHERE.iter().find(|(told, _)| *told == attribute);
    let is_told =
        |found: &str| is_about(found, &path) || elsewhere.is_some_and(|(_, place)| found == *place);
    let told = after.report.iter().filter(|it| it.severity != Severity::Error);
    let told = told.filter(|it| is_told(&it.path) || it.also.iter().any(|also| is_told(also)));
    let own = attributes::code_of(&path).filter(|code| {
        let own = attributes::path_of(*code).unwrap_or_default();
        own.replacen(".*", "", 1) == attribute
    });
    Ok(Treatment {
        told: told.map(|it| (it.code.id, it.loss.name())).collect(),
        is_translated: before.manifests != after.manifests,
        own: own.map(|code| code.id),
        attribute,
    })
}

/// Whether what is said at `found` is said about the attribute at `path`: there, below it, or about
/// the attribute that it is a part of.
fn is_about(found: &str, path: &str) -> bool {
    let below = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let is_whole_service = found.starts_with("services.") && found.matches('.').count() < 2;
    below(found, path) || (below(path, found) && !is_whole_service)
}

/// Whether the page has the attribute of a job or of a `pre_start` container as that of a service.
fn is_shown_as_service(attribute: &str, all: &BTreeSet<String>) -> bool {
    let inner =
        attribute.strip_prefix("services.pre_start.").or_else(|| attribute.strip_prefix("jobs."));
    inner.is_some_and(|inner| all.contains(&format!("services.{inner}")))
}

fn render(page: &[Treatment]) -> String {
    let count =
        |is_meant: &dyn Fn(&Treatment) -> bool| page.iter().filter(|it| is_meant(it)).count();
    let mut text = format!(
        "# What becomes of each Compose attribute\n\n\
         Made by a test that puts each attribute of the Compose schema into a small project and looks at what\n\
         `longshore convert` makes of it. `longshore explain CODE` tells more about a code.\n\n\
         {} attributes: {} are translated, and {} of these in another way or with a remark; {} are reported as\n\
         left out. The attributes of a service hold for `jobs` and `pre_start` as well.\n\n\
         | attribute | treatment | codes |\n|---|---|---|\n",
        page.len(),
        count(&|it| it.is_translated || it.told.is_empty()),
        count(&|it| it.is_translated && !it.told.is_empty()),
        count(&|it| !it.is_translated && !it.told.is_empty()),
    );
    for treatment in page {
        let Treatment { attribute, is_translated, told, own } = treatment;
        let losses: BTreeSet<&str> = told.iter().map(|(_, loss)| *loss).collect();
        let losses = losses.into_iter().filter(|loss| *loss != Loss::Exact.name());
        let translated = (*is_translated || told.is_empty()).then_some("translated");
        let words: Vec<&str> = translated.into_iter().chain(losses).collect();
        let codes: BTreeSet<&str> = told.iter().map(|(code, _)| *code).collect();
        let other =
            own.filter(|own| !codes.contains(own)).map(|own| format!("{own} for some values"));
        let codes: Vec<String> = codes.into_iter().map(str::to_owned).chain(other).collect();
        writeln!(text, "| `{attribute}` | {} | {} |", words.join(", "), codes.join(", ")).unwrap();
    }
    text
}

fn check_page(text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    similar_asserts::assert_eq!(expected, text, "{PAGE}: UPDATE_EXPECT=1 rewrites it");
}
