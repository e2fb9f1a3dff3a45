use crate::model::{
    Deploy, DeployMode, EndpointMode, Placement, Preference, Resource, Resources, RestartCondition,
    RestartPolicy, UpdateConfig, UpdateOrder,
};

use super::fields::Fields;

/// Binds `deploy`.
pub(super) fn deploy(fields: &mut Fields<'_, '_>) -> Deploy {
    const MODES: [(&str, DeployMode); 4] = [
        ("replicated", DeployMode::Replicated),
        ("global", DeployMode::Global),
        ("replicated-job", DeployMode::ReplicatedJob),
        ("global-job", DeployMode::GlobalJob),
    ];
    const ENDPOINT_MODES: [(&str, EndpointMode); 2] =
        [("vip", EndpointMode::Vip), ("dnsrr", EndpointMode::Dnsrr)];
    Deploy {
        mode: fields.word("mode", &MODES),
        endpoint_mode: fields.word("endpoint_mode", &ENDPOINT_MODES),
        replicas: fields.integer("replicas"),
        labels: fields.pairs("labels"),
        placement: fields.fields("placement", placement).unwrap_or_default(),
        resources: fields.fields("resources", resources).unwrap_or_default(),
        restart_policy: fields.fields("restart_policy", restart_policy),
        update_config: fields.fields("update_config", update_config),
    }
}

fn placement(fields: &mut Fields<'_, '_>) -> Placement {
    Placement {
        constraints: fields.strings("constraints"),
        preferences: fields.items("preferences", |fields| {
            Some(Preference { spread: fields.string("spread").unwrap_or_default() })
        }),
        max_replicas_per_node: fields.integer("max_replicas_per_node"),
    }
}

fn resources(fields: &mut Fields<'_, '_>) -> Resources {
    Resources {
        limits: fields.fields("limits", resource).unwrap_or_default(),
        reservations: fields.fields("reservations", resource).unwrap_or_default(),
    }
}

fn resource(fields: &mut Fields<'_, '_>) -> Resource {
    Resource {
        cpus: fields.float("cpus"),
        memory: fields.bytes("memory"),
        pids: fields.integer("pids"),
    }
}

fn restart_policy(fields: &mut Fields<'_, '_>) -> RestartPolicy {
    const CONDITIONS: [(&str, RestartCondition); 3] = [
        ("none", RestartCondition::None),
        ("on-failure", RestartCondition::OnFailure),
        ("any", RestartCondition::Any),
    ];
    RestartPolicy {
        condition: fields.word("condition", &CONDITIONS).unwrap_or(RestartCondition::Any),
        max_attempts: fields.integer("max_attempts"),
    }
}

fn update_config(fields: &mut Fields<'_, '_>) -> UpdateConfig {
    const ORDERS: [(&str, UpdateOrder); 2] =
        [("start-first", UpdateOrder::StartFirst), ("stop-first", UpdateOrder::StopFirst)];
    UpdateConfig {
        parallelism: fields.integer("parallelism"),
        delay: fields.duration("delay"),
        order: fields.word("order", &ORDERS),
    }
}
