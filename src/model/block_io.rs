use serde::Serialize;

use super::attribute::unset;
use super::notation::bytes;

/// `blkio_config`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#blkio_config>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BlockIo {
    /// `weight`, from 10 to 1000.
    #[serde(skip_serializing_if = "unset")]
    pub weight: Option<u16>,
    /// `weight_device`.
    #[serde(skip_serializing_if = "unset")]
    pub weight_device: Vec<DeviceWeight>,
    /// `device_read_bps`, in bytes per second.
    #[serde(skip_serializing_if = "unset")]
    pub device_read_bps: Vec<DeviceRate>,
    /// `device_read_iops`, in operations per second.
    #[serde(skip_serializing_if = "unset")]
    pub device_read_iops: Vec<DeviceRate>,
    /// `device_write_bps`, in bytes per second.
    #[serde(skip_serializing_if = "unset")]
    pub device_write_bps: Vec<DeviceRate>,
    /// `device_write_iops`, in operations per second.
    #[serde(skip_serializing_if = "unset")]
    pub device_write_iops: Vec<DeviceRate>,
}

/// The weight of one device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeviceWeight {
    /// `path`, e.g. `/dev/sda`.
    #[serde(skip_serializing_if = "unset")]
    pub path: Option<String>,
    /// `weight`, from 10 to 1000.
    #[serde(skip_serializing_if = "unset")]
    pub weight: Option<u16>,
}

/// The limit of one device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeviceRate {
    /// `path`, e.g. `/dev/sda`.
    #[serde(skip_serializing_if = "unset")]
    pub path: Option<String>,
    /// `rate`, per second.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub rate: Option<i64>,
}
