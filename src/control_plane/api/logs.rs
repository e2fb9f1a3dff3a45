use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::container::Target;
use super::query::Query;
use super::reply::Reply;
use super::route::Resource;
use super::{Api, Call};
use crate::control_plane::kubelet::{LogOptions, Output, RuntimeError};
use crate::kubernetes::{Cause, Reason, Status};

/// What a request for logs wants.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    previous: bool,
    options: LogOptions,
    stream: Option<Stream>,
    /// At most so many bytes.
    limit: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Stdout,
    Stderr,
}

impl Api {
    /// `GET …/pods/NAME/log`.
    pub(super) async fn log(&self, call: &Call<'_>, resource: &Resource) -> Result<Reply, Status> {
        let wanted = Wanted::parse(&call.query, Timestamp::now())?;
        let target = Target::find(&self.verbs, &resource.key(), call.query.get("container"))?;
        if target.pod.spec.as_ref().is_none_or(|spec| spec.node_name.is_none()) {
            // Upstream, too, says nothing of a pod that has no node yet.
            return Ok(Reply::text(""));
        }
        let id = target.logged(wanted.previous)?;
        let runtime = self.runtimes.of(&target.pod)?;
        let output = runtime.logs(id, wanted.options).await.map_err(|error| {
            Status::new(Reason::InternalError, format!("the logs cannot be read: {error}"))
        })?;
        let mut closing = self.health.closing();
        let pieces = pieces(output, wanted.stream, wanted.limit);
        let pieces = pieces.take_until(Box::pin(async move { closing.wait().await }));
        Ok(Reply::stream("text/plain", pieces))
    }
}

/// The bytes of an output, or of one of its streams, up to a limit.
fn pieces(
    output: BoxStream<'static, Result<Output, RuntimeError>>,
    wanted: Option<Stream>,
    limit: Option<u64>,
) -> BoxStream<'static, Bytes> {
    let left = limit.unwrap_or(u64::MAX);
    let pieces = stream::unfold((output, left), move |(mut output, left)| async move {
        loop {
            if left == 0 {
                return None;
            }
            let (of, mut piece) = match output.next().await? {
                Ok(Output::Stdout(piece)) => (Stream::Stdout, piece),
                Ok(Output::Stderr(piece)) => (Stream::Stderr, piece),
                Err(error) => {
                    // Too late for a status: what has come is all there is.
                    tracing::warn!(%error, "logs end early");
                    return None;
                }
            };
            if piece.is_empty() || wanted.is_some_and(|wanted| wanted != of) {
                continue;
            }
            piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            let left = left.saturating_sub(piece.len() as u64);
            return Some((piece, (output, left)));
        }
    });
    pieces.boxed()
}

impl Wanted {
    fn parse(query: &Query, now: Timestamp) -> Result<Self, Status> {
        let mut causes = Vec::new();
        let mut positive = |name, least| {
            let number = query.number::<i64>(name)?;
            if number.is_some_and(|number| number < least) {
                let number = number.unwrap_or_default();
                let rule = if least == 0 { "or equal to 0" } else { "0" };
                let message = format!("Invalid value: {number}: must be greater than {rule}");
                causes.push(cause("FieldValueInvalid", name, message));
            }
            Ok::<_, Status>(number)
        };
        let tail = positive("tailLines", 0)?;
        let limit = positive("limitBytes", 1)?;
        let seconds = positive("sinceSeconds", 1)?;
        let time = match query.get("sinceTime") {
            "" => None,
            text => Some(text.parse::<Timestamp>().map_err(|error| {
                Status::new(Reason::BadRequest, format!("sinceTime `{text}` is no time: {error}"))
            })?),
        };
        if seconds.is_some() && time.is_some() {
            let message =
                "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified";
            causes.push(cause("FieldValueForbidden", "sinceSeconds", message.to_owned()));
        }
        let stream = match query.get("stream") {
            "" | "All" => None,
            "Stdout" => Some(Stream::Stdout),
            "Stderr" => Some(Stream::Stderr),
            other => {
                let message = format!(
                    "Unsupported value: \"{other}\": supported values: \"All\", \"Stdout\", \
                     \"Stderr\""
                );
                causes.push(cause("FieldValueNotSupported", "stream", message));
                None
            }
        };
        if stream.is_some() && tail.is_some() {
            let message = "Forbidden: `tailLines` and specific `stream` are mutually exclusive";
            causes.push(cause("FieldValueForbidden", "tailLines", message.to_owned()));
        }
        if !causes.is_empty() {
            return Err(invalid(causes));
        }
        let before = |seconds| now.checked_sub(SignedDuration::from_secs(seconds)).ok();
        Ok(Self {
            previous: query.is_true("previous"),
            options: LogOptions {
                follow: query.is_true("follow"),
                timestamps: query.is_true("timestamps"),
                since: time.or_else(|| seconds.and_then(before)),
                tail: tail.and_then(|lines| u64::try_from(lines).ok()),
            },
            stream,
            limit: limit.and_then(|bytes| u64::try_from(bytes).ok()),
        })
    }
}

