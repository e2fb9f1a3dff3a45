use std::collections::BTreeMap;

use crate::model::{Container as ContainerSpec, Deploy, Service};

use super::bind_policy::{BindPolicy, check_policy};
use super::command::{CommandLine, translate_command};
use super::context::Container;
use super::cpu::ProcessorTime;
use super::credential_spec::translate_credential_spec;
use super::device::{DeviceRequests, device_paths, translate_device_requests};
use super::env_files::take_from_files;
use super::environment::{Environment, translate_environment};
use super::file::{FileKind, Files, mount_files};
use super::findings::Site;
use super::hook::translate_lifecycle;
use super::image::{translate_image, translate_pull_policy};
use super::label::settings;
use super::models::with_models;
use super::mount::{
    Mounting, mount_volumes, report_data_directory, report_foreign_containers, volume_sub_path,
};
use super::port::{Ports, translate_ports};
use super::probe::translate_healthcheck;
use super::resolver::report_machine;
use super::resources::{EphemeralStorage, ServiceLimits, translate_resources};
use super::scope::Scope;
use super::secret_variables::{SecretVariables, check_secret_variables};
use super::security::{ContainerRights, translate_rights};
use super::service_mounts::ServiceMount;
use super::setting::{Setting, Settings};
use super::volume::Volumes;
use super::volume_group::{VolumeGroup, volume_group};

/// A service as a container of a pod, with what lies outside of the container.
#[derive(Debug)]
pub struct ServiceContainer {
    /// The container.
    pub container: Container,
    /// Its ports, also as Services have them.
    pub ports: Ports,
    /// The variables that are in a Secret.
    pub secret: BTreeMap<String, String>,
}

/// Translates what a service says of its container; its volumes go to those of the pod.
pub fn translate_container(
    key: &str,
    service: &Service,
    volumes: &mut Volumes,
    scope: &Scope,
) -> ServiceContainer {
    let site = scope.place(key);
    let names = scope.names.service(key);
    let host = scope.service(scope.pods.host_of(key));
    let on_host_network = host.container.network_mode.as_deref() == Some("host");
    let settings = Settings::new(&service.container.labels, site.child("labels"));
    let mut published = service.ports.clone();
    if settings.get(settings::HOST_PORTS).as_ref().is_some_and(Setting::flag) {
        for port in &mut published {
            port.host_mode = true;
        }
    }
    let mut ports = translate_ports(&published, &service.expose, on_host_network, &site);
    let probes = translate_healthcheck(
        service.healthcheck.as_ref(),
        &settings,
        &ports.container,
        &site.child("healthcheck"),
    );
    let image = service.container.image.as_deref();
    let no_deploy = Deploy::default();
    let made = Made {
        name: names.container.clone(),
        image: translate_image(key, image, service.build.as_ref(), scope, &site),
        secret: &names.environment,
        rules: &SecretVariables::of(service, scope.project, &scope.options.secret_variables),
        deploy: service.deploy.as_ref().unwrap_or(&no_deploy),
        mounts: scope.mounts.of(key),
        bind: BindPolicy::of(service, scope.options.bind),
        volume_group: volume_group(scope.pods.host_of(key), scope),
        site: &site,
    };
    check_policy(service, &site);
    check_secret_variables(service, &site);
    report_foreign_containers(service, scope, &site);
    let (container, secret) = translate_spec(&service.container, made, volumes, scope);
    let container = Container {
        stdin: service.stdin_open == Some(true),
        tty: service.tty == Some(true),
        ports: std::mem::take(&mut ports.container),
        startup_probe: probes.startup,
        readiness_probe: probes.readiness,
        liveness_probe: probes.liveness,
        lifecycle: translate_lifecycle(service, &settings, &site),
        ..container
    };
    ServiceContainer { container, ports, secret }
}

/// What a container is made with, beside what the compose file says of it.
pub struct Made<'m, 'a> {
    /// Its name in the pod.
    pub name: String,
    /// Its image.
    pub image: String,
    /// The Secret of its secret variables.
    pub secret: &'m str,
    /// Which variables are secret.
    pub rules: &'m SecretVariables,
    /// `deploy`.
    pub deploy: &'m Deploy,
    /// What it mounts.
    pub mounts: &'m [ServiceMount],
    /// What becomes of its bind mounts.
    pub bind: BindPolicy,
    /// The group of the volumes of the pod.
    pub volume_group: Option<VolumeGroup>,
    /// The place in the compose file.
    pub site: &'m Site<'a>,
}

