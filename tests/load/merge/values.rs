//! Commands, logs, limits and single values.

use super::check_services;

#[test]
fn commands_are_replaced() {
    check_services(&[
        ("a list", "command: [a, b]", "command: [c]", "command", "[c]"),
        ("a text", "command: a b", "command: c d", "command", "[c, d]"),
        ("null clears", "command: [a]", "command: null", "command", ""),
        ("null clears an entry point", "entrypoint: [a]", "entrypoint: null", "entrypoint", ""),
        ("entry points", "entrypoint: [a, b]", "entrypoint: c", "entrypoint", "[c]"),
        ("an empty one stays", "entrypoint: [a]", "entrypoint: []", "entrypoint", "[]"),
        (
            "tests",
            "healthcheck: {test: [CMD, a], retries: 1}",
            "healthcheck: {test: b}",
            "healthcheck",
            "{test: [CMD-SHELL, b], retries: 1}",
        ),
    ]);
}

#[test]
fn options_of_a_log_count_with_their_driver() {
    check_services(&[
        (
            "the same driver",
            "logging: {driver: syslog, options: {address: a, tag: t}}",
            "logging: {driver: syslog, options: {address: b}}",
            "logging",
            "{driver: syslog, options: {address: b, tag: t}}",
        ),
        (
            "another driver",
            "logging: {driver: local, options: {max-size: 10m}}",
            "logging: {driver: syslog, options: {address: b}}",
            "logging",
            "{driver: syslog, options: {address: b}}",
        ),
        (
            "no driver",
            "logging: {options: {max-size: 10m}}",
            "logging: {options: {max-file: 3}}",
            "logging.options",
            "{max-size: 10m, max-file: '3'}",
        ),
        (
            "only one names it",
            "logging: {options: {max-size: 10m}}",
            "logging: {driver: local}",
            "logging",
            "{driver: local, options: {max-size: 10m}}",
        ),
    ]);
}

#[test]
fn limits_merge_when_both_have_sides() {
    check_services(&[
        (
            "all four ways",
            "ulimits: {a: 100, b: 100, c: {soft: 100, hard: 200}, d: {soft: 100, hard: 200}, e: {soft: 1, hard: 2}}",
            "ulimits: {a: 500, b: {soft: 500, hard: 600}, c: 500, d: {hard: 500}, e: {soft: 2, hard: 4}}",
            "ulimits",
            "{a: 500, b: {soft: 500, hard: 600}, c: 500, d: {soft: 100, hard: 500}, e: {soft: 2, hard: 4}}",
        ),
        ("null leaves all alone", "ulimits: {a: 1}", "ulimits: null", "ulimits", "{a: 1}"),
    ]);
}

#[test]
fn scalars_are_replaced() {
    check_services(&[
        ("an image", "scale: 1", "image: bar, scale: 2", "image", "bar"),
        ("a number", "scale: 1", "scale: 2", "scale", "2"),
        ("a text over a number", "mem_limit: 1", "mem_limit: 256m", "mem_limit", "'268435456'"),
        ("a number over a text", "mem_limit: 256m", "mem_limit: 1", "mem_limit", "'1'"),
        ("null leaves them alone", "hostname: a", "hostname: null", "hostname", "a"),
        ("also by a mapping or a list", "x-a: 1, x-b: 2", "x-a: {b: c}, x-b: [d]", "x-a", "{b: c}"),
        (
            "mappings keep what is not named",
            "x-a: {b: 1, c: {d: 2}}",
            "x-a: {c: {e: 3}}",
            "x-a",
            "{b: 1, c: {d: 2, e: 3}}",
        ),
        ("a boolean", "init: true", "init: false", "init", "false"),
        (
            "devices one by one",
            "gpus: [{count: 2}]",
            "gpus: all",
            "gpus",
            "[{count: 2}, {count: all}]",
        ),
        ("all devices twice", "gpus: all", "gpus: all", "gpus", "[{count: all}]"),
        (
            "a list over the short form",
            "gpus: all",
            "gpus: [{count: 2}]",
            "gpus",
            "[{count: all}, {count: 2}]",
        ),
    ]);
}
