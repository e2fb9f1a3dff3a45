//! What is answered to a question: a pure function of the zone and the query.

use std::net::Ipv4Addr;

use hickory_proto::ProtoError;
use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME, NS, PTR, SOA, SRV, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use super::super::table::{Address, Port, Service};
use super::names::{self, Meaning};
use super::{DOMAIN, TTL, Zone};

/// What is to be done about a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// This is the reply.
    Reply(Message),
    /// Others know.
    Forward,
    /// The reply lacks the addresses of a name that others may know.
    Follow(Message, Name),
}

/// Answers a query.
pub(super) fn answer(zone: &Zone, query: &Message) -> Answer {
    let refuse = |code| Answer::Reply(empty(query, code));
    if query.metadata.message_type != MessageType::Query {
        return refuse(ResponseCode::FormErr);
    }
    if query.metadata.op_code != OpCode::Query {
        return refuse(ResponseCode::NotImp);
    }
    let [question] = query.queries.as_slice() else { return refuse(ResponseCode::FormErr) };
    if question.query_class != DNSClass::IN {
        return refuse(ResponseCode::Refused);
    }
    // Names that are too long to be made are names that do not exist.
    answer_question(zone, query, question).unwrap_or_else(|_| refuse(ResponseCode::ServFail))
}

fn answer_question(zone: &Zone, query: &Message, question: &Query) -> Result<Answer, ProtoError> {
    let name = &question.name;
    if let Some(address) = names::reversed(name) {
        let names = names::names_of(&zone.table, address)?;
        if names.is_empty() && !zone.contains(address) {
            return Ok(Answer::Forward);
        }
        let exists = !names.is_empty();
        let asked = question.query_type == RecordType::PTR;
        let names = names.into_iter().filter(|_| asked);
        let records = names.map(|target| RData::PTR(PTR(target))).collect();
        return reply(query, question, exists, records);
    }
    let meaning = names::meaning(zone, name);
    let asks = question.query_type;
    let mut records = Vec::new();
    match &meaning {
        Meaning::Foreign => return Ok(Answer::Forward),
        Meaning::Apex => match asks {
            RecordType::SOA => records.push(RData::SOA(soa()?)),
            RecordType::NS => records.push(RData::NS(NS(server()?))),
            _ => {}
        },
        Meaning::Server if asks == RecordType::A => records.push(RData::A(A(zone.server))),
        Meaning::Version if asks == RecordType::TXT => {
            records.push(RData::TXT(TXT::new(vec!["1.1.0".to_owned()])));
        }
        Meaning::Pod(address) if asks == RecordType::A => records.push(RData::A(A(*address))),
        Meaning::Hosts(hosts) if asks == RecordType::A => {
            records.extend(hosts.iter().map(|host| RData::A(A(host.address))));
        }
        Meaning::Service(service, ports) => match (&service.address, asks) {
            (Address::ExternalName(target), _) => return external(zone, query, question, target),
            (Address::ClusterIp(address), RecordType::A) => records.push(RData::A(A(*address))),
            (Address::Headless, RecordType::A) => {
                records.extend(service.hosts.iter().map(|host| RData::A(A(host.address))));
            }
            (_, RecordType::SRV) => return services(query, question, service, ports),
            _ => {}
        },
        _ => {}
    }
    turn(&mut records, query.metadata.id);
    reply(query, question, !matches!(meaning, Meaning::Nothing), records)
}

/// A reply to a name that exists, or does not.
fn reply(
    query: &Message,
    question: &Query,
    exists: bool,
    records: Vec<RData>,
) -> Result<Answer, ProtoError> {
    let code = if exists { ResponseCode::NoError } else { ResponseCode::NXDomain };
    let mut message = empty(query, code);
    message.metadata.authoritative = true;
    let name = &question.name;
    message.add_answers(records.into_iter().map(|data| record(name.clone(), data)));
    if message.answers.is_empty() {
        message.add_authority(record(domain()?, RData::SOA(soa()?)));
    }
    Ok(Answer::Reply(message))
}

