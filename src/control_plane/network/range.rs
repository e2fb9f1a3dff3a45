//! Addresses for a cluster that nothing else on the machine has.

use std::net::Ipv4Addr;

use bollard::models::Network;

use super::super::cluster_range::{ClusterRange, Subnet};
use super::super::kubelet::pod_network;
use crate::engine::{Engine, EngineError, PodNetworkError, labels, refused};

/// Takes the first range that nothing else has, by making the network of the pods with it: of two
/// clusters that start at the same time, the engine refuses one, which takes the next.
pub async fn take_range(engine: &Engine, cluster: &str) -> Result<ClusterRange, PodNetworkError> {
    let mut taken = taken(engine, cluster).await?;
    loop {
        let range = ClusterRange::free_of(&taken).unwrap_or_default();
        match pod_network(cluster, range).ensure(engine).await {
            Err(PodNetworkError::Overlaps { .. }) if !taken.contains(&range.all()) => {
                taken.push(range.all());
            }
            made => return made.map(|()| range),
        }
    }
}

/// The addresses of the engine's networks and of this machine's routes, but for those of the cluster.
async fn taken(engine: &Engine, cluster: &str) -> Result<Vec<Subnet>, EngineError> {
    let networks = engine.docker().list_networks(None).await.map_err(refused("list networks"))?;
    let is_ours = |network: &&Network| {
        let label = network.labels.as_ref().and_then(|labels| labels.get(labels::CLUSTER));
        label.is_some_and(|label| label == cluster)
    };
    let (ours, others): (Vec<&Network>, Vec<&Network>) = networks.iter().partition(is_ours);
    let ours = subnets(&ours);
    let routes = std::fs::read_to_string("/proc/net/route").unwrap_or_default();
    let mut taken = subnets(&others);
    taken.extend(routed(&routes).into_iter().filter(|route| !ours.contains(route)));
    Ok(taken)
}

fn subnets(networks: &[&Network]) -> Vec<Subnet> {
    let ipams = networks.iter().filter_map(|network| network.ipam.as_ref());
    let configs = ipams.flat_map(|ipam| ipam.config.iter().flatten());
    configs.filter_map(|config| parse(config.subnet.as_deref()?)).collect()
}

fn parse(text: &str) -> Option<Subnet> {
    let (base, prefix) = text.split_once('/')?;
    Some((base.parse().ok()?, prefix.parse().ok()?))
}

/// The destinations in `/proc/net/route`, but for the default route.
fn routed(table: &str) -> Vec<Subnet> {
    let address = |text: &str| {
        let word = u32::from_str_radix(text, 16).ok()?;
        Some(Ipv4Addr::from(word.to_ne_bytes()))
    };
    let lines = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let routes = lines.filter_map(|fields| {
        let (destination, mask) = (address(fields.get(1)?)?, address(fields.get(7)?)?);
        Some((destination, u8::try_from(u32::from(mask).leading_ones()).ok()?))
    });
    routes.filter(|(_, prefix)| *prefix > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_endian = "little")]
    #[test]
    fn routes_are_read_from_the_table_of_the_kernel() {
        let table = "\
Iface	Destination	Gateway	Flags	RefCnt	Use	Metric	Mask	MTU	Window	IRTT
eth0	00000000	0101A8C0	0003	0	0	0	00000000	0	0	0
br-1	0000580A	00000000	0001	0	0	0	0000FFFF	0	0	0
tun0	0100000A	0200000A	0007	0	0	0	FFFFFFFF	0	0	0
";
        let routes: Vec<String> =
            routed(table).iter().map(|(base, prefix)| format!("{base}/{prefix}")).collect();
        assert_eq!(routes, ["10.88.0.0/16", "10.0.0.1/32"]);
    }
}
