use std::fmt::Write as _;

use serde_json::Value;

use crate::kubernetes::Object;

use super::expression::escape;

/// `templates/NOTES.txt`: how to reach what the project publishes.
pub fn notes(objects: &[Object]) -> String {
    let mut text =
        "{{ .Chart.Name }} is installed in namespace {{ .Release.Namespace }}.\n".to_owned();
    let published =
        objects.iter().filter(|object| object.kind() == "Service").filter_map(|object| {
            let spec = object.fields().get("spec")?;
            let kind = spec.get("type").and_then(Value::as_str)?;
            let port = spec.pointer("/ports/0/port")?;
            (kind != "ClusterIP").then(|| (escape(object.name()), port))
        });
    for (name, port) in published {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\nTo reach {name} from here, at port {port}:\n\
             \x20 kubectl port-forward --namespace {{{{ .Release.Namespace }}}} service/{name} {port}\n"
        );
    }
    text
}
