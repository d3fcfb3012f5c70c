//! Code lists as trees and as orders, and the ways between them.
use std::sync::Arc;

use super::model::{Attribute, Catalogue, Code, CodeList, Kind};

/// A code or scheme that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("given {given}, expected {expected}")]
pub struct UnknownCode {
    /// As given.
    pub given: String,
    /// What would have been right.
    pub expected: String,
}

impl CodeList {
    /// A code.
    pub fn get(&self, code: &str) -> Option<&Code> {
        self.position(code).map(|at| &self.codes[at])
    }

    /// Position of a code in the list.
    pub fn position(&self, code: &str) -> Option<usize> {
        self.positions.get(code).copied()
    }

    /// A code and all below it, in the list's order; empty for an unknown code.
    pub fn descendants(&self, code: &str) -> Vec<Arc<str>> {
        self.codes
            .iter()
            .filter(|candidate| self.is_within(candidate, code))
            .map(|found| found.code.clone())
            .collect()
    }

    /// In an ordered list: this code, all before it, and all below it. Empty for an unknown code or a list without order.
    pub fn at_least(&self, code: &str) -> Vec<Arc<str>> {
        let Some(last) = self.position(code).filter(|_| self.ordered) else {
            return Vec::new();
        };
        let found = self
            .codes
            .iter()
            .enumerate()
            .filter(|(at, candidate)| *at <= last || self.is_within(candidate, code));
        found.map(|(_, found)| found.code.clone()).collect()
    }

    /// A code as people write it: the code itself, a name in any language, or another word, ignoring case and surrounding blanks.
    pub fn written(&self, text: &str) -> Option<&Code> {
        let text = text.trim();
        self.get(text).or_else(|| {
            let wanted = text.to_lowercase();
            self.codes.iter().find(|code| {
                let names = [&code.code, &code.names.zh, &code.names.en, &code.names.de];
                names.into_iter().chain(&code.aliases).any(|word| word.to_lowercase() == wanted)
            })
        })
    }

    fn is_within(&self, candidate: &Code, ancestor: &str) -> bool {
        let mut at = Some(candidate);
        while let Some(code) = at {
            if &*code.code == ancestor {
                return true;
            }
            at = code.parent.as_deref().and_then(|parent| self.get(parent));
        }
        false
    }

    /// A few of its codes, for messages.
    pub fn sample(&self) -> String {
        const SHOWN: usize = 12;
        let mut text = self.codes.iter().take(SHOWN).map(|code| &*code.code).collect::<Vec<_>>().join(", ");
        if self.codes.len() > SHOWN {
            text.push_str(", ...");
        }
        format!("a code of {} ({text})", self.key)
    }
}

impl Catalogue {
    /// All codes of the attribute's own list that a code stands for: itself with all below it, or, where another scheme is named, all that
    /// correspond to it or to a code below it there.
    pub fn resolve_code(&self, attribute: &Attribute, code: &str, scheme: Option<&str>) -> Result<Vec<Arc<str>>, UnknownCode> {
        let Kind::Code { list: own_key } = &attribute.kind else {
            return Err(UnknownCode {
                given: code.to_owned(),
                expected: format!("an attribute with codes, {} has none", attribute.key),
            });
        };
        let scheme_key = scheme.unwrap_or(own_key);
        let (Some(own), Some(given_in)) = (self.list(own_key), self.scheme(own_key, scheme_key)) else {
            return Err(UnknownCode {
                given: scheme_key.to_owned(),
                expected: format!("one of {}", self.schemes_of(own_key).join(", ")),
            });
        };
        if given_in.get(code).is_none() {
            return Err(UnknownCode {
                given: code.to_owned(),
                expected: given_in.sample(),
            });
        }
        if given_in.key == own.key {
            return Ok(own.descendants(code));
        }
        translate(given_in, own, code)
    }

