//! The one image of the tests: nothing can be pulled, so it is made of the machine's static busybox.

use bollard::query_parameters::CreateImageOptions;
use futures_util::TryStreamExt;
use longshore::engine::Engine;

/// Its name.
pub const BUSYBOX: &str = "longshore.test/busybox:1";

const BUSYBOX_PROGRAM: &str = "/bin/busybox";
const APPLETS: &[&str] = &[
    "cat", "chmod", "cp", "date", "echo", "env", "false", "grep", "head", "hostname", "httpd",
    "id", "kill", "ln", "ls", "mkdir", "mv", "nc", "nslookup", "printf", "pwd", "rm", "sed", "seq",
    "sh", "sleep", "sort", "stat", "tail", "tar", "tee", "test", "touch", "tr", "true", "umask",
    "wc", "wget",
];

/// Makes the image unless it is there; false without an engine or the program.
pub async fn make() -> bool {
    let Ok(program) = std::fs::read(BUSYBOX_PROGRAM) else { return false };
    let Ok(engine) = Engine::connect().await else { return false };
    if engine.docker().inspect_image(BUSYBOX).await.is_ok() {
        return true;
    }
    let mut archive = tar::Builder::new(Vec::new());
    let mut add = |name: &str, bytes: &[u8], mode: u32| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(mode);
        archive.append_data(&mut header, name, bytes).unwrap();
    };
    add("bin/busybox", &program, 0o755);
    add("etc/passwd", b"root:x:0:0:root:/:/bin/sh\n", 0o644);
    for directory in ["tmp", "www"] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Directory);
        header.set_size(0);
        header.set_mode(0o1777);
        archive.append_data(&mut header, directory, std::io::empty()).unwrap();
    }
    for applet in APPLETS {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        archive.append_link(&mut header, format!("bin/{applet}"), "busybox").unwrap();
    }
    let (repository, tag) = BUSYBOX.rsplit_once(':').unwrap();
    let options = CreateImageOptions {
        from_src: Some("-".to_owned()),
        repo: Some(repository.to_owned()),
        tag: Some(tag.to_owned()),
        changes: vec!["CMD [\"sh\"]".to_owned(), "ENV PATH=/bin".to_owned()],
        ..CreateImageOptions::default()
    };
    let body = bollard::body_full(archive.into_inner().unwrap().into());
    let made = engine.docker().create_image(Some(options), Some(body), None);
    made.try_for_each(|_| async { Ok(()) }).await.unwrap();
    true
}
