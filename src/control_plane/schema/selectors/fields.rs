use serde_json::Value;

use crate::kubernetes::Kind;

/// What single fields must be: all terms must hold.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldSelector {
    terms: Vec<Term>,
}

#[derive(Debug, Clone)]
struct Term {
    field: &'static Field,
    value: String,
    equal: bool,
}

/// A field that can be selected, and what it is when it is left out.
#[derive(Debug)]
struct Field {
    label: &'static str,
    pointer: &'static str,
    missing: &'static str,
}

impl FieldSelector {
    pub(super) fn parse(kind: &Kind, text: &str) -> Result<Self, String> {
        let terms = split(text)?;
        let parsed = terms.into_iter().map(|(label, equal, value)| {
            let field = find(kind, &label)?;
            Ok(Term { field, value, equal })
        });
        Ok(Self { terms: parsed.collect::<Result<_, String>>()? })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    pub(super) fn matches(&self, object: &Value) -> bool {
        self.terms.iter().all(|term| term.field.is(object, &term.value) == term.equal)
    }
}

impl Field {
    fn is(&self, object: &Value, value: &str) -> bool {
        match object.pointer(self.pointer) {
            None | Some(Value::Null) => self.missing == value,
            Some(Value::String(text)) => text == value,
            Some(other) => {
                let text = other.to_string();
                text == value
            }
        }
    }
}

fn find(kind: &Kind, label: &str) -> Result<&'static Field, String> {
    // An old name of the same field.
    let label = if kind.kind == "Pod" && label == "spec.host" { "spec.nodeName" } else { label };
    let own = fields_of(kind);
    METADATA.iter().chain(own).find(|field| field.label == label).ok_or_else(|| {
        if own.is_empty() {
            format!(
                "\"{label}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
            )
        } else {
            format!("field label not supported: {label}")
        }
    })
}

macro_rules! fields {
    ($($label:literal $pointer:literal $missing:literal),* $(,)?) => {
        &[$(Field { label: $label, pointer: $pointer, missing: $missing }),*]
    };
}

const METADATA: &[Field] =
    fields!["metadata.name" "/metadata/name" "", "metadata.namespace" "/metadata/namespace" ""];

fn fields_of(kind: &Kind) -> &'static [Field] {
    match (kind.group, kind.kind) {
        ("", "Pod") => fields![
            "spec.nodeName" "/spec/nodeName" "",
            "spec.restartPolicy" "/spec/restartPolicy" "",
            "spec.schedulerName" "/spec/schedulerName" "",
            "spec.serviceAccountName" "/spec/serviceAccountName" "",
            "spec.hostNetwork" "/spec/hostNetwork" "false",
            "status.phase" "/status/phase" "",
            "status.podIP" "/status/podIP" "",
            "status.podIPs" "/status/podIPs/0/ip" "",
            "status.nominatedNodeName" "/status/nominatedNodeName" "",
        ],
        ("", "Event") => fields![
            "involvedObject.kind" "/involvedObject/kind" "",
            "involvedObject.namespace" "/involvedObject/namespace" "",
            "involvedObject.name" "/involvedObject/name" "",
            "involvedObject.uid" "/involvedObject/uid" "",
            "involvedObject.apiVersion" "/involvedObject/apiVersion" "",
            "involvedObject.resourceVersion" "/involvedObject/resourceVersion" "",
            "involvedObject.fieldPath" "/involvedObject/fieldPath" "",
            "reason" "/reason" "",
            "reportingComponent" "/reportingComponent" "",
            "source" "/source/component" "",
            "type" "/type" "",
        ],
        ("events.k8s.io", "Event") => fields![
            "regarding.kind" "/regarding/kind" "",
            "regarding.namespace" "/regarding/namespace" "",
            "regarding.name" "/regarding/name" "",
            "regarding.uid" "/regarding/uid" "",
            "regarding.apiVersion" "/regarding/apiVersion" "",
            "regarding.resourceVersion" "/regarding/resourceVersion" "",
            "regarding.fieldPath" "/regarding/fieldPath" "",
            "reason" "/reason" "",
            "reportingController" "/reportingController" "",
            "type" "/type" "",
        ],
        ("", "Node") => fields!["spec.unschedulable" "/spec/unschedulable" "false"],
        ("", "Namespace") => fields!["status.phase" "/status/phase" ""],
        ("", "Secret") => fields!["type" "/type" ""],
        ("", "Service") => {
            fields!["spec.clusterIP" "/spec/clusterIP" "", "spec.type" "/spec/type" ""]
        }
        ("", "ReplicationController") | ("apps", "ReplicaSet") => {
            fields!["status.replicas" "/status/replicas" "0"]
        }
        ("batch", "Job") => fields!["status.successful" "/status/succeeded" "0"],
        ("certificates.k8s.io", "CertificateSigningRequest") => {
            fields!["spec.signerName" "/spec/signerName" ""]
        }
        _ => &[],
    }
}

/// `a=b,c!=d` with backslashes before `,`, `=` and `\` in values: label, equal or not, value.
fn split(text: &str) -> Result<Vec<(String, bool, String)>, String> {
    let mut terms = vec![String::new()];
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        let term = terms.last_mut().expect("starts with one term and only grows");
        match c {
            '\\' => {
                term.push(c);
                term.extend(characters.next());
            }
            ',' => terms.push(String::new()),
            c => term.push(c),
        }
    }
    terms.retain(|term| !term.is_empty());
    terms
        .iter()
        .map(|term| {
            let misunderstood = || format!("invalid selector: '{text}'; can't understand '{term}'");
            let at = term.find(['=', '!']).ok_or_else(misunderstood)?;
            let (label, rest) = term.split_at(at);
            let (equal, value) = if let Some(value) = rest.strip_prefix("!=") {
                (false, value)
            } else if let Some(value) = rest.strip_prefix("==").or(rest.strip_prefix('=')) {
                (true, value)
            } else {
                return Err(misunderstood());
            };
            Ok((label.to_owned(), equal, unescape(value).ok_or_else(misunderstood)?))
        })
        .collect()
}

fn unescape(value: &str) -> Option<String> {
    let mut plain = String::new();
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => plain.push(characters.next().filter(|c| ['\\', ',', '='].contains(c))?),
            '=' => return None,
            c => plain.push(c),
        }
    }
    Some(plain)
}
