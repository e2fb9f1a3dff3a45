use crate::model::{Deploy, Reservations, Resources, RestartPolicy, UpdateConfig};
use crate::translate::findings::Site;

use super::outcome::{MEANINGLESS, OptionalPart, Part, TRANSLATED, attributes, no_equivalent};

const KUBELET_RESTART: &str = "the kubelet waits longer after each failure, up to five minutes";

/// Reports the attributes of `deploy`.
pub(super) fn report_deploy(deploy: &Deploy, site: &Site) {
    attributes!(site, deploy => Deploy {
        endpoint_mode: TRANSLATED,
        extensions: MEANINGLESS,
        labels: TRANSLATED,
        mode: TRANSLATED,
        placement: TRANSLATED,
        replicas: TRANSLATED,
        resources: Part(report_resources),
        restart_policy: OptionalPart(report_restart_policy),
        rollback_config: no_equivalent(
            "roll back with `kubectl rollout undo`; it uses the same strategy as an update"
        ),
        update_config: OptionalPart(report_update_config),
    });
}

fn report_resources(resources: &Resources, site: &Site) {
    attributes!(site, resources => Resources {
        extensions: MEANINGLESS,
        limits: TRANSLATED,
        reservations: Part(report_reservations),
    });
}

fn report_reservations(reservations: &Reservations, site: &Site) {
    attributes!(site, reservations => Reservations {
        cpus: TRANSLATED,
        devices: TRANSLATED,
        extensions: MEANINGLESS,
        generic_resources: TRANSLATED,
        memory: TRANSLATED,
    });
}

fn report_restart_policy(policy: &RestartPolicy, site: &Site) {
    attributes!(site, policy => RestartPolicy {
        condition: TRANSLATED,
        delay: no_equivalent(KUBELET_RESTART),
        extensions: MEANINGLESS,
        max_attempts: TRANSLATED,
        window: no_equivalent(KUBELET_RESTART),
    });
}

fn report_update_config(update: &UpdateConfig, site: &Site) {
    attributes!(site, update => UpdateConfig {
        delay: TRANSLATED,
        extensions: MEANINGLESS,
        failure_action: no_equivalent(
            "an update that fails stops where it is; go back with `kubectl rollout undo`"
        ),
        max_failure_ratio: no_equivalent(
            "an update stops at the first pod that does not become ready"
        ),
        monitor: TRANSLATED,
        order: TRANSLATED,
        parallelism: TRANSLATED,
    });
}
