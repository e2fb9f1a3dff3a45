//! `deploy`.

use super::{check, web, wrong};

#[test]
fn numbers_may_be_texts_where_they_are_cast() {
    check(&[
        web(
            "mode and replicas",
            "deploy: {mode: replicated, replicas: '6', labels: [FOO=BAR], endpoint_mode: dnsrr}",
            &[(
                "deploy",
                "{mode: replicated, replicas: 6, labels: {FOO: BAR}, endpoint_mode: dnsrr}",
            )],
        ),
        web(
            "updates",
            "deploy: {update_config: {parallelism: '3', delay: 10s, failure_action: continue, monitor: 60s, \
             max_failure_ratio: '0.3', order: start-first}}",
            &[(
                "deploy.update_config",
                "{parallelism: 3, delay: 10s, failure_action: continue, monitor: 1m0s, \
                 max_failure_ratio: 0.3, order: start-first}",
            )],
        ),
        web(
            "their way back",
            "deploy: {rollback_config: {parallelism: 3, delay: 10s, failure_action: continue, monitor: 60s, \
             max_failure_ratio: 0.3, order: start-first}}",
            &[(
                "deploy.rollback_config",
                "{parallelism: 3, delay: 10s, failure_action: continue, monitor: 1m0s, \
                 max_failure_ratio: 0.3, order: start-first}",
            )],
        ),
        web(
            "resources",
            "deploy: {resources: {limits: {cpus: '0.001', memory: 50M, pids: 100}, \
             reservations: {cpus: 0.0001, memory: 20M, \
             generic_resources: [{discrete_resource_spec: {kind: gpu, value: 2}}]}}}",
            &[
                ("deploy.resources.limits", "{cpus: 0.001, memory: '52428800', pids: 100}"),
                (
                    "deploy.resources.reservations",
                    "{cpus: 0.0001, memory: '20971520', \
                      generic_resources: [{discrete_resource_spec: {kind: gpu, value: 2}}]}",
                ),
            ],
        ),
        web(
            "restarts",
            "deploy: {restart_policy: {condition: on-failure, delay: 5s, max_attempts: '3', window: 120s}}",
            &[(
                "deploy.restart_policy",
                "{condition: on-failure, delay: 5s, max_attempts: 3, window: 2m0s}",
            )],
        ),
        web(
            "places",
            "deploy: {placement: {constraints: [node=foo], max_replicas_per_node: '5', \
             preferences: [{spread: node.labels.az}]}}",
            &[(
                "deploy.placement",
                "{constraints: [node=foo], max_replicas_per_node: 5, \
                 preferences: [{spread: node.labels.az}]}",
            )],
        ),
        web(
            "unknown modes mean nothing",
            "deploy: {mode: all, endpoint_mode: dns}",
            &[("deploy.mode", ""), ("deploy.endpoint_mode", "")],
        )
        .with(&[
            "LS0205 4:20 deploy.mode: is `all`, which means nothing and is left out",
            "LS0205 4:40 deploy.endpoint_mode: is `dns`, which means nothing and is left out",
        ]),
        wrong(
            "no number",
            "deploy: {replicas: many}",
            &["LS0205 4:24 deploy.replicas: must be a whole number, but is `many`"],
        ),
        wrong(
            "no processors",
            "deploy: {resources: {limits: {cpus: abc}}}",
            &["LS0205 4:41 deploy.resources.limits.cpus: must be a number, but is `abc`"],
        ),
        wrong(
            "no size",
            "deploy: {resources: {limits: {memory: many}}}",
            &[
                "LS0205 4:43 deploy.resources.limits.memory: must be a size such as `64m` or `1.5gb`",
            ],
        ),
        wrong(
            "no order",
            "deploy: {update_config: {order: first}}",
            &["LS0205 4:37 deploy.update_config.order: must be `start-first` or `stop-first`"],
        ),
        wrong(
            "memory is a text",
            "deploy: {resources: {limits: {memory: 5000}}}",
            &["LS0203 4:43 deploy.resources.limits.memory: must be a string, but is a number"],
        ),
    ]);
}
