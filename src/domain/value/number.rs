//! Numbers and ranges as people write them: with units, signs for "at least", full-width digits and Chinese words.
use super::{Range, ValueError};
use crate::domain::catalogue::{Attribute, Catalogue, Names, Quantity};

/// Base units in one of the unit.
pub(super) fn factor(attribute: &Attribute, catalogue: &Catalogue, unit: &str) -> Result<f64, ValueError> {
    let quantity = attribute.measure().and_then(|measure| catalogue.quantity(&measure.quantity));
    let Some(quantity) = quantity else {
        return Err(ValueError::new(attribute, unit, "no unit: this attribute is not measured"));
    };
    let found = quantity.unit(unit).or_else(|| quantity.unit_written(unit));
    found
        .map(|unit| unit.factor)
        .ok_or_else(|| ValueError::new(attribute, unit, format!("one of the units {}", keys(quantity))))
}

pub(super) fn keys(quantity: &Quantity) -> String {
    quantity.units.iter().map(|unit| &*unit.key).collect::<Vec<_>>().join(", ")
}

/// A piece of a written number or range.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Number(f64),
    /// `<`, `≤`, `>`, `≥`, as seen from the value: `≥` is at least.
    Sign {
        at_least: bool,
        inclusive: bool,
    },
    /// `-`, `~`, `至`, `to`.
    Until,
    Word(String),
}

/// Written words with a meaning, longest first where one begins another.
const SIGNS: [(&str, bool, bool); 20] = [
    ("≥", true, true),
    (">=", true, true),
    ("不低于", true, true),
    ("不小于", true, true),
    ("不少于", true, true),
    ("at least", true, true),
    ("mindestens", true, true),
    ("≤", false, true),
    ("<=", false, true),
    ("不高于", false, true),
    ("不大于", false, true),
    ("不超过", false, true),
    ("at most", false, true),
    ("höchstens", false, true),
    (">", true, false),
    ("大于", true, false),
    ("高于", true, false),
    ("<", false, false),
    ("小于", false, false),
    ("低于", false, false),
];

/// Words that stand after their number: `10以上` is at least 10.
const SIGNS_AFTER: [(&str, bool); 3] = [("以上", true), ("以下", false), ("以内", false)];
const UNTIL: [&str; 10] = ["~", "～", "–", "—", "-", "至", "到", "to", "bis", "…"];
/// Words that say nothing about the value. "About" is not kept: the evidence of the value says how sure it is.
const FILLERS: [&str; 13] = [
    ",", "、", ";", "约", "大约", "近", "ca.", "about", "approx.", "且", "和", "and", "und",
];

/// Reads a range such as `1.2-2.0`, `≥0.7且≤1.8`, `1.50≤`, `不低于1.2`, `10以上`, or one number for both ends. Gives the range and its unit, if one was written.
pub(super) fn range<'a>(text: &str, names: &Names, quantity: &'a Quantity) -> Option<(Range, Option<&'a str>)> {
    let (pieces, unit) = pieces(text, names, quantity)?;
    Some((assemble(&pieces)?, unit))
}

/// Reads one number, perhaps with a unit. A range, or "at least", is not a number.
pub(super) fn number<'a>(text: &str, names: &Names, quantity: &'a Quantity) -> Option<(f64, Option<&'a str>)> {
    let (pieces, unit) = pieces(text, names, quantity)?;
    match pieces.as_slice() {
        [Piece::Number(number)] => Some((*number, unit)),
        // A leading minus, since "-" is also "until".
        [Piece::Until, Piece::Number(number)] => Some((-number, unit)),
        _ => None,
    }
}

fn assemble(pieces: &[Piece]) -> Option<Range> {
    let mut range = Range {
        min: None,
        max: None,
        min_inclusive: true,
        max_inclusive: true,
    };
    let mut rest = pieces;
    while !rest.is_empty() {
        rest = match rest {
            [Piece::Number(min), Piece::Until, Piece::Number(max), rest @ ..] => {
                set(&mut range, *min, true, true)?;
                set(&mut range, *max, false, true)?;
                rest
            }
            [Piece::Sign { at_least, inclusive }, Piece::Number(bound), rest @ ..] => {
                set(&mut range, *bound, *at_least, *inclusive)?;
                rest
            }
            [Piece::Number(bound), Piece::Sign { at_least, inclusive }, rest @ ..] if !matches!(rest, [Piece::Number(_), ..]) => {
                // The number stands before the sign: "1.5 ≤" says that the value is at least 1.5.
                set(&mut range, *bound, !at_least, *inclusive)?;
                rest
            }
            [Piece::Number(both)] if range.min.is_none() && range.max.is_none() => {
                set(&mut range, *both, true, true)?;
                set(&mut range, *both, false, true)?;
                &[]
            }
            _ => return None,
        };
    }
    (range.min.is_some() || range.max.is_some()).then_some(range)
}

