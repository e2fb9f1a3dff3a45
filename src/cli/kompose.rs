//! The options of `kompose convert`, as its scripts write them.

mod change;
mod files;

use std::path::PathBuf;

use anyhow::anyhow;

pub use files::files;

use super::{Exit, Failure};

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
    #[arg(short = 'd', long, hide = true, conflicts_with = "controller")]
    deployment: bool,
    #[arg(long, hide = true, conflicts_with_all = ["controller", "deployment"])]
    daemon_set: bool,
    #[arg(long, hide = true)]
    replication_controller: bool,
    /// What volumes become
    #[arg(long, value_name = "KIND")]
    volumes: Option<Volumes>,
    #[arg(long, hide = true, conflicts_with = "volumes")]
    emptyvols: bool,
    /// Which services share a pod: those with one value of the label `kompose.service.group`, or with the
    /// same volumes
    #[arg(long, value_name = "MODE")]
    service_group_mode: Option<GroupMode>,
    #[arg(long, hide = true, conflicts_with = "service_group_mode")]
    multiple_container_mode: bool,
    /// The workload of the services that share volumes [default: their names]
    #[arg(long, value_name = "NAME")]
    service_group_name: Option<String>,
    /// Target
    #[arg(long, value_name = "NAME", default_value = "kubernetes", ignore_case = true)]
    provider: Provider,
    /// Whether images are built
    #[arg(long, value_name = "HOW", default_value = "none")]
    build: BuildImages,
    #[arg(long, hide = true)]
    build_command: Option<String>,
    #[arg(long, hide = true)]
    push_command: Option<String>,
    #[arg(long, hide = true)]
    push_image: bool,
    #[arg(long, hide = true)]
    push_image_registry: Option<String>,
    #[arg(long, hide = true)]
    build_repo: Option<String>,
    #[arg(long, hide = true)]
    build_branch: Option<String>,
    #[arg(long, hide = true)]
    insecure_repository: bool,
    #[arg(long, hide = true)]
    deployment_config: bool,
    #[arg(long, hide = true)]
    no_interpolate: bool,
    #[arg(long, hide = true)]
    secrets_as_files: bool,
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    with_kompose_annotation: Option<bool>,
    #[arg(long, hide = true, default_value_t = 2)]
    indent: u8,
    #[arg(short, long, hide = true)]
    verbose: bool,
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
        let is_for_openshift = self.build_repo.is_some()
            || self.build_branch.is_some()
            || self.insecure_repository
            || self.deployment_config;
        if self.provider == Provider::OpenShift || is_for_openshift {
            return refuse(
                "`--provider openshift`: longshore writes no Routes, ImageStreams and DeploymentConfigs",
                "OpenShift takes the plain manifests: leave the option out, and add Routes with `--patch` or a template",
            );
        }
        let builds = self.build != BuildImages::None || self.build_command.is_some();
        let pushes = self.push_image || self.push_command.is_some();
        if builds || pushes {
            return refuse(
                "`convert` builds and pushes no images",
                "run `longshore build --push` before; the manifests name the images of the compose file, with the same `--registry-prefix`",
            );
        }
        if let Some(registry) = &self.push_image_registry {
            return refuse(
                "`--push-image-registry`: `convert` pushes no images",
                &format!(
                    "run `longshore build --push --registry-prefix {registry}` before, and give `convert` the same `--registry-prefix {registry}`, so that the manifests name it too"
                ),
            );
        }
        if self.replication_controller {
            return refuse(
                "`--replication-controller`: Deployments have taken the place of ReplicationControllers",
                "leave the option out; kompose itself writes no workload with it",
            );
        }
        if self.indent != 2 {
            return refuse(
                &format!("`--indent {}`: manifests are indented by two blanks", self.indent),
                "leave the option out, or indent the output with another program, e.g. `yq -I 4`",
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
}
