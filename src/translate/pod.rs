use std::collections::BTreeMap;
use std::time::Duration;

use indexmap::IndexMap;
use k8s_openapi::api::core::v1::{LocalObjectReference, Probe};

use crate::kubernetes::labels;
use crate::model::{Container as ContainerSpec, Deploy};

use super::binds::bound_content;
use super::container::{ServiceContainer, translate_container};
use super::content::{content_hash, translate_secret_variables};
use super::context::{self, Container, Pod};
use super::dependency::restart_hash;
use super::env_files::file_variables;
use super::file::mounted_content;
use super::findings::Site;
use super::host_name::{HostName, translate_host_name};
use super::init_label::translate_init_labels;
use super::isolation::{SharedWithNode, translate_isolation};
use super::label::{setting, settings, translate_annotations, translate_labels};
use super::name::is_dns_subdomain;
use super::network::translate_network_mode;
use super::options::Secrets;
use super::placement::translate_placement;
use super::pods::{Member, Role, report_guest};
use super::port::Ports;
use super::pre_start::translate_pre_start;
use super::resolver::{translate_dns, translate_extra_hosts};
use super::scope::Scope;
use super::security::{PodRights, translate_pod_rights};
use super::seed::translate_seed;
use super::setting::Settings;
use super::volume::Volumes;
use super::volume_group::volume_group;

/// How long Compose waits before it kills a container, in seconds; Kubernetes waits 30.
const STOP_GRACE_PERIOD: u64 = 10;

/// The pod of a service, with what lies outside of it.
#[derive(Debug)]
pub struct ServicePod {
    /// The pod.
    pub pod: Pod,
    /// The services that run in it, in the order in which they start.
    pub members: Vec<PodMember>,
}

/// What a service in a pod has beside its container.
#[derive(Debug)]
pub struct PodMember {
    /// Its key.
    pub key: String,
    /// The ports of its container.
    pub ports: Ports,
    /// The secret variables of its container.
    pub secret: Option<context::Secret>,
}

/// Translates what a service says of its pod, with its container and those of its guests.
pub fn translate_pod(key: &str, scope: &Scope) -> ServicePod {
    let site = scope.place(key);
    let names = scope.names.service(key);
    let service = scope.service(key);
    let spec = &service.container;

    let mut containers = Containers::default();
    for member in scope.pods.members_of(key) {
        containers.add(&member, key, scope);
    }
    let Containers { init, main, volumes, labels, annotations, content, secret, .. } = containers;
    let hash = content_hash(&content, &secret);

    let no_deploy = Deploy::default();
    let placement = &service.deploy.as_ref().unwrap_or(&no_deploy).placement;
    let selector = scope.selector(&names.workload);
    let nodes = translate_placement(spec.platform.as_deref(), placement, &selector, &site);
    let HostName { hostname, subdomain } = translate_host_name(key, scope);
    let network = translate_network_mode(spec.network_mode.as_deref(), &site);
    let settings = Settings::new(&spec.labels, site.child("labels"));
    let shared = SharedWithNode {
        network: network.host,
        pid: spec.pid.as_deref() == Some("host"),
        ipc: spec.ipc.as_deref() == Some("host"),
    };
    let class = object_name(&settings, settings::RUNTIME_CLASS);
    let isolation = translate_isolation(spec, class, shared, &site);
    let rights = PodRights {
        group_add: &spec.group_add,
        sysctls: &spec.sysctls,
        volume_group: volume_group(key, scope),
        on_host_network: network.host,
    };
    let has_signal =
        |it: &Container| it.lifecycle.as_ref().is_some_and(|it| it.stop_signal.is_some());
    let pod = Pod {
        labels: pod_labels(scope, &names.workload, labels),
        annotations: pod_annotations(annotations, hash, restart_hash(key, scope)),
        restart_policy: None,
        // A signal is one of an operating system.
        os: init.iter().chain(&main).any(has_signal).then_some("linux"),
        hostname,
        subdomain,
        runtime_class_name: isolation.runtime_class_name,
        host_network: network.host,
        host_ipc: shared.ipc,
        host_pid: shared.pid,
        own_users: isolation.own_users,
        dns_policy: network.dns_policy,
        dns_config: translate_dns(&spec.dns, &spec.dns_search, &spec.dns_opt, &site),
        host_aliases: translate_extra_hosts(&spec.extra_hosts, &site.child("extra_hosts")),
        node_selector: nodes.selector,
        affinity: nodes.affinity,
        tolerations: nodes.tolerations,
        topology_spread_constraints: nodes.spread,
        share_process_namespace: containers.init_process || scope.pods.shares_processes(key),
        automount_token: settings.has(settings::SERVICE_ACCOUNT),
        service_account_name: object_name(&settings, settings::SERVICE_ACCOUNT),
        image_pull_secrets: object_name(&settings, settings::IMAGE_PULL_SECRET)
            .map(|name| LocalObjectReference { name })
            .into_iter()
            .collect(),
        security_context: translate_pod_rights(rights, &site),
        termination_grace_period_seconds: containers.grace_period,
        init_containers: init,
        containers: main,
        volumes: volumes.into_list(),
    };
    ServicePod { pod, members: containers.members }
}

