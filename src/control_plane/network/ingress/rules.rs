//! Which backend a request goes to, by the rules of all Ingresses.

use k8s_openapi::api::networking::v1::{HTTPIngressPath, Ingress, IngressBackend};

/// The rules of all Ingresses, the most particular first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    default: Option<Backend>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    host: Host,
    path: Path,
    backend: Backend,
}

/// The variants stand in the order of their precedence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Host {
    Exact(String),
    /// `*.example.org`, as `example.org`: one label more.
    Wildcard(String),
    Any,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Path {
    Exact(String),
    /// Without the slash at its end.
    Prefix(String),
}

/// A Service and its port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Backend {
    pub(super) namespace: String,
    pub(super) service: String,
    pub(super) port: BackendPort,
}

/// The port of a backend.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum BackendPort {
    Name(String),
    Number(u16),
}

impl Rules {
    /// The rules of these Ingresses; of two that say the same, the one of the older Ingress holds.
    pub(super) fn of(ingresses: &[Ingress]) -> Self {
        let mut ingresses: Vec<&Ingress> = ingresses.iter().collect();
        ingresses.sort_by_key(|ingress| {
            let metadata = &ingress.metadata;
            let created = metadata.creation_timestamp.as_ref().map(|time| time.0);
            (created, metadata.namespace.clone(), metadata.name.clone())
        });
        let mut all = Self::default();
        for ingress in ingresses {
            let namespace = ingress.metadata.namespace.as_deref().unwrap_or_default();
            let Some(spec) = &ingress.spec else { continue };
            if all.default.is_none() {
                all.default =
                    spec.default_backend.as_ref().and_then(|one| Backend::of(namespace, one));
            }
            for rule in spec.rules.iter().flatten() {
                let host = Host::parse(rule.host.as_deref().unwrap_or_default());
                for path in rule.http.iter().flat_map(|http| &http.paths) {
                    let Some(backend) = Backend::of(namespace, &path.backend) else { continue };
                    all.rules.push(Rule { host: host.clone(), path: Path::of(path), backend });
                }
            }
        }
        // Stable: among equals, the older one stays first.
        all.rules.sort_by(|left, right| {
            let paths = || right.path.rank().cmp(&left.path.rank());
            left.host.cmp(&right.host).then_with(paths)
        });
        all
    }

    /// The backend for a request.
    pub(super) fn backend(&self, host: &str, path: &str) -> Option<&Backend> {
        let host = host.to_ascii_lowercase();
        let mut rules = self.rules.iter();
        let found = rules.find(|rule| rule.host.admits(&host) && rule.path.admits(path));
        found.map(|rule| &rule.backend).or(self.default.as_ref())
    }
}

impl Host {
    fn parse(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        match text.strip_prefix("*.") {
            _ if text.is_empty() => Self::Any,
            Some(domain) => Self::Wildcard(domain.to_owned()),
            None => Self::Exact(text),
        }
    }

    fn admits(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => exact == host,
            Self::Wildcard(domain) => host
                .split_once('.')
                .is_some_and(|(label, rest)| !label.is_empty() && rest == domain),
        }
    }
}

impl Path {
    fn of(path: &HTTPIngressPath) -> Self {
        let text = path.path.as_deref().unwrap_or_default();
        match path.path_type.as_str() {
            "Exact" => Self::Exact(text.to_owned()),
            // What an implementation makes of `ImplementationSpecific` is its own choice.
            _ => Self::Prefix(text.trim_end_matches('/').to_owned()),
        }
    }

    /// Longer ones come first, and exact ones before prefixes.
    fn rank(&self) -> (usize, bool) {
        match self {
            Self::Exact(path) => (path.len(), true),
            Self::Prefix(path) => (path.len(), false),
        }
    }

    fn admits(&self, path: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == path,
            // Element by element: `/shop` is no prefix of `/shopping`.
            Self::Prefix(prefix) => path
                .strip_prefix(prefix.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        }
    }
}

impl Backend {
    fn of(namespace: &str, backend: &IngressBackend) -> Option<Self> {
        let service = backend.service.as_ref()?;
        let port = service.port.as_ref()?;
        let port = match (&port.name, port.number) {
            (Some(name), _) if !name.is_empty() => BackendPort::Name(name.clone()),
            (_, Some(number)) => BackendPort::Number(u16::try_from(number).ok()?),
            _ => return None,
        };
        Some(Self { namespace: namespace.to_owned(), service: service.name.clone(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INGRESSES: &str = "
- metadata: {name: shop, namespace: shop}
  spec:
    defaultBackend: {service: {name: fallback, port: {number: 80}}}
    rules:
    - host: shop.example.org
      http:
        paths:
        - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
        - {path: /api, pathType: Prefix, backend: {service: {name: api, port: {name: http}}}}
        - {path: /api, pathType: Exact, backend: {service: {name: exact, port: {number: 80}}}}
        - {path: /api/v2/, pathType: Prefix, backend: {service: {name: v2, port: {number: 80}}}}
    - host: '*.example.org'
      http:
        paths:
        - {path: /, pathType: ImplementationSpecific, backend: {service: {name: star, port: {number: 80}}}}
    - http:
        paths:
        - {path: /any, pathType: Prefix, backend: {service: {name: any, port: {number: 80}}}}
";

    fn check(url: &str, expected: &str) {
        let ingresses: Vec<Ingress> = serde_yaml::from_str(INGRESSES).unwrap();
        let rules = Rules::of(&ingresses);
        let (host, path) = url.split_at(url.find('/').unwrap());
        let backend = rules.backend(host, path).map(|backend| backend.service.as_str());
        assert_eq!(backend, Some(expected), "{url}");
    }

    #[test]
    fn the_most_particular_rule_holds() {
        check("shop.example.org/", "web");
        check("SHOP.example.org/x", "web");
        check("shop.example.org/api", "exact");
        check("shop.example.org/api/", "api");
        check("shop.example.org/apis", "web");
        check("shop.example.org/api/v2", "v2");
        check("shop.example.org/api/v2/x", "v2");
        check("other.example.org/", "star");
        check("deep.other.example.org/", "fallback");
        check("deep.other.example.org/any/x", "any");
        check("localhost/", "fallback");
    }

    #[test]
    fn without_a_rule_there_is_no_backend() {
        assert_eq!(Rules::of(&[]).backend("localhost", "/"), None);
    }
}
