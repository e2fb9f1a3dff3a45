use super::findings::Site;

/// `command` and `args` of a container.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// Replaces the image's entrypoint, if there is anything in it.
    pub command: Vec<String>,
    /// Replaces the image's command, if there is anything in it.
    pub args: Vec<String>,
}

/// Compose's `entrypoint` and `command`, which Kubernetes calls `command` and `args`.
pub fn translate_command(
    entrypoint: Option<&[String]>,
    command: Option<&[String]>,
    site: &Site,
) -> CommandLine {
    let words = |words: &[String]| words.iter().map(|word| escape(word)).collect::<Vec<_>>();
    match (entrypoint, command) {
        (Some([]), Some(command @ [_, ..])) => {
            CommandLine { command: words(command), args: Vec::new() }
        }
        (Some([]), _) => {
            site.child("entrypoint").not_translated(
                "Kubernetes cannot clear the entrypoint of an image",
                "name the program in `command` or `entrypoint`",
            );
            CommandLine::default()
        }
        (None, Some([])) => {
            site.child("command").not_translated(
                "Kubernetes cannot clear the command of an image",
                "set `entrypoint` as well: without `command` it runs alone",
            );
            CommandLine::default()
        }
        (entrypoint, command) => CommandLine {
            command: words(entrypoint.unwrap_or_default()),
            args: words(command.unwrap_or_default()),
        },
    }
}

/// Protects text from the kubelet, which replaces `$(NAME)` and reads `$$` as `$`.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        escaped.push(character);
        if character == '$' && matches!(characters.peek(), Some('$' | '(')) {
            escaped.push('$');
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use proptest::prelude::*;

    use super::*;
    use crate::model::Origins;
    use crate::model::{Healthcheck, HealthcheckTest};
    use crate::translate::environment::translate_environment;
    use crate::translate::findings::Findings;
    use crate::translate::probe::translate_healthcheck;
    use crate::translate::secret_variables::SecretVariables;
    use crate::translate::setting::Settings;

    /// The kubelet's own rule, as in `third_party/forked/golang/expansion`, without variables.
    fn expand(text: &str) -> String {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some(position) = rest.find('$') {
            expanded.push_str(&rest[..position]);
            rest = &rest[position + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                expanded.push('$');
                rest = after;
            } else if let Some((_, after)) =
                rest.strip_prefix('(').and_then(|it| it.split_once(')'))
            {
                expanded.push_str("<value>");
                rest = after;
            } else {
                expanded.push('$');
            }
        }
        expanded + rest
    }

    #[test]
    fn what_is_escaped_arrives_as_it_was() {
        for text in ["", "$", "a$b", "$(date)", "$$", "$$$", "$$(x)", "${HOME}", "a$$b$(c)$", "$($"]
        {
            assert_eq!(expand(&escape(text)), text, "{text}");
        }
        assert_eq!(escape("echo $HOME ${X}"), "echo $HOME ${X}");
    }

    proptest! {
        /// A text of Compose is the same text where it arrives, however many `$` it has: in the command, its
        /// arguments, variables and probes.
        #[test]
        fn text_arrives_as_it_was(text in "[$(){}a ]{0,12}") {
            let origins = Origins::default();
            let findings = Findings::new(&origins);
            let site = findings.site("services.web");
            let words = [text.clone()];
            let CommandLine { command, args } =
                translate_command(Some(&words), Some(&words), &site);
            let environment = IndexMap::from([("A".to_owned(), Some(text.clone()))]);
            let rules = SecretVariables::default();
            let variables = translate_environment(&environment, "s", &rules, &site).variables;
            let labels = IndexMap::new();
            let settings = Settings::new(&labels, site.child("labels"));
            let shell = HealthcheckTest::Shell(text.clone());
            let program = HealthcheckTest::Command(words.to_vec());
            let probes = [shell, program].map(|test| {
                let check = Healthcheck { test: Some(test), ..Healthcheck::default() };
                let probe = translate_healthcheck(Some(&check), &settings, &[], &site).readiness;
                probe.and_then(|probe| probe.exec?.command?.pop()).unwrap_or_default()
            });
            let values = variables.into_iter().map(|it| it.value);
            for arrived in command.into_iter().chain(args).chain(values).chain(probes) {
                prop_assert_eq!(expand(&arrived), text.clone());
            }
        }
    }

    #[test]
    fn empty_lists() {
        let project = Origins::default();
        let findings = Findings::new(&project);
        let site = findings.site("services.web");
        let run = ["run".to_owned()];
        let line = |entrypoint: Option<&[String]>, command: Option<&[String]>| {
            let CommandLine { command, args } = translate_command(entrypoint, command, &site);
            format!("{command:?} {args:?}")
        };
        assert_eq!(line(Some(&[]), Some(&run)), r#"["run"] []"#);
        assert_eq!(line(Some(&run), Some(&[])), r#"["run"] []"#);
        assert_eq!(line(None, Some(&run)), r#"[] ["run"]"#);
        assert_eq!(line(None, None), "[] []");
        assert_eq!(line(Some(&[]), None), "[] []");
        assert_eq!(line(None, Some(&[])), "[] []");
        assert_eq!(findings.into_report().iter().count(), 2);
    }
}
