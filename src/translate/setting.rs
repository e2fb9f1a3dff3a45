use std::time::Duration;

use indexmap::IndexMap;

use super::claim::is_quantity;
use super::findings::Site;
use super::label::setting;

/// Labels of a service or volume that are settings of longshore, with kompose's spelling as the second.
#[derive(Clone)]
pub struct Settings<'a> {
    labels: &'a IndexMap<String, String>,
    site: Site<'a>,
}

/// One setting, and where it stands.
#[derive(Clone)]
pub struct Setting<'a> {
    /// The label as it is written.
    pub label: &'static str,
    /// Its value.
    pub value: &'a str,
    /// Its place.
    pub site: Site<'a>,
}

impl<'a> Settings<'a> {
    /// The labels that stand at `site`.
    pub fn new(labels: &'a IndexMap<String, String>, site: Site<'a>) -> Self {
        Self { labels, site }
    }

    /// The first of these labels that is set.
    pub fn get(&self, keys: &[&'static str]) -> Option<Setting<'a>> {
        let (label, value) = setting(self.labels, keys)?;
        Some(Setting { label, value: value.trim(), site: self.site.child(label) })
    }

    /// Whether one of these labels is set.
    pub fn has(&self, keys: &[&'static str]) -> bool {
        self.get(keys).is_some()
    }
}

impl<'a> Setting<'a> {
    /// Its text; an empty one is none.
    pub fn text(&self) -> Option<&'a str> {
        Some(self.value).filter(|value| !value.is_empty())
    }

    /// A number that is at least `least`.
    pub fn number(&self, least: u32) -> Option<u32> {
        let number = self.value.parse().ok().filter(|number| *number >= least);
        self.known(number, format!("write a whole number from {least} on"))
    }

    /// A port.
    pub fn port(&self) -> Option<u16> {
        let port = self.value.parse().ok().filter(|port| *port > 0);
        self.known(port, "write a port from 1 to 65535")
    }

    /// Percent, with or without `%`.
    pub fn percent(&self) -> Option<u32> {
        let number = self.value.strip_suffix('%').unwrap_or(self.value).parse().ok();
        self.known(number.filter(|number| *number > 0), "write percent, e.g. `80`")
    }

    /// Yes or no.
    pub fn flag(&self) -> bool {
        let flag = match self.value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" | "" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        };
        self.known(flag, "write `true` or `false`").unwrap_or(false)
    }

    /// One of these words, whatever their case.
    pub fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(self.value));
        let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        self.known(found.map(|(_, meaning)| *meaning), format!("use {}", known.join(" or ")))
    }

    /// An amount, e.g. `10Gi`.
    pub fn quantity(&self) -> Option<&'a str> {
        self.known(Some(self.value).filter(|it| is_quantity(it)), "write an amount, e.g. `10Gi`")
    }

    /// A duration, e.g. `1m30s`; seconds where there is no unit.
    pub fn duration(&self) -> Option<Duration> {
        let seconds = self.value.parse().ok().map(Duration::from_secs);
        let written = || {
            let duration: jiff::SignedDuration = self.value.parse().ok()?;
            Duration::try_from(duration).ok()
        };
        self.known(seconds.or_else(written), "write a duration, e.g. `1m30s`")
    }

    /// The words of a command line.
    pub fn words(&self) -> Option<Vec<String>> {
        let words = shell_words::split(self.value).ok().filter(|words| !words.is_empty());
        self.known(words, "write a command as in a shell, with its quotes closed")
    }

    fn known<T>(&self, value: Option<T>, help: impl Into<String>) -> Option<T> {
        if value.is_none() {
            self.site.invalid(format!("`{}` is no value of `{}`", self.value, self.label), help);
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    fn check(
        value: &str,
        read: fn(&Setting<'_>) -> String,
        expected: &str,
        findings_expected: usize,
    ) {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let labels = IndexMap::from([("longshore.a".to_owned(), value.to_owned())]);
        let settings = Settings::new(&labels, findings.site("services.web.labels"));
        let setting = settings.get(&["longshore.b", "longshore.a"]).unwrap();
        assert_eq!(read(&setting), expected, "{value}");
        drop((setting, settings));
        assert_eq!(findings.into_report().iter().count(), findings_expected, "{value}");
    }

    #[test]
    fn values_are_read_or_told() {
        check("3", |it| format!("{:?}", it.number(1)), "Some(3)", 0);
        check("0", |it| format!("{:?}", it.number(1)), "None", 1);
        check("70%", |it| format!("{:?}", it.percent()), "Some(70)", 0);
        check("many", |it| format!("{:?}", it.percent()), "None", 1);
        check("8080", |it| format!("{:?}", it.port()), "Some(8080)", 0);
        check("70000", |it| format!("{:?}", it.port()), "None", 1);
        check("True", |it| it.flag().to_string(), "true", 0);
        check("maybe", |it| it.flag().to_string(), "false", 1);
        let words = |it: &Setting| format!("{:?}", it.one_of(&[("Always", 1), ("Never", 2)]));
        check("always", words, "Some(1)", 0);
        check("often", words, "None", 1);
        check("1m30s", |it| format!("{:?}", it.duration()), "Some(90s)", 0);
        check("15", |it| format!("{:?}", it.duration()), "Some(15s)", 0);
        check("soon", |it| format!("{:?}", it.duration()), "None", 1);
        check("1Gi", |it| format!("{:?}", it.quantity()), r#"Some("1Gi")"#, 0);
        check("a lot", |it| format!("{:?}", it.quantity()), "None", 1);
        check("a 'b c'", |it| format!("{:?}", it.words()), r#"Some(["a", "b c"])"#, 0);
        check("a 'b", |it| format!("{:?}", it.words()), "None", 1);
    }
}
