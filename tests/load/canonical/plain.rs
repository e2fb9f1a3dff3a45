//! Attributes that have one form, each with its value as it comes out.

use super::{check, web, wrong};

#[test]
fn texts_stay_as_they_are() {
    let rows: &[(&str, &str)] = &[
        ("cgroup", "private"),
        ("cgroup_parent", "m-executor-abcd"),
        ("container_name", "my-web-container"),
        ("cpuset", "'0,1'"),
        ("domainname", "foo.com"),
        ("hostname", "foo"),
        ("ipc", "host"),
        ("isolation", "process"),
        ("mac_address", "02:42:ac:11:65:43"),
        ("network_mode", "container:0cfeab0f748b"),
        ("pid", "host"),
        ("platform", "linux/amd64"),
        ("pull_policy", "every_2d"),
        ("pull_refresh_after", "1h"),
        ("restart", "always"),
        ("runtime", "nvidia"),
        ("stop_signal", "SIGUSR1"),
        ("user", "someone"),
        ("userns_mode", "host"),
        ("uts", "host"),
        ("working_dir", "/code"),
        ("credential_spec", "{config: 0bt9dmxjvjiqermk6xrop3ekq}"),
        ("credential_spec", "{registry: key}"),
    ];
    same(rows);
}

#[test]
fn numbers_and_booleans_stay_as_they_are() {
    same(&[
        ("attach", "false"),
        ("attach", "true"),
        ("init", "false"),
        ("init", "true"),
        ("oom_kill_disable", "true"),
        ("oom_score_adj", "500"),
        ("pids_limit", "100"),
        ("pids_limit", "-1"),
        ("privileged", "true"),
        ("read_only", "true"),
        ("scale", "3"),
        ("stdin_open", "true"),
        ("tty", "true"),
        ("use_api_socket", "true"),
    ]);
}

#[test]
fn lists_stay_as_they_are() {
    same(&[
        ("cap_add", "[ALL]"),
        ("cap_drop", "[NET_ADMIN, SYS_ADMIN]"),
        ("device_cgroup_rules", "['c 1:3 mr', 'a 7:* rmw']"),
        ("dns_opt", "[use-vc, no-tld-query]"),
        ("external_links", "[redis_1, 'project_db_1:mysql', 'project_db_1:postgresql']"),
        ("group_add", "[mail, '0']"),
        ("security_opt", "['label=level:s0:c100,c200', 'label=type:svirt_apache_t']"),
        ("volumes_from", "['container:bar', 'container:foo:ro']"),
    ]);
}

/// Each attribute alone, with the same value in front and behind.
fn same(rows: &[(&str, &str)]) {
    let lines: Vec<String> =
        rows.iter().map(|(attribute, value)| format!("{attribute}: {value}")).collect();
    let values: Vec<[(&str, &str); 1]> = rows.iter().map(|row| [*row]).collect();
    let rows: Vec<_> =
        lines.iter().zip(&values).map(|(line, values)| web(line, line, values)).collect();
    check(&rows);
}

#[test]
fn the_words_of_a_policy_are_checked() {
    check(&[
        web(
            "the same under two names",
            "pull_policy: if_not_present",
            &[("pull_policy", "missing")],
        ),
        web("of nothing", "pull_policy: daily", &[("pull_policy", "daily")]),
        wrong(
            "an unknown word",
            "pull_policy: neverxxx",
            &["LS0205 4:18 pull_policy: must be `always`, `never`, `missing`"],
        ),
        wrong(
            "a namespace that is none",
            "cgroup: service:db",
            &["LS0205 4:13 cgroup: must be `host` or `private`, but is `service:db`"],
        ),
        wrong(
            "a word that is no cgroup",
            "cgroup: hots",
            &["LS0205 4:13 cgroup: must be `host` or `private`, but is `hots`"],
        ),
    ]);
}
