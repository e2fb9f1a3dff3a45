use serde_json::Value;

use crate::diagnostic::{Diagnostic, Report};
use crate::kubernetes::schema::{self, Type};
use crate::kubernetes::{Application, Object, strategic_merge};

use super::Patch;
use super::document::Change;

/// What a patch leaves of an object.
enum Patched {
    Object(Object),
    Deleted,
}

/// Applies patches to the objects that they select, one patch after the other.
pub fn apply_patches(patches: &[Patch], application: &mut Application) -> Report {
    let mut report = Report::new();
    for patch in patches {
        let mut selected = false;
        let mut deleted = Vec::new();
        for wave in &mut application.waves {
            wave.objects = std::mem::take(&mut wave.objects)
                .into_iter()
                .filter_map(|object| {
                    if !patch.target.selects(&object) {
                        return Some(object);
                    }
                    selected = true;
                    match patch.apply(&object) {
                        Ok(Patched::Object(object)) => Some(object),
                        Ok(Patched::Deleted) => {
                            deleted.push((object.kind().to_owned(), object.name().to_owned()));
                            None
                        }
                        Err(errors) => {
                            for error in errors {
                                report.push(error);
                            }
                            Some(object)
                        }
                    }
                })
                .collect();
        }
        if !selected {
            let message = format!("the patch changes nothing: there is no {}", patch.target);
            let error = patch.place.error("", message);
            report.push(error.help("`longshore convert` prints the objects with their names"));
        }
        // Nobody waits for what is not there.
        for wave in &mut application.waves {
            wave.gates.retain(|gate| {
                !deleted.iter().any(|(kind, name)| *kind == gate.kind && *name == gate.name)
            });
        }
    }
    report
}

impl Patch {
    fn apply(&self, object: &Object) -> Result<Patched, Vec<Diagnostic>> {
        let before = object.clone().into_value();
        let (after, path) = match &self.change {
            Change::Operations(operations) => {
                let mut value = before;
                for operation in operations {
                    operation
                        .apply(&mut value)
                        .map_err(|message| vec![self.error(object, &operation.path, &message)])?;
                }
                (value, "patch")
            }
            Change::Merge(part, at) => {
                if part.get("$patch").is_some_and(|directive| directive == "delete") {
                    return Ok(Patched::Deleted);
                }
                let place =
                    Type::of_kind(object.api_version(), object.kind()).unwrap_or_else(Type::any);
                let merged = strategic_merge::merge(place, &before, part)
                    .map_err(|message| vec![self.error(object, at, &message)])?;
                (merged, at.as_str())
            }
        };
        self.checked(object, after, path).map(Patched::Object)
    }

    /// An object after the patch, whose part of the document stands at `path`.
    fn checked(
        &self,
        before: &Object,
        after: Value,
        path: &str,
    ) -> Result<Object, Vec<Diagnostic>> {
        let errors: Vec<Diagnostic> = schema::check(&after)
            .into_iter()
            .map(|problem| {
                let place = match path {
                    "" => problem.path.clone(),
                    path => format!("{path}.{}", problem.path),
                };
                self.error(before, &place, &format!("`{}`: {}", problem.path, problem.message))
            })
            .collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        let names = |object: &Object| (object.kind().to_owned(), object.name().to_owned());
        let object = match after {
            Value::Object(fields) => Object::new(fields),
            _ => None,
        };
        object.filter(|after| names(after) == names(before)).ok_or_else(|| {
            let message = "a patch cannot change `kind` and `metadata.name`";
            vec![self.error(before, path, message)]
        })
    }

    fn error(&self, object: &Object, path: &str, message: &str) -> Diagnostic {
        self.place.error(path, format!("{} `{}`: {message}", object.kind(), object.name()))
    }
}
