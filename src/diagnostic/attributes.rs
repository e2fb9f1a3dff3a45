//! The code of each Compose attribute that Kubernetes holds not at all, or in its own way.
//!
//! The families: `LS11xx` image and build, `LS12xx` process, `LS13xx` resources, `LS14xx` isolation,
//! `LS15xx` network, `LS16xx` storage, `LS17xx` life, `LS18xx` `deploy`, `LS19xx` metadata and the
//! project; behind the services `LS31xx` networks, `LS32xx` volumes, `LS33xx` configs, `LS34xx`
//! secrets. An attribute that is translated one day keeps its row, so that its code stays taken.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Code;

/// The attributes by code. In a path, `*` stands for a name that the user chose; the attributes of
/// a service are also those of a job and of a `pre_start` container.
pub const ATTRIBUTES: &[(Code, &str)] = &[
    row("LS1101", "build", "services.*.build"),
    row("LS1102", "develop", "services.*.develop"),
    row("LS1103", "pull_policy", "services.*.pull_policy"),
    row("LS1104", "pull_refresh_after", "services.*.pull_refresh_after"),
    row("LS1105", "platform", "services.*.platform"),
    row("LS1106", "provider", "services.*.provider"),
    row("LS1107", "use_api_socket", "services.*.use_api_socket"),
    row("LS1108", "attach", "services.*.attach"),
    row("LS1201", "command", "services.*.command"),
    row("LS1202", "entrypoint", "services.*.entrypoint"),
    row("LS1203", "environment", "services.*.environment"),
    row("LS1204", "init", "services.*.init"),
    row("LS1205", "umask", "services.*.umask"),
    row("LS1206", "logging", "services.*.logging"),
    row("LS1207", "user", "services.*.user"),
    row("LS1208", "group_add", "services.*.group_add"),
    row("LS1301", "blkio_config", "services.*.blkio_config"),
    row("LS1302", "cgroup", "services.*.cgroup"),
    row("LS1303", "cgroup_parent", "services.*.cgroup_parent"),
    row("LS1304", "pids_limit", "services.*.pids_limit"),
    row("LS1305", "ulimits", "services.*.ulimits"),
    row("LS1306", "cpu_count", "services.*.cpu_count"),
    row("LS1307", "cpu_percent", "services.*.cpu_percent"),
    row("LS1308", "cpu_period", "services.*.cpu_period"),
    row("LS1309", "cpu_quota", "services.*.cpu_quota"),
    row("LS1310", "cpu_rt_period", "services.*.cpu_rt_period"),
    row("LS1311", "cpu_rt_runtime", "services.*.cpu_rt_runtime"),
    row("LS1312", "cpu_shares", "services.*.cpu_shares"),
    row("LS1313", "cpuset", "services.*.cpuset"),
    row("LS1314", "gpus", "services.*.gpus"),
    row("LS1315", "mem_reservation", "services.*.mem_reservation"),
    row("LS1316", "mem_swappiness", "services.*.mem_swappiness"),
    row("LS1317", "memswap_limit", "services.*.memswap_limit"),
    row("LS1318", "oom_kill_disable", "services.*.oom_kill_disable"),
    row("LS1319", "oom_score_adj", "services.*.oom_score_adj"),
    row("LS1320", "storage_opt", "services.*.storage_opt"),
    row("LS1401", "credential_spec", "services.*.credential_spec"),
    row("LS1402", "device_cgroup_rules", "services.*.device_cgroup_rules"),
    row("LS1403", "devices", "services.*.devices"),
    row("LS1404", "ipc", "services.*.ipc"),
    row("LS1405", "isolation", "services.*.isolation"),
    row("LS1406", "pid", "services.*.pid"),
    row("LS1407", "runtime", "services.*.runtime"),
    row("LS1408", "security_opt", "services.*.security_opt"),
    row("LS1409", "sysctls", "services.*.sysctls"),
    row("LS1410", "userns_mode", "services.*.userns_mode"),
    row("LS1411", "uts", "services.*.uts"),
    row("LS1501", "ports", "services.*.ports"),
    row("LS1502", "ports.name", "services.*.ports.name"),
    row("LS1503", "ports.app_protocol", "services.*.ports.app_protocol"),
    row("LS1504", "network_mode", "services.*.network_mode"),
    row("LS1505", "networks.aliases", "services.*.networks.*.aliases"),
    row("LS1506", "networks.driver_opts", "services.*.networks.*.driver_opts"),
    row("LS1507", "networks.gw_priority", "services.*.networks.*.gw_priority"),
    row("LS1508", "networks.interface_name", "services.*.networks.*.interface_name"),
    row("LS1509", "networks.ipv4_address", "services.*.networks.*.ipv4_address"),
    row("LS1510", "networks.ipv6_address", "services.*.networks.*.ipv6_address"),
    row("LS1511", "networks.link_local_ips", "services.*.networks.*.link_local_ips"),
    row("LS1512", "networks.mac_address", "services.*.networks.*.mac_address"),
    row("LS1513", "networks.priority", "services.*.networks.*.priority"),
    row(
        "LS1514",
        "networks.use_service_name_alias",
        "services.*.networks.*.use_service_name_alias",
    ),
    row("LS1515", "mac_address", "services.*.mac_address"),
    row("LS1516", "hostname", "services.*.hostname"),
    row("LS1517", "domainname", "services.*.domainname"),
    row("LS1518", "dns", "services.*.dns"),
    row("LS1519", "dns_search", "services.*.dns_search"),
    row("LS1520", "dns_opt", "services.*.dns_opt"),
    row("LS1521", "extra_hosts", "services.*.extra_hosts"),
    row("LS1522", "links", "services.*.links"),
    row("LS1523", "external_links", "services.*.external_links"),
    row("LS1524", "container_name", "services.*.container_name"),
    row("LS1601", "volumes", "services.*.volumes"),
    row("LS1602", "volumes.consistency", "services.*.volumes.consistency"),
    row("LS1603", "volumes.bind.propagation", "services.*.volumes.bind.propagation"),
    row("LS1604", "volumes.bind.recursive", "services.*.volumes.bind.recursive"),
    row("LS1605", "volumes.bind.selinux", "services.*.volumes.bind.selinux"),
    row("LS1606", "volumes.tmpfs.mode", "services.*.volumes.tmpfs.mode"),
    row("LS1607", "volumes.volume", "services.*.volumes.volume"),
    row("LS1608", "volumes_from", "services.*.volumes_from"),
    row("LS1609", "tmpfs", "services.*.tmpfs"),
    row("LS1610", "configs", "services.*.configs"),
    row("LS1611", "configs.uid", "services.*.configs.uid"),
    row("LS1612", "configs.gid", "services.*.configs.gid"),
    row("LS1613", "secrets", "services.*.secrets"),
    row("LS1614", "secrets.uid", "services.*.secrets.uid"),
    row("LS1615", "secrets.gid", "services.*.secrets.gid"),
    row("LS1701", "depends_on", "services.*.depends_on"),
    row("LS1702", "depends_on.condition", "services.*.depends_on.*.condition"),
    row("LS1703", "depends_on.restart", "services.*.depends_on.*.restart"),
    row("LS1704", "healthcheck", "services.*.healthcheck"),
    row("LS1705", "healthcheck.test", "services.*.healthcheck.test"),
    row("LS1706", "restart", "services.*.restart"),
    row("LS1707", "stop_signal", "services.*.stop_signal"),
    row("LS1708", "pre_start", "services.*.pre_start"),
    row("LS1709", "post_start", "services.*.post_start"),
    row("LS1710", "pre_stop", "services.*.pre_stop"),
    row("LS1801", "deploy.mode", "services.*.deploy.mode"),
    row("LS1802", "deploy.replicas", "services.*.deploy.replicas"),
    row("LS1803", "deploy.labels", "services.*.deploy.labels"),
    row("LS1804", "deploy.placement.constraints", "services.*.deploy.placement.constraints"),
    row("LS1805", "deploy.placement.preferences", "services.*.deploy.placement.preferences"),
    row(
        "LS1806",
        "deploy.placement.max_replicas_per_node",
        "services.*.deploy.placement.max_replicas_per_node",
    ),
    row("LS1807", "deploy.resources.limits.pids", "services.*.deploy.resources.limits.pids"),
    row("LS1808", "deploy.resources.reservations", "services.*.deploy.resources.reservations"),
    row(
        "LS1809",
        "deploy.resources.reservations.devices",
        "services.*.deploy.resources.reservations.devices",
    ),
    row(
        "LS1810",
        "deploy.resources.reservations.generic_resources",
        "services.*.deploy.resources.reservations.generic_resources",
    ),
    row("LS1811", "deploy.restart_policy", "services.*.deploy.restart_policy"),
    row("LS1812", "deploy.restart_policy.delay", "services.*.deploy.restart_policy.delay"),
    row(
        "LS1813",
        "deploy.restart_policy.max_attempts",
        "services.*.deploy.restart_policy.max_attempts",
    ),
    row("LS1814", "deploy.restart_policy.window", "services.*.deploy.restart_policy.window"),
    row("LS1815", "deploy.rollback_config", "services.*.deploy.rollback_config"),
    row("LS1816", "deploy.update_config.delay", "services.*.deploy.update_config.delay"),
    row(
        "LS1817",
        "deploy.update_config.failure_action",
        "services.*.deploy.update_config.failure_action",
    ),
    row(
        "LS1818",
        "deploy.update_config.max_failure_ratio",
        "services.*.deploy.update_config.max_failure_ratio",
    ),
    row("LS1819", "deploy.update_config.monitor", "services.*.deploy.update_config.monitor"),
    row("LS1820", "deploy.update_config.order", "services.*.deploy.update_config.order"),
    row("LS1901", "labels", "services.*.labels"),
    row("LS1902", "annotations", "services.*.annotations"),
    row("LS1903", "services.models", "services.*.models"),
    row("LS1904", "models", "models"),
    row("LS1905", "jobs", "jobs"),
    row("LS3101", "networks", "networks"),
    row("LS3102", "network.attachable", "networks.*.attachable"),
    row("LS3103", "network.driver", "networks.*.driver"),
    row("LS3104", "network.driver_opts", "networks.*.driver_opts"),
    row("LS3105", "network.enable_ipv4", "networks.*.enable_ipv4"),
    row("LS3106", "network.enable_ipv6", "networks.*.enable_ipv6"),
    row("LS3107", "network.external", "networks.*.external"),
    row("LS3108", "network.internal", "networks.*.internal"),
    row("LS3109", "network.ipam", "networks.*.ipam"),
    row("LS3110", "network.labels", "networks.*.labels"),
    row("LS3201", "volume.external", "volumes.*.external"),
    row("LS3202", "volume.driver", "volumes.*.driver"),
    row("LS3203", "volume.driver_opts", "volumes.*.driver_opts"),
    row("LS3204", "volume.labels", "volumes.*.labels"),
    row("LS3301", "config.labels", "configs.*.labels"),
    row("LS3302", "config.template_driver", "configs.*.template_driver"),
    row("LS3401", "secret.labels", "secrets.*.labels"),
    row("LS3402", "secret.template_driver", "secrets.*.template_driver"),
    row("LS3403", "secret.driver", "secrets.*.driver"),
    row("LS3404", "secret.driver_opts", "secrets.*.driver_opts"),
];