/// The name of an object that is there already.
fn object_name(settings: &Settings, keys: &[&'static str]) -> Option<String> {
    let setting = settings.get(keys)?;
    let name = setting.text()?;
    if !is_dns_subdomain(name) {
        setting.site.invalid(
            format!("`{name}` cannot be the name of an object"),
            "use lower-case letters, digits, `-` and `.`",
        );
    }
    Some(name.to_owned())
}

/// The containers of a pod, and what they bring to it.
#[derive(Default)]
struct Containers<'a> {
    init: Vec<Container>,
    main: Vec<Container>,
    members: Vec<PodMember>,
    volumes: Volumes,
    labels: IndexMap<String, String>,
    annotations: IndexMap<String, String>,
    content: BTreeMap<(&'static str, String), &'a [u8]>,
    secret: BTreeMap<String, String>,
    /// In seconds.
    grace_period: u64,
    /// Whether one of them is to have a process that reaps the others.
    init_process: bool,
}

impl<'a> Containers<'a> {
    fn add(&mut self, member: &Member, host: &str, scope: &Scope<'a>) {
        let Member { key, role } = member;
        let site = scope.place(key);
        let service = scope.service(key);
        let spec = &service.container;
        if key != host {
            let of_host = scope.service(host);
            report_guest(service, host, of_host, &site);
            report_of_pod(spec, &of_host.container, &site);
        }
        report_init(spec.init, &site);
        let ServiceContainer { container, ports, mut secret } =
            translate_container(key, service, &mut self.volumes, scope);
        self.init.extend(translate_seed(key, &container, scope));
        self.init.extend(translate_pre_start(key, service, &mut secret, &mut self.volumes, scope));
        self.init.extend(translate_init_labels(&Settings::new(&spec.labels, site.child("labels"))));
        match role {
            Role::Main => self.main.push(container),
            Role::Sidecar => {
                self.init.push(sidecar(container, scope.pods.waits_for_health(key, scope)));
            }
            Role::Task => self.init.push(task(container, &site)),
        }
        self.content.extend(mounted_content(&spec.configs, &spec.secrets, scope));
        self.content.extend(file_variables(service, &site, scope));
        let bound = bound_content(key, service, scope).into_iter();
        self.content
            .extend(bound.map(|(path, content)| (("bind", format!("{key}:{path}")), content)));
        let is_known = scope.options.secrets != Secrets::Reference;
        for (name, value) in secret.iter().filter(|_| is_known) {
            let name = if key == host { name.clone() } else { format!("{key}/{name}") };
            self.secret.insert(name, value.clone());
        }
        let own = translate_labels(&spec.labels, &settings::of_services(), &site.child("labels"));
        let annotations = translate_annotations(&spec.annotations, &site.child("annotations"));
        let annotations = own.annotations.into_iter().chain(annotations).collect();
        merge(&mut self.labels, own.labels, &site.child("labels"));
        merge(&mut self.annotations, annotations, &site.child("annotations"));
        self.grace_period = self.grace_period.max(grace_period(spec.stop_grace_period));
        self.init_process |= spec.init == Some(true);
        let secret = translate_secret_variables(key, &secret, scope);
        self.members.push(PodMember { key: key.clone(), ports, secret });
    }
}

/// Goes on running beside the containers that start after it: once it is healthy, where one of them waits for that.
fn sidecar(container: Container, is_awaited: bool) -> Container {
    // A check that is not to end the container holds the others back, but never ends it either.
    let patient = |probe: Probe| Probe { failure_threshold: Some(i32::MAX), ..probe };
    let readiness = container.readiness_probe.clone().filter(|_| is_awaited);
    Container {
        restart_policy: Some("Always"),
        startup_probe: container.startup_probe.or(readiness.map(patient)),
        ..container
    }
}

/// Runs to its end before the containers behind it start; Kubernetes takes neither probes nor hooks.
pub fn task(container: Container, site: &Site) -> Container {
    if container.lifecycle.is_some() {
        site.not_translated(
            "an init container has no hooks: `post_start`, `pre_stop` and `stop_signal` are left out",
            "run the hooks in the command",
        );
    }
    Container {
        startup_probe: None,
        readiness_probe: None,
        liveness_probe: None,
        lifecycle: None,
        ..container
    }
}

/// What comes first stays.
fn merge(all: &mut IndexMap<String, String>, more: IndexMap<String, String>, site: &Site) {
    for (key, value) in more {
        match all.get(&key) {
            Some(known) if *known != value => site.child(&key).not_translated(
                format!("another service in the pod has `{key}` with another value"),
                "give the two different keys",
            ),
            _ => {
                all.insert(key, value);
            }
        }
    }
}

/// Says what a container would have otherwise, and its pod has for all of its containers.
pub fn report_of_pod(own: &ContainerSpec, pod: &ContainerSpec, site: &Site) {
    let unset = ContainerSpec::default();
    macro_rules! differing {
        ($($field:ident)*) => {
            [$((stringify!($field), own.$field != unset.$field && own.$field != pod.$field)),*]
        };
    }
    let attributes = differing! {
        dns dns_opt dns_search domainname extra_hosts group_add hostname isolation platform runtime
        sysctls userns_mode uts
    };
    let attributes = attributes.iter().filter(|(_, differs)| *differs);
    let labels = settings::OF_PODS.iter().filter_map(|keys| {
        let (label, value) = setting(&own.labels, keys)?;
        let of_pod = setting(&pod.labels, keys).map(|(_, value)| value);
        (of_pod != Some(value)).then(|| site.child("labels").child(label))
    });
    for place in attributes.map(|(attribute, _)| site.child(attribute)).chain(labels) {
        place.not_translated(
            "the pod has one for all of its containers, that of the service whose pod it is",
            "set it there",
        );
    }
}

fn pod_labels(
    scope: &Scope,
    name: &str,
    labels: IndexMap<String, String>,
) -> IndexMap<String, String> {
    let mut all = scope.metadata(name, name).labels;
    all.extend(labels);
    all
}

fn pod_annotations(
    annotations: IndexMap<String, String>,
    config_hash: Option<String>,
    restart_hash: Option<String>,
) -> IndexMap<String, String> {
    let mut all = annotations;
    for (key, hash) in [(labels::CONFIG_HASH, config_hash), (labels::RESTART_HASH, restart_hash)] {
        if let Some(hash) = hash {
            all.insert(key.to_owned(), hash);
        }
    }
    all
}

/// In seconds.
fn grace_period(stop_grace_period: Option<Duration>) -> u64 {
    stop_grace_period.map_or(STOP_GRACE_PERIOD, |period| {
        u64::try_from(period.as_millis().div_ceil(1000)).unwrap_or(u64::MAX)
    })
}

fn report_init(init: Option<bool>, site: &Site) {
    if init == Some(true) {
        site.child("init").approximated_closely(
            "the pause process of the pod reaps zombies instead, and shares its processes",
            "nothing to do, unless the program must have process id 1",
        );
    }
}
