//! Completion indexes of `Indexed` Jobs.

use std::collections::BTreeSet;

use k8s_openapi::api::batch::v1::JobSpec;
use k8s_openapi::api::core::v1::{EnvVar, Pod};

use crate::control_plane::controllers::labels;

/// Whether each pod of the Job has an index.
pub(super) fn is_indexed(spec: &JobSpec) -> bool {
    spec.completion_mode.as_deref() == Some("Indexed")
}

/// The indexes of pods.
pub(super) fn of(pods: &[Pod]) -> BTreeSet<i32> {
    let index = |pod: &Pod| {
        let annotations = pod.metadata.annotations.as_ref()?;
        annotations.get(labels::JOB_COMPLETION_INDEX)?.parse().ok()
    };
    pods.iter().filter_map(index).collect()
}

/// `0-2,5`
pub(super) fn show(indexes: &BTreeSet<i32>) -> String {
    let mut ranges: Vec<(i32, i32)> = Vec::new();
    for index in indexes {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *index => *last = *index,
            _ => ranges.push((*index, *index)),
        }
    }
    let shown = ranges.into_iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    });
    shown.collect::<Vec<_>>().join(",")
}

/// `0-2,5` as indexes; what is not a number is left out.
pub(super) fn parse(text: &str) -> BTreeSet<i32> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse::<i32>().ok()?..=last.parse::<i32>().ok()?)
    };
    text.split(',').filter_map(range).flatten().collect()
}

/// Gives a pod its index: in its name, annotations, labels, host name and environment.
pub(super) fn assign(pod: &mut Pod, job: &str, index: i32) {
    let text = index.to_string();
    pod.metadata.generate_name = Some(format!("{job}-{index}-"));
    let key = labels::JOB_COMPLETION_INDEX;
    pod.metadata.annotations.get_or_insert_default().insert(key.to_owned(), text.clone());
    pod.metadata.labels.get_or_insert_default().insert(key.to_owned(), text);
    let Some(spec) = &mut pod.spec else { return };
    spec.hostname.get_or_insert_with(|| format!("{job}-{index}"));
    for container in spec.containers.iter_mut().chain(spec.init_containers.iter_mut().flatten()) {
        container.env.get_or_insert_default().push(EnvVar {
            name: "JOB_COMPLETION_INDEX".to_owned(),
            value: Some(index.to_string()),
            value_from: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_short_and_read_back() {
        for (text, indexes) in
            [("", vec![]), ("0", vec![0]), ("0,1", vec![0, 1]), ("0-2,5", vec![0, 1, 2, 5])]
        {
            let indexes: BTreeSet<i32> = indexes.into_iter().collect();
            assert_eq!(show(&indexes), text);
            assert_eq!(parse(text), indexes);
        }
    }
}
