use serde_json::json;

use super::{Others, Plan, PlanOptions};
use crate::deploy::{Delivery, Effect, Id, Observed, Target};
use crate::kubernetes::{Application, Gate, GateCondition, Object, Wave};

fn object(api_version: &str, kind: &str, name: &str) -> Object {
    let value = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}});
    Object::new(value.as_object().unwrap().clone()).unwrap()
}

/// A Job that runs before a Deployment with a volume.
fn shop() -> Delivery {
    let gate = |required, until| Gate {
        kind: "Job".to_owned(),
        name: "migrate".to_owned(),
        until,
        required,
    };
    let waves = vec![
        Wave {
            objects: vec![
                object("v1", "PersistentVolumeClaim", "data"),
                object("batch/v1", "Job", "migrate"),
            ],
            gates: vec![gate(true, GateCondition::Complete), gate(false, GateCondition::Started)],
        },
        Wave { objects: vec![object("apps/v1", "Deployment", "web")], gates: vec![] },
    ];
    let application = Application { project: "shop".to_owned(), waves };
    Delivery::new(application, Target::new("shop", None)).unwrap()
}

fn observed(objects: Vec<Object>, effects: Vec<(Id, Effect)>) -> Observed {
    Observed {
        namespace: Some(object("v1", "Namespace", "shop")),
        objects: objects.into_iter().map(|object| (Id::of(&object), object)).collect(),
        effects: effects.into_iter().collect(),
    }
}

fn check(observed: &Observed, others: Others, expected: &str) {
    let plan = Plan::new(&shop(), observed, PlanOptions { others });
    similar_asserts::assert_eq!(plan.to_string(), expected);
}

#[test]
fn into_an_empty_cluster() {
    check(
        &Observed::default(),
        Others::Delete,
        "\
project shop in namespace shop
namespace:
  + Namespace/shop              new
wave 1:
  + PersistentVolumeClaim/data  new
  + Job/migrate                 new
  wait until Job/migrate is complete
  wait until Job/migrate has started (not required)
wave 2:
  + Deployment/web              new
",
    );
}

#[test]
fn nothing_changed() {
    let objects = || shop().objects().cloned().collect::<Vec<_>>();
    let effects = objects().iter().map(|object| (Id::of(object), Effect::Unchanged)).collect();
    check(
        &observed(objects(), effects),
        Others::Delete,
        "\
project shop in namespace shop
wave 1:
  = PersistentVolumeClaim/data  unchanged
  = Job/migrate                 unchanged
  wait until Job/migrate is complete
  wait until Job/migrate has started (not required)
wave 2:
  = Deployment/web              unchanged
nothing to change
",
    );
}

#[test]
fn every_cause() {
    let mut failed = object("batch/v1", "Job", "migrate");
    failed
        .fields_mut()
        .insert("status".to_owned(), json!({"conditions": [{"type": "Failed", "status": "True"}]}));
    let objects = vec![
        object("v1", "PersistentVolumeClaim", "data"),
        object("v1", "PersistentVolumeClaim", "old-data"),
        object("apps/v1", "Deployment", "web"),
        object("apps/v1", "Deployment", "old"),
        object("v1", "Service", "old"),
        failed,
    ];
    let fields = |count: usize| (1..=count).map(|number| format!("spec.f{number}")).collect();
    let effects = vec![
        (Id::new("PersistentVolumeClaim", "data"), Effect::Immutable(fields(1))),
        (Id::new("Job", "migrate"), Effect::Unchanged),
        (Id::new("Deployment", "web"), Effect::Changed(fields(5))),
    ];
    check(
        &observed(objects, effects),
        Others::Delete,
        "\
project shop in namespace shop
left the project:
  - Deployment/old                  no longer in the project
  - Service/old                     no longer in the project
  ! PersistentVolumeClaim/old-data  kept: a volume, no longer in the project (`down -v` deletes volumes)
wave 1:
  ! PersistentVolumeClaim/data      kept as it is: spec.f1 of a volume cannot change (`down -v` deletes volumes and their data)
  ± Job/migrate                     replaced: it failed before
  wait until Job/migrate is complete
  wait until Job/migrate has started (not required)
wave 2:
  ~ Deployment/web                  changed: spec.f1, spec.f2, spec.f3 and 2 more
",
    );
}

#[test]
fn a_job_does_new_work_only_as_a_new_job() {
    let change = |field: &str| Effect::Changed(vec![field.to_owned()]);
    let line = |field: &str| {
        let objects = vec![object("batch/v1", "Job", "migrate")];
        let effects = vec![(Id::new("Job", "migrate"), change(field))];
        let plan =
            Plan::new(&shop(), &observed(objects, effects), PlanOptions { others: Others::Delete });
        plan.to_string().lines().find(|line| line.contains("Job/migrate")).unwrap().to_owned()
    };
    assert_eq!(
        line("spec.template.spec.containers[0].image"),
        "  ± Job/migrate                 replaced: spec.template.spec.containers[0].image cannot \
         change in place"
    );
    assert_eq!(
        line("metadata.labels.tier"),
        "  ~ Job/migrate                 changed: metadata.labels.tier"
    );
}

#[test]
fn without_pruning_what_left_is_named() {
    let objects = vec![object("apps/v1", "Deployment", "old")];
    let effects =
        vec![(Id::new("Deployment", "web"), Effect::Immutable(vec!["spec.selector".into()]))];
    check(
        &observed(objects, effects),
        Others::Keep,
        "\
project shop in namespace shop
left the project:
  ! Deployment/old              no longer in the project
wave 1:
  + PersistentVolumeClaim/data  new
  + Job/migrate                 new
  wait until Job/migrate is complete
  wait until Job/migrate has started (not required)
wave 2:
  ± Deployment/web              replaced: spec.selector cannot change in place
",
    );
}

#[test]
fn of_a_part_of_the_project_the_rest_stays_unnamed() {
    let objects = vec![
        object("apps/v1", "Deployment", "other"),
        object("v1", "PersistentVolumeClaim", "other-data"),
        object("apps/v1", "Deployment", "web"),
    ];
    let effects = vec![(Id::new("Deployment", "web"), Effect::Unchanged)];
    check(
        &observed(objects, effects),
        Others::Ignore,
        "\
project shop in namespace shop
wave 1:
  + PersistentVolumeClaim/data  new
  + Job/migrate                 new
  wait until Job/migrate is complete
  wait until Job/migrate has started (not required)
wave 2:
  = Deployment/web              unchanged
",
    );
}
