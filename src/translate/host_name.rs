use crate::model::Container;

use super::findings::Site;
use super::name::is_dns_label;
use super::own_name::own_name;
use super::scope::Scope;
use super::workload::Workload;

/// What a pod calls itself.
#[derive(Debug, Default)]
pub struct HostName {
    /// Its host name.
    pub hostname: Option<String>,
    /// Its domain, below that of its namespace.
    pub subdomain: Option<String>,
}

/// The host name of a pod: the one that its service wants, or by which it asks for itself. Those of a `StatefulSet` have
/// their own name and the domain of its Service, whatever they ask for.
pub fn translate_host_name(key: &str, scope: &Scope) -> HostName {
    let site = scope.place(key);
    let Container { hostname, domainname, .. } = &scope.service(key).container;
    let own = own_name(key, scope);
    if scope.workloads.get(key) == Some(&Workload::StatefulSet) {
        let wanted = [("hostname", hostname), ("domainname", domainname)];
        for (attribute, _) in wanted.iter().filter(|(_, wanted)| wanted.is_some()) {
            site.child(attribute).not_translated(
                "each pod of a StatefulSet has its own name as host name, in the domain of its Service",
                "remove it, or the label for the StatefulSet",
            );
        }
        if let Some(own) = own.filter(|_| hostname.is_none()) {
            site.child("labels").approximated(
                format!("a pod of a StatefulSet cannot have the host name `{own}`, by which it asks for itself: it finds itself only when it is ready"),
                "let its health check, and what it listens on, name `localhost`",
            );
        }
        return HostName::default();
    }
    let hostname = hostname.as_deref();
    let domainname = domainname.as_deref();
    HostName {
        hostname: hostname
            .and_then(|name| translate_hostname(name, &site.child("hostname")))
            .or(own),
        subdomain: domainname
            .and_then(|name| translate_domainname(name, &site.child("domainname"))),
    }
}

/// `hostname`: a pod has one label; a domain behind it is left out.
fn translate_hostname(hostname: &str, site: &Site) -> Option<String> {
    let label = hostname.split('.').next().unwrap_or(hostname).to_ascii_lowercase();
    if !is_dns_label(&label) {
        site.not_translated(
            format!("`{hostname}` cannot be the host name of a pod"),
            "use letters, digits and `-`",
        );
        return None;
    }
    if label != hostname {
        site.approximated_closely(
            format!("the host name of the pod is `{label}`"),
            "a pod has a host name of one lower-case part",
        );
    }
    Some(label)
}

/// `domainname`: a pod has a domain of one part, below that of its namespace.
fn translate_domainname(domainname: &str, site: &Site) -> Option<String> {
    let label = domainname.to_ascii_lowercase();
    if !is_dns_label(&label) {
        site.not_translated(
            format!("`{domainname}` cannot be the domain of a pod, which has one part"),
            "let the application take its full name from a variable",
        );
        return None;
    }
    site.approximated_closely(
        format!("the domain of the pod is `{label}` below that of its namespace and the cluster"),
        "let the application take its full name from a variable if it must be exact",
    );
    Some(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    #[test]
    fn domain_names() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let site = findings.site("services.web.domainname");
        assert_eq!(translate_domainname("Office", &site).as_deref(), Some("office"));
        assert_eq!(translate_domainname("example.com", &site), None);
        assert_eq!(findings.into_report().iter().count(), 2);
    }

    #[test]
    fn host_names() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let site = findings.site("services.web.hostname");
        assert_eq!(translate_hostname("web", &site).as_deref(), Some("web"));
        assert_eq!(translate_hostname("Web.example.com", &site).as_deref(), Some("web"));
        assert_eq!(translate_hostname("a_b", &site), None);
        assert_eq!(findings.into_report().iter().count(), 2);
    }
}
