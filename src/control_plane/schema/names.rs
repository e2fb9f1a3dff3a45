//! The forms of names, labels and keys, with the sentences that upstream says about wrong ones.

/// A name as DNS-1123 subdomain: most kinds.
pub fn check_subdomain(name: &str) -> Result<(), String> {
    limit(name, 253)?;
    let is_right = name.split('.').all(|part| is_dns_label(part, char::is_ascii_alphanumeric));
    right(is_right, || {
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')".to_owned()
    })
}

/// A name as DNS-1123 label: namespaces, containers, volumes.
pub fn check_label(name: &str) -> Result<(), String> {
    limit(name, 63)?;
    right(is_dns_label(name, char::is_ascii_alphanumeric), || {
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')".to_owned()
    })
}

/// A name as DNS-1035 label, which starts with a letter: services.
pub fn check_dns1035_label(name: &str) -> Result<(), String> {
    limit(name, 63)?;
    right(is_dns_label(name, char::is_ascii_alphabetic), || {
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')".to_owned()
    })
}

/// A name as a segment of a URL path: roles and their bindings.
pub fn check_path_segment(name: &str) -> Result<(), String> {
    if name == "." || name == ".." {
        return Err(format!("may not be '{name}'"));
    }
    match name.chars().find(|c| ['/', '%'].contains(c)) {
        Some(c) => Err(format!("may not contain '{c}'")),
        None => Ok(()),
    }
}

/// A label or annotation key: an optional DNS prefix and a name.
pub fn check_label_key(key: &str) -> Result<(), String> {
    let name = match key.split_once('/') {
        Some((_, name)) if name.contains('/') => {
            return Err(format!("a valid label key {QUALIFIED_NAME}"));
        }
        Some((prefix, name)) => {
            if prefix.is_empty() {
                return Err("prefix part must be non-empty".to_owned());
            }
            check_subdomain(prefix).map_err(|error| format!("prefix part {error}"))?;
            name
        }
        None => key,
    };
    if name.is_empty() {
        return Err("name part must be non-empty".to_owned());
    }
    if name.len() > 63 {
        return Err("name part must be no more than 63 characters".to_owned());
    }
    right(is_qualified(name), || format!("name part {QUALIFIED_NAME}"))
}

/// A label value: empty, or like the name of a key.
pub fn check_label_value(value: &str) -> Result<(), String> {
    limit(value, 63)?;
    right(value.is_empty() || is_qualified(value), || {
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')".to_owned()
    })
}

/// A key of a `ConfigMap` or `Secret`.
pub fn check_data_key(key: &str) -> Result<(), String> {
    limit(key, 253)?;
    match key {
        "." => return Err("must not be '.'".to_owned()),
        ".." => return Err("must not be '..'".to_owned()),
        key if key.starts_with("..") => return Err("must not start with '..'".to_owned()),
        _ => {}
    }
    let is_right = !key.is_empty()
        && key.chars().all(|c| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c));
    right(is_right, || {
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')".to_owned()
    })
}

/// A port's name: at most 15 characters, with a letter.
pub fn check_port_name(name: &str) -> Result<(), String> {
    if name.len() > 15 {
        return Err("must be no more than 15 characters".to_owned());
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.chars().all(allowed) || name.is_empty() {
        return Err(
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned()
        );
    }
    if !name.chars().any(|c| c.is_ascii_lowercase()) {
        return Err("must contain at least one letter (a-z)".to_owned());
    }
    if name.contains("--") {
        return Err("must not contain consecutive hyphens".to_owned());
    }
    right(!name.starts_with('-') && !name.ends_with('-'), || {
        "must not begin or end with a hyphen".to_owned()
    })
}

/// A name of an environment variable: since 1.34 anything printable but `=`.
pub fn check_env_name(name: &str) -> Result<(), String> {
    let is_right = !name.is_empty() && name.chars().all(|c| matches!(c, ' '..='~') && c != '=');
    right(is_right, || {
        "a valid environment variable name must consist only of printable ASCII characters other than '='".to_owned()
    })
}

const QUALIFIED_NAME: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

fn right(is_right: bool, sentence: impl Fn() -> String) -> Result<(), String> {
    if is_right { Ok(()) } else { Err(sentence()) }
}

fn limit(text: &str, most: usize) -> Result<(), String> {
    right(text.len() <= most, || format!("must be no more than {most} characters"))
}

fn is_dns_label(text: &str, may_start: fn(&char) -> bool) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && text.chars().next().as_ref().is_some_and(may_start)
        && !text.ends_with('-')
}

fn is_qualified(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&str) -> Result<(), String>, right: &[&str], wrong: &[&str]) {
        for name in right {
            assert_eq!(rule(name), Ok(()), "{name}");
        }
        for name in wrong {
            assert!(rule(name).is_err(), "{name}");
        }
    }

    #[test]
    fn forms_of_names() {
        let long = "a".repeat(64);
        check(
            check_subdomain,
            &["a", "a.b", "1a-b.c"],
            &["", "A", "a_b", "-a", "a-", "a..b", ".a"],
        );
        check(check_label, &["a", "1a-b"], &["", "a.b", "A", "a-", &long]);
        check(check_dns1035_label, &["a", "a1"], &["", "1a", "a.b", "a-"]);
        check(check_path_segment, &["system:a", "A b"], &[".", "..", "a/b", "a%b"]);
        check(check_label_key, &["a", "a.b/c_D.e"], &["", "/a", "a/", "a/b/c", "A b", "_a", "A/b"]);
        check(check_label_value, &["", "a", "A_b.c"], &["-a", "a b", &long]);
        check(check_data_key, &["a.b", "_A-b", ".a"], &["", ".", "..", "..a", "a/b"]);
        check(
            check_port_name,
            &["http", "a-1"],
            &["", "80", "a--b", "-a", "A", "abcdefghijklmnop"],
        );
        check(check_env_name, &["A", "a.b", "1"], &["", "a=b", "é"]);
    }
}
