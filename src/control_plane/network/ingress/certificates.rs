//! The certificates of Ingresses, by the name that a client asks for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::networking::v1::Ingress;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// The certificates of all Ingresses.
#[derive(Debug, Clone, Default)]
pub(super) struct Certificates {
    /// By host; `*.` in front of a domain stands for one label.
    by_host: BTreeMap<String, Arc<CertifiedKey>>,
    /// For names that no certificate is for.
    default: Option<Arc<CertifiedKey>>,
}

impl Certificates {
    /// The certificates of Secrets that Ingresses name, and what is wrong with some.
    pub(super) fn of<'a>(
        ingresses: &'a [Ingress],
        secret: impl Fn(&str, &str) -> Option<Secret>,
        provider: &CryptoProvider,
    ) -> (Self, Vec<(&'a Ingress, String)>) {
        let mut all = Self::default();
        let mut problems = Vec::new();
        for ingress in ingresses {
            let namespace = ingress.metadata.namespace.as_deref().unwrap_or_default();
            let tls = ingress.spec.iter().flat_map(|spec| spec.tls.iter().flatten());
            for tls in tls {
                let Some(name) = tls.secret_name.as_deref() else { continue };
                let key = match secret(namespace, name) {
                    Some(secret) => certified(&secret, provider),
                    None => Err("there is no such Secret".to_owned()),
                };
                match key {
                    Ok(key) => all.add(tls.hosts.as_deref().unwrap_or_default(), &Arc::new(key)),
                    Err(problem) => problems.push((ingress, format!("Secret `{name}`: {problem}"))),
                }
            }
        }
        (all, problems)
    }

    fn add(&mut self, hosts: &[String], key: &Arc<CertifiedKey>) {
        if hosts.is_empty() {
            self.default.get_or_insert_with(|| Arc::clone(key));
        }
        for host in hosts {
            let host = host.to_ascii_lowercase();
            self.by_host.entry(host).or_insert_with(|| Arc::clone(key));
        }
    }

    fn find(&self, host: &str) -> Option<Arc<CertifiedKey>> {
        let host = host.to_ascii_lowercase();
        let wildcard = || host.split_once('.').map(|(_, domain)| format!("*.{domain}"));
        let found = self.by_host.get(&host).or_else(|| self.by_host.get(&wildcard()?));
        found.or(self.default.as_ref()).map(Arc::clone)
    }
}

fn certified(secret: &Secret, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
    let data = |name: &str| {
        let data = secret.data.as_ref().and_then(|data| data.get(name));
        data.map(|bytes| bytes.0.as_slice()).ok_or_else(|| format!("there is no `{name}`"))
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(data("tls.crt")?).collect();
    let chain = chain.map_err(|error| format!("`tls.crt`: {error}"))?;
    let key = PrivateKeyDer::from_pem_slice(data("tls.key")?);
    let key = key.map_err(|error| format!("`tls.key`: {error}"))?;
    CertifiedKey::from_der(chain, key, provider).map_err(|error| error.to_string())
}

/// What TLS takes certificates from; they may change while it serves.
pub(super) struct Resolver {
    current: RwLock<Certificates>,
    /// For clients that are content with any.
    own: Arc<CertifiedKey>,
}

impl Resolver {
    /// A resolver with a certificate of our own, that nobody trusts.
    pub(super) fn new(provider: &CryptoProvider) -> Result<Self, String> {
        let names = vec!["localhost".to_owned()];
        let own = rcgen::generate_simple_self_signed(names).map_err(|error| error.to_string())?;
        let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()).into();
        let own = CertifiedKey::from_der(vec![own.cert.der().clone()], key, provider);
        let own = Arc::new(own.map_err(|error| error.to_string())?);
        Ok(Self { current: RwLock::default(), own })
    }

    /// From now on, these are shown.
    pub(super) fn set(&self, certificates: Certificates) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = certificates;
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let found = current.find(hello.server_name().unwrap_or_default());
        Some(found.unwrap_or_else(|| Arc::clone(&self.own)))
    }
}
