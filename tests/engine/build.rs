use std::panic::AssertUnwindSafe;
use std::process::{Command, Output};

use bollard::query_parameters::RemoveImageOptions;
use futures_util::FutureExt;
use longshore::build::BuildKit;

use super::machine::Machine;

/// A project in a directory of its own, whose images go with the test.
pub struct Project<'a> {
    machine: &'a Machine,
    pub directory: tempfile::TempDir,
}

impl<'a> Project<'a> {
    /// In the text, `BUSYBOX` is the machine's image and `NAME` is free for names of images.
    pub fn new(machine: &'a Machine, compose: &str) -> Self {
        let project = Self { machine, directory: tempfile::tempdir().unwrap() };
        project.write("compose.yaml", compose);
        project
    }

    pub fn write(&self, name: &str, text: &str) {
        let text =
            text.replace("BUSYBOX", &self.machine.busybox).replace("NAME", &self.machine.cluster);
        std::fs::write(self.directory.path().join(name), text).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_longshore"));
        command.current_dir(self.directory.path()).args(arguments);
        command.args(["-p", &self.machine.cluster, "--progress", "plain"]);
        command.env("LONGSHORE_DATA_DIR", self.directory.path().join("data"));
        command.env("LONGSHORE_RUNTIME", "docker");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// With no `docker` program, so that the engine's own builder does it.
    pub fn run_classic(&self, arguments: &[&str]) -> Output {
        self.command(arguments).env("PATH", "").output().unwrap()
    }

    async fn labels(&self, image: &str) -> Vec<String> {
        let image = image.replace("NAME", &self.machine.cluster);
        let found = self.machine.engine.docker().inspect_image(&image).await.unwrap();
        let labels = found.config.unwrap().labels.unwrap_or_default();
        let mut labels: Vec<String> =
            labels.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        labels.sort();
        labels
    }
}

pub fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn succeeded(output: &Output) -> String {
    let told = told(output);
    assert!(output.status.success(), "{told}");
    told
}

async fn remove(machine: &Machine, images: &[&str]) {
    for image in images {
        let image = image.replace("NAME", &machine.cluster);
        let options = RemoveImageOptions { force: true, ..Default::default() };
        let _ = machine.engine.docker().remove_image(&image, Some(options), None).await;
    }
}

/// What a test leaves behind is somebody else's obstacle.
pub async fn cleanly(machine: Machine, images: &[&str], test: impl Future<Output = ()>) {
    let result = AssertUnwindSafe(test).catch_unwind().await;
    remove(&machine, images).await;
    machine.clean().await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

const TWO: &str = "\
services:
  web:
    build:
      context: .
      target: last
      args: {VERSION: '1', OTHER: a}
      labels: {kind: web}
      tags: ['NAME-other:2']
  api:
    image: NAME-named:1
    build:
      context: .
      dockerfile_inline: |
        FROM scratch
        COPY kept /
        LABEL from=inline
";
const STAGES: &str = "\
FROM scratch AS first
ARG VERSION
ARG OTHER
COPY kept /
LABEL version=$VERSION other=$OTHER
FROM first AS last
LABEL stage=last
FROM first
LABEL stage=none
";
const OF_TWO: &[&str] = &["NAME-web", "NAME-named:1", "NAME-other:2"];

#[tokio::test]
async fn images_are_built_as_the_compose_file_says() {
    let Some(machine) = Machine::find("build").await else { return };
    let project = Project::new(&machine, TWO);
    project.write("Dockerfile", STAGES);
    project.write("kept", "");
    let has_buildkit = BuildKit::find(&machine.engine).await.is_some();
    if !has_buildkit {
        println!("skipped: BuildKit needs a `docker` program that has it");
    }
    let test = async {
        for is_classic in [true, false] {
            if !is_classic && !has_buildkit {
                continue;
            }
            let arguments = ["build", "--build-arg", "OTHER=b"];
            let built =
                if is_classic { project.run_classic(&arguments) } else { project.run(&arguments) };
            let told = succeeded(&built);
            assert!(told.contains(&format!("web built {}-web\n", machine.cluster)), "{told}");
            for image in ["NAME-web", "NAME-other:2"] {
                let labels = project.labels(image).await;
                assert_eq!(labels, ["kind=web", "other=b", "stage=last", "version=1"], "{image}");
            }
            assert_eq!(project.labels("NAME-named:1").await, ["from=inline"]);
            remove(&machine, OF_TWO).await;
        }
        succeeded(&project.run_classic(&["build", "--no-deps", "api"]));
        let web = format!("{}-web", machine.cluster);
        assert!(machine.engine.docker().inspect_image(&web).await.is_err(), "`api` alone");
    };
    cleanly(machine.clone(), OF_TWO, test).await;
}

#[tokio::test]
async fn a_build_that_fails_names_service_place_and_step() {
    let Some(machine) = Machine::find("build-fails").await else { return };
    let project = Project::new(&machine, "services:\n  web:\n    build: .\n");
    project.write("Dockerfile", "FROM BUSYBOX\nRUN [\"/bin/busybox\", \"false\"]\n");
    let has_buildkit = BuildKit::find(&machine.engine).await.is_some();
    let test = async {
        for is_classic in [true, false] {
            if !is_classic && !has_buildkit {
                println!("skipped: needs a `docker` program that has BuildKit");
                continue;
            }
            let failed =
                if is_classic { project.run_classic(&["build"]) } else { project.run(&["build"]) };
            let told = told(&failed);
            assert_eq!(failed.status.code(), Some(4), "{told}");
            let message = "the build of `web` (compose.yaml:3) failed at `RUN [\"/bin/busybox\"";
            assert!(told.contains(message), "{told}");
        }
        project.write("Dockerfile", "FROM scratch\nCOPY nothing /\n");
        let failed = project.run_classic(&["build"]);
        assert!(told(&failed).contains("failed at `COPY nothing /`"), "{}", told(&failed));
        std::fs::remove_file(project.directory.path().join("Dockerfile")).unwrap();
        let failed = project.run_classic(&["build"]);
        assert_eq!(failed.status.code(), Some(2), "{}", told(&failed));
    };
    cleanly(machine.clone(), &["NAME-web"], test).await;
}

#[tokio::test]
async fn secrets_reach_a_build_by_buildkit_alone() {
    let Some(machine) = Machine::find("build-secret").await else { return };
    let compose = "services:\n  web:\n    build: {context: ., secrets: [file, variable]}\n\
                   secrets:\n  file: {file: ./file}\n  variable: {environment: VARIABLE}\n";
    let project = Project::new(&machine, compose);
    project.write("file", "one");
    project.write(".env", "VARIABLE=two");
    let run = |id: &str, value: &str| {
        format!(
            "RUN --mount=type=secret,id={id} [\"/bin/busybox\", \"grep\", \"-qx\", \"{value}\", \
             \"/run/secrets/{id}\"]\n"
        )
    };
    project.write(
        "Dockerfile",
        &format!("FROM BUSYBOX\n{}{}", run("file", "one"), run("variable", "two")),
    );
    let has_buildkit = BuildKit::find(&machine.engine).await.is_some();
    let test = async {
        let failed = project.run_classic(&["build"]);
        let told = told(&failed);
        assert_eq!(failed.status.code(), Some(2), "{told}");
        assert!(
            told.contains(
                "the build of `web` (compose.yaml:3) has `secrets`, which needs BuildKit"
            ),
            "{told}"
        );
        if has_buildkit {
            succeeded(&project.run(&["build"]));
        } else {
            println!("skipped: needs a `docker` program that has BuildKit");
        }
    };
    cleanly(machine.clone(), &["NAME-web"], test).await;
}

#[tokio::test]
async fn up_builds_what_is_missing_and_runs_it_at_once() {
    let Some(machine) = Machine::find("build-up").await else { return };
    let project = Project::new(&machine, "services:\n  web:\n    build: .\n");
    project.write("Dockerfile", "FROM BUSYBOX\nCMD [\"/bin/busybox\", \"sleep\", \"3600\"]\n");
    let test = async {
        let told = succeeded(&project.run_classic(&["up", "-d"]));
        assert!(told.contains("web built") && told.contains("web ready"), "{told}");
        let told = succeeded(&project.run_classic(&["up", "-d"]));
        assert!(!told.contains("web built"), "it is there: {told}");
        let told = succeeded(&project.run_classic(&["up", "-d", "--build"]));
        assert!(told.contains("web built"), "{told}");
    };
    let result = AssertUnwindSafe(test).catch_unwind().await;
    project.run(&["cluster", "reset", "--yes"]);
    cleanly(machine.clone(), &["NAME-web"], async {
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    })
    .await;
}
