use crate::model::{BlockIo, Device, DeviceCount, DeviceRate, DeviceRequest, DeviceWeight};

use super::fields::Fields;

/// Binds one entry of `devices`.
pub(super) fn device(fields: &mut Fields<'_>) -> Option<Device> {
    Some(Device {
        source: fields.required("source", "device", "a path of the host")?,
        target: fields.string("target"),
        permissions: fields.string("permissions"),
        extensions: fields.extensions(),
    })
}

/// Binds one entry of `gpus` or of the `devices` of reservations.
pub(super) fn device_request(fields: &mut Fields<'_>) -> DeviceRequest {
    let count = fields.parsed("count", "`all` or a number", device_count);
    let device_ids = fields.strings("device_ids");
    // only an empty list of devices gets here without a count: it asks for none
    let none = (count.is_none() && device_ids.is_empty()).then_some(DeviceCount::Exactly(0));
    DeviceRequest {
        capabilities: fields.strings("capabilities"),
        count: count.or(none),
        device_ids,
        driver: fields.string("driver"),
        options: fields.pairs("options"),
        extensions: fields.extensions(),
    }
}

/// Binds `blkio_config`.
pub(super) fn block_io(fields: &mut Fields<'_>) -> BlockIo {
    BlockIo {
        weight: fields.plain_integer("weight"),
        weight_device: fields.items("weight_device", |fields| {
            Some(DeviceWeight {
                path: fields.string("path"),
                weight: fields.plain_integer("weight"),
            })
        }),
        device_read_bps: rates(fields, "device_read_bps"),
        device_read_iops: rates(fields, "device_read_iops"),
        device_write_bps: rates(fields, "device_write_bps"),
        device_write_iops: rates(fields, "device_write_iops"),
    }
}

fn rates(fields: &mut Fields<'_>, key: &str) -> Vec<DeviceRate> {
    fields.items(key, |fields| {
        Some(DeviceRate { path: fields.string("path"), rate: fields.bytes("rate") })
    })
}

fn device_count(text: &str) -> Option<DeviceCount> {
    if text.eq_ignore_ascii_case("all") {
        return Some(DeviceCount::All);
    }
    match text.parse().ok()? {
        -1 => Some(DeviceCount::All),
        count => Some(DeviceCount::Exactly(count)),
    }
}
