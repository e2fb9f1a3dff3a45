//! `postStart` and `preStop`.

use std::net::IpAddr;

use k8s_openapi::api::core::v1::{Container, LifecycleHandler};

use super::request::{self, Check};
use super::runtime::Runtime;

/// Runs a hook of a container; says why it failed.
pub(super) async fn run(
    runtime: &dyn Runtime,
    container: &Container,
    id: &str,
    hook: &LifecycleHandler,
    address: IpAddr,
) -> Result<(), String> {
    let check = Check::of_hook(hook, container).ok_or("it names no port of the container")?;
    request::ask(runtime, id, &check, address).await
}
