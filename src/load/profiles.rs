//! Which services take part: those of the active profiles, and of these the ones that the user
//! names, with what they depend on.

mod pattern;

use std::collections::{BTreeSet, HashSet};

use crate::diagnostic::{Diagnostic, Loss, Report, codes};

use super::environment::Environment;
use super::path::Path;
use super::suggest::{did_you_mean, nearest};
use super::tree::{Entry, Mapping, Node};

use pattern::Pattern;

/// What the user asks for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// `--profile`; with none of them, those of `COMPOSE_PROFILES`.
    pub profiles: &'a [String],
    /// Service names and patterns; none means all services.
    pub services: &'a [String],
    /// `--no-deps`: what the named services depend on is left out.
    pub alone: bool,
}

/// The services that the user named, with what they depend on.
#[derive(Debug)]
pub struct Selection {
    /// None when nothing was named: all that take part.
    names: Option<HashSet<String>>,
}

/// Removes the services that do not take part: that no active profile enables and nobody names.
///
/// Services that a profile enables stay even when others are named, so that they can be checked;
/// [`Selection::apply`] removes them.
pub fn apply_profiles(
    root: &mut Node,
    wanted: &Wanted<'_>,
    environment: &Environment,
    report: &mut Report,
) -> Selection {
    report_unknown(wanted.profiles, &all_profiles(root), report);
    let active = active_profiles(wanted.profiles, environment);
    let nothing = Mapping::default();
    let section = |name: &str| root.get(name).and_then(Node::as_mapping).unwrap_or(&nothing);
    let (services, jobs) = (section("services"), section("jobs"));
    let mut enabled = enabled_members(services, &active);
    report_disabled(services, (services, "services"), &enabled, &enabled, report);
    let enabled_jobs = enabled_members(jobs, &active);
    report_disabled(services, (jobs, "jobs"), &enabled_jobs, &enabled, report);
    let selected = (!wanted.services.is_empty()).then(|| {
        let reachable = enabled_members(services, &with_named(services, wanted, active));
        let selected = select(services, wanted, &reachable, report);
        if !wanted.alone {
            let further = selected.difference(&enabled).copied().collect();
            report_disabled(services, (services, "services"), &further, &reachable, report);
        }
        enabled.extend(&selected);
        selected
    });
    let owned = |names: HashSet<&str>| names.into_iter().map(str::to_owned).collect();
    let selection = Selection { names: selected.map(owned) };
    let (enabled, enabled_jobs): (HashSet<String>, HashSet<String>) =
        (owned(enabled), owned(enabled_jobs));
    retain(root, &enabled, &enabled_jobs);
    selection
}

/// The profiles of all services and jobs.
pub fn all_profiles(root: &Node) -> BTreeSet<String> {
    let members = ["services", "jobs"].iter().filter_map(|section| root.get(section)?.as_mapping());
    let profiles = members.flat_map(Mapping::iter).flat_map(|(_, entry)| profiles(&entry.node));
    profiles.map(str::to_owned).collect()
}

impl Selection {
    /// Whether the user named services.
    pub fn is_partial(&self) -> bool {
        self.names.is_some()
    }

    /// Removes the services that are not selected, also from what others depend on, and all jobs,
    /// which nobody can name.
    pub fn apply(&self, root: &mut Node) {
        if let Some(names) = &self.names {
            retain(root, names, &HashSet::new());
        }
    }
}

/// Those without profiles, and those of active ones.
fn enabled_members<'s>(members: &'s Mapping, active: &BTreeSet<String>) -> HashSet<&'s str> {
    let all = active.contains("*");
    let enabled = members.iter().filter(|(_, entry)| {
        let mut profiles = profiles(&entry.node).peekable();
        all || profiles.peek().is_none() || profiles.any(|profile| active.contains(profile))
    });
    enabled.map(|(name, _)| name.as_str()).collect()
}

/// The active profiles with those of the services that are named though no profile enables them.
fn with_named(
    services: &Mapping,
    wanted: &Wanted<'_>,
    mut active: BTreeSet<String>,
) -> BTreeSet<String> {
    let enabled = enabled_members(services, &active);
    let named = wanted.services.iter().filter(|name| !enabled.contains(name.as_str()));
    let named = named.filter_map(|name| services.get(name));
    active.extend(named.flat_map(profiles).map(str::to_owned));
    active
}

/// The named services with all that they depend on, as far as it is enabled.
fn select<'s>(
    services: &'s Mapping,
    wanted: &Wanted<'_>,
    enabled: &HashSet<&'s str>,
    report: &mut Report,
) -> HashSet<&'s str> {
    let mut selected = HashSet::new();
    let mut open: Vec<&str> = Vec::new();
    for asked in wanted.services {
        let pattern = Pattern::new(asked);
        let names = services.keys().map(String::as_str);
        let before = open.len();
        open.extend(names.filter(|name| enabled.contains(name) && pattern.matches(name)));
        if open.len() == before {
            report.push(no_such_service(asked, services, enabled));
        }
    }
    while let Some(name) = open.pop() {
        if selected.insert(name) && !wanted.alone {
            let dependencies = dependencies(services, name);
            open.extend(dependencies.filter_map(|(name, _)| enabled.get(name.as_str())));
        }
    }
    selected
}

