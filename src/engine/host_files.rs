//! Files of the machine that belong to the users of containers.

use std::path::{Path, PathBuf};

use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType};
use bollard::query_parameters::RemoveContainerOptions;
use futures_util::TryStreamExt as _;

use super::{Engine, EngineError, labels, own_image, refused};

/// Where the helper sees the directory that it works in.
const INSIDE: &str = "/directory";

/// Removes a directory of the machine with all below it, whoever owns it.
///
/// What containers have written as other users, nobody but root may remove: a container of our own
/// program that is root does it, where this process is not.
pub async fn remove_directory(
    engine: &Engine,
    cluster: &str,
    path: &Path,
) -> Result<(), EngineError> {
    let owned = path.to_owned();
    let removed = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(owned)).await;
    match removed {
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => {}
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Ok(result) => return result.map_err(|source| failed(path, source.to_string())),
        Err(error) => return Err(failed(path, error.to_string())),
    }
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(failed(path, "it has no parent".to_owned()));
    };
    let body = helper(own_image(engine).await?, cluster, parent, &Path::new(INSIDE).join(name));
    let docker = engine.docker();
    let action = || format!("remove `{}` by a container", path.display());
    let created = docker.create_container(None, body).await.map_err(refused(action()))?;
    let ended = async {
        docker.start_container(&created.id, None).await?;
        docker.wait_container(&created.id, None).try_for_each(|_| async { Ok(()) }).await
    };
    let ended = ended.await;
    let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
    docker.remove_container(&created.id, Some(options)).await.map_err(refused(action()))?;
    ended.map_err(refused(action()))
}

fn helper(image: String, cluster: &str, parent: &Path, inside: &Path) -> ContainerCreateBody {
    let labels = [(labels::CLUSTER, cluster), (labels::ROLE, labels::HELPER)];
    let mount = Mount {
        typ: Some(MountType::BIND),
        source: Some(parent.display().to_string()),
        target: Some(INSIDE.to_owned()),
        ..Mount::default()
    };
    ContainerCreateBody {
        image: Some(image),
        cmd: Some(vec!["remove-directory".to_owned(), inside.display().to_string()]),
        user: Some("0:0".to_owned()),
        labels: Some(labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into()),
        host_config: Some(HostConfig {
            network_mode: Some("none".to_owned()),
            mounts: Some(vec![mount]),
            security_opt: Some(vec!["no-new-privileges".to_owned(), "label=disable".to_owned()]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

fn failed(path: &Path, reason: String) -> EngineError {
    EngineError::Directory { path: PathBuf::from(path), reason }
}
