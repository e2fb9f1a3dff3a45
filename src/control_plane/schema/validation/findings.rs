use serde_json::Value;

use super::field::Field;
use crate::kubernetes::Cause;
use crate::kubernetes::schema::Quantity;

/// What is wrong so far, in the sentences of k8s.io/apimachinery/pkg/util/validation/field.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) causes: Vec<Cause>,
}

impl Findings {
    /// The field must be there; `detail` says more, or is empty.
    pub(super) fn required(&mut self, field: &Field<'_>, detail: &str) {
        self.add("FieldValueRequired", "Required value", detail, field);
    }

    /// Reports the field when it is empty; returns whether it is not.
    pub(super) fn require(&mut self, field: &Field<'_>) -> bool {
        if field.is_empty() {
            self.required(field, "");
        }
        !field.is_empty()
    }

    /// The value breaks a rule.
    pub(super) fn invalid(&mut self, field: &Field<'_>, detail: &str) {
        let value = field.value().unwrap_or(&Value::Null);
        self.invalid_value(field, value, detail);
    }

    /// Another value than the field's own breaks a rule, such as a key of a map.
    pub(super) fn invalid_value(&mut self, field: &Field<'_>, value: &Value, detail: &str) {
        self.add("FieldValueInvalid", &format!("Invalid value: {value}"), detail, field);
    }

    /// The rule's sentence, when it is broken.
    pub(super) fn check(&mut self, field: &Field<'_>, result: Result<(), String>) {
        if let Err(sentence) = result {
            self.invalid(field, &sentence);
        }
    }

    /// The value is none of these.
    pub(super) fn one_of(&mut self, field: &Field<'_>, supported: &[&str]) {
        if field.is_empty() || supported.contains(&field.text()) {
            return;
        }
        let quoted: Vec<_> = supported.iter().map(|value| format!("{value:?}")).collect();
        let kind = format!("Unsupported value: {:?}", field.text());
        let detail = format!("supported values: {}", quoted.join(", "));
        self.add("FieldValueNotSupported", &kind, &detail, field);
    }

    pub(super) fn duplicate(&mut self, field: &Field<'_>, value: &Value) {
        self.add("FieldValueDuplicate", &format!("Duplicate value: {value}"), "", field);
    }

    pub(super) fn forbidden(&mut self, field: &Field<'_>, detail: &str) {
        self.add("FieldValueForbidden", "Forbidden", detail, field);
    }

    pub(super) fn not_found(&mut self, field: &Field<'_>) {
        let kind = format!("Not found: {:?}", field.text());
        self.add("FieldValueNotFound", &kind, "", field);
    }

    pub(super) fn too_long(&mut self, field: &Field<'_>, most: usize) {
        let detail = format!("may not be more than {most} bytes");
        self.add("FieldValueTooLong", "Too long", &detail, field);
    }

    /// An integer that is there is not below zero.
    pub(super) fn not_negative(&mut self, field: &Field<'_>) {
        if field.number().is_some_and(|number| number < 0) {
            self.invalid(field, "must be greater than or equal to 0");
        }
    }

    /// An integer that is there is within a range.
    pub(super) fn within(&mut self, field: &Field<'_>, least: i64, most: i64) {
        if field.number().is_some_and(|number| !(least..=most).contains(&number)) {
            self.invalid(field, &format!("must be between {least} and {most}, inclusive"));
        }
    }

    /// A number or name of a port that is there is one.
    pub(super) fn port(&mut self, field: &Field<'_>) {
        match field.value() {
            Some(Value::String(name)) => {
                self.check(field, crate::control_plane::schema::names::check_port_name(name));
            }
            _ => self.within(field, 1, 65535),
        }
    }

    /// A quantity that is not below zero; `None` when it is none.
    pub(super) fn quantity(&mut self, field: &Field<'_>) -> Option<Quantity> {
        let text = field
            .value()
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))?;
        match text.parse::<Quantity>() {
            Ok(quantity) => {
                if quantity.is_negative() {
                    self.invalid(field, "must be greater than or equal to 0");
                }
                Some(quantity)
            }
            Err(error) => {
                self.invalid(field, &error.to_string());
                None
            }
        }
    }

    fn add(&mut self, reason: &'static str, kind: &str, detail: &str, field: &Field<'_>) {
        let message = if detail.is_empty() { kind.to_owned() } else { format!("{kind}: {detail}") };
        self.causes.push(Cause { reason, message, field: field.path().to_owned() });
    }
}
