use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::Change;
use super::field::Field;
use super::findings::Findings;
use super::pod::{validate_template, validate_template_with_volumes};
use crate::control_plane::schema::names;
use crate::control_plane::schema::selectors::LabelSelector;

/// pkg/apis/apps/validation: `ValidateDeployment`.
pub(super) fn validate_deployment(change: &Change<'_>, findings: &mut Findings) {
    let change = change.child("spec");
    let spec = &change.new;
    validate_selection(&change, "deployment", findings);
    let counts = ["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"];
    for count in counts {
        findings.not_negative(&spec.child(count));
    }
    let deadline = spec.child("progressDeadlineSeconds");
    let ready = spec.child("minReadySeconds").number().unwrap_or(0);
    if deadline.number().is_some_and(|seconds| seconds <= ready) {
        findings.invalid(&deadline, "must be greater than minReadySeconds");
    }
    let strategy = spec.child("strategy");
    findings.one_of(&strategy.child("type"), &["Recreate", "RollingUpdate"]);
    let rolling = strategy.child("rollingUpdate");
    if strategy.child("type").text() == "Recreate" && rolling.exists() {
        findings.forbidden(&rolling, "may not be specified when strategy `type` is 'Recreate'");
    }
    validate_rolling_update(&rolling, findings);
}

/// Numbers or percentages, not both zero.
fn validate_rolling_update(rolling: &Field<'_>, findings: &mut Findings) {
    let fields = [rolling.child("maxUnavailable"), rolling.child("maxSurge")];
    for field in &fields {
        findings.not_negative(field);
        if let Some(Value::String(text)) = field.value()
            && !is_percentage(text)
        {
            findings.invalid(field, "must be an integer or percentage (e.g '5%')");
        }
    }
    let is_zero = |field: &Field<'_>| {
        field.number() == Some(0) || field.text().trim_end_matches('%').parse() == Ok(0)
    };
    let [unavailable, surge] = &fields;
    if is_zero(unavailable) && is_zero(surge) {
        findings.invalid(unavailable, "may not be 0 when `maxSurge` is 0");
    }
}

