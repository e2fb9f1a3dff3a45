use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use time::{Duration, OffsetDateTime};

use super::data_directory::{DataDirectory, DataDirectoryError};

/// How long certificates are valid: longer than anyone keeps a local cluster.
const VALIDITY: Duration = Duration::days(3650);
/// Clocks of containers and virtual machines may be behind.
const CLOCK_SKEW: Duration = Duration::hours(1);
/// The user of our kubeconfig.
const ADMIN: &str = "longshore-admin";
/// The group that may do everything.
const MASTERS: &str = "system:masters";

/// The certificate authority of one control plane.
pub struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
pub struct KeyedCertificate {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
}

/// What the server shows its clients, in DER.
pub struct ServerCertificate {
    /// The authority.
    pub ca: CertificateDer<'static>,
    /// The server's certificate.
    pub certificate: CertificateDer<'static>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

/// Why there are no certificates.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The files of the authority.
    #[error(transparent)]
    Directory(#[from] DataDirectoryError),
    /// The stored authority cannot be read.
    #[error("the certificate authority in `{path}` cannot be used: {message}")]
    Damaged {
        /// The data directory.
        path: String,
        /// Why.
        message: String,
    },
    /// A certificate could not be made.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
}

impl Authority {
    /// The authority of a data directory, made on the first start.
    pub fn load_or_create(data: &DataDirectory) -> Result<Self, CertificateError> {
        let read = |path| match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(DataDirectoryError::File { action: "read", path, source }),
        };
        if let (Some(certificate), Some(key)) = (read(data.ca_certificate())?, read(data.ca_key())?)
        {
            return Self::load(certificate, &key).map_err(|message| CertificateError::Damaged {
                path: data.root().display().to_string(),
                message,
            });
        }
        // One without the other is a first start that was interrupted.
        let (authority, key) = Self::create()?;
        data.write(&data.ca_key(), key.as_bytes())?;
        data.write(&data.ca_certificate(), authority.certificate.as_bytes())?;
        Ok(authority)
    }

    /// The authority's certificate, in PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate for the server under these names and addresses.
    ///
    /// It is made anew at each start: its key never touches the disk.
    pub fn server(&self, names: &[&str]) -> Result<ServerCertificate, CertificateError> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = leaf(CertificateParams::new(names)?, ExtendedKeyUsagePurpose::ServerAuth);
        params.distinguished_name.push(DnType::CommonName, "longshore");
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let ca = CertificateDer::from_pem_slice(self.certificate.as_bytes()).map_err(|error| {
            CertificateError::Damaged { path: "ca.crt".to_owned(), message: error.to_string() }
        })?;
        Ok(ServerCertificate {
            ca,
            certificate: certificate.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        })
    }

    /// A certificate of a client that may do everything.
    pub fn admin(&self) -> Result<KeyedCertificate, CertificateError> {
        let params = CertificateParams::new(Vec::new())?;
        let mut params = leaf(params, ExtendedKeyUsagePurpose::ClientAuth);
        params.distinguished_name.push(DnType::CommonName, ADMIN);
        params.distinguished_name.push(DnType::OrganizationName, MASTERS);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(KeyedCertificate { certificate: certificate.pem(), key: key.serialize_pem() })
    }

    fn load(certificate: String, key: &str) -> Result<Self, String> {
        let key = KeyPair::from_pem(key).map_err(|error| error.to_string())?;
        let issuer = Issuer::from_ca_cert_pem(&certificate, key);
        let issuer = issuer.map_err(|error| error.to_string())?;
        Ok(Self { certificate, issuer })
    }

    fn create() -> Result<(Self, String), rcgen::Error> {
        let mut params = valid(CertificateParams::new(Vec::new())?);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "longshore-ca");
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.pem();
        let pem = key.serialize_pem();
        Ok((Self { certificate, issuer: Issuer::new(params, key) }, pem))
    }
}

fn leaf(params: CertificateParams, usage: ExtendedKeyUsagePurpose) -> CertificateParams {
    let mut params = valid(params);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    params.use_authority_key_identifier_extension = true;
    params
}

fn valid(mut params: CertificateParams) -> CertificateParams {
    let now = OffsetDateTime::now_utc();
    params.not_before = now - CLOCK_SKEW;
    params.not_after = now + VALIDITY;
    params.distinguished_name = DistinguishedName::new();
    params
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control_plane::api::Identity;

    #[test]
    fn an_authority_is_made_once_and_its_admin_is_a_master() {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDirectory::resolve(Some(directory.path())).unwrap();
        let first = Authority::load_or_create(&data).unwrap();
        let second = Authority::load_or_create(&data).unwrap();
        assert_eq!(first.certificate(), second.certificate());
        let admin = second.admin().unwrap();
        let der = CertificateDer::from_pem_slice(admin.certificate.as_bytes()).unwrap();
        let identity = Identity::of_certificate(&der).unwrap();
        assert_eq!(identity.user, ADMIN);
        assert_eq!(identity.groups, [MASTERS]);
        std::fs::write(data.ca_key(), "nonsense").unwrap();
        let error = Authority::load_or_create(&data).err().unwrap().to_string();
        assert!(error.contains("cannot be used"), "{error}");
    }
}
