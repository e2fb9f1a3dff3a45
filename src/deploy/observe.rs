use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::changes::changed_fields;
use super::cluster::Apply;
use super::error::{explain, has_code};
use super::fields::value;
use super::kinds::{kind_of, known, project_kinds};
use super::{Cluster, Delivery, Error, Id, Refusal, Target};
use crate::kubernetes::{Kind, Object};

/// How many requests are on their way at once.
pub(super) const CONCURRENCY: usize = 8;

/// What the cluster has of a project, before anything is changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// The namespace, when it exists.
    pub namespace: Option<Object>,
    /// The objects that longshore made for the project.
    pub objects: BTreeMap<Id, Object>,
    /// What applying each object of the application would do; empty while there is no namespace.
    pub effects: BTreeMap<Id, Effect>,
}

/// What applying an object would do, as the cluster says itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Create it.
    Created,
    /// Nothing.
    Unchanged,
    /// Change these fields.
    Changed(Vec<String>),
    /// It cannot: these fields never change.
    Immutable(Vec<String>),
    /// The cluster cannot tell without doing it.
    Unknown,
}

/// Looks at the project in the cluster and lets the cluster try the delivery, changing nothing.
pub async fn observe(cluster: &Cluster, delivery: &Delivery) -> Result<Observed, Error> {
    let Target { project, namespace } = &delivery.target;
    let mut observed = Observed {
        // One that is on its way out takes all that is in it along: as good as gone.
        namespace: cluster
            .get(known("v1", "Namespace"), "", namespace)
            .await?
            .filter(|found| value(found, "metadata.deletionTimestamp").is_none()),
        ..Observed::default()
    };
    if observed.namespace.is_none() {
        return Ok(observed);
    }
    observed.objects = project_objects(cluster, &delivery.target).await?;
    let foreign = foreign_objects(cluster, delivery, &observed.objects).await?;
    if !foreign.is_empty() {
        return Err(Error::Foreign {
            namespace: namespace.clone(),
            project: project.clone(),
            objects: foreign,
        });
    }
    observed.effects = effects(cluster, delivery, &observed.objects).await?;
    Ok(observed)
}

/// What longshore made for the project; what belongs to another object (the Jobs of a `CronJob`
/// carry the labels too) goes with its owner and is left out.
pub(super) async fn project_objects(
    cluster: &Cluster,
    target: &Target,
) -> Result<BTreeMap<Id, Object>, Error> {
    let selector = target.selector();
    let lists: Vec<Vec<Object>> = stream::iter(project_kinds())
        .map(|kind| cluster.list(kind, &target.namespace, &selector))
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    let own = lists.into_iter().flatten().filter(|object| owners(object).next().is_none());
    Ok(own.map(|object| (Id::of(&object), object)).collect())
}

