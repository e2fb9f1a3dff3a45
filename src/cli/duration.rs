use std::time::Duration;

/// A duration of the command line: `90s`, `5m`, `1h30m`, or seconds without a unit.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    let wrong = || "write a duration such as `90s`, `5m` or `1h30m`".to_owned();
    let duration: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(duration).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn durations() {
        for (text, seconds) in
            [("90", Some(90)), ("90s", Some(90)), ("5m", Some(300)), ("1h30m", Some(5400))]
                .into_iter()
                .chain([("", None), ("-5s", None), ("5 parsecs", None), ("1.5", None)])
        {
            assert_eq!(parse(text).ok().map(|found| found.as_secs()), seconds, "{text}");
        }
    }
}
