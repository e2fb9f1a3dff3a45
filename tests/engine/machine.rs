use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use bollard::models::{ContainerCreateBody, HostConfig, NetworkingConfig};
use bollard::query_parameters::{
    CreateContainerOptions, CreateImageOptions, LogsOptions, RemoveContainerOptions,
    RemoveImageOptions,
};
use futures_util::TryStreamExt;
use longshore::engine::{Engine, labels, remove_cluster};

const BUSYBOX: &str = "/bin/busybox";

/// An engine, and what a test makes on it.
#[derive(Clone)]
pub struct Machine {
    pub engine: Engine,
    /// The value of the label that everything carries.
    pub cluster: String,
    /// An image with busybox.
    pub busybox: String,
}

impl Machine {
    /// None, and a word about it, without an engine or busybox.
    pub async fn find(test: &str) -> Option<Self> {
        let engine = match Engine::connect().await {
            Ok(engine) => engine,
            Err(error) => {
                println!("skipped: needs a Docker Engine: {error}");
                return None;
            }
        };
        if !Path::new(BUSYBOX).exists() {
            println!("skipped: needs a static busybox at {BUSYBOX}");
            return None;
        }
        let cluster = format!("test-{test}-{}", std::process::id());
        let mut machine = Self { engine, busybox: String::new(), cluster };
        machine.busybox = machine.import("busybox", &[(BUSYBOX.into(), "bin/busybox")], &[]).await;
        Some(machine)
    }

    /// An image of a program of ours, with the libraries that it needs.
    pub async fn image_of(&self, program: &str) -> String {
        let text = Command::new("ldd").arg(program).output().unwrap().stdout;
        let text = String::from_utf8(text).unwrap();
        let paths = text.split_whitespace().filter(|word| word.starts_with('/'));
        let libraries: Vec<(PathBuf, String)> = paths
            .map(|path| {
                let name = Path::new(path).file_name().unwrap().to_str().unwrap();
                (PathBuf::from(path), format!("lib/{name}"))
            })
            .collect();
        let loader = libraries.iter().find(|(_, name)| name.starts_with("lib/ld-"));
        let loader = format!("/{}", loader.unwrap().1);
        let mut files: Vec<(PathBuf, &str)> =
            libraries.iter().map(|(path, name)| (path.clone(), name.as_str())).collect();
        files.push((program.into(), "longshore"));
        self.import("longshore", &files, &[&loader, "--library-path", "/lib", "/longshore"]).await
    }

    async fn import(&self, name: &str, files: &[(PathBuf, &str)], entry: &[&str]) -> String {
        let mut archive = tar::Builder::new(Vec::new());
        // The engine does not know the headers of files with holes.
        archive.sparse(false);
        for (path, name) in files {
            archive.append_path_with_name(path.canonicalize().unwrap(), name).unwrap();
        }
        let repository = format!("longshore.local/{}-{name}", self.cluster);
        let options = CreateImageOptions {
            from_src: Some("-".to_owned()),
            repo: Some(repository.clone()),
            tag: Some("1".to_owned()),
            changes: vec![format!("ENTRYPOINT {}", serde_json::json!(entry))],
            ..CreateImageOptions::default()
        };
        let body = bollard::body_full(archive.into_inner().unwrap().into());
        let made = self.engine.docker().create_image(Some(options), Some(body), None);
        made.try_for_each(|_| async { Ok(()) }).await.unwrap();
        format!("{repository}:1")
    }

    /// Starts a script in busybox on a network; returns the container's name and address.
    pub async fn start(&self, name: &str, network: &str, dns: &[String], script: &str) -> String {
        let name = format!("{}-{name}", self.cluster);
        let body = ContainerCreateBody {
            image: Some(self.busybox.clone()),
            entrypoint: Some(["/bin/busybox", "sh", "-c"].map(str::to_owned).to_vec()),
            cmd: Some(vec![script.to_owned()]),
            labels: Some(HashMap::from([(labels::CLUSTER.to_owned(), self.cluster.clone())])),
            host_config: Some(HostConfig {
                network_mode: Some(network.to_owned()),
                dns: Some(dns.to_vec()),
                dns_search: Some(vec!["default.svc.cluster.local".to_owned()]),
                ..HostConfig::default()
            }),
            networking_config: None::<NetworkingConfig>,
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptions { name: Some(name.clone()), ..Default::default() };
        let docker = self.engine.docker();
        docker.create_container(Some(options), body).await.unwrap();
        docker.start_container(&name, None).await.unwrap();
        name
    }

    /// The address of a container.
    pub async fn address(&self, container: &str) -> String {
        let found = self.engine.docker().inspect_container(container, None).await.unwrap();
        let mut networks = found.network_settings.unwrap().networks.unwrap().into_values();
        networks.find_map(|network| network.ip_address).unwrap()
    }

    /// The id of a container.
    pub async fn id(&self, container: &str) -> String {
        self.engine.docker().inspect_container(container, None).await.unwrap().id.unwrap()
    }

    /// What a script says until it ends.
    pub async fn run(&self, name: &str, network: &str, dns: &[String], script: &str) -> String {
        let name = self.start(name, network, dns, script).await;
        let docker = self.engine.docker();
        let options =
            LogsOptions { follow: true, stdout: true, stderr: true, ..LogsOptions::default() };
        let parts: Vec<_> = docker.logs(&name, Some(options)).try_collect().await.unwrap();
        let options = RemoveContainerOptions { force: true, ..Default::default() };
        docker.remove_container(&name, Some(options)).await.unwrap();
        parts.iter().map(ToString::to_string).collect()
    }

    /// Removes all that the test made.
    pub async fn clean(&self) {
        remove_cluster(&self.engine, &self.cluster).await.unwrap();
        for name in ["busybox", "longshore"] {
            let image = format!("longshore.local/{}-{name}:1", self.cluster);
            let options = RemoveImageOptions { force: true, ..Default::default() };
            let _ = self.engine.docker().remove_image(&image, Some(options), None).await;
        }
    }
}
