//! The road from compose files to objects that `convert`, `report` and `up` share.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;

use super::content::SecretsArg;
use super::diagnostics::judge;
pub use super::diagnostics::print;
use super::kompose::{self, KomposeArgs};
use super::selected::Selected;
use super::translation::TranslationArgs;
use super::{Exit, Failure, GlobalArgs};
use crate::build::Names;
use crate::diagnostic::{Allow, Diagnostic, Report, allow, codes};
use crate::kubernetes::{Application, Wave};
use crate::load::{Input, Skip, load_with_contents};
use crate::model::Project;
use crate::patch::{Patch, apply_patches, read_patches};
use crate::render::{Print, Templates, TemplatesError, read_overrides};
use crate::translate::{Manifest, Options, Translation, translate_project};

/// What becomes of the objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// They are written to files, and someone else applies them.
    Manifests {
        /// Whether the namespace is one of them.
        create_namespace: bool,
    },
    /// They are applied wave by wave.
    Deployment,
}

/// Loads, translates, renders and patches the project that the arguments name.
///
/// The report is told. Unusable input is [`Exit::Input`], and a finding that `--strict` or
/// `--fail-on` names is [`Exit::Findings`].
pub fn build(
    global: &GlobalArgs,
    selected: Selected,
    translation: TranslationArgs,
    purpose: Purpose,
) -> Result<Application, Failure> {
    let build = Build::new(global, selected, translation, purpose)?;
    let (application, report) = build.run(&BTreeMap::new());
    accept(application, &report, global)
}

/// The application, if the report has nothing against it; the report is printed.
pub fn accept(
    application: Option<Application>,
    report: &Report,
    global: &GlobalArgs,
) -> Result<Application, Failure> {
    print(report, global)?;
    let application = application.filter(|_| !report.has_errors());
    let application = application.ok_or_else(|| Failure::told(Exit::Input))?;
    judge(report, global, "nothing was written")?;
    Ok(application)
}

/// All that makes objects of compose files.
pub struct Build {
    input: Input,
    options: Options,
    templates: Templates,
    patches: Vec<Patch>,
    allows: Vec<Allow>,
    kompose: Option<KomposeArgs>,
    names: Names,
}

/// A project with what it becomes, as far as that can be told, and all there is to say about it.
#[derive(Debug, Default)]
pub struct Conversion {
    /// The project, if it can be used at all.
    pub project: Option<Project>,
    /// Its objects; some are missing when there are errors.
    pub application: Option<Application>,
    /// The objects by name (`Deployment web`), each behind the Compose path that it comes from.
    pub objects: Vec<(String, String)>,
    /// The findings.
    pub report: Report,
}

impl Build {
    /// Reads templates and patches, which stay the same from run to run.
    pub fn new(
        global: &GlobalArgs,
        selected: Selected,
        translation: TranslationArgs,
        purpose: Purpose,
    ) -> Result<Self, Failure> {
        let templates = load_templates(global)?;
        let patches = read_patches(&translation.patches).map_err(|report| told(&report, global))?;
        let names = translation.names().map_err(|error| Failure::new(Exit::Input, error))?;
        let ordered = purpose == Purpose::Deployment;
        let mut input = input(global, selected)?;
        // Where they are not written, they need not be known.
        input.skip.secrets = translation.secrets() == SecretsArg::Reference;
        let mut options = translation.options(global.namespace.clone(), ordered);
        options.working_directory.clone_from(&input.working_directory);
        options.create_namespace = purpose == Purpose::Manifests { create_namespace: true };
        let allows = global.allow.clone();
        Ok(Self { input, options, templates, patches, allows, kompose: None, names })
    }

    /// The same with a project that is changed as kompose's options say.
    #[must_use]
    pub fn changing(self, kompose: KomposeArgs) -> Self {
        Self { kompose: Some(kompose), ..self }
    }

    /// The project's files, arguments and environment.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// The application; these variables stand above those of the environment.
    pub fn run(&self, variables: &BTreeMap<String, String>) -> (Option<Application>, Report) {
        let Conversion { project: _, application, objects: _, report } = self.convert(variables);
        (application, report)
    }

