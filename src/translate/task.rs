//! What probably runs to its end, though its file does not say so.
//!
//! Compose starts a container that has ended again only where it is asked to; a Deployment always does, until the cluster
//! starts it ever more rarely. Neither an image nor a command says how long it runs, but people call such services, and
//! what they run, by the same few words.

use crate::model::Service;

use super::findings::Site;
use super::label::{setting, settings};

/// How what is done once is called.
const TASKS: &[&str] = &[
    "bootstrap",
    "createsuperuser",
    "init",
    "initialize",
    "migrate",
    "migration",
    "migrations",
    "migrator",
    "provision",
    "seed",
    "seeder",
    "setup",
];

/// The ends of the names of scripts.
const SCRIPTS: &[&str] = &[".sh", ".bash", ".py", ".js", ".ts", ".rb", ".php"];

/// Says of a service that is to be a Deployment that it would better be a Job.
pub fn report_likely_task(key: &str, service: &Service, site: &Site) {
    if is_unsaid(service) && is_likely_task(key, service) {
        site.child("restart").approximated_closely(
            "the service looks as if it ran to its end; as a Deployment it is started again whenever it ends",
            "set `restart: \"no\"` to make it a Job, or `restart: always` if it goes on running",
        );
    }
}

/// Whether nothing says what follows when it ends, and nothing says that it serves.
fn is_unsaid(service: &Service) -> bool {
    let policy = service.deploy.as_ref().and_then(|deploy| deploy.restart_policy.as_ref());
    let serves = !service.ports.is_empty() || !service.expose.is_empty();
    let is_checked = service.healthcheck.as_ref().is_some_and(|check| !check.disable);
    let kind = setting(&service.container.labels, settings::CONTROLLER);
    !(serves || is_checked) && service.restart.is_none() && policy.is_none() && kind.is_none()
}

fn is_likely_task(key: &str, service: &Service) -> bool {
    let container = &service.container;
    let words = [&container.entrypoint, &container.command].into_iter().flatten().flatten();
    let line = words.map(String::as_str).collect::<Vec<_>>().join(" ");
    // What a shell runs last decides: many servers migrate before they serve.
    let mut commands = line.split(['\n', ';', '&', '|', '"', '\'']).map(str::trim);
    match commands.rfind(|command| !command.is_empty()) {
        Some(command) => is_task(command),
        None => key.split(['-', '_']).any(is_task_word),
    }
}

fn is_task(command: &str) -> bool {
    let mut words = command.split_whitespace().filter(|word| !word.starts_with('-'));
    command.split_whitespace().next() == Some("exit") || words.any(is_task_name)
}

/// Whether a word of a command names a task: a script with such a name, or a part of `db:migrate`. Other paths are those of
/// programs and files, as `/sbin/init`, which goes on running.
fn is_task_name(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    let script = SCRIPTS.iter().find_map(|end| name.strip_suffix(end));
    match script {
        Some(script) => script.split(['-', '_', '.']).any(is_task_word),
        None => !word.contains('/') && word.split(':').any(is_task_word),
    }
}

fn is_task_word(word: &str) -> bool {
    TASKS.contains(&word.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Container, Origins, Restart};
    use crate::translate::findings::Findings;

    fn check(key: &str, command: &[&str], restart: Option<Restart>, expected: bool) {
        let command = command.iter().map(|word| (*word).to_owned()).collect();
        let command = Some(command).filter(|words: &Vec<String>| !words.is_empty());
        let container = Container { command, ..Container::default() };
        let service = Service { container, restart, ..Service::default() };
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        report_likely_task(key, &service, &findings.site("services.a"));
        assert_eq!(!findings.into_report().is_empty(), expected, "{key} {:?}", service.container);
    }

    /// A service that creates tables and ends was started again and again, and nothing said so.
    #[test]
    fn tasks_are_known_by_their_names() {
        check("migrations", &[], None, true);
        check("kafka-init", &[], None, true);
        check("a", &["python", "manage.py", "migrate"], None, true);
        check("a", &["rails", "db:migrate"], None, true);
        check("a", &["/bin/sh", "-c", "/scripts/init-db.sh"], None, true);
        check("a", &["sh", "-c", "mc alias set s http://s; mc mb s/data; exit 0;"], None, true);
    }

    #[test]
    fn what_goes_on_running_is_none() {
        check("web", &[], None, false);
        check("migrations", &[], Some(Restart::Always), false);
        check("setup", &["nginx", "-g", "daemon off"], None, false);
        check("a", &["/sbin/init"], None, false);
        check("a", &["dumb-init", "node", "server.js"], None, false);
        check("a", &["sh", "-c", "manage.py migrate && gunicorn app"], None, false);
        check("a", &["app", "--migrate"], None, false);
        check("initech", &[], None, false);
    }
}
