use crate::model::{Attribute as _, Build, Job, PreStartHook, Service};
use crate::translate::findings::Site;

use super::container::report_container;
use super::deploy::report_deploy;
use super::outcome::{
    Flattened, Items, MEANINGLESS, OptionalPart, TRANSLATED, attributes, local, no_equivalent,
};

const BUILD: &str = "give it to the tool that builds the image";
const LOCAL_TOOL: &str = "nothing to do: it is for the tool on this machine";

/// Reports the attributes of a service.
pub(super) fn report(service: &Service, site: &Site) {
    attributes!(site, service => Service {
        attach: local(LOCAL_TOOL),
        build: OptionalPart(report_build),
        container: Flattened(report_container),
        container_name: TRANSLATED,
        depends_on: TRANSLATED,
        deploy: OptionalPart(report_deploy),
        develop: local(LOCAL_TOOL),
        expose: TRANSLATED,
        extensions: MEANINGLESS,
        external_links: TRANSLATED,
        healthcheck: TRANSLATED,
        links: TRANSLATED,
        ports: TRANSLATED,
        post_start: TRANSLATED,
        pre_start: Items(report_pre_start),
        pre_stop: TRANSLATED,
        profiles: TRANSLATED,
        provider: no_equivalent(
            "create what the provider makes, and pass its address in `environment`"
        ),
        restart: TRANSLATED,
        scale: TRANSLATED,
        stdin_open: TRANSLATED,
        tty: TRANSLATED,
    });
}

/// Reports the attributes of a job.
pub(super) fn report_job(job: &Job, site: &Site) {
    attributes!(site, job => Job {
        build: OptionalPart(report_build),
        container: Flattened(report_container),
        depends_on: TRANSLATED,
        expose: TRANSLATED,
        extensions: MEANINGLESS,
        healthcheck: TRANSLATED,
        ports: TRANSLATED,
        profiles: TRANSLATED,
        stdin_open: TRANSLATED,
        triggers: TRANSLATED,
        tty: TRANSLATED,
    });
}

/// What a hook has from its service is reported there.
fn report_pre_start(hook: &PreStartHook, site: &Site) {
    attributes!(site, hook => PreStartHook {
        container: Flattened(report_container),
        extensions: MEANINGLESS,
        per_replica: TRANSLATED,
    });
}

/// What every build needs is told with the image; the rest is told once.
fn report_build(build: &Build, site: &Site) {
    let Build {
        context: _,
        dockerfile: _,
        dockerfile_inline: _,
        args: _,
        target: _,
        extensions: _,
        additional_contexts,
        cache_from,
        cache_to,
        entitlements,
        extra_hosts,
        isolation,
        labels,
        network,
        no_cache,
        no_cache_filter,
        platforms,
        privileged,
        provenance,
        pull,
        sbom,
        secrets,
        shm_size,
        ssh,
        tags,
        ulimits,
    } = build;
    let unset = [
        additional_contexts.is_unset(),
        cache_from.is_unset(),
        cache_to.is_unset(),
        entitlements.is_unset(),
        extra_hosts.is_unset(),
        isolation.is_unset(),
        labels.is_unset(),
        network.is_unset(),
        no_cache.is_unset(),
        no_cache_filter.is_unset(),
        platforms.is_unset(),
        privileged.is_unset(),
        provenance.is_unset(),
        pull.is_unset(),
        sbom.is_unset(),
        secrets.is_unset(),
        shm_size.is_unset(),
        ssh.is_unset(),
        tags.is_unset(),
        ulimits.is_unset(),
    ];
    if unset.contains(&false) {
        local(BUILD).tell_at("build", site);
    }
}
