use k8s_openapi::api::core::v1::{ExecAction, Lifecycle, LifecycleHandler};

use crate::model::{Container as ContainerSpec, Hook, Service};

use super::findings::Site;
use super::setting::Settings;
use super::stop_signal::translate_stop_signal;

/// `post_start` and `pre_stop`: each is one handler of the container, none when it has no hook; and `stop_signal`.
pub fn translate_lifecycle(
    service: &Service,
    settings: &Settings,
    site: &Site,
) -> Option<Lifecycle> {
    let handler =
        |key: &str, hooks: &[Hook]| translate_handler(hooks, &service.container, &site.child(key));
    let lifecycle = Lifecycle {
        post_start: handler("post_start", &service.post_start),
        pre_stop: handler("pre_stop", &service.pre_stop),
        stop_signal: translate_stop_signal(
            service.container.stop_signal.as_deref(),
            settings,
            site,
        ),
    };
    (lifecycle != Lifecycle::default()).then_some(lifecycle)
}

/// The kubelet expands no variables in the command of a handler, so that nothing is escaped.
fn translate_handler(
    hooks: &[Hook],
    container: &ContainerSpec,
    site: &Site,
) -> Option<LifecycleHandler> {
    let steps: Vec<Step> = hooks
        .iter()
        .enumerate()
        .filter_map(|(index, hook)| Step::new(hook, container, &site.item(index)))
        .collect();
    let command = match steps.as_slice() {
        [] => return None,
        [step] if step.is_plain() => step.command.to_vec(),
        steps => {
            site.approximated_closely(
                "a shell runs the hook: a handler has one command, without variables and directory",
                "nothing to do, unless the image has no `/bin/sh`",
            );
            let lines: Vec<_> = steps.iter().map(Step::shell).collect();
            vec!["/bin/sh".to_owned(), "-c".to_owned(), lines.join(" && ")]
        }
    };
    let exec = Some(ExecAction { command: Some(command) });
    Some(LifecycleHandler { exec, ..LifecycleHandler::default() })
}

/// One hook.
struct Step<'a> {
    command: &'a [String],
    working_dir: Option<&'a str>,
    variables: Vec<(&'a str, &'a str)>,
}

impl<'a> Step<'a> {
    /// None when there is nothing to run; reports what the container has otherwise.
    fn new(hook: &'a Hook, container: &ContainerSpec, site: &Site) -> Option<Self> {
        let Hook { command, user, privileged, working_dir, environment, extensions: _ } = hook;
        let command = command.as_deref().unwrap_or_default();
        if command.is_empty() {
            site.not_translated("the hook names no command", "name one, or remove the hook");
            return None;
        }
        if user.is_some() && *user != container.user {
            site.child("user").not_translated(
                "a hook runs as the user of the container",
                "give the container this user, or change to it in the command, e.g. with `su`",
            );
        }
        if *privileged == Some(true) && container.privileged != Some(true) {
            site.child("privileged").not_translated(
                "a hook has the rights of the container",
                "do it in an init container: `pre_start`",
            );
        }
        let working_dir =
            working_dir.as_deref().filter(|it| Some(*it) != container.working_dir.as_deref());
        // A variable without a value is not set in a container of Compose either.
        let variables = environment
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?)))
            .collect();
        Some(Self { command, working_dir, variables })
    }

    fn is_plain(&self) -> bool {
        self.working_dir.is_none() && self.variables.is_empty()
    }

    /// As a command of a shell that leaves the shell as it was.
    fn shell(&self) -> String {
        let Self { command, working_dir, variables } = self;
        let mut words = Vec::new();
        if !variables.is_empty() {
            words.push("env".to_owned());
            words.extend(variables.iter().map(|(name, value)| format!("{name}={value}")));
        }
        words.extend(command.iter().cloned());
        let command = shell_words::join(&words);
        match working_dir {
            Some(directory) => format!("(cd {} && {command})", shell_words::quote(directory)),
            None => command,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    fn check(hooks: &[Hook], expected: &[&str], findings_expected: usize) {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let user = Some("1000".to_owned());
        let container = ContainerSpec { user, ..ContainerSpec::default() };
        let site = findings.site("services.web.post_start");
        let handler = translate_handler(hooks, &container, &site);
        let command = handler.and_then(|it| it.exec).and_then(|it| it.command).unwrap_or_default();
        assert_eq!(command, expected);
        assert_eq!(findings.into_report().iter().count(), findings_expected);
    }

    fn hook(command: &[&str]) -> Hook {
        let command = command.iter().map(|&word| word.to_owned()).collect();
        Hook { command: Some(command), ..Hook::default() }
    }

    #[test]
    fn one_command_is_run_as_it_is() {
        check(&[hook(&["echo", "$(HOME) it's"])], &["echo", "$(HOME) it's"], 0);
        check(&[], &[], 0);
        check(&[Hook::default()], &[], 1);
    }

    #[test]
    fn a_shell_runs_several_commands_in_their_directory_with_their_variables() {
        let second = Hook {
            working_dir: Some("/a b".into()),
            environment: [("A".into(), Some("x y".into())), ("B".into(), None)].into(),
            ..hook(&["run", "$HOME"])
        };
        let script = "echo 'one;two' && (cd '/a b' && env 'A=x y' run '$HOME')";
        check(&[hook(&["echo", "one;two"]), second], &["/bin/sh", "-c", script], 1);
    }

    #[test]
    fn rights_are_those_of_the_container() {
        let same = Hook { user: Some("1000".into()), privileged: Some(false), ..hook(&["a"]) };
        check(&[same], &["a"], 0);
        let other = Hook { user: Some("root".into()), privileged: Some(true), ..hook(&["a"]) };
        check(&[other], &["a"], 2);
    }
}
