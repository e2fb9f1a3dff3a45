use indexmap::IndexMap;
use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, IngressBackend, IngressRule, IngressServiceBackend,
    IngressTLS, ServiceBackendPort,
};

use super::context::{self, ServicePort};
use super::findings::Site;
use super::label::{annotation_of_ingress, is_qualified_name, setting, settings};
use super::name::is_dns_subdomain;
use super::scope::Scope;

/// The Ingress that a service's labels ask for.
pub fn translate_ingress(
    key: &str,
    labels: &IndexMap<String, String>,
    ports: &[&ServicePort],
    scope: &Scope,
    site: &Site,
) -> Option<context::Ingress> {
    let site = site.child("labels");
    let Some((label, hosts)) = setting(labels, settings::INGRESS_HOST) else {
        report_without_host(labels, &site);
        report_traefik(labels, ports.is_empty(), &site);
        return None;
    };
    if hosts.eq_ignore_ascii_case("false") {
        return None;
    }
    let port = backend_port(label, labels, ports, &site)?;
    let name = &scope.names.service(key).name;
    let default_path = setting(labels, settings::INGRESS_PATH).map_or("/", |(_, path)| path);
    let targets: Vec<_> = hosts
        .split(',')
        .filter(|host| !host.trim().is_empty())
        .map(|host| Target::parse(host, default_path))
        .collect();
    for host in targets.iter().filter_map(|target| target.host.as_deref()) {
        if !is_dns_subdomain(host.strip_prefix("*.").unwrap_or(host)) {
            site.child(label).invalid(
                format!("`{host}` is not a host name"),
                "write `HOST` or `HOST/PATH`, without a port, and `true` for all hosts",
            );
        }
    }
    report_names(labels, &site);
    let named: Vec<_> = targets.iter().filter_map(|target| target.host.clone()).collect();
    let tls = setting(labels, settings::INGRESS_TLS_SECRET).map(|(_, secret)| IngressTLS {
        hosts: (!named.is_empty()).then_some(named),
        secret_name: Some(secret.to_owned()),
    });
    let mut metadata = scope.metadata(name, name);
    metadata.annotations = annotations(labels, &site);
    Some(context::Ingress {
        metadata,
        ingress_class_name: setting(labels, settings::INGRESS_CLASS)
            .map(|(_, name)| name.to_owned()),
        tls: tls.into_iter().collect(),
        port: port.port,
        rules: targets.into_iter().map(|target| target.rule(name, i32::from(port.port))).collect(),
    })
}

/// The port that the label names, or the first that speaks TCP, as HTTP does.
fn backend_port<'p>(
    host_label: &str,
    labels: &IndexMap<String, String>,
    ports: &[&'p ServicePort],
    site: &Site,
) -> Option<&'p ServicePort> {
    let mut candidates = ports.iter().copied().filter(|port| port.protocol == "TCP");
    if let Some((label, wanted)) = setting(labels, settings::INGRESS_PORT) {
        let port = candidates.find(|it| it.name == wanted || it.port.to_string() == wanted);
        if port.is_none() {
            site.child(label).invalid(
                format!("the container has no TCP port `{wanted}`"),
                "name a port of `ports` or `expose`, by its number in the container or its `name`",
            );
        }
        return port;
    }
    let Some(port) = candidates.next() else {
        site.child(host_label).not_translated(
            "an Ingress needs a TCP port, and the service has none",
            "name the container port in `expose`",
        );
        return None;
    };
    if candidates.next().is_some() {
        site.child(host_label).approximated_closely(
            format!("the Ingress leads to the first of several ports, {}", port.port),
            format!("name another one in `{}`", settings::INGRESS_PORT.first().unwrap_or(&"")),
        );
    }
    Some(port)
}

fn annotations(labels: &IndexMap<String, String>, site: &Site) -> IndexMap<String, String> {
    let mut annotations = IndexMap::new();
    for (label, value) in labels {
        match annotation_of_ingress(label) {
            Some(key) if is_qualified_name(key) => {
                annotations.insert(key.to_owned(), value.clone());
            }
            Some(key) => site.child(label).invalid(
                format!("`{key}` cannot be an annotation in Kubernetes"),
                "use letters, digits, `-`, `_` and `.`, at most 63 characters, after an optional `prefix/`",
            ),
            None => {}
        }
    }
    annotations
}

struct Target {
    host: Option<String>,
    path: String,
}

impl Target {
    /// `HOST`, `HOST/PATH`, or `true` for all hosts.
    fn parse(text: &str, default_path: &str) -> Self {
        let text = text.trim();
        let (host, path) =
            text.split_once('/').map_or((text, None), |(host, path)| (host, Some(path)));
        let path = path.unwrap_or(default_path).trim_start_matches('/');
        Self {
            host: (!host.is_empty() && !host.eq_ignore_ascii_case("true"))
                .then(|| host.to_ascii_lowercase()),
            path: format!("/{path}"),
        }
    }

    fn rule(self, service: &str, port: i32) -> IngressRule {
        let backend = IngressBackend {
            service: Some(IngressServiceBackend {
                name: service.to_owned(),
                port: Some(ServiceBackendPort { number: Some(port), name: None }),
            }),
            resource: None,
        };
        let path =
            HTTPIngressPath { backend, path: Some(self.path), path_type: "Prefix".to_owned() };
        IngressRule { host: self.host, http: Some(HTTPIngressRuleValue { paths: vec![path] }) }
    }
}

