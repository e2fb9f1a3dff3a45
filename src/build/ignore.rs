//! `.dockerignore`, by the rules of Docker's own matcher:
//! <https://github.com/moby/patternmatcher>, `ignorefile` and `patternmatcher.go`.

use std::iter::once;

/// The patterns of a file, in order: the last one that matches decides.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    is_exception: bool,
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Letter(char),
    /// `?`: any but `/`.
    Any,
    /// `*`: any number of any but `/`.
    Star,
    /// `**` at the end: all the rest.
    Rest,
    /// `**/`: nothing, or all up to a `/`.
    Directories,
    /// `[a-z]`, `[^a-z]`.
    Class {
        ranges: Vec<(char, char)>,
        is_negated: bool,
    },
}

/// A line that means nothing: its number and why.
pub type Fault = (usize, &'static str);

impl Ignore {
    /// Reads a file's text.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut patterns = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let line = line.trim();
            let (is_exception, pattern) = match line.strip_prefix('!') {
                Some(pattern) => (true, pattern.trim()),
                None => (false, line),
            };
            if pattern.is_empty() {
                if is_exception {
                    return Err((index + 1, "`!` has no pattern behind it"));
                }
                continue;
            }
            let pattern = cleaned(pattern);
            let tokens = tokens(&pattern).map_err(|reason| (index + 1, reason))?;
            patterns.push(Pattern { is_exception, tokens });
        }
        Ok(Self { patterns })
    }

    /// Whether a file, by its path below the context, is left out: it or a directory that it is in.
    pub fn is_ignored(&self, path: &str) -> bool {
        let parents = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        let paths: Vec<Vec<char>> =
            parents.chain(once(path)).map(|path| path.chars().collect()).collect();
        self.patterns.iter().fold(false, |is_ignored, pattern| {
            // What an exception cannot bring back, and what is out already, need no look.
            if pattern.is_exception != is_ignored {
                return is_ignored;
            }
            let is_match = paths.iter().any(|path| matches(&pattern.tokens, path));
            if is_match { !pattern.is_exception } else { is_ignored }
        })
    }

    /// Whether something below a directory that is left out may be in.
    pub fn has_exceptions(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_exception)
    }
}

/// Without `.`, `..`, doubled and outer slashes, as Go's `filepath.Clean` has it.
fn cleaned(pattern: &str) -> String {
    let is_rooted = pattern.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_rooted => {}
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

fn tokens(pattern: &str) -> Result<Vec<Token>, &'static str> {
    let mut letters = pattern.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(letter) = letters.next() {
        let token = match letter {
            '*' if letters.next_if_eq(&'*').is_some() => {
                let _ = letters.next_if_eq(&'/');
                if letters.peek().is_none() { Token::Rest } else { Token::Directories }
            }
            '*' => Token::Star,
            '?' => Token::Any,
            '\\' => Token::Letter(letters.next().ok_or("`\\` has nothing behind it")?),
            '[' => class(&mut letters)?,
            letter => Token::Letter(letter),
        };
        tokens.push(token);
    }
    Ok(tokens)
}

fn class(letters: &mut impl Iterator<Item = char>) -> Result<Token, &'static str> {
    const OPEN: &str = "`[` is not closed";
    let mut content: Vec<char> = Vec::new();
    loop {
        match letters.next().ok_or(OPEN)? {
            ']' if !content.is_empty() => break,
            '\\' => content.push(letters.next().ok_or(OPEN)?),
            letter => content.push(letter),
        }
    }
    let is_negated = content.first() == Some(&'^');
    let content = content.get(usize::from(is_negated)..).unwrap_or_default();
    let mut ranges = Vec::new();
    let mut rest = content;
    while let [first, others @ ..] = rest {
        let (last, after) = match others {
            ['-', last, after @ ..] => (last, after),
            others => (first, others),
        };
        ranges.push((*first, *last));
        rest = after;
    }
    Ok(Token::Class { ranges, is_negated })
}

