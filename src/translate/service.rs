use std::time::Duration;

use indexmap::IndexMap;

use crate::kubernetes::labels;
use crate::model::{Container as ContainerSpec, Deploy, Service};

use super::command::{CommandLine, translate_command};
use super::content::{content_hash, translate_secret_variables};
use super::context::{self, Container, Pod};
use super::endpoint::{Aliases, Endpoint, translate_endpoint};
use super::environment::{Environment, translate_environment};
use super::file::{FileKind, mount_files, mounted_content};
use super::findings::Site;
use super::image::{translate_image, translate_pull_policy};
use super::ingress::translate_ingress;
use super::label::{settings, translate_annotations, translate_labels};
use super::name::is_dns_label;
use super::network::{network_aliases, translate_network_mode};
use super::placement::translate_placement;
use super::port::translate_ports;
use super::probe::translate_healthcheck;
use super::resolver::{translate_dns, translate_extra_hosts, translate_hostname};
use super::resources::{ServiceLimits, translate_resources};
use super::scope::Scope;
use super::security::{ContainerRights, translate_pod_rights, translate_rights};
use super::storage::holds_exclusively;
use super::strategy::translate_update_config;
use super::volume::Volumes;
use super::workload::{Workload, replicas};
use super::workload_manifest::{Shape, WorkloadManifest, workload_manifest};

/// How long Compose waits before it kills a container, in seconds; Kubernetes waits 30.
const STOP_GRACE_PERIOD: u64 = 10;

/// The objects of one service.
#[derive(Debug)]
pub struct ServiceObjects {
    /// The secret variables.
    pub secret: Option<context::Secret>,
    /// The names and ports.
    pub services: Vec<context::Service>,
    /// The pods.
    pub workload: WorkloadManifest,
    /// The way in for HTTP.
    pub ingress: Option<context::Ingress>,
}

