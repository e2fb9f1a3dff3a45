use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::super::table::{Host, Protocol, Table};
use super::super::reply::{Transport, encode};
use super::*;

fn service(name: &str, address: Address, endpoints: &[(&str, &str)]) -> Service {
    let hosts: Vec<Host> = endpoints
        .iter()
        .map(|(address, name)| Host { address: address.parse().unwrap(), name: (*name).to_owned() })
        .collect();
    let port = Port {
        name: "http".to_owned(),
        number: if address == Address::Headless { 8080 } else { 80 },
        protocol: Protocol::Tcp,
        on_nodes: None,
        internal: hosts.iter().map(|host| (host.address, 8080).into()).map(v4).collect(),
        external: Vec::new(),
    };
    Service {
        namespace: "shop".to_owned(),
        name: name.to_owned(),
        uid: String::new(),
        address,
        external_addresses: Vec::new(),
        load_balancer: false,
        affinity_seconds: None,
        ports: vec![port],
        hosts,
    }
}

fn v4(address: std::net::SocketAddr) -> std::net::SocketAddrV4 {
    match address {
        std::net::SocketAddr::V4(address) => address,
        std::net::SocketAddr::V6(_) => unreachable!(),
    }
}

fn zone() -> Zone {
    let external = |name: &str| Address::ExternalName(name.to_owned());
    let endpoints = [("10.88.0.2", "10-88-0-2"), ("10.88.0.3", "db-0")];
    let services = [
        service("web", Address::ClusterIp("10.88.129.1".parse().unwrap()), &endpoints[..1]),
        service("db", Address::Headless, &endpoints),
        service("none", Address::Headless, &[]),
        service("idle", Address::ClusterIp("10.88.129.2".parse().unwrap()), &[]),
        service("search", external("example.org"), &[]),
        service("alias", external("web.shop.svc.cluster.local"), &[]),
        service("circle", external("circle.shop.svc.cluster.local"), &[]),
        service("address", external("192.0.2.7"), &[]),
    ];
    let by_key: BTreeMap<_, _> = services.map(|one| (one.key(), Arc::new(one))).into();
    let namespaces = BTreeSet::from(["shop".to_owned()]);
    Zone {
        table: Table {
            namespaces: Arc::new(namespaces),
            services: Arc::new(by_key),
            ..Table::default()
        },
        range: ("10.88.0.0".parse().unwrap(), 16),
        server: "10.88.128.10".parse().unwrap(),
    }
}

fn query(name: &str, asks: RecordType) -> Message {
    let mut query = Message::new(0, MessageType::Query, OpCode::Query);
    query.add_query(Query::query(Name::from_ascii(name).unwrap(), asks));
    query
}

fn described(message: &Message) -> String {
    let mut lines = vec![message.metadata.response_code.to_string()];
    let sections = [
        ("", &message.answers),
        ("authority ", &message.authorities),
        ("more ", &message.additionals),
    ];
    for (section, records) in sections {
        for Record { name, ttl, data, .. } in records {
            lines.push(format!("{section}{name} {ttl} {} {data}", data.record_type()));
        }
    }
    lines.join("\n")
}

fn check(question: &str, expected: &str) {
    let (asks, name) = question.split_once(' ').unwrap();
    let described = match answer(&zone(), &query(name, asks.parse().unwrap())) {
        Answer::Forward => "forward".to_owned(),
        Answer::Reply(reply) => described(&reply),
        Answer::Follow(reply, target) => format!("{}\nfollow {target}", described(&reply)),
    };
    let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    similar_asserts::assert_eq!(described, expected.join("\n"), "{question}");
}

const NO_DATA: &str = "No Error
    authority cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 5";
const NO_NAME: &str = "Non-Existent Domain
    authority cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 5";

#[test]
fn a_service_has_its_address() {
    check(
        "A web.shop.svc.cluster.local.",
        "No Error
        web.shop.svc.cluster.local. 5 A 10.88.129.1",
    );
    // As 0x20 resolvers write it, so the reply has it.
    check(
        "A WEB.shop.Svc.cluster.local.",
        "No Error
        WEB.shop.Svc.cluster.local. 5 A 10.88.129.1",
    );
    check(
        "A idle.shop.svc.cluster.local.",
        "No Error
        idle.shop.svc.cluster.local. 5 A 10.88.129.2",
    );
    check("AAAA web.shop.svc.cluster.local.", NO_DATA);
    check("MX web.shop.svc.cluster.local.", NO_DATA);
}