const fn row(id: &'static str, name: &'static str, path: &'static str) -> (Code, &'static str) {
    (Code { id, name }, path)
}

/// The code of the attribute that stands at a Compose path, or of the nearest one around it.
pub fn code_of(path: &str) -> Option<Code> {
    let segments: Vec<&str> = path.split('.').map(without_index).collect();
    TREE.find(&as_service(&segments)).map(|(_, code)| code)
}

/// The attribute that has the code.
pub fn path_of(code: Code) -> Option<&'static str> {
    ATTRIBUTES.iter().find(|(own, _)| *own == code).map(|(_, path)| *path)
}

static TREE: LazyLock<Node> = LazyLock::new(|| {
    let mut tree = Node::default();
    for (code, path) in ATTRIBUTES {
        let node = path.split('.').fold(&mut tree, |node, segment| {
            if segment == "*" {
                node.any.get_or_insert_default()
            } else {
                node.children.entry(segment).or_default()
            }
        });
        node.code = Some(*code);
    }
    tree
});

/// The attributes at and below a path.
#[derive(Debug, Default)]
struct Node {
    code: Option<Code>,
    children: BTreeMap<&'static str, Node>,
    any: Option<Box<Node>>,
}

impl Node {
    /// The deepest attribute on the way, with its depth.
    fn find(&self, segments: &[&str]) -> Option<(usize, Code)> {
        let own = self.code.map(|code| (0, code));
        let Some((first, rest)) = segments.split_first() else { return own };
        let below = match (self.children.get(first), &self.any) {
            (Some(child), _) => child.find(rest),
            (None, Some(any)) => any.find_behind_name(rest),
            (None, None) => None,
        };
        below.map(|(depth, code)| (depth + 1, code)).or(own)
    }

