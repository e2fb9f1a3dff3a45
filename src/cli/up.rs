use std::io::{self, Write as _};
use std::time::Duration;

use jiff::Timestamp;

use super::cluster_client::{connect, failure};
use super::content::SecretsArg;
use super::logs::Printer;
use super::project::{Purpose, build};
use super::runtime::{block_on, interrupted};
use super::selected::Selected;
use super::translation::TranslationArgs;
use super::{Exit, Failure, GlobalArgs, containers, duration, images, progress};
use crate::containers::{LogsOptions, logs};
use crate::deploy::{
    Cluster, Delivery, Error, Others, Plan, PlanOptions, Progress, Target, UpOptions, execute,
    follow, observe, published_services, simulated_nodes,
};

/// Bring the project up: convert it, apply what changed and wait until all is ready
///
/// Then shows what its pods do and write until Ctrl-C, which ends the showing and not the project. With
/// services named, the objects of the others stay as they are.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Args {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    translation: TranslationArgs,
    /// Build the images of all services that have `build`; without it, those that the engine does not have
    #[arg(long, overrides_with = "no_build")]
    build: bool,
    /// Build no image
    #[arg(long)]
    no_build: bool,
    /// End when all is ready; `--wait` is the same, as `up` always waits
    #[arg(short, long, alias = "wait", overrides_with = "detach")]
    detach: bool,
    /// Print what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// How long to wait until all is ready, e.g. `90s` or `5m`
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "5m")]
    wait_timeout: Duration,
    /// Leave objects in the cluster that are no longer in the project
    #[arg(long)]
    no_prune: bool,
}

/// Runs `longshore up`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        selected,
        translation,
        build: is_to_build,
        no_build,
        detach,
        dry_run,
        wait_timeout,
        no_prune,
    } = args;
    let builds = match (is_to_build, no_build) {
        (true, _) => Builds::All,
        (false, true) => Builds::None,
        (false, false) => Builds::Missing,
    };
    // Secrets that are not delivered, or nothing but these, are no reason to delete the others.
    let is_whole = selected.services.is_empty() && translation.secrets() == SecretsArg::Inline;
    let others = match (is_whole, no_prune) {
        (false, _) => Others::Ignore,
        (true, true) => Others::Keep,
        (true, false) => Others::Delete,
    };
    let registry_prefix = translation.registry_prefix();
    let application = build(global, selected.clone(), translation, Purpose::Deployment)?;
    let target = Target::new(application.project.clone(), global.namespace.as_deref());
    let delivery = Delivery::new(application, target.clone()).map_err(|error| failure(&error))?;
    let started = Timestamp::now();
    block_on(async {
        let cluster = connect(global).await?;
        let observed = observe(&cluster, &delivery).await.map_err(|error| failure(&error))?;
        let plan = Plan::new(&delivery, &observed, PlanOptions { others });
        if dry_run {
            return print(&plan);
        }
        build_images(global, selected, &cluster, builds, registry_prefix).await?;
        let mut progress = progress::writer(global);
        let upped = bring_up(&cluster, &plan, UpOptions { wait_timeout }, progress.as_mut()).await;
        if let Err(error) = upped {
            // Lines that still move would be mixed with the message.
            drop(progress);
            return Err(failure(&error));
        }
        if detach || !plan.runs_on() {
            return Ok(());
        }
        progress.note("following the pods; Ctrl-C ends this, `longshore down` ends the project");
        let mut printer = Printer::new(global, false, true);
        let options = LogsOptions { follow: true, since: Some(started), ..Default::default() };
        tokio::select! {
            Err(error) = logs(&cluster, &target, &[], &options, |line| printer.print(line)) => {
                Err(containers::failure(&error))
            }
            followed = follow(&cluster, &target, progress.as_mut()) => {
                followed.map_err(|error| failure(&error))
            }
            () = interrupted() => Err(Failure::told(Exit::Interrupted)),
        }
    })
}

/// Which images are built before the pods start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Builds {
    /// All that can be.
    All,
    /// Those that the engine does not have, if it is the one that runs the pods.
    Missing,
    /// None.
    None,
}

async fn build_images(
    global: &GlobalArgs,
    selected: Selected,
    cluster: &Cluster,
    builds: Builds,
    registry_prefix: Option<String>,
) -> Result<(), Failure> {
    if builds == Builds::Missing {
        let is_bundled = global.kubeconfig.is_none() && global.context.is_none();
        // Simulated pods run no images, and those of other clusters come from a registry.
        if !is_bundled || is_simulated(cluster).await? {
            return Ok(());
        }
    }
    if builds == Builds::None {
        return Ok(());
    }
    let options = images::Options { registry_prefix, ..Default::default() };
    let plan = images::plan(global, selected, &options, true)?;
    match builds {
        _ if plan.images.is_empty() => Ok(()),
        Builds::All => images::build(global, &images::connect().await?, &plan, false).await,
        Builds::Missing | Builds::None => images::build_missing(global, plan).await,
    }
}

async fn is_simulated(cluster: &Cluster) -> Result<bool, Failure> {
    let simulated = simulated_nodes(cluster).await.map_err(|error| failure(&error))?;
    Ok(!simulated.is_empty())
}

async fn bring_up(
    cluster: &Cluster,
    plan: &Plan,
    options: UpOptions,
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    execute(cluster, plan, options, progress).await?;
    // Not every user may look at nodes.
    let simulated = simulated_nodes(cluster).await.unwrap_or_default();
    if !simulated.is_empty() {
        let nodes = simulated.join(", ");
        progress.note(&format!("pods are simulated: node {nodes} runs no containers"));
    }
    for service in published_services(cluster, &plan.target).await? {
        for port in &service.ports {
            if let Some(reason) = port.problem.clone() {
                return Err(Error::NotPublished { service: service.service, reason });
            }
            progress.note(&format!("{} is published at {port}", service.service));
        }
    }
    Ok(())
}

fn print(plan: &Plan) -> Result<(), Failure> {
    let written = io::stdout().write_all(plan.to_string().as_bytes());
    written.map_err(|error| {
        let error = anyhow::Error::new(error);
        Failure::new(Exit::Input, error.context("cannot write the plan to standard output"))
    })
}
