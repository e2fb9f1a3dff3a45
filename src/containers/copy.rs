use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use tokio_util::io::SyncIoBridge;

use super::archive::{pack, unpack};
use super::{Command, Ends, Error, Replica, Session, replica};
use crate::deploy::{Cluster, Target};

/// What is on its way between the two sides.
const BUFFER_BYTES: usize = 64 << 10;

/// One side of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A path of this machine.
    Here(PathBuf),
    /// A path in a container of a service.
    There {
        /// The service.
        service: String,
        /// The path.
        path: String,
    },
}

impl Place {
    /// `SERVICE:PATH`, or a path: `./a:b` is one of this machine.
    pub fn parse(text: &str) -> Self {
        match text.split_once(':') {
            Some((service, path))
                if !service.is_empty() && !service.contains('/') && !service.starts_with('.') =>
            {
                Self::There { service: service.to_owned(), path: path.to_owned() }
            }
            _ => Self::Here(text.into()),
        }
    }
}

/// Copies a file or directory into or out of a container: into what is a directory, else in its
/// place. The container needs `tar`.
pub async fn copy(
    cluster: &Cluster,
    target: &Target,
    index: Option<usize>,
    from: &Place,
    to: &Place,
) -> Result<(), Error> {
    match (from, to) {
        (Place::Here(from), Place::There { service, path }) => {
            let replica = replica(cluster, target, service, index).await?;
            Container { cluster, target, replica }.upload(from, path).await
        }
        (Place::There { service, path }, Place::Here(to)) => {
            let replica = replica(cluster, target, service, index).await?;
            Container { cluster, target, replica }.download(path, to).await
        }
        _ => Err(Error::Here {
            what: "cannot copy".to_owned(),
            source: std::io::Error::other(
                "one of the two must be `SERVICE:PATH`, the other a path",
            ),
        }),
    }
}

struct Container<'a> {
    cluster: &'a Cluster,
    target: &'a Target,
    replica: Replica,
}

impl Container<'_> {
    async fn upload(&self, from: &Path, to: &str) -> Result<(), Error> {
        let name = from.file_name().map(PathBuf::from);
        let resolved = || from.canonicalize().ok().and_then(|path| Some(path.file_name()?.into()));
        let name = name.or_else(resolved).unwrap_or_else(|| PathBuf::from("copy"));
        let is_directory = self.run(&["test", "-d", to], None).await?.0 == 0;
        let (directory, name) = match parts(to) {
            _ if is_directory => (to, name),
            (directory, own) => (directory, PathBuf::from(own)),
        };
        let (write, read) = tokio::io::duplex(BUFFER_BYTES);
        let packed = from.to_owned();
        let packing =
            tokio::task::spawn_blocking(move || pack(&packed, &name, SyncIoBridge::new(write)));
        let command = ["tar", "-xmf", "-", "-C", directory];
        let ran = self.run(&command, Some(Box::new(read))).await;
        match outcome(packing.await) {
            // A command that failed has stopped to read: what it says is the reason.
            Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Error::Here { what: format!("cannot read `{}`", from.display()), source })
            }
            _ => {
                let (code, errors) = ran?;
                self.succeeded(code, &errors)
            }
        }
    }

    async fn download(&self, from: &str, to: &Path) -> Result<(), Error> {
        let (directory, name) = parts(from.trim_end_matches('/'));
        let (write, read) = tokio::io::duplex(BUFFER_BYTES);
        let (place, root) = (to.to_owned(), PathBuf::from(name));
        let unpacking =
            tokio::task::spawn_blocking(move || unpack(SyncIoBridge::new(read), &root, &place));
        let words = ["tar", "-cf", "-", "-C", directory, "--", name];
        let ran = self.session(&words, None, Box::new(write)).await;
        let unpacked = outcome(unpacking.await);
        match ran {
            // Of a command that failed there is nothing to unpack.
            Ok((code, errors)) => self.succeeded(code, &errors)?,
            // Nobody to write to: what the unpacking says is the reason.
            Err(Error::Here { .. }) if unpacked.is_err() => {}
            Err(error) => return Err(error),
        }
        unpacked.map_err(|source| Error::Here {
            what: format!("cannot write `{}`", to.display()),
            source,
        })
    }

    fn succeeded(&self, code: u8, errors: &str) -> Result<(), Error> {
        if code == 0 {
            return Ok(());
        }
        let reason = match errors.trim() {
            "" => format!("`tar` ended with exit code {code}"),
            errors => errors.to_owned(),
        };
        Err(Error::Session { what: "copy", replica: self.replica.name(), reason })
    }

    async fn run(
        &self,
        words: &[&str],
        stdin: Option<Box<dyn tokio::io::AsyncRead + Send + Unpin>>,
    ) -> Result<(u8, String), Error> {
        self.session(words, stdin, Box::new(tokio::io::sink())).await
    }

    /// Runs a command; its exit code, and its errors.
    async fn session(
        &self,
        words: &[&str],
        stdin: Option<Box<dyn tokio::io::AsyncRead + Send + Unpin>>,
        stdout: Box<dyn tokio::io::AsyncWrite + Send + Unpin>,
    ) -> Result<(u8, String), Error> {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        let command = Command { words: Some(words), stdin: stdin.is_some(), tty: false };
        let session = Session::begin(self.cluster, self.target, &self.replica, command).await?;
        let (stderr, mut errors) = tokio::io::duplex(BUFFER_BYTES);
        let mut text = Vec::new();
        let sizes = futures_util::stream::pending().boxed();
        let ends = Ends { stdin, stdout, stderr: Box::new(stderr), sizes };
        let (code, _) = tokio::join!(
            session.join(ends),
            tokio::io::AsyncReadExt::read_to_end(&mut errors, &mut text)
        );
        Ok((code?, String::from_utf8_lossy(&text).into_owned()))
    }
}

/// Directory and name of a path in a container.
fn parts(path: &str) -> (&str, &str) {
    match path.rsplit_once('/') {
        Some(("", "")) | None if path.is_empty() || path == "/" => ("/", "."),
        Some(("", name)) => ("/", name),
        Some((directory, name)) => (directory, name),
        None => (".", path),
    }
}

/// What a thread of ours has come to.
fn outcome(ended: Result<std::io::Result<()>, tokio::task::JoinError>) -> std::io::Result<()> {
    ended.unwrap_or_else(|error| Err(std::io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_here_or_there() {
        let there = |service: &str, path: &str| Place::There {
            service: service.to_owned(),
            path: path.to_owned(),
        };
        assert_eq!(Place::parse("web:/srv/a"), there("web", "/srv/a"));
        assert_eq!(Place::parse("web:a:b"), there("web", "a:b"));
        for here in ["a", "./a:b", "/a:b", ":a", "../x:y", "dir/a:b"] {
            assert_eq!(Place::parse(here), Place::Here(here.into()), "{here}");
        }
    }

    #[test]
    fn a_path_has_a_directory_and_a_name() {
        assert_eq!(parts("/srv/a"), ("/srv", "a"));
        assert_eq!(parts("/a"), ("/", "a"));
        assert_eq!(parts("a/b"), ("a", "b"));
        assert_eq!(parts("a"), (".", "a"));
        assert_eq!(parts(""), ("/", "."));
    }
}
