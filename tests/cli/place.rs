use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folders of the samples, in the order of their names.
pub fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut samples: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    samples.sort();
    samples
}

/// An empty directory to run the program in, with nothing of the machine's environment.
pub struct Place {
    directory: tempfile::TempDir,
}

/// What a run gave.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    pub fn new() -> Self {
        // Not in the machine's own: compose files are searched for upwards.
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::create_dir(directory.path().join("app")).unwrap();
        Self { directory }
    }

    /// A place with this compose file.
    pub fn with(compose: &str) -> Self {
        let place = Self::new();
        place.file("compose.yaml", compose);
        place
    }

    /// The directory, which is also the name of the project: `app`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("app").join(name)
    }

    pub fn file(&self, name: &str, content: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The files of a directory, sorted.
    pub fn files(&self, name: &str) -> Vec<String> {
        let mut files: Vec<String> = std::fs::read_dir(self.path(name))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        files
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(&[], arguments)
    }

    /// A run with variables in its environment.
    pub fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_longshore"))
            .args(arguments)
            .current_dir(self.path(""))
            .env_clear()
            .envs(variables.iter().copied())
            .env("HOME", self.directory.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| {
            String::from_utf8(bytes).unwrap().replace(shown(self.directory.path()), "<PLACE>")
        };
        Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Ran {
    /// Compares all that a run gave.
    #[track_caller]
    pub fn gives(&self, code: i32, stdout: &str, stderr: &str) {
        similar_asserts::assert_eq!(stderr, self.stderr);
        similar_asserts::assert_eq!(stdout, self.stdout);
        assert_eq!(self.code, Some(code));
    }
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}
