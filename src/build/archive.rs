//! A context as the archive that the engine's own builder takes.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use futures_util::{Stream, stream};
use tar::{Builder, EntryType, Header};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::ignore::Ignore;
use super::{BuildError, Image};

const IGNORE: &str = ".dockerignore";
/// The name of a Dockerfile that is not in its context; the engine takes it out before it copies.
const ADDED: &str = ".dockerfile.longshore";
/// How much is sent at a time, and how many of these wait for the engine.
const CHUNK: usize = 64 * 1024;
const CHUNKS: usize = 8;

/// What of a context is sent.
#[derive(Debug)]
pub struct Archive {
    root: PathBuf,
    ignore: Ignore,
    /// The Dockerfile below the root.
    dockerfile: String,
    /// Files that are not on the disk like this.
    added: Vec<(&'static str, String)>,
}

/// A file that cannot be sent.
pub type Unreadable = (PathBuf, io::Error);

impl Archive {
    /// Reads what decides about the files of a context.
    pub fn of(image: &Image) -> Result<Self, BuildError> {
        let unreadable = |path: &Path| {
            let (image, path) = (image.subject(), path.to_owned());
            move |source| BuildError::Unreadable { image, path, source }
        };
        let root = PathBuf::from(&image.build.context);
        fs::read_dir(&root).map_err(unreadable(&root))?;
        let name = image.build.dockerfile.as_deref().unwrap_or("Dockerfile");
        let path = normal(&root.join(name));
        let specific = PathBuf::from(format!("{}{IGNORE}", path.display()));
        let is_inline = image.build.dockerfile_inline.is_some();
        let has_own = !is_inline && specific.is_file();
        let ignore_path = if has_own { specific } else { root.join(IGNORE) };
        let rules = match fs::read_to_string(&ignore_path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(unreadable(&ignore_path)(error)),
        };
        let ignore = Ignore::parse(&rules).map_err(|(line, reason)| BuildError::Ignore {
            path: ignore_path,
            line,
            reason,
        })?;
        let text = if is_inline {
            image.build.dockerfile_inline.clone()
        } else {
            let metadata = path.symlink_metadata().map_err(unreadable(&path))?;
            let is_inside = path.starts_with(&root) && !metadata.is_symlink();
            let read = || fs::read_to_string(&path).map_err(unreadable(&path));
            (!is_inside).then(read).transpose()?
        };
        let (dockerfile, added) = match text {
            None => {
                let below = path.strip_prefix(&root).unwrap_or(&path);
                (below.to_string_lossy().into_owned(), Vec::new())
            }
            // The engine looks into this file, to leave out what must not be copied.
            Some(text) => {
                let rules = format!("{rules}\n{IGNORE}\n{ADDED}\n");
                (ADDED.to_owned(), vec![(ADDED, text), (IGNORE, rules)])
            }
        };
        Ok(Self { root, ignore, dockerfile, added })
    }

    /// The Dockerfile, by its name in the archive.
    pub fn dockerfile(&self) -> &str {
        &self.dockerfile
    }

    /// The bytes, as they are read, and what tells in the end which file could not be.
    pub fn stream(
        self,
    ) -> (impl Stream<Item = io::Result<Bytes>> + Send + 'static, JoinHandle<Result<(), Unreadable>>)
    {
        let (sender, receiver) = mpsc::channel(CHUNKS);
        let written = tokio::task::spawn_blocking(move || {
            let sink = BufWriter::with_capacity(CHUNK, Sink(sender.clone()));
            let result = self.write(sink);
            if result.is_err() {
                // An archive that just ended would be built.
                let _ = sender.blocking_send(Err(io::Error::other("the context is incomplete")));
            }
            result
        });
        let body = stream::unfold(receiver, |mut receiver| async {
            receiver.recv().await.map(|chunk| (chunk, receiver))
        });
        (body, written)
    }

    fn write(&self, sink: impl Write) -> Result<(), Unreadable> {
        let mut archive = Builder::new(sink);
        let at_root = |error| (self.root.clone(), error);
        for (name, text) in &self.added {
            let mut header = Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o600);
            header.set_mtime(0);
            header.set_uid(0);
            header.set_gid(0);
            archive.append_data(&mut header, name, text.as_bytes()).map_err(at_root)?;
        }
        self.write_directory(Path::new(""), &mut Vec::new(), &mut archive)?;
        archive.into_inner().and_then(|mut sink| sink.flush()).map_err(at_root)
    }

