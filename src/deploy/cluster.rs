use std::future::Future;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{DeleteParams, DynamicObject, ListParams, LogParams, Patch, PatchParams};
use kube::core::{ApiResource, TypeMeta};
use kube::runtime::wait::{await_condition, conditions};
use kube::runtime::{WatchStreamExt as _, watcher};
use serde_json::Value;

use super::error::is_unreachable;
use super::fields::text;
use super::{Error, Id};
use crate::kubernetes::{Kind, Object, labels};

/// How often a request is tried that the cluster answers with "later" or "conflict".
const ATTEMPTS: u32 = 5;
/// The wait before the second attempt; doubled before each further one.
const FIRST_DELAY: Duration = Duration::from_millis(100);
/// The wait after a watch that failed.
const WATCH_PAUSE: Duration = Duration::from_millis(500);
/// How many objects one list request asks for.
const PAGE: u32 = 500;

/// The API of one cluster, in objects of ours and with retries; cheap to clone.
#[derive(Clone)]
pub struct Cluster {
    client: kube::Client,
    address: String,
}

/// How an object is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Apply {
    /// So that it is there; a field that the cluster does not know is an error.
    Really,
    /// The same, as a dry run.
    Try,
    /// As a dry run that lets unknown fields through.
    TryLeniently,
}

impl Cluster {
    /// A cluster behind a client; `address` is what error messages call it.
    pub fn new(client: kube::Client, address: impl Into<String>) -> Self {
        Self { client, address: address.into() }
    }

