use super::context::Container;
use super::label::settings;
use super::name::dns_label;
use super::setting::{Setting, Settings};

/// The name that kompose gives the container where no label names it.
const NAME: &str = "init-service";

/// The container that labels ask for, to run to its end before those of the service start.
pub fn translate_init_labels(labels: &Settings) -> Option<Container> {
    let Some(image) = labels.get(settings::INIT_IMAGE) else {
        let others = [settings::INIT_NAME, settings::INIT_COMMAND];
        if let Some(other) = others.into_iter().find_map(|keys| labels.get(keys)) {
            other.site.not_translated(
                format!("`{}` without an image makes no container", other.label),
                "name the image with `longshore.init.image`",
            );
        }
        return None;
    };
    let name = labels.get(settings::INIT_NAME).and_then(|name| name.text());
    Some(Container {
        name: dns_label(name.unwrap_or(NAME)),
        image: image.text()?.to_owned(),
        image_pull_policy: "IfNotPresent",
        command: labels.get(settings::INIT_COMMAND).and_then(|it| command(&it)).unwrap_or_default(),
        ..Container::default()
    })
}

/// `["a", "b"]` and `a,b` as kompose reads them, or the words of a shell.
fn command(setting: &Setting) -> Option<Vec<String>> {
    let value = setting.value;
    let list = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
    if list.is_none() && !value.contains(',') {
        return setting.words();
    }
    let words = list.unwrap_or(value).split(',');
    Some(words.map(|word| word.trim().trim_matches(['"', '\'']).to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    fn check(labels: &[(&str, &str)], expected: Option<(&str, &[&str])>, findings_expected: usize) {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let labels: IndexMap<String, String> =
            labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let settings = Settings::new(&labels, findings.site("services.a.labels"));
        let found = translate_init_labels(&settings);
        let found = found.as_ref().map(|it| (it.name.as_str(), it.command.as_slice()));
        let expected = expected.map(|(name, words)| {
            (name, words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())
        });
        assert_eq!(found, expected.as_ref().map(|(name, words)| (*name, words.as_slice())));
        drop(settings);
        assert_eq!(findings.into_report().iter().count(), findings_expected);
    }

    #[test]
    fn commands_in_every_spelling() {
        let image = ("kompose.init.containers.image", "busybox");
        check(&[], None, 0);
        check(&[image], Some(("init-service", &[])), 0);
        let command = "kompose.init.containers.command";
        let list = [image, (command, r#"["printenv", "HOME"]"#)];
        check(&list, Some(("init-service", &["printenv", "HOME"])), 0);
        check(
            &[image, (command, "sh,-c,exit 0")],
            Some(("init-service", &["sh", "-c", "exit 0"])),
            0,
        );
        let named = [image, ("longshore.init.name", "Fill_it"), (command, "sh -c 'exit 0'")];
        check(&named, Some(("fill-it", &["sh", "-c", "exit 0"])), 0);
        check(&[(command, "sh")], None, 1);
    }
}
