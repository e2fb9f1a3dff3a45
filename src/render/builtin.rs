/// The built-in templates: name and text. A test compares this table with the directory.
pub const BUILTIN: &[(&str, &str)] = &[
    ("configmap", include_str!("../../templates/configmap.yaml.hbs")),
    ("cronjob", include_str!("../../templates/cronjob.yaml.hbs")),
    ("daemonset", include_str!("../../templates/daemonset.yaml.hbs")),
    ("deployment", include_str!("../../templates/deployment.yaml.hbs")),
    ("horizontalpodautoscaler", include_str!("../../templates/horizontalpodautoscaler.yaml.hbs")),
    ("ingress", include_str!("../../templates/ingress.yaml.hbs")),
    ("job", include_str!("../../templates/job.yaml.hbs")),
    ("namespace", include_str!("../../templates/namespace.yaml.hbs")),
    ("networkpolicy", include_str!("../../templates/networkpolicy.yaml.hbs")),
    ("partials/claim", include_str!("../../templates/partials/claim.yaml.hbs")),
    ("partials/container", include_str!("../../templates/partials/container.yaml.hbs")),
    ("partials/metadata", include_str!("../../templates/partials/metadata.yaml.hbs")),
    ("partials/pod", include_str!("../../templates/partials/pod.yaml.hbs")),
    ("persistentvolumeclaim", include_str!("../../templates/persistentvolumeclaim.yaml.hbs")),
    ("role", include_str!("../../templates/role.yaml.hbs")),
    ("rolebinding", include_str!("../../templates/rolebinding.yaml.hbs")),
    ("secret", include_str!("../../templates/secret.yaml.hbs")),
    ("service", include_str!("../../templates/service.yaml.hbs")),
    ("serviceaccount", include_str!("../../templates/serviceaccount.yaml.hbs")),
    ("statefulset", include_str!("../../templates/statefulset.yaml.hbs")),
];

/// What the names of templates begin with that others call.
pub const PARTIALS: &str = "partials/";

/// What the file of every template ends in.
pub const EXTENSION: &str = ".yaml.hbs";

/// The file of a template, relative to the directory of templates.
pub fn file_name(template: &str) -> String {
    format!("{template}{EXTENSION}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_directory() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut files = Vec::new();
        for (directory, prefix) in [(root.clone(), ""), (root.join("partials"), "partials/")] {
            for entry in std::fs::read_dir(directory).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    files.push(format!("{prefix}{}", entry.file_name().to_str().unwrap()));
                }
            }
        }
        files.sort();
        let table: Vec<_> = BUILTIN.iter().map(|(name, _)| file_name(name)).collect();
        assert_eq!(table, files);
    }
}