    /// Keys of the lists in which codes of this list may be given: itself, and those that correspond to it.
    pub fn schemes_of(&self, list: &str) -> Vec<String> {
        let Some(own) = self.list(list) else { return Vec::new() };
        let mut keys: Vec<String> = std::iter::once(&own.key)
            .chain(own.mapping.keys().map(|(other, _)| other))
            .map(ToString::to_string)
            .collect();
        keys.dedup();
        keys
    }

    fn scheme(&self, own: &str, scheme: &str) -> Option<&Arc<CodeList>> {
        self.schemes_of(own)
            .iter()
            .any(|key| key == scheme)
            .then(|| self.list(scheme))
            .flatten()
    }
}

fn translate(from: &CodeList, to: &CodeList, code: &str) -> Result<Vec<Arc<str>>, UnknownCode> {
    let mut wanted = vec![false; to.codes.len()];
    for below in from.descendants(code) {
        for target in from.mapping.get(&(to.key.clone(), below)).into_iter().flatten() {
            for found in to.descendants(target) {
                if let Some(at) = to.position(&found) {
                    wanted[at] = true;
                }
            }
        }
    }
    let found: Vec<_> = to
        .codes
        .iter()
        .zip(&wanted)
        .filter(|(_, wanted)| **wanted)
        .map(|(code, _)| code.code.clone())
        .collect();
    if found.is_empty() {
        return Err(UnknownCode {
            given: code.to_owned(),
            expected: format!("a code of {} that has a counterpart in {}", from.key, to.key),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_one_scheme_stand_for_codes_of_another() {
        let catalogue = Catalogue::builtin().unwrap();
        let all_of_1001 = ["1001", "100101", "100102", "100103", "1001M0", "1001Ma", "1001Mb"];
        let cases: [(&str, &str, Option<&str>, &[&str]); 9] = [
            ("planned_use", "1001", None, &all_of_1001),
            ("planned_use", "100101", None, &["100101"]),
            ("planned_use", "M", Some("gb50137"), &all_of_1001),
            ("planned_use", "M1", Some("gb50137"), &["100101"]),
            ("planned_use", "0601", Some("gbt21010"), &all_of_1001),
            ("planned_use", "W", Some("gb50137"), &["1101", "110101", "110102", "110103", "1102"]),
            ("cadastral_use", "100103", Some("guide2023"), &["0601"]),
            ("cadastral_use", "0601", Some("gbt21010"), &["0601"]),
            ("plan_letter", "0604", Some("gbt21010"), &["W", "W1", "W2", "W3"]),
        ];
        for (key, code, scheme, expected) in cases {
            let attribute = catalogue.attribute("parcels", key).unwrap();
            let found = catalogue.resolve_code(attribute, code, scheme).unwrap();
            assert_eq!(found.iter().map(|code| &**code).collect::<Vec<_>>(), expected, "{key} {code}");
        }
    }

    /// The same digits mean different things in different schemes.
    #[test]
    fn digits_are_not_carried_over() {
        let catalogue = Catalogue::builtin().unwrap();
        let planned = catalogue.attribute("parcels", "planned_use").unwrap();
        assert!(catalogue.resolve_code(planned, "0601", None).is_err());
        assert!(
            catalogue.resolve_code(planned, "1001", Some("gbt21010")).is_err(),
            "a railway is no factory"
        );
        assert!(catalogue.resolve_code(planned, "1001", Some("fire_class")).is_err());
    }

    #[test]
    fn parents_follow_prefixes() {
        let catalogue = Catalogue::builtin().unwrap();
        let parent = |list: &str, code: &str| {
            catalogue
                .list(list)
                .unwrap()
                .get(code)
                .unwrap()
                .parent
                .as_deref()
                .map(str::to_owned)
        };
        assert_eq!(parent("guide2023", "100101").as_deref(), Some("1001"));
        assert_eq!(parent("guide2023", "1001").as_deref(), Some("10"));
        assert_eq!(parent("gb50137", "A35").as_deref(), Some("A"));
        assert_eq!(parent("fire_class", "丙一").as_deref(), Some("丙"));
        assert_eq!(parent("guide2023", "10"), None);
    }
}
