//! Where the engine is: what the docker command line would take.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::EngineError;

/// The sockets of engines, the most usual first; below `$XDG_RUNTIME_DIR` where they start with `~run`.
const SOCKETS: &[&str] = &[
    "/var/run/docker.sock",
    "~run/docker.sock",
    "~run/podman/podman.sock",
    "/run/podman/podman.sock",
];

/// The address of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// As in `DOCKER_HOST`: `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375`.
    pub host: String,
    /// The directory of `ca.pem`, `cert.pem` and `key.pem`, when TLS is spoken.
    pub certificates: Option<PathBuf>,
}

/// What of the environment says where the engine is.
#[derive(Debug, Clone, Default)]
struct Environment {
    host: Option<String>,
    context: Option<String>,
    tls: bool,
    certificates: Option<PathBuf>,
    /// `~/.docker`, or what `DOCKER_CONFIG` says.
    configuration: Option<PathBuf>,
    /// `$XDG_RUNTIME_DIR`.
    run: Option<PathBuf>,
}

impl Endpoint {
    /// The endpoint that the docker command line would use, else the first socket that is there.
    pub fn of_environment() -> Result<Self, EngineError> {
        let text = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let home = text("HOME").map(PathBuf::from);
        let configuration = text("DOCKER_CONFIG")
            .map(PathBuf::from)
            .or_else(|| home.map(|home| home.join(".docker")));
        let environment = Environment {
            host: text("DOCKER_HOST"),
            context: text("DOCKER_CONTEXT"),
            tls: text("DOCKER_TLS_VERIFY").is_some() || text("DOCKER_TLS").is_some(),
            certificates: text("DOCKER_CERT_PATH").map(PathBuf::from),
            configuration,
            run: text("XDG_RUNTIME_DIR").map(PathBuf::from),
        };
        environment.endpoint()
    }
}

impl Environment {
    fn endpoint(&self) -> Result<Endpoint, EngineError> {
        if let Some(host) = &self.host {
            let directory = self.certificates.as_ref().or(self.configuration.as_ref());
            let certificates = directory.filter(|_| self.tls).cloned();
            return Ok(Endpoint { host: host.clone(), certificates });
        }
        if let Some(name) = self.context() {
            return self.endpoint_of(&name);
        }
        let socket = SOCKETS.iter().find_map(|socket| {
            let path = match socket.strip_prefix("~run/") {
                Some(below) => self.run.as_ref()?.join(below),
                None => PathBuf::from(socket),
            };
            path.exists().then_some(path)
        });
        let socket = socket.ok_or(EngineError::None)?;
        Ok(Endpoint { host: format!("unix://{}", socket.display()), certificates: None })
    }

    /// The chosen context; `default` stands for none.
    fn context(&self) -> Option<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Configuration {
            current_context: Option<String>,
        }
        let chosen = self.context.clone().or_else(|| {
            let file = self.configuration.as_ref()?.join("config.json");
            let read: Configuration = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
            read.current_context
        });
        chosen.filter(|name| !name.is_empty() && name != "default")
    }

    fn endpoint_of(&self, name: &str) -> Result<Endpoint, EngineError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Context {
            endpoints: Endpoints,
        }
        #[derive(Deserialize)]
        struct Endpoints {
            docker: Option<Address>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Address {
            host: String,
        }
        let failed = |reason: String| EngineError::Context { name: name.to_owned(), reason };
        let contexts = self.configuration.as_ref().map(|directory| directory.join("contexts"));
        let contexts = contexts.ok_or_else(|| failed("there is no home directory".to_owned()))?;
        let id = hex(&Sha256::digest(name.as_bytes()));
        let file = contexts.join("meta").join(&id).join("meta.json");
        let text = std::fs::read(&file)
            .map_err(|error| failed(format!("cannot read `{}`: {error}", file.display())))?;
        let context: Context =
            serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
        let address = context.endpoints.docker;
        let host = address.ok_or_else(|| failed("it has no docker endpoint".to_owned()))?.host;
        let certificates = contexts.join("tls").join(&id).join("docker");
        Ok(Endpoint { host, certificates: present(certificates) })
    }
}

fn present(directory: PathBuf) -> Option<PathBuf> {
    Path::new(&directory).is_dir().then_some(directory)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_the_environment_comes_first() {
        let environment = Environment {
            host: Some("tcp://engine:2376".to_owned()),
            context: Some("other".to_owned()),
            tls: true,
            configuration: Some("/home/me/.docker".into()),
            ..Environment::default()
        };
        let endpoint = environment.endpoint().unwrap();
        assert_eq!(endpoint.host, "tcp://engine:2376");
        assert_eq!(endpoint.certificates, Some("/home/me/.docker".into()));
    }

    #[test]
    fn a_context_is_looked_up_by_the_hash_of_its_name() {
        let home = tempfile::tempdir().unwrap();
        let id = "b71199ebd070b36beab7317920c2c2f1d777df8d05e5527d8458fda57cb17a7a";
        let meta = home.path().join("contexts/meta").join(id);
        std::fs::create_dir_all(&meta).unwrap();
        let text = r#"{"Name":"remote","Endpoints":{"docker":{"Host":"tcp://far:2375"}}}"#;
        std::fs::write(meta.join("meta.json"), text).unwrap();
        let configuration = home.path().join("config.json");
        std::fs::write(configuration, r#"{"currentContext":"remote"}"#).unwrap();
        let environment =
            Environment { configuration: Some(home.path().to_owned()), ..Environment::default() };
        let endpoint = Endpoint { host: "tcp://far:2375".to_owned(), certificates: None };
        assert_eq!(hex(&Sha256::digest(b"remote")), id);
        assert_eq!(environment.endpoint().unwrap(), endpoint);
        let other = Environment { context: Some("gone".to_owned()), ..environment };
        let error = other.endpoint().unwrap_err().to_string();
        assert!(error.starts_with("docker context `gone`: cannot read `"), "{error}");
    }
}