    /// One object, or none.
    pub(super) async fn get(
        &self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Object>, Error> {
        let api = self.api(kind, namespace);
        match retrying(|| api.get_opt(name)).await {
            Ok(found) => Ok(found.and_then(|found| to_object(kind, found))),
            Err(error) => Err(self.error(format!("read `{}`", Id::new(kind.kind, name)), error)),
        }
    }

    /// All objects of a kind that the selector matches (empty: all); none when the cluster does
    /// not serve the kind.
    pub(super) async fn list(
        &self,
        kind: &'static Kind,
        namespace: &str,
        selector: &str,
    ) -> Result<Vec<Object>, Error> {
        let api = self.api(kind, namespace);
        let mut found = Vec::new();
        let mut page = ListParams::default().labels(selector).limit(PAGE);
        loop {
            let list = match retrying(|| api.list(&page)).await {
                Ok(list) => list,
                Err(kube::Error::Api(status)) if status.code == 404 => return Ok(found),
                Err(error) => {
                    let what = format!("list {} in namespace `{namespace}`", kind.plural);
                    return Err(self.error(what, error));
                }
            };
            let next = list.metadata.continue_.clone().filter(|token| !token.is_empty());
            found.extend(list.items.into_iter().filter_map(|item| to_object(kind, item)));
            match next {
                Some(token) => page = page.continue_token(&token),
                None => return Ok(found),
            }
        }
    }

    /// Server-side apply as `longshore`, taking over fields of others.
    pub(super) async fn apply(
        &self,
        kind: &'static Kind,
        namespace: &str,
        object: &Object,
        how: Apply,
    ) -> Result<Object, kube::Error> {
        let api = self.api(kind, namespace);
        let params = PatchParams::apply(labels::LONGSHORE).force();
        let params = match how {
            Apply::Really => params.validation_strict(),
            Apply::Try => params.validation_strict().dry_run(),
            Apply::TryLeniently => params.validation_ignore().dry_run(),
        };
        let patch = Patch::Apply(object.fields());
        let applied = retrying(|| api.patch(object.name(), &params, &patch)).await?;
        to_object(kind, applied).ok_or_else(|| {
            kube::Error::SerdeError(serde::de::Error::custom("the answer has no `metadata.name`"))
        })
    }

    /// Deletes an object with all that it owns; false when it is not there.
    pub(super) async fn delete(
        &self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
    ) -> Result<bool, Error> {
        let api = self.api(kind, namespace);
        let params = DeleteParams::background();
        match retrying(|| api.delete(name, &params)).await {
            Ok(_) => Ok(true),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
            Err(error) => Err(self.error(format!("delete `{}`", Id::new(kind.kind, name)), error)),
        }
    }

    /// Deletes an object and waits until it is gone.
    pub(super) async fn delete_and_wait(
        &self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        timeout: Duration,
    ) -> Result<(), Error> {
        let Some(object) = self.get(kind, namespace, name).await? else {
            return Ok(());
        };
        self.delete(kind, namespace, name).await?;
        self.wait_until_gone(kind, namespace, &object, timeout).await
    }

    /// Waits until an object, or its successor of the same name, is not the one that was seen.
    pub(super) async fn wait_until_gone(
        &self,
        kind: &'static Kind,
        namespace: &str,
        object: &Object,
        timeout: Duration,
    ) -> Result<(), Error> {
        let uid = text(object, "metadata.uid");
        let gone = async {
            // A watch that ends early says nothing about the object: only a look does.
            while let Some(seen) = self.get(kind, namespace, object.name()).await?
                && text(&seen, "metadata.uid") == uid
            {
                let deleted = conditions::is_deleted(uid);
                let watched = await_condition(self.api(kind, namespace), object.name(), deleted);
                if watched.await.is_err() {
                    tokio::time::sleep(WATCH_PAUSE).await;
                }
            }
            Ok(())
        };
        match tokio::time::timeout(timeout, gone).await {
            Ok(gone) => gone,
            Err(_) => Err(Error::NotGone { after: timeout, objects: vec![Id::of(object)] }),
        }
    }

    /// All objects of a kind that the selector matches, and what happens to them.
    pub(super) fn watch(
        &self,
        kind: &'static Kind,
        namespace: &str,
        selector: &str,
    ) -> impl Stream<Item = Result<watcher::Event<Object>, watcher::Error>> + Send + use<> {
        let mut config = watcher::Config::default();
        if !selector.is_empty() {
            config = config.labels(selector);
        }
        watcher(self.api(kind, namespace), config).default_backoff().filter_map(move |event| {
            std::future::ready(match event {
                Ok(event) => objects(kind, event).map(Ok),
                Err(error) => Some(Err(error)),
            })
        })
    }

    /// The pods of a namespace, for what reaches into them.
    pub fn pods(&self, namespace: &str) -> Api<Pod> {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// The last lines that a container wrote; empty when there are none or they cannot be read.
    pub(super) async fn last_lines(&self, namespace: &str, pod: &str, container: &str) -> String {
        let api = self.pods(namespace);
        let mut params = LogParams {
            container: Some(container.to_owned()),
            tail_lines: Some(10),
            previous: true,
            ..LogParams::default()
        };
        if let Ok(text) = api.logs(pod, &params).await
            && !text.trim().is_empty()
        {
            return text;
        }
        params.previous = false;
        api.logs(pod, &params).await.unwrap_or_default()
    }

    /// The error of a request that was to do something: `what` completes "cannot …".
    pub fn error(&self, what: impl Into<String>, error: kube::Error) -> Error {
        if is_unreachable(&error) {
            Error::Unreachable { address: self.address.clone(), source: Box::new(error) }
        } else {
            Error::Request { what: what.into(), source: Box::new(error) }
        }
    }

    /// What all namespaced kinds of the cluster are, with those of extensions.
    pub(super) async fn discover(&self) -> Result<Vec<ApiResource>, Error> {
        let discovery = kube::discovery::Discovery::new(self.client.clone())
            .run()
            .await
            .map_err(|error| self.error("list the kinds of the cluster", error))?;
        Ok(discovery
            .groups_alphabetical()
            .into_iter()
            .flat_map(kube::discovery::ApiGroup::recommended_resources)
            .filter(|(_, capabilities)| {
                capabilities.scope == kube::discovery::Scope::Namespaced
                    && capabilities.supports_operation(kube::discovery::verbs::LIST)
            })
            .map(|(resource, _)| resource)
            .collect())
    }

    /// Names and owners of all objects of a discovered kind; none when it cannot be listed.
    pub(super) async fn list_names(
        &self,
        resource: &ApiResource,
        namespace: &str,
    ) -> Result<Vec<kube::api::ObjectMeta>, Error> {
        let api: Api<DynamicObject> =
            Api::namespaced_with(self.client.clone(), namespace, resource);
        let params = ListParams::default();
        match retrying(|| api.list_metadata(&params)).await {
            Ok(list) => Ok(list.items.into_iter().map(|item| item.metadata).collect()),
            Err(kube::Error::Api(status)) if [404, 405].contains(&status.code) => Ok(Vec::new()),
            Err(error) => {
                let what = format!("list {} in namespace `{namespace}`", resource.plural);
                Err(self.error(what, error))
            }
        }
    }

    fn api(&self, kind: &Kind, namespace: &str) -> Api<DynamicObject> {
        let resource = ApiResource {
            group: kind.group.to_owned(),
            version: kind.version.to_owned(),
            api_version: kind.api_version(),
            kind: kind.kind.to_owned(),
            plural: kind.plural.to_owned(),
        };
        if kind.namespaced {
            Api::namespaced_with(self.client.clone(), namespace, &resource)
        } else {
            Api::all_with(self.client.clone(), &resource)
        }
    }
}

/// Tries a request again while the cluster says "conflict", "too many requests" or fails itself;
/// every request of ours can be repeated.
async fn retrying<T, F>(mut request: impl FnMut() -> F) -> Result<T, kube::Error>
where
    F: Future<Output = Result<T, kube::Error>>,
{
    let mut delay = FIRST_DELAY;
    for _ in 1..ATTEMPTS {
        match request().await {
            Err(kube::Error::Api(status)) if is_transient(status.code) => {
                let asked = status.details.map_or(0, |details| details.retry_after_seconds);
                let asked = Duration::from_secs(u64::from(asked.min(10)));
                tokio::time::sleep(delay.max(asked)).await;
                delay *= 2;
            }
            result => return result,
        }
    }
    request().await
}

fn is_transient(code: u16) -> bool {
    matches!(code, 409 | 429 | 500 | 502 | 503 | 504)
}

/// List items come without `apiVersion` and `kind`: filled in from the kind asked for.
fn to_object(kind: &Kind, mut dynamic: DynamicObject) -> Option<Object> {
    dynamic.types = Some(TypeMeta { api_version: kind.api_version(), kind: kind.kind.to_owned() });
    match serde_json::to_value(dynamic) {
        Ok(Value::Object(fields)) => Object::new(fields),
        _ => None,
    }
}

fn objects(kind: &Kind, event: watcher::Event<DynamicObject>) -> Option<watcher::Event<Object>> {
    Some(match event {
        watcher::Event::Apply(object) => watcher::Event::Apply(to_object(kind, object)?),
        watcher::Event::Delete(object) => watcher::Event::Delete(to_object(kind, object)?),
        watcher::Event::InitApply(object) => watcher::Event::InitApply(to_object(kind, object)?),
        watcher::Event::Init => watcher::Event::Init,
        watcher::Event::InitDone => watcher::Event::InitDone,
    })
}
