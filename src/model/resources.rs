use serde::Serialize;

use super::attribute::{Attribute, unset};
use super::device::reserved_devices;
use super::notation::{bytes, number};
use super::{DeviceRequest, Extensions};

/// `deploy.resources`: <https://github.com/compose-spec/compose-spec/blob/main/deploy.md#resources>.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Resources {
    /// `limits`.
    #[serde(skip_serializing_if = "unset")]
    pub limits: Limits,
    /// `reservations`.
    #[serde(skip_serializing_if = "unset")]
    pub reservations: Reservations,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `deploy.resources.limits`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Limits {
    /// `cpus`, in cores.
    #[serde(skip_serializing_if = "unset", serialize_with = "number")]
    pub cpus: Option<f64>,
    /// `memory`, in bytes.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub memory: Option<i64>,
    /// `pids`.
    #[serde(skip_serializing_if = "unset")]
    pub pids: Option<i64>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `deploy.resources.reservations`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Reservations {
    /// `cpus`, in cores.
    #[serde(skip_serializing_if = "unset", serialize_with = "number")]
    pub cpus: Option<f64>,
    /// `memory`, in bytes.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub memory: Option<i64>,
    /// `generic_resources`.
    #[serde(skip_serializing_if = "unset")]
    pub generic_resources: Vec<GenericResource>,
    /// `devices`.
    #[serde(skip_serializing_if = "unset", serialize_with = "reserved_devices")]
    pub devices: Vec<DeviceRequest>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// One entry of `deploy.resources.reservations.generic_resources`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GenericResource {
    /// `discrete_resource_spec`.
    #[serde(skip_serializing_if = "unset")]
    pub discrete_resource_spec: Option<DiscreteResource>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `discrete_resource_spec`: so many of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DiscreteResource {
    /// `kind`.
    #[serde(skip_serializing_if = "unset")]
    pub kind: Option<String>,
    /// `value`.
    #[serde(skip_serializing_if = "unset")]
    pub value: Option<i64>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

impl Attribute for Resources {
    fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}

impl Attribute for Limits {
    fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}

impl Attribute for Reservations {
    fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}
