use crate::model::{Container, ServiceNetwork};
use crate::translate::findings::Site;

use super::mount::report_mount;
use super::outcome::{
    Items, MEANINGLESS, Members, Outcome, TRANSLATED, attributes, harmless, no_equivalent,
};
use super::resource::CNI;

const CONTROL_GROUPS: &str = "the kubelet owns the tree of control groups";
const DISKS: &str = "disk rates of a container are up to the node and its storage";
const SCHEDULER: &str = "the processor time of a container is set with `cpus` alone";
const SWAP: &str = "swap is a setting of the kubelet";

/// Reports what a service says of its container.
pub(super) fn report_container(container: &Container, site: &Site) {
    attributes!(site, container => Container {
        annotations: TRANSLATED,
        blkio_config: no_equivalent(DISKS),
        cap_add: TRANSLATED,
        cap_drop: TRANSLATED,
        cgroup: no_equivalent(CONTROL_GROUPS).but(&["private"]),
        cgroup_parent: no_equivalent(CONTROL_GROUPS),
        command: TRANSLATED,
        configs: TRANSLATED,
        cpu_count: TRANSLATED,
        cpu_percent: no_equivalent("use `cpus`"),
        cpu_period: TRANSLATED,
        cpu_quota: TRANSLATED,
        cpu_rt_period: no_equivalent(SCHEDULER),
        cpu_rt_runtime: no_equivalent(SCHEDULER),
        cpu_shares: TRANSLATED,
        cpus: TRANSLATED,
        cpuset: no_equivalent("let the kubelet choose cores: policy `static` and whole `cpus`"),
        credential_spec: TRANSLATED,
        device_cgroup_rules: no_equivalent("`privileged: true` is the only way"),
        devices: TRANSLATED,
        dns: TRANSLATED,
        dns_opt: TRANSLATED,
        dns_search: TRANSLATED,
        domainname: TRANSLATED,
        entrypoint: TRANSLATED,
        env_file: TRANSLATED,
        environment: TRANSLATED,
        extra_hosts: TRANSLATED,
        gpus: TRANSLATED,
        group_add: TRANSLATED,
        hostname: TRANSLATED,
        image: TRANSLATED,
        init: TRANSLATED,
        ipc: Namespace,
        isolation: TRANSLATED,
        label_file: TRANSLATED,
        labels: TRANSLATED,
        logging: no_equivalent("collect logs from the nodes; rotation is a setting of the kubelet"),
        mac_address: no_equivalent(CNI),
        mem_limit: TRANSLATED,
        mem_reservation: TRANSLATED,
        mem_swappiness: no_equivalent(SWAP),
        memswap_limit: no_equivalent(SWAP).but(&["0"]),
        models: TRANSLATED,
        network_mode: TRANSLATED,
        networks: Members(report_network),
        oom_kill_disable: no_equivalent("raise the memory limit").but(&["false"]),
        oom_score_adj:
            no_equivalent("set equal limits and reservations: such pods are ended last").but(&["0"]),
        pid: Namespace,
        pids_limit: no_equivalent("set `podPidsLimit` in the configuration of the kubelet")
            .but(&["0", "-1"]),
        platform: TRANSLATED,
        privileged: TRANSLATED,
        pull_policy: TRANSLATED,
        pull_refresh_after: no_equivalent("use `pull_policy: always`"),
        read_only: TRANSLATED,
        runtime: TRANSLATED,
        secrets: TRANSLATED,
        security_opt: TRANSLATED,
        shm_size: TRANSLATED,
        stop_grace_period: TRANSLATED,
        stop_signal: TRANSLATED,
        storage_opt: TRANSLATED,
        sysctls: TRANSLATED,
        tmpfs: TRANSLATED,
        ulimits: TRANSLATED,
        umask: no_equivalent("set it in the command: `sh -c 'umask 027 && exec …'`"),
        use_api_socket:
            no_equivalent("a cluster has no container engine to talk to; use the Kubernetes API")
                .but(&["false"]),
        user: TRANSLATED,
        userns_mode: TRANSLATED,
        uts: TRANSLATED,
        volumes: Items(report_mount),
        volumes_from: TRANSLATED,
        working_dir: TRANSLATED,
    });
}

/// `ipc` and `pid`: a pod shares those of its node, or those of a service with another one.
struct Namespace;

impl Outcome<Option<String>> for Namespace {
    fn report(&self, key: &str, attribute: &Option<String>, site: &Site) {
        let Some(mode) = attribute.as_deref() else { return };
        // Who shares a pod is told where it is decided: `pods`.
        let shares = mode.starts_with("service:") || mode.starts_with("container:");
        if !shares && !["", "host", "private", "shareable"].contains(&mode) {
            no_equivalent("a pod has namespaces of its own, or shares those of its node")
                .tell(key, site);
        }
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
        use_service_name_alias:
            no_equivalent("a Service can be reached by its name from the whole namespace")
                .but(&["true"]),
    });
}
