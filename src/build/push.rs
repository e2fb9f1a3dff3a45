use std::collections::BTreeMap;

use bollard::auth::DockerCredentials;
use bollard::query_parameters::PushImageOptions;
use futures_util::TryStreamExt;

use super::classic::repository_and_tag;
use super::names::has_registry;
use super::{BuildError, Event, Image, Plan, Progress, State};
use crate::engine::{Engine, Login, reason, user_login};

/// Pushes the images of a plan under all their names, with the user's logins; gives the digest of
/// each name.
pub async fn push(
    engine: &Engine,
    plan: &Plan,
    progress: &mut dyn Progress,
) -> Result<BTreeMap<String, String>, BuildError> {
    let mut digests = BTreeMap::new();
    let names = |image: &Image| image.names().map(str::to_owned).collect::<Vec<_>>();
    for image in &plan.images {
        if let Some(name) = names(image).into_iter().find(|name| !has_registry(name)) {
            return Err(BuildError::NoRegistry { image: image.subject(), name });
        }
    }
    for image in &plan.images {
        for name in names(image) {
            let mut tell = |state, detail: &str| {
                progress.event(&Event {
                    service: image.service.clone(),
                    image: name.clone(),
                    state,
                    detail: detail.to_owned(),
                });
            };
            tell(State::Pushing, "");
            match push_one(engine, &name).await {
                Ok(digest) => {
                    tell(State::Pushed, digest.as_deref().unwrap_or_default());
                    digests.extend(digest.map(|digest| (name.clone(), digest)));
                }
                Err(reason) => {
                    tell(State::Failed, "");
                    return Err(BuildError::Push { image: image.subject(), name, reason });
                }
            }
        }
    }
    Ok(digests)
}

async fn push_one(engine: &Engine, name: &str) -> Result<Option<String>, String> {
    let (repository, tag) = repository_and_tag(name);
    let options = PushImageOptions { tag: Some(tag.to_owned()), ..PushImageOptions::default() };
    let login = user_login(name).await.map(credentials);
    let mut told = engine.docker().push_image(repository, Some(options), login);
    let mut digest = None;
    while let Some(told) = told.try_next().await.map_err(|error| reason(&error))? {
        digest = told.status.as_deref().and_then(digest_in).or(digest);
    }
    Ok(digest)
}

/// `1: digest: sha256:… size: 528`, as the engine says it in the end.
fn digest_in(status: &str) -> Option<String> {
    let (_, rest) = status.split_once(": digest: ")?;
    rest.split_whitespace().next().map(str::to_owned)
}

fn credentials(login: Login) -> DockerCredentials {
    let Login { server, username, password } = login;
    let serveraddress = Some(server);
    if username.is_empty() {
        let identitytoken = Some(password);
        return DockerCredentials { identitytoken, serveraddress, ..DockerCredentials::default() };
    }
    DockerCredentials {
        username: Some(username),
        password: Some(password),
        serveraddress,
        ..DockerCredentials::default()
    }
}

#[cfg(test)]
mod tests {
    use super::digest_in;

    #[test]
    fn the_engine_tells_the_digest() {
        assert_eq!(digest_in("1: digest: sha256:ab size: 528").as_deref(), Some("sha256:ab"));
        assert_eq!(digest_in("Pushed"), None);
    }
}
