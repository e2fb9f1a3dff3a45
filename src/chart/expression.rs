//! Texts in the language of Helm's templates.

use std::fmt::Write as _;

/// A text as it is, where templates are read: `{{` is not the start of an action.
pub fn escape(text: &str) -> String {
    text.replace("{{", "{{ \"{{\" }}")
}

/// A text as a constant of a template.
pub fn constant(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out + "\""
}

/// The expression for a value: `.Values.services.web`, or by `index` where a name is no identifier.
pub fn value(path: &[&str]) -> String {
    let is_identifier = |name: &&str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if path.iter().all(is_identifier) {
        return format!(".Values.{}", path.join("."));
    }
    let keys: Vec<String> = path.iter().map(|name| constant(name)).collect();
    format!("(index .Values {})", keys.join(" "))
}

/// The names of the chart's own templates begin with the chart's name.
pub fn helper(project: &str, name: &str, argument: &str) -> String {
    format!("include \"{project}.{name}\" {argument}")
}

/// `templates/_helpers.tpl`.
pub fn helpers(project: &str) -> String {
    format!(
        r#"{{{{/* A value as text: whole numbers without exponent. */}}}}
{{{{- define "{project}.text" -}}}}
{{{{- if kindIs "invalid" . }}}}{{{{ else if and (kindIs "float64" .) (eq (float64 .) (floor .)) }}}}{{{{ int64 . }}}}{{{{ else }}}}{{{{ toString . }}}}{{{{ end }}}}
{{{{- end }}}}

{{{{/* An image from its repository, tag and digest. */}}}}
{{{{- define "{project}.image" -}}}}
{{{{ .repository }}}}{{{{ with .tag }}}}:{{{{ include "{project}.text" . }}}}{{{{ end }}}}{{{{ with .digest }}}}@{{{{ . }}}}{{{{ end }}}}
{{{{- end }}}}

{{{{/* A hash that changes with values, so that new values give new pods. */}}}}
{{{{- define "{project}.hash" -}}}}
{{{{- $texts := list }}}}
{{{{- range .values }}}}{{{{ $texts = append $texts (include "{project}.text" .) }}}}{{{{ end }}}}
{{{{- $sum := join "\n" $texts | sha256sum }}}}
{{{{- .hash }}}}{{{{ if ne $sum .unchanged }}}}-{{{{ trunc 10 $sum }}}}{{{{ end }}}}
{{{{- end }}}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_constants() {
        assert_eq!(value(&["services", "web", "replicas"]), ".Values.services.web.replicas");
        assert_eq!(
            value(&["services", "my-web", "env"]),
            r#"(index .Values "services" "my-web" "env")"#
        );
        assert_eq!(constant("a\"b\\c\n{{\u{1}"), r#""a\"b\\c\n{{\u0001""#);
        assert_eq!(escape("{{{ .x }}"), "{{ \"{{\" }}{ .x }}");
    }
}
