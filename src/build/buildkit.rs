//! BuildKit, through the user's `docker` program: it brings the session that secrets, agents and
//! caches go through.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use super::execute::Lines;
use super::plan::SecretSource;
use super::{BuildError, Image};
use crate::engine::{Endpoint, Engine};
use crate::model::Build;

const BUILDX: &str = "`docker buildx`: the `docker` programs on the PATH do not have it";
/// The first version of the program that has BuildKit only as its plugin `buildx`.
const WITHOUT_OWN: u32 = 23;

/// A program that speaks BuildKit with an engine.
#[derive(Debug, Clone)]
pub struct BuildKit {
    program: PathBuf,
    has_buildx: bool,
    endpoint: Endpoint,
}

impl BuildKit {
    /// The first one on the PATH, if there is one and the engine has BuildKit.
    pub async fn find(engine: &Engine) -> Option<Self> {
        if engine.version().starts_with("podman") {
            return None;
        }
        let path = std::env::var_os("PATH")?;
        let programs = std::env::split_paths(&path).map(|it| it.join("docker"));
        for program in programs.filter(|program| program.is_file()) {
            let mut found = Self { program, has_buildx: true, endpoint: engine.endpoint().clone() };
            if found.ask(["buildx", "version"]).await.is_some() {
                return Some(found);
            }
            let version = found.ask(["version", "--format", "{{.Client.Version}}"]).await;
            let major = version.and_then(|it| it.split('.').next()?.parse::<u32>().ok());
            if major.is_some_and(|major| (19..WITHOUT_OWN).contains(&major)) {
                found.has_buildx = false;
                return Some(found);
            }
        }
        None
    }

    async fn ask<const N: usize>(&self, arguments: [&str; N]) -> Option<String> {
        let output = self.command(arguments).stdin(Stdio::null()).output().await.ok()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then_some(text)
    }

