//! What a command would do, judged by its text: the rules of the simulated runtime.

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::Container;

/// What becomes of a started container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// It runs on, and is ready after a time, or never.
    Runs { ready_after: Option<SignedDuration> },
    /// It ends after a time.
    Ends { after: SignedDuration, code: i32 },
}

/// Words after which nothing ends by itself.
const ENDLESS: &[&str] = &["sleep infinity", "sleep inf", "tail -f", "tail -F"];

/// The course of a container, in a pod that restarts it always or not.
pub(super) fn course(container: &Container, always: bool) -> Course {
    let words = container.command.iter().chain(&container.args).flatten();
    let text = words.map(String::as_str).collect::<Vec<_>>().join(" ");
    let script = script(&text);
    let runs = Course::Runs { ready_after: Some(SignedDuration::ZERO) };
    if ENDLESS.iter().any(|words| script.contains(words)) {
        return runs;
    }
    if always {
        // A server may well say `|| exit 1` somewhere: only a command that does nothing else ends.
        return match whole_exit(script) {
            Some(code) => Course::Ends { after: SignedDuration::ZERO, code },
            None => runs,
        };
    }
    Course::Ends { after: sleeps(script), code: exit_code(script) }
}

/// `2s`, `500ms`, `1m`, `1h`, or a number of seconds.
pub(super) fn parse_duration(text: &str) -> Option<SignedDuration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: i64 = number.parse().ok()?;
    match unit {
        "ms" => Some(SignedDuration::from_millis(number)),
        "" | "s" => Some(SignedDuration::from_secs(number)),
        "m" => Some(SignedDuration::from_secs(number.checked_mul(60)?)),
        "h" => Some(SignedDuration::from_secs(number.checked_mul(3600)?)),
        _ => None,
    }
}

/// The script of `sh -c SCRIPT`, else the command itself.
fn script(text: &str) -> &str {
    let shell = ["sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash"];
    let Some((first, rest)) = text.split_once(' ') else { return text };
    if !shell.contains(&first) {
        return text;
    }
    let options = rest.split_once(' ').filter(|(option, _)| option.starts_with('-'));
    options.map_or(text, |(_, script)| script)
}

fn whole_exit(script: &str) -> Option<i32> {
    match script.trim() {
        "true" | "/bin/true" => Some(0),
        "false" | "/bin/false" => Some(1),
        other => other.strip_prefix("exit")?.trim().parse().ok(),
    }
}

/// The last `exit N`, or 1 for a `false` at the end, else 0.
fn exit_code(script: &str) -> i32 {
    let steps = script.split([';', '\n']).flat_map(|step| step.split("&&"));
    let last = steps.map(str::trim).filter(|step| !step.is_empty()).last().unwrap_or_default();
    whole_exit(last).unwrap_or_default()
}

/// The seconds that the script sleeps; a sleep in a loop waits for something that is there already.
fn sleeps(script: &str) -> SignedDuration {
    let mut words = script.split([' ', ';', '\n', '&']).filter(|word| !word.is_empty());
    let mut total = SignedDuration::ZERO;
    while let Some(word) = words.next() {
        match word {
            "while" | "until" | "for" => return SignedDuration::ZERO,
            "sleep" | "/bin/sleep" => {
                let slept = words.next().and_then(parse_duration).unwrap_or_default();
                total = total.saturating_add(slept);
            }
            _ => {}
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course_of(command: &[&str], always: bool) -> String {
        let command = Some(command.iter().map(ToString::to_string).collect());
        match course(&Container { command, ..Container::default() }, always) {
            Course::Runs { .. } => "runs".to_owned(),
            Course::Ends { after, code } => format!("ends with {code} after {}s", after.as_secs()),
        }
    }

    #[test]
    fn servers_run_and_tasks_end() {
        let check = |command: &[&str], task: &str, server: &str| {
            assert_eq!(course_of(command, false), task, "{command:?} as a task");
            assert_eq!(course_of(command, true), server, "{command:?} as a server");
        };
        check(&[], "ends with 0 after 0s", "runs");
        check(&["true"], "ends with 0 after 0s", "ends with 0 after 0s");
        check(&["false"], "ends with 1 after 0s", "ends with 1 after 0s");
        check(&["sh", "-c", "exit 3"], "ends with 3 after 0s", "ends with 3 after 0s");
        check(&["sh", "-c", "echo hi; exit 2"], "ends with 2 after 0s", "runs");
        check(&["sh", "-c", "server || exit 1"], "ends with 0 after 0s", "runs");
        check(&["rails", "db:migrate"], "ends with 0 after 0s", "runs");
        check(&["sleep", "30"], "ends with 0 after 30s", "runs");
        check(&["sh", "-c", "sleep 2 && sleep 1m; false"], "ends with 1 after 62s", "runs");
        check(&["sh", "-c", "until nc -z db 1; do sleep 5; done"], "ends with 0 after 0s", "runs");
        check(&["tail", "-f", "/dev/null"], "runs", "runs");
    }

    #[test]
    fn durations_have_units() {
        let seconds = |text| parse_duration(text).map(|duration| duration.as_secs_f64());
        assert_eq!(seconds("500ms"), Some(0.5));
        assert_eq!(seconds("2"), Some(2.0));
        assert_eq!(seconds("3m"), Some(180.0));
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds(""), None);
        assert_eq!(seconds("99999999999999999999h"), None);
        assert_eq!(seconds("9223372036854775807h"), None);
    }
}
