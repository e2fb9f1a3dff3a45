//! Termination messages: what a container writes into a file before it ends.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use k8s_openapi::api::core::v1::{Container, Pod};

use super::life;
use super::mount::Mount;
use super::pod_directory::{self, FileError, PodDirectory};

/// The longest message of one container…
const LONGEST: usize = 4096;
/// …and of all containers of a pod together.
const LONGEST_OF_POD: usize = 12 * 1024;
/// How many lines, and…
pub(super) const LOG_LINES: u64 = 80;
/// …bytes of the log stand in for a message that is not there.
const LONGEST_OF_LOG: usize = 2048;

/// Makes the file for a run of a container; none when it wants none.
pub(super) fn prepare(
    directory: &PodDirectory,
    container: &Container,
    attempt: u32,
) -> Result<Option<Mount>, FileError> {
    let target = container.termination_message_path.as_deref().unwrap_or("/dev/termination-log");
    if target.is_empty() {
        return Ok(None);
    }
    let file = directory.termination_message(&container.name, attempt);
    if let Some(parent) = file.parent() {
        pod_directory::create(parent)?;
    }
    // The last run's message is in its status; the one before is asked for no more.
    if let Some(old) = attempt.checked_sub(2) {
        pod_directory::remove_file(&directory.termination_message(&container.name, old))?;
    }
    // Whichever user the container runs as may write it.
    pod_directory::write(&file, b"", 0o666)?;
    Ok(Some(Mount::of_file(file, target)))
}

/// What a run left as its message: the end of it, when it is too long.
pub(super) fn read(directory: &PodDirectory, container: &Container, attempt: u32) -> String {
    let file = directory.termination_message(&container.name, attempt);
    match read_end(&file, LONGEST) {
        Ok(message) => message,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => format!("Error on reading termination log {}: {error}", file.display()),
    }
}

/// Whether the end of the log stands in for an empty message.
pub(super) fn falls_back_to_log(container: &Container, exit_code: i32) -> bool {
    let policy = container.termination_message_policy.as_deref();
    policy == Some("FallbackToLogsOnError") && exit_code != 0
}

/// The message that the last [`LOG_LINES`] of a log make.
pub(super) fn of_log(log: &[u8]) -> String {
    text(log.get(log.len().saturating_sub(LONGEST_OF_LOG)..).unwrap_or_default())
}

/// A message with its share of what the messages of a pod may be long.
pub(super) fn shortened(pod: &Pod, message: &str) -> String {
    let share = LONGEST_OF_POD / life::containers(pod).count().max(1);
    message.get(..message.floor_char_boundary(share)).unwrap_or_default().to_owned()
}

fn read_end(file: &Path, longest: usize) -> io::Result<String> {
    let mut file = File::open(file)?;
    let longest = longest as u64;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(longest)))?;
    let mut message = Vec::new();
    // The container may be writing still.
    file.take(longest).read_to_end(&mut message)?;
    Ok(text(&message))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::control_plane::kubelet::mount::Source;

    fn container(path: Option<&str>, policy: &str) -> Container {
        Container {
            name: "web".to_owned(),
            termination_message_path: path.map(str::to_owned),
            termination_message_policy: Some(policy.to_owned()),
            ..Container::default()
        }
    }

    #[test]
    fn a_message_is_read_back() {
        let pods = tempfile::tempdir().unwrap();
        let directory = PodDirectory::of(pods.path(), "u-1");
        let container = container(None, "File");
        let mount = prepare(&directory, &container, 0).unwrap().unwrap();
        assert_eq!(mount.target, "/dev/termination-log");
        let Source::Host(file) = mount.source else { panic!("a file") };
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o666);
        assert_eq!(read(&directory, &container, 0), "");
        fs::write(&file, "out of tea").unwrap();
        assert_eq!(read(&directory, &container, 0), "out of tea");
        fs::write(&file, format!("x{}", "é".repeat(LONGEST / 2))).unwrap();
        assert_eq!(read(&directory, &container, 0), "é".repeat(LONGEST / 2));
        for attempt in 1..4 {
            prepare(&directory, &container, attempt).unwrap();
        }
        let left = fs::read_dir(file.parent().unwrap()).unwrap().count();
        assert_eq!(left, 2, "the files of old runs are removed");
        assert_eq!(read(&directory, &container, 9), "");
    }

    #[test]
    fn a_container_may_want_no_message() {
        let pods = tempfile::tempdir().unwrap();
        let directory = PodDirectory::of(pods.path(), "u-1");
        assert_eq!(prepare(&directory, &container(Some(""), "File"), 0).unwrap(), None);
        let named = prepare(&directory, &container(Some("/tmp/why"), "File"), 0).unwrap();
        assert_eq!(named.unwrap().target, "/tmp/why");
    }

    #[test]
    fn the_log_stands_in_on_failure_only() {
        let falls_back = |policy, code| falls_back_to_log(&container(None, policy), code);
        assert!(falls_back("FallbackToLogsOnError", 1));
        assert!(!falls_back("FallbackToLogsOnError", 0));
        assert!(!falls_back("File", 1));
        assert_eq!(of_log(b"boom\n"), "boom\n");
        assert_eq!(of_log(&[b'x'; 5000]).len(), LONGEST_OF_LOG);
        assert!(LOG_LINES < LONGEST_OF_LOG as u64);
    }

    #[test]
    fn the_messages_of_a_pod_share_its_room() {
        let containers = (0..4).map(|number| serde_json::json!({"name": format!("c{number}")}));
        let containers: Vec<_> = containers.collect();
        let pod = serde_json::json!({"spec": {"containers": containers}});
        let pod: Pod = serde_json::from_value(pod).unwrap();
        assert_eq!(shortened(&pod, "short"), "short");
        assert_eq!(shortened(&pod, &"é".repeat(4000)).len(), LONGEST_OF_POD / 4);
    }
}
