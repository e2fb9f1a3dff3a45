use std::path::{Component, Path, PathBuf};

/// Where files are for the tools of a repository: below its root, with slashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repository {
    root: PathBuf,
    working_directory: PathBuf,
}

impl Repository {
    /// The repository at `root`, seen from a directory in it; names of sources start there.
    pub fn new(root: impl Into<PathBuf>, working_directory: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), working_directory: working_directory.into() }
    }

    /// The path of a source below the root; outside of the repository as it is.
    pub fn path(&self, name: &str) -> String {
        let Self { root, working_directory } = self;
        let mut path = PathBuf::new();
        for component in working_directory.join(name).components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    path.pop();
                }
                component => path.push(component),
            }
        }
        let path = path.strip_prefix(root).unwrap_or(&path);
        slashes(path)
    }
}

fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_at_the_root_of_the_repository() {
        let cases = [
            ("/repo", "/repo", "compose.yaml", "compose.yaml"),
            ("/repo", "/repo/app", "compose.yaml", "app/compose.yaml"),
            ("/repo", "/repo/app", "../base.yaml", "base.yaml"),
            ("/repo", "/repo/app", "./x/../base.yaml", "app/base.yaml"),
            ("/repo", "/repo/app", "/repo/other/base.yaml", "other/base.yaml"),
            ("/repo", "/repo/app", "/elsewhere/base.yaml", "/elsewhere/base.yaml"),
        ];
        for (root, directory, name, expected) in cases {
            assert_eq!(Repository::new(root, directory).path(name), expected, "{name}");
        }
        assert_eq!(Repository::default().path("compose.yaml"), "compose.yaml");
    }
}
