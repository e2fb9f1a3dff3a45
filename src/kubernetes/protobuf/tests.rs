use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::table::{Form, Message, Table};
use super::{DecodeError, MAGIC, decode};
use crate::kubernetes::kinds;
use crate::kubernetes::schema::{Shape, Type};

/// A field with bytes; tags have less than 11 bits and lengths less than 14.
fn field(tag: usize, content: &[u8]) -> Vec<u8> {
    [&two_bytes(tag << 3 | 2)[..], &two_bytes(content.len()), content].concat()
}

fn two_bytes(number: usize) -> [u8; 2] {
    [u8::try_from(number & 0x7f).unwrap() | 0x80, u8::try_from(number >> 7).unwrap()]
}

/// A field with a number of less than 128.
fn number(tag: u8, value: u8) -> Vec<u8> {
    vec![tag << 3, value]
}

fn body(api_version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
    let type_meta = [field(1, api_version.as_bytes()), field(2, kind.as_bytes())].concat();
    [MAGIC, &field(1, &type_meta), &field(2, raw)].concat()
}

fn check(api_version: &str, kind: &str, raw: &[u8], expected: &Value) {
    let object = decode(&body(api_version, kind, raw)).unwrap();
    let mut expected = expected.clone();
    expected["apiVersion"] = api_version.into();
    expected["kind"] = kind.into();
    assert_eq!(object, expected);
    assert_eq!(object.as_object().unwrap().keys().next().unwrap(), "apiVersion");
}

