//! The image of our own program: what sandboxes and the gateway run, so that nothing is pulled.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use bollard::query_parameters::CreateImageOptions;
use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};

use super::endpoint::hex;
use super::{Engine, EngineError, labels, refused, status_code};

/// Where the program lies in the image.
const PROGRAM: &str = "longshore";
/// Where the libraries lie that it is linked with.
const LIBRARIES: &str = "lib";
const REPOSITORY: &str = "longshore.local/longshore";

/// The name of the image of the running program on an engine; it is made unless it is there.
///
/// It holds the program and the libraries that it has mapped, if it is not linked statically.
pub async fn own_image(engine: &Engine) -> Result<String, EngineError> {
    let files = tokio::task::spawn_blocking(Files::of_this_program);
    let files = match files.await {
        Ok(files) => files?,
        Err(error) => return Err(failed(Path::new(PROGRAM), error.to_string())),
    };
    let name = format!("{REPOSITORY}:{}", files.tag());
    match engine.docker().inspect_image(&name).await {
        Ok(_) => return Ok(name),
        Err(error) if status_code(&error) == Some(404) => {}
        Err(error) => return Err(refused(format!("look for the image `{name}`"))(error)),
    }
    let entry = serde_json::Value::from(files.entry_point());
    let options = CreateImageOptions {
        from_src: Some("-".to_owned()),
        repo: Some(REPOSITORY.to_owned()),
        tag: Some(files.tag().to_owned()),
        changes: vec![
            format!("ENTRYPOINT {entry}"),
            format!("LABEL {}={}", labels::DIGEST, files.digest),
        ],
        ..CreateImageOptions::default()
    };
    let body = bollard::body_full(files.archive()?.into());
    let made = engine.docker().create_image(Some(options), Some(body), None);
    made.try_for_each(|_| async { Ok(()) })
        .await
        .map_err(refused(format!("make the image `{name}`")))?;
    Ok(name)
}

/// The program and its libraries: their names in the image, and where they are.
struct Files {
    program: PathBuf,
    libraries: BTreeMap<String, PathBuf>,
    digest: String,
}

impl Files {
    fn of_this_program() -> Result<Self, EngineError> {
        let program = std::env::current_exe()
            .map_err(|error| failed(Path::new(PROGRAM), error.to_string()))?;
        if std::env::consts::OS != "linux" {
            let reason = "containers need a program for Linux".to_owned();
            return Err(failed(&program, reason));
        }
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
        let libraries = libraries(&maps, &program);
        // The file that runs, also when another one has taken its name.
        let mut file = std::fs::File::open("/proc/self/exe")
            .map_err(|error| failed(&program, error.to_string()))?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => hash.update(buffer.get(..read).unwrap_or_default()),
                Err(error) => return Err(failed(&program, error.to_string())),
            }
        }
        Ok(Self { program, libraries, digest: hex(&hash.finalize()) })
    }

    fn tag(&self) -> &str {
        self.digest.get(..12).unwrap_or(&self.digest)
    }

    /// The program itself, or the loader that loads it with the libraries of the image.
    fn entry_point(&self) -> Vec<String> {
        let program = format!("/{PROGRAM}");
        match self.libraries.keys().find(|name| name.starts_with("ld-")) {
            Some(loader) => vec![
                format!("/{LIBRARIES}/{loader}"),
                "--library-path".to_owned(),
                format!("/{LIBRARIES}"),
                program,
            ],
            None => vec![program],
        }
    }

    fn archive(&self) -> Result<Vec<u8>, EngineError> {
        let mut archive = tar::Builder::new(Vec::new());
        let libraries =
            self.libraries.iter().map(|(name, path)| (format!("{LIBRARIES}/{name}"), path.clone()));
        let program = (PROGRAM.to_owned(), PathBuf::from("/proc/self/exe"));
        for (name, path) in libraries.chain([program]) {
            let added = std::fs::read(&path).and_then(|bytes| {
                let mut header = tar::Header::new_gnu();
                header.set_size(bytes.len() as u64);
                header.set_mode(0o755);
                archive.append_data(&mut header, &name, bytes.as_slice())
            });
            added.map_err(|error| failed(&path, error.to_string()))?;
        }
        archive.into_inner().map_err(|error| failed(&self.program, error.to_string()))
    }
}

/// The libraries of a process by its `/proc/PID/maps`, each also under the names that lead to it.
fn libraries(maps: &str, program: &Path) -> BTreeMap<String, PathBuf> {
    let mut libraries = BTreeMap::new();
    let paths = maps.lines().filter_map(|line| line.find('/').and_then(|at| line.get(at..)));
    for path in paths.map(Path::new).filter(|path| *path != program) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.contains(".so") && !libraries.contains_key(name) {
            libraries.insert(name.to_owned(), path.to_owned());
            libraries.extend(aliases(path).into_iter().map(|alias| (alias, path.to_owned())));
        }
    }
    libraries
}

/// The links beside a file that lead to it: older systems call `libc-2.31.so` by `libc.so.6`.
fn aliases(path: &Path) -> Vec<String> {
    let entries = path.parent().and_then(|directory| std::fs::read_dir(directory).ok());
    let links = entries.into_iter().flatten().flatten().filter(|entry| {
        entry.file_type().is_ok_and(|kind| kind.is_symlink())
            && entry.path().canonicalize().is_ok_and(|target| target == path)
    });
    links.filter_map(|link| link.file_name().into_string().ok()).collect()
}

fn failed(program: &Path, reason: String) -> EngineError {
    EngineError::OwnImage { program: program.display().to_string(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_what_is_mapped_but_the_program() {
        let maps = "\
            5581-5582 r--p 00000000 fe:00 1 /opt/longshore\n\
            7f00-7f01 r-xp 00000000 fe:00 2 /nowhere/libgcc_s.so.1\n\
            7f01-7f02 r--p 00001000 fe:00 2 /nowhere/libgcc_s.so.1\n\
            7f02-7f03 r-xp 00000000 fe:00 3 /nowhere/ld-linux-x86-64.so.2\n\
            7f04-7f05 rw-p 00000000 00:00 0 \n\
            7f06-7f07 r-xp 00000000 00:00 0 [vdso]\n";
        let libraries = libraries(maps, Path::new("/opt/longshore"));
        let names: Vec<&String> = libraries.keys().collect();
        assert_eq!(names, ["ld-linux-x86-64.so.2", "libgcc_s.so.1"]);
        let files = Files { program: "/opt/longshore".into(), libraries, digest: "ab".to_owned() };
        let entry = ["/lib/ld-linux-x86-64.so.2", "--library-path", "/lib", "/longshore"];
        assert_eq!(files.entry_point(), entry);
    }
}