fn is_percentage(text: &str) -> bool {
    text.strip_suffix('%').is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// pkg/apis/apps/validation: `ValidateReplicaSet`.
pub(super) fn validate_replica_set(change: &Change<'_>, findings: &mut Findings) {
    let change = change.child("spec");
    validate_selection(&change, "replicaset", findings);
    findings.not_negative(&change.new.child("replicas"));
    findings.not_negative(&change.new.child("minReadySeconds"));
}

/// pkg/apis/core/validation: `ValidateReplicationController`, whose selector is a map.
pub(super) fn validate_replication_controller(change: &Change<'_>, findings: &mut Findings) {
    let spec = change.new.child("spec");
    let (selector, template) = (spec.child("selector"), spec.child("template"));
    findings.require(&selector);
    if !template.exists() {
        findings.required(&template, "");
        return;
    }
    let labels = template.child("metadata").child("labels");
    let matches = selector.entries().all(|(key, value)| labels.child(key).text() == value.text());
    if !matches {
        findings.invalid(&labels, "`selector` does not match template `labels`");
    }
    validate_template(&template, findings);
    validate_always(&template, findings);
}

/// The fields of a `StatefulSet`'s spec that updates may change.
const MUTABLE: [&str; 7] = [
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
];

/// pkg/apis/apps/validation: `ValidateStatefulSet` and its update.
pub(super) fn validate_stateful_set(change: &Change<'_>, findings: &mut Findings) {
    let spec = change.child("spec");
    validate_selection(&spec, "statefulset", findings);
    for count in ["replicas", "minReadySeconds", "revisionHistoryLimit"] {
        findings.not_negative(&spec.new.child(count));
    }
    findings.one_of(&spec.new.child("podManagementPolicy"), &["OrderedReady", "Parallel"]);
    let strategy = spec.new.child("updateStrategy").child("type");
    findings.one_of(&strategy, &["OnDelete", "RollingUpdate"]);

    let fixed = |field: &Field<'_>| {
        let fields = field.value().and_then(Value::as_object).into_iter().flatten();
        fields
            .filter(|(name, _)| !MUTABLE.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<Value>()
    };
    if spec.old.as_ref().is_some_and(|old| fixed(old) != fixed(&spec.new)) {
        findings.forbidden(
            &spec.new,
            "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        );
    }
}

/// pkg/apis/apps/validation: `ValidateDaemonSet`.
pub(super) fn validate_daemon_set(change: &Change<'_>, findings: &mut Findings) {
    let change = change.child("spec");
    validate_selection(&change, "daemonset", findings);
    for count in ["minReadySeconds", "revisionHistoryLimit"] {
        findings.not_negative(&change.new.child(count));
    }
    let strategy = change.new.child("updateStrategy");
    findings.one_of(&strategy.child("type"), &["OnDelete", "RollingUpdate"]);
    validate_rolling_update(&strategy.child("rollingUpdate"), findings);
}

/// Selector and template of a spec: the one must match the other, and stays as it is.
fn validate_selection(spec: &Change<'_>, kind: &str, findings: &mut Findings) {
    let (selector, template) = (spec.new.child("selector"), spec.new.child("template"));
    if !selector.exists() {
        findings.required(&selector, "");
    } else if selector.child("matchLabels").is_empty()
        && selector.child("matchExpressions").is_empty()
    {
        findings.invalid(&selector, &format!("empty selector is invalid for {kind}"));
    } else {
        validate_selector(&selector, findings);
        let labels = template.child("metadata").child("labels");
        let matcher = LabelSelector::from_value(selector.value());
        if !matcher.matches_object(template.value().unwrap_or(&Value::Null)) {
            let value = labels.value().cloned().unwrap_or_else(|| json!({}));
            findings.invalid_value(&labels, &value, "`selector` does not match template `labels`");
        }
    }
    spec.immutable("selector", findings);
    let claims = spec.new.child("volumeClaimTemplates");
    let names: Vec<_> = claims.items().map(|claim| claim.child("metadata").child("name")).collect();
    let volumes = names.iter().map(Field::text).collect();
    validate_template_with_volumes(&template, volumes, findings);
    validate_always(&template, findings);
}

fn validate_always(template: &Field<'_>, findings: &mut Findings) {
    findings.one_of(&template.child("spec").child("restartPolicy"), &["Always"]);
}

fn validate_selector(selector: &Field<'_>, findings: &mut Findings) {
    super::metadata::validate_labels(&selector.child("matchLabels"), findings);
    for expression in selector.child("matchExpressions").items() {
        findings.check(
            &expression.child("key"),
            names::check_label_key(expression.child("key").text()),
        );
        let (operator, values) = (expression.child("operator"), expression.child("values"));
        match operator.text() {
            "In" | "NotIn" if values.is_empty() => {
                findings.required(&values, "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let sentence = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                findings.forbidden(&values, sentence);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => findings.invalid(&operator, "not a valid selector operator"),
        }
    }
}

/// pkg/apis/batch/validation: `ValidateJob` and its update.
pub(super) fn validate_job(change: &Change<'_>, findings: &mut Findings) {
    let is_waiting = change.old.as_ref().is_some_and(|old| {
        old.child("spec").child("suspend").is_true()
            && !old.child("status").child("startTime").exists()
    });
    let spec = change.child("spec");
    validate_job_spec(&spec.new, findings);
    for field in ["completions", "selector", "completionMode"] {
        spec.immutable(field, findings);
    }
    if let Some((new, old)) = spec.changed("template") {
        let same = is_waiting && without_scheduling(&new) == without_scheduling(&old);
        if !same {
            findings.invalid(&new, "field is immutable");
        }
    }
}

/// A suspended job that never ran may still change where its pods go.
fn without_scheduling(template: &Field<'_>) -> Value {
    let mut template = template.value().cloned().unwrap_or_default();
    if let Some(spec) = template.get_mut("spec").and_then(Value::as_object_mut) {
        for field in ["nodeSelector", "tolerations", "affinity", "schedulingGates"] {
            spec.shift_remove(field);
        }
    }
    if let Some(metadata) = template.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.shift_remove("labels");
        metadata.shift_remove("annotations");
    }
    template
}

fn validate_job_spec(spec: &Field<'_>, findings: &mut Findings) {
    let counts = [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
    ];
    for count in counts {
        findings.not_negative(&spec.child(count));
    }
    let mode = spec.child("completionMode");
    findings.one_of(&mode, &["Indexed", "NonIndexed"]);
    if mode.text() == "Indexed" && !spec.child("completions").exists() {
        let sentence = "when completion mode is Indexed, a completions value must be specified";
        findings.required(&spec.child("completions"), sentence);
    }
    let template = spec.child("template");
    validate_template(&template, findings);
    let restart = template.child("spec").child("restartPolicy");
    if restart.is_empty() {
        findings.required(&restart, "valid values: \"OnFailure\", \"Never\"");
    } else {
        findings.one_of(&restart, &["OnFailure", "Never"]);
    }
}

/// pkg/apis/batch/validation: `ValidateCronJob`.
pub(super) fn validate_cron_job(change: &Change<'_>, findings: &mut Findings) {
    let spec = change.new.child("spec");
    let schedule = spec.child("schedule");
    if findings.require(&schedule) {
        let parser =
            CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        if schedule.text().contains("TZ") {
            findings.invalid(
                &schedule,
                "cannot use TZ or CRON_TZ in schedule, use timeZone field instead",
            );
        } else if let Err(error) = parser.parse(schedule.text()) {
            findings.invalid(&schedule, &error.to_string());
        }
    }
    let zone = spec.child("timeZone");
    if zone.exists() && TimeZone::get(zone.text()).is_err() {
        findings.invalid(&zone, &format!("unknown time zone {}", zone.text()));
    }
    findings.one_of(&spec.child("concurrencyPolicy"), &["Allow", "Forbid", "Replace"]);
    for count in ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"]
    {
        findings.not_negative(&spec.child(count));
    }
    validate_job_spec(&spec.child("jobTemplate").child("spec"), findings);
}
