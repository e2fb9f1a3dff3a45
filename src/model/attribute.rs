use indexmap::IndexMap;

/// What every attribute of the model can tell.
pub trait Attribute {
    /// Whether it says nothing, so that a canonical file leaves it out.
    fn is_unset(&self) -> bool;
}

/// For `skip_serializing_if`.
pub(super) fn unset(attribute: &impl Attribute) -> bool {
    attribute.is_unset()
}

impl<T> Attribute for Option<T> {
    fn is_unset(&self) -> bool {
        self.is_none()
    }
}

impl<T> Attribute for Vec<T> {
    fn is_unset(&self) -> bool {
        self.is_empty()
    }
}

impl<T> Attribute for IndexMap<String, T> {
    fn is_unset(&self) -> bool {
        self.is_empty()
    }
}

/// For the attributes that are false when not set.
impl Attribute for bool {
    fn is_unset(&self) -> bool {
        !self
    }
}
