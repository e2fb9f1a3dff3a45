//! How an image is built.

use super::check_services;

#[test]
fn build_merges_key_by_key() {
    check_services(&[
        (
            "every kind of list",
            "build: {context: ., args: [FOO=BAR], tags: ['i:t'], platforms: [linux/amd64],
                     extra_hosts: ['some=162.242.195.82', 'other=50.31.209.229']}, platform: linux/amd64",
            "build: {args: [COMMIT=c], tags: ['i:t', 'r/i:o'], platforms: [linux/arm64, linux/amd64],
                     extra_hosts: ['other=50.31.209.230', 'six=::1']}",
            "build",
            "{context: <DIR>, dockerfile: Dockerfile, args: {FOO: BAR, COMMIT: c}, tags: ['i:t', 'r/i:o'],
              platforms: [linux/amd64, linux/arm64],
              extra_hosts: [some=162.242.195.82, other=50.31.209.229, other=50.31.209.230, 'six=::1']}",
        ),
        (
            "contexts by their name",
            "build: {context: ., additional_contexts: [resources=/r, app=docker-image://my-app:latest]}",
            "build: {additional_contexts: {app: 'docker-image://new-app:latest', source: 'https://h/u/p.git'}}",
            "build.additional_contexts",
            "{resources: /r, app: 'docker-image://new-app:latest', source: 'https://h/u/p.git'}",
        ),
        (
            "contexts: a mapping over a list",
            "build: {context: ., additional_contexts: [a=/a, b=/b]}",
            "build: {additional_contexts: {b: /c}}",
            "build.additional_contexts",
            "{a: /a, b: /c}",
        ),
        (
            "contexts: a list over a mapping",
            "build: {context: ., additional_contexts: {a: /a, b: /b}}",
            "build: {additional_contexts: [b=/c]}",
            "build.additional_contexts",
            "{a: /a, b: /c}",
        ),
        (
            "contexts: a list over a list",
            "build: {context: ., additional_contexts: [a=/a, b=/b]}",
            "build: {additional_contexts: [b=/c, d=/d]}",
            "build.additional_contexts",
            "{a: /a, b: /c, d: /d}",
        ),
        (
            "contexts: a mapping over a mapping",
            "build: {context: ., additional_contexts: {a: /a, b: /b}}",
            "build: {additional_contexts: {b: /c}}",
            "build.additional_contexts",
            "{a: /a, b: /c}",
        ),
        (
            "the same host twice",
            "build: {context: ., extra_hosts: [a=1.1.1.1]}",
            "build: {extra_hosts: [a=1.1.1.1, a=2.2.2.2]}",
            "build.extra_hosts",
            "[a=1.1.1.1, a=2.2.2.2]",
        ),
        ("a text is the context", "build: .", "build: {context: src}", "build.context", "<DIR>/src"),
        ("also in the override", "build: {target: t}", "build: src", "build.context", "<DIR>/src"),
        ("which keeps the rest", "build: {target: t}", "build: src", "build.target", "t"),
        ("a text over a text", "build: a", "build: b", "build.context", "<DIR>/b"),
        ("keys of the agent", "build: {ssh: [default]}", "build: {ssh: [k=/k]}", "build.ssh", "{default: , k: /k}"),
        ("filters add up", "build: {no_cache_filter: [a]}", "build: {no_cache_filter: [b]}", "build.no_cache_filter", "[a, b]"),
        ("one filter replaces one", "build: {no_cache_filter: a}", "build: {no_cache_filter: b}", "build.no_cache_filter", "[b]"),
        ("limits", "build: {ulimits: {n: {soft: 1, hard: 2}}}", "build: {ulimits: {n: {hard: 3}}}", "build.ulimits", "{n: {soft: 1, hard: 3}}"),
    ]);
}
