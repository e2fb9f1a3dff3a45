//! Which attributes merge in a way of their own.

use crate::load::path::Path;

/// How one value goes over another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Mappings merge, lists append, scalars replace, null leaves what is there alone.
    Plain,
    /// The later value counts alone, also when it is null.
    Replace,
    /// `K=V` lists or mappings: a later value of a key counts, also when it is null.
    Pairs,
    /// Hosts with their addresses, which add up.
    Hosts,
    /// A single text stands for a list of one.
    List,
    /// Names stand for a mapping to nothing.
    Names,
    /// Names stand for dependencies on services that have started.
    Dependencies,
    /// A text stands for the context.
    Build,
    /// Options count only together with their driver.
    Logging,
    /// Two mappings merge, anything else is replaced.
    Limit,
    /// Pools of one subnet merge.
    Pools,
    /// A text stands for the count of one request.
    Requests,
}

/// Where services and jobs are; the rules for both are the same.
const WORKLOADS: &[&str] = &["services", "jobs"];

const OF_WORKLOADS: &[(&[&str], Rule)] = &[
    (&["annotations"], Rule::Pairs),
    (&["build"], Rule::Build),
    (&["build", "additional_contexts"], Rule::Pairs),
    (&["build", "args"], Rule::Pairs),
    (&["build", "extra_hosts"], Rule::Hosts),
    (&["build", "labels"], Rule::Pairs),
    // not in the reference, which refuses a list over a list
    (&["build", "ssh"], Rule::Pairs),
    (&["command"], Rule::Replace),
    (&["depends_on"], Rule::Dependencies),
    (&["deploy", "labels"], Rule::Pairs),
    (&["dns"], Rule::List),
    (&["dns_opt"], Rule::List),
    (&["dns_search"], Rule::List),
    (&["entrypoint"], Rule::Replace),
    (&["env_file"], Rule::List),
    (&["environment"], Rule::Pairs),
    (&["extra_hosts"], Rule::Hosts),
    // not in the reference, which refuses `all` over anything, even over `all`
    (&["gpus"], Rule::Requests),
    (&["healthcheck", "test"], Rule::Replace),
    (&["label_file"], Rule::List),
    (&["labels"], Rule::Pairs),
    (&["logging"], Rule::Logging),
    (&["models"], Rule::Names),
    (&["networks"], Rule::Names),
    (&["sysctls"], Rule::Pairs),
    (&["tmpfs"], Rule::List),
    (&["ulimits", "*"], Rule::Limit),
];

const OF_RESOURCES: &[(&[&str], Rule)] = &[
    (&["networks", "*", "ipam", "config"], Rule::Pools),
    (&["networks", "*", "labels"], Rule::Pairs),
    (&["volumes", "*", "labels"], Rule::Pairs),
    (&["configs", "*", "labels"], Rule::Pairs),
    (&["secrets", "*", "labels"], Rule::Pairs),
];

impl Rule {
    /// The rule for the values at a path.
    pub fn of(path: &Path<'_>) -> Self {
        let workload = OF_WORKLOADS.iter().find(|(at, _)| path.matches_member(WORKLOADS, at));
        let found = workload.or_else(|| OF_RESOURCES.iter().find(|(at, _)| path.matches(at)));
        found.map_or(Self::Plain, |(_, rule)| *rule)
    }
}
