/// Whether a variable looks as if it held a secret, and not a path to one, a switch or nothing at all.
pub fn looks_secret(name: &str, value: &str) -> bool {
    has_password(value) || is_private_key(value) || (is_named(name) && !is_plain(value))
}

/// Last words that make a name one of something about a secret.
const ABOUT: &[&str] = &[
    "ALGORITHM",
    "DIR",
    "ENABLED",
    "ENDPOINT",
    "EXPIRATION",
    "EXPIRES",
    "EXPIRY",
    "FILE",
    "HEADER",
    "ISSUER",
    "LENGTH",
    "LIFETIME",
    "NAME",
    "PATH",
    "POLICY",
    "REQUIRED",
    "TIMEOUT",
    "TTL",
    "URI",
    "URL",
];

/// Words before `KEY` of keys that everybody may know.
const OPEN_KEYS: &[&str] = &[
    "CACHE",
    "FOREIGN",
    "HOT",
    "INDEX",
    "LOOKUP",
    "MAP",
    "OBJECT",
    "PARTITION",
    "PRIMARY",
    "PUB",
    "PUBLIC",
    "PUBLISHABLE",
    "ROUTING",
    "SHARD",
    "SITE",
    "SORT",
];

fn is_named(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> = name.split(['_', '-', '.']).filter(|word| !word.is_empty()).collect();
    let [before @ .., last] = words.as_slice() else { return false };
    if ABOUT.contains(last) {
        return false;
    }
    let is_word = |word: &&str| {
        [
            "PASSWORD",
            "PASSWD",
            "PASSPHRASE",
            "SECRET",
            "SECRETS",
            "TOKEN",
            "CREDENTIAL",
            "CREDENTIALS",
        ]
        .contains(word)
            || ["PASSWORD", "SECRET", "TOKEN", "APIKEY"].iter().any(|end| word.ends_with(end))
    };
    let is_key = *last == "KEY" && !before.iter().any(|word| OPEN_KEYS.contains(word));
    let is_pair = words.windows(2).any(|pair| {
        matches!(pair, ["API" | "PRIVATE" | "ACCESS" | "ENCRYPTION" | "SIGNING", "KEY"])
    });
    let is_short = !before.is_empty() && ["PASS", "PWD"].contains(last);
    words.iter().any(is_word) || is_key || is_short || (is_pair && !words.contains(&"PUBLIC"))
}

/// A path, a switch or nothing.
fn is_plain(value: &str) -> bool {
    let is_switch = ["true", "false", "yes", "no", "on", "off", "0", "1"]
        .contains(&value.to_ascii_lowercase().as_str());
    value.is_empty() || value.starts_with('/') || is_switch
}

/// Whether there is a password in it, as in `postgres://app:secret@db/app` or `Server=db;Password=secret`.
fn has_password(value: &str) -> bool {
    let in_text =
        value.split([';', ' ']).filter_map(|part| part.split_once('=')).any(|(key, it)| {
            let key = key.trim().to_ascii_lowercase();
            ["password", "pwd"].contains(&key.as_str()) && !it.trim().is_empty()
        });
    let Some((_, rest)) = value.split_once("://") else { return in_text };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let password = authority
        .rsplit_once('@')
        .and_then(|(user, _)| user.split_once(':'))
        .map_or("", |(_, password)| password);
    in_text || !password.is_empty()
}

fn is_private_key(value: &str) -> bool {
    value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_by_name_and_value() {
        for (name, value) in [
            ("POSTGRES_PASSWORD", "x"),
            ("MYSQL_ROOT_PASSWORD", "x"),
            ("PGPASSWORD", "x"),
            ("DB_PASS", "x"),
            ("MYSQL_PWD", "x"),
            ("api_key", "x"),
            ("APP_KEY", "x"),
            ("SECRET_KEY_BASE", "x"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("GITHUB_TOKEN", "x"),
            ("DATABASE_URL", "postgres://app:x@db:5432/app"),
            ("ConnectionStrings__Db", "Server=db;User=app;Password=x"),
            ("LIBPQ", "host=db password=x"),
            ("SIGNER", "-----BEGIN RSA PRIVATE KEY-----\nx"),
        ] {
            assert!(looks_secret(name, value), "{name}");
        }
        for (name, value) in [
            ("POSTGRES_PASSWORD_FILE", "/run/secrets/p"),
            ("POSTGRES_PASSWORD", ""),
            ("ALLOW_EMPTY_PASSWORD", "yes"),
            ("SECRET_PATH", "/etc/x"),
            ("TOKEN_TTL", "3600"),
            ("PASSWORD_MIN_LENGTH", "8"),
            ("PUBLIC_KEY", "x"),
            ("NEXT_PUBLIC_API_KEY", "x"),
            ("CACHE_KEY", "x"),
            ("PWD", "/srv"),
            ("BYPASS", "x"),
            ("KEYBOARD", "de"),
            ("TOKENIZER_MODE", "fast"),
            ("DATABASE_URL", "postgres://app@db:5432/app"),
            ("DSN", "Server=db;Password="),
            ("SITE_URL", "http://web:8080/a:b@c"),
        ] {
            assert!(!looks_secret(name, value), "{name}");
        }
    }
}
