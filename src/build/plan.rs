use std::collections::BTreeMap;
use std::fmt;

use indexmap::IndexMap;

use super::BuildError;
use super::names::{name_tags, pushed_name};
use crate::model::{Build, Project, PullPolicy, Source, built_image};

/// What the command line adds to every build.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--build-arg`: above those of the compose files; without a value, that of the environment.
    pub args: Vec<(String, Option<String>)>,
    /// `--no-cache`.
    pub no_cache: bool,
    /// `--pull`.
    pub pull: bool,
    /// `--registry-prefix`.
    pub registry_prefix: Option<String>,
}

/// The images that are built, each behind those that it is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The images.
    pub images: Vec<Image>,
}

/// An image of a service or job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The service.
    pub service: String,
    /// Its name, as the manifests have it.
    pub name: String,
    /// How it is built; what is asked of all images is in it, `service:` of contexts are names of images.
    pub build: Build,
    /// The one platform that it is built for, if it is not that of the engine.
    pub platform: Option<String>,
    /// What the build may read and the image does not keep.
    pub secrets: Vec<Secret>,
    /// The services whose images come before.
    pub after: Vec<String>,
    /// Whether it is built even though there is one of its name: `pull_policy: build`.
    pub is_always_built: bool,
    /// Where `build` is written: `compose.yaml:5`.
    pub place: Option<String>,
}

/// A secret of a build.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its name in the build.
    pub id: String,
    /// Where its bytes are.
    pub source: SecretSource,
}

/// Where the bytes of a secret are.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// In a file.
    File(String),
    /// Here.
    Bytes(String),
}

/// Without the bytes: they must not reach a log.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Plan {
    /// The images of a project; the environment is what its variables see.
    pub fn new(
        project: &Project,
        environment: &BTreeMap<String, String>,
        options: &Options,
    ) -> Result<Self, BuildError> {
        let services = project
            .services
            .iter()
            .map(|(key, service)| ("services", key, &service.container, service.build.as_ref()));
        let jobs =
            project.jobs.iter().map(|(key, job)| ("jobs", key, &job.container, job.build.as_ref()));
        let prefix = options.registry_prefix.as_deref();
        let mut images = Vec::new();
        for (section, key, container, build) in services.chain(jobs) {
            let Some(build) = build else { continue };
            let path = format!("{section}.{key}.build");
            let image = Image {
                service: key.clone(),
                name: name_of(project, key, prefix),
                platform: platform(container.platform.as_ref(), build),
                secrets: secrets(project, environment, key, build)?,
                after: after(build).map(str::to_owned).collect(),
                is_always_built: container.pull_policy == Some(PullPolicy::Build),
                place: project
                    .origins
                    .get(&path)
                    .map(|span| format!("{}:{}", span.source.name, span.line_column().0)),
                build: complete(project, environment, options, build),
            };
            images.push(image);
        }
        ordered(images).map(|images| Self { images })
    }

    /// Without those that nobody asks for.
    pub fn retain(&mut self, is_wanted: impl Fn(&Image) -> bool) {
        let mut wanted: Vec<String> =
            self.images.iter().filter(|it| is_wanted(it)).map(|it| it.service.clone()).collect();
        // Each comes behind those that it needs.
        for image in self.images.iter().rev() {
            if wanted.contains(&image.service) {
                wanted.extend(image.after.iter().cloned());
            }
        }
        self.images.retain(|image| wanted.contains(&image.service));
    }
}

impl Image {
    /// Its name and its further ones.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.build.tags.iter().map(String::as_str))
    }

    /// Whether its context is a directory of this machine.
    pub fn is_local(&self) -> bool {
        self.build.context.starts_with('/')
    }

    /// How messages call it.
    pub fn subject(&self) -> String {
        match &self.place {
            Some(place) => format!("`{}` ({place})", self.service),
            None => format!("`{}`", self.service),
        }
    }
}

/// The name of what a service or job runs.
fn name_of(project: &Project, key: &str, prefix: Option<&str>) -> String {
    let service = project.services.get(key).map(|service| &service.container);
    let container = service.or_else(|| project.jobs.get(key).map(|job| &job.container));
    let image = container.and_then(|container| container.image.clone());
    let name = image.unwrap_or_else(|| built_image(&project.name, key));
    pushed_name(&name, prefix)
}