    fn command<T: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = T>) -> Command {
        let Endpoint { host, certificates } = &self.endpoint;
        let mut command = Command::new(&self.program);
        command.args(arguments).kill_on_drop(true);
        command.env_remove("DOCKER_CONTEXT").env("DOCKER_HOST", host).env("DOCKER_BUILDKIT", "1");
        if let Some(certificates) = certificates {
            command.env("DOCKER_TLS_VERIFY", "1").env("DOCKER_CERT_PATH", certificates);
        }
        command
    }

    /// Builds an image.
    pub(super) async fn build(&self, image: &Image, lines: &Lines) -> Result<(), BuildError> {
        let secrets = SecretFiles::of(image)?;
        let arguments = self.arguments(image, &secrets.arguments)?;
        let failed = |source| BuildError::Program {
            image: image.subject(),
            program: self.program.clone(),
            source,
        };
        let mut command = self.command(&arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        if let Some(mut input) = child.stdin.take() {
            let text = image.build.dockerfile_inline.as_deref().unwrap_or_default();
            // A program that has ended already says itself why.
            let _ = input.write_all(text.as_bytes()).await;
        }
        let mut told = Told::default();
        if let Some(output) = child.stderr.take() {
            let mut output = BufReader::new(output).split(b'\n');
            while let Some(line) = output.next_segment().await.map_err(failed)? {
                let line = String::from_utf8_lossy(&line);
                told.take(line.trim_end());
                lines.say(line.trim_end()).await;
            }
        }
        if child.wait().await.map_err(failed)?.success() {
            return Ok(());
        }
        let (step, reason) = told.failure();
        Err(BuildError::Failed { image: image.subject(), step, reason })
    }

    fn arguments(&self, image: &Image, secrets: &[String]) -> Result<Vec<String>, BuildError> {
        let Build {
            context,
            dockerfile,
            dockerfile_inline,
            additional_contexts,
            args,
            cache_from,
            cache_to,
            entitlements,
            extra_hosts,
            isolation,
            labels,
            network,
            no_cache,
            no_cache_filter,
            // Several are for a registry; what is built for this engine is the one that it runs.
            platforms: _,
            privileged,
            provenance,
            pull,
            sbom,
            secrets: _,
            shm_size,
            ssh,
            tags: _,
            target,
            ulimits,
            extensions: _,
        } = &image.build;
        if isolation.as_ref().is_some_and(|it| it != "default") {
            let needs = "an engine of Windows";
            return Err(BuildError::Builder {
                image: image.subject(),
                attribute: "isolation",
                needs,
            });
        }
        let of_buildx = [
            ("additional_contexts", !additional_contexts.is_empty()),
            ("cache_to", !cache_to.is_empty()),
            ("entitlements", !entitlements.is_empty()),
            ("no_cache_filter", !no_cache_filter.is_empty()),
            ("privileged", *privileged == Some(true)),
            ("provenance", provenance.as_ref().is_some_and(|it| it != "false")),
            ("sbom", sbom.as_ref().is_some_and(|it| it != "false")),
        ];
        let missing = of_buildx.iter().find(|(_, is_set)| *is_set && !self.has_buildx);
        if let Some((attribute, _)) = missing {
            return Err(BuildError::Builder { image: image.subject(), attribute, needs: BUILDX });
        }
        let mut line = Line(Vec::new());
        if self.has_buildx {
            line.0.extend(["buildx", "build", "--load"].map(str::to_owned));
            line.one("--provenance", provenance.as_ref());
            line.one("--sbom", sbom.as_ref());
        } else {
            line.0.push("build".to_owned());
        }
        line.one("--progress", Some("plain"));
        line.each("--tag", image.names());
        let file = match (dockerfile_inline, dockerfile) {
            (Some(_), _) => Some("-".to_owned()),
            (None, Some(name)) if image.is_local() => {
                Some(Path::new(context).join(name).to_string_lossy().into_owned())
            }
            (None, name) => name.clone(),
        };
        line.one("--file", file);
        line.each("--build-arg", args.iter().map(pair));
        line.each("--label", labels.iter().map(pair));
        line.each("--build-context", additional_contexts.iter().map(pair));
        line.each("--add-host", extra_hosts.iter().map(|it| format!("{}:{}", it.name, it.address)));
        line.each("--cache-from", cache_from);
        line.each("--cache-to", cache_to);
        line.each("--allow", entitlements);
        line.one("--allow", (*privileged == Some(true)).then_some("security.insecure"));
        line.each("--no-cache-filter", no_cache_filter);
        line.each("--secret", secrets);
        line.each(
            "--ssh",
            ssh.iter().map(|(id, path)| match path {
                Some(path) => format!("{id}={path}"),
                None => id.clone(),
            }),
        );
        line.each(
            "--ulimit",
            ulimits.iter().map(|(name, it)| format!("{name}={}:{}", it.soft, it.hard)),
        );
        line.one("--network", network.as_ref());
        line.one("--platform", image.platform.as_ref());
        line.one("--shm-size", shm_size.map(|bytes| bytes.to_string()));
        line.one("--target", target.as_ref());
        line.0.extend((*no_cache == Some(true)).then(|| "--no-cache".to_owned()));
        line.0.extend((*pull == Some(true)).then(|| "--pull".to_owned()));
        line.0.extend(["--".to_owned(), context.clone()]);
        Ok(line.0)
    }
}

/// A command line in the making.
struct Line(Vec<String>);

impl Line {
    fn one(&mut self, option: &str, value: Option<impl Into<String>>) {
        self.0.extend(value.into_iter().flat_map(|value| [option.to_owned(), value.into()]));
    }

    fn each(&mut self, option: &str, values: impl IntoIterator<Item = impl Into<String>>) {
        for value in values {
            self.one(option, Some(value));
        }
    }
}

fn pair((name, value): (&String, &String)) -> String {
    format!("{name}={value}")
}

/// The secrets of a build as the program takes them; those that are no files are files until the end.
struct SecretFiles {
    arguments: Vec<String>,
    _files: Vec<NamedTempFile>,
}

impl SecretFiles {
    fn of(image: &Image) -> Result<Self, BuildError> {
        let mut files = Vec::new();
        let mut arguments = Vec::new();
        for secret in &image.secrets {
            let path = match &secret.source {
                SecretSource::File(path) => PathBuf::from(path),
                SecretSource::Bytes(bytes) => {
                    let file = NamedTempFile::new().and_then(|mut file| {
                        file.write_all(bytes.as_bytes())?;
                        Ok(file)
                    });
                    let file = file.map_err(|source| BuildError::Unreadable {
                        image: image.subject(),
                        path: std::env::temp_dir(),
                        source,
                    })?;
                    let path = file.path().to_owned();
                    files.push(file);
                    path
                }
            };
            // The value is a line of a CSV file, where a comma would end the field.
            let path = path.display().to_string().replace('"', "\"\"");
            arguments.push(format!("id={},\"src={path}\"", secret.id));
        }
        Ok(Self { arguments, _files: files })
    }
}

