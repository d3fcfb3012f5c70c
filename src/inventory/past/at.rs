//! "As of": what people write, and the moment that it means.
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::PastError;
use crate::domain::ids::Revision;

/// What `at` may be.
const EXPECTED: &str = "a day such as 2026-11-25, a time such as 2026-11-25T08:00:00Z, or the number of a revision";

/// A point in the history of the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// A revision.
    Revision(Revision),
    /// The last revision before this moment.
    Before(Timestamp),
}

impl At {
    /// Reads a day (until its end in the park), a time, or the number of a revision. What is still to come is refused: nobody knows it.
    pub fn read(text: &str, (zone, now): (&TimeZone, Timestamp)) -> Result<Self, PastError> {
        let unreadable = || PastError::Unreadable {
            given: text.to_owned(),
            expected: EXPECTED,
        };
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text
                .parse()
                .map(|number| Self::Revision(Revision(number)))
                .ok()
                .ok_or_else(unreadable);
        }
        if text.len() == "2026-11-25".len() {
            let day: Date = text.parse().ok().ok_or_else(unreadable)?;
            let today = zone.to_datetime(now).date();
            if day > today {
                return Err(future(text, &today));
            }
            return end_of(day, zone).map(Self::Before).ok_or_else(unreadable);
        }
        let time: Timestamp = text.parse().ok().ok_or_else(unreadable)?;
        if time > now {
            return Err(future(text, &now));
        }
        // Times are kept to the microsecond.
        time.checked_add(1.microsecond()).map(Self::Before).ok().ok_or_else(unreadable)
    }
}

fn future(given: &str, latest: &dyn std::fmt::Display) -> PastError {
    PastError::Future {
        given: given.to_owned(),
        latest: latest.to_string(),
    }
}

/// The moment at which the next day begins.
fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next = day.checked_add(1.day()).ok()?.at(0, 0, 0, 0);
    zone.to_timestamp(next).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<At, PastError> {
        let now: Timestamp = "2026-11-25T18:00:00Z".parse().unwrap();
        At::read(text, (&TimeZone::fixed(jiff::tz::offset(8)), now))
    }

    #[test]
    fn a_day_ends_where_the_park_is() {
        let before = |text: &str| Ok(At::Before(text.parse().unwrap()));
        assert_eq!(read("7"), Ok(At::Revision(Revision(7))));
        assert_eq!(read("2026-11-01"), before("2026-11-01T16:00:00Z"));
        // It is the 26th in the park already.
        assert_eq!(read("2026-11-26"), before("2026-11-26T16:00:00Z"));
        assert_eq!(read("2026-11-25T08:00:00+08:00"), before("2026-11-25T00:00:00.000001Z"));
    }

    #[test]
    fn what_is_no_point_in_the_past_is_refused() {
        assert!(matches!(read("2026-11-27"), Err(PastError::Future { latest, .. }) if latest == "2026-11-26"));
        assert!(matches!(read("2026-11-25T18:00:01Z"), Err(PastError::Future { .. })));
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-11",
            "2026-11-25T08:00:00",
            "-1",
            "1.5",
            "99999999999999999999999",
        ] {
            assert!(matches!(read(text), Err(PastError::Unreadable { .. })), "{text}");
        }
    }
}