/// The uids of `metadata.ownerReferences`.
pub(super) fn owners(object: &Object) -> impl Iterator<Item = &str> {
    object
        .fields()
        .get("metadata")
        .and_then(|metadata| metadata.get("ownerReferences"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|owner| owner.get("uid")?.as_str())
}

/// Objects with our names that do not carry our labels.
async fn foreign_objects(
    cluster: &Cluster,
    delivery: &Delivery,
    own: &BTreeMap<Id, Object>,
) -> Result<Vec<Id>, Error> {
    let unseen = delivery.objects().filter(|object| !own.contains_key(&Id::of(object)));
    stream::iter(unseen)
        .map(|object| async move {
            let kind = kind_of(object)?;
            cluster.get(kind, &delivery.target.namespace, object.name()).await
        })
        .buffered(CONCURRENCY)
        .try_filter_map(|found| async { Ok(found.filter(|found| !delivery.target.owns(found))) })
        .map_ok(|object| Id::of(&object))
        .try_collect()
        .await
}

/// Lets the cluster try each object: all refusals are known before anything is changed.
async fn effects(
    cluster: &Cluster,
    delivery: &Delivery,
    own: &BTreeMap<Id, Object>,
) -> Result<BTreeMap<Id, Effect>, Error> {
    let tries: Vec<(Id, Result<Effect, Refusal>)> = stream::iter(delivery.objects())
        .map(|object| async move {
            let kind = kind_of(object)?;
            let id = Id::of(object);
            let live = own.get(&id);
            let namespace = &delivery.target.namespace;
            let effect = match cluster.apply(kind, namespace, object, Apply::Try).await {
                Ok(after) => Ok(effect_of(live, &after)),
                Err(error) if has_code(&error, 400) => {
                    // A field that the cluster does not know, or a webhook that cannot try: only
                    // the former goes away when unknown fields are let through.
                    match cluster.apply(kind, namespace, object, Apply::TryLeniently).await {
                        Ok(_) => Err(Refusal { object: id.clone(), message: explain(&error) }),
                        Err(_) => Ok(Effect::Unknown),
                    }
                }
                Err(error) => refusal_or_effect(&id, live.is_some(), error)
                    .map_err(|error| cluster.error(format!("apply `{id}` (dry run)"), error))?,
            };
            Ok::<_, Error>((id, effect))
        })
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    let refusals: Vec<Refusal> =
        tries.iter().filter_map(|(_, effect)| effect.as_ref().err().cloned()).collect();
    if !refusals.is_empty() {
        return Err(Error::Refused(refusals));
    }
    Ok(tries.into_iter().filter_map(|(id, effect)| Some((id, effect.ok()?))).collect())
}

fn effect_of(live: Option<&Object>, after: &Object) -> Effect {
    let Some(live) = live else {
        return Effect::Created;
    };
    let before = Value::Object(live.fields().clone());
    let fields = changed_fields(&before, &Value::Object(after.fields().clone()));
    if fields.is_empty() { Effect::Unchanged } else { Effect::Changed(fields) }
}

/// What an error of a dry run means: a field that never changes, or a refusal; anything else is
/// handed back.
fn refusal_or_effect(
    id: &Id,
    exists: bool,
    error: kube::Error,
) -> Result<Result<Effect, Refusal>, kube::Error> {
    let kube::Error::Api(status) = &error else {
        return Err(error);
    };
    let details = status.details.as_ref();
    let fields: Vec<&str> = details
        .into_iter()
        .flat_map(|details| &details.causes)
        .map(|cause| cause.field.as_str())
        .collect();
    match status.code {
        422 if exists
            && !fields.is_empty()
            && fields.iter().all(|field| is_immutable(&id.kind, field)) =>
        {
            let fields = fields.into_iter().map(str::to_owned).collect();
            Ok(Ok(Effect::Immutable(fields)))
        }
        403 | 413 | 422 => Ok(Err(Refusal { object: id.clone(), message: explain(&error) })),
        _ => Err(error),
    }
}

/// The fields by which the API says that an existing object cannot be changed: it names the whole
/// field, where an invalid value is named by its own, deeper path.
fn is_immutable(kind: &str, field: &str) -> bool {
    match kind {
        "Job" => [
            "spec.template",
            "spec.selector",
            "spec.completions",
            "spec.completionMode",
            "spec.podFailurePolicy",
            "spec.backoffLimitPerIndex",
            "spec.managedBy",
            "spec.successPolicy",
        ]
        .contains(&field),
        "Deployment" | "DaemonSet" => field == "spec.selector",
        "StatefulSet" => field == "spec",
        // A volume grows, if its class lets it, but never shrinks.
        "PersistentVolumeClaim" => ["spec", "spec.resources.requests.storage"].contains(&field),
        "Service" => {
            ["spec.clusterIP", "spec.clusterIPs[0]", "spec.ipFamilies[0]"].contains(&field)
        }
        "Secret" => ["type", "data", "immutable"].contains(&field),
        "ConfigMap" => ["data", "binaryData", "immutable"].contains(&field),
        _ => false,
    }
}

/// The kind of a project's objects by name.
pub(super) fn project_kind(name: &str) -> Option<&'static Kind> {
    project_kinds().find(|kind| kind.kind == name)
}