fn set(range: &mut Range, bound: f64, lower: bool, inclusive: bool) -> Option<()> {
    let (end, is_inclusive) = if lower {
        (&mut range.min, &mut range.min_inclusive)
    } else {
        (&mut range.max, &mut range.max_inclusive)
    };
    if end.is_some() {
        return None;
    }
    *end = Some(bound);
    *is_inclusive = inclusive;
    Some(())
}

/// Cuts a text into pieces; the unit must be the same wherever it stands. `None` when something is not understood.
fn pieces<'a>(text: &str, names: &Names, quantity: &'a Quantity) -> Option<(Vec<Piece>, Option<&'a str>)> {
    let mut found = Vec::new();
    let mut unit: Option<&'a str> = None;
    let text = text.to_lowercase();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (piece, after) = next(rest, &found)?;
        rest = after.trim_start();
        match piece {
            Piece::Word(word) if is_filler(&word, names) => {}
            Piece::Word(word) => {
                let written = quantity.unit_written(&word)?;
                if unit.is_some_and(|unit| *unit != *written.key) {
                    return None;
                }
                unit = Some(&written.key);
            }
            piece => found.push(piece),
        }
    }
    Some((found, unit))
}

fn is_filler(word: &str, names: &Names) -> bool {
    let own = [&names.zh, &names.en, &names.de];
    FILLERS.contains(&word) || own.iter().any(|name| name.to_lowercase() == word)
}

fn next<'a>(rest: &'a str, before: &[Piece]) -> Option<(Piece, &'a str)> {
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return digits(rest);
    }
    if matches!(before.last(), Some(Piece::Number(_))) {
        for (word, at_least) in SIGNS_AFTER {
            if let Some(after) = rest.strip_prefix(word) {
                // Turned round, as a sign after its number is read in `assemble`.
                let sign = Piece::Sign {
                    at_least: !at_least,
                    inclusive: true,
                };
                return Some((sign, after));
            }
        }
    }
    for (word, at_least, inclusive) in SIGNS {
        if let Some(after) = rest.strip_prefix(word) {
            return Some((Piece::Sign { at_least, inclusive }, after));
        }
    }
    if let Some(after) = UNTIL.iter().find_map(|word| rest.strip_prefix(word)) {
        return Some((Piece::Until, after));
    }
    let filler = FILLERS
        .iter()
        .filter(|filler| rest.starts_with(**filler))
        .max_by_key(|filler| filler.len());
    let end = filler.map_or_else(|| word_end(rest), |filler| filler.len());
    Some((Piece::Word(rest[..end].trim().to_owned()), &rest[end..]))
}

/// A word ends where a sign or a "until" begins, or where a digit follows that is not part of a unit such as `m2` or `m³/h`.
fn word_end(rest: &str) -> usize {
    let mut previous = ' ';
    for (at, c) in rest.char_indices().skip(1) {
        let after = &rest[at..];
        let unit_digit = c.is_ascii_digit() && previous.is_ascii_alphabetic();
        let ends = SIGNS.iter().any(|(word, ..)| after.starts_with(word))
            || SIGNS_AFTER.iter().any(|(word, _)| after.starts_with(word))
            || ["~", "～", "–", "—", "-", "至", "到", "且", "和"]
                .iter()
                .any(|word| after.starts_with(word))
            || (c.is_ascii_digit() && !unit_digit && !rest[..at].ends_with(|c: char| c.is_alphabetic()));
        if ends {
            return at;
        }
        previous = c;
    }
    rest.len()
}

/// A number: thousands separated by commas in groups of three, a decimal point. A decimal comma is not guessed at.
fn digits(rest: &str) -> Option<(Piece, &str)> {
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','))
        .unwrap_or(rest.len());
    // A comma at the end separates two bounds.
    let written = rest[..end].trim_end_matches(',');
    let end = written.len();
    let (whole, fraction) = written
        .split_once('.')
        .map_or((written, None), |(whole, fraction)| (whole, Some(fraction)));
    if fraction.is_some_and(|fraction| fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = whole.contains(',');
    if (grouped && first.len() > 3) || groups.any(|group| group.len() != 3) {
        return None;
    }
    let number: f64 = written.replace(',', "").parse().ok()?;
    number.is_finite().then_some((Piece::Number(number), &rest[end..]))
}
