use crate::diagnostic::{Diagnostic, Loss, Report, Severity};

/// What to do when a finding with one of these codes is there; `{}` stands for the paths.
const STEPS: &[(&[&str], &str)] = &[
    (&["LS1005"], "Give the images that are built here a registry, then build and push them: {}."),
    (&["LS1101"], "Build and push the images before you deploy: {}."),
    (
        &["LS1610", "LS1613", "LS3201"],
        "Create what must be in the cluster already, in the same namespace: {}.",
    ),
    (&["LS1004"], "Replace mounts of this machine's files by volumes, configs or images: {}."),
    (&["LS1007"], "Say how large the volumes are, or choose the default with `--volume-size`: {}."),
    (
        &["LS1009"],
        "Choose a StorageClass that offers ReadWriteMany, or let one service own the volume: {}.",
    ),
    (&["LS1008"], "Fill the volumes that start empty, or say `nocopy: true`: {}."),
    (&["LS1207", "LS1208"], "Write users and groups as numbers: {}."),
    (
        &["LS1701"],
        "Let services wait with `--wait-for started`, or deploy with `longshore up`: {}.",
    ),
    (
        &["LS3101", "LS3108", "LS1504"],
        "Write policies with `--network-policies` where the separation of networks matters: {}.",
    ),
];

/// The steps from here to a running application, in their order.
pub fn next_steps(report: &Report) -> Vec<String> {
    let errors = report.count(Severity::Error);
    if errors > 0 {
        return vec![format!(
            "Correct the {} in the compose files, then run the report again.",
            if errors == 1 { "error" } else { "errors" }
        )];
    }
    let mut steps: Vec<String> = STEPS
        .iter()
        .filter_map(|(codes, sentence)| {
            let subjects = subjects(report, |it| codes.contains(&it.code.id));
            (!subjects.is_empty()).then(|| sentence.replace("{}", &subjects))
        })
        .collect();
    let is_lost =
        |it: &Diagnostic| matches!(it.loss, Loss::IgnoredBehaviourChange | Loss::Unsupported);
    let lost = report.iter().filter(|it| is_lost(it)).count();
    if lost > 0 {
        let s = if lost == 1 { "" } else { "s" };
        steps.push(format!(
            "Decide about the {lost} finding{s} that change{} what the application does: follow the \
             remedy, or allow it with `# longshore: allow CODE`.",
            if lost == 1 { "s" } else { "" }
        ));
    }
    steps.push(
        "Write the manifests with `longshore convert -o k8s/`, and apply them with `kubectl apply -f \
         k8s/`; or deploy with `longshore up`."
            .to_owned(),
    );
    steps
}

/// The parts that findings are about, each once, of many only the first.
fn subjects(report: &Report, is_meant: impl Fn(&Diagnostic) -> bool) -> String {
    const SHOWN: usize = 8;
    let mut parts: Vec<String> = Vec::new();
    for finding in report.iter().filter(|it| is_meant(it)) {
        let part: Vec<&str> = finding.path.split('.').take(2).collect();
        let part = format!("`{}`", part.join("."));
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    let more = parts.len().saturating_sub(SHOWN);
    parts.truncate(SHOWN);
    if more > 0 {
        parts.push(format!("{more} more"));
    }
    parts.join(", ")
}
