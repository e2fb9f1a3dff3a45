use crate::model::{HealthcheckTest, Service};

use super::name::is_dns_label;
use super::scope::Scope;
use super::workload::replicas;

/// The name by which a pod asks for itself, if it does: its host name must be this one.
///
/// In Compose the name of a service leads a container to itself. In Kubernetes it leads to a Service, which lets nobody
/// through before the pod is ready, and to whose address nobody can bind: a health check of `http://web:80` would never
/// pass, and a server that listens on `web:80` never start. The host name of a pod leads to the pod itself.
pub fn own_name(host: &str, scope: &Scope) -> Option<String> {
    let services = scope.pods.members_of(host);
    let services: Vec<(&str, &Service)> = services
        .iter()
        .filter_map(|member| scope.project.services.get_key_value(&member.key))
        .map(|(key, service)| (key.as_str(), service))
        .collect();
    if services.iter().any(|(_, service)| service.container.network_mode.as_deref() == Some("host"))
    {
        return None;
    }
    let texts: Vec<String> = services.iter().flat_map(|(_, service)| texts(service)).collect();
    let names = services.iter().flat_map(|(key, service)| names(key, service, scope));
    names
        .filter(|name| is_dns_label(name))
        .find(|name| texts.iter().any(|text| asks(text, name)))
        .map(str::to_owned)
}

/// The names that lead to the service.
fn names<'a>(
    key: &'a str,
    service: &'a Service,
    scope: &'a Scope,
) -> impl Iterator<Item = &'a str> {
    let aliases = service.container.networks.values().flat_map(|network| &network.aliases);
    [scope.names.service(key).name.as_str()]
        .into_iter()
        .chain(aliases.map(String::as_str))
        .chain(service.container_name.as_deref())
}

/// The health check, and what the program is started with. Several pods must keep host names of their own where programs
/// make a name of it, so that only the check counts, which passes nowhere without.
fn texts(service: &Service) -> Vec<String> {
    let test = service.healthcheck.iter().filter(|check| !check.disable);
    let test = test.filter_map(|check| match check.test.as_ref()? {
        HealthcheckTest::None => None,
        HealthcheckTest::Command(words) => Some(words.join(" ")),
        HealthcheckTest::Shell(line) => Some(line.clone()),
    });
    let container = &service.container;
    let is_one = replicas(service) <= 1;
    let words = [&container.entrypoint, &container.command].into_iter().flatten();
    let values = container.environment.values().flatten();
    let start = words.map(|words| words.join(" ")).chain(values.cloned()).filter(|_| is_one);
    test.chain(start).collect()
}

/// Whether a text has the name in the place of a host: in a URL, before a port, or after an option for the host.
fn asks(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + name.len()..).unwrap_or_default();
        let goes_on = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        if after.starts_with(goes_on)
            || after.strip_prefix('.').is_some_and(|it| it.starts_with(goes_on))
        {
            return false;
        }
        let is_option = |before: &str| {
            let word = before.rsplit(char::is_whitespace).next();
            ["-h", "-H", "--host", "--hostname"].iter().any(|option| word == Some(option))
        };
        if before.ends_with(goes_on) || before.ends_with('.') {
            return is_option(before);
        }
        let port = after
            .strip_prefix([':', ' '])
            .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
        port || before.ends_with("//")
            || before.ends_with('@')
            || is_option(before.trim_end_matches([' ', '=', '"', '\'']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_by_its_place() {
        for (text, expected) in [
            ("wget -q http://web:9001/health", true),
            ("fetch('http://web/api').then((r) => {})", true),
            ("PLAINTEXT://web:9092,CONTROLLER://web:9093", true),
            ("redis://:secret@web/0", true),
            ("pg_isready -h web -U postgres", true),
            ("mysqladmin ping -hweb", true),
            ("mysqladmin ping --host='web'", true),
            ("nc -z web 5432", true),
            ("1@web:29093", true),
            ("pg_isready -U web -d web", false),
            ("http://web.example.com/", false),
            ("http://my-web:80/", false),
            ("http://web-api:80/", false),
            ("http://localhost:80/web", false),
            ("bundle exec web", false),
        ] {
            assert_eq!(asks(text, "web"), expected, "{text}");
        }
    }
}
