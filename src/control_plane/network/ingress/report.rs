//! What is said about Ingresses: their status, and events about where they are reached.

use std::collections::HashMap;
use std::net::SocketAddr;

use k8s_openapi::api::networking::v1::Ingress;
use serde_json::{Value, json};

use super::serve::Scheme;
use super::watch::Routing;
use crate::control_plane::runner::{Note, Operation, Plan, Reference};

/// Where is listened, and why not elsewhere.
#[derive(Debug, Default)]
pub(super) struct Listening {
    http: Place,
    https: Place,
}

#[derive(Debug, Default)]
struct Place {
    address: Option<SocketAddr>,
    /// The ports that would have been better.
    passed: Vec<String>,
}

impl Listening {
    /// Where is listened.
    pub(super) fn at(&self, scheme: &Scheme) -> Option<SocketAddr> {
        match scheme {
            Scheme::Http => self.http.address,
            Scheme::Https(_) => self.https.address,
        }
    }

    /// Sets where is listened.
    pub(super) fn set(
        &mut self,
        scheme: &Scheme,
        address: Option<SocketAddr>,
        passed: Vec<String>,
    ) {
        let place = match scheme {
            Scheme::Http => &mut self.http,
            Scheme::Https(_) => &mut self.https,
        };
        *place = Place { address, passed };
    }

    /// Whether there is no place yet for something that is to be served.
    pub(super) fn lacks(&self, routing: &Routing) -> bool {
        let wants_http = routing.needs(&Scheme::Http);
        (wants_http && self.http.address.is_none())
            || (routing.has_tls() && self.https.address.is_none())
    }

    /// The status of an Ingress that is reached there.
    fn status(&self, has_tls: bool) -> Value {
        let places = [Some(&self.http), has_tls.then_some(&self.https)];
        let places: Vec<SocketAddr> =
            places.into_iter().flatten().filter_map(|place| place.address).collect();
        let ports: Vec<Value> =
            places.iter().map(|place| json!({"port": place.port(), "protocol": "TCP"})).collect();
        match places.first() {
            Some(first) => json!([{"ip": first.ip().to_string(), "ports": ports}]),
            None => Value::Null,
        }
    }

    /// Where an Ingress is reached, for people; or why it is not.
    fn text(&self, has_tls: bool) -> String {
        let places = [("http", Some(&self.http)), ("https", has_tls.then_some(&self.https))];
        let text = |(scheme, place): (&str, Option<&Place>)| {
            let Place { address, passed } = place?;
            let passed = passed.join("; ");
            Some(match address {
                Some(address) if passed.is_empty() => format!("listening on {scheme}://{address}"),
                Some(address) => format!("listening on {scheme}://{address}, for {passed}"),
                None => format!("no port is free for {scheme}: {passed}"),
            })
        };
        places.into_iter().filter_map(text).collect::<Vec<_>>().join("; ")
    }
}

/// What was said already, by the uid of an Ingress.
#[derive(Debug, Default)]
pub(super) struct Said(HashMap<String, Vec<String>>);

impl Said {
    /// The statuses that are not as they should be, and what is news.
    pub(super) fn plan(&mut self, routing: &Routing, listening: &Listening) -> Plan {
        let mut plan = Plan::default();
        let mut said = HashMap::new();
        for (ingress, problems) in &routing.ingresses {
            let has_tls = ingress
                .spec
                .as_ref()
                .is_some_and(|spec| spec.tls.as_ref().is_some_and(|tls| !tls.is_empty()));
            plan.operations.extend(status(ingress, &listening.status(has_tls)));
            let uid = ingress.metadata.uid.clone().unwrap_or_default();
            let mut texts = vec![listening.text(has_tls)];
            texts.extend(problems.iter().cloned());
            let before = self.0.get(&uid);
            let is_news = |text: &&String| before.is_none_or(|before| !before.contains(text));
            for (position, text) in texts.iter().enumerate().filter(|(_, text)| is_news(text)) {
                let note = match position {
                    0 if !listening.lacks(routing) => Note::normal(ingress, "Listening", text),
                    0 => Note::warning(ingress, "NotListening", text),
                    _ => Note::warning(ingress, "CertificateMissing", text),
                };
                plan.push(Operation::Record(note));
            }
            said.insert(uid, texts);
        }
        self.0 = said;
        plan
    }
}

fn status(ingress: &Ingress, wanted: &Value) -> Option<Operation> {
    let balancer = ingress.status.as_ref().and_then(|status| status.load_balancer.as_ref());
    let observed = balancer.and_then(|balancer| balancer.ingress.as_ref());
    if json!(observed.filter(|list| !list.is_empty())) == *wanted {
        return None;
    }
    Some(Operation::Patch {
        target: Reference::to(ingress),
        subresource: "status",
        patch: json!({"status": {"loadBalancer": {"ingress": wanted}}}),
        note: None,
    })
}
