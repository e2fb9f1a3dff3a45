use bollard::auth::DockerCredentials;
use bollard::query_parameters::CreateImageOptions;
use futures_util::TryStreamExt;

use super::failed;
use crate::control_plane::kubelet::runtime::{Credentials, Image, RuntimeError};
use crate::engine::{Engine, reason, status_code};

/// The registry of names that name none.
const HUB: &str = "docker.io";

/// An image that is there.
pub(super) async fn find(engine: &Engine, name: &str) -> Result<Option<Image>, RuntimeError> {
    match engine.docker().inspect_image(name).await {
        Ok(image) => {
            let digest = image.repo_digests.iter().flatten().next().cloned();
            let id = image.id.unwrap_or_default();
            Ok(Some(Image { id: digest.unwrap_or(id) }))
        }
        Err(error) if status_code(&error) == Some(404) => Ok(None),
        Err(error) => Err(failed("look for an image")(error)),
    }
}

/// Pulls an image, with one of the credentials for its registry after the other, then without.
pub(super) async fn pull(
    engine: &Engine,
    name: &str,
    credentials: &[Credentials],
) -> Result<Image, RuntimeError> {
    let wanted = registry(name);
    let mut tries: Vec<Option<DockerCredentials>> = credentials
        .iter()
        .filter(|one| is_for(&one.registry, wanted))
        .map(|one| Some(in_full(one)))
        .collect();
    tries.push(None);
    let mut refusal = String::new();
    for credentials in tries {
        let options = CreateImageOptions {
            from_image: Some(with_tag(name)),
            ..CreateImageOptions::default()
        };
        let pulled = engine.docker().create_image(Some(options), None, credentials);
        match pulled.try_for_each(|_| async { Ok(()) }).await {
            Ok(()) => {
                let found = find(engine, name).await?;
                return found.ok_or_else(|| refused(name, "it is not there after it was pulled"));
            }
            // What was said to the one who had a name says more.
            Err(error) if refusal.is_empty() => refusal = reason(&error),
            Err(_) => {}
        }
    }
    Err(refused(name, &refusal))
}

fn refused(image: &str, reason: &str) -> RuntimeError {
    RuntimeError::Pull { image: image.to_owned(), reason: reason.to_owned() }
}

fn in_full(credentials: &Credentials) -> DockerCredentials {
    DockerCredentials {
        username: Some(credentials.username.clone()),
        password: Some(credentials.password.clone()),
        serveraddress: Some(credentials.registry.clone()),
        ..DockerCredentials::default()
    }
}

/// Without a tag all of them would be pulled.
fn with_tag(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains([':', '@']) { name.to_owned() } else { format!("{name}:latest") }
}

/// The registry that a name means: its first part when that looks like a host.
fn registry(name: &str) -> &str {
    match name.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => HUB,
    }
}

/// Whether credentials that were stored for a server are those of a registry.
fn is_for(server: &str, registry: &str) -> bool {
    let server = server.split_once("://").map_or(server, |(_, rest)| rest);
    let host = server.split('/').next().unwrap_or(server);
    host == registry
        || (registry == HUB && matches!(host, "index.docker.io" | "registry-1.docker.io"))
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
        assert!(is_for("https://index.docker.io/v1/", "docker.io"));
        assert!(is_for("127.0.0.1:5000", "127.0.0.1:5000"));
        assert!(!is_for("ghcr.io", "docker.io"));
        assert_eq!(with_tag("127.0.0.1:5000/redis"), "127.0.0.1:5000/redis:latest");
        assert_eq!(with_tag("redis@sha256:00"), "redis@sha256:00");
    }
}
