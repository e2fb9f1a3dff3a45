use serde_json::{Value, json};

use super::view::View;
use super::{AGE, Layout, NAME, boolean, number, text, wide};

pub(super) const CONFIG_MAP: Layout = Layout {
    columns: &[NAME, number("Data"), AGE],
    cells: |object| {
        let entries = object.count("/data") + object.count("/binaryData");
        vec![object.name(), json!(entries), object.age()]
    },
};

pub(super) const SECRET: Layout = Layout {
    columns: &[NAME, text("Type"), number("Data"), AGE],
    cells: |object| {
        vec![object.name(), json!(object.text("/type")), json!(object.count("/data")), object.age()]
    },
};

pub(super) const CLAIM: Layout = Layout {
    columns: &[
        NAME,
        text("Status"),
        text("Volume"),
        text("Capacity"),
        text("Access Modes"),
        text("StorageClass"),
        text("VolumeAttributesClass"),
        AGE,
        wide("VolumeMode"),
    ],
    cells: |object| {
        let is_bound = !object.text("/spec/volumeName").is_empty();
        let (capacity, modes) = if is_bound {
            (
                object.text_or("/status/capacity/storage", "0").to_owned(),
                access_modes(object, "/status/accessModes"),
            )
        } else {
            (String::new(), String::new())
        };
        vec![
            object.name(),
            json!(phase(object)),
            json!(object.text("/spec/volumeName")),
            json!(capacity),
            json!(modes),
            json!(class(object)),
            json!(object.text_or("/spec/volumeAttributesClassName", "<unset>")),
            object.age(),
            json!(object.text_or("/spec/volumeMode", "<unset>")),
        ]
    },
};

pub(super) const VOLUME: Layout = Layout {
    columns: &[
        NAME,
        text("Capacity"),
        text("Access Modes"),
        text("Reclaim Policy"),
        text("Status"),
        text("Claim"),
        text("StorageClass"),
        text("VolumeAttributesClass"),
        text("Reason"),
        AGE,
        wide("VolumeMode"),
    ],
    cells: |object| {
        let claim = match object.text("/spec/claimRef/name") {
            "" => String::new(),
            name => format!("{}/{name}", object.text("/spec/claimRef/namespace")),
        };
        vec![
            object.name(),
            json!(object.text_or("/spec/capacity/storage", "0")),
            json!(access_modes(object, "/spec/accessModes")),
            json!(object.text("/spec/persistentVolumeReclaimPolicy")),
            json!(phase(object)),
            json!(claim),
            json!(class(object)),
            json!(object.text_or("/spec/volumeAttributesClassName", "<unset>")),
            json!(object.text("/status/reason")),
            object.age(),
            json!(object.text_or("/spec/volumeMode", "<unset>")),
        ]
    },
};

fn phase(object: View<'_>) -> &str {
    if object.is_leaving() { "Terminating" } else { object.text("/status/phase") }
}

/// The class, by its old annotation or by its field.
fn class(object: View<'_>) -> &str {
    let annotation = object.text("/metadata/annotations/volume.beta.kubernetes.io~1storage-class");
    if annotation.is_empty() { object.text("/spec/storageClassName") } else { annotation }
}

fn access_modes(object: View<'_>, pointer: &str) -> String {
    let has = |mode: &str| object.items(pointer).any(|item| item.text("") == mode);
    let modes: Vec<_> = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ]
    .into_iter()
    .filter(|(mode, _)| has(mode))
    .map(|(_, short)| short)
    .collect();
    modes.join(",")
}

pub(super) const CLASS: Layout = Layout {
    columns: &[
        NAME,
        text("Provisioner"),
        text("ReclaimPolicy"),
        text("VolumeBindingMode"),
        boolean("AllowVolumeExpansion"),
        AGE,
    ],
    cells: |object| -> Vec<Value> {
        let is_default = ["storageclass.kubernetes.io", "storageclass.beta.kubernetes.io"]
            .iter()
            .any(|prefix| {
                let pointer = format!("/metadata/annotations/{prefix}~1is-default-class");
                object.text(&pointer) == "true"
            });
        let mark = if is_default { " (default)" } else { "" };
        vec![
            json!(format!("{}{mark}", object.text("/metadata/name"))),
            json!(object.text("/provisioner")),
            json!(object.text_or("/reclaimPolicy", "Delete")),
            json!(object.text_or("/volumeBindingMode", "Immediate")),
            json!(object.is_true("/allowVolumeExpansion")),
            object.age(),
        ]
    },
};
