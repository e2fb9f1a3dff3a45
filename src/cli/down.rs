use std::time::Duration;

use super::cluster_client::{connect, failure};
use super::runtime::block_on;
use super::{Failure, GlobalArgs, duration, progress};
use crate::deploy::{DownOptions, NamespaceFate, Removed, Target, down};

/// Delete what `up` made, and wait until it is gone; volumes stay unless `-v` is given
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// Delete the volumes too, with all data in them
    #[arg(short, long)]
    volumes: bool,
    /// How long to wait until all is gone, e.g. `90s` or `5m`
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "5m")]
    timeout: Duration,
}

/// Runs `longshore down`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { volumes, timeout } = args;
    let target = super::target::existing(global)?;
    block_on(async {
        let cluster = connect(global).await?;
        let mut progress = progress::writer(global);
        let options = DownOptions { volumes, timeout };
        let removed = down(&cluster, &target, options, progress.as_mut()).await;
        for line in told(&removed.map_err(|error| failure(&error))?, &target) {
            progress.note(&line);
        }
        Ok(())
    })
}

/// What the user must know of what was removed and what was not.
fn told(removed: &Removed, target: &Target) -> Vec<String> {
    let Removed { objects, kept_volumes, namespace } = removed;
    let Target { project, namespace: name } = target;
    let mut lines = Vec::new();
    if *objects == 0 && *namespace != NamespaceFate::Deleted {
        lines.push(format!(
            "nothing to delete: project `{project}` has nothing in namespace `{name}`"
        ));
    }
    if !kept_volumes.is_empty() {
        let volumes = kept_volumes.join(", ");
        lines.push(format!("volumes kept: {volumes} (`down -v` deletes them and their data)"));
    }
    match namespace {
        NamespaceFate::InUse(rest) if rest.len() > kept_volumes.len() => {
            let rest: Vec<String> = rest.iter().map(ToString::to_string).collect();
            lines.push(format!("namespace `{name}` kept: it still has {}", rest.join(", ")));
        }
        NamespaceFate::Unknown(why) => {
            lines.push(format!("namespace `{name}` kept: what is left in it is unknown: {why}"));
        }
        NamespaceFate::InUse(_)
        | NamespaceFate::Missing
        | NamespaceFate::Deleted
        | NamespaceFate::NotOurs => {}
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::told;
    use crate::deploy::{Id, NamespaceFate, Removed, Target};

    #[test]
    fn what_stays_is_told() {
        let target = Target::new("shop", None);
        let check = |removed: &Removed, expected: &[&str]| {
            assert_eq!(told(removed, &target), expected);
        };
        check(
            &Removed::default(),
            &["nothing to delete: project `shop` has nothing in namespace `shop`"],
        );
        let claim = Id::new("PersistentVolumeClaim", "data");
        let mut removed = Removed {
            objects: 3,
            kept_volumes: vec!["data".to_owned()],
            namespace: NamespaceFate::InUse(vec![claim.clone()]),
        };
        let volumes = "volumes kept: data (`down -v` deletes them and their data)";
        check(&removed, &[volumes]);
        removed.namespace = NamespaceFate::InUse(vec![Id::new("ConfigMap", "mine"), claim]);
        let rest = "namespace `shop` kept: it still has ConfigMap/mine, PersistentVolumeClaim/data";
        check(&removed, &[volumes, rest]);
    }
}
