//! Why a port of this machine cannot be had, and who has it.

use std::io::{Error, ErrorKind};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use super::super::proxy::Listen;
use super::super::table::Protocol;

/// Says why it is not possible to listen somewhere.
pub(super) fn explain(listen: Listen, error: &Error) -> String {
    let address = listen.address;
    match error.kind() {
        ErrorKind::AddrInUse => match holder(listen) {
            Some(holder) => format!("{listen} is in use by {holder}"),
            None => format!("{listen} is in use by another program"),
        },
        ErrorKind::PermissionDenied => {
            format!("{listen} needs privileges that longshore does not have")
        }
        ErrorKind::AddrNotAvailable => format!("{} is no address of this machine", address.ip()),
        _ => format!("cannot listen on {listen}: {error}"),
    }
}

/// The program that listens somewhere, where the system tells.
fn holder(listen: Listen) -> Option<String> {
    let tables = match listen.protocol {
        Protocol::Tcp => ["/proc/net/tcp", "/proc/net/tcp6"],
        Protocol::Udp => ["/proc/net/udp", "/proc/net/udp6"],
        Protocol::Sctp => return None,
    };
    let mut tables = tables.into_iter().filter_map(|table| std::fs::read_to_string(table).ok());
    let socket = tables.find_map(|table| socket_of(&table, listen))?;
    let pid = process_of(&socket)?;
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    Some(format!("{} (pid {pid})", name.trim()))
}

/// The socket in a table of `/proc/net` that keeps others from listening.
fn socket_of(table: &str, listen: Listen) -> Option<String> {
    /// The state of a TCP socket that listens.
    const LISTENS: &str = "0A";
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_whitespace();
        let (address, port) = fields.nth(1)?.split_once(':')?;
        let state = fields.nth(1)?;
        let inode = fields.nth(5)?;
        let same_port = u16::from_str_radix(port, 16).ok()? == listen.address.port();
        let listens = listen.protocol == Protocol::Udp || state == LISTENS;
        let in_the_way = same_port && listens && covers(address, listen.address.ip());
        in_the_way.then(|| format!("socket:[{inode}]"))
    })
}

/// Whether an address of the table is this one, or stands for all.
fn covers(hexadecimal: &str, address: IpAddr) -> bool {
    if hexadecimal.chars().all(|digit| digit == '0') {
        return true;
    }
    // In the order of the machine's bytes; of IPv6, only the last word matters for IPv4.
    let word = hexadecimal.get(hexadecimal.len().saturating_sub(8)..);
    let word = word.and_then(|word| u32::from_str_radix(word, 16).ok());
    word.is_some_and(|word| IpAddr::V4(Ipv4Addr::from(word.to_ne_bytes())) == address)
}

/// The process that has a socket open; others' are hidden from those who are not root.
fn process_of(socket: &str) -> Option<u32> {
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let mut pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.find(|pid| {
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten();
        let mut targets =
            descriptors.flatten().filter_map(|entry| std::fs::read_link(entry.path()).ok());
        targets.any(|target| target == Path::new(socket))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_found_in_the_table_of_the_kernel() {
        let table = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 40001 1 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 40002 1 0
   2: 0100007F:1F91 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 40003 1 0
";
        let find = |address: &str| {
            let listen = Listen::new(Protocol::Tcp, address.parse().unwrap());
            socket_of(table, listen)
        };
        assert_eq!(find("127.0.0.1:8080").unwrap(), "socket:[40001]");
        assert_eq!(find("127.0.0.1:80").unwrap(), "socket:[40002]");
        assert_eq!(find("127.0.0.2:8080"), None);
        assert_eq!(find("127.0.0.1:8081"), None);
    }

    #[test]
    fn the_holder_of_a_port_is_named() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let std::net::SocketAddr::V4(address) = socket.local_addr().unwrap() else {
            unreachable!()
        };
        let listen = Listen::new(Protocol::Tcp, address);
        let text = explain(listen, &ErrorKind::AddrInUse.into());
        if cfg!(target_os = "linux") {
            let pid = std::process::id();
            assert!(text.ends_with(&format!("(pid {pid})")), "{text}");
        }
        assert!(text.starts_with(&format!("{address} (TCP) is in use by ")), "{text}");
    }
}
