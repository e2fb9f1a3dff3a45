use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::model::{Bound, BoundFile};

use super::bind_policy::MAX_CONFIG_MAP;
use super::volume::last_part;

/// The mode of a file that can be executed; others have Kubernetes' own, 0644.
const EXECUTABLE: u32 = 0o755;

/// The longest key of a `ConfigMap`.
const MAX_KEY: usize = 253;

/// The files of one `ConfigMap`.
#[derive(Debug, Default)]
pub struct ConfigFiles<'a> {
    files: Vec<Keyed<'a>>,
}

/// A file under the key that it has in a `ConfigMap`.
#[derive(Debug)]
struct Keyed<'a> {
    key: String,
    /// Below the place where the volume is mounted.
    path: String,
    file: &'a BoundFile,
}

impl<'a> ConfigFiles<'a> {
    /// Shares the files of a mount out, so that no `ConfigMap` has more than Kubernetes takes.
    pub fn share_out(path: &'a str, bound: &'a Bound) -> Vec<Self> {
        let files: Vec<(&str, &BoundFile)> = match bound {
            Bound::File(file) => vec![(last_part(path), file)],
            Bound::Directory(files) => files.iter().map(|(path, it)| (path.as_str(), it)).collect(),
            Bound::Missing | Bound::Unfit(_) => Vec::new(),
        };
        let mut taken = BTreeSet::new();
        let mut all = vec![Self::default()];
        let mut bytes = 0;
        for (path, file) in files {
            bytes += file.content.len();
            if bytes > MAX_CONFIG_MAP {
                all.push(Self::default());
                bytes = file.content.len();
            }
            let key = key(path, &mut taken);
            // A file that is mounted alone can have any name there.
            let is_alone = matches!(bound, Bound::File(_));
            let path = if is_alone { key.clone() } else { path.to_owned() };
            let keyed = Keyed { key, path, file };
            all.last_mut().expect("there is one from the start").files.push(keyed);
        }
        all
    }

    /// `data` and `binaryData`.
    pub fn data(&self) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        let (mut data, mut binary_data) = (BTreeMap::new(), BTreeMap::new());
        for Keyed { key, path: _, file } in &self.files {
            match std::str::from_utf8(&file.content) {
                Ok(text) => data.insert(key.clone(), text.to_owned()),
                Err(_) => binary_data.insert(key.clone(), STANDARD.encode(&file.content)),
            };
        }
        (data, binary_data)
    }

    /// How many bytes all files have.
    pub fn size(&self) -> usize {
        self.files.iter().map(|keyed| keyed.file.content.len()).sum()
    }

    /// The key of the first file: the one of a mount that is a file.
    pub fn first_key(&self) -> Option<&str> {
        self.files.first().map(|keyed| keyed.key.as_str())
    }

    /// What the source of a volume says of the files: nothing where keys are paths and modes the usual ones.
    fn items(&self) -> Option<Vec<Value>> {
        let is_plain = |it: &Keyed| it.key == it.path && !it.file.executable;
        if self.files.iter().all(is_plain) {
            return None;
        }
        let item = |Keyed { key, path, file }: &Keyed| {
            let mut item =
                Map::from_iter([("key".to_owned(), json!(key)), ("path".to_owned(), json!(path))]);
            if file.executable {
                item.insert("mode".to_owned(), json!(EXECUTABLE));
            }
            Value::Object(item)
        };
        Some(self.files.iter().map(item).collect())
    }
}

/// The source of a volume that has the files of these `ConfigMap`s, by name.
pub fn volume_source(named: &[(&str, ConfigFiles)]) -> Value {
    let source = |(name, files): &(&str, ConfigFiles)| {
        let mut source = Map::from_iter([("name".to_owned(), json!(name))]);
        if let Some(items) = files.items() {
            source.insert("items".to_owned(), Value::Array(items));
        }
        json!({ "configMap": source })
    };
    match named {
        [one] => source(one),
        _ => json!({ "projected": { "sources": named.iter().map(source).collect::<Vec<_>>() } }),
    }
}

