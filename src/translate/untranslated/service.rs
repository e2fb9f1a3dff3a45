use crate::model::{Attribute as _, Build, Extensions, Service, ServiceNetwork};
use crate::translate::findings::Site;

use super::deploy::report_deploy;
use super::mount::report_mount;
use super::outcome::{
    Items, MEANINGLESS, Members, OptionalPart, Outcome, TRANSLATED, attributes, harmless, local,
    no_equivalent, not_yet,
};
use super::resource::{CNI, MODEL};

const BUILD: &str = "give it to the tool that builds the image";
const CONTROL_GROUPS: &str = "the kubelet owns the tree of control groups";
const DISKS: &str = "disk rates of a container are up to the node and its storage";
const HOOK: &str =
    "add it to the template of the container: `lifecycle.postStart` or `lifecycle.preStop`";
const LOCAL_TOOL: &str = "nothing to do: it is for the tool on this machine";
const QUOTA: &str = "use `cpus`: the quota divided by the period";
const RUNTIME_CLASS: &str = "set `runtimeClassName` in the template of the pod";
const SCHEDULER: &str = "the processor time of a container is set with `cpus` alone";
const SWAP: &str = "swap is a setting of the kubelet";

/// How to ask for a GPU.
pub(super) const GPU: &str = "ask for the GPU in the template of the container: `resources.limits`, e.g. `nvidia.com/gpu: 1`";

/// Reports the attributes of a service.
#[expect(clippy::too_many_lines, reason = "one row for each attribute of a service")]
pub(super) fn report(service: &Service, site: &Site) {
    attributes!(site, service => Service {
        annotations: TRANSLATED,
        attach: local(LOCAL_TOOL),
        blkio_config: no_equivalent(DISKS),
        build: OptionalPart(report_build),
        cap_add: TRANSLATED,
        cap_drop: TRANSLATED,
        cgroup: no_equivalent(CONTROL_GROUPS).but(&["private"]),
        cgroup_parent: no_equivalent(CONTROL_GROUPS),
        command: TRANSLATED,
        configs: TRANSLATED,
        container_name: TRANSLATED,
        cpu_count: not_yet("use `cpus`"),
        cpu_percent: no_equivalent("use `cpus`"),
        cpu_period: not_yet(QUOTA),
        cpu_quota: not_yet(QUOTA),
        cpu_rt_period: no_equivalent(SCHEDULER),
        cpu_rt_runtime: no_equivalent(SCHEDULER),
        cpu_shares: not_yet("use `deploy.resources.reservations.cpus`: shares divided by 1024"),
        cpus: TRANSLATED,
        cpuset: no_equivalent("let the kubelet choose cores: policy `static` and whole `cpus`"),
        credential_spec: not_yet("set `windowsOptions` in the template of the container"),
        depends_on: TRANSLATED,
        deploy: OptionalPart(report_deploy),
        develop: local(LOCAL_TOOL),
        device_cgroup_rules: no_equivalent("`privileged: true` is the only way"),
        devices: not_yet(
            "use the device plugin of the device, or `privileged: true` with a hostPath volume"
        ),
        dns: TRANSLATED,
        dns_opt: TRANSLATED,
        dns_search: TRANSLATED,
        domainname: not_yet("set `subdomain` in the template of the pod"),
        entrypoint: TRANSLATED,
        environment: TRANSLATED,
        expose: TRANSLATED,
        extensions: Settings,
        external_links: not_yet("use `SERVICE.NAMESPACE` as the host name"),
        extra_hosts: TRANSLATED,
        gpus: not_yet(GPU),
        group_add: TRANSLATED,
        healthcheck: TRANSLATED,
        hostname: TRANSLATED,
        image: TRANSLATED,
        init: TRANSLATED,
        ipc: not_yet("set `hostIPC` in the template of the pod").but(&["", "private", "shareable"]),
        isolation: not_yet(RUNTIME_CLASS).but(&["default", "process"]),
        labels: TRANSLATED,
        links: TRANSLATED,
        logging: no_equivalent("collect logs from the nodes; rotation is a setting of the kubelet"),
        mac_address: no_equivalent(CNI),
        mem_limit: TRANSLATED,
        mem_reservation: TRANSLATED,
        mem_swappiness: no_equivalent(SWAP),
        memswap_limit: no_equivalent(SWAP).but(&["0"]),
        models: not_yet(MODEL),
        network_mode: TRANSLATED,
        networks: Members(report_network),
        oom_kill_disable: no_equivalent("raise the memory limit").but(&["false"]),
        oom_score_adj:
            no_equivalent("set equal limits and reservations: such pods are ended last").but(&["0"]),
        pid: not_yet("set `hostPID` in the template of the pod").but(&[""]),
        pids_limit: no_equivalent("set `podPidsLimit` in the configuration of the kubelet")
            .but(&["0", "-1"]),
        platform: TRANSLATED,
        ports: TRANSLATED,
        post_start: not_yet(HOOK),
        pre_start: not_yet("add an init container to the template of the pod"),
        pre_stop: not_yet(HOOK),
        privileged: TRANSLATED,
        profiles: TRANSLATED,
        provider: no_equivalent(
            "create what the provider makes, and pass its address in `environment`"
        ),
        pull_policy: TRANSLATED,
        pull_refresh_after: no_equivalent("use `pull_policy: always`"),
        read_only: TRANSLATED,
        restart: TRANSLATED,
        runtime: not_yet(RUNTIME_CLASS).but(&["runc"]),
        scale: TRANSLATED,
        secrets: TRANSLATED,
        security_opt: not_yet("set `securityContext` in the template of the container"),
        shm_size: TRANSLATED,
        stdin_open: TRANSLATED,
        stop_grace_period: TRANSLATED,
        stop_signal: TRANSLATED,
        storage_opt: not_yet("set the limit `ephemeral-storage` in the template of the container"),
        sysctls: TRANSLATED,
        tmpfs: TRANSLATED,
        tty: TRANSLATED,
        ulimits: TRANSLATED,
        use_api_socket:
            no_equivalent("a cluster has no container engine to talk to; use the Kubernetes API")
                .but(&["false"]),
        user: TRANSLATED,
        userns_mode: not_yet("set `hostUsers` in the template of the pod").but(&["host", ""]),
        uts: not_yet("use `network_mode: host`, which shares the host name too").but(&[""]),
        volumes: Items(report_mount),
        volumes_from: not_yet("repeat the volumes of the other service"),
        working_dir: TRANSLATED,
    });
}

