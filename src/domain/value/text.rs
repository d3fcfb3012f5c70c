//! Values as people write them in ledgers, forms and parameters.
use std::sync::Arc;

use super::check::form;
use super::{Value, ValueError, date, number};
use crate::domain::catalogue::{Attribute, Catalogue, Kind, Measure};

/// Cells that say that nothing is known.
const UNKNOWN: [&str; 19] = [
    "",
    "-",
    "--",
    "—",
    "——",
    "/",
    "\\",
    "?",
    "待定",
    "未定",
    "不详",
    "未知",
    "暂无",
    "待核实",
    "n/a",
    "na",
    "tbd",
    "unknown",
    "unbekannt",
];
const YES: [&str; 14] = ["true", "yes", "y", "1", "ja", "j", "是", "有", "可", "可以", "能", "√", "✓", "已"];
const NO: [&str; 14] = [
    "false",
    "no",
    "n",
    "0",
    "nein",
    "否",
    "无",
    "没有",
    "不可",
    "不可以",
    "不能",
    "×",
    "✗",
    "未",
];

impl Value {
    /// Reads and checks what a person wrote; `None` where the text says that nothing is known (`待定`, `-`, empty).
    ///
    /// Understands full-width signs, `约80亩`, `1,200`, `2025.6`, `≥1.2`, `0.7-1.8`, codes by name (`工业用地`) and yes and no in three languages.
    /// A unit written with the number counts; else `unit` (its key or name); else the base unit.
    pub fn parse_text(attribute: &Attribute, catalogue: &Catalogue, given: &str, unit: Option<&str>) -> Result<Option<Self>, ValueError> {
        let text = narrow(given);
        let text = text.trim();
        if UNKNOWN.contains(&text.to_lowercase().as_str()) {
            return Ok(None);
        }
        let value = match &attribute.kind {
            Kind::Number(measure) => parse_number((attribute, catalogue), measure, text, unit)?,
            Kind::Range(measure) => parse_range((attribute, catalogue), measure, text, unit)?,
            Kind::Code { list } => parse_code(attribute, catalogue, list, text)?,
            Kind::Flag => flag(text).ok_or_else(|| ValueError::new(attribute, given, "yes or no"))?,
            Kind::Text { .. } => Self::Text(Arc::from(given.trim())),
            Kind::Date => date::written(text)
                .map(Self::Date)
                .ok_or_else(|| ValueError::new(attribute, given, "a day such as 2027-03-01, or a month such as 2027.3"))?,
        };
        value.check(attribute, catalogue, given).map(Some)
    }
}

/// Full-width letters, digits and signs as their ASCII twins.
pub(super) fn narrow(text: &str) -> String {
    let twin = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        other => other,
    };
    text.chars().map(twin).collect()
}

fn parse_number(
    (attribute, catalogue): (&Attribute, &Catalogue),
    measure: &Measure,
    text: &str,
    unit: Option<&str>,
) -> Result<Value, ValueError> {
    let expected = || expected(catalogue, measure, "one number");
    let refuse = || ValueError::new(attribute, text, expected());
    let quantity = catalogue.quantity(&measure.quantity).ok_or_else(refuse)?;
    let (number, written) = number::number(text, &attribute.names, quantity).ok_or_else(refuse)?;
    let value = Value::Number(number + 0.0);
    Ok(match written.or(unit) {
        Some(unit) => value.scaled(number::factor(attribute, catalogue, unit)?),
        None => value,
    })
}

fn parse_range(
    (attribute, catalogue): (&Attribute, &Catalogue),
    measure: &Measure,
    text: &str,
    unit: Option<&str>,
) -> Result<Value, ValueError> {
    let expected = || expected(catalogue, measure, "a number, or a range such as 1.2-2.0 or ≥1.2");
    let refuse = || ValueError::new(attribute, text, expected());
    let quantity = catalogue.quantity(&measure.quantity).ok_or_else(refuse)?;
    let (range, written) = number::range(text, &attribute.names, quantity).ok_or_else(refuse)?;
    let value = Value::Range(range);
    Ok(match written.or(unit) {
        Some(unit) => value.scaled(number::factor(attribute, catalogue, unit)?),
        None => value,
    })
}

fn expected(catalogue: &Catalogue, measure: &Measure, what: &str) -> String {
    let units = catalogue
        .quantity(&measure.quantity)
        .map(|quantity| number::keys(quantity))
        .unwrap_or_default();
    format!("{what}, perhaps with a unit ({units})")
}

/// The code alone, its name, or both (`M1 一类工业用地`).
fn parse_code(attribute: &Attribute, catalogue: &Catalogue, list: &str, text: &str) -> Result<Value, ValueError> {
    let Some(list) = catalogue.list(list) else {
        return Err(ValueError::new(attribute, text, form(&attribute.kind)));
    };
    let first = text.split([' ', '(', '-', '、', ':']).next().filter(|first| !first.is_empty());
    let found = list.written(text).or_else(|| first.and_then(|first| list.get(first)));
    let code = found.ok_or_else(|| ValueError::new(attribute, text, list.sample()))?;
    Ok(Value::Code(code.code.clone()))
}

fn flag(text: &str) -> Option<Value> {
    let text = text.to_lowercase();
    if YES.contains(&text.as_str()) {
        return Some(Value::Flag(true));
    }
    NO.contains(&text.as_str()).then_some(Value::Flag(false))
}
