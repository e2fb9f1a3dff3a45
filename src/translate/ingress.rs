use indexmap::IndexMap;
use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, IngressBackend, IngressRule, IngressServiceBackend,
    IngressTLS, ServiceBackendPort,
};

use super::context::{self, ServicePort};
use super::findings::Site;
use super::label::{setting, settings};
use super::name::is_dns_subdomain;
use super::scope::Scope;

/// The Ingress that a service's labels ask for.
pub fn translate_ingress(
    key: &str,
    labels: &IndexMap<String, String>,
    ports: &[ServicePort],
    scope: &Scope,
    site: &Site,
) -> Option<context::Ingress> {
    let site = site.child("labels");
    let Some((label, hosts)) = setting(labels, settings::INGRESS_HOST) else {
        report_without_host(labels, &site);
        return None;
    };
    if hosts.eq_ignore_ascii_case("false") {
        return None;
    }
    let Some(port) = ports.first() else {
        site.child(label).not_translated(
            "an Ingress needs a port, and the service has none",
            "name the container port in `expose`",
        );
        return None;
    };
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
    Some(context::Ingress {
        metadata: scope.metadata(name, name),
        ingress_class_name: setting(labels, settings::INGRESS_CLASS)
            .map(|(_, name)| name.to_owned()),
        tls: tls.into_iter().collect(),
        rules: targets.into_iter().map(|target| target.rule(name, i32::from(port.port))).collect(),
    })
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

fn report_without_host(labels: &IndexMap<String, String>, site: &Site) {
    for keys in [settings::INGRESS_PATH, settings::INGRESS_TLS_SECRET, settings::INGRESS_CLASS] {
        if let Some((label, _)) = setting(labels, keys) {
            let host = settings::INGRESS_HOST.first().unwrap_or(&"");
            site.child(label).not_translated(
                format!("`{label}` alone makes no Ingress"),
                format!("name the host in `{host}`"),
            );
        }
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
        let port = ServicePort {
            name: "tcp-80".to_owned(),
            port: 80,
            target_port: 80,
            protocol: "TCP".to_owned(),
            app_protocol: None,
        };
        let labels = labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let site = scope.site("services.web");
        let ingress = translate_ingress("web", &labels, &[port], &scope, &site).unwrap();
        let rule = |rule: &IngressRule| {
            let path = rule.http.as_ref().and_then(|http| http.paths[0].path.clone());
            format!("{}{}", rule.host.as_deref().unwrap_or("*"), path.unwrap_or_default())
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
        check(&[("longshore.ingress.host", "A.com,,*.b.com/x"), path], "a.com/api *.b.com/x", 0);
        check(&[("kompose.service.expose", "true")], "*/", 0);
    }

    /// Names that Kubernetes refuses were written without a word.
    #[test]
    fn names_that_kubernetes_refuses() {
        check(&[("longshore.ingress.host", "a.com:8080")], "a.com:8080/", 1);
        let class = ("longshore.ingress.class", "My Class");
        check(&[("longshore.ingress.host", "a.com"), class], "a.com/", 1);
    }
}
