use crate::model::{
    Concurrency, Condition, Dependency, Healthcheck, HealthcheckTest, Job, MissedFires, Provider,
    Restart, Schedule, Service, Triggers,
};

use super::build::build;
use super::container::container;
use super::deploy::deploy;
use super::fields::Fields;
use super::hook::{develop, hook, pre_start};
use super::network::{expose, published_port};

/// Binds one service.
pub(super) fn service(fields: &mut Fields<'_>) -> Service {
    // what is left of it did not follow the schema, and is reported
    fields.discard("extends");
    Service {
        container: container(fields),
        attach: fields.bool("attach"),
        build: fields.fields("build", build),
        container_name: fields.string("container_name"),
        depends_on: fields.members("depends_on", dependency),
        deploy: fields.fields("deploy", deploy),
        develop: fields.fields("develop", develop),
        expose: expose(fields),
        external_links: fields.strings("external_links"),
        healthcheck: fields.fields("healthcheck", healthcheck),
        links: links(fields),
        ports: fields.items("ports", published_port),
        post_start: fields.items("post_start", |fields| Some(hook(fields))),
        pre_start: fields.items("pre_start", |fields| Some(pre_start(fields))),
        pre_stop: fields.items("pre_stop", |fields| Some(hook(fields))),
        profiles: fields.strings("profiles"),
        provider: fields.fields("provider", provider),
        restart: restart(fields),
        scale: fields.integer("scale"),
        stdin_open: fields.bool("stdin_open"),
        tty: fields.bool("tty"),
        extensions: fields.extensions(),
    }
}

/// Binds one job.
pub(super) fn job(fields: &mut Fields<'_>) -> Job {
    Job {
        container: container(fields),
        build: fields.fields("build", build),
        depends_on: fields.members("depends_on", dependency),
        expose: expose(fields),
        healthcheck: fields.fields("healthcheck", healthcheck),
        ports: fields.items("ports", published_port),
        stdin_open: fields.bool("stdin_open"),
        tty: fields.bool("tty"),
        profiles: fields.strings("profiles"),
        triggers: fields.fields("triggers", triggers).unwrap_or_default(),
        extensions: fields.extensions(),
    }
}

fn triggers(fields: &mut Fields<'_>) -> Triggers {
    Triggers {
        manual: fields.bool("manual"),
        schedule: fields.items("schedule", schedule),
        extensions: fields.extensions(),
    }
}

fn schedule(fields: &mut Fields<'_>) -> Option<Schedule> {
    const CONCURRENCIES: [(&str, Concurrency); 2] =
        [("forbid", Concurrency::Forbid), ("queue", Concurrency::Queue)];
    const MISSED_FIRES: [(&str, MissedFires); 2] =
        [("one", MissedFires::One), ("skip", MissedFires::Skip)];
    Some(Schedule {
        cron: fields.required("cron", "schedule", "e.g. `0 4 * * *`")?,
        timezone: fields.string("timezone"),
        concurrency: fields.word("concurrency", &CONCURRENCIES),
        missed_fires: fields.word("missed_fires", &MISSED_FIRES),
        extensions: fields.extensions(),
    })
}

fn provider(fields: &mut Fields<'_>) -> Provider {
    Provider {
        kind: fields.string("type").unwrap_or_default(),
        options: fields.repeated_pairs("options"),
        extensions: fields.extensions(),
    }
}

fn dependency(fields: &mut Fields<'_>) -> Dependency {
    const CONDITIONS: [(&str, Condition); 3] = [
        ("service_started", Condition::Started),
        ("service_healthy", Condition::Healthy),
        ("service_completed_successfully", Condition::CompletedSuccessfully),
    ];
    Dependency {
        condition: fields.word("condition", &CONDITIONS).unwrap_or(Condition::Started),
        required: fields.bool("required").unwrap_or(true),
        restart: fields.bool("restart").unwrap_or(false),
        extensions: fields.extensions(),
    }
}

fn healthcheck(fields: &mut Fields<'_>) -> Healthcheck {
    Healthcheck {
        test: fields.optional_strings("test").and_then(|words| healthcheck_test(words, fields)),
        disable: fields.bool("disable").unwrap_or(false),
        interval: fields.duration("interval"),
        timeout: fields.duration("timeout"),
        retries: fields.integer("retries"),
        start_period: fields.duration("start_period"),
        start_interval: fields.duration("start_interval"),
        extensions: fields.extensions(),
    }
}

fn healthcheck_test(words: Vec<String>, fields: &mut Fields<'_>) -> Option<HealthcheckTest> {
    let mut words = words.into_iter();
    match words.next().as_deref() {
        None => None,
        Some("NONE") => Some(HealthcheckTest::None),
        Some("CMD") => Some(HealthcheckTest::Command(words.collect())),
        Some("CMD-SHELL") => Some(HealthcheckTest::Shell(words.collect::<Vec<_>>().join(" "))),
        Some(other) => {
            fields.error(
                format!("a healthcheck cannot start with `{other}`"),
                "start the list with `CMD`, `CMD-SHELL` or `NONE`, or write the test as one text",
            );
            None
        }
    }
}

fn links(fields: &mut Fields<'_>) -> Vec<(String, String)> {
    let links = fields.strings("links").into_iter();
    links
        .map(|link| match link.split_once(':') {
            Some((service, alias)) => (service.to_owned(), alias.to_owned()),
            None => (link.clone(), link),
        })
        .collect()
}

fn restart(fields: &mut Fields<'_>) -> Option<Restart> {
    let wanted = "`no`, `always`, `unless-stopped`, `on-failure` or `on-failure:ATTEMPTS`";
    fields.discard_empty("restart");
    fields.parsed("restart", wanted, parse_restart)
}

fn parse_restart(text: &str) -> Option<Restart> {
    match text.split_once(':').unwrap_or((text, "")) {
        ("no", "") => Some(Restart::No),
        ("always", "") => Some(Restart::Always),
        ("unless-stopped", "") => Some(Restart::UnlessStopped),
        ("on-failure", "") => Some(Restart::OnFailure(None)),
        ("on-failure", attempts) => Some(Restart::OnFailure(Some(attempts.parse().ok()?))),
        _ => None,
    }
}