/// SRV records, and the addresses of what they name.
fn services(
    query: &Message,
    question: &Query,
    service: &Service,
    ports: &[&Port],
) -> Result<Answer, ProtoError> {
    let mut targets: Vec<(Name, u16, Ipv4Addr)> = Vec::new();
    for port in ports {
        match service.address {
            Address::ClusterIp(address) => {
                targets.push((names::service_name(service)?, port.number, address));
            }
            _ => {
                for (host, number) in names::endpoints(service, port) {
                    targets.push((names::host_name(service, host)?, number, host.address));
                }
            }
        }
    }
    let weight = u16::try_from(100 / targets.len().max(1)).unwrap_or(0).max(1);
    let mut records: Vec<RData> = targets
        .iter()
        .map(|(name, port, _)| RData::SRV(SRV::new(0, weight, *port, name.clone())))
        .collect();
    turn(&mut records, query.metadata.id);
    let mut answer = reply(query, question, true, records)?;
    if let Answer::Reply(message) = &mut answer {
        let mut known: Vec<Name> = Vec::new();
        for (name, _, address) in targets {
            if !known.contains(&name) {
                message.add_additional(record(name.clone(), RData::A(A(address))));
                known.push(name);
            }
        }
    }
    Ok(answer)
}

/// Another name, and its addresses when they are asked for.
fn external(
    zone: &Zone,
    query: &Message,
    question: &Query,
    target: &str,
) -> Result<Answer, ProtoError> {
    // An address in place of a name is an answer, as upstream has it.
    if let (Ok(address), RecordType::A) = (target.parse(), question.query_type) {
        return reply(query, question, true, vec![RData::A(A(address))]);
    }
    let target = Name::from_utf8(target)?.append_domain(&Name::root())?;
    let Answer::Reply(message) =
        reply(query, question, true, vec![RData::CNAME(CNAME(target.clone()))])?
    else {
        return Ok(Answer::Forward);
    };
    let wants_more = matches!(question.query_type, RecordType::A | RecordType::AAAA);
    // A name that leads to itself is not followed.
    if !wants_more || zone.is_external(&target) {
        return Ok(Answer::Reply(message));
    }
    Ok(Answer::Follow(message, target))
}

/// Another record comes first each time, as in `CoreDNS`: clients take the first.
fn turn(records: &mut [RData], id: u16) {
    if !records.is_empty() {
        records.rotate_left(usize::from(id) % records.len());
    }
}

/// A reply without records.
pub(super) fn empty(query: &Message, code: ResponseCode) -> Message {
    let mut message = Message::error_msg(query.metadata.id, query.metadata.op_code, code);
    message.metadata.recursion_desired = query.metadata.recursion_desired;
    message.metadata.recursion_available = true;
    message.add_queries(query.queries.iter().cloned());
    message
}

fn record(name: Name, data: RData) -> Record {
    Record::from_rdata(name, TTL, data)
}

fn domain() -> Result<Name, ProtoError> {
    Name::from_ascii(format!("{DOMAIN}."))
}

fn server() -> Result<Name, ProtoError> {
    Name::from_ascii(format!("ns.dns.{DOMAIN}."))
}

fn soa() -> Result<SOA, ProtoError> {
    let contact = Name::from_ascii(format!("hostmaster.{DOMAIN}."))?;
    Ok(SOA::new(server()?, contact, 1, 7200, 1800, 86400, TTL))
}

impl Zone {
    fn contains(&self, address: Ipv4Addr) -> bool {
        let (base, prefix) = self.range;
        let mask = u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0);
        u32::from(address) & mask == u32::from(base) & mask
    }

    /// Whether a name is a Service that is a name for something else.
    fn is_external(&self, name: &Name) -> bool {
        matches!(
            names::meaning(self, name),
            Meaning::Service(service, _) if matches!(service.address, Address::ExternalName(_))
        )
    }
}

#[cfg(test)]
mod tests;
