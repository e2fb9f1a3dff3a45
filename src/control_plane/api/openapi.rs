//! `/openapi/v3`, and a 404 for `/openapi/v2`, which kubectl takes as "not there".

use bytes::Bytes;
use http::header::{CACHE_CONTROL, ETAG};
use http::{HeaderMap, StatusCode};

use super::discovery::{etag, is_known};
use super::reply::Reply;
use super::route;
use crate::control_plane::schema::openapi;
use crate::kubernetes::Status;

/// Answers a path below `/openapi`.
pub fn reply(path: &str, headers: &HeaderMap) -> Result<Reply, Status> {
    if path == "openapi/v3" {
        return Ok(Reply::value(&openapi::index()));
    }
    let document = path.strip_prefix("openapi/v3/").and_then(openapi::document);
    let document = document.ok_or_else(route::not_found)?;
    let etag = etag(&document);
    if is_known(headers, &etag) {
        let reply = Reply::json("").code(StatusCode::NOT_MODIFIED).without_body();
        return Ok(reply.header(ETAG, &etag));
    }
    // The hash in the URL changes with the document.
    Ok(Reply::json(Bytes::from_owner(document))
        .header(ETAG, &etag)
        .header(CACHE_CONTROL, "public, immutable, max-age=31536000"))
}
