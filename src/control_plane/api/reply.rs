use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, VARY, WARNING,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;

use super::body::Body;
use crate::kubernetes::{Reason, Status};

/// Larger answers are compressed for clients that take it.
const GZIP_BYTES: usize = 128 << 10;
/// All warnings of an answer together are cut to this.
const WARNING_BYTES: usize = 4 << 10;

/// An answer in the making.
pub struct Reply {
    code: StatusCode,
    content_type: HeaderValue,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Body,
}

impl Reply {
    /// A JSON answer.
    pub fn json(json: impl Into<Bytes>) -> Self {
        Self::bytes("application/json", json)
    }

    /// A JSON answer.
    pub fn value(value: &Value) -> Self {
        Self::json(value.to_string())
    }

    /// A plain text answer.
    pub fn text(text: impl Into<Bytes>) -> Self {
        Self::bytes("text/plain; charset=utf-8", text)
    }

    /// Any answer.
    pub fn bytes(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            code: StatusCode::OK,
            content_type: HeaderValue::from_static(content_type),
            headers: Vec::new(),
            body: Body::Whole(Some(body.into())),
        }
    }

    /// An answer whose body comes over time.
    pub fn stream(
        content_type: &'static str,
        stream: impl futures_util::Stream<Item = Bytes> + Send + 'static,
    ) -> Self {
        Self { body: Body::Stream(Box::pin(stream)), ..Self::bytes(content_type, Bytes::new()) }
    }

    /// An error.
    pub fn status(status: &Status) -> Self {
        let code = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reply = Self::value(&status.to_value()).code(code);
        match status.reason {
            Reason::TooManyRequests | Reason::ServiceUnavailable | Reason::Timeout => {
                reply.header(RETRY_AFTER, "1")
            }
            _ => reply,
        }
    }

    /// Sets the HTTP status code.
    #[must_use]
    pub fn code(mut self, code: StatusCode) -> Self {
        self.code = code;
        self
    }

    /// Adds a header; one whose value is no header value is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// Adds `Warning` headers, each text once.
    #[must_use]
    pub fn warnings(mut self, warnings: &[String]) -> Self {
        let mut bytes = 0;
        for (index, warning) in warnings.iter().enumerate() {
            bytes += warning.len();
            let told = warnings.iter().position(|other| other == warning);
            if told != Some(index) || bytes > WARNING_BYTES {
                continue;
            }
            let text: String =
                warning.chars().map(|c| if c.is_ascii_control() { ' ' } else { c }).collect();
            let text = text.replace('\\', "\\\\").replace('"', "\\\"");
            self = self.header(WARNING, &format!("299 - \"{text}\""));
        }
        self
    }

    /// The answer to a HEAD request.
    #[must_use]
    pub fn without_body(self) -> Self {
        Self { body: Body::Whole(None), ..self }
    }

    /// The finished answer.
    pub async fn into_response(self, accepted: Option<&HeaderValue>) -> Response<Body> {
        let Self { code, content_type, mut headers, mut body } = self;
        if let Body::Whole(Some(bytes)) = &body
            && bytes.len() > GZIP_BYTES
        {
            headers.push((VARY, HeaderValue::from_name(ACCEPT_ENCODING)));
            if accepts_gzip(accepted)
                && let Some(small) = gzip(bytes.clone()).await
            {
                headers.push((CONTENT_ENCODING, HeaderValue::from_static("gzip")));
                body = Body::Whole(Some(small));
            }
        }
        let mut response = Response::new(body);
        *response.status_mut() = code;
        let all = response.headers_mut();
        all.insert(CONTENT_TYPE, content_type);
        all.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
        for (name, value) in headers {
            if name == CACHE_CONTROL {
                all.insert(name, value);
            } else {
                all.append(name, value);
            }
        }
        response
    }
}

fn accepts_gzip(accepted: Option<&HeaderValue>) -> bool {
    accepted.and_then(|value| value.to_str().ok()).is_some_and(|value| {
        value.split(',').any(|coding| coding.split(';').next().is_some_and(|c| c.trim() == "gzip"))
    })
}

/// On a thread of its own: a large list takes milliseconds.
async fn gzip(bytes: Bytes) -> Option<Bytes> {
    let compress = move || {
        let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 8), Compression::fast());
        encoder.write_all(&bytes).ok()?;
        encoder.finish().ok().map(Bytes::from)
    };
    tokio::task::spawn_blocking(compress).await.ok().flatten()
}
