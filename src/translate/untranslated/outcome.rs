use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::{Loss, codes};
use crate::model::Attribute;
use crate::translate::findings::Site;

/// What becomes of an attribute of type `T`.
pub(super) trait Outcome<T: ?Sized> {
    /// Says so, if the attribute is set; `site` is the place of the mapping that has it.
    fn report(&self, key: &str, attribute: &T, site: &Site);
}

/// Takes a struct apart: a row for each field, with its [`Outcome`].
macro_rules! attributes {
    ($site:expr, $value:expr => $type:ident { $($field:ident: $outcome:expr,)* }) => {
        let $type { $($field,)* } = $value;
        $($crate::translate::untranslated::outcome::Outcome::report(
            &$outcome, stringify!($field), $field, $site,
        );)*
    };
}
pub(super) use attributes;

/// A manifest holds it, or the code that translates it says why not.
pub(super) const TRANSLATED: Silent = Silent;

/// Has no meaning of its own: `x-*`.
pub(super) const MEANINGLESS: Silent = Silent;

/// Nothing is said about an attribute here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silent;

impl<T> Outcome<T> for Silent {
    fn report(&self, _key: &str, _attribute: &T, _site: &Site) {}
}

/// What becomes of an attribute that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Serves the local machine or the image build.
    Local,
    /// The application cannot notice.
    Harmless,
    /// Kubernetes has nothing like it.
    NoEquivalent,
}

/// An attribute that is left out, and what to do about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeftOut {
    class: Class,
    help: &'static str,
    /// Values that ask for what Kubernetes does anyway: nothing is lost.
    exact: &'static [&'static str],
}

/// It serves this machine or the image build.
pub(super) const fn local(help: &'static str) -> LeftOut {
    LeftOut { class: Class::Local, help, exact: &[] }
}

/// The application cannot notice that it is missing.
pub(super) const fn harmless(help: &'static str) -> LeftOut {
    LeftOut { class: Class::Harmless, help, exact: &[] }
}

/// Kubernetes has nothing like it.
pub(super) const fn no_equivalent(help: &'static str) -> LeftOut {
    LeftOut { class: Class::NoEquivalent, help, exact: &[] }
}

impl LeftOut {
    /// But for these values, which ask for what Kubernetes does anyway.
    pub(super) const fn but(self, exact: &'static [&'static str]) -> Self {
        Self { exact, ..self }
    }

    /// Says that the attribute `key` is left out.
    pub(super) fn tell(self, key: &str, site: &Site) {
        self.tell_at(key, &site.child(key));
    }

    /// Says that what is at `place`, called `name`, is left out.
    pub(super) fn tell_at(self, name: &str, place: &Site) {
        let Self { class, help, exact: _ } = self;
        match class {
            Class::Local => place.note(
                codes::LOCAL_ONLY,
                Loss::IgnoredHarmless,
                format!("`{name}` serves this machine or the image build and is left out"),
                help,
            ),
            Class::Harmless => place.note(
                codes::NOT_TRANSLATED,
                Loss::IgnoredHarmless,
                format!("`{name}` is left out; the application cannot notice"),
                help,
            ),
            Class::NoEquivalent => place.warn(
                codes::NOT_TRANSLATED,
                Loss::Unsupported,
                format!("`{name}` has no equivalent in Kubernetes and is left out"),
                help,
            ),
        }
    }

    fn is_exact(self, attribute: &impl Serialize) -> bool {
        if self.exact.is_empty() {
            return false;
        }
        let value = serde_json::to_value(attribute).expect("attributes are plain data");
        let text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        self.exact.contains(&text.as_str())
    }
}

impl<T: Attribute + Serialize> Outcome<T> for LeftOut {
    fn report(&self, key: &str, attribute: &T, site: &Site) {
        if !attribute.is_unset() && !self.is_exact(attribute) {
            self.tell(key, site);
        }
    }
}

/// The attributes of the field are those of the mapping itself.
pub(super) struct Flattened<F>(pub(super) F);

impl<T, F: Fn(&T, &Site)> Outcome<T> for Flattened<F> {
    fn report(&self, _key: &str, attribute: &T, site: &Site) {
        self.0(attribute, site);
    }
}

/// The attribute is a mapping, whose own attributes the function reports.
pub(super) struct Part<F>(pub(super) F);

impl<T, F: Fn(&T, &Site)> Outcome<T> for Part<F> {
    fn report(&self, key: &str, attribute: &T, site: &Site) {
        self.0(attribute, &site.child(key));
    }
}

/// The attribute is a mapping that may be missing.
pub(super) struct OptionalPart<F>(pub(super) F);

impl<T, F: Fn(&T, &Site)> Outcome<Option<T>> for OptionalPart<F> {
    fn report(&self, key: &str, attribute: &Option<T>, site: &Site) {
        if let Some(attribute) = attribute {
            self.0(attribute, &site.child(key));
        }
    }
}

/// The attribute is a list of mappings.
pub(super) struct Items<F>(pub(super) F);

impl<T, F: Fn(&T, &Site)> Outcome<Vec<T>> for Items<F> {
    fn report(&self, key: &str, attribute: &Vec<T>, site: &Site) {
        for (index, item) in attribute.iter().enumerate() {
            self.0(item, &site.child(key).item(index));
        }
    }
}

/// The attribute is a mapping of mappings, under names that the user chooses.
pub(super) struct Members<F>(pub(super) F);

impl<T, F: Fn(&T, &Site)> Outcome<IndexMap<String, T>> for Members<F> {
    fn report(&self, key: &str, attribute: &IndexMap<String, T>, site: &Site) {
        for (name, member) in attribute {
            self.0(member, &site.child(key).child(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    fn told(outcome: LeftOut, value: Option<&str>) -> Vec<String> {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        outcome.report("ipc", &value, &findings.site("services.web"));
        findings.into_report().iter().map(|it| format!("{}: {}", it.path, it.message)).collect()
    }

    #[test]
    fn what_is_set_is_told_unless_kubernetes_does_it_anyway() {
        const IPC: LeftOut = no_equivalent("").but(&["private"]);
        assert_eq!(
            told(IPC, Some("host")),
            ["services.web.ipc: `ipc` has no equivalent in Kubernetes and is left out"]
        );
        assert!(told(IPC, Some("private")).is_empty());
        assert!(told(IPC, None).is_empty());
    }
}
