use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::certificates::KeyedCertificate;
use crate::yaml;

/// The name of cluster and context.
const NAME: &str = "longshore";
const USER: &str = "longshore-admin";

/// The kubeconfig of a server on this port of this machine.
pub fn kubeconfig(port: u16, ca: &str, user: &KeyedCertificate) -> String {
    let KeyedCertificate { certificate, key } = user;
    yaml::write(&json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{
            "name": NAME,
            "cluster": {
                "server": format!("https://127.0.0.1:{port}"),
                "certificate-authority-data": STANDARD.encode(ca),
            },
        }],
        "users": [{
            "name": USER,
            "user": {
                "client-certificate-data": STANDARD.encode(certificate),
                "client-key-data": STANDARD.encode(key),
            },
        }],
        "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": USER}}],
        "current-context": NAME,
    }))
}