/// That of the service; of several to choose from, the engine takes its own.
fn platform(own: Option<&String>, build: &Build) -> Option<String> {
    match (own, build.platforms.as_slice()) {
        (Some(own), _) => Some(own.clone()),
        (None, [one]) => Some(one.clone()),
        (None, _) => None,
    }
}

/// The services whose images a build uses as contexts.
fn after(build: &Build) -> impl Iterator<Item = &str> {
    build.additional_contexts.values().filter_map(|context| context.strip_prefix("service:"))
}

fn complete(
    project: &Project,
    environment: &BTreeMap<String, String>,
    options: &Options,
    build: &Build,
) -> Build {
    let prefix = options.registry_prefix.as_deref();
    let mut build = build.clone();
    name_tags(&mut build, prefix);
    for context in build.additional_contexts.values_mut() {
        if let Some(service) = context.strip_prefix("service:") {
            *context = format!("docker-image://{}", name_of(project, service, prefix));
        }
    }
    for (name, value) in &options.args {
        if let Some(value) = value.as_ref().or_else(|| environment.get(name)) {
            build.args.insert(name.clone(), value.clone());
        }
    }
    let is_true = |flag: bool, own: Option<bool>| (flag || own == Some(true)).then_some(true);
    build.no_cache = is_true(options.no_cache, build.no_cache);
    build.pull = is_true(options.pull, build.pull);
    build
}

fn secrets(
    project: &Project,
    environment: &BTreeMap<String, String>,
    service: &str,
    build: &Build,
) -> Result<Vec<Secret>, BuildError> {
    let secret = |entry: &crate::model::BuildSecret| {
        let missing = |reason: String| BuildError::Secret {
            service: service.to_owned(),
            secret: entry.source.clone(),
            reason,
        };
        let id = entry.target.clone().unwrap_or_else(|| entry.source.clone());
        let source = project.secrets.get(&entry.source).map(|secret| &secret.source);
        let source = match source {
            Some(Source::File(path)) => SecretSource::File(path.clone()),
            Some(Source::Content(content)) => SecretSource::Bytes(content.clone()),
            Some(Source::Environment(name)) => {
                let value = environment.get(name);
                let value =
                    value.ok_or_else(|| missing(format!("the variable `{name}` is not set")))?;
                SecretSource::Bytes(value.clone())
            }
            Some(Source::External) | None => {
                return Err(missing("only the cluster has what is external".to_owned()));
            }
        };
        Ok(Secret { id, source })
    };
    build.secrets.iter().map(secret).collect()
}