/// What a service is translated with, beside the scope.
pub struct Given<'a, 'b> {
    /// What the service becomes.
    pub workload: &'b Workload,
    /// The names that `links` of other services give it.
    pub link_aliases: Vec<(String, Site<'a>)>,
    /// The aliases that are taken so far.
    pub aliases: &'b mut Aliases,
}

/// Translates one service.
#[expect(clippy::too_many_lines, reason = "one pattern takes the whole service apart")]
pub fn translate_service<'a>(
    key: &'a str,
    service: &'a Service,
    given: Given<'a, '_>,
    scope: &Scope<'a>,
) -> ServiceObjects {
    let Service {
        container,
        build,
        container_name,
        // Order and conditions concern the project: `dependency`.
        depends_on: _,
        deploy,
        expose,
        healthcheck,
        // Names of other services: `dependency::link_aliases`.
        links: _,
        ports,
        // The loader has chosen the services.
        profiles: _,
        // Decides the kind: `workload::decide`.
        restart: _,
        scale: _,
        stdin_open,
        tty,
        // Not translated: `untranslated`.
        attach: _,
        develop: _,
        external_links: _,
        post_start: _,
        pre_start: _,
        pre_stop: _,
        provider: _,
        extensions: _,
    } = service;
    let ContainerSpec {
        annotations,
        cap_add,
        cap_drop,
        command,
        configs,
        cpus,
        dns,
        dns_opt,
        dns_search,
        entrypoint,
        environment,
        extra_hosts,
        group_add,
        hostname,
        image,
        init,
        labels,
        mem_limit,
        mem_reservation,
        network_mode,
        networks,
        platform,
        privileged,
        pull_policy,
        read_only,
        secrets,
        shm_size,
        stop_grace_period,
        stop_signal,
        sysctls,
        tmpfs,
        ulimits,
        user,
        volumes,
        working_dir,
        // The loader has read them.
        env_file: _,
        label_file: _,
        // Not translated: `untranslated`.
        blkio_config: _,
        cgroup: _,
        cgroup_parent: _,
        cpu_count: _,
        cpu_percent: _,
        cpu_period: _,
        cpu_quota: _,
        cpu_rt_period: _,
        cpu_rt_runtime: _,
        cpu_shares: _,
        cpuset: _,
        credential_spec: _,
        device_cgroup_rules: _,
        devices: _,
        domainname: _,
        gpus: _,
        ipc: _,
        isolation: _,
        logging: _,
        mac_address: _,
        mem_swappiness: _,
        memswap_limit: _,
        models: _,
        oom_kill_disable: _,
        oom_score_adj: _,
        pid: _,
        pids_limit: _,
        pull_refresh_after: _,
        runtime: _,
        security_opt: _,
        storage_opt: _,
        use_api_socket: _,
        userns_mode: _,
        uts: _,
        volumes_from: _,
        umask: _,
    } = container;
    let no_deploy = Deploy::default();
    let Deploy {
        mode: _,
        endpoint_mode,
        replicas: _,
        labels: deploy_labels,
        placement,
        resources,
        // Decides the kind: `workload::decide`.
        restart_policy: _,
        rollback_config: _,
        update_config,
        extensions: _,
    } = deploy.as_ref().unwrap_or(&no_deploy);
    let Given { workload, link_aliases, aliases } = given;
    let site = scope.site(format!("services.{key}"));
    let names = scope.names.service(key);

    report_stop_signal(stop_signal.as_deref(), &site);
    report_ulimits(!ulimits.is_empty(), &site);
    report_init(*init, &site);

    let ports = translate_ports(ports, expose, &site);
    let Environment { variables: env, secret } =
        translate_environment(environment, &names.environment, &site.child("environment"));
    let mut pod_volumes = Volumes::default();
    pod_volumes.add_mounts(volumes, scope, &site.child("volumes"));
    pod_volumes.add_tmpfs(tmpfs, &site.child("tmpfs"));
    pod_volumes.add_shared_memory(*shm_size, &site.child("shm_size"));
    mount_files(FileKind::Config, configs, scope, &site.child("configs"), &mut pod_volumes);
    mount_files(FileKind::Secret, secrets, scope, &site.child("secrets"), &mut pod_volumes);
    let (pod_volumes, volume_mounts) = pod_volumes.into_parts();
    let hash = content_hash(&mounted_content(configs, secrets, scope), &secret);

    let limits =
        ServiceLimits { cpus: *cpus, mem_limit: *mem_limit, mem_reservation: *mem_reservation };
    let rights = ContainerRights {
        cap_add,
        cap_drop,
        privileged: *privileged,
        read_only: *read_only,
        user: user.as_deref(),
    };
    let CommandLine { command, args } =
        translate_command(entrypoint.as_deref(), command.as_deref(), &site);
    let probes = translate_healthcheck(healthcheck.as_ref(), &site.child("healthcheck"));
    let container = Container {
        name: names.name.clone(),
        image: translate_image(key, image.as_deref(), build.as_ref(), scope, &site),
        image_pull_policy: translate_pull_policy(pull_policy.as_ref(), &site),
        command,
        args,
        working_dir: working_dir.clone(),
        stdin: *stdin_open == Some(true),
        tty: *tty == Some(true),
        env,
        ports: ports.container,
        resources: translate_resources(resources, limits, &site),
        startup_probe: probes.startup,
        readiness_probe: probes.readiness,
        liveness_probe: probes.liveness,
        security_context: translate_rights(rights, &site),
        volume_mounts,
    };

    let selector = scope.selector(&names.name);
    let nodes = translate_placement(platform.as_deref(), placement, &selector, &site);
    let network = translate_network_mode(network_mode.as_deref(), &site);
    let own = translate_labels(labels, settings::OF_SERVICES, &site.child("labels"));
    let annotations = translate_annotations(annotations, &site.child("annotations"));
    let pod = Pod {
        labels: pod_labels(scope, &names.name, own.labels),
        annotations: pod_annotations(annotations, own.annotations, hash),
        restart_policy: None,
        hostname: hostname
            .as_deref()
            .and_then(|name| translate_hostname(name, &site.child("hostname"))),
        host_network: network.host,
        dns_policy: network.dns_policy,
        dns_config: translate_dns(dns, dns_search, dns_opt, &site),
        host_aliases: translate_extra_hosts(extra_hosts, &site.child("extra_hosts")),
        node_selector: nodes.selector,
        affinity: nodes.affinity,
        tolerations: nodes.tolerations,
        topology_spread_constraints: nodes.spread,
        share_process_namespace: *init == Some(true),
        security_context: translate_pod_rights(group_add, sysctls, network.host, &site),
        termination_grace_period_seconds: grace_period(*stop_grace_period),
        containers: vec![container],
        volumes: pod_volumes,
    };

    let deploy_labels = translate_labels(deploy_labels, &[], &site.child("deploy").child("labels"));
    let network_aliases = network_aliases(networks, &site);
    let own_aliases = own_aliases(container_name.as_deref(), hostname.as_deref(), &site);
    let endpoint = Endpoint {
        key,
        internal: &ports.internal,
        published: &ports.published,
        mode: *endpoint_mode,
        runs_to_completion: workload.runs_to_completion(),
        aliases: network_aliases.into_iter().chain(link_aliases).chain(own_aliases).collect(),
        labels: &deploy_labels.labels,
    };
    // On the network of the node, every port of the container is one of the node.
    let takes_host_port = ports.takes_host_port || network.host;
    let exclusive =
        replicas(service) <= 1 && (holds_exclusively(service, scope) || takes_host_port);
    let rollout = translate_update_config(
        update_config.as_ref(),
        exclusive,
        &site.child("deploy").child("update_config"),
    );
    let mut metadata = scope.metadata(&names.name, &names.name);
    metadata.labels.extend(deploy_labels.labels.clone());
    metadata.annotations = deploy_labels.annotations;
    let shape = Shape { workload, metadata, selector, rollout, pod };
    ServiceObjects {
        secret: translate_secret_variables(&names.environment, &names.name, &secret, scope),
        services: translate_endpoint(&endpoint, aliases, scope),
        ingress: translate_ingress(key, labels, &ports.internal, scope, &site),
        workload: workload_manifest(shape, service, &site),
    }
}

