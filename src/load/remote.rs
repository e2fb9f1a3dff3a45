//! References to compose files that are not on this machine.

use crate::diagnostic::{Diagnostic, codes};

/// A reference that would have to be fetched.
#[derive(Debug, PartialEq, Eq)]
pub struct Remote<'a> {
    text: &'a str,
    kind: Kind<'a>,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind<'a> {
    /// An artifact of a registry.
    Oci,
    /// A repository, what to check out of it, and the directory or file in it.
    Git { repository: &'a str, reference: Option<&'a str>, path: &'a str },
    /// A file of a web server.
    Web,
    /// Something else with a scheme.
    Other,
}

impl<'a> Remote<'a> {
    /// Tells whether a reference names something elsewhere, as Compose tells it.
    pub fn parse(text: &'a str) -> Option<Self> {
        if text.starts_with("./") || text.starts_with("../") {
            return None;
        }
        let kind = match text.split_once("://") {
            Some(("oci", _)) => Kind::Oci,
            Some((scheme, rest)) if is_scheme(scheme) => of_scheme(scheme, rest, text),
            _ if text.starts_with("github.com/") || is_secure_shell(text) => git(text),
            _ => return None,
        };
        Some(Self { text, kind })
    }

    /// The error that says how to fetch it.
    pub fn diagnostic(&self, path: impl Into<String>) -> Diagnostic {
        let message = format!(
            "`{}` is not on this machine, and longshore fetches no compose files",
            self.text
        );
        Diagnostic::error(codes::NOT_IMPLEMENTED, path, message).help(self.help())
    }

    fn help(&self) -> String {
        match &self.kind {
            Kind::Oci => {
                let reference = quoted(self.text);
                format!(
                    "fetch it first: `docker compose -f {reference} config --no-interpolate \
                     --no-path-resolution > compose.yaml`, and name that file"
                )
            }
            Kind::Git { repository, reference, path } => {
                let name = repository.trim_end_matches('/').rsplit(['/', ':']).next();
                let name = name.map(|name| name.strip_suffix(".git").unwrap_or(name));
                let name = quoted(name.filter(|name| !name.is_empty()).unwrap_or("project"));
                let scheme = if repository.starts_with("github.com/") { "https://" } else { "" };
                let clone = quoted(&format!("{scheme}{repository}"));
                let checkout = reference.map_or_else(String::new, |reference| {
                    format!(" && git -C {name} checkout {}", quoted(reference))
                });
                let local = if path.is_empty() { name.clone() } else { format!("{name}/{path}") };
                format!(
                    "fetch it first: `git clone {clone} {name}{checkout}`, and name the compose \
                     file in `{local}`"
                )
            }
            Kind::Web => {
                let file = self.text.split(['?', '#']).next().unwrap_or_default();
                let file = file.rsplit('/').next().filter(|name| !name.is_empty());
                let file = quoted(file.unwrap_or("compose.yaml"));
                let url = quoted(self.text);
                format!("fetch it first: `curl -fsSL -o {file} {url}`, and name `{file}`")
            }
            Kind::Other => "fetch it first, and name the local file".to_owned(),
        }
    }
}

fn of_scheme<'a>(scheme: &str, rest: &str, text: &'a str) -> Kind<'a> {
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    match scheme.to_ascii_lowercase().as_str() {
        "git" | "ssh" => git(text),
        // an address of the web is a repository only with the ending of one
        "http" | "https" if is_repository(path) => git(text),
        "http" | "https" => Kind::Web,
        _ => Kind::Other,
    }
}

/// `REPOSITORY[?ref=REF&subdir=PATH][#REF[:PATH]]`
fn git(text: &str) -> Kind<'_> {
    let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (repository, query) = address.split_once('?').unwrap_or((address, ""));
    let (mut reference, mut path) = fragment.split_once(':').unwrap_or((fragment, ""));
    for (key, value) in query.split('&').filter_map(|part| part.split_once('=')) {
        match key {
            "ref" | "tag" | "branch" => reference = value,
            "subdir" => path = value,
            _ => {}
        }
    }
    let reference = Some(reference).filter(|reference| !reference.is_empty());
    Kind::Git { repository, reference, path: path.trim_matches('/') }
}

#[expect(clippy::case_sensitive_file_extension_comparisons, reason = "so does the reference")]
fn is_repository(path: &str) -> bool {
    path.ends_with(".git")
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-'))
}

/// `user@host:path`
fn is_secure_shell(text: &str) -> bool {
    let is_name = |text: &str, more: &[char]| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
    };
    text.split_once('@').is_some_and(|(user, rest)| {
        let host = rest.split_once(':').map(|(host, _)| host);
        is_name(user, &['-', '_']) && host.is_some_and(|host| is_name(host, &['-', '.']))
    })
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_elsewhere_are_told_from_files() {
        let remote = [
            "oci://registry.example/app:1",
            "https://example.org/app.git",
            "HTTPS://example.org/compose.yaml",
            "http://example.org/app.git#main:sub",
            "git://example.org/app",
            "ssh://git@example.org/app",
            "git@example.org:org/app.git",
            "someone@example.org:app",
            "github.com/org/app",
            "s3://bucket/compose.yaml",
        ];
        for text in remote {
            assert!(Remote::parse(text).is_some(), "{text}");
        }
        let local = [
            "compose.yaml",
            "./github.com/org/app",
            "../git@example.org:app",
            "/srv/a@b.c:d",
            "a@b",
            "a b@c:d",
            "github.com",
            r"C:\app\compose.yaml",
            "https:/example.org/x",
            "",
            "-",
        ];
        for text in local {
            assert_eq!(Remote::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_error_names_the_command_that_fetches() {
        let command = |text: &str| {
            let help = Remote::parse(text).unwrap().diagnostic("").help.unwrap();
            help.split('`').nth(1).unwrap_or_default().to_owned()
        };
        let cases = [
            (
                "oci://r.example/app:1",
                "docker compose -f oci://r.example/app:1 config --no-interpolate \
                 --no-path-resolution > compose.yaml",
            ),
            ("https://h.example/o/app.git", "git clone https://h.example/o/app.git app"),
            (
                "https://h.example/o/app.git#v1:deploy/",
                "git clone https://h.example/o/app.git app && git -C app checkout v1",
            ),
            (
                "https://h.example/o/app.git?ref=a b&subdir=x",
                "git clone https://h.example/o/app.git app && git -C app checkout 'a b'",
            ),
            ("git@h.example:app.git", "git clone git@h.example:app.git app"),
            ("github.com/o/app", "git clone https://github.com/o/app app"),
            (
                "https://h.example/d/c.yaml?raw=1",
                "curl -fsSL -o c.yaml 'https://h.example/d/c.yaml?raw=1'",
            ),
            ("https://h.example/", "curl -fsSL -o compose.yaml https://h.example/"),
            ("https://h.example/it's", r"curl -fsSL -o 'it'\''s' 'https://h.example/it'\''s'"),
            ("ftp://h.example/x", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(command(text), expected, "{text}");
        }
    }
}
