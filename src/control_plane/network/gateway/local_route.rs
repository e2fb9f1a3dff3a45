//! The route that makes a range of addresses the gateway's own, in its network namespace.

use super::super::super::cluster_range::Subnet;

/// Adds `local RANGE dev lo table local`: the kernel then answers for all addresses of the range, and
/// lets programs listen at each of them, without an address being configured.
#[cfg(target_os = "linux")]
pub(super) async fn add(range: Subnet) -> std::io::Result<()> {
    let added = tokio::task::spawn_blocking(move || request(range)).await;
    added.map_err(std::io::Error::other)?
}

/// Containers are Linux; so is what runs in them.
#[cfg(not(target_os = "linux"))]
pub(super) async fn add(_range: Subnet) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
fn request((base, prefix): Subnet) -> std::io::Result<()> {
    use netlink_packet_core::{
        NLM_F_ACK, NLM_F_CREATE, NLM_F_REPLACE, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload,
    };
    use netlink_packet_route::route::{
        RouteAddress, RouteAttribute, RouteMessage, RouteProtocol, RouteScope, RouteType,
    };
    use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
    use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};

    /// `RT_TABLE_LOCAL` of the kernel: what is local is looked up there first.
    const LOCAL_TABLE: u8 = 255;

    let mut route = RouteMessage::default();
    route.header.address_family = AddressFamily::Inet;
    route.header.destination_prefix_length = prefix;
    route.header.table = LOCAL_TABLE;
    route.header.kind = RouteType::Local;
    route.header.scope = RouteScope::Host;
    route.header.protocol = RouteProtocol::Boot;
    route.attributes = vec![
        RouteAttribute::Destination(RouteAddress::Inet(base)),
        RouteAttribute::Oif(nix::net::if_::if_nametoindex("lo")?),
    ];
    let mut message = NetlinkMessage::from(RouteNetlinkMessage::NewRoute(route));
    message.header.flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK;
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    let mut socket = Socket::new(NETLINK_ROUTE)?;
    socket.bind_auto()?;
    socket.connect(&SocketAddr::new(0, 0))?;
    socket.send(&bytes, 0)?;
    let (reply, _) = socket.recv_from_full()?;
    let reply = NetlinkMessage::<RouteNetlinkMessage>::deserialize(&reply)
        .map_err(std::io::Error::other)?;
    match reply.payload {
        NetlinkPayload::Error(error) if error.code.is_some() => Err(error.to_io()),
        _ => Ok(()),
    }
}
