use indexmap::IndexMap;
use serde::{Serialize, Serializer};

use super::Extensions;
use super::attribute::unset;

/// One entry of `devices`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#devices>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Device {
    /// `source`: a path of the host, or the name of a CDI device.
    pub source: String,
    /// `target`: the path in the container.
    #[serde(skip_serializing_if = "unset")]
    pub target: Option<String>,
    /// `permissions`, of `r`, `w` and `m`.
    #[serde(skip_serializing_if = "unset")]
    pub permissions: Option<String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// One entry of `gpus` or of `deploy.resources.reservations.devices`:
/// <https://github.com/compose-spec/compose-spec/blob/main/deploy.md#devices>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeviceRequest {
    /// `capabilities`, e.g. `gpu`.
    #[serde(skip_serializing_if = "unset")]
    pub capabilities: Vec<String>,
    /// `count`; none only where there are `device_ids`.
    #[serde(skip_serializing_if = "unset")]
    pub count: Option<DeviceCount>,
    /// `device_ids`.
    #[serde(skip_serializing_if = "unset")]
    pub device_ids: Vec<String>,
    /// `driver`.
    #[serde(skip_serializing_if = "unset")]
    pub driver: Option<String>,
    /// `options`.
    #[serde(skip_serializing_if = "unset")]
    pub options: IndexMap<String, String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// For the requests of `deploy`, which name their `capabilities` even where there are none.
pub(super) fn reserved_devices<S: Serializer>(
    requests: &[DeviceRequest],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Incapable<'r> {
        capabilities: [&'r str; 0],
        #[serde(flatten)]
        request: &'r DeviceRequest,
    }
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Reserved<'r> {
        Capable(&'r DeviceRequest),
        Incapable(Incapable<'r>),
    }
    serializer.collect_seq(requests.iter().map(|request| {
        if request.capabilities.is_empty() {
            Reserved::Incapable(Incapable { capabilities: [], request })
        } else {
            Reserved::Capable(request)
        }
    }))
}

/// How many devices are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceCount {
    /// `all`, or -1.
    All,
    /// So many.
    Exactly(i64),
}

impl Serialize for DeviceCount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Exactly(count) => serializer.serialize_i64(*count),
        }
    }
}
