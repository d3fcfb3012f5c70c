//! Days as people write them.
use jiff::civil::Date;

/// `2027-03-01` and nothing else.
pub(super) fn iso(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let form = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
    let parts = (text.get(..4)?, text.get(5..7)?, text.get(8..)?);
    form.then(|| day(parts.0, parts.1, parts.2)).flatten()
}

/// A day as in ledgers: `2027-03-01`, `2027/3/1`, `2027.3.1`, `2027年3月1日`, `20270301`, `1.3.2027`; a month alone (`2025.6`, `2025年6月`) is its first day.
pub(super) fn written(text: &str) -> Option<Date> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return day(&text[..4], &text[4..6], &text[6..]);
    }
    let text = text.replace(['年', '月'], ".");
    let text = text.trim_end_matches(['日', '号']).trim_end_matches('.');
    let parts: Vec<&str> = text.split(['.', '/', '-']).map(str::trim).collect();
    match parts.as_slice() {
        [year, month] if year.len() == 4 => day(year, month, "1"),
        [year, month, rest] if year.len() == 4 => day(year, month, rest),
        // German order is told by the points: with slashes, day and month cannot be told apart.
        [first, month, year] if year.len() == 4 && !text.contains(['/', '-']) => day(year, month, first),
        _ => None,
    }
}

fn day(year: &str, month: &str, day: &str) -> Option<Date> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if ![year, month, day].into_iter().all(digits) {
        return None;
    }
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    // A year before this is a slip of the pen, and later ones would not fit the column of days.
    (1800..=2300).contains(&date.year()).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_as_people_write_them() {
        let cases = [
            ("2027-03-01", Some("2027-03-01")),
            ("2027/3/1", Some("2027-03-01")),
            ("2025.6", Some("2025-06-01")),
            ("2025年6月", Some("2025-06-01")),
            ("2025年6月15日", Some("2025-06-15")),
            ("20250615", Some("2025-06-15")),
            ("15.6.2025", Some("2025-06-15")),
            ("2025.06.15", Some("2025-06-15")),
            ("1/6/2025", None),
            ("2025", None),
            ("2025-13-01", None),
            ("2025-02-30", None),
            ("即日起", None),
            ("0012-01-01", None),
            ("+025-01-01", None),
        ];
        for (text, expected) in cases {
            assert_eq!(written(text).map(|day| day.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn only_full_days_are_iso() {
        assert!(iso("2027-03-01").is_some());
        for text in ["2027-3-1", "2027-03", "2027-03-01T00:00", "二〇二七年三", "2027/03/01", ""] {
            assert_eq!(iso(text), None, "{text}");
        }
    }
}
