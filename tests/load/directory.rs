//! Files to load.

use std::fs;
use std::path::Path;

use longshore::load::Input;

/// A project directory that goes away with the value.
pub struct Directory(tempfile::TempDir);

impl Directory {
    /// A directory with these files, by their path below it.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(directory)
    }

    /// Where the files are.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// What loads the project, with the name `app` and without any variable.
    pub fn input(&self) -> Input {
        Input {
            working_directory: self.path().to_owned(),
            project_name: Some("app".to_owned()),
            ..Input::default()
        }
    }
}
