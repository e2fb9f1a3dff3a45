use std::sync::Arc;

use super::query::Query;
use super::route::Resource;
use crate::control_plane::schema::selectors::Selectors;
use crate::control_plane::store::Stored;
use crate::kubernetes::Status;

/// Which objects of a kind a list or watch shows.
pub struct Filter {
    namespace: Option<String>,
    /// The one name that the field selector asks for: decided without parsing the object.
    name: Option<String>,
    selectors: Selectors,
}

impl Filter {
    /// The filter of a request.
    pub fn parse(resource: &Resource, query: &Query) -> Result<Self, Status> {
        let (labels, fields) = (query.get("labelSelector"), query.get("fieldSelector"));
        let mut selectors = Selectors::parse(resource.kind, labels, fields)?;
        let name = fields
            .strip_prefix("metadata.name=")
            .map(|name| name.trim_start_matches('=').to_owned())
            .filter(|name| !name.contains(','));
        if name.is_some() {
            selectors = Selectors::parse(resource.kind, labels, "")?;
        }
        Ok(Self { namespace: resource.namespace.clone(), name, selectors })
    }

    /// Whether all objects of the kind in the namespace are shown.
    pub fn shows_all(&self) -> bool {
        self.name.is_none() && self.selectors.is_empty()
    }

    /// Whether the object is shown.
    pub fn shows(&self, object: &Stored) -> bool {
        self.namespace.as_ref().is_none_or(|namespace| *namespace == object.namespace)
            && self.name.as_ref().is_none_or(|name| *name == object.name)
            && (self.selectors.is_empty() || self.selects(object))
    }

    /// Those that are shown.
    pub fn keep(&self, objects: &mut Vec<Arc<Stored>>) {
        if !self.shows_all() {
            objects.retain(|object| self.shows(object));
        }
    }

    fn selects(&self, object: &Stored) -> bool {
        // Labels are at hand without parsing the object.
        self.selectors.labels_match(&object.labels)
            && (self.selectors.fields_empty() || self.selectors.matches(&object.value()))
    }
}
