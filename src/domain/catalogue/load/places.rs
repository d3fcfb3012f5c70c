//! Where an entry stands, and the faults found there.
use std::collections::HashSet;
use std::sync::Arc;

use toml::Spanned;

use crate::domain::catalogue::error::{CatalogueError, Fault, Problem};
use crate::domain::names::Names;

/// A file: its name and text.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub name: &'a str,
    pub text: &'a str,
}

/// An entry and the file it comes from.
pub struct Placed<'a, T> {
    pub source: Source<'a>,
    pub entry: T,
}

/// Kind of thing, and what a file says of it.
type Said<'a> = (&'static str, &'a Spanned<String>);

/// Endings of search parameters: an attribute's key with such an ending would be taken for one.
const RESERVED_ENDINGS: [&str; 6] = ["_min", "_max", "_unit", "_unknown", "_scheme", "_tax"];

/// Names of search parameters and of members that every record has.
const RESERVED_KEYS: [&str; 27] = [
    "after",
    "at",
    "attributes",
    "available_by",
    "bbox",
    "change",
    "closed",
    "code",
    "collection",
    "facets",
    "format",
    "geometry",
    "id",
    "lang",
    "limit",
    "near",
    "provenance",
    "q",
    "radius_m",
    "revision",
    "since",
    "sort",
    "unit",
    "version",
    "view",
    "within",
    "children",
];

/// The faults found so far.
#[derive(Default)]
pub struct Faults {
    found: Vec<Fault>,
}

impl Faults {
    /// Notes a fault at a byte offset of a file.
    pub fn add(&mut self, source: Source<'_>, offset: usize, problem: Problem) {
        let before = source.text.get(..offset).unwrap_or(source.text);
        self.found.push(Fault {
            file: source.name.to_owned(),
            line: 1 + before.matches('\n').count(),
            problem,
        });
    }

    /// Ends loading when there are faults.
    pub fn stop_here(&mut self) -> Result<(), CatalogueError> {
        if self.found.is_empty() {
            return Ok(());
        }
        let mut faults = std::mem::take(&mut self.found);
        faults.sort();
        faults.dedup();
        Err(CatalogueError { faults })
    }

    /// A key must be `[a-z][a-z0-9_]*`.
    pub fn key(&mut self, source: Source<'_>, key: &Spanned<String>) {
        let text = key.get_ref();
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) || !text.chars().all(letters) {
            self.bad_key(source, key, "lower-case letters, digits and _, beginning with a letter");
        }
    }

    /// A unit's key keeps the case of the unit's symbol: `kVA`.
    pub fn unit_key(&mut self, source: Source<'_>, key: &Spanned<String>) {
        let text = key.get_ref();
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !text.starts_with(|c: char| c.is_ascii_alphabetic()) || !text.chars().all(letters) {
            self.bad_key(source, key, "letters, digits and _, beginning with a letter");
        }
    }

    /// An attribute's key must not look like one of the search parameters made from attributes.
    pub fn attribute_key(&mut self, source: Source<'_>, key: &Spanned<String>) {
        self.key(source, key);
        if RESERVED_ENDINGS.iter().any(|ending| key.get_ref().ends_with(ending)) {
            self.bad_key(
                source,
                key,
                "no ending _min, _max, _unit, _unknown, _scheme or _tax: these are search parameters",
            );
        }
        if RESERVED_KEYS.contains(&key.get_ref().as_str()) {
            self.bad_key(
                source,
                key,
                "not the name of a search parameter or of a member that every record has",
            );
        }
    }

    fn bad_key(&mut self, source: Source<'_>, key: &Spanned<String>, expected: &'static str) {
        let given = key.get_ref().clone();
        self.add(source, key.span().start, Problem::BadKey { given, expected });
    }

    /// A key may be there once.
    pub fn once(&mut self, source: Source<'_>, (what, key): Said<'_>, seen: &mut HashSet<String>) {
        if !seen.insert(key.get_ref().clone()) {
            let key_text = key.get_ref().clone();
            self.add(source, key.span().start, Problem::Duplicate { what, key: key_text });
        }
    }

    /// A reference must be one of these; says whether it is.
    pub fn among(&mut self, source: Source<'_>, (what, given): Said<'_>, expected: &[String]) -> bool {
        let found = expected.contains(given.get_ref());
        if !found {
            let problem = Problem::Unknown {
                what,
                given: given.get_ref().clone(),
                expected: expected.to_vec(),
            };
            self.add(source, given.span().start, problem);
        }
        found
    }

    /// Names must be there in every language.
    pub fn names(&mut self, source: Source<'_>, names: &Spanned<Names>) -> Names {
        self.texts(source, names.span().start, names.get_ref());
        names.get_ref().clone()
    }

    /// The same for names written without a table of their own.
    pub fn texts(&mut self, source: Source<'_>, offset: usize, names: &Names) {
        for (language, text) in [("zh", &names.zh), ("en", &names.en), ("de", &names.de)] {
            if text.trim().is_empty() {
                self.add(source, offset, Problem::EmptyText { language });
            }
        }
    }

    /// A colour must be `#rrggbb`.
    pub fn colour(&mut self, source: Source<'_>, colour: &Spanned<String>) -> Arc<str> {
        let text = colour.get_ref();
        let digits = text.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.chars().all(|c| c.is_ascii_hexdigit()) {
            let given = text.clone();
            self.add(source, colour.span().start, Problem::BadColour { given });
        }
        Arc::from(text.as_str())
    }
}

/// The three languages of an entry that names them beside its other fields.
pub fn names_of(zh: &str, en: &str, de: &str) -> Names {
    Names {
        zh: Arc::from(zh),
        en: Arc::from(en),
        de: Arc::from(de),
    }
}

/// Texts as they are kept in memory.
pub fn arcs<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<Arc<str>> {
    texts.into_iter().map(|text| Arc::from(text.as_str())).collect()
}
