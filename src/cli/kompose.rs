//! The options of `kompose convert`, as its scripts write them.

use std::path::PathBuf;

use anyhow::anyhow;

use super::{Exit, Failure};
use crate::model::{Deploy, DeployMode, Mount, MountSource, Project, VolumeOptions};
use crate::translate::{BIND_LABEL, CONTROLLER_LABEL, SERVICE_GROUP_LABEL};

/// What `kompose convert` takes beside what longshore calls the same.
///
/// Options that ask for what longshore does anyway are taken and change nothing.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of kompose")]
#[command(next_help_heading = "Options of kompose")]
pub struct KomposeArgs {
    /// The same as `-o -`
    #[arg(long, conflicts_with = "output")]
    stdout: bool,
    /// The same as `--format json`
    #[arg(short = 'j', long, conflicts_with_all = ["format", "yaml", "chart"])]
    json: bool,
    /// The same as `--format yaml`
    #[arg(short = 'y', long, conflicts_with_all = ["format", "chart"])]
    yaml: bool,
    /// The same as `--format helm`
    #[arg(short = 'c', long, conflicts_with = "format")]
    chart: bool,
    /// Pods of every service
    #[arg(long, value_name = "NUMBER")]
    replicas: Option<u32>,
    /// Kind of every service that has no label for it
    #[arg(long, value_name = "KIND", ignore_case = true)]
    controller: Option<Controller>,
    /// What volumes become
    #[arg(long, value_name = "KIND")]
    volumes: Option<Volumes>,
    /// Which services share a pod: those with one value of the label `kompose.service.group`, or with the
    /// same volumes
    #[arg(long, value_name = "MODE")]
    service_group_mode: Option<GroupMode>,
    #[arg(long, hide = true, conflicts_with = "service_group_mode")]
    multiple_container_mode: bool,
    /// Target
    #[arg(long, value_name = "NAME", default_value = "kubernetes", ignore_case = true)]
    provider: Provider,
    /// Whether images are built
    #[arg(long, value_name = "HOW", default_value = "none")]
    build: BuildImages,
    #[arg(long, hide = true)]
    push_image: bool,
    #[arg(long, hide = true)]
    no_interpolate: bool,
    #[arg(long, hide = true)]
    secrets_as_files: bool,
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    with_kompose_annotation: Option<bool>,
    #[arg(long, hide = true, value_parser = clap::value_parser!(u8).range(2..=2))]
    indent: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Controller {
    Deployment,
    #[value(name = "daemonset")]
    DaemonSet,
    #[value(name = "statefulset")]
    StatefulSet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Volumes {
    #[value(name = "persistentVolumeClaim")]
    PersistentVolumeClaim,
    #[value(name = "emptyDir")]
    EmptyDir,
    #[value(name = "hostPath")]
    HostPath,
    #[value(name = "configMap")]
    ConfigMap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum GroupMode {
    Label,
    Volume,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Provider {
    Kubernetes,
    #[value(name = "openshift")]
    OpenShift,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum BuildImages {
    None,
    Local,
    #[value(name = "build-config")]
    BuildConfig,
}

/// The form of the output that kompose's options ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KomposeFormat {
    /// `-j`.
    Json,
    /// `-y`.
    Yaml,
    /// `-c`.
    Chart,
}

impl KomposeArgs {
    /// Refuses what longshore has no part in, before anything is read.
    pub fn check(&self) -> Result<(), Failure> {
        let refuse =
            |what: &str, help: &str| Err(Failure::new(Exit::Input, anyhow!("{what}")).help(help));
        if self.provider == Provider::OpenShift {
            return refuse(
                "`--provider openshift`: longshore writes no Routes, ImageStreams and DeploymentConfigs",
                "OpenShift takes the plain manifests: leave the option out, and add Routes with `--patch` or a template",
            );
        }
        if self.build != BuildImages::None || self.push_image {
            return refuse(
                "`convert` builds and pushes no images",
                "run `docker compose build --push` before; the manifests name the images of the compose file",
            );
        }
        if self.no_interpolate {
            return refuse(
                "`--no-interpolate`: variables in ports and numbers make no manifest",
                "write a chart with `--format helm`: it has the variables as values",
            );
        }
        Ok(())
    }

    /// The form of the output, none where these options say nothing of it.
    pub fn format(&self) -> Option<KomposeFormat> {
        let forms = [
            (self.json, KomposeFormat::Json),
            (self.yaml, KomposeFormat::Yaml),
            (self.chart, KomposeFormat::Chart),
        ];
        forms.into_iter().find(|(is_asked, _)| *is_asked).map(|(_, form)| form)
    }

    /// Where the output goes.
    pub fn output(&self, output: PathBuf) -> PathBuf {
        if self.stdout { PathBuf::from("-") } else { output }
    }

    /// Changes the project as its options say: replicas, kinds and volumes of all services, and which of
    /// them share a pod.
    pub fn change(&self, project: &mut Project) {
        self.group(project);
        for service in project.services.values_mut() {
            if let Some(replicas) = self.replicas
                && service.deploy.as_ref().and_then(|it| it.mode) != Some(DeployMode::Global)
            {
                service.deploy.get_or_insert_with(Deploy::default).replicas = Some(replicas);
            }
            let labels = &mut service.container.labels;
            let mut label = |keys: &[&str], value: Option<&str>| {
                let Some(value) = value else { return };
                if !keys.iter().any(|key| labels.contains_key(*key))
                    && let Some(key) = keys.first()
                {
                    labels.insert((*key).to_owned(), value.to_owned());
                }
            };
            label(CONTROLLER_LABEL, self.controller.map(Controller::label));
            label(BIND_LABEL, self.volumes.and_then(Volumes::bind));
            if self.volumes == Some(Volumes::EmptyDir) {
                for mount in &mut service.container.volumes {
                    if matches!(mount.source, MountSource::Volume { .. } | MountSource::Bind { .. })
                    {
                        let options = VolumeOptions::default();
                        mount.source = MountSource::Volume { name: None, options };
                    }
                }
            }
        }
    }

    /// A service that comes after another one of its group joins the pod of that one, as
    /// `network_mode: service:NAME` has it.
    fn group(&self, project: &mut Project) {
        let by_label = self.multiple_container_mode;
        let Some(mode) = self.service_group_mode.or(by_label.then_some(GroupMode::Label)) else {
            return;
        };
        let mut groups: Vec<(Group, String)> = Vec::new();
        for (key, service) in &mut project.services {
            let container = &mut service.container;
            let group = match mode {
                GroupMode::Label => {
                    let label = SERVICE_GROUP_LABEL.iter().find_map(|it| container.labels.get(*it));
                    label.map(|value| Group::Label(value.clone()))
                }
                GroupMode::Volume => (!container.volumes.is_empty())
                    .then(|| Group::Volumes(container.volumes.clone())),
            };
            let Some(group) = group else { continue };
            match groups.iter().find(|(known, _)| *known == group) {
                Some((_, first)) => container.network_mode = Some(format!("service:{first}")),
                None => groups.push((group, key.clone())),
            }
        }
    }
}

/// What services have in common that share a pod.
#[derive(PartialEq)]
enum Group {
    Label(String),
    Volumes(Vec<Mount>),
}

impl Controller {
    fn label(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::DaemonSet => "daemonset",
            Self::StatefulSet => "statefulset",
        }
    }
}

impl Volumes {
    /// The policy for bind mounts.
    fn bind(self) -> Option<&'static str> {
        match self {
            Self::PersistentVolumeClaim | Self::EmptyDir => None,
            Self::HostPath => Some("hostpath"),
            Self::ConfigMap => Some("configmap"),
        }
    }
}
