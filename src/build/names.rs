//! What images are called where they are pushed to.

use std::collections::BTreeMap;

use crate::engine::registry;
use crate::model::{Build, Project, built_image};

/// The names of built images in the manifests.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// `--registry-prefix`: before each name that has no registry.
    pub prefix: Option<String>,
    /// `--pin`: the digest of each name.
    pub digests: Option<BTreeMap<String, String>>,
}

impl Names {
    /// Gives the services and jobs that are built the names of their pushed images, and tells those
    /// that have no digest: their Compose paths and their names.
    pub fn change(&self, project: &mut Project) -> Vec<(String, String)> {
        let Self { prefix, digests } = self;
        let mut without = Vec::new();
        if prefix.is_none() && digests.is_none() {
            return without;
        }
        let name = project.name.clone();
        let services = project.services.iter_mut().map(|(key, service)| {
            (format!("services.{key}"), key, &mut service.container.image, &service.build)
        });
        let jobs = project
            .jobs
            .iter_mut()
            .map(|(key, job)| (format!("jobs.{key}"), key, &mut job.container.image, &job.build));
        for (path, key, image, build) in services.chain(jobs) {
            if build.is_none() {
                continue;
            }
            let own = image.clone().unwrap_or_else(|| built_image(&name, key));
            let pushed = pushed_name(&own, prefix.as_deref());
            let digest = digests.as_ref().map(|digests| digests.get(&pushed));
            *image = Some(match digest {
                Some(Some(digest)) => format!("{pushed}@{digest}"),
                Some(None) => {
                    without.push((path, pushed.clone()));
                    pushed
                }
                None => pushed,
            });
        }
        without
    }
}

/// A name with the prefix before it, unless it names a registry.
pub(super) fn pushed_name(name: &str, prefix: Option<&str>) -> String {
    match prefix {
        Some(prefix) if registry(name) == registry("") => format!("{prefix}/{name}"),
        _ => name.to_owned(),
    }
}

/// The further names of an image, like its name.
pub(super) fn name_tags(build: &mut Build, prefix: Option<&str>) {
    for tag in &mut build.tags {
        *tag = pushed_name(tag, prefix);
    }
}

/// Whether a name says where it is pushed to: `web` alone is one of Docker's own images.
pub(super) fn has_registry(name: &str) -> bool {
    name.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::plan::tests::project;

    #[test]
    fn built_images_have_the_names_that_they_are_pushed_by() {
        let text = "services:\n  web: {build: .}\n  api: {build: ., image: me/api:2}\n  \
                    own: {build: ., image: 'reg.example:5000/own'}\n  db: {image: postgres}\n";
        let images = |names: &Names| {
            let (mut project, _) = project(text);
            let without = names.change(&mut project);
            let images = project.services.values().map(|it| it.container.image.clone());
            (images.map(Option::unwrap_or_default).collect::<Vec<_>>().join(" "), without)
        };
        let mut names = Names { prefix: Some("r.io/ns".to_owned()), digests: None };
        let prefixed = "r.io/ns/shop-web r.io/ns/me/api:2 reg.example:5000/own postgres";
        assert_eq!(images(&names), (prefixed.to_owned(), Vec::new()));
        let digest = |name: &str| (name.to_owned(), "sha256:1".to_owned());
        let known = ["r.io/ns/shop-web", "reg.example:5000/own", "postgres"];
        names.digests = Some(known.into_iter().map(digest).collect());
        let (pinned, without) = images(&names);
        assert_eq!(
            pinned,
            "r.io/ns/shop-web@sha256:1 r.io/ns/me/api:2 reg.example:5000/own@sha256:1 postgres"
        );
        assert_eq!(without, [("services.api".to_owned(), "r.io/ns/me/api:2".to_owned())]);
    }
}
