use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};

use super::cluster::Apply;
use super::kinds::{is_workload, kind_of};
use super::observe::CONCURRENCY;
use super::wait::Waiter;
use super::{Action, Change, Cluster, Error, Id, Operation, Plan, Progress, Stage, Step};
use crate::kubernetes::{Gate, GateCondition, Object, labels};

/// How a plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpOptions {
    /// How long all waits may take together.
    pub wait_timeout: Duration,
}

/// Carries a plan out stage by stage, and waits until all workloads are ready.
pub async fn execute(
    cluster: &Cluster,
    plan: &Plan,
    options: UpOptions,
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    let mut waiter = Waiter::new(cluster, &plan.target, options.wait_timeout);
    let namespace = &plan.target.namespace;
    for Stage { operations, gates, .. } in &plan.stages {
        // Kinds stand in apply order: what a workload needs is there before it.
        for operations in operations.chunk_by(|a, b| a.object.kind() == b.object.kind()) {
            let left = waiter.left();
            let mut answers = stream::iter(operations)
                .map(|operation| carry_out(cluster, namespace, operation, left))
                .buffered(CONCURRENCY);
            while let Some(answer) = answers.next().await {
                let (change, object) = answer?;
                progress.change(&change);
                if let Some(object) = object {
                    waiter.expect(&object);
                }
            }
        }
        waiter.until_open(gates, progress).await?;
    }
    waiter.until_settled(&all_workloads(plan), progress).await
}

/// Does one operation; gives what to show, and the object as the cluster has it now.
async fn carry_out(
    cluster: &Cluster,
    namespace: &str,
    operation: &Operation,
    timeout: Duration,
) -> Result<(Change, Option<Object>), Error> {
    let Operation { action, cause, object } = operation;
    let kind = kind_of(object)?;
    let id = Id::of(object);
    let detail = match action {
        Action::Keep | Action::Delete | Action::Replace => cause.to_string(),
        Action::Create | Action::Apply | Action::Leave => String::new(),
    };
    let (step, answer) = match action {
        Action::Leave => (Step::Unchanged, Some(object.clone())),
        Action::Keep => (Step::Kept, None),
        Action::Delete => {
            cluster.delete(kind, namespace, object.name()).await?;
            (Step::Deleted, None)
        }
        Action::Create if kind.kind == "Namespace" => {
            // There may be one that is on its way out.
            if let Some(leaving) = cluster.get(kind, "", object.name()).await? {
                cluster.wait_until_gone(kind, "", &leaving, timeout).await?;
            }
            (Step::Created, Some(apply(cluster, namespace, object).await?))
        }
        Action::Create => (Step::Created, Some(apply(cluster, namespace, object).await?)),
        Action::Apply => (Step::Configured, Some(apply(cluster, namespace, object).await?)),
        Action::Replace => {
            cluster.delete_and_wait(kind, namespace, object.name(), timeout).await?;
            (Step::Replaced, Some(apply(cluster, namespace, object).await?))
        }
    };
    let service = object.label(labels::NAME).map(str::to_owned);
    Ok((Change { id, service, step, detail }, answer))
}

async fn apply(cluster: &Cluster, namespace: &str, object: &Object) -> Result<Object, Error> {
    let kind = kind_of(object)?;
    match cluster.apply(kind, namespace, object, Apply::Really).await {
        Ok(answer) => Ok(answer),
        Err(error @ kube::Error::Api(_)) => Err(Error::refused(Id::of(object), &error)),
        Err(error) => Err(cluster.error(format!("apply `{}`", Id::of(object)), error)),
    }
}

/// What must be ready in the end: every workload that the plan does not delete. One that is waited
/// for, but by nobody who requires it, may fail.
fn all_workloads(plan: &Plan) -> Vec<Gate> {
    let wanted = plan.operations().filter(|operation| {
        is_workload(&operation.object) && !matches!(operation.action, Action::Delete | Action::Keep)
    });
    wanted
        .map(|Operation { object, .. }| Gate {
            kind: object.kind().to_owned(),
            name: object.name().to_owned(),
            until: match object.kind() {
                "Job" => GateCondition::Complete,
                _ => GateCondition::Ready,
            },
            required: is_required(plan, &Id::of(object)),
        })
        .collect()
}

fn is_required(plan: &Plan, id: &Id) -> bool {
    let mut gates = plan
        .stages
        .iter()
        .flat_map(|stage| &stage.gates)
        .filter(|gate| gate.kind == id.kind && gate.name == id.name)
        .peekable();
    gates.peek().is_none() || gates.any(|gate| gate.required)
}
