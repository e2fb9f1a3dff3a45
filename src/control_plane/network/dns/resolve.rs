//! From the bytes of a query to the bytes of its reply.

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::Name;

use super::answer::{Answer, answer, empty};
use super::reply::{Transport, encode};
use super::{Forwarder, Zone};

/// Resolves a query; what is no query gets no reply.
pub(super) async fn resolve(
    zone: &Zone,
    forwarder: &Forwarder,
    bytes: &[u8],
    transport: Transport,
) -> Option<Vec<u8>> {
    let query = match Message::from_vec(bytes) {
        Ok(query) => query,
        Err(error) => {
            tracing::debug!(%error, "a query cannot be read");
            return malformed(bytes);
        }
    };
    forwarder.notice(&query);
    let reply = match answer(zone, &query) {
        Answer::Reply(reply) => reply,
        Answer::Forward => match forwarder.ask(&query, transport).await {
            // It is sized by what the client said.
            Some(reply) => return reply.to_vec().ok(),
            None => empty(&query, ResponseCode::ServFail),
        },
        Answer::Follow(reply, target) => follow(zone, forwarder, &query, reply, target).await,
    };
    encode(&query, reply, transport).ok()
}

/// Adds what another name leads to.
async fn follow(
    zone: &Zone,
    forwarder: &Forwarder,
    query: &Message,
    mut reply: Message,
    target: Name,
) -> Message {
    let mut further = Message::query();
    further.metadata.recursion_desired = true;
    let types = query.queries.iter().map(|question| question.query_type);
    further.add_queries(types.map(|asks| Query::query(target.clone(), asks)));
    let found = match answer(zone, &further) {
        Answer::Reply(found) | Answer::Follow(found, _) => Some(found),
        // By TCP nothing is cut off.
        Answer::Forward => forwarder.ask(&further, Transport::Tcp).await,
    };
    let Some(found) = found else { return empty(query, ResponseCode::ServFail) };
    reply.metadata.response_code = found.metadata.response_code;
    reply.add_answers(found.answers);
    reply
}

/// The reply to something that has the header of a query only.
fn malformed(bytes: &[u8]) -> Option<Vec<u8>> {
    let [high, low, flags, ..] = bytes else { return None };
    // A reply to a reply would go on forever.
    if bytes.len() < 12 || flags & 0x80 != 0 {
        return None;
    }
    let id = u16::from_be_bytes([*high, *low]);
    Message::error_msg(id, hickory_proto::op::OpCode::Query, ResponseCode::FormErr).to_vec().ok()
}
