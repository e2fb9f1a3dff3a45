//! One project with a control plane of its own, and the words of the scenarios.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::copy::copy;

/// A copy of a sample in a temporary directory, driven through the real binary.
pub struct Site {
    directory: tempfile::TempDir,
    sample: String,
}

impl Site {
    /// A site with a copy of `samples/NAME`; `None` (and a line that says so) without kubectl.
    pub fn of_sample(name: &str) -> Option<Self> {
        if Command::new("kubectl").args(["version", "--client"]).output().is_err() {
            println!("skipped: needs kubectl");
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name);
        copy(&sample, &directory.path().join(name));
        std::fs::create_dir(directory.path().join("home")).unwrap();
        Some(Self { directory, sample: name.to_owned() })
    }

    fn project_directory(&self) -> PathBuf {
        self.directory.path().join(&self.sample)
    }

    /// Changes the compose file.
    pub fn edit(&self, change: impl FnOnce(String) -> String) {
        let file = self.project_directory().join("compose.yaml");
        let before = std::fs::read_to_string(&file).unwrap();
        let after = change(before.clone());
        assert_ne!(before, after, "the edit changes the file");
        std::fs::write(file, after).unwrap();
    }

    /// Writes a file beside the compose file.
    pub fn file(&self, name: &str, content: &str) {
        std::fs::write(self.project_directory().join(name), content).unwrap();
    }

    /// Runs another program in the project directory, which must succeed.
    pub fn run(&self, program: &mut Command) {
        let output = program.current_dir(self.project_directory()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program:?}: {said}");
    }

    /// Runs `longshore ARGUMENTS` in the project directory.
    pub fn longshore(&self, arguments: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_longshore")).args(arguments).output().unwrap()
    }

    /// The options of translation that the sample shows.
    pub fn options(&self) -> Vec<String> {
        let options = std::fs::read_to_string(self.project_directory().join("options"));
        options.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    }

    /// Runs `longshore ARGUMENTS`, which must succeed; its standard output and standard error.
    pub fn succeed(&self, arguments: &[&str]) -> (String, String) {
        let output = self.longshore(arguments);
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let log = std::fs::read_to_string(self.data_directory().join("server.log"));
        assert!(
            output.status.success(),
            "longshore {arguments:?}: {}\n{stdout}\n{stderr}\nserver log:\n{}",
            output.status,
            log.unwrap_or_default(),
        );
        (stdout, stderr)
    }

    /// Runs `kubectl ARGUMENTS` against the bundled control plane, which must succeed.
    pub fn kubectl(&self, arguments: &[&str]) -> String {
        let output = self.try_kubectl(arguments);
        assert!(
            output.status.success(),
            "kubectl {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs `kubectl ARGUMENTS`.
    pub fn try_kubectl(&self, arguments: &[&str]) -> Output {
        let kubeconfig = self.data_directory().join("kubeconfig");
        self.command("kubectl")
            .arg("--kubeconfig")
            .arg(kubeconfig)
            .args(arguments)
            .output()
            .unwrap()
    }

    /// `kubectl get … -o json`.
    pub fn get(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["get", "-o", "json"];
        all.extend(arguments);
        serde_json::from_str(&self.kubectl(&all)).unwrap()
    }

    /// `kind/name` of everything in the namespace that longshore applied, sorted.
    pub fn applied(&self, namespace: &str) -> Vec<String> {
        let kinds = "deploy,sts,ds,job,cronjob,svc,pvc,cm,secret,ingress,hpa,netpol,sa,role";
        let selector = "app.kubernetes.io/managed-by=longshore";
        let list = self.get(&[kinds, "-n", namespace, "-l", selector, "--show-managed-fields"]);
        // What a controller made of a template has the labels too, but nobody applied it.
        let is_applied = |item: &&Value| {
            let managers = item["metadata"]["managedFields"].as_array();
            managers.is_some_and(|all| all.iter().any(|manager| manager["operation"] == "Apply"))
        };
        let mut names: Vec<String> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(is_applied)
            .map(|item| {
                let kind = item["kind"].as_str().unwrap();
                format!("{kind}/{}", item["metadata"]["name"].as_str().unwrap())
            })
            .collect();
        names.sort();
        names
    }

    /// The directory of the control plane's state.
    pub fn data_directory(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.project_directory())
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .env("HOME", self.directory.path().join("home"))
            .env("LONGSHORE_DATA_DIR", self.data_directory())
            .env("LONGSHORE_RUNTIME", "simulated");
        command
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.longshore(&["cluster", "stop"]);
    }
}
