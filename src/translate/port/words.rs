use crate::model::PublishedPort;
use crate::translate::findings::Site;
use crate::translate::label::is_qualified_name;
use crate::translate::name::is_dns_label;

/// Reports `name` and `app_protocol` where Kubernetes does not take them.
pub fn report_words(port: &PublishedPort, site: &Site) {
    if let Some(name) =
        port.name.as_deref().filter(|name| !is_port_name(&name.to_ascii_lowercase()))
    {
        site.child("name").approximated_closely(
            format!("`{name}` cannot be the name of a port in Kubernetes"),
            "use at most 15 letters, digits and single `-`",
        );
    }
    if let Some(name) =
        port.app_protocol.as_deref().filter(|name| !is_qualified_name(&app_protocol_name(name)))
    {
        site.child("app_protocol").not_translated(
            format!("`{name}` cannot be the protocol of a port in Kubernetes"),
            "use a registered name, e.g. `http`, or `DOMAIN/NAME`",
        );
    }
}

/// Kubernetes has names of its own for what has no registered name.
pub fn app_protocol_name(name: &str) -> String {
    match name {
        "http2" | "h2c" => "kubernetes.io/h2c".to_owned(),
        "ws" | "wss" => format!("kubernetes.io/{name}"),
        name => name.to_owned(),
    }
}

/// Whether a port can have the name.
pub fn is_port_name(name: &str) -> bool {
    name.len() <= 15
        && is_dns_label(name)
        && !name.contains("--")
        && name.contains(|character: char| character.is_ascii_alphabetic())
}