    /// `pending` are the directories on the way that are not in the archive yet: one that is left
    /// out comes in with the first file in it that is not.
    fn write_directory<W: Write>(
        &self,
        below: &Path,
        pending: &mut Vec<(PathBuf, Metadata)>,
        archive: &mut Builder<W>,
    ) -> Result<(), Unreadable> {
        let directory = self.root.join(below);
        let failed = |error| (directory.clone(), error);
        let entries: io::Result<Vec<_>> = fs::read_dir(&directory).map_err(failed)?.collect();
        let mut names: Vec<_> =
            entries.map_err(failed)?.into_iter().map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            let below = below.join(name);
            let path = self.root.join(&below);
            let failed = |error| (path.clone(), error);
            let metadata = path.symlink_metadata().map_err(failed)?;
            let text = below.to_string_lossy();
            let is_in = self.is_in(&text);
            if metadata.is_dir() {
                let may_hold = is_in
                    || self.ignore.has_exceptions()
                    || Path::new(&self.dockerfile).starts_with(&below);
                if !may_hold {
                    continue;
                }
                let depth = pending.len();
                pending.push((below.clone(), metadata));
                if is_in {
                    flush(pending, archive).map_err(failed)?;
                }
                self.write_directory(&below, pending, archive)?;
                pending.truncate(depth);
            } else if is_in {
                flush(pending, archive).map_err(failed)?;
                append(&path, &below, &metadata, archive).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// The builder needs its own files, whatever is said of them.
    fn is_in(&self, path: &str) -> bool {
        let is_added = self.added.iter().any(|(name, _)| *name == path);
        let is_for_builder = path == self.dockerfile || path == IGNORE;
        !is_added && (is_for_builder || !self.ignore.is_ignored(path))
    }
}

fn flush<W: Write>(
    pending: &mut Vec<(PathBuf, Metadata)>,
    archive: &mut Builder<W>,
) -> io::Result<()> {
    for (below, metadata) in pending.drain(..) {
        let mut header = header(&metadata, EntryType::Directory);
        archive.append_data(&mut header, below.join(""), io::empty())?;
    }
    Ok(())
}

fn append<W: Write>(
    path: &Path,
    below: &Path,
    metadata: &Metadata,
    archive: &mut Builder<W>,
) -> io::Result<()> {
    if metadata.is_symlink() {
        let mut header = header(metadata, EntryType::Symlink);
        return archive.append_link(&mut header, below, fs::read_link(path)?);
    }
    // Sockets and devices are nothing that could be copied.
    if !metadata.is_file() {
        return Ok(());
    }
    let mut header = header(metadata, EntryType::Regular);
    header.set_size(metadata.len());
    let mut file = Whole { file: File::open(path)?, left: metadata.len() };
    archive.append_data(&mut header, below, &mut file)
}

/// A file as long as it was when its header was written.
struct Whole {
    file: File,
    left: u64,
}

impl io::Read for Whole {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = (&mut self.file).take(self.left).read(buffer)?;
        if read == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::Error::other("it became shorter while it was read"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// Owned by root, as the docker program sends it: the users of this machine mean nothing in an image.
fn header(metadata: &Metadata, kind: EntryType) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(metadata.mode() & 0o7777);
    header.set_mtime(u64::try_from(metadata.mtime()).unwrap_or_default());
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    header
}

/// Without `.` and `..`, as far as the letters tell.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut normal, component| {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
        normal
    })
}

struct Sink(mpsc::Sender<io::Result<Bytes>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