fn cause(reason: &'static str, field: &str, message: String) -> Cause {
    Cause { reason, message, field: field.to_owned() }
}

fn invalid(causes: Vec<Cause>) -> Status {
    let told: Vec<_> =
        causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
    let told = match told.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    let message = format!("PodLogOptions \"\" is invalid: {told}");
    Status { causes, ..Status::new(Reason::Invalid, message).about("", "PodLogOptions", "") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(query: &str) -> String {
        let now = "2026-01-01T00:01:00Z".parse().unwrap();
        match Wanted::parse(&Query::parse(query), now) {
            Err(status) => format!("{}: {}", status.code, status.message),
            Ok(Wanted { previous, options, stream, limit }) => {
                let LogOptions { follow, timestamps, since, tail } = options;
                let since = since.map(|since| since.to_string());
                format!("{previous} {follow} {timestamps} {since:?} {tail:?} {stream:?} {limit:?}")
            }
        }
    }

    #[test]
    fn what_is_wanted_of_logs() {
        assert_eq!(told(""), "false false false None None None None");
        assert_eq!(
            told("follow=true&timestamps=1&previous&tailLines=0&limitBytes=7&sinceSeconds=60"),
            "true true true Some(\"2026-01-01T00:00:00Z\") Some(0) None Some(7)"
        );
        assert_eq!(
            told("sinceTime=2026-01-01T00:00:30.5Z&stream=Stderr"),
            "false false false Some(\"2026-01-01T00:00:30.5Z\") None Some(Stderr) None"
        );
    }

    #[test]
    fn what_cannot_be_wanted_is_refused() {
        let refused = |query: &str| {
            let told = told(query);
            told.strip_prefix("422: PodLogOptions \"\" is invalid: ").unwrap_or(&told).to_owned()
        };
        let below = "Invalid value: -1: must be greater than";
        assert_eq!(refused("tailLines=-1"), format!("tailLines: {below} or equal to 0"));
        assert_eq!(
            refused("limitBytes=-1&sinceSeconds=-1"),
            format!("[limitBytes: {below} 0, sinceSeconds: {below} 0]")
        );
        assert_eq!(
            refused("sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z"),
            "sinceSeconds: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
        );
        assert!(refused("stream=Stdin").starts_with("stream: Unsupported value: \"Stdin\""));
        assert!(refused("stream=Stdout&tailLines=1").starts_with("tailLines: Forbidden"));
        assert!(refused("sinceTime=yesterday").starts_with("400: sinceTime `yesterday`"));
    }

    #[tokio::test]
    async fn bytes_are_those_of_the_stream_up_to_the_limit() {
        let output = |of: fn(Bytes) -> Output, text: &'static str| {
            Ok(of(Bytes::from_static(text.as_bytes())))
        };
        let all = || {
            stream::iter([
                output(Output::Stdout, "one\n"),
                output(Output::Stderr, "oops\n"),
                output(Output::Stdout, "two\n"),
            ])
            .boxed()
        };
        let text = async |wanted, limit| {
            String::from_utf8(pieces(all(), wanted, limit).collect::<Vec<_>>().await.concat())
                .unwrap()
        };
        assert_eq!(text(None, None).await, "one\noops\ntwo\n");
        assert_eq!(text(Some(Stream::Stdout), None).await, "one\ntwo\n");
        assert_eq!(text(Some(Stream::Stderr), Some(2)).await, "oo");
        assert_eq!(text(None, Some(6)).await, "one\noo");
    }
}