fn no_such_service(asked: &str, services: &Mapping, enabled: &HashSet<&str>) -> Diagnostic {
    let message = format!("there is no service `{asked}`");
    let help = if let Some(nearest) = nearest(asked, services.keys().map(String::as_str)) {
        format!("did you mean `{nearest}`?")
    } else {
        let known = services.keys().filter(|name| enabled.contains(name.as_str()));
        let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
        format!("the services are {}", known.join(", "))
    };
    Diagnostic::error(codes::UNDEFINED_REFERENCE, "services", message).help(help)
}

/// Reports what some services or jobs need and no profile enables. What nothing defines is not its
/// business.
fn report_disabled(
    services: &Mapping,
    members: (&Mapping, &str),
    names: &HashSet<&str>,
    enabled: &HashSet<&str>,
    report: &mut Report,
) {
    let (members, section) = members;
    let section = Path::ROOT.key(section);
    for name in members.keys().filter(|name| names.contains(name.as_str())) {
        let path = section.key(name);
        let path = path.key("depends_on");
        for (dependency, entry) in dependencies(members, name) {
            let required = entry.node.get("required").and_then(Node::as_bool).unwrap_or(true);
            if let Some(disabled) = services.get(dependency)
                && required
                && !enabled.contains(dependency.as_str())
            {
                let profiles = profiles(disabled).map(|profile| format!("`{profile}`"));
                let profiles = profiles.collect::<Vec<_>>().join(", ");
                let message =
                    format!("`{name}` needs `{dependency}`, which no active profile enables");
                report.push(
                    Diagnostic::error(codes::UNDEFINED_REFERENCE, &path.key(dependency), message)
                        .at(entry.key.clone())
                        .help(format!("enable one of its profiles with `--profile`: {profiles}")),
                );
            }
        }
    }
}

/// Removes the other services and jobs, and what depends on them no longer does.
fn retain(root: &mut Node, services: &HashSet<String>, jobs: &HashSet<String>) {
    let mut removed = HashSet::new();
    for (section, names) in [("services", services), ("jobs", jobs)] {
        let Some(members) = root.get_mut(section).and_then(Node::as_mapping_mut) else { continue };
        members.retain(|name, _| {
            let keep = names.contains(name);
            if !keep {
                removed.insert(name.clone());
            }
            keep
        });
    }
    if removed.is_empty() {
        return;
    }
    for section in ["services", "jobs"] {
        let members = root.get_mut(section).and_then(Node::as_mapping_mut);
        for member in members.into_iter().flat_map(Mapping::nodes_mut) {
            let dependencies = member.get_mut("depends_on").and_then(Node::as_mapping_mut);
            if let Some(dependencies) = dependencies {
                dependencies.retain(|name, _| !removed.contains(name));
            }
        }
    }
}

fn dependencies<'s>(
    services: &'s Mapping,
    name: &str,
) -> impl Iterator<Item = (&'s String, &'s Entry)> + use<'s> {
    let dependencies = services.get(name).and_then(|service| service.get("depends_on"));
    dependencies.and_then(Node::as_mapping).into_iter().flat_map(Mapping::iter)
}

/// Reports the profiles of the command line that no service has. `COMPOSE_PROFILES` is said once for many
/// projects: nothing is said of it.
fn report_unknown(asked: &[String], known: &BTreeSet<String>, report: &mut Report) {
    let names = || known.iter().map(String::as_str).filter(|name| !name.is_empty());
    let all = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    for profile in asked.iter().filter(|asked| *asked != "*" && !known.contains(*asked)) {
        let message = format!("no service has the profile `{profile}`");
        let help = did_you_mean(profile, names(), || match all.as_str() {
            "" => "leave out `--profile`: there are no profiles".to_owned(),
            all => format!("these are the profiles: {all}"),
        });
        let code = codes::UNDEFINED_REFERENCE;
        report.push(Diagnostic::warning(code, Loss::IgnoredHarmless, "", message).help(help));
    }
}

fn active_profiles(asked: &[String], environment: &Environment) -> BTreeSet<String> {
    if !asked.is_empty() {
        return asked.iter().cloned().collect();
    }
    // an empty list has one empty name, which enables `profiles: ["${UNSET}"]`
    let listed = environment.get("COMPOSE_PROFILES").unwrap_or_default().split(',');
    listed.map(|name| name.trim().to_owned()).collect()
}

fn profiles(service: &Node) -> impl Iterator<Item = &str> {
    let profiles = service.get("profiles").and_then(Node::as_sequence).unwrap_or_default();
    profiles.iter().filter_map(Node::as_str)
}
