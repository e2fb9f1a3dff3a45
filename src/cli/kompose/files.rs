use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The files of `-f`, or of `COMPOSE_FILE` where only kompose could read it: it takes `-f a.yaml,b.yaml`, and blanks
/// between the files of the variable. A file that is there under the whole name is that file.
pub fn files(named: &[PathBuf], environment: &BTreeMap<String, String>) -> Vec<PathBuf> {
    if !named.is_empty() {
        let split = |file: &PathBuf| split(file, |it| it == ',').unwrap_or(vec![file.clone()]);
        return named.iter().flat_map(split).collect();
    }
    let variable = environment.get("COMPOSE_FILE").map(PathBuf::from);
    variable.and_then(|it| split(&it, char::is_whitespace)).unwrap_or_default()
}

fn split(file: &Path, separator: fn(char) -> bool) -> Option<Vec<PathBuf>> {
    let parts: Vec<&str> = file.to_str()?.split(separator).filter(|it| !it.is_empty()).collect();
    let are_there = || parts.iter().all(|part| Path::new(part).is_file());
    let is_list = parts.len() > 1 && !file.exists() && are_there();
    is_list.then(|| parts.into_iter().map(PathBuf::from).collect())
}