/// What every build needs is told with the image; the rest is told once.
fn report_build(build: &Build, site: &Site) {
    let Build {
        context: _,
        dockerfile: _,
        dockerfile_inline: _,
        args: _,
        target: _,
        extensions: _,
        additional_contexts,
        cache_from,
        cache_to,
        entitlements,
        extra_hosts,
        isolation,
        labels,
        network,
        no_cache,
        no_cache_filter,
        platforms,
        privileged,
        provenance,
        pull,
        sbom,
        secrets,
        shm_size,
        ssh,
        tags,
        ulimits,
    } = build;
    let unset = [
        additional_contexts.is_unset(),
        cache_from.is_unset(),
        cache_to.is_unset(),
        entitlements.is_unset(),
        extra_hosts.is_unset(),
        isolation.is_unset(),
        labels.is_unset(),
        network.is_unset(),
        no_cache.is_unset(),
        no_cache_filter.is_unset(),
        platforms.is_unset(),
        privileged.is_unset(),
        provenance.is_unset(),
        pull.is_unset(),
        sbom.is_unset(),
        secrets.is_unset(),
        shm_size.is_unset(),
        ssh.is_unset(),
        tags.is_unset(),
        ulimits.is_unset(),
    ];
    if unset.contains(&false) {
        local(BUILD).tell_at("build", site);
    }
}

fn report_network(network: &ServiceNetwork, site: &Site) {
    attributes!(site, network => ServiceNetwork {
        aliases: TRANSLATED,
        driver_opts: no_equivalent(CNI),
        extensions: MEANINGLESS,
        gw_priority: harmless("a pod has one network").but(&["0"]),
        interface_name: no_equivalent(CNI),
        ipv4_address: TRANSLATED,
        ipv6_address: TRANSLATED,
        link_local_ips: no_equivalent(CNI),
        mac_address: no_equivalent(CNI),
        priority: harmless("a pod has one network").but(&["0"]),
    });
}

/// `x-*`, of which one looks as if it had a meaning.
struct Settings;

impl Outcome<Extensions> for Settings {
    fn report(&self, _key: &str, attribute: &Extensions, site: &Site) {
        if attribute.0.contains_key("x-longshore") {
            not_yet("longshore has no such settings yet").tell("x-longshore", site);
        }
    }
}
