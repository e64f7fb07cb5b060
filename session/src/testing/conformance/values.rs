//! Odd names, keys and values.

use serde_json::{Value, json};

use super::stage::{Stage, change, fields, set, value, values};
use crate::record::{FieldPatch, FieldText, Fields};

fn one(name: &str, value: &Value) -> Fields {
    Fields::from([(name.to_owned(), FieldText::Json(value.to_string()))])
}

/// Asserts that a value survives a creation and a commit.
async fn keeps(stage: &Stage, kept: &Value) {
    let created = stage.kept(one("field", kept)).await;
    assert_eq!(value(&stage.fields(&created.key).await, "field").as_ref(), Some(kept));
    let written = stage.kept(fields([("field", "0")])).await;
    stage.write(&written.key, FieldPatch { set: one("field", kept), ..FieldPatch::default() }).await;
    assert_eq!(value(&stage.fields(&written.key).await, "field").as_ref(), Some(kept));
}

const ODD: [&str; 22] = [
    "",
    " ",
    "\0",
    "a\0b",
    "'",
    "\"",
    "\\",
    "\\\"",
    "`",
    "$1",
    "$.a",
    "a.b",
    "a/b",
    "[0]",
    "%",
    "?",
    "{}",
    "null",
    "\n\r\t",
    "\u{7f}\u{80}\u{2028}",
    "--;drop table",
    "@meta",
];

pub async fn odd_texts_are_kept(stage: Stage) {
    for text in ODD {
        keeps(&stage, &json!(text)).await;
        keeps(&stage, &json!({ text: [text] })).await;
    }
}

pub async fn odd_keys_are_kept(stage: Stage) {
    let kept = stage.kept(Fields::new()).await;
    for key in ODD {
        stage.write(&kept.key, change("map", [(key, Some("1"))])).await;
    }
    let expected: serde_json::Map<_, _> = ODD.iter().map(|key| ((*key).to_owned(), json!(1))).collect();
    assert_eq!(value(&stage.fields(&kept.key).await, "map"), Some(Value::Object(expected)));
    for key in ODD {
        stage.write(&kept.key, change("map", [(key, None)])).await;
    }
    assert_eq!(stage.field(&kept.key, "map").await, "{}");
}

pub async fn every_unicode_plane_is_kept(stage: Stage) {
    let text: String = (0..17_u32).filter_map(|plane| char::from_u32(plane * 0x1_0000 + 0xabc)).collect();
    assert_eq!(text.chars().count(), 17);
    keeps(&stage, &json!(text)).await;
    let kept = stage.kept(Fields::new()).await;
    stage.write(&kept.key, change("map", [(&text, Some("1"))])).await;
    assert_eq!(value(&stage.fields(&kept.key).await, "map"), Some(json!({ text: 1 })));
}

pub async fn numbers_are_kept(stage: Stage) {
    for number in
        ["0", "-0.0", "1.0", "1e300", "0.1", "9007199254740993", "-9223372036854775808", "18446744073709551615"]
    {
        keeps(&stage, &serde_json::from_str(number).unwrap()).await;
    }
    for value in [json!([]), json!({}), json!(null), json!(true), json!([[], {}, null])] {
        keeps(&stage, &value).await;
    }
}

pub async fn a_mebibyte_is_kept(stage: Stage) {
    keeps(&stage, &json!("x".repeat(1 << 20))).await;
}

pub async fn ten_thousand_entries_are_kept(stage: Stage) {
    let kept = stage.kept(Fields::new()).await;
    let keys: Vec<String> = (0..10_000).map(|number| format!("key {number}")).collect();
    let changes = keys.iter().map(|key| (key.clone(), Some("1".to_owned()))).collect();
    let entries = [("map".to_owned(), changes)].into();
    stage.write(&kept.key, FieldPatch { entries, ..FieldPatch::default() }).await;
    stage.write(&kept.key, change("map", [("key 17", Some("2")), ("key 18", None)])).await;
    let map = value(&stage.fields(&kept.key).await, "map").unwrap();
    assert_eq!(map.as_object().unwrap().len(), 9_999);
    assert_eq!(map["key 17"], 2);
}

pub async fn many_fields_are_kept(stage: Stage) {
    let many: Fields = (0..500).map(|n| (format!("field {n}"), FieldText::Json(n.to_string()))).collect();
    let kept = stage.kept(many.clone()).await;
    stage.write(&kept.key, set([("field 7", "8")])).await;
    let mut expected = values(&many);
    expected.insert("field 7".into(), json!(8));
    assert_eq!(values(&stage.fields(&kept.key).await), expected);
}

pub async fn no_fields_are_kept(stage: Stage) {
    let kept = stage.kept(Fields::new()).await;
    assert!(stage.fields(&kept.key).await.is_empty());
}
