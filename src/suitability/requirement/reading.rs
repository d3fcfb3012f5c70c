//! Reading JSON with a path to each place, collecting faults instead of stopping at the first.
use std::cell::RefCell;

use jiff::civil::Date;
use serde_json::{Map, Value as Json};

use super::RequirementFault;

/// Longest piece of a given value that a fault repeats, characters.
const GIVEN_CHARS: usize = 80;

/// Where faults are collected.
#[derive(Default)]
pub(super) struct Faults(RefCell<Vec<RequirementFault>>);

/// A place in the document.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub json: &'a Json,
    pub path: String,
    faults: &'a Faults,
}

impl Faults {
    pub(super) fn root<'a>(&'a self, json: &'a Json) -> Node<'a> {
        Node {
            json,
            path: String::new(),
            faults: self,
        }
    }

    pub(super) fn into_vec(self) -> Vec<RequirementFault> {
        self.0.into_inner()
    }
}

impl<'a> Node<'a> {
    /// Says that this place cannot be used, with what was given there.
    pub(super) fn fault(&self, expected: impl Into<String>) {
        let given = match self.json {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.fault_given(&given, expected);
    }

    /// The same, when it is a part of what was given.
    pub(super) fn fault_given(&self, given: &str, expected: impl Into<String>) {
        let mut shown: String = given.chars().take(GIVEN_CHARS).collect();
        if shown.len() < given.len() {
            shown.push('…');
        }
        self.faults.0.borrow_mut().push(RequirementFault {
            path: self.path.clone(),
            given: shown,
            expected: expected.into(),
        });
    }

    /// The object here, which may have these members and no others.
    pub(super) fn object(&self, members: &[&str]) -> Option<&'a Map<String, Json>> {
        let Some(object) = self.json.as_object() else {
            self.fault("an object");
            return None;
        };
        for name in object.keys().filter(|name| !members.contains(&name.as_str())) {
            self.at(name, &object[name])
                .fault_given(name, format!("one of the members {}", members.join(", ")));
        }
        Some(object)
    }

    /// A member of the object here; absent and `null` are the same.
    pub(super) fn member(&self, name: &str) -> Option<Node<'a>> {
        let json = self.json.get(name).filter(|json| !json.is_null())?;
        Some(self.at(name, json))
    }

    fn at(&self, name: &str, json: &'a Json) -> Node<'a> {
        let path = if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        };
        Node {
            json,
            path,
            ..self.clone()
        }
    }

    /// The items of the array here.
    pub(super) fn items(&self, most: usize) -> Vec<Node<'a>> {
        let Some(array) = self.json.as_array() else {
            self.fault("an array");
            return Vec::new();
        };
        if array.len() > most {
            self.fault_given(&format!("{} items", array.len()), format!("at most {most} items"));
            return Vec::new();
        }
        let item = |(at, json): (usize, &'a Json)| Node {
            json,
            path: format!("{}[{at}]", self.path),
            ..self.clone()
        };
        array.iter().enumerate().map(item).collect()
    }

    /// A finite number.
    pub(super) fn number(&self) -> Option<f64> {
        let number = self.json.as_f64().filter(|number| number.is_finite());
        if number.is_none() {
            self.fault("a number");
        }
        number.map(|number| number + 0.0)
    }

    /// A number within closed bounds.
    pub(super) fn number_from(&self, low: f64, high: f64) -> Option<f64> {
        let number = self.json.as_f64().filter(|number| (low..=high).contains(number));
        if number.is_none() {
            self.fault(format!("a number from {low} to {high}"));
        }
        number
    }

    /// A whole number within closed bounds.
    pub(super) fn whole(&self, low: usize, high: usize) -> Option<usize> {
        let number = self.json.as_u64().and_then(|number| usize::try_from(number).ok());
        let number = number.filter(|number| (low..=high).contains(number));
        if number.is_none() {
            self.fault(format!("a whole number from {low} to {high}"));
        }
        number
    }

    /// A text that is not empty, trimmed.
    pub(super) fn text(&self, most_chars: usize) -> Option<&'a str> {
        let text = self.json.as_str().map(str::trim);
        let text = text.filter(|text| !text.is_empty() && text.chars().count() <= most_chars);
        if text.is_none() {
            self.fault(format!("a text of 1 to {most_chars} characters"));
        }
        text
    }

    /// True or false.
    pub(super) fn flag(&self) -> Option<bool> {
        let flag = self.json.as_bool();
        if flag.is_none() {
            self.fault("true or false");
        }
        flag
    }

    /// A day, `2027-03-01`.
    pub(super) fn day(&self) -> Option<Date> {
        let day = self
            .json
            .as_str()
            .filter(|text| text.len() == 10)
            .and_then(|text| text.parse::<Date>().ok());
        let day = day.filter(|day| (1800..=2300).contains(&day.year()));
        if day.is_none() {
            self.fault("a day such as 2027-03-01");
        }
        day
    }
}