/// Whether a pattern is the whole of a path: by the set of places that can be reached, so that no
/// pattern takes long.
fn matches(tokens: &[Token], path: &[char]) -> bool {
    let mut reached = vec![false; path.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for token in tokens {
        let mut next = vec![false; path.len() + 1];
        // Whether a token that is as long as it likes has begun.
        let mut is_open = false;
        for (at, place) in next.iter_mut().enumerate() {
            let is_here = reached.get(at) == Some(&true);
            let before = at.checked_sub(1);
            let letter = before.and_then(|before| path.get(before));
            let was_before = before.and_then(|before| reached.get(before)) == Some(&true);
            *place = match token {
                Token::Rest => {
                    is_open |= is_here;
                    is_open
                }
                Token::Directories => {
                    let is_behind_slash = is_open && letter == Some(&'/');
                    is_open |= is_here;
                    is_here || is_behind_slash
                }
                Token::Star => {
                    is_open = is_here || (is_open && letter != Some(&'/'));
                    is_open
                }
                one => was_before && letter.is_some_and(|letter| is_one(one, *letter)),
            };
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

fn is_one(token: &Token, letter: char) -> bool {
    match token {
        Token::Letter(one) => *one == letter,
        Token::Any => letter != '/',
        Token::Class { ranges, is_negated } => {
            ranges.iter().any(|(first, last)| (*first..=*last).contains(&letter)) != *is_negated
        }
        Token::Star | Token::Rest | Token::Directories => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Ignore;

    /// What is left out of these paths.
    fn check(patterns: &str, paths: &str, ignored: &str) {
        let ignore = Ignore::parse(patterns).unwrap();
        let out: Vec<&str> =
            paths.split_whitespace().filter(|path| ignore.is_ignored(path)).collect();
        assert_eq!(out.join(" "), ignored, "{patterns:?}");
    }

    /// Rows of Docker's own tests: `patternmatcher_test.go`, `ignorefile_test.go` and the table of
    /// <https://docs.docker.com/build/concepts/context/#syntax>.
    #[test]
    fn patterns_are_those_of_docker() {
        check(
            "*/temp*",
            "somedir/temporary.txt somedir/temp temp a/b/temp",
            "somedir/temporary.txt somedir/temp",
        );
        check(
            "*/*/temp*",
            "somedir/subdir/temporary.txt somedir/temp",
            "somedir/subdir/temporary.txt",
        );
        check("temp?", "tempa tempb temp tempab", "tempa tempb");
        check("**/*.go", "a.go b/a.go b/c/a.go a.goo", "a.go b/a.go b/c/a.go");
        check(
            "*.md\n!README*.md\nREADME-secret.md",
            "a.md README.md README-secret.md",
            "a.md README-secret.md",
        );
        check("*.md\nREADME-secret.md\n!README*.md", "a.md README.md README-secret.md", "a.md");
        check("docs", "docs docs/a docs/a/b xdocs a/docs", "docs docs/a docs/a/b");
        check("/docs/", "docs/a a/docs", "docs/a");
        check("# note\n\n  docs  ", "docs/a", "docs/a");
        check(" # docs", "docs #docs", "");
        check("docs\n!docs/README.md", "docs/a docs/README.md", "docs/a");
        check("*\n!src\n!src/**", "Makefile src/a src/b/c", "Makefile");
        check("**", "a a/b", "a a/b");
        check("**/", "a a/b", "a a/b");
        check("dir/**", "dir dir/a dir/a/b adir/a", "dir/a dir/a/b");
        check("**/dir", "dir a/dir/b adir", "dir a/dir/b");
        check("**/**/file", "file a/file a/b/file xfile", "file a/file a/b/file");
        check(
            "abc/**/def",
            "abc/def abc/x/def abc/x/y/def abcdef",
            "abc/def abc/x/def abc/x/y/def",
        );
        check("a[b-d]e\n[^a]x", "ae ace age bx ax", "ace bx");
        check(r"a\*b", "a*b axb", "a*b");
        check("./a/../b//c", "b/c a", "b/c");
        check("a.b$c+d", "a.b$c+d aXb$c+d", "a.b$c+d");
        check(".*\n*~", ".git .git/x a~ a", ".git .git/x a~");
        check("\u{feff}a", "a", "a");
        check("**foo", "foo a/foo a/xfoo", "foo a/foo");
    }

    #[test]
    fn what_means_nothing_is_told_by_its_line() {
        for (text, line) in [("a\n!", 2), ("[a", 1), ("a\n\na\\", 3)] {
            assert_eq!(Ignore::parse(text).unwrap_err().0, line, "{text:?}");
        }
    }
}
