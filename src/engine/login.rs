//! The registries that the user has logged in to, as the docker command line keeps them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// The registry of image names that name none, and the names that the docker command line has for it.
const HUB: &str = "docker.io";
const HUB_NAMES: &[&str] = &[HUB, "index.docker.io", "registry-1.docker.io"];
/// What `docker login` stores for it.
const HUB_SERVER: &str = "https://index.docker.io/v1/";
/// What a credential helper gives as a name when the password is an identity token.
const TOKEN: &str = "<token>";

/// A name and a password for a registry.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The registry, as it was stored: a host, or a URL.
    pub server: String,
    /// The name.
    pub username: String,
    /// The password, or token.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Login {
    /// Whether it is for the registry of an image.
    pub fn is_for(&self, image: &str) -> bool {
        let wanted = registry(image);
        let host = host(&self.server);
        host == wanted || (wanted == HUB && HUB_NAMES.contains(&host))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Configuration {
    auths: BTreeMap<String, Auth>,
    creds_store: Option<String>,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Auth {
    /// `NAME:PASSWORD` in base64.
    #[serde(rename = "auth")]
    both: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

/// The registry that the name of an image means: its first part when that looks like a host.
pub fn registry(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => HUB,
    }
}

/// The logins of a `config.json`, or of a Secret of type `kubernetes.io/dockerconfigjson`.
pub fn parse_logins(config: &[u8]) -> Vec<Login> {
    let configuration: Configuration = serde_json::from_slice(config).unwrap_or_default();
    logins(configuration.auths)
}

/// The logins of a Secret of type `kubernetes.io/dockercfg`.
pub fn parse_legacy_logins(config: &[u8]) -> Vec<Login> {
    logins(serde_json::from_slice(config).unwrap_or_default())
}

/// The user's login for the registry of an image: what is stored, or what a credential helper gives.
pub async fn user_login(image: &str) -> Option<Login> {
    let text = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let directory = text("DOCKER_CONFIG").or_else(|| Some(text("HOME")?.join(".docker")))?;
    login_in(&directory, image).await
}

async fn login_in(directory: &Path, image: &str) -> Option<Login> {
    let file = tokio::fs::read(directory.join("config.json")).await.ok()?;
    let configuration: Configuration = serde_json::from_slice(&file).ok()?;
    let wanted = registry(image);
    let helper = configuration.cred_helpers.get(wanted).or(configuration.creds_store.as_ref());
    if let Some(helper) = helper {
        let server = if wanted == HUB { HUB_SERVER } else { wanted };
        if let Some(login) = ask(helper, server).await {
            return Some(login);
        }
    }
    logins(configuration.auths).into_iter().find(|login| login.is_for(image))
}

/// Asks `docker-credential-HELPER`, by its protocol.
async fn ask(helper: &str, server: &str) -> Option<Login> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        username: String,
        secret: String,
    }
    let mut child = Command::new(format!("docker-credential-{helper}"))
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(server.as_bytes()).await.ok()?;
    let output = child.wait_with_output().await.ok()?;
    let answer: Answer = serde_json::from_slice(&output.stdout).ok()?;
    let username = if answer.username == TOKEN { String::new() } else { answer.username };
    Some(Login { server: server.to_owned(), username, password: answer.secret })
}

fn logins(auths: BTreeMap<String, Auth>) -> Vec<Login> {
    auths.into_iter().filter_map(|(server, auth)| login(server, auth)).collect()
}

fn login(server: String, auth: Auth) -> Option<Login> {
    let Auth { both, username, password, identitytoken } = auth;
    if let Some(token) = identitytoken.filter(|token| !token.is_empty()) {
        return Some(Login { server, username: String::new(), password: token });
    }
    if let Some((username, password)) = username.zip(password) {
        return Some(Login { server, username, password });
    }
    let decoded = String::from_utf8(STANDARD.decode(both?.trim()).ok()?).ok()?;
    let (username, password) = decoded.split_once(':')?;
    let password = password.trim_end_matches('\0').to_owned();
    Some(Login { server, username: username.to_owned(), password })
}

fn host(server: &str) -> &str {
    let server = server.split_once("://").map_or(server, |(_, rest)| rest);
    server.split('/').next().unwrap_or(server)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_registries() {
        assert_eq!(registry("redis:7"), "docker.io");
        assert_eq!(registry("library/redis"), "docker.io");
        assert_eq!(registry("localhost/redis"), "localhost");
        assert_eq!(registry("127.0.0.1:5000/redis:7"), "127.0.0.1:5000");
    }

    #[test]
    fn logins_are_read_in_all_their_forms() {
        let config = br#"{"auths": {
            "https://index.docker.io/v1/": {"auth": "bWU6aHViOnB3"},
            "ghcr.io": {"username": "me", "password": "token"},
            "empty.example.com": {},
            "bad.example.com": {"auth": "%%%"}
        }}"#;
        let shown: Vec<String> = parse_logins(config)
            .iter()
            .map(|login| format!("{} {} {}", login.server, login.username, login.password))
            .collect();
        assert_eq!(shown, ["ghcr.io me token", "https://index.docker.io/v1/ me hub:pw"]);
        let hub = parse_logins(config).pop().unwrap();
        assert!(hub.is_for("redis:7") && !hub.is_for("ghcr.io/me/app"));
        assert_eq!(format!("{hub:?}"), "Login { server: \"https://index.docker.io/v1/\", .. }");
        assert_eq!(parse_logins(b"no json"), []);
        let legacy = br#"{"ghcr.io": {"username": "me", "password": "token"}}"#;
        assert_eq!(parse_legacy_logins(legacy).len(), 1);
    }
}
