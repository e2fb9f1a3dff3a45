use indexmap::IndexMap;

use crate::kubernetes::labels;
use crate::model::{Contents, Project, Service};

use super::binds::Binds;
use super::context::{Metadata, Namespace};
use super::env_files::EnvFiles;
use super::findings::{Findings, Site};
use super::kompose;
use super::name::Names;
use super::options::{Compat, Options, Security};
use super::pods::Pods;
use super::policy::NetworkLabels;
use super::project_label;
use super::service_mounts::ServiceMounts;
use super::wave::Waves;
use super::workload::Workload;

/// What every part of the translation may look at.
pub struct Scope<'a> {
    /// The project that is translated.
    pub project: &'a Project,
    /// The bytes of its configs and secrets.
    pub contents: &'a Contents,
    /// The project as a Kubernetes name: the value of the `instance` label.
    pub instance: String,
    /// What the user wants to have otherwise.
    pub options: &'a Options,
    /// All names.
    pub names: Names,
    /// What each service mounts.
    pub mounts: ServiceMounts,
    /// What holds the paths of this machine that are mounted.
    pub binds: Binds,
    /// What `env_file`s say, where it is in `ConfigMap`s of their own.
    pub env_files: EnvFiles<'a>,
    /// What each service becomes; nothing where something else runs it.
    pub workloads: IndexMap<&'a str, Workload>,
    /// When each workload starts, and which ones are waited for.
    pub waves: Waves,
    /// Which services share a pod.
    pub pods: Pods,
    /// The labels by which the pods of each network are known.
    pub network_labels: NetworkLabels,
    /// Where findings go.
    pub findings: &'a Findings<'a>,
}

impl<'a> Scope<'a> {
    /// Decides what concerns the project as a whole.
    pub fn new(
        project: &'a Project,
        contents: &'a Contents,
        options: &'a Options,
        findings: &'a Findings<'a>,
    ) -> Self {
        let mut names = Names::new(project, options.compat, findings);
        let mounts = ServiceMounts::new(project, &|key| findings.service(key).path().to_owned());
        let binds = Binds::new(project, &mounts, contents, options, &mut names);
        let env_files = EnvFiles::new(project, findings, options, &mut names);
        Self {
            project,
            contents,
            instance: project_label(&project.name),
            options,
            names,
            mounts,
            binds,
            env_files,
            workloads: IndexMap::new(),
            waves: Waves::new(&project.services, |key| key),
            pods: Pods::default(),
            network_labels: NetworkLabels::new(&project.networks),
            findings,
        }
    }

    /// Lets services share pods, which start together from now on.
    pub fn share(&mut self, pods: Pods) {
        self.waves = Waves::new(&self.project.services, |key| pods.host_of(key));
        self.pods = pods;
    }

    /// The metadata of an object that belongs to `part`, a service or a resource of the project.
    pub fn metadata(&self, name: &str, part: &str) -> Metadata {
        let mut labels = self.selector(part);
        labels.insert(labels::NAME.to_owned(), part.to_owned());
        labels.insert(labels::INSTANCE.to_owned(), self.instance.clone());
        labels.insert(labels::PART_OF.to_owned(), self.instance.clone());
        labels.insert(labels::MANAGED_BY.to_owned(), labels::LONGSHORE.to_owned());
        Metadata {
            name: name.to_owned(),
            namespace: self.options.namespace.clone(),
            labels,
            annotations: IndexMap::new(),
        }
    }

    /// The namespace, if it is to be created.
    pub fn namespace(&self) -> Option<Namespace> {
        let name = self.options.namespace.as_ref().filter(|_| self.options.create_namespace)?;
        let mut metadata = self.metadata(name, &self.instance);
        metadata.namespace = None;
        if self.options.security == Security::Restricted {
            let level = labels::RESTRICTED.to_owned();
            metadata.labels.extend(labels::POD_SECURITY.map(|key| (key.to_owned(), level.clone())));
        }
        Some(Namespace { metadata })
    }

    /// What the pods of a service are selected by: never what a user may want to change later.
    pub fn selector(&self, part: &str) -> IndexMap<String, String> {
        match self.options.compat {
            Compat::Longshore => IndexMap::from([
                (labels::NAME.to_owned(), part.to_owned()),
                (labels::INSTANCE.to_owned(), self.instance.clone()),
            ]),
            Compat::Kompose => IndexMap::from([(labels::KOMPOSE.to_owned(), part.to_owned())]),
        }
    }

    /// The key that a config has in its `ConfigMap`.
    pub fn config_key(&self, key: &str) -> String {
        match (self.options.compat, self.project.configs.get(key)) {
            (Compat::Kompose, Some(config)) => kompose::config_key(key, config),
            _ => key.to_owned(),
        }
    }

    /// The key that a secret has in its Secret.
    pub fn secret_key(&self, key: &str) -> String {
        match self.options.compat {
            Compat::Kompose => kompose::secret_key(key),
            Compat::Longshore => key.to_owned(),
        }
    }

    /// A service of the project.
    pub fn service(&self, key: &str) -> &'a Service {
        self.project.services.get(key).expect("keys of services come from the project")
    }

    /// The place of a service, or of the job that it is.
    pub fn place(&self, key: &str) -> Site<'a> {
        self.findings.service(key)
    }

    /// A place in the compose files.
    pub fn site(&self, path: impl Into<String>) -> Site<'a> {
        self.findings.site(path)
    }
}
