use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Fields, set, with, with_new};

/// pkg/apis/core/v1: `SetDefaults_Secret`, and `stringData`, which is only ever written.
pub(super) fn default_secret(object: &mut Fields) {
    if let Some(Value::Object(plain)) = object.shift_remove("stringData") {
        with_new(object, "data", |data| {
            for (key, value) in plain {
                let encoded = STANDARD.encode(value.as_str().unwrap_or_default());
                data.insert(key, json!(encoded));
            }
        });
    }
    set(object, "type", json!("Opaque"));
}

/// pkg/apis/core/v1: `SetDefaults_PersistentVolumeClaim`.
pub(super) fn default_claim(object: &mut Fields) {
    with(object, "spec", |spec| {
        set(spec, "volumeMode", json!("Filesystem"));
        set(spec, "resources", json!({}));
    });
    with_new(object, "status", |status| set(status, "phase", json!("Pending")));
}

/// pkg/apis/core/v1: `SetDefaults_PersistentVolume`.
pub(super) fn default_volume(object: &mut Fields) {
    with_new(object, "spec", |spec| {
        set(spec, "persistentVolumeReclaimPolicy", json!("Retain"));
        set(spec, "volumeMode", json!("Filesystem"));
        with(spec, "hostPath", |source| set(source, "type", json!("")));
    });
    with_new(object, "status", |status| set(status, "phase", json!("Pending")));
}

/// pkg/apis/storage/v1: `SetDefaults_StorageClass`.
pub(super) fn default_class(object: &mut Fields) {
    set(object, "reclaimPolicy", json!("Delete"));
    set(object, "volumeBindingMode", json!("Immediate"));
}
