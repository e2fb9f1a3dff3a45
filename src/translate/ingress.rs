use indexmap::IndexMap;
use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, IngressBackend, IngressRule, IngressServiceBackend,
    IngressTLS, ServiceBackendPort,
};

use super::context::{self, ServicePort};
use super::findings::Site;
use super::label::{setting, settings};
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
    let targets: Vec<_> = hosts.split(',').map(|host| Target::parse(host, default_path)).collect();
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
        Self {
            host: (!host.is_empty() && !host.eq_ignore_ascii_case("true")).then(|| host.to_owned()),
            path: path.map_or_else(|| default_path.to_owned(), |path| format!("/{path}")),
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