/// Each behind those that it needs, else as they are.
fn ordered(images: Vec<Image>) -> Result<Vec<Image>, BuildError> {
    let mut waiting: IndexMap<String, Image> =
        images.into_iter().map(|image| (image.service.clone(), image)).collect();
    let mut done = Vec::new();
    while !waiting.is_empty() {
        let is_free = |image: &Image| !image.after.iter().any(|it| waiting.contains_key(it));
        let free: Vec<String> =
            waiting.values().filter(|it| is_free(it)).map(|it| it.service.clone()).collect();
        if free.is_empty() {
            return Err(BuildError::Circle { services: waiting.into_keys().collect() });
        }
        done.extend(free.iter().filter_map(|service| waiting.shift_remove(service)));
    }
    Ok(done)
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::{Options, Plan, SecretSource};
    use crate::build::BuildError;
    use crate::model::Project;

    /// The project `shop` of a compose file, and an environment with `TOKEN`.
    pub(in crate::build) fn project(text: &str) -> (Project, BTreeMap<String, String>) {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("compose.yaml"), text).unwrap();
        let input = crate::load::Input {
            project_name: Some("shop".to_owned()),
            working_directory: directory.path().to_owned(),
            ..Default::default()
        };
        let (project, report) = crate::load::load_project(&input);
        let project = project.unwrap_or_else(|| panic!("{report:?}"));
        (project, BTreeMap::from([("TOKEN".to_owned(), "s3cret".to_owned())]))
    }

    fn plan(text: &str, options: &Options) -> Result<Plan, BuildError> {
        let (project, environment) = project(text);
        Plan::new(&project, &environment, options)
    }

    fn services(plan: &Plan) -> String {
        let services: Vec<&str> = plan.images.iter().map(|image| image.service.as_str()).collect();
        services.join(" ")
    }

    const CHAIN: &str = "\
    services:
      web: {build: {context: ., additional_contexts: {base: 'service:base'}}}
      db: {image: postgres}
      Api: {build: .}
      base: {image: reg/base:1, build: {context: ., additional_contexts: {lib: 'service:lib'}}}
      lib: {build: .}
    ";

    #[test]
    fn images_come_behind_those_that_they_are_made_from() {
        let mut plan = plan(CHAIN, &Options::default()).unwrap();
        assert_eq!(services(&plan), "Api lib base web");
        let names: Vec<&str> = plan.images.iter().map(|image| image.name.as_str()).collect();
        assert_eq!(names, ["shop-api", "shop-lib", "reg/base:1", "shop-web"]);
        let web = plan.images.last().unwrap();
        assert_eq!(web.build.additional_contexts["base"], "docker-image://reg/base:1");
        assert_eq!(web.place.as_deref(), Some("compose.yaml:2"));
        plan.retain(|image| image.service == "web");
        assert_eq!(services(&plan), "lib base web");
    }

    #[test]
    fn a_circle_is_told() {
        let text = "services:\n  a: {build: {context: ., additional_contexts: {b: 'service:b'}}}\n  \
                    b: {build: {context: ., additional_contexts: {a: 'service:a'}}}\n";
        let error = plan(text, &Options::default()).unwrap_err();
        assert!(error.to_string().starts_with("the builds of `a`, `b` need each other"), "{error}");
    }

    #[test]
    fn arguments_of_the_command_line_stand_above() {
        let options = Options {
            args: vec![
                ("A".to_owned(), Some("2".to_owned())),
                ("TOKEN".to_owned(), None),
                ("UNSET".to_owned(), None),
            ],
            no_cache: true,
            ..Options::default()
        };
        let plan =
            plan("services: {web: {build: {context: ., args: {A: 1, B: x}}}}", &options).unwrap();
        let build = &plan.images[0].build;
        let args: Vec<String> =
            build.args.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(args.join(" "), "A=2 B=x TOKEN=s3cret");
        assert_eq!((build.no_cache, build.pull), (Some(true), None));
    }

    #[test]
    fn secrets_are_files_or_bytes_that_no_log_shows() {
        let text = "services: {web: {build: {context: ., secrets: [a, {source: b, target: c}]}}}\n\
                    secrets: {a: {file: /a}, b: {environment: TOKEN}}";
        let plan = plan(text, &Options::default()).unwrap();
        let secrets = &plan.images[0].secrets;
        assert_eq!((secrets[0].id.as_str(), secrets[1].id.as_str()), ("a", "c"));
        assert!(secrets[0].source == SecretSource::File("/a".to_owned()));
        assert!(secrets[1].source == SecretSource::Bytes("s3cret".to_owned()));
        assert!(!format!("{plan:?}").contains("s3cret"));
    }

    #[test]
    fn a_secret_that_is_not_here_is_an_error() {
        let text =
            "services: {web: {build: {context: ., secrets: [a]}}}\nsecrets: {a: {external: true}}";
        let error = plan(text, &Options::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the build of `web` has no secret `a`: only the cluster has what is external"
        );
    }

    #[test]
    fn one_platform_is_built_and_several_are_for_a_registry() {
        let platform = |text: &str| {
            let text = format!("services: {{web: {{{text}}}}}");
            plan(&text, &Options::default()).unwrap().images[0].platform.clone()
        };
        let arm = Some("linux/arm64".to_owned());
        assert_eq!(platform("build: {context: ., platforms: [linux/arm64]}"), arm);
        assert_eq!(platform("build: {context: ., platforms: [linux/arm64, linux/amd64]}"), None);
        let both =
            "platform: linux/arm64, build: {context: ., platforms: [linux/arm64, linux/amd64]}";
        assert_eq!(platform(both), arm);
    }
}