/// What BuildKit has said: `#5 [2/3] RUN make`, later `#5 ERROR: …`.
#[derive(Debug, Default)]
struct Told {
    steps: BTreeMap<String, String>,
    error: Option<(String, String)>,
    last: String,
}

impl Told {
    fn take(&mut self, line: &str) {
        if !line.is_empty() {
            line.clone_into(&mut self.last);
        }
        let Some((number, text)) = line.strip_prefix('#').and_then(|it| it.split_once(' ')) else {
            return;
        };
        if let Some(reason) = text.strip_prefix("ERROR: ") {
            self.error = Some((number.to_owned(), reason.to_owned()));
        } else if text.starts_with('[') {
            self.steps.insert(number.to_owned(), text.to_owned());
        }
    }

    /// The instruction and the reason.
    fn failure(mut self) -> (Option<String>, String) {
        let Some((number, reason)) = self.error else { return (None, self.last) };
        let step = self.steps.remove(&number).map(|step| match step.split_once("] ") {
            Some((_, instruction)) => instruction.to_owned(),
            None => step,
        });
        (step, reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{Options, Plan};

    #[test]
    fn the_step_that_failed_is_known_by_its_number() {
        let mut told = Told::default();
        for line in
            ["#4 [1/2] COPY a b", "#5 [2/2] RUN make", "#5 0.1 no", "#5 ERROR: exit code: 2", "x"]
        {
            told.take(line);
        }
        assert_eq!(told.failure(), (Some("RUN make".to_owned()), "exit code: 2".to_owned()));
        let mut told = Told::default();
        told.take("Cannot connect");
        told.take("");
        assert_eq!(told.failure(), (None, "Cannot connect".to_owned()));
    }

    #[test]
    fn attributes_are_options_of_the_program() {
        let (project, environment) = crate::build::plan::tests::project(
            "services:\n  web:\n    build:\n      context: /src\n      dockerfile: web.Dockerfile\n      \
             args: {A: '1'}\n      target: run\n      ssh: [default]\n      tags: [r/x:2]\n      \
             ulimits: {nofile: 9}\n      secrets: [{source: key, target: id}]\n      \
             extra_hosts: ['h=10.0.0.1']\n      shm_size: 1k\n      network: none\n      \
             cache_from: ['type=local,src=c']\n      no_cache: true\n      pull: true\n    \
             platform: linux/arm64\nsecrets:\n  key: {file: '/k,ey'}\n",
        );
        let plan = Plan::new(&project, &environment, &Options::default()).unwrap();
        let image = plan.images.first().unwrap();
        let endpoint = Endpoint { host: String::new(), certificates: None };
        let mut buildkit = BuildKit { program: "docker".into(), has_buildx: false, endpoint };
        let secrets = SecretFiles::of(image).unwrap();
        let line = buildkit.arguments(image, &secrets.arguments).unwrap().join(" ");
        assert_eq!(
            line,
            "build --progress plain --tag shop-web --tag r/x:2 --file /src/web.Dockerfile --build-arg A=1 \
             --add-host h:10.0.0.1 --cache-from type=local,src=c --secret id=id,\"src=/k,ey\" --ssh default \
             --ulimit nofile=9:9 --network none --platform linux/arm64 --shm-size 1024 --target run --no-cache \
             --pull -- /src"
        );
        let mut image = image.clone();
        image.build.privileged = Some(true);
        let missing = buildkit.arguments(&image, &[]).unwrap_err();
        assert!(missing.to_string().contains("has `privileged`, which needs `docker buildx`"));
        buildkit.has_buildx = true;
        let line = buildkit.arguments(&image, &[]).unwrap().join(" ");
        assert!(line.starts_with("buildx build --load --progress plain"), "{line}");
        assert!(line.contains("--allow security.insecure"), "{line}");
    }
}
