//! Which cluster a command talks to: the bundled one, unless the arguments name another.

use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};

use super::cluster::ensure_started;
use super::{Exit, Failure, GlobalArgs};
use crate::deploy::{Cluster, Error};

/// How long a cluster may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The cluster that the arguments name, else the bundled one, started if it does not run.
///
/// `KUBECONFIG` alone never chooses one: nobody deploys to production by accident.
pub(super) async fn connect(global: &GlobalArgs) -> Result<Cluster, Failure> {
    let kubeconfig = match (&global.kubeconfig, &global.context) {
        (Some(path), _) => Kubeconfig::read_from(path),
        (None, Some(_)) => Kubeconfig::read(),
        (None, None) => Kubeconfig::read_from(ensure_started(global).await?),
    };
    let unusable = |error: kube::config::KubeconfigError| {
        let file = global.kubeconfig.as_ref().map_or_else(
            || "the kubeconfig".to_owned(),
            |path| format!("the kubeconfig `{}`", path.display()),
        );
        // The message has its causes in it.
        Failure::new(Exit::Input, anyhow::anyhow!("cannot use {file}: {error}"))
            .help("`kubectl config get-contexts` lists the contexts that `--context` takes")
    };
    let options = KubeConfigOptions { context: global.context.clone(), ..Default::default() };
    let mut config = kube::Config::from_custom_kubeconfig(kubeconfig.map_err(unusable)?, &options)
        .await
        .map_err(unusable)?;
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    // `deploy` tries again itself, and not for minutes.
    config.default_retry = false;
    let address = config.cluster_url.to_string();
    let address = address.trim_end_matches('/');
    let client = kube::Client::try_from(config).map_err(|error| {
        let error = anyhow::Error::new(error);
        Failure::new(Exit::Input, error.context(format!("cannot make a client for {address}")))
    })?;
    Ok(Cluster::new(client, address))
}

/// The failure of a command whose deployment stopped.
pub(super) fn failure(error: &Error) -> Failure {
    let exit = match error {
        Error::Unreachable { .. }
        | Error::Request { .. }
        | Error::Refused(_)
        | Error::Foreign { .. } => Exit::Cluster,
        Error::UnknownKind { .. } | Error::OtherNamespace { .. } => Exit::Input,
        Error::Failed(_) | Error::NotPublished { .. } | Error::NotGone { .. } => Exit::Workload,
    };
    // The message tells the cause already.
    let failure = Failure::new(exit, anyhow::Error::msg(error.to_string()));
    match error.help() {
        Some(help) => failure.help(help),
        None => failure,
    }
}