/// The path as a key, or the nearest one that is free.
fn key(path: &str, taken: &mut BTreeSet<String>) -> String {
    let allowed = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    let wanted: String = path
        .chars()
        .map(|character| if allowed(character) { character } else { '-' })
        .take(MAX_KEY)
        .collect();
    // Kubernetes keeps these for itself.
    let wanted = if wanted == "." || wanted.starts_with("..") {
        wanted.replacen('.', "-", 1)
    } else {
        wanted
    };
    let mut key = wanted.clone();
    let mut number = 1;
    while !taken.insert(key.clone()) {
        number += 1;
        let suffix = format!("-{number}");
        let stem: String = wanted.chars().take(MAX_KEY - suffix.len()).collect();
        key = stem + &suffix;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(files: &[(&str, &[u8], bool)]) -> Bound {
        let file = |content: &[u8], executable| BoundFile { content: content.into(), executable };
        let files = files.iter().map(|(path, it, mode)| ((*path).to_owned(), file(it, *mode)));
        Bound::Directory(files.collect())
    }

    fn sources(bound: &Bound) -> String {
        let files = ConfigFiles::share_out("/p/a.conf", bound);
        let known = ["m0", "m1", "m2"];
        let named: Vec<_> = known.into_iter().zip(files).collect();
        volume_source(&named).to_string()
    }

    #[test]
    fn keys() {
        let long = "a".repeat(300);
        for (paths, expected) in [
            (vec!["nginx.conf", ".env", "A_b-1"], vec!["nginx.conf", ".env", "A_b-1"]),
            (vec!["a/b", "a-b", "a b"], vec!["a-b", "a-b-2", "a-b-3"]),
            (vec!["..", "..data", "ü"], vec!["-.", "-.data", "-"]),
            (vec![&long], vec![&long[..253]]),
        ] {
            let mut taken = BTreeSet::new();
            let keys: Vec<String> = paths.iter().map(|path| key(path, &mut taken)).collect();
            assert_eq!(keys, expected);
        }
        let mut taken = BTreeSet::new();
        key(&long, &mut taken);
        assert_eq!(key(&long, &mut taken), format!("{}-2", &long[..251]));
    }

    #[test]
    fn a_volume_names_files_only_where_it_must() {
        let plain = directory(&[("a", b"1", false), ("b.conf", b"2", false)]);
        assert_eq!(sources(&plain), r#"{"configMap":{"name":"m0"}}"#);
        let nested = directory(&[("a", b"1", false), ("d/run.sh", b"2", true)]);
        assert_eq!(
            sources(&nested),
            r#"{"configMap":{"name":"m0","items":[{"key":"a","path":"a"},{"key":"d-run.sh","path":"d/run.sh","mode":493}]}}"#
        );
    }

    #[test]
    fn what_is_larger_than_a_config_map_is_in_several() {
        let half = vec![b'x'; MAX_CONFIG_MAP / 2];
        let rest = vec![0xff; MAX_CONFIG_MAP / 2 + 1];
        let bound = directory(&[("a", &half, false), ("b", &half, false), ("c", &rest, false)]);
        let files = ConfigFiles::share_out("/p/d", &bound);
        let sizes: Vec<usize> = files.iter().map(ConfigFiles::size).collect();
        assert_eq!(sizes, [MAX_CONFIG_MAP, MAX_CONFIG_MAP / 2 + 1]);
        let counts: Vec<_> =
            files.iter().map(ConfigFiles::data).map(|(a, b)| (a.len(), b.len())).collect();
        assert_eq!(counts, [(2, 0), (0, 1)]);
        assert_eq!(
            sources(&bound),
            r#"{"projected":{"sources":[{"configMap":{"name":"m0"}},{"configMap":{"name":"m1"}}]}}"#
        );
    }
}
