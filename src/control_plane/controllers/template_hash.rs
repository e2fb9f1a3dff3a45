//! The hash of a pod template, in names and labels.

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::json;

use super::labels;

/// FNV-1a of 32 bits over the template's JSON, spelt in characters that make no words, as upstream spells it.
///
/// The value differs from upstream's, which hashes Go structures; nobody may rely on it.
pub(crate) fn hash(template: &PodTemplateSpec, collision_count: Option<i32>) -> String {
    let mut text = json!(template).to_string();
    if let Some(count) = collision_count {
        text.push_str(&count.to_string());
    }
    hash_text(&text)
}

/// The hash of any text.
pub(crate) fn hash_text(text: &str) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let hash = text
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let spell = |digit: u8| ALPHABET.get(usize::from(digit) % ALPHABET.len()).copied();
    hash.to_string().bytes().filter_map(spell).map(char::from).collect()
}

/// Whether two templates are the same but for the hash label.
pub(crate) fn is_same(left: &PodTemplateSpec, right: &PodTemplateSpec) -> bool {
    without_hash(left) == without_hash(right)
}

fn without_hash(template: &PodTemplateSpec) -> PodTemplateSpec {
    let mut template = template.clone();
    if let Some(metadata) = &mut template.metadata {
        if let Some(labels) = &mut metadata.labels {
            labels.remove(labels::POD_TEMPLATE_HASH);
        }
        metadata.labels = metadata.labels.take().filter(|labels| !labels.is_empty());
        metadata.annotations = metadata.annotations.take().filter(|all| !all.is_empty());
        metadata.creation_timestamp = None;
    }
    template
}