fn check_fault(api_version: &str, kind: &str, raw: &[u8], expected: &str) {
    let error = decode(&body(api_version, kind, raw)).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn maps_bytes_and_metadata_are_read() {
    let metadata = field(1, &[field(1, b"s"), field(3, b""), field(8, b""), number(7, 0)].concat());
    let entry = |key: &[u8], value: &[u8]| field(2, &[field(1, key), field(2, value)].concat());
    let raw = [metadata, entry(b"k", b"\0\xff"), entry(b"", b""), field(3, b"Opaque")].concat();
    let expected =
        json!({"metadata": {"name": "s"}, "data": {"k": "AP8=", "": ""}, "type": "Opaque"});
    check("v1", "Secret", &raw, &expected);
    let without_value = field(2, &field(1, b"k"));
    check("v1", "Secret", &without_value, &json!({"data": {"k": ""}}));
}

#[test]
fn zero_is_kept_where_go_has_a_pointer() {
    let spec = [number(1, 0), number(5, 0), number(7, 0)].concat();
    let expected = json!({"spec": {"replicas": 0}});
    check("apps/v1", "Deployment", &field(2, &spec), &expected);
    let claim = field(2, &field(5, b""));
    check("v1", "PersistentVolumeClaim", &claim, &json!({"spec": {"storageClassName": ""}}));
}

#[test]
fn what_stands_twice_merges_or_wins() {
    let raw = [field(1, &field(1, b"a")), field(1, &[field(3, b"n"), field(1, b"b")].concat())];
    check("v1", "ConfigMap", &raw.concat(), &json!({"metadata": {"name": "b", "namespace": "n"}}));
    let emptied = field(1, &[field(1, b"a"), field(1, b"")].concat());
    check("v1", "ConfigMap", &emptied, &json!({"metadata": {}}));
}

#[test]
fn options_are_of_every_group_and_fields_of_the_future_are_skipped() {
    let raw = [number(1, 30), number(15, 1), field(14, b"x"), field(4, b"Orphan")].concat();
    let expected = json!({"gracePeriodSeconds": 30, "propagationPolicy": "Orphan"});
    for api_version in ["v1", "apps/v1", "batch/v1"] {
        check(api_version, "DeleteOptions", &raw, &expected);
    }
}

#[test]
fn times_have_the_precision_of_their_type() {
    let time = |seconds: &[u8]| [&[8], seconds, &[16, 127]].concat();
    let spec = field(2, &field(4, &time(&[1])));
    let expected = json!({"spec": {"renewTime": "1970-01-01T00:00:01.000000Z"}});
    check("coordination.k8s.io/v1", "Lease", &spec, &expected);
    let metadata = field(1, &field(9, &time(&[2])));
    let expected = json!({"metadata": {"deletionTimestamp": "1970-01-01T00:00:02Z"}});
    check("v1", "ConfigMap", &metadata, &expected);
    let far = [&[0xff; 8][..], &[0x7f]].concat();
    let fault = "`metadata.deletionTimestamp` is not between the years 0 and 9999";
    check_fault("v1", "ConfigMap", &field(1, &field(9, &time(&far))), fault);
}

#[test]
fn packed_numbers_are_read() {
    let context = field(2, &field(14, &[4 << 3 | 2, 3, 1, 0x80, 1]));
    let expected = json!({"spec": {"securityContext": {"supplementalGroups": [1, 128]}}});
    check("v1", "Pod", &context, &expected);
}

#[test]
fn faults_name_the_field() {
    let container = [field(1, b"web"), field(2, b"\xff")].concat();
    let raw = field(2, &[field(2, &field(1, b"a")), field(2, &container)].concat());
    check_fault("v1", "Pod", &raw, "`spec.containers[1].image` is not UTF-8");
    check_fault("v1", "Pod", &field(2, &[10, 9]), "`spec` ends too early");
    check_fault("v1", "Pod", &[0], "it ends too early");
    check_fault("v1", "Pod", &[2, 0], "it has a field without a number");
    check_fault("v1", "Pod", &[11], "it has a field of the unknown wire type 3");
    check_fault("v1", "Pod", &[0xff; 11], "it has a number of more than 64 bits");
    check_fault("v1", "Pod", &number(1, 1), "`metadata` has a value of another wire type");
    let revision = field(2, &field(1, b"{"));
    let error = decode(&body("apps/v1", "ControllerRevision", &revision)).unwrap_err();
    assert!(error.to_string().starts_with("`data` is not JSON: "), "{error}");
}

#[test]
fn depth_is_limited_in_messages_and_in_json() {
    // JSONSchemaProps.not, which holds another one.
    let schema = (0..200).fold(Vec::new(), |inner, _| field(28, &inner));
    let version = field(4, &field(1, &schema));
    let raw = field(2, &field(7, &[field(1, b"v1"), version].concat()));
    let error = decode(&body("apiextensions.k8s.io/v1", "CustomResourceDefinition", &raw));
    let error = error.unwrap_err().to_string();
    assert!(error.ends_with(".not` is nested too deeply"), "{error}");
    let deep = format!("{}{}", "[".repeat(99), "]".repeat(99));
    let raw = field(2, &field(1, deep.as_bytes()));
    check("apps/v1", "ControllerRevision", &raw, &json!({"data": nested(99)}));
    let deeper = format!("[{deep}]");
    let raw = field(2, &field(1, deeper.as_bytes()));
    check_fault("apps/v1", "ControllerRevision", &raw, "`data` is nested too deeply");
}

fn nested(levels: usize) -> Value {
    (1..levels).fold(json!([]), |inner, _| json!([inner]))
}

#[test]
fn bodies_that_are_no_known_object_are_told_apart() {
    assert_eq!(decode(b"{}"), Err(DecodeError::NoMagic));
    assert_eq!(decode(b""), Err(DecodeError::NoMagic));
    for (api_version, kind) in
        [("v1", "PodSpec"), ("apps.example.com/v1", "Deployment"), ("v1", ""), ("v1", "Pod2")]
    {
        let error = decode(&body(api_version, kind, b"")).unwrap_err();
        assert!(matches!(error, DecodeError::UnknownKind { .. }), "{error}");
    }
    let packed = [body("v1", "Pod", b""), field(3, b"gzip")].concat();
    assert!(matches!(decode(&packed), Err(DecodeError::UnknownContent { .. })));
}

/// The table and `types.tsv` come from different sources; here each is the other's check.
#[test]
fn the_table_has_the_fields_of_the_schema() {
    let table = Table::get();
    let mut seen = BTreeSet::new();
    for kind in kinds::all() {
        let api_version = kind.api_version();
        let message = table.kind(&api_version, kind.kind).expect(kind.kind);
        let place = Type::of_kind(&api_version, kind.kind).unwrap();
        compare(table, message, place, kind.kind, &mut seen);
    }
    assert!(seen.len() > 300, "{}", seen.len());
}

fn compare(
    table: &Table,
    message: &Message,
    place: Type,
    path: &str,
    seen: &mut BTreeSet<*const Message>,
) {
    if message.is_choice || place.shape() == Shape::Any || !seen.insert(message) {
        return;
    }
    let mut fields = Vec::new();
    flatten(table, message, &mut fields);
    let names: BTreeSet<_> = fields.iter().map(|(name, _)| *name).collect();
    let known = place.fields().map(|(name, _)| name);
    let known: BTreeSet<_> = known
        .filter(|name| !["apiVersion", "kind"].contains(name) || names.contains(name))
        .collect();
    assert_eq!(names, known, "{path}");
    for (name, form) in fields {
        let field = place.field(name).unwrap();
        let field = match field.shape() {
            Shape::List => field.items(),
            Shape::Map => field.values(),
            _ => field,
        };
        if let Form::Message(index) = form {
            compare(table, table.message(index).unwrap(), field, &format!("{path}.{name}"), seen);
        }
    }
}

fn flatten(table: &Table, message: &Message, fields: &mut Vec<(&'static str, Form)>) {
    for field in &message.fields {
        match field.form {
            Form::Message(index) if field.name.is_empty() => {
                flatten(table, table.message(index).unwrap(), fields);
            }
            form => fields.push((field.name, form)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
        let _ = decode(&[MAGIC, &bytes].concat());
        let _ = decode(&body("v1", "Pod", &bytes));
    }

    #[test]
    fn damaged_objects_never_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        for object in FIXTURES {
            let mut bytes = object.to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = decode(&bytes);
            let _ = decode(&bytes[..at]);
        }
    }
}

const FIXTURES: [&[u8]; 3] = [
    include_bytes!("../../../tests/control_plane/protobuf/pod.pb"),
    include_bytes!("../../../tests/control_plane/protobuf/definition.pb"),
    include_bytes!("../../../tests/control_plane/protobuf/lease.pb"),
];