/// The names that a service gives itself, each with its place.
fn own_aliases<'a>(
    container_name: Option<&str>,
    hostname: Option<&str>,
    site: &Site<'a>,
) -> impl Iterator<Item = (String, Site<'a>)> {
    // What of a host name is no label is reported where it is translated.
    let hostname = hostname.filter(|name| is_dns_label(name));
    [("container_name", container_name), ("hostname", hostname)]
        .map(|(key, name)| Some((name?.to_owned(), site.child(key))))
        .into_iter()
        .flatten()
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
    from_labels: IndexMap<String, String>,
    hash: Option<String>,
) -> IndexMap<String, String> {
    let mut all = from_labels;
    all.extend(annotations);
    if let Some(hash) = hash {
        all.insert(labels::CONFIG_HASH.to_owned(), hash);
    }
    all
}

/// In seconds.
fn grace_period(stop_grace_period: Option<Duration>) -> u64 {
    stop_grace_period.map_or(STOP_GRACE_PERIOD, |period| {
        u64::try_from(period.as_millis().div_ceil(1000)).unwrap_or(u64::MAX)
    })
}

fn report_stop_signal(signal: Option<&str>, site: &Site) {
    let Some(signal) = signal else { return };
    if !["SIGTERM", "TERM", "15"].contains(&signal) {
        site.child("stop_signal").not_translated(
            "a pod is stopped with the signal that its image names",
            format!("build the image with `STOPSIGNAL {signal}`"),
        );
    }
}

fn report_ulimits(is_set: bool, site: &Site) {
    if is_set {
        site.child("ulimits").not_translated(
            "a pod has no ulimits; those of the node's container runtime hold",
            "set them there, or lower them with `ulimit` in the command",
        );
    }
}

fn report_init(init: Option<bool>, site: &Site) {
    if init == Some(true) {
        site.child("init").approximated_closely(
            "the pause process of the pod reaps zombies instead, and shares its processes",
            "nothing to do, unless the program must have process id 1",
        );
    }
}
