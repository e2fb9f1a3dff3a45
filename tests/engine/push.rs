use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use super::build::{Project, cleanly, succeeded, told};
use super::machine::Machine;

const REGISTRY: &str = "docker-registry";
/// `me` with the password `secret`, as `htpasswd -B` writes it.
const PASSWORDS: &str = "me:$2b$04$EU6HR/iw4cR3bezuAJAWwuQIiPfSAEMwIZBGK3LT6KeB6GEsu86IK\n";
/// The same in base64.
const LOGIN: &str = "bWU6c2VjcmV0";

/// A registry on loopback, which asks for a password.
struct Registry {
    child: Child,
    host: String,
}

impl Registry {
    fn start(directory: &Path) -> Option<Self> {
        let host = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let passwords = directory.join("passwords");
        std::fs::write(&passwords, PASSWORDS).unwrap();
        let config = directory.join("registry.yaml");
        let text = format!(
            "version: 0.1\nlog: {{level: info}}\nhttp: {{addr: '{host}'}}\n\
             storage: {{filesystem: {{rootdirectory: '{}'}}}}\n\
             auth: {{htpasswd: {{realm: test, path: '{}'}}}}\n",
            directory.join("registry").display(),
            passwords.display()
        );
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(REGISTRY);
        command.arg("serve").arg(config).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().ok()?;
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let is_there = lines.any(|line| line.is_ok_and(|line| line.contains("listening on")));
        assert!(is_there, "the registry ended");
        // What it says later must have somewhere to go.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, host })
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn images_are_pushed_with_the_users_login_and_pinned_by_digest() {
    let Some(machine) = Machine::find("push").await else { return };
    let project = Project::new(&machine, "services:\n  web:\n    build: .\n");
    project.write("Dockerfile", "FROM scratch\nCOPY compose.yaml /\n");
    let Some(registry) = Registry::start(project.directory.path()) else {
        println!("skipped: needs {REGISTRY}");
        return machine.clean().await;
    };
    let prefix = format!("{}/team", registry.host);
    let image = format!("{prefix}/{}-web", machine.cluster);
    let test = async {
        let prefixed = ["--registry-prefix", &prefix];
        let run = |arguments: &[&str]| -> Output {
            let mut command = project.command(arguments);
            command.env("PATH", "").env("DOCKER_CONFIG", project.directory.path()).output().unwrap()
        };
        succeeded(&run(&[&["build"], &prefixed[..]].concat()));
        let refused = run(&[&["push"], &prefixed[..]].concat());
        assert_eq!(refused.status.code(), Some(3), "{}", told(&refused));
        assert!(told(&refused).contains(&format!("cannot push `{image}`")), "{}", told(&refused));
        let bare = run(&["push"]);
        assert_eq!(bare.status.code(), Some(2), "{}", told(&bare));

        let login = format!(r#"{{"auths": {{"{}": {{"auth": "{LOGIN}"}}}}}}"#, registry.host);
        project.write("config.json", &login);
        succeeded(&run(&[&["push", "--digests", "digests.json"], &prefixed[..]].concat()));
        let found = machine.engine.docker().inspect_image(&image).await.unwrap();
        let pinned = found.repo_digests.unwrap_or_default();
        let pin = ["convert", "--pin", "digests.json", "-o", "-"];
        let manifests = run(&[&pin[..], &prefixed[..]].concat());
        succeeded(&manifests);
        let manifests = String::from_utf8(manifests.stdout).unwrap();
        let pinned = pinned.first().unwrap();
        assert!(manifests.contains(pinned), "{pinned} in {manifests}");
        let unknown = run(&pin);
        assert_eq!(unknown.status.code(), Some(2), "{}", told(&unknown));
        assert!(told(&unknown).contains("`--pin` has no digest of"), "{}", told(&unknown));
    };
    cleanly(machine.clone(), &[&image], test).await;
}
