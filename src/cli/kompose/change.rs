use super::{Controller, GroupMode, KomposeArgs, Volumes};
use crate::model::{Deploy, DeployMode, Mount, Project};
use crate::translate::{
    BIND_LABEL, CONTROLLER_LABEL, Compat, POD_LABEL, SERVICE_GROUP_LABEL, SERVICE_TYPE_LABEL,
    VOLUME_TYPE_LABEL,
};

impl KomposeArgs {
    /// Changes the project as its options say: replicas, kinds and volumes of all services, and which of
    /// them share a pod.
    pub fn change(&self, project: &mut Project, compat: Compat) {
        self.group(project);
        let (controller, volumes) = (self.controller(), self.volumes());
        // With this option kompose makes its Services headless, which cannot be changed in place.
        let is_headless = compat == Compat::Kompose && controller == Some(Controller::StatefulSet);
        for service in project.services.values_mut() {
            if let Some(replicas) = self.replicas
                && service.deploy.as_ref().and_then(|it| it.mode) != Some(DeployMode::Global)
            {
                service.deploy.get_or_insert_with(Deploy::default).replicas = Some(replicas);
            }
            let labels = &mut service.container.labels;
            let has_policy = BIND_LABEL.iter().any(|key| labels.contains_key(*key));
            let mut label = |keys: &[&str], value: Option<&str>| {
                let Some(value) = value else { return };
                if !keys.iter().any(|key| labels.contains_key(*key))
                    && let Some(key) = keys.first()
                {
                    labels.insert((*key).to_owned(), value.to_owned());
                }
            };
            label(CONTROLLER_LABEL, controller.map(Controller::label));
            label(SERVICE_TYPE_LABEL, is_headless.then_some("headless"));
            label(VOLUME_TYPE_LABEL, volumes.filter(|_| !has_policy).map(Volumes::label));
        }
    }

    fn controller(&self) -> Option<Controller> {
        let by_flag =
            [(self.deployment, Controller::Deployment), (self.daemon_set, Controller::DaemonSet)];
        let by_flag = by_flag.into_iter().find(|(is_set, _)| *is_set).map(|(_, kind)| kind);
        self.controller.or(by_flag)
    }

    fn volumes(&self) -> Option<Volumes> {
        self.volumes.or(self.emptyvols.then_some(Volumes::EmptyDir))
    }

    /// A service that comes after another one of its group joins the pod of that one, as
    /// `network_mode: service:NAME` has it, and has its volumes where these are what they share.
    fn group(&self, project: &mut Project) {
        let by_label = self.multiple_container_mode;
        let Some(mode) = self.service_group_mode.or(by_label.then_some(GroupMode::Label)) else {
            return;
        };
        let mut groups: Vec<(Group, Vec<String>)> = Vec::new();
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
            match groups.iter_mut().find(|(known, _)| *known == group) {
                Some((_, members)) => {
                    if let Some(first) = members.first() {
                        container.network_mode = Some(format!("service:{first}"));
                        if mode == GroupMode::Volume {
                            container.volumes.clear();
                            container.volumes_from.push(first.clone());
                        }
                    }
                    members.push(key.clone());
                }
                None => groups.push((group, vec![key.clone()])),
            }
        }
        for (group, members) in groups {
            self.name(&group, members, project);
        }
    }

    /// Names the pod of a group after the group, or after all that are in it.
    fn name(&self, group: &Group, mut members: Vec<String>, project: &mut Project) {
        let Some(first) = members.first().cloned() else { return };
        if members.len() == 1 && matches!(group, Group::Volumes(_)) {
            return;
        }
        members.sort_unstable();
        let name = match group {
            Group::Label(value) => value.clone(),
            Group::Volumes(_) => {
                self.service_group_name.clone().unwrap_or_else(|| members.join("-"))
            }
        };
        if let (Some(service), Some(key)) = (project.services.get_mut(&first), POD_LABEL.first()) {
            service.container.labels.entry((*key).to_owned()).or_insert(name);
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
    fn label(self) -> &'static str {
        match self {
            Self::PersistentVolumeClaim => "persistentVolumeClaim",
            Self::EmptyDir => "emptyDir",
            Self::HostPath => "hostPath",
            Self::ConfigMap => "configMap",
        }
    }
}
