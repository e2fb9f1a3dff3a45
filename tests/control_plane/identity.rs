use kube::config::AuthInfo;
use rcgen::{CertificateParams, DnType, Issuer, KeyPair};

use crate::cluster::{Client, Cluster, config};

#[tokio::test]
async fn without_a_certificate_only_health_and_version_are_shown() {
    let cluster = Cluster::start().await;
    let mut config = config(&cluster.data).await;
    config.auth_info = AuthInfo::default();
    let client = Client::new(config);
    for path in ["/healthz", "/livez", "/readyz", "/version"] {
        assert_eq!(client.get(path).await.code, 200, "{path}");
    }
    for path in ["/", "/api", "/api/v1/secrets", "/openapi/v3"] {
        assert_eq!(client.get(path).await.error(), "401 Unauthorized: Unauthorized", "{path}");
    }
}

#[tokio::test]
async fn a_certificate_of_someone_else_is_told_what_it_may_not() {
    let cluster = Cluster::start().await;
    let read = |name: &str| std::fs::read_to_string(cluster.data.root().join(name)).unwrap();
    let key = KeyPair::from_pem(&read("ca.key")).unwrap();
    let issuer = Issuer::from_ca_cert_pem(&read("ca.crt"), key).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "jane");
    params.distinguished_name.push(DnType::OrganizationName, "devs");
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();

    let encode = |text: String| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(text)
    };
    let mut config = config(&cluster.data).await;
    config.auth_info = AuthInfo {
        client_certificate_data: Some(encode(certificate.pem())),
        client_key_data: Some(encode(key.serialize_pem()).into()),
        ..AuthInfo::default()
    };
    let client = Client::new(config);
    assert_eq!(client.get("/readyz").await.code, 200);
    assert_eq!(
        client.get("/apis/apps/v1/namespaces/shop/deployments").await.error(),
        "403 Forbidden: deployments.apps is forbidden: User \"jane\" cannot list resource \
         \"deployments\" in API group \"apps\" in the namespace \"shop\""
    );
    assert_eq!(
        client.delete("/api/v1/nodes/n1").await.error(),
        "403 Forbidden: nodes \"n1\" is forbidden: User \"jane\" cannot delete resource \"nodes\" \
         in API group \"\" at the cluster scope"
    );
}