/// Translates what all containers have, those of `pre_start` too; also gives the variables that are
/// in the Secret.
#[expect(clippy::too_many_lines, reason = "one pattern takes the whole container apart")]
pub fn translate_spec(
    spec: &ContainerSpec,
    made: Made,
    volumes: &mut Volumes,
    scope: &Scope,
) -> (Container, BTreeMap<String, String>) {
    let ContainerSpec {
        cap_add,
        cap_drop,
        command,
        configs,
        cpu_count,
        cpu_period,
        cpu_quota,
        cpu_shares,
        cpus,
        credential_spec,
        devices,
        entrypoint,
        environment,
        gpus,
        labels,
        mem_limit,
        mem_reservation,
        models,
        privileged,
        pull_policy,
        read_only,
        secrets,
        security_opt,
        shm_size,
        storage_opt,
        tmpfs,
        ulimits,
        user,
        working_dir,
        // It is made with that of the service, built or not.
        image: _,
        // With the hooks: `translate_lifecycle`.
        stop_signal: _,
        // Of the pod: `pod`.
        annotations: _,
        dns: _,
        dns_opt: _,
        dns_search: _,
        extra_hosts,
        group_add: _,
        hostname: _,
        init: _,
        isolation: _,
        network_mode: _,
        networks: _,
        platform: _,
        runtime: _,
        stop_grace_period: _,
        sysctls: _,
        userns_mode: _,
        uts: _,
        // The loader has read them.
        env_file: _,
        label_file: _,
        // Mounted with all that it says about them: `mount_volumes`.
        volumes: _,
        volumes_from: _,
        // Not translated: `untranslated`.
        blkio_config: _,
        cgroup: _,
        cgroup_parent: _,
        cpu_percent: _,
        cpu_rt_period: _,
        cpu_rt_runtime: _,
        cpuset: _,
        device_cgroup_rules: _,
        domainname: _,
        ipc: _,
        logging: _,
        mac_address: _,
        mem_swappiness: _,
        memswap_limit: _,
        oom_kill_disable: _,
        oom_score_adj: _,
        pid: _,
        pids_limit: _,
        pull_refresh_after: _,
        use_api_socket: _,
        umask: _,
    } = spec;
    let Made { name, image, secret: secret_name, rules, deploy, mounts, bind, volume_group, site } =
        made;
    report_ulimits(!ulimits.is_empty(), site);

    let mut environment = with_models(environment, models, scope, site);
    report_machine(&environment, extra_hosts, &site.child("environment"));
    let pgdata = environment.get("PGDATA").cloned().flatten();
    let env_from = take_from_files(&mut environment, scope, site);
    let Environment { variables: env, secret } =
        translate_environment(&environment, secret_name, rules, &site.child("environment"));
    let settings = Settings::new(labels, site.child("labels"));
    let sub_path = volume_sub_path(&settings);
    let mounts = Mounting { mounts, bind, sub_path, privileged: *privileged == Some(true) };
    mount_volumes(mounts, scope, volumes);
    report_data_directory(pgdata.as_deref(), mounts.mounts, scope, volumes);
    volumes.add_tmpfs(tmpfs, &site.child("tmpfs"));
    volumes.add_shared_memory(*shm_size, &site.child("shm_size"));
    let files = |kind, list| Files { kind, list, volume_group };
    mount_files(files(FileKind::Config, configs), scope, &site.child("configs"), volumes);
    mount_files(files(FileKind::Secret, secrets), scope, &site.child("secrets"), volumes);

    let deploy_settings = Settings::new(&deploy.labels, site.child("deploy").child("labels"));
    let device_paths = device_paths(devices, &site.child("devices"));
    for device in &device_paths {
        volumes.add_device(device, &site.child("devices").item(device.index));
    }
    let requests = DeviceRequests {
        gpus,
        reserved: &deploy.resources.reservations.devices,
        generic: &deploy.resources.reservations.generic_resources,
        devices,
    };
    let limits = ServiceLimits {
        time: ProcessorTime {
            cpus: *cpus,
            count: *cpu_count,
            period: *cpu_period,
            quota: *cpu_quota,
            shares: *cpu_shares,
        },
        mem_limit: *mem_limit,
        mem_reservation: *mem_reservation,
        storage: EphemeralStorage { options: storage_opt, labels: [&settings, &deploy_settings] },
        devices: translate_device_requests(requests, site),
    };
    let rights = ContainerRights {
        cap_add,
        cap_drop,
        privileged: *privileged == Some(true) || !device_paths.is_empty(),
        read_only: *read_only,
        security_opt,
        user: user.as_deref(),
        credential_spec: credential_spec
            .as_ref()
            .and_then(|it| translate_credential_spec(it, scope, &site.child("credential_spec"))),
    };
    let CommandLine { command, args } =
        translate_command(entrypoint.as_deref(), command.as_deref(), site);
    let container = Container {
        name,
        image,
        image_pull_policy: translate_pull_policy(pull_policy.as_ref(), &settings, site),
        command,
        args,
        working_dir: working_dir.clone(),
        env_from,
        env,
        resources: translate_resources(&deploy.resources, limits, site),
        security_context: translate_rights(rights, site),
        volume_mounts: volumes.take_mounts(),
        ..Container::default()
    };
    (container, secret)
}

fn report_ulimits(is_set: bool, site: &Site) {
    if is_set {
        site.child("ulimits").not_translated(
            "a pod has no ulimits; those of the node's container runtime hold",
            "set them there, or lower them with `ulimit` in the command",
        );
    }
}