    /// The project, the application and all there is to say; these variables stand above those of
    /// the environment.
    pub fn convert(&self, variables: &BTreeMap<String, String>) -> Conversion {
        let mut input = self.input.clone();
        input.environment.extend(variables.clone());
        // Reading the templates takes as long as loading a small project: each has a processor.
        let (loaded, mut report) = std::thread::scope(|scope| {
            scope.spawn(|| self.templates.prepare());
            load_with_contents(&input)
        });
        let Some((mut project, contents)) = loaded else {
            return Conversion { report, ..Conversion::default() };
        };
        if let Some(kompose) = &self.kompose {
            kompose.change(&mut project, self.options.compat);
        }
        for (path, name) in self.names.change(&mut project) {
            let message = format!("`--pin` has no digest of `{name}`");
            let help = "push it with the same `--digests` file: `longshore push --digests FILE`";
            let mut unpinned = Diagnostic::error(codes::LOCAL_IMAGE, &path, message).help(help);
            unpinned.span = project.origins.get(&path).cloned();
            report.push(unpinned);
        }
        let (translation, findings) = translate_project(&project, &contents, &self.options);
        report.extend(findings);
        let mut objects = Vec::new();
        let mut application = render(translation, &self.templates, &mut objects, &mut report);
        // Objects that could not be printed are no reason to say that a patch finds none.
        if !report.has_errors() {
            report.extend(apply_patches(&self.patches, &mut application));
        }
        let mut allows = self.allows.clone();
        allows.extend(project.allows(&mut report));
        let is_whole = input.services.is_empty();
        allow(&allows, &mut report, |path| project.origins.way(path), is_whole);
        report.sort();
        Conversion { project: Some(project), application: Some(application), objects, report }
    }
}

/// What the arguments, the environment and the working directory say about the project.
pub fn input(global: &GlobalArgs, selected: Selected) -> Result<Input, Failure> {
    let Selected { services, no_deps } = selected;
    let working_directory = working_directory()
        .context("cannot find the working directory")
        .map_err(|error| Failure::new(Exit::Input, error))?;
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    Ok(Input {
        files: kompose::files(&global.files, &environment),
        project_directory: global.project_directory.clone(),
        project_name: global.project_name.clone(),
        profiles: global.profiles.clone(),
        services,
        without_dependencies: no_deps,
        all_resources: global.all_resources,
        skip: Skip::default(),
        env_files: global.env_files.clone(),
        working_directory,
        environment,
    })
}

/// The working directory as the user names it: a link gives the project its name.
fn working_directory() -> std::io::Result<PathBuf> {
    let real = std::env::current_dir()?;
    let named = std::env::var_os("PWD").map(PathBuf::from).filter(|path| path.is_absolute());
    let same = named.filter(|path| path.canonicalize().is_ok_and(|path| path == real));
    Ok(same.unwrap_or(real))
}

fn load_templates(global: &GlobalArgs) -> Result<Templates, Failure> {
    let overrides = match &global.templates {
        None => Vec::new(),
        Some(directory) => read_overrides(directory).map_err(templates_failure)?,
    };
    Templates::new(overrides).map_err(|report| told(&report, global))
}

/// The failure that a report is, once it is told.
fn told(report: &Report, global: &GlobalArgs) -> Failure {
    print(report, global).err().unwrap_or_else(|| Failure::told(Exit::Input))
}

/// What to do about templates that cannot be used.
pub fn templates_failure(error: TemplatesError) -> Failure {
    let help = match &error {
        TemplatesError::Unknown { path: _, known } => {
            Some(format!("the templates are {}", known.join(", ")))
        }
        TemplatesError::Exists { path: _ } => {
            Some("choose another directory, or overwrite with `--force`".to_owned())
        }
        TemplatesError::Unreadable { .. } | TemplatesError::Unwritable { .. } => None,
    };
    let failure = Failure::new(Exit::Input, error);
    match help {
        Some(help) => failure.help(help),
        None => failure,
    }
}

fn render(
    translation: Translation,
    templates: &Templates,
    names: &mut Vec<(String, String)>,
    report: &mut Report,
) -> Application {
    let Translation { project, manifests, mut gates } = translation;
    let last = manifests.iter().map(|manifest| manifest.wave).max().map_or(0, |wave| wave + 1);
    let mut waves: Vec<Wave> = (0..last)
        .map(|wave| Wave { objects: Vec::new(), gates: gates.remove(&wave).unwrap_or_default() })
        .collect();
    let mut prints = Vec::with_capacity(manifests.len());
    let mut places = Vec::with_capacity(manifests.len());
    for Manifest { template, context, wave, source } in manifests {
        places.push((wave, source.clone()));
        prints.push(Print { template, subject: source, context });
    }
    let unprinted = templates.unprinted(&prints);
    for (printed, (wave, source)) in templates.render_all(prints).into_iter().zip(places) {
        match printed {
            Ok(objects) => {
                names.extend(objects.iter().map(|object| {
                    (source.clone(), format!("{} {}", object.kind(), object.name()))
                }));
                let wave = waves.get_mut(wave).expect("there are waves up to the last");
                wave.objects.extend(objects);
            }
            Err(errors) => add_new(&errors, report),
        }
    }
    // A misspelt name is told already.
    if !report.has_errors() {
        report.extend(unprinted);
    }
    Application { project, waves }
}

/// A fault in a template shows in every object that it prints; once is enough.
fn add_new(errors: &Report, report: &mut Report) {
    for error in errors.iter() {
        let is_known = report.iter().any(|known| {
            (known.code, &known.span, &known.message) == (error.code, &error.span, &error.message)
        });
        if !is_known {
            report.push(error.clone());
        }
    }
}
