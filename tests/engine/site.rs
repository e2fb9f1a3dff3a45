use std::collections::HashMap;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use bollard::exec::StartExecResults;
use bollard::models::ExecConfig;
use bollard::query_parameters::ListContainersOptions;
use futures_util::TryStreamExt as _;
use longshore::control_plane::{self, DataDirectory};
use longshore::engine::labels;
use tokio::sync::Mutex;

use super::machine::Machine;

/// So long something may take to come: far more than it needs, so that only a failure waits for it.
const PATIENCE: Duration = Duration::from_mins(2);

static STARTING: Mutex<()> = Mutex::const_new(());

/// A control plane whose pods run on the engine; `kubectl` is the independent witness.
pub struct Site {
    _directory: tempfile::TempDir,
    pub data: DataDirectory,
    /// Its busybox is the image for which `IMAGE` stands in manifests.
    machine: Machine,
}

impl Site {
    /// None, and a word about it, where something is missing.
    pub async fn start(test: &str) -> Option<Self> {
        let machine = Machine::find(test).await?;
        if Command::new("kubectl").args(["version", "--client"]).output().is_err() {
            println!("skipped: needs kubectl");
            machine.clean().await;
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        let data = DataDirectory::resolve(Some(&directory.path().join("data"))).unwrap();
        // One after the other: the next one sees which addresses are taken.
        let _starting = STARTING.lock().await;
        loop {
            let mut server = Command::new(env!("CARGO_BIN_EXE_longshore"));
            server.args(["cluster", "run", "--runtime", "docker", "--data-dir"]).arg(data.root());
            match control_plane::ensure_started(&data, server, PATIENCE).await {
                Ok(_) => break,
                // Someone else on this machine was faster.
                Err(error) if error.to_string().contains("taken by another network") => {
                    std::fs::remove_file(data.root().join("range")).unwrap();
                }
                Err(error) => panic!("{error}"),
            }
        }
        Some(Self { _directory: directory, data, machine })
    }

    /// Creates or changes objects.
    pub fn apply(&self, manifest: &str) {
        let mut child = self.command(&["apply", "-f", "-"]).spawn().unwrap();
        let manifest = manifest.replace("IMAGE", &self.machine.busybox);
        child.stdin.take().unwrap().write_all(manifest.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// What `kubectl` says.
    pub fn kubectl(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kubectl {arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Waits until a pod is ready.
    pub fn ready(&self, pod: &str) {
        let pod = format!("pod/{pod}");
        self.kubectl(&["wait", "--for=condition=Ready", &pod, "--timeout=120s"]);
    }

    /// Waits until an event tells of a pod.
    pub fn event(&self, reason: &str, pod: &str) -> String {
        let about = format!("involvedObject.name={pod},reason={reason}");
        let jsonpath = "-o=jsonpath={.items[0].message}";
        loop {
            // kubectl refuses an index that is not there.
            let arguments = ["get", "events", "--field-selector", &about, jsonpath];
            let output = self.command(&arguments).output().unwrap();
            if output.status.success() && !output.stdout.is_empty() {
                return String::from_utf8(output.stdout).unwrap();
            }
        }
    }

    /// What a script says in a container of a pod.
    pub async fn run(&self, pod: &str, container: &str, script: &str) -> String {
        let docker = self.machine.engine.docker();
        let config = ExecConfig {
            cmd: Some(["/bin/busybox", "sh", "-ec", script].map(str::to_owned).to_vec()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..ExecConfig::default()
        };
        let id = self.container(pod, container).await;
        let exec = docker.create_exec(&id, config).await.unwrap().id;
        let StartExecResults::Attached { output, .. } =
            docker.start_exec(&exec, None).await.unwrap()
        else {
            unreachable!("it was asked to be attached")
        };
        let output: Vec<_> = output.try_collect().await.unwrap();
        let said: String = output.iter().map(ToString::to_string).collect();
        let code = docker.inspect_exec(&exec).await.unwrap().exit_code;
        assert_eq!(code, Some(0), "{script}: {said}");
        said
    }

    /// Kills a container behind the kubelet's back.
    pub async fn kill(&self, pod: &str, container: &str) {
        let id = self.container(pod, container).await;
        self.machine.engine.docker().kill_container(&id, None).await.unwrap();
    }

    /// Ends the control plane and all that it made.
    pub async fn end(self) {
        let reset = self.reset();
        assert!(reset.status.success(), "{}", String::from_utf8_lossy(&reset.stderr));
        assert!(!self.data.root().exists(), "nothing is left");
        self.machine.clean().await;
    }

    fn reset(&self) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_longshore"));
        command.args(["cluster", "reset", "--yes", "--data-dir"]).arg(self.data.root());
        command.output().unwrap()
    }

    async fn container(&self, pod: &str, container: &str) -> String {
        let wanted = [
            (labels::CLUSTER, self.data.cluster()),
            (labels::POD_NAME, pod.to_owned()),
            (labels::CONTAINER_NAME, container.to_owned()),
        ];
        let wanted = wanted.map(|(key, value)| format!("{key}={value}")).to_vec();
        let filters = Some(HashMap::from([("label".to_owned(), wanted)]));
        let options = ListContainersOptions { filters, ..Default::default() };
        let found = self.machine.engine.docker().list_containers(Some(options)).await.unwrap();
        found.into_iter().find_map(|one| one.id).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("kubectl");
        command.arg("--kubeconfig").arg(self.data.kubeconfig()).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl Drop for Site {
    /// A test that failed leaves nothing behind, either.
    fn drop(&mut self) {
        if self.data.root().exists() {
            self.reset();
        }
    }
}
