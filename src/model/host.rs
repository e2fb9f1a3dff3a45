use serde::{Serialize, Serializer};

/// One entry of `extra_hosts`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extra_hosts>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraHost {
    /// The name.
    pub name: String,
    /// The address; `host-gateway` is kept as text.
    pub address: String,
}

/// `NAME=ADDRESS`.
impl Serialize for ExtraHost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { name, address } = self;
        serializer.collect_str(&format_args!("{name}={address}"))
    }
}
