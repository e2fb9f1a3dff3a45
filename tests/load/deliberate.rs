//! Where longshore differs from the reference on purpose, and why.

/// Projects that one accepts and the other refuses: a part of the message, and the reason.
pub const MESSAGES: &[(&str, &str)] = &[
    ("panic: ", "the reference crashes"),
    ("has no meaning in a compose file", "a tag that is ignored is a misspelt one"),
    ("a healthcheck cannot start with", "that of a job is checked as that of a service is"),
    (
        "tmpfs.mode' expected type 'uint32', got unconvertible type 'string'",
        "its schema allows a text",
    ),
    ("document contains excessive aliasing", "our limit is on what the aliases expand to"),
];

/// Rows of the tables in this folder by their names, and the reason.
pub const ROWS: &[(&str, &str)] = &[
    // what Docker would refuse later, or what nobody can mean
    ("not a word", "Docker refuses to expose what is no port"),
    ("a target beyond the last port", "there is no such port"),
    ("a published port beyond the last port", "there is no such port"),
    ("ports are exposed once, or the list would have no end", "our limit is on the expanded list"),
    ("a number over pairs", "it drops the number, which looks like a value, without a word"),
    (
        "an item without a name was the empty name, which reached the manifests, and which no mapping may have",
        "a name that is empty names nothing, neither for a container nor for Kubernetes",
    ),
    ("nor may a name be empty that has a value", "no container can have such a variable"),
    ("named services that no profile enables", "it checks those that profiles enable only"),
    ("two times all ports are more than 100,000", "our limit is on the expanded list"),
    // what is left out here with a warning
    ("unknown modes mean nothing", "they are left out here, with a warning"),
    ("an unknown mode means nothing", "it is left out here, with a warning"),
    (
        "other sections are not checked, as in the reference, but what has no effect is told",
        "what has no effect is left out here, with a warning",
    ),
    // its own faults, none of which a project can rely on
    ("a service that says nothing", "it prints the `extends` that it has used up"),
    ("keys of the agent", "it cannot merge its own long form with the same attribute again"),
    ("all devices twice", "it cannot merge its own long form with the same attribute again"),
    ("devices one by one", "it cannot merge its own long form with the same attribute again"),
    ("address pools by their subnet", "it loses pools that only the base has"),
    ("one item of what was written as a list, which the reference keeps", "it forgets the tag"),
    ("behind a list of merge keys", "it forgets the tag"),
    ("a reset inside leaves its own value out", "it forgets the tag"),
    (
        "names that begin like extensions are names where a user may choose them",
        "it takes the network of a service for an extension",
    ),
    (
        "where the user chooses the names they are names",
        "it takes the network of a service for an extension",
    ),
    ("a size of nothing, a size with a fraction of nothing", "it takes `1.0` for nothing"),
    ("a long form over the same short one", "a port as a number and as a text are two to it"),
    ("a short form over the same long one", "a port as a number and as a text are two to it"),
    ("a short form that could not be merged", "it makes a text of the number"),
    (
        "two configs with one target were two, and one when they were loaded again",
        "it takes `settings` and `/settings` for two targets",
    ),
    (
        "a request for no device became one for all devices, since an empty list was not printed",
        "it gives a hook's request for devices no default",
    ),
    (
        "a tilde where files of the project are named",
        "it takes `~` of `include.env_file` for a name",
    ),
    // YAML
    ("documents without content are skipped", "they say nothing, and a last `---` is usual"),
    ("directive, document start and end", "it knows YAML 1.1 only, though it reads 1.2"),
    ("a date is text, and so is a word of YAML 1.1", "YAML 1.2 has no dates"),
    ("2001-12-14", "YAML 1.2 has no dates"),
    ("!!timestamp 2001-12-14", "YAML 1.2 has no dates"),
    ("2001-12-14T21:59:43.10Z", "YAML 1.2 has no dates"),
    ("TrUe", "it prints the text without quotes, which readers of YAML do not agree on"),
    ("bytes that are no text", "it keeps bytes that are no text"),
    ("a directive that YAML reserves", "YAML says to pass over it"),
    ("!!binary aGVs\n  bG8=", "YAML allows white space there"),
    // files that nobody needs
    (
        "files of variables and labels of the services that stay, and no others",
        "a file that nobody needs may be missing",
    ),
    ("nobody selects them", "a file that nobody needs may be missing"),
];

/// Rows that the reference never comes to an end with.
pub const ENDLESS: &[(&str, &str)] = &[
    ("a pipe is no file", "nobody writes to it"),
    ("a pipe is not opened", "nobody writes to it"),
    ("a pipe is not opened to include it", "nobody writes to it"),
    ("a pipe of this name is not opened, and not passed over", "nobody writes to it"),
    ("a circle through an override of an included project", "it does not see the circle"),
    ("a device is not read", "`/dev/zero` has no end"),
    ("a device is not read to include it", "`/dev/zero` has no end"),
    ("all that cannot be read are told", "`/dev/zero` has no end"),
];

/// Services of the samples of which the hash is another one.
pub const HASHES: &[(&str, &str)] =
    &[("everything/web", "the paths in `label_file` are used up when it is hashed")];
