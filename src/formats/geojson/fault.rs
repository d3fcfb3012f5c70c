//! The JSON parser's complaints, in our words and with their place in the file.
use super::scan;
use crate::formats::{BadFeature, FormatError, Place};

/// About one feature, whose bytes begin at a place.
pub(super) fn in_feature(error: &serde_json::Error, start: Place, bytes: &[u8]) -> BadFeature {
    let (place, given, expected) = explain(error, start, bytes);
    BadFeature::new(place, given, expected)
}

/// About a member of the root object, whose value begins at a place.
pub(super) fn in_root(error: &serde_json::Error, start: Place, bytes: &[u8]) -> FormatError {
    let (place, given, expected) = explain(error, start, bytes);
    FormatError::broken(place, given, expected)
}

fn explain(error: &serde_json::Error, start: Place, bytes: &[u8]) -> (Place, String, String) {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let place = place_within(start, bytes, (error.line(), error.column()));
    match text.split_once(", expected ") {
        Some((given, expected)) => {
            let given = given.trim_start_matches("invalid type: ").trim_start_matches("invalid value: ");
            (place, given.to_owned(), expected.to_owned())
        }
        None if text == "invalid unicode code point" => (place, "bytes that are no UTF-8".to_owned(), "text in UTF-8".to_owned()),
        None => (place, text.to_owned(), "well-formed JSON".to_owned()),
    }
}

/// A parser's line and byte column within a text that begins at a place.
fn place_within(start: Place, bytes: &[u8], (line, column): (usize, usize)) -> Place {
    let Place::Line {
        line: start_line,
        column: start_column,
    } = start
    else {
        return start;
    };
    let lines_before = bytes.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1));
    let before: usize = lines_before.map(<[u8]>::len).sum();
    let end = (before + column.saturating_sub(1)).min(bytes.len());
    let (line, column) = scan::move_on((start_line, start_column), &bytes[..end]);
    Place::Line { line, column }
}
