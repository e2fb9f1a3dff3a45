//! `command`, `entrypoint`, `healthcheck`.

use super::{check, web, wrong};

#[test]
fn a_text_is_split_into_words() {
    check(&[
        web(
            "at blanks",
            "command: bundle exec thin -p 3000",
            &[("command", "[bundle, exec, thin, -p, '3000']")],
        ),
        web(
            "a list stays",
            "command: [bundle, exec, 'thin -p 3000']",
            &[("command", "[bundle, exec, thin -p 3000]")],
        ),
        web(
            "an entrypoint too",
            "entrypoint: /code/entrypoint.sh -p 3000",
            &[("entrypoint", "[/code/entrypoint.sh, -p, '3000']")],
        ),
        web(
            "nothing is an empty command, null is none",
            "command: ''\nentrypoint:",
            &[("command", "[]"), ("entrypoint", "")],
        ),
        web(
            "quotes keep words together",
            "command: sh -c 'echo \"a b\"' \"c d\" e\\ f ''",
            &[("command", "[sh, -c, 'echo \"a b\"', c d, e f, '']")],
        ),
        web(
            "variables of the container stay",
            "command: echo $$HOME $${X:-a}",
            &[("command", "[echo, $HOME, '${X:-a}']")],
        ),
        web(
            "a substitution is one word",
            "command: echo $$(date -u) `date -u`",
            &[("command", "[echo, $(date -u), '`date -u`']")],
        ),
        web(
            "escapes of lines and tabs",
            "command: 'a\\nb c\\td'",
            &[("command", "[\"a\\nb\", \"c\\td\"]")],
        ),
        web("a hash is no comment", "command: 'echo # c'", &[("command", "[echo, '#', c]")]),
        web(
            "what only a shell understands is left out",
            "command: echo a && echo b",
            &[("command", "[echo, a]")],
        )
        .with(&["LS0205 4:14 command: no shell runs a command: `&& echo b` is left out"]),
        web("with its number", "entrypoint: run 2>&1", &[("entrypoint", "[run]")])
            .with(&["LS0205 4:17 entrypoint: `2>&1` is left out"]),
        wrong("an open quote", "command: echo 'a", &["LS0205 4:14 command: a quote is not closed"]),
        wrong(
            "a parenthesis",
            "command: (a)",
            &["LS0205 4:14 command: a parenthesis stands outside quotes"],
        ),
    ]);
}

#[test]
fn a_healthcheck_runs_in_a_shell_or_as_words() {
    check(&[
        web(
            "a text runs in a shell",
            "healthcheck: {test: echo \"hello world\", interval: 10s, timeout: 1s, retries: 5, \
             start_period: 15s, start_interval: 5s}",
            &[(
                "healthcheck",
                "{test: [CMD-SHELL, 'echo \"hello world\"'], interval: 10s, timeout: 1s, retries: 5, \
                 start_period: 15s, start_interval: 5s}",
            )],
        ),
        web(
            "a list stays",
            "healthcheck: {test: [CMD, curl, -f, localhost]}",
            &[("healthcheck.test", "[CMD, curl, -f, localhost]")],
        ),
        web(
            "numbers and booleans may be texts",
            "healthcheck: {test: a, retries: '5', disable: 'false'}",
            &[("healthcheck.retries", "5")],
        ),
        wrong(
            "durations are texts",
            "healthcheck: {test: a, interval: 5}",
            &["LS0203 4:38 healthcheck.interval: must be a string, but is a number"],
        ),
        wrong(
            "durations have a unit",
            "healthcheck: {test: a, interval: '5'}",
            &[
                "LS0205 4:38 healthcheck.interval: must be a duration such as `90s` or `1m30s`, but is `5`",
            ],
        ),
        wrong(
            "durations are not empty",
            "healthcheck: {test: a, interval: ''}",
            &["LS0205 4:38 healthcheck.interval: must be a duration"],
        ),
        wrong(
            "retries are a number",
            "healthcheck: {test: a, retries: many}",
            &["LS0205 4:37 healthcheck.retries: must be a whole number, but is `many`"],
        ),
    ]);
}
