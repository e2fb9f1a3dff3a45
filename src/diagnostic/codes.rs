//! Every code that a diagnostic can carry. A code never changes its meaning and is never used again.
//!
//! `LS01xx` the YAML text, `LS02xx` the compose file as such, `LS03xx` references between its parts,
//! `LS10xx` what of the project a cluster does in its own way, `LS20xx` templates, patches and charts. From `LS11xx` on
//! each Compose attribute has a code of its own: [`attributes`](super::attributes).

use std::fmt;

use super::attributes::{ATTRIBUTES, code_of};

/// A stable code with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    /// `LS0101`.
    pub id: &'static str,
    /// `yaml-syntax`.
    pub name: &'static str,
}

/// All codes, those of attributes last.
pub fn all() -> impl Iterator<Item = Code> {
    ALL.iter().copied().chain(ATTRIBUTES.iter().map(|(code, _)| *code))
}

/// The code that a user means: `LS1305`, `ulimits`, or the Compose path `services.web.ulimits`.
pub fn find(text: &str) -> Option<Code> {
    let is_meant = |code: &Code| code.id.eq_ignore_ascii_case(text) || code.name == text;
    all().find(is_meant).or_else(|| text.contains('.').then(|| code_of(text)).flatten())
}

/// The code whose name is nearest to a misspelt one.
pub fn similar(name: &str) -> Option<Code> {
    all()
        .map(|code| (strsim::jaro_winkler(code.name, name), code))
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .filter(|(similarity, _)| *similarity > 0.85)
        .map(|(_, code)| code)
}

impl Code {
    /// Whether findings at an attribute get the attribute's own code instead.
    pub(crate) fn gives_way(self) -> bool {
        [NOT_TRANSLATED, APPROXIMATED, LOCAL_ONLY].contains(&self)
    }
}

/// `LS0101 yaml-syntax`.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name } = self;
        write!(f, "{id} {name}")
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $constant:ident = $id:literal $name:literal;)*) => {
        $($(#[$doc])* pub const $constant: Code = Code { id: $id, name: $name };)*

        /// All codes, by number.
        pub const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
    /// The text is not YAML.
    YAML_SYNTAX = "LS0101" "yaml-syntax";
    /// A mapping has the same key twice.
    DUPLICATE_KEY = "LS0102" "duplicate-key";
    /// The text is larger or deeper than any compose file has reason to be.
    LIMIT_EXCEEDED = "LS0103" "limit-exceeded";
    /// A file cannot be read.
    UNREADABLE_FILE = "LS0201" "unreadable-file";
    /// An attribute that Compose does not know.
    UNKNOWN_ATTRIBUTE = "LS0202" "unknown-attribute";
    /// An attribute has a value of the wrong form.
    WRONG_TYPE = "LS0203" "wrong-type";
    /// A required attribute is missing.
    MISSING_ATTRIBUTE = "LS0204" "missing-attribute";
    /// A value cannot be read, e.g. a duration or a port.
    INVALID_VALUE = "LS0205" "invalid-value";
    /// `${…}` is not well-formed.
    INVALID_INTERPOLATION = "LS0206" "invalid-interpolation";
    /// `${X:?}` and `X` is not set.
    REQUIRED_VARIABLE = "LS0207" "required-variable";
    /// `${X}` and `X` is not set: an empty string is used.
    UNSET_VARIABLE = "LS0208" "unset-variable";
    /// `version` has no meaning any more.
    OBSOLETE_VERSION = "LS0209" "obsolete-version";
    /// Two files or two documents cannot be merged.
    MERGE_CONFLICT = "LS0210" "merge-conflict";
    /// The project has no usable name.
    PROJECT_NAME = "LS0211" "project-name";
    /// The part of the Compose Specification that the file uses is not implemented yet.
    NOT_IMPLEMENTED = "LS0212" "not-implemented";
    /// There are so many findings that the rest is only counted.
    MORE_FINDINGS = "LS0213" "more-findings";
    /// A setting of longshore's own in the compose file that cannot be understood.
    INVALID_SETTING = "LS0214" "invalid-setting";
    /// A finding is allowed that is not there.
    UNUSED_ALLOW = "LS0215" "unused-allow";
    /// A name that nothing defines: a volume, network, config, secret or service.
    UNDEFINED_REFERENCE = "LS0301" "undefined-reference";
    /// Services depend on each other in a circle.
    DEPENDENCY_CYCLE = "LS0302" "dependency-cycle";
    /// Two attributes contradict each other.
    CONFLICTING_ATTRIBUTES = "LS0303" "conflicting-attributes";
    /// longshore does not translate an attribute that has no code of its own.
    NOT_TRANSLATED = "LS1001" "not-translated";
    /// The nearest equivalent is used for an attribute that has no code of its own.
    APPROXIMATED = "LS1002" "approximated";
    /// An attribute without a code of its own serves the local machine or the image build.
    LOCAL_ONLY = "LS1003" "local-only";
    /// A bind mount reaches out of the project, onto the node.
    BIND_MOUNT = "LS1004" "bind-mount";
    /// The image has no registry that a cluster could pull it from.
    LOCAL_IMAGE = "LS1005" "local-image";
    /// A name had to change to be a Kubernetes name.
    RENAMED = "LS1006" "renamed";
    /// A volume says no size.
    VOLUME_SIZE = "LS1007" "volume-size";
    /// A new volume is not filled with what the image has in its place.
    EMPTY_VOLUME = "LS1008" "empty-volume";
    /// Several pods use one volume.
    SHARED_VOLUME = "LS1009" "shared-volume";
    /// No service uses what the project defines.
    UNUSED = "LS1010" "unused";
    /// A pod does not meet the Pod Security profile "restricted".
    POD_SECURITY = "LS1011" "pod-security";
    /// A template cannot be parsed or rendered.
    TEMPLATE = "LS2001" "template";
    /// What a template printed is not a Kubernetes object of the known types.
    RENDERED_OBJECT = "LS2002" "rendered-object";
    /// A patch cannot be read, or does not fit the objects.
    PATCH = "LS2003" "patch";
    /// A variable cannot be a value of a chart.
    CHART_VARIABLE = "LS2004" "chart-variable";
    /// A template of the user's leaves out what the context has.
    UNPRINTED = "LS2005" "unprinted";
    /// An overlay names what the base does not have.
    OVERLAY = "LS2006" "overlay";
}
