use bollard::auth::DockerCredentials;
use bollard::query_parameters::CreateImageOptions;
use futures_util::TryStreamExt;

use super::failed;
use crate::control_plane::kubelet::runtime::{Image, RuntimeError};
use crate::engine::{Engine, Login, reason, status_code, user_login};

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

/// Pulls an image, with one login for its registry after the other: those of the pod, then the user's own, then none.
pub(super) async fn pull(
    engine: &Engine,
    name: &str,
    logins: &[Login],
) -> Result<Image, RuntimeError> {
    let user = user_login(name).await;
    let given = logins.iter().filter(|login| login.is_for(name)).chain(&user);
    let tries: Vec<Option<DockerCredentials>> =
        given.map(|login| Some(credentials(login))).chain([None]).collect();
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

fn credentials(login: &Login) -> DockerCredentials {
    let Login { server, username, password } = login.clone();
    let server = Some(server);
    if username.is_empty() {
        // What a login with a token leaves.
        return DockerCredentials {
            identitytoken: Some(password),
            serveraddress: server,
            ..DockerCredentials::default()
        };
    }
    DockerCredentials {
        username: Some(username),
        password: Some(password),
        serveraddress: server,
        ..DockerCredentials::default()
    }
}

/// Without a tag all of them would be pulled.
fn with_tag(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains([':', '@']) { name.to_owned() } else { format!("{name}:latest") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_tag_means_the_latest() {
        assert_eq!(with_tag("127.0.0.1:5000/redis"), "127.0.0.1:5000/redis:latest");
        assert_eq!(with_tag("redis:7"), "redis:7");
        assert_eq!(with_tag("redis@sha256:00"), "redis@sha256:00");
    }
}
