use std::collections::BTreeMap;
use std::path::Path;

use crate::model::{Bound, BoundFile, Service};

use super::bind::is_of_the_node;
use super::findings::Site;
use super::label::{setting, settings};
use super::volume::last_part;

/// What becomes of bind mounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BindPolicy {
    /// Small files of the project become `ConfigMap`s, its directories without content claims; the rest is
    /// left to the node.
    #[default]
    Auto,
    /// `ConfigMap`s; what none can hold is an error.
    ConfigMap,
    /// Paths of the node.
    HostPath,
    /// Claims, but for files and for what belongs to the node.
    Claim,
    /// Empty directories that live as long as the pod.
    EmptyDir,
    /// What kompose makes: `ConfigMap`s of what there is, claims of what there is not.
    Kompose,
    /// Errors.
    Refuse,
}

/// Who has what is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// `ConfigMap`s with the files.
    ConfigMaps,
    /// A claim, which starts empty.
    Claim,
    /// The pod, with an empty directory.
    Pod,
    /// The node; why nothing else does, where that is not plain to see.
    Node(Option<String>),
    /// Nobody: why.
    Nobody(String),
}

/// The values of the label `kompose.volume.type`; what says nothing of bind mounts leaves them as they are for all.
const VOLUME_TYPES: &[(&str, Option<BindPolicy>)] = &[
    ("persistentVolumeClaim", None),
    ("emptyDir", Some(BindPolicy::EmptyDir)),
    ("hostPath", Some(BindPolicy::HostPath)),
    ("configMap", Some(BindPolicy::ConfigMap)),
];

/// How much a `ConfigMap` holds, in bytes.
pub const MAX_CONFIG_MAP: usize = 1 << 20;

impl BindPolicy {
    /// All policies, by the words of `--bind`.
    pub const ALL: &[(&str, Self)] = &[
        ("auto", Self::Auto),
        ("configmap", Self::ConfigMap),
        ("hostpath", Self::HostPath),
        ("pvc", Self::Claim),
        ("refuse", Self::Refuse),
    ];

    /// The policy of a word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(word, _)| *word == text).map(|(_, policy)| *policy)
    }

    /// The policy of a service: that of its labels, or else the one for all.
    pub fn of(service: &Service, for_all: Self) -> Self {
        let labels = &service.container.labels;
        let own = setting(labels, settings::BIND).and_then(|(_, text)| Self::parse(text));
        let of_type = || {
            let (_, text) = setting(labels, settings::VOLUME_TYPE)?;
            let (_, policy) = VOLUME_TYPES.iter().find(|(word, _)| *word == text)?;
            // With kompose, what has files is in ConfigMaps anyway, and nothing else is.
            policy.filter(|policy| (*policy, for_all) != (Self::ConfigMap, Self::Kompose))
        };
        own.or_else(of_type).unwrap_or(for_all)
    }

    /// Who has a volume without a name.
    pub fn of_unnamed_volume(self) -> Holder {
        match self {
            Self::EmptyDir => Holder::Pod,
            _ => Holder::Claim,
        }
    }

    /// Who has what is at a path; `bound` says what this machine has there, if it is in the project.
    pub fn decide(
        self,
        path: &str,
        is_file: bool,
        read_only: bool,
        bound: Option<&Bound>,
    ) -> Holder {
        match self {
            Self::Auto => auto(path, read_only, bound),
            Self::ConfigMap => match bound {
                Some(Bound::File(_) | Bound::Directory(_)) => Holder::ConfigMaps,
                Some(Bound::Missing) => Holder::Nobody("there is nothing".to_owned()),
                Some(Bound::Unfit(reason)) => Holder::Nobody(reason.clone()),
                None => Holder::Nobody("it is outside of the project".to_owned()),
            },
            Self::HostPath => Holder::Node(None),
            Self::Claim => match bound {
                Some(Bound::File(_)) => Holder::ConfigMaps,
                _ if is_file || is_of_the_node(path) => Holder::Node(None),
                _ => Holder::Claim,
            },
            Self::EmptyDir => Holder::Pod,
            Self::Kompose => by_kompose(path, is_file, bound),
            Self::Refuse => Holder::Nobody("bind mounts are refused".to_owned()),
        }
    }
}

fn by_kompose(path: &str, is_file: bool, bound: Option<&Bound>) -> Holder {
    match bound {
        Some(Bound::File(_)) => Holder::ConfigMaps,
        Some(Bound::Directory(files)) if files.is_empty() => Holder::Claim,
        Some(Bound::Directory(files)) => in_config_maps(files),
        Some(Bound::Unfit(reason)) => Holder::Node(Some(reason.clone())),
        None if is_file || is_of_the_node(path) || is_socket(path) => Holder::Node(None),
        Some(Bound::Missing) | None => Holder::Claim,
    }
}

fn is_socket(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "sock")
}

fn in_config_maps(files: &BTreeMap<String, BoundFile>) -> Holder {
    let bytes: usize = files.values().map(|file| file.content.len()).sum();
    if bytes > MAX_CONFIG_MAP {
        Holder::Node(Some(format!("it has {bytes} bytes, too many for a ConfigMap")))
    } else {
        Holder::ConfigMaps
    }
}