#[test]
fn names_that_are_not_there() {
    check("A nothing.shop.svc.cluster.local.", NO_NAME);
    check("A web.other.svc.cluster.local.", NO_NAME);
    check("A deep.er.web.shop.svc.cluster.local.", NO_NAME);
    check("A web.shop.cluster.local.", NO_NAME);
    check("A none.shop.svc.cluster.local.", NO_NAME);
    check("SRV _ftp._tcp.web.shop.svc.cluster.local.", NO_NAME);
    check("SRV _http._udp.web.shop.svc.cluster.local.", NO_NAME);
}

#[test]
fn names_that_have_names_below() {
    for name in
        ["svc.cluster.local.", "shop.svc.cluster.local.", "_tcp.web.shop.svc.cluster.local."]
    {
        check(&format!("A {name}"), NO_DATA);
    }
    check("A other.svc.cluster.local.", NO_NAME);
}

#[test]
fn a_headless_service_has_the_addresses_of_its_endpoints() {
    check(
        "A db.shop.svc.cluster.local.",
        "No Error
        db.shop.svc.cluster.local. 5 A 10.88.0.2
        db.shop.svc.cluster.local. 5 A 10.88.0.3",
    );
    check(
        "A db-0.db.shop.svc.cluster.local.",
        "No Error
        db-0.db.shop.svc.cluster.local. 5 A 10.88.0.3",
    );
    check(
        "A 10-88-0-2.db.shop.svc.cluster.local.",
        "No Error
        10-88-0-2.db.shop.svc.cluster.local. 5 A 10.88.0.2",
    );
    check("A 10-88-0-9.db.shop.svc.cluster.local.", NO_NAME);
}

#[test]
fn ports_have_srv_records() {
    check(
        "SRV _http._tcp.web.shop.svc.cluster.local.",
        "No Error
        _http._tcp.web.shop.svc.cluster.local. 5 SRV 0 100 80 web.shop.svc.cluster.local.
        more web.shop.svc.cluster.local. 5 A 10.88.129.1",
    );
    check(
        "SRV _http._tcp.db.shop.svc.cluster.local.",
        "No Error
        _http._tcp.db.shop.svc.cluster.local. 5 SRV 0 50 8080 10-88-0-2.db.shop.svc.cluster.local.
        _http._tcp.db.shop.svc.cluster.local. 5 SRV 0 50 8080 db-0.db.shop.svc.cluster.local.
        more 10-88-0-2.db.shop.svc.cluster.local. 5 A 10.88.0.2
        more db-0.db.shop.svc.cluster.local. 5 A 10.88.0.3",
    );
}

#[test]
fn addresses_have_names() {
    check(
        "PTR 1.129.88.10.in-addr.arpa.",
        "No Error
        1.129.88.10.in-addr.arpa. 5 PTR web.shop.svc.cluster.local.",
    );
    check(
        "PTR 3.0.88.10.in-addr.arpa.",
        "No Error
        3.0.88.10.in-addr.arpa. 5 PTR db-0.db.shop.svc.cluster.local.",
    );
    check("PTR 9.9.88.10.in-addr.arpa.", NO_NAME);
    check("PTR 8.8.8.8.in-addr.arpa.", "forward");
}

#[test]
fn pods_have_names_by_their_addresses() {
    check(
        "A 10-88-0-7.shop.pod.cluster.local.",
        "No Error
        10-88-0-7.shop.pod.cluster.local. 5 A 10.88.0.7",
    );
    check("A 10-88-0.shop.pod.cluster.local.", NO_NAME);
    check("A 10-88-0-7.other.pod.cluster.local.", NO_NAME);
}

