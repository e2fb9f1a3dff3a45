use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// The times of a `CronJob`.
pub(super) struct Schedule {
    cron: Cron,
    zone: TimeZone,
}

impl Schedule {
    /// Reads a schedule in a time zone, UTC when none is named; the error is one sentence.
    pub(super) fn parse(text: &str, zone: Option<&str>) -> Result<Self, String> {
        let parser =
            CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser
            .parse(text)
            .map_err(|error| format!("unparseable schedule: \"{text}\": {error}"))?;
        let zone = match zone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name)
                .map_err(|error| format!("invalid timeZone: \"{name}\": {error}"))?,
        };
        Ok(Self { cron, zone })
    }

    /// The first time after.
    pub(super) fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        let next = self.cron.find_next_occurrence(&self.zoned(now), false).ok()?;
        Some(next.timestamp())
    }

    /// The last time until now, now included.
    pub(super) fn last_until(&self, now: Timestamp) -> Option<Timestamp> {
        let last = self.cron.find_previous_occurrence(&self.zoned(now), true).ok()?;
        Some(last.timestamp())
    }

    /// A time in the schedule's zone, as RFC 3339.
    pub(super) fn show(&self, at: Timestamp) -> String {
        let text = self.zoned(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        text.strip_suffix("+00:00").map(|utc| format!("{utc}Z")).unwrap_or(text)
    }

    fn zoned(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.zone.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schedule: &str, zone: Option<&str>, now: &str, last: &str, next: &str) {
        let schedule = Schedule::parse(schedule, zone).unwrap();
        let now: Timestamp = now.parse().unwrap();
        assert_eq!(schedule.last_until(now).unwrap().to_string(), last);
        assert_eq!(schedule.next_after(now).unwrap().to_string(), next);
    }

    #[test]
    fn schedules_have_times_before_and_after() {
        let (now, zone) = ("2026-03-01T10:20:30Z", Some("Europe/Berlin"));
        check("*/15 * * * *", None, now, "2026-03-01T10:15:00Z", "2026-03-01T10:30:00Z");
        check("@hourly", None, now, "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z");
        check("0 3 * * *", zone, now, "2026-03-01T02:00:00Z", "2026-03-02T02:00:00Z");
        let on_time = "2026-03-01T10:15:00Z";
        check("15 10 * * *", None, on_time, on_time, "2026-03-02T10:15:00Z");
    }

    #[test]
    fn what_is_no_schedule_says_so() {
        let error = |text, zone| Schedule::parse(text, zone).err().unwrap();
        assert!(error("every day", None).starts_with("unparseable schedule: \"every day\": "));
        assert!(error("* * * * * *", None).starts_with("unparseable schedule"));
        assert!(error("* * * * *", Some("Nowhere")).starts_with("invalid timeZone: \"Nowhere\": "));
    }
}
