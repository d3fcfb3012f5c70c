//! Cursors as opaque text: base64url of a small JSON document, which names its order so that it cannot be used with another.
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::domain::query::{Cursor, CursorValue, SortKey};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The order, as the parameter `sort` writes it.
    s: String,
    /// Value of each sort key.
    v: Vec<Option<WrittenValue>>,
    /// Code of the row.
    c: String,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenValue {
    Number(f64),
    Text(String),
}

/// The cursor as text, for `after` of the next request.
pub fn encode_cursor(cursor: &Cursor, sort: &[SortKey]) -> String {
    let value = |value: &CursorValue| match value {
        CursorValue::Number(number) => WrittenValue::Number(*number),
        CursorValue::Text(text) => WrittenValue::Text(text.clone()),
    };
    let written = Written {
        s: order(sort),
        v: cursor.values.iter().map(|known| known.as_ref().map(value)).collect(),
        c: cursor.code.clone(),
    };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).expect("numbers and texts can always be written as JSON"))
}

/// The cursor that a text stands for; `None` when it is damaged or belongs to another order.
pub fn decode_cursor(text: &str, sort: &[SortKey]) -> Option<Cursor> {
    let written: Written = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    if written.s != order(sort) || written.v.len() != sort.len() {
        return None;
    }
    let value = |value: WrittenValue| match value {
        WrittenValue::Number(number) => CursorValue::Number(number),
        WrittenValue::Text(text) => CursorValue::Text(text),
    };
    Some(Cursor {
        values: written.v.into_iter().map(|known| known.map(value)).collect(),
        code: written.c,
    })
}

fn order(sort: &[SortKey]) -> String {
    let name = |key: &SortKey| {
        let sign = if key.descending { "-" } else { "" };
        format!("{sign}{}", key.attribute.as_ref().map_or("code", |attribute| attribute.as_str()))
    };
    sort.iter().map(name).collect::<Vec<_>>().join(",")
}