#[test]
fn external_names_are_other_names() {
    check(
        "A search.shop.svc.cluster.local.",
        "No Error
        search.shop.svc.cluster.local. 5 CNAME example.org.
        follow example.org.",
    );
    check(
        "A alias.shop.svc.cluster.local.",
        "No Error
        alias.shop.svc.cluster.local. 5 CNAME web.shop.svc.cluster.local.
        follow web.shop.svc.cluster.local.",
    );
    check(
        "CNAME search.shop.svc.cluster.local.",
        "No Error
        search.shop.svc.cluster.local. 5 CNAME example.org.",
    );
    check(
        "A circle.shop.svc.cluster.local.",
        "No Error
        circle.shop.svc.cluster.local. 5 CNAME circle.shop.svc.cluster.local.",
    );
    check(
        "A address.shop.svc.cluster.local.",
        "No Error
        address.shop.svc.cluster.local. 5 A 192.0.2.7",
    );
}

#[test]
fn the_domain_says_who_serves_it() {
    check(
        "SOA cluster.local.",
        "No Error
        cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 5",
    );
    check(
        "NS cluster.local.",
        "No Error
        cluster.local. 5 NS ns.dns.cluster.local.",
    );
    check(
        "A ns.dns.cluster.local.",
        "No Error
        ns.dns.cluster.local. 5 A 10.88.128.10",
    );
    check(
        "TXT dns-version.cluster.local.",
        "No Error
        dns-version.cluster.local. 5 TXT 1.1.0",
    );
}

#[test]
fn what_is_not_of_the_cluster_is_asked_of_others() {
    check("A example.org.", "forward");
    check("A cluster.local.example.org.", "forward");
    check("A local.", "forward");
}

#[test]
fn what_is_no_question_is_refused() {
    let code = |change: fn(&mut Message)| {
        let mut query = query("web.shop.svc.cluster.local.", RecordType::A);
        change(&mut query);
        match answer(&zone(), &query) {
            Answer::Reply(reply) => reply.metadata.response_code,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(code(|query| query.queries.clear()), ResponseCode::FormErr);
    assert_eq!(code(|query| query.metadata.op_code = OpCode::Update), ResponseCode::NotImp);
    assert_eq!(code(|query| query.queries[0].query_class = DNSClass::CH), ResponseCode::Refused);
    assert_eq!(
        code(|query| query.metadata.message_type = MessageType::Response),
        ResponseCode::FormErr
    );
}

#[test]
fn a_reply_is_as_long_as_the_client_takes() {
    let mut zone = zone();
    let many: Vec<(String, String)> =
        (1..=200).map(|n| (format!("10.88.1.{n}"), format!("10-88-1-{n}"))).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let big = service("big", Address::Headless, &many);
    Arc::make_mut(&mut zone.table.services).insert(big.key(), Arc::new(big));
    let sized = |payload: Option<u16>, transport| {
        let mut query = query("big.shop.svc.cluster.local.", RecordType::A);
        if let Some(payload) = payload {
            let mut edns = hickory_proto::op::Edns::new();
            edns.set_max_payload(payload);
            query.set_edns(edns);
        }
        let Answer::Reply(reply) = answer(&zone, &query) else { panic!("no reply") };
        let bytes = encode(&query, reply, transport).unwrap();
        let reply = Message::from_vec(&bytes).unwrap();
        assert_eq!(reply.edns.is_some(), payload.is_some());
        (bytes.len(), reply.answers.len(), reply.metadata.truncation)
    };
    let (length, answers, truncated) = sized(None, Transport::Udp);
    assert!(length <= 512 && answers > 20 && truncated, "{length} {answers} {truncated}");
    let (length, answers, truncated) = sized(Some(4096), Transport::Udp);
    assert!(length <= 1232 && answers > 60 && truncated, "{length} {answers} {truncated}");
    let (_, answers, truncated) = sized(None, Transport::Tcp);
    assert_eq!((answers, truncated), (200, false));
}

#[test]
fn each_time_another_endpoint_comes_first() {
    let first = |id| {
        let mut query = query("db.shop.svc.cluster.local.", RecordType::A);
        query.metadata.id = id;
        let Answer::Reply(reply) = answer(&zone(), &query) else { panic!("no reply") };
        reply.answers[0].data.to_string()
    };
    assert_eq!([first(0), first(1), first(2)], ["10.88.0.2", "10.88.0.3", "10.88.0.2"]);
}