fn auto(path: &str, read_only: bool, bound: Option<&Bound>) -> Holder {
    // Compose makes a directory of a name that looks like a file; nobody means that.
    let names_file = last_part(path).trim_start_matches('.').contains('.');
    match bound {
        None => Holder::Node(None),
        Some(Bound::File(_)) => Holder::ConfigMaps,
        Some(Bound::Directory(files)) if files.keys().all(is_placeholder) && !read_only => {
            Holder::Claim
        }
        Some(Bound::Missing) if !read_only && !names_file => Holder::Claim,
        Some(Bound::Missing) => Holder::Node(Some("the project does not have it".to_owned())),
        Some(Bound::Unfit(reason)) => Holder::Node(Some(reason.clone())),
        Some(Bound::Directory(files)) => match in_config_maps(files) {
            // What a program writes is seldom text.
            Holder::ConfigMaps if !read_only && !files.values().all(is_text) => {
                Holder::Node(Some("it has data that the container may change".to_owned()))
            }
            holder => holder,
        },
    }
}

/// Whether the file is there only so that git keeps a directory, which is empty otherwise.
fn is_placeholder(path: impl AsRef<str>) -> bool {
    [".gitignore", ".gitkeep", ".keep"].contains(&path.as_ref())
}

fn is_text(file: &BoundFile) -> bool {
    std::str::from_utf8(&file.content).is_ok()
}

/// Says that a service names a policy that there is not.
pub fn check_policy(service: &Service, site: &Site) {
    if let Some((label, text)) = setting(&service.container.labels, settings::BIND)
        && BindPolicy::parse(text).is_none()
    {
        let words: Vec<&str> = BindPolicy::ALL.iter().map(|(word, _)| *word).collect();
        site.child("labels").child(label).invalid(
            format!("`{text}` is not a policy for bind mounts"),
            format!("use one of `{}`", words.join("`, `")),
        );
    }
    if let Some((label, text)) = setting(&service.container.labels, settings::VOLUME_TYPE)
        && VOLUME_TYPES.iter().all(|(word, _)| *word != text)
    {
        let words: Vec<&str> = VOLUME_TYPES.iter().map(|(word, _)| *word).collect();
        site.child("labels").child(label).invalid(
            format!("`{text}` is not what volumes can become"),
            format!("use one of `{}`", words.join("`, `")),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &[u8]) -> BoundFile {
        BoundFile { content: content.to_vec(), executable: false }
    }

    fn directory(content: &[u8]) -> Bound {
        Bound::Directory([("a".to_owned(), file(content))].into())
    }

    /// What each policy does with a path that is a file or not, read-only or not.
    #[test]
    fn policies() {
        let data = Some(directory(b"\xff"));
        let text = Some(directory(b"a"));
        let large = Some(directory(&vec![b'a'; MAX_CONFIG_MAP + 1]));
        let empty = Some(Bound::Directory([].into()));
        let one = Some(Bound::File(file(b"\xff")));
        let unfit = Some(Bound::Unfit("why".to_owned()));
        for (path, is_file, read_only, bound, expected) in [
            ("/p/a.conf", true, false, &one, "config config node config nobody"),
            ("/p/conf", false, true, &text, "config config node claim nobody"),
            ("/p/conf", false, false, &text, "config config node claim nobody"),
            ("/p/data", false, true, &data, "config config node claim nobody"),
            ("/p/data", false, false, &data, "node config node claim nobody"),
            ("/p/large", false, true, &large, "node config node claim nobody"),
            ("/p/empty", false, false, &empty, "claim config node claim nobody"),
            ("/p/empty", false, true, &empty, "config config node claim nobody"),
            ("/p/none", false, false, &Some(Bound::Missing), "claim nobody node claim nobody"),
            ("/p/a.conf", false, false, &Some(Bound::Missing), "node nobody node claim nobody"),
            ("/p/unfit", false, true, &unfit, "node nobody node claim nobody"),
            ("/srv/data", false, false, &None, "node nobody node claim nobody"),
            ("/srv/a", true, false, &None, "node nobody node node nobody"),
            ("/dev/usb", false, false, &None, "node nobody node node nobody"),
        ] {
            let found: Vec<&str> = BindPolicy::ALL
                .iter()
                .map(|(_, policy)| match policy.decide(path, is_file, read_only, bound.as_ref()) {
                    Holder::ConfigMaps => "config",
                    Holder::Claim => "claim",
                    Holder::Pod => "pod",
                    Holder::Node(_) => "node",
                    Holder::Nobody(_) => "nobody",
                })
                .collect();
            assert_eq!(found.join(" "), expected, "{path} {is_file} {read_only}");
        }
    }

    /// A directory for data that git keeps with a `.gitkeep` became a ConfigMap, to which nobody can write.
    #[test]
    fn a_directory_that_only_git_keeps_is_empty() {
        for name in [".gitkeep", ".gitignore", ".keep"] {
            let kept = Bound::Directory([(name.to_owned(), file(b""))].into());
            let holder = BindPolicy::Auto.decide("/p/data", false, false, Some(&kept));
            assert_eq!(holder, Holder::Claim, "{name}");
        }
    }
}
