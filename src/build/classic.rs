//! The engine's own builder, which every engine has.

use bollard::query_parameters::{BuildImageOptions, TagImageOptions};
use futures_util::TryStreamExt;

use super::archive::Archive;
use super::execute::Lines;
use super::{BuildError, Image};
use crate::engine::{Engine, reason, refused};
use crate::model::Build;

const BUILDKIT: &str = "BuildKit: a `docker` program with `buildx` on the PATH";

/// Builds an image.
pub async fn build(engine: &Engine, image: &Image, lines: &Lines) -> Result<(), BuildError> {
    let mut options = options(image)?;
    let (body, written) = if image.is_local() {
        let archive = Archive::of(image)?;
        archive.dockerfile().clone_into(&mut options.dockerfile);
        let (body, written) = archive.stream();
        (Some(bollard::body_try_stream(body)), Some(written))
    } else {
        options.remote = Some(image.build.context.clone());
        (Some(bollard::body_full(bytes::Bytes::new())), None)
    };
    let mut step = None;
    let mut output = engine.docker().build_image(options, None, body);
    let failed = loop {
        let told = match output.try_next().await {
            Ok(Some(told)) => told,
            Ok(None) => break None,
            Err(error) => break Some(reason(&error)),
        };
        if let Some(error) = told.error_detail {
            break Some(error.message.unwrap_or_default());
        }
        for line in told.stream.iter().flat_map(|text| text.lines()) {
            if let Some((_, instruction)) =
                line.strip_prefix("Step ").and_then(|it| it.split_once(" : "))
            {
                step = Some(instruction.to_owned());
            }
            lines.say(line).await;
        }
    };
    drop(output);
    let Some(reason) = failed else { return tag(engine, image).await };
    if let Some(Ok(Err((path, source)))) = match written {
        Some(written) => Some(written.await),
        None => None,
    } && source.kind() != std::io::ErrorKind::BrokenPipe
    {
        return Err(BuildError::Unreadable { image: image.subject(), path, source });
    }
    Err(BuildError::Failed { image: image.subject(), step, reason: reason.trim().to_owned() })
}

async fn tag(engine: &Engine, image: &Image) -> Result<(), BuildError> {
    for name in &image.build.tags {
        let (repository, tag) = repository_and_tag(name);
        let options =
            TagImageOptions { repo: Some(repository.to_owned()), tag: Some(tag.to_owned()) };
        let tagged = engine.docker().tag_image(&image.name, Some(options)).await;
        tagged.map_err(refused(format!("tag `{}` as `{name}`", image.name)))?;
    }
    Ok(())
}

/// A port is no tag.
pub fn repository_and_tag(name: &str) -> (&str, &str) {
    name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((name, "latest"))
}

/// What the builder is asked for; an attribute that it does not know is an error.
fn options(image: &Image) -> Result<BuildImageOptions, BuildError> {
    let Build {
        context: _,
        dockerfile,
        dockerfile_inline,
        additional_contexts,
        args,
        cache_from,
        cache_to,
        entitlements,
        extra_hosts,
        isolation,
        labels,
        network,
        no_cache,
        no_cache_filter,
        // Several are for a registry; what is built for this engine is the one that it runs.
        platforms: _,
        privileged,
        provenance,
        pull,
        sbom,
        secrets,
        shm_size,
        ssh,
        tags: _,
        target,
        ulimits,
        extensions: _,
    } = &image.build;
    let unknown = [
        ("additional_contexts", !additional_contexts.is_empty()),
        ("cache_from", cache_from.iter().any(|from| from.contains("type="))),
        ("cache_to", !cache_to.is_empty()),
        ("dockerfile_inline", dockerfile_inline.is_some() && !image.is_local()),
        ("entitlements", !entitlements.is_empty()),
        ("isolation", isolation.as_ref().is_some_and(|it| it != "default")),
        ("no_cache_filter", !no_cache_filter.is_empty()),
        ("privileged", *privileged == Some(true)),
        ("provenance", provenance.as_ref().is_some_and(|it| it != "false")),
        ("sbom", sbom.as_ref().is_some_and(|it| it != "false")),
        ("secrets", !secrets.is_empty()),
        ("ssh", !ssh.is_empty()),
        ("ulimits", !ulimits.is_empty()),
    ];
    if let Some((attribute, _)) = unknown.iter().find(|(_, is_set)| *is_set) {
        return Err(BuildError::Builder { image: image.subject(), attribute, needs: BUILDKIT });
    }
    let hosts: Vec<String> =
        extra_hosts.iter().map(|host| format!("{}:{}", host.name, host.address)).collect();
    Ok(BuildImageOptions {
        dockerfile: dockerfile.clone().unwrap_or_else(|| "Dockerfile".to_owned()),
        t: Some(image.name.clone()),
        extrahosts: (!hosts.is_empty()).then(|| hosts.join(",")),
        nocache: *no_cache == Some(true),
        cachefrom: (!cache_from.is_empty()).then(|| cache_from.clone()),
        pull: (*pull == Some(true)).then(|| "1".to_owned()),
        rm: true,
        forcerm: true,
        buildargs: Some(args.clone().into_iter().collect()),
        shmsize: shm_size.map(|bytes| i32::try_from(bytes).unwrap_or(i32::MAX)),
        labels: Some(labels.clone().into_iter().collect()),
        networkmode: network.clone(),
        platform: image.platform.clone().unwrap_or_default(),
        target: target.clone().unwrap_or_default(),
        ..BuildImageOptions::default()
    })
}