/// The Secret and the class are named as they are in the cluster.
fn report_names(labels: &IndexMap<String, String>, site: &Site) {
    for keys in [settings::INGRESS_TLS_SECRET, settings::INGRESS_CLASS] {
        if let Some((label, name)) =
            setting(labels, keys).filter(|(_, name)| !is_dns_subdomain(name))
        {
            site.child(label).invalid(
                format!("nothing in Kubernetes can be called `{name}`"),
                "use lower-case letters, digits, `-` and `.`",
            );
        }
    }
}

/// Says that nobody reads the labels by which Traefik publishes containers of Docker.
fn report_traefik(labels: &IndexMap<String, String>, has_no_port: bool, site: &Site) {
    let is_rule = |label: &str| {
        label
            .strip_prefix("traefik.")
            .is_some_and(|name| name.split('.').next_back() == Some("rule"))
    };
    let rule = labels.iter().filter(|(label, _)| is_rule(label)).find_map(|(label, rule)| {
        let (_, behind) = rule.split_once("Host(`")?;
        Some((label, behind.split_once('`')?.0))
    });
    if let Some((label, host)) = rule {
        let ingress = settings::INGRESS_HOST.first().unwrap_or(&"");
        let port = if has_no_port { ", and name its port in `expose`" } else { "" };
        site.child(label).not_translated(
            format!("`{host}` does not lead to the service: Traefik reads the labels of containers of Docker only"),
            format!("set the label `{ingress}: {host}`{port}"),
        );
    }
}

fn report_without_host(labels: &IndexMap<String, String>, site: &Site) {
    let fixed = [
        settings::INGRESS_PATH,
        settings::INGRESS_PORT,
        settings::INGRESS_TLS_SECRET,
        settings::INGRESS_CLASS,
    ];
    let annotations = labels.keys().map(String::as_str);
    let annotations = annotations.filter(|label| annotation_of_ingress(label).is_some());
    let fixed = fixed.iter().filter_map(|keys| Some(setting(labels, keys)?.0));
    for label in fixed.chain(annotations) {
        let host = settings::INGRESS_HOST.first().unwrap_or(&"");
        site.child(label).not_translated(
            format!("`{label}` alone makes no Ingress"),
            format!("name the host in `{host}`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Contents, Project, Service};
    use crate::translate::findings::Findings;
    use crate::translate::options::Options;

    fn check(labels: &[(&str, &str)], expected: &str, errors_expected: usize) {
        let mut project = Project::default();
        project.services.insert("web".to_owned(), Service::default());
        let findings = Findings::new(&project.origins);
        let contents = Contents::default();
        let options = Options::default();
        let scope = Scope::new(&project, &contents, &options, &findings);
        let port = |protocol: &str, port: u16| ServicePort {
            name: format!("port-{port}"),
            port,
            target_port: port,
            node_port: None,
            protocol: protocol.to_owned(),
            app_protocol: None,
        };
        let ports = [port("UDP", 53), port("TCP", 80), port("TCP", 81)];
        let ports: Vec<&ServicePort> = ports.iter().collect();
        let labels = labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let site = scope.site("services.web");
        let ingress = translate_ingress("web", &labels, &ports, &scope, &site).unwrap();
        let rule = |rule: &IngressRule| {
            let path = &rule.http.as_ref().unwrap().paths[0];
            let port = path.backend.service.as_ref().unwrap().port.as_ref().unwrap();
            let host = rule.host.as_deref().unwrap_or("*");
            let number = port.number.filter(|number| *number != 80).map(|it| format!("->{it}"));
            format!("{host}{}{}", path.path.as_deref().unwrap(), number.unwrap_or_default())
        };
        assert_eq!(ingress.rules.iter().map(rule).collect::<Vec<_>>().join(" "), expected);
        drop(scope);
        assert_eq!(findings.into_report().iter().count(), errors_expected);
    }

    /// A path without a slash, a host in upper case and an empty host between two commas were
    /// written as they stood, and Kubernetes refused the Ingress or sent it the traffic of all hosts.
    #[test]
    fn hosts_and_paths() {
        let path = ("longshore.ingress.path", "api");
        check(&[("longshore.ingress.host", "A.com,,*.b.com/x"), path], "a.com/api *.b.com/x", 1);
        check(&[("kompose.service.expose", "true")], "*/", 1);
    }

    /// Names that Kubernetes refuses were written without a word.
    #[test]
    fn names_that_kubernetes_refuses() {
        check(&[("longshore.ingress.host", "a.com:8080")], "a.com:8080/", 2);
        let class = ("longshore.ingress.class", "My Class");
        check(&[("longshore.ingress.host", "a.com"), class], "a.com/", 2);
    }

    /// The Ingress led to the first port, also where that was one for UDP.
    #[test]
    fn the_port_is_one_for_http() {
        let host = ("longshore.ingress.host", "a.com");
        check(&[host], "a.com/", 1);
        check(&[host, ("longshore.ingress.port", "81")], "a.com/->81", 0);
        check(&[host, ("longshore.ingress.port", "port-81")], "a.com/->81", 0);
    }
}
