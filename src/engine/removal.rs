//! The end of a cluster on an engine.

use std::collections::HashMap;

use bollard::query_parameters::{
    ListContainersOptions, ListImagesOptions, ListNetworksOptions, ListVolumesOptions,
    RemoveContainerOptions, RemoveImageOptions, RemoveVolumeOptions,
};

use super::{Engine, EngineError, labels, refused, status_code};

/// Removes all that carries a cluster's label: containers, volumes and networks; with the last cluster go the images of
/// our own program.
pub async fn remove_cluster(engine: &Engine, cluster: &str) -> Result<(), EngineError> {
    let ours = || {
        let label = format!("{}={cluster}", labels::CLUSTER);
        Some(HashMap::from([("label".to_owned(), vec![label])]))
    };
    let all = ListContainersOptions { all: true, filters: ours(), ..Default::default() };
    let containers =
        engine.docker().list_containers(Some(all)).await.map_err(refused("list containers"))?;
    for id in containers.into_iter().filter_map(|container| container.id) {
        let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
        let removed = engine.docker().remove_container(&id, Some(options)).await;
        unless_gone(removed).map_err(refused(format!("remove the container `{id}`")))?;
    }
    remove_volumes(engine, &format!("{}={cluster}", labels::CLUSTER)).await?;
    let all = ListNetworksOptions { filters: ours() };
    let networks =
        engine.docker().list_networks(Some(all)).await.map_err(refused("list networks"))?;
    for id in networks.into_iter().filter_map(|network| network.id) {
        let removed = engine.docker().remove_network(&id).await;
        unless_gone(removed).map_err(refused(format!("remove the network `{id}`")))?;
    }
    // Each cluster has a network, also while nothing of it runs.
    let any = Some(HashMap::from([("label".to_owned(), vec![labels::CLUSTER.to_owned()])]));
    let others = engine.docker().list_networks(Some(ListNetworksOptions { filters: any })).await;
    if others.map_err(refused("list networks"))?.is_empty() {
        remove_own_images(engine).await?;
    }
    Ok(())
}

async fn remove_own_images(engine: &Engine) -> Result<(), EngineError> {
    let own = Some(HashMap::from([("label".to_owned(), vec![labels::DIGEST.to_owned()])]));
    let own = ListImagesOptions { filters: own, ..Default::default() };
    let images = engine.docker().list_images(Some(own)).await.map_err(refused("list images"))?;
    for id in images.into_iter().map(|image| image.id) {
        let removed = engine.docker().remove_image(&id, None::<RemoveImageOptions>, None).await;
        unless_gone(removed.map(drop)).map_err(refused(format!("remove the image `{id}`")))?;
    }
    Ok(())
}

/// Removes the volumes that carry a label; they are memory, which no container uses any more.
pub async fn remove_volumes(engine: &Engine, label: &str) -> Result<(), EngineError> {
    let filters = Some(HashMap::from([("label".to_owned(), vec![label.to_owned()])]));
    let options = ListVolumesOptions { filters };
    let volumes = engine.docker().list_volumes(Some(options)).await;
    let volumes = volumes.map_err(refused("list volumes"))?.volumes;
    for name in volumes.into_iter().flatten().map(|volume| volume.name) {
        let options = RemoveVolumeOptions { force: true };
        let removed = engine.docker().remove_volume(&name, Some(options)).await;
        unless_gone(removed).map_err(refused(format!("remove the volume `{name}`")))?;
    }
    Ok(())
}

/// What is gone, or is being removed by someone else, needs no removal.
fn unless_gone(removed: Result<(), bollard::errors::Error>) -> Result<(), bollard::errors::Error> {
    match removed {
        Err(error) if matches!(status_code(&error), Some(404 | 409)) => Ok(()),
        other => other,
    }
}
