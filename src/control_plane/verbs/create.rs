use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::schema::{defaults, managed_fields, validation};
use super::super::store::{Draft, Key, Stored, Write};
use super::options::{WriteOptions, Written};
use super::{Verbs, admission, field_validation, metadata, refusal};
use crate::kubernetes::{Cause, Kind, Reason, Status, kinds};

/// The letters of generated name suffixes: no vowels, so that no words come out.
const SUFFIX_LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH: usize = 5;
/// A generated prefix is cut so that the name fits into 63 characters.
const PREFIX_LENGTH: usize = 58;
/// Attempts at a name that nobody has.
const NAME_ATTEMPTS: usize = 8;

/// Kinds whose creator says the status: only the kubelet knows what its node has.
const KEEPS_STATUS: &[&str] = &["nodes"];

/// How a new object came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// By a create: its writer owns all fields.
    Create,
    /// By server-side apply, which has recorded who owns what.
    Apply,
}

impl Verbs {
    /// [`Verbs::create`], with all that the HTTP answer needs.
    pub async fn create_written(
        &self,
        kind: &'static Kind,
        namespace: &str,
        object: Value,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        self.create_from(kind, namespace, object, options, Origin::Create).await
    }

    pub(super) async fn create_from(
        &self,
        kind: &'static Kind,
        namespace: &str,
        mut object: Value,
        options: &WriteOptions,
        origin: Origin,
    ) -> Result<Written, Status> {
        metadata::set_type(kind, &mut object)?;
        let warnings = field_validation::check(&mut object, options)?;
        if kind.namespaced && namespace.is_empty() {
            return Err(refusal::bad_request("an empty namespace may not be set during creation"));
        }
        let creation = Creation { kind, namespace, options, origin, now: Timestamp::now() };
        metadata::stamp(kind, namespace, &mut object, creation.now)?;
        let object = match name_prefix(kind, &object)? {
            None => self.create_named(&creation, object).await?,
            Some(prefix) => self.create_generated(&creation, object, &prefix).await?,
        };
        Ok(Written { object, created: true, warnings })
    }

    async fn create_generated(
        &self,
        creation: &Creation<'_>,
        object: Value,
        prefix: &str,
    ) -> Result<Arc<Stored>, Status> {
        let mut attempts = NAME_ATTEMPTS;
        loop {
            attempts -= 1;
            let mut named = object.clone();
            metadata::of(&mut named)?.insert("name".to_owned(), json!(generated(prefix)));
            match self.create_named(creation, named).await {
                Err(taken) if taken.reason == Reason::AlreadyExists && attempts > 0 => {}
                result => return result,
            }
        }
    }

    async fn create_named(
        &self,
        creation: &Creation<'_>,
        mut object: Value,
    ) -> Result<Arc<Stored>, Status> {
        let Creation { kind, namespace, options, origin, now } = *creation;
        let key = Key::new(kind, namespace, metadata::text(&object, "name"));
        admission::namespace_is_open(self, &key)?;
        if kind.has_status
            && !KEEPS_STATUS.contains(&kind.plural)
            && let Some(fields) = object.as_object_mut()
        {
            fields.shift_remove("status");
        }
        defaults::apply_defaults(kind, &mut object);
        admission::admit_new(self, &key, &mut object)?;
        // Dropped at the end of the call: what was not committed is given back.
        let allocation = self.allocate(kind, &mut object, None)?;
        let causes = validation::validate(kind, &object, None);
        if !causes.is_empty() {
            return Err(refusal::invalid(kind, &key.name, causes));
        }
        if origin == Origin::Create {
            let writer = managed_fields::Writer { manager: &options.manager, subresource: "", now };
            managed_fields::track_update(kind, None, &mut object, writer);
        }
        let draft = Draft::new(kind, &object);
        if options.dry_run {
            return match self.store.get(&key) {
                Some(_) => Err(refusal::already_exists(kind, &key.name)),
                None => Ok(Arc::new(draft.unsaved(0))),
            };
        }
        let guard = if kind.namespaced {
            kinds::find("v1", "Namespace").map(|kind| Key::new(kind, "", namespace))
        } else {
            None
        };
        let created = self.store.commit(Write::Create(draft, guard)).await;
        let created = created.map_err(|error| refusal::rejected(&key, &error))?;
        allocation.keep();
        Ok(created)
    }
}

struct Creation<'a> {
    kind: &'static Kind,
    namespace: &'a str,
    options: &'a WriteOptions,
    origin: Origin,
    now: Timestamp,
}

/// The prefix of the name to generate; none when the object has a name.
fn name_prefix(kind: &Kind, object: &Value) -> Result<Option<String>, Status> {
    if !metadata::text(object, "name").is_empty() {
        return Ok(None);
    }
    match metadata::text(object, "generateName") {
        "" => Err(refusal::invalid(
            kind,
            "",
            vec![Cause {
                reason: "FieldValueRequired",
                message: "Required value: name or generateName is required".to_owned(),
                field: "metadata.name".to_owned(),
            }],
        )),
        prefix => Ok(Some(prefix.chars().take(PREFIX_LENGTH).collect())),
    }
}

fn generated(prefix: &str) -> String {
    let random = uuid::Uuid::new_v4().into_bytes();
    let letter = |byte: &u8| {
        SUFFIX_LETTERS.get(usize::from(*byte) % SUFFIX_LETTERS.len()).copied().map(char::from)
    };
    prefix.chars().chain(random.iter().take(SUFFIX_LENGTH).filter_map(letter)).collect()
}