    /// The attributes of what has a name, whose dots divide it into segments, too.
    fn find_behind_name(&self, segments: &[&str]) -> Option<(usize, Code)> {
        let is_known = |segment: &&str| self.children.contains_key(segment);
        let start = segments.iter().position(is_known)?;
        self.find(segments.get(start..)?)
    }
}

/// `ports[0]` to `ports`.
fn without_index(segment: &str) -> &str {
    match segment.split_once('[') {
        Some((key, _)) => key,
        None => segment,
    }
}

/// Containers have their attributes in three places: that of a service stands for all.
fn as_service<'p>(segments: &[&'p str]) -> Vec<&'p str> {
    let mut path = segments.to_vec();
    if let ["jobs", _, attribute, ..] = segments
        && *attribute != "triggers"
        && let Some(first) = path.first_mut()
    {
        *first = "services";
    }
    if let Some(hook) = path.iter().position(|segment| *segment == "pre_start")
        && hook >= 2
        && hook + 1 < path.len()
        && path.first() == Some(&"services")
    {
        path.remove(hook);
    }
    path
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::diagnostic::codes;

    #[test]
    fn a_path_has_the_code_of_the_nearest_attribute() {
        let cases = [
            ("services.web.ulimits", Some("LS1305")),
            ("services.web.ulimits.nofile.soft", Some("LS1305")),
            ("services.web.ports[0]", Some("LS1501")),
            ("services.web.ports[0].name", Some("LS1502")),
            ("services.web.networks.back.aliases[1]", Some("LS1505")),
            ("services.a.b.ulimits", Some("LS1305")),
            ("services.web.labels.com.example.deploy.mode", Some("LS1901")),
            ("services.web.sysctls.net.core.somaxconn", Some("LS1409")),
            ("services.web.pre_start[0]", Some("LS1708")),
            ("services.web.pre_start[0].ulimits", Some("LS1305")),
            ("services.web", None),
            ("services.web.unheard_of", None),
            ("jobs.backup", Some("LS1905")),
            ("jobs.backup.ulimits", Some("LS1305")),
            ("jobs.backup.triggers.schedule[0].cron", Some("LS1905")),
            ("networks", Some("LS3101")),
            ("networks.back.internal", Some("LS3108")),
            ("volumes.data", None),
            ("", None),
        ];
        for (path, expected) in cases {
            assert_eq!(code_of(path).map(|code| code.id), expected, "{path}");
        }
    }

    #[test]
    fn codes_names_and_paths_are_unique_and_in_order() {
        let rows: Vec<Code> =
            codes::ALL.iter().copied().chain(ATTRIBUTES.iter().map(|(code, _)| *code)).collect();
        let ids: BTreeSet<&str> = rows.iter().map(|code| code.id).collect();
        let names: BTreeSet<&str> = rows.iter().map(|code| code.name).collect();
        let paths: BTreeSet<&str> = ATTRIBUTES.iter().map(|(_, path)| *path).collect();
        assert_eq!(
            (ids.len(), names.len(), paths.len()),
            (rows.len(), rows.len(), ATTRIBUTES.len())
        );
        assert!(ATTRIBUTES.is_sorted_by_key(|(code, _)| code.id));
    }
}
