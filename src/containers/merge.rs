use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};

use super::Line;

/// The lines of several, each in its order, by their times.
pub(super) fn merged(sources: Vec<BoxStream<'static, Line>>) -> BoxStream<'static, Line> {
    stream::unfold(Heads::Unread(sources), async |heads| {
        let mut read = match heads {
            Heads::Unread(sources) => {
                let heads = sources.into_iter().map(async |mut source| {
                    let line = source.next().await?;
                    Some((line, source))
                });
                futures_util::future::join_all(heads).await.into_iter().flatten().collect()
            }
            Heads::Read(read) => read,
        };
        let earliest = read.iter().enumerate().min_by_key(|(_, (line, _))| line.time)?.0;
        let (line, mut source) = read.swap_remove(earliest);
        if let Some(next) = source.next().await {
            read.push((next, source));
        }
        Some((line, Heads::Read(read)))
    })
    .boxed()
}

/// What is to be merged.
enum Heads {
    Unread(Vec<BoxStream<'static, Line>>),
    /// Each with its next line.
    Read(Vec<(Line, BoxStream<'static, Line>)>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_come_in_the_order_of_their_times() {
        let source = |name: &str, seconds: &[i64]| {
            let lines: Vec<Line> = seconds
                .iter()
                .map(|second| Line {
                    replica: name.to_owned(),
                    time: jiff::Timestamp::from_second(*second).ok(),
                    text: second.to_string(),
                })
                .collect();
            stream::iter(lines).boxed()
        };
        let sources = vec![source("a", &[1, 4, 4]), source("b", &[]), source("c", &[2, 3, 9])];
        let lines: Vec<String> =
            merged(sources).map(|line| format!("{}{}", line.replica, line.text)).collect().await;
        assert_eq!(lines, ["a1", "c2", "c3", "a4", "a4", "c9"]);
    }
}
