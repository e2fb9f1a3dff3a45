use crate::diagnostic::{Loss, codes};
use crate::model::{Build, PullPolicy, built_image};

use super::findings::Site;
use super::label::settings;
use super::scope::Scope;
use super::setting::Settings;

/// The image of a service: its own, or the name that Compose gives to what it builds.
pub fn translate_image(
    key: &str,
    image: Option<&str>,
    build: Option<&Build>,
    scope: &Scope,
    site: &Site,
) -> String {
    let site = site.child("build");
    match (image, build) {
        (Some(image), None) => image.to_owned(),
        (Some(image), Some(_)) => {
            site.note(
                codes::LOCAL_ONLY,
                Loss::IgnoredHarmless,
                format!("the image `{image}` is not built by the cluster"),
                "build and push it before",
            );
            image.to_owned()
        }
        (None, _) => {
            let image = image_of(key, None, scope);
            site.note(
                codes::LOCAL_IMAGE,
                Loss::IgnoredHarmless,
                format!("the image is called `{image}`, which only this machine has"),
                "name a registry with `image: REGISTRY/NAME`, and push it there, for any other cluster",
            );
            image
        }
    }
}

/// The name of a service's image: its own, or that of what is built.
pub fn image_of(key: &str, image: Option<&str>, scope: &Scope) -> String {
    image.map_or_else(|| built_image(&scope.project.name, key), str::to_owned)
}

/// When the image is pulled. Compose pulls what is missing, also for `latest`, so it is said each time.
pub fn translate_pull_policy(
    pull_policy: Option<&PullPolicy>,
    settings: &Settings,
    site: &Site,
) -> &'static str {
    let known = ["Always", "Never", "IfNotPresent"].map(|policy| (policy, policy));
    if let Some(policy) = settings.get(settings::IMAGE_PULL_POLICY).and_then(|it| it.one_of(&known))
    {
        return policy;
    }
    match pull_policy {
        Some(PullPolicy::Always) => "Always",
        Some(PullPolicy::Never) => "Never",
        Some(PullPolicy::Missing | PullPolicy::Build) | None => "IfNotPresent",
        Some(PullPolicy::Every(interval)) => {
            site.child("pull_policy").approximated_closely(
                format!("the image is pulled at each start, not `{interval}`"),
                "Kubernetes has no pull by time",
            );
            "Always"
        }
    }
}
