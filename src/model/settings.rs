use serde_json::Value;

use super::{Extensions, Origins, Project};
use crate::diagnostic::{Allow, Diagnostic, Loss, Report, Scope, codes, comments};

/// The attribute that speaks to longshore; other tools pass over it.
const SETTINGS: &str = "x-longshore";
/// The findings that are allowed.
const ALLOW: &str = "allow";
/// What it may hold for the project, a service or a job.
const KEYS: &[&str] = &[ALLOW, "secret-variables"];
/// What it may hold for a model.
const KEYS_OF_MODEL: &[&str] = &["endpoint"];

impl Extensions {
    /// A setting of `x-longshore`, as it is written.
    pub fn setting(&self, key: &str) -> Option<&Value> {
        self.0.get(SETTINGS)?.get(key)
    }
}

impl Project {
    /// The findings that the project allows: in `x-longshore` of the project, of a service or of a
    /// job, and in comments of its files. What cannot be understood is reported.
    pub fn allows(&self, report: &mut Report) -> Vec<Allow> {
        let Self { services, jobs, models, extensions, origins, .. } = self;
        let mut reader = Reader { origins, report, allows: Vec::new() };
        reader.read(extensions, None, KEYS);
        for (name, service) in services {
            reader.read(&service.extensions, Some(&format!("services.{name}")), KEYS);
        }
        for (name, job) in jobs {
            reader.read(&job.extensions, Some(&format!("jobs.{name}")), KEYS);
        }
        for (name, model) in models {
            reader.read(&model.extensions, Some(&format!("models.{name}")), KEYS_OF_MODEL);
        }
        reader.report_elsewhere(self);
        let mut allows = reader.allows;
        for source in origins.sources() {
            // What is on no line of the project is overridden, or its service is not enabled.
            allows.extend(comments(&source, report).into_iter().filter(
                |allow| match &allow.scope {
                    Scope::Line { source, line } => origins.has_line(source, *line),
                    Scope::Project | Scope::Path(_) => true,
                },
            ));
        }
        allows
    }
}

struct Reader<'a> {
    origins: &'a Origins,
    report: &'a mut Report,
    allows: Vec<Allow>,
}

impl Reader<'_> {
    /// The settings of the project, or of what stands at a path.
    fn read(&mut self, extensions: &Extensions, owner: Option<&str>, keys: &[&str]) {
        let Some(settings) = extensions.0.get(SETTINGS) else { return };
        let path = owner.map_or(SETTINGS.to_owned(), |owner| format!("{owner}.{SETTINGS}"));
        let Value::Object(settings) = settings else {
            let help = format!("write e.g. `{SETTINGS}: {{ {}: … }}`", keys.join(": …, "));
            self.wrong(&path, format!("`{SETTINGS}` must be a mapping"), help);
            return;
        };
        for (key, value) in settings {
            let path = format!("{path}.{key}");
            if !keys.contains(&key.as_str()) {
                let near = keys.iter().find(|known| strsim::jaro_winkler(known, key) > 0.8);
                let help = near.map(|near| format!("did you mean `{near}`?"));
                let help =
                    help.unwrap_or_else(|| format!("the settings are `{}`", keys.join("`, `")));
                self.wrong(&path, format!("longshore has no setting `{key}`"), help);
            } else if key == ALLOW {
                self.read_allow(value, &path, owner);
            }
        }
    }

    fn read_allow(&mut self, value: &Value, path: &str, owner: Option<&str>) {
        const HELP: &str =
            "write a list of codes, e.g. `[LS1305, ulimits]`, each with an optional `:PATH`";
        let items = match value {
            Value::Array(items) => items.iter().collect(),
            other => vec![other],
        };
        for (index, item) in items.into_iter().enumerate() {
            let place = if value.is_array() { format!("{path}[{index}]") } else { path.to_owned() };
            let Value::String(text) = item else {
                self.wrong(&place, "an allowed code must be a text".to_owned(), HELP.to_owned());
                continue;
            };
            match Allow::parse(text, owner) {
                Ok(allow) => {
                    let place = self.origins.get(&place).cloned();
                    self.allows.push(Allow { place, ..allow });
                }
                Err(message) => self.wrong(&place, message, HELP.to_owned()),
            }
        }
    }

    /// Settings in places that nobody reads.
    fn report_elsewhere(&mut self, project: &Project) {
        let Project { services, jobs, models, .. } = project;
        let services = services.keys().map(|name| format!("services.{name}"));
        let jobs = jobs.keys().map(|name| format!("jobs.{name}"));
        let models = models.keys().map(|name| format!("models.{name}"));
        let owners: Vec<String> = services.chain(jobs).chain(models).collect();
        for path in self.origins.ending_with(&format!(".{SETTINGS}")) {
            let owner = path.strip_suffix(SETTINGS).and_then(|owner| owner.strip_suffix('.'));
            if owner.is_none_or(|owner| !owners.iter().any(|known| known == owner)) {
                let help = "settings belong to the project, to a service, to a job or to a model";
                self.wrong(path, format!("`{SETTINGS}` means nothing here"), help.to_owned());
            }
        }
    }

    fn wrong(&mut self, path: &str, message: String, help: String) {
        let warning = Diagnostic::warning(codes::INVALID_SETTING, Loss::Exact, path, message);
        self.report.push(warning.at(self.origins.get(path).cloned()).help(help));
    }
}
