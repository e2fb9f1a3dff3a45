use crate::model::{Develop, Hook, PreStartHook, Watch, WatchAction};

use super::container::container;
use super::fields::Fields;

/// Binds one entry of `post_start` or `pre_stop`, or `develop.watch.exec`.
pub(super) fn hook(fields: &mut Fields<'_>) -> Hook {
    Hook {
        command: fields.optional_strings("command"),
        user: fields.string("user"),
        privileged: fields.bool("privileged"),
        working_dir: fields.string("working_dir"),
        environment: fields.optional_pairs("environment"),
        extensions: fields.extensions(),
    }
}

/// Binds one entry of `pre_start`.
pub(super) fn pre_start(fields: &mut Fields<'_>) -> PreStartHook {
    PreStartHook {
        container: container(fields),
        per_replica: fields.bool("per_replica"),
        extensions: fields.extensions(),
    }
}

/// Binds `develop`.
pub(super) fn develop(fields: &mut Fields<'_>) -> Develop {
    Develop { watch: fields.items("watch", watch), extensions: fields.extensions() }
}

fn watch(fields: &mut Fields<'_>) -> Option<Watch> {
    const ACTIONS: [(&str, WatchAction); 5] = [
        ("rebuild", WatchAction::Rebuild),
        ("restart", WatchAction::Restart),
        ("sync", WatchAction::Sync),
        ("sync+exec", WatchAction::SyncExec),
        ("sync+restart", WatchAction::SyncRestart),
    ];
    Some(Watch {
        path: fields.string("path").unwrap_or_default(),
        action: fields.word("action", &ACTIONS)?,
        target: fields.string("target"),
        exec: fields.fields("exec", hook),
        include: fields.strings("include"),
        ignore: fields.strings("ignore"),
        initial_sync: fields.bool("initial_sync"),
        extensions: fields.extensions(),
    })
}
