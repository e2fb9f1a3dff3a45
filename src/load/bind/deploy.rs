use crate::model::{
    Deploy, DeployMode, DiscreteResource, EndpointMode, GenericResource, Limits, Placement,
    Preference, Reservations, Resources, RestartCondition, RestartPolicy, UpdateConfig,
    UpdateOrder,
};

use super::device::device_request;
use super::fields::Fields;

/// Binds `deploy`.
pub(super) fn deploy(fields: &mut Fields<'_>) -> Deploy {
    const MODES: [(&str, DeployMode); 4] = [
        ("replicated", DeployMode::Replicated),
        ("global", DeployMode::Global),
        ("replicated-job", DeployMode::ReplicatedJob),
        ("global-job", DeployMode::GlobalJob),
    ];
    const ENDPOINT_MODES: [(&str, EndpointMode); 2] =
        [("vip", EndpointMode::Vip), ("dnsrr", EndpointMode::Dnsrr)];
    Deploy {
        mode: fields.unread_word("mode", &MODES),
        endpoint_mode: fields.unread_word("endpoint_mode", &ENDPOINT_MODES),
        replicas: fields.integer("replicas"),
        labels: fields.pairs("labels"),
        placement: fields.fields("placement", placement).unwrap_or_default(),
        resources: fields.fields("resources", resources).unwrap_or_default(),
        restart_policy: fields.fields("restart_policy", restart_policy),
        rollback_config: fields.fields("rollback_config", update_config),
        update_config: fields.fields("update_config", update_config),
        extensions: fields.extensions(),
    }
}

fn placement(fields: &mut Fields<'_>) -> Placement {
    Placement {
        constraints: fields.strings("constraints"),
        preferences: fields.items("preferences", |fields| {
            Some(Preference {
                spread: fields.string("spread").unwrap_or_default(),
                extensions: fields.extensions(),
            })
        }),
        max_replicas_per_node: fields.integer("max_replicas_per_node"),
        extensions: fields.extensions(),
    }
}

fn resources(fields: &mut Fields<'_>) -> Resources {
    Resources {
        limits: fields.fields("limits", limits).unwrap_or_default(),
        reservations: fields.fields("reservations", reservations).unwrap_or_default(),
        extensions: fields.extensions(),
    }
}

fn limits(fields: &mut Fields<'_>) -> Limits {
    Limits {
        cpus: fields.float("cpus"),
        memory: fields.bytes("memory"),
        pids: fields.integer("pids"),
        extensions: fields.extensions(),
    }
}

fn reservations(fields: &mut Fields<'_>) -> Reservations {
    Reservations {
        cpus: fields.float("cpus"),
        memory: fields.bytes("memory"),
        generic_resources: fields.items("generic_resources", |fields| {
            Some(GenericResource {
                discrete_resource_spec: fields.fields("discrete_resource_spec", discrete_resource),
                extensions: fields.extensions(),
            })
        }),
        devices: fields.items("devices", |fields| Some(device_request(fields))),
        extensions: fields.extensions(),
    }
}

fn discrete_resource(fields: &mut Fields<'_>) -> DiscreteResource {
    DiscreteResource {
        kind: fields.string("kind"),
        value: fields.integer("value"),
        extensions: fields.extensions(),
    }
}

fn restart_policy(fields: &mut Fields<'_>) -> RestartPolicy {
    const CONDITIONS: [(&str, RestartCondition); 3] = [
        ("none", RestartCondition::None),
        ("on-failure", RestartCondition::OnFailure),
        ("any", RestartCondition::Any),
    ];
    RestartPolicy {
        condition: fields.word("condition", &CONDITIONS).unwrap_or(RestartCondition::Any),
        delay: fields.duration("delay"),
        max_attempts: fields.integer("max_attempts"),
        window: fields.duration("window"),
        extensions: fields.extensions(),
    }
}

fn update_config(fields: &mut Fields<'_>) -> UpdateConfig {
    const ORDERS: [(&str, UpdateOrder); 2] =
        [("start-first", UpdateOrder::StartFirst), ("stop-first", UpdateOrder::StopFirst)];
    UpdateConfig {
        parallelism: fields.integer("parallelism"),
        delay: fields.duration("delay"),
        failure_action: fields.string("failure_action"),
        monitor: fields.duration("monitor"),
        max_failure_ratio: fields.float("max_failure_ratio"),
        order: fields.word("order", &ORDERS),
        extensions: fields.extensions(),
    }
}
