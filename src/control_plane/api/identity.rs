use http::Method;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::route::{Resource, Route};
use crate::kubernetes::{Reason, Status};

/// The group that may do everything.
const MASTERS: &str = "system:masters";

/// Who a client is: the subject of its certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The common name.
    pub user: String,
    /// The organizations.
    pub groups: Vec<String>,
}

impl Identity {
    /// The subject of a DER certificate that TLS has verified; `None` without a common name.
    pub fn of_certificate(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let subject = certificate.subject();
        let user = subject.iter_common_name().next()?.as_str().ok()?.to_owned();
        let groups = subject.iter_organization();
        let groups = groups.filter_map(|group| Some(group.as_str().ok()?.to_owned())).collect();
        Some(Self { user, groups })
    }
}

/// Lets `system:masters` do everything, and everyone see whether the server lives.
pub fn authorize(user: Option<&Identity>, method: &Method, route: &Route) -> Result<(), Status> {
    if matches!(route, Route::Health(_) | Route::Version) {
        return Ok(());
    }
    match user {
        None => Err(Status::new(Reason::Unauthorized, "Unauthorized")),
        Some(Identity { groups, .. }) if groups.iter().any(|group| group == MASTERS) => Ok(()),
        Some(Identity { user, .. }) => Err(forbidden(user, method, route)),
    }
}

/// Upstream's sentence, which scripts and people know.
fn forbidden(user: &str, method: &Method, route: &Route) -> Status {
    let Route::Resource(resource) = route else {
        let verb = method.as_str().to_lowercase();
        let message = format!("forbidden: User \"{user}\" cannot {verb} path");
        return Status::new(Reason::Forbidden, message);
    };
    let Resource { kind, namespace, name, subresource } = resource;
    let verb = match (method.as_str(), name) {
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", Some(_)) => "delete",
        ("DELETE", None) => "deletecollection",
        (_, Some(_)) => "get",
        (_, None) => "list",
    };
    let slash = if subresource.is_empty() { "" } else { "/" };
    let place = match namespace {
        Some(namespace) => format!("in the namespace \"{namespace}\""),
        None => "at the cluster scope".to_owned(),
    };
    let dot = if kind.group.is_empty() { "" } else { "." };
    let name = name.as_deref().unwrap_or("");
    let quoted = if name.is_empty() { String::new() } else { format!(" \"{name}\"") };
    let message = format!(
        "{plural}{dot}{group}{quoted} is forbidden: User \"{user}\" cannot {verb} resource \
         \"{plural}{slash}{subresource}\" in API group \"{group}\" {place}",
        plural = kind.plural,
        group = kind.group,
    );
    Status::new(Reason::Forbidden, message).about(kind.group, kind.plural, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_masters_pass_and_health_needs_nobody() {
        let pods = Route::parse("/api/v1/namespaces/shop/pods").unwrap();
        let someone = Identity { user: "jane".to_owned(), groups: vec!["devs".to_owned()] };
        let master = Identity { user: "root".to_owned(), groups: vec![MASTERS.to_owned()] };
        assert_eq!(authorize(None, &Method::GET, &pods).unwrap_err().code, 401);
        assert_eq!(
            authorize(Some(&someone), &Method::GET, &pods).unwrap_err().message,
            "pods is forbidden: User \"jane\" cannot list resource \"pods\" in API group \"\" in \
             the namespace \"shop\""
        );
        assert!(authorize(Some(&master), &Method::DELETE, &pods).is_ok());
        assert!(authorize(None, &Method::GET, &Route::parse("/readyz").unwrap()).is_ok());
    }
}
