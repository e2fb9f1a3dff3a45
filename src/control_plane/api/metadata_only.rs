//! `PartialObjectMetadata`: an object's metadata without the object.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow)]
    metadata: &'a RawValue,
}

/// The `PartialObjectMetadata` of an object in JSON.
pub fn object(json: &[u8]) -> Bytes {
    let metadata = serde_json::from_slice::<Object<'_>>(json);
    let metadata = metadata.map_or("{}", |object| object.metadata.get());
    Bytes::from(format!(
        r#"{{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{metadata}}}"#
    ))
}
