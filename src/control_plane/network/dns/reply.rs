//! Replies as bytes, no longer than the client takes.

use hickory_proto::ProtoError;
use hickory_proto::op::{Edns, Message};

/// What a client takes by UDP that does not say more.
const CLASSIC: usize = 512;
/// What fits into a packet everywhere.
const SAFE: u16 = 1232;

/// How a query came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Udp,
    Tcp,
}

/// Encodes a reply; what does not fit is left out, and the client told so.
pub(super) fn encode(
    query: &Message,
    mut reply: Message,
    transport: Transport,
) -> Result<Vec<u8>, ProtoError> {
    if let Some(asked) = &query.edns {
        let mut edns = Edns::new();
        edns.set_max_payload(SAFE);
        edns.set_dnssec_ok(asked.flags().dnssec_ok);
        reply.set_edns(edns);
    }
    let limit = match (transport, &query.edns) {
        (Transport::Tcp, _) => usize::from(u16::MAX),
        (Transport::Udp, None) => CLASSIC,
        (Transport::Udp, Some(edns)) => usize::from(edns.max_payload().min(SAFE)).max(CLASSIC),
    };
    let mut bytes = reply.to_vec()?;
    if bytes.len() > limit {
        // These are a help and no part of the answer.
        reply.additionals.clear();
        bytes = reply.to_vec()?;
    }
    if bytes.len() > limit {
        // Some answers are better than none: not every client asks again by TCP.
        reply.metadata.truncation = true;
        let all = std::mem::take(&mut reply.answers);
        let counts: Vec<usize> = (1..all.len()).collect();
        let mut encoded = |count: usize| {
            reply.answers = all.iter().take(count).cloned().collect();
            reply.to_vec()
        };
        let fits = |bytes: Result<Vec<u8>, _>| bytes.is_ok_and(|bytes| bytes.len() <= limit);
        let fitting = counts.partition_point(|count| fits(encoded(*count)));
        bytes = encoded(fitting)?;
    }
    Ok(bytes)
}
