//! The routing of all Ingresses, kept from events.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::networking::v1::{Ingress, IngressClass};
use serde_json::json;
use tokio::sync::watch;

use super::certificates::Certificates;
use super::rules::Rules;
use super::serve::Scheme;
use super::{CLASS, CONTROLLER};
use crate::control_plane::runner::{Executor, Logic, Operation, Outcome, Plan, is, kind_of, parse};
use crate::control_plane::store::{Change, Event, Stored};

/// Set to `true`, it makes a class the one of Ingresses that name none.
const DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";
/// How Ingresses named their class before there were classes.
const OLD_CLASS: &str = "kubernetes.io/ingress.class";
/// The type of Secrets that hold certificates.
const TLS: &str = "kubernetes.io/tls";

/// What is served.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Routing {
    pub(super) rules: Rules,
    pub(super) certificates: Certificates,
    /// The Ingresses that are ours, and what is wrong with them.
    pub(super) ingresses: Vec<(Ingress, Vec<String>)>,
}

impl Routing {
    /// Whether something is to be served in this way.
    pub(super) fn needs(&self, scheme: &Scheme) -> bool {
        match scheme {
            Scheme::Http => !self.ingresses.is_empty(),
            Scheme::Https(_) => self.has_tls(),
        }
    }

    /// Whether an Ingress asks for TLS.
    pub(super) fn has_tls(&self) -> bool {
        let specs = self.ingresses.iter().filter_map(|(ingress, _)| ingress.spec.as_ref());
        specs.flat_map(|spec| &spec.tls).any(|tls| !tls.is_empty())
    }
}

/// Keeps the routing.
pub(in super::super) struct IngressWatcher {
    executor: Executor,
    routing: watch::Sender<Routing>,
    listed: bool,
    ingresses: BTreeMap<(String, String), Arc<Stored>>,
    classes: BTreeMap<String, Arc<Stored>>,
    secrets: BTreeMap<(String, String), Arc<Stored>>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in super::super) enum Task {
    /// Make the class of ours, when there is none.
    Class,
    /// Work out the routing.
    Routing,
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Class => "ingress class",
            Self::Routing => "routing",
        })
    }
}

impl IngressWatcher {
    /// A watcher, and what it publishes.
    pub(in super::super) fn new(executor: Executor) -> (Self, watch::Receiver<Routing>) {
        let (routing, receiver) = watch::channel(Routing::default());
        let watcher = Self {
            executor,
            routing,
            listed: false,
            ingresses: BTreeMap::new(),
            classes: BTreeMap::new(),
            secrets: BTreeMap::new(),
        };
        (watcher, receiver)
    }

    /// Whether an Ingress is of a class that we control.
    fn is_ours(&self, ingress: &Ingress) -> bool {
        let annotations = ingress.metadata.annotations.as_ref();
        let old = annotations.and_then(|annotations| annotations.get(OLD_CLASS));
        let name = ingress.spec.as_ref().and_then(|spec| spec.ingress_class_name.as_ref()).or(old);
        let mut classes = self.classes.values().filter_map(|class| parse::<IngressClass>(class));
        classes.any(|class| {
            let is_named = match name {
                Some(name) => class.metadata.name.as_ref() == Some(name),
                None => class.metadata.annotations.as_ref().is_some_and(|annotations| {
                    annotations.get(DEFAULT_CLASS).is_some_and(|value| value == "true")
                }),
            };
            let controller = class.spec.as_ref().and_then(|spec| spec.controller.as_deref());
            is_named && controller == Some(CONTROLLER)
        })
    }

    fn routing(&self) -> Routing {
        let ingresses = self.ingresses.values().filter_map(|ingress| parse::<Ingress>(ingress));
        let ours: Vec<Ingress> = ingresses.filter(|ingress| self.is_ours(ingress)).collect();
        let secret = |namespace: &str, name: &str| {
            parse::<Secret>(self.secrets.get(&(namespace.to_owned(), name.to_owned()))?)
        };
        let provider = rustls::crypto::ring::default_provider();
        let (certificates, problems) = Certificates::of(&ours, secret, &provider);
        let of = |ingress: &Ingress| {
            let mine =
                problems.iter().filter(|(about, _)| about.metadata.uid == ingress.metadata.uid);
            mine.map(|(_, problem)| problem.clone()).collect()
        };
        let rules = Rules::of(&ours);
        let ingresses = ours.iter().map(|ingress| (ingress.clone(), of(ingress))).collect();
        Routing { rules, certificates, ingresses }
    }

    fn create_class(&self) -> BoxFuture<'static, Outcome> {
        if self.classes.contains_key(CLASS) {
            return Box::pin(std::future::ready(Outcome::Done));
        }
        // Another default stays the only one.
        let has_default = self.classes.values().any(|class| {
            let annotation = class.value();
            let annotation = annotation.pointer("/metadata/annotations");
            annotation.and_then(|all| all.get(DEFAULT_CLASS)).is_some_and(|value| value == "true")
        });
        let class = json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {
                "name": CLASS,
                "annotations": {DEFAULT_CLASS: (!has_default).to_string()},
            },
            "spec": {"controller": CONTROLLER},
        });
        let mut plan = Plan::default();
        plan.push(Operation::Create {
            kind: kind_of::<IngressClass>(),
            namespace: String::new(),
            object: class,
            note: None,
        });
        let executor = self.executor.clone();
        Box::pin(async move { executor.execute(plan).await })
    }
}

impl Logic for IngressWatcher {
    type Task = Task;

    fn name(&self) -> &'static str {
        "ingress"
    }

    fn reset(&mut self) {
        self.listed = false;
        self.ingresses.clear();
        self.classes.clear();
        self.secrets.clear();
    }

    fn listed(&mut self) -> Vec<Task> {
        self.listed = true;
        vec![Task::Class, Task::Routing]
    }

    fn observe(&mut self, event: &Event) -> Vec<Task> {
        let object = &event.object;
        let exists = event.change != Change::Deleted;
        let key = (object.namespace.clone(), object.name.clone());
        let kept = exists.then(|| Arc::clone(object));
        let concerns = if is::<Ingress>(object) {
            replace(&mut self.ingresses, key, kept);
            true
        } else if is::<IngressClass>(object) {
            replace(&mut self.classes, key.1, kept);
            true
        } else if is::<Secret>(object) {
            let is_tls = object.value().get("type").is_some_and(|kind| kind == TLS);
            let was_known = self.secrets.contains_key(&key);
            replace(&mut self.secrets, key, kept.filter(|_| is_tls));
            is_tls || was_known
        } else {
            false
        };
        if concerns && self.listed { vec![Task::Routing] } else { Vec::new() }
    }

    fn start(&mut self, task: &Task, _now: Timestamp) -> BoxFuture<'static, Outcome> {
        match task {
            Task::Class => self.create_class(),
            Task::Routing => {
                self.routing.send_replace(self.routing());
                Box::pin(std::future::ready(Outcome::Done))
            }
        }
    }
}

fn replace<K: Ord>(objects: &mut BTreeMap<K, Arc<Stored>>, key: K, object: Option<Arc<Stored>>) {
    match object {
        Some(object) => objects.insert(key, object),
        None => objects.remove(&key),
    };
}
