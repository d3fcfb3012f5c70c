//! The outermost object of a GeoJSON text: a collection whose features are read one by one, or a single object.
use serde::de::{DeserializeSeed, IgnoredAny};

use super::fault;
use super::object::{BboxSeed, Role};
use super::scan::{Scanner, Taken};
use crate::formats::georeference::Georeference;
use crate::formats::{FormatError, Place};

/// A root object under way.
pub(super) struct Root {
    place: Place,
    names: Vec<String>,
    kind: Option<String>,
    georeference: Option<Georeference>,
    content: Content,
}

enum Content {
    /// Inside the array `features`; `true` once a feature has been read.
    Features { begun: bool },
    /// Behind that array, and behind everything.
    Ended,
    /// A single object, its bytes kept until they are asked for.
    Single(Option<Vec<u8>>),
}

impl Root {
    /// Reads to the first feature, or the whole object when it has no `features`.
    pub(super) fn open(scanner: &mut Scanner) -> Result<Self, FormatError> {
        let mut root = Self {
            place: scanner.place(),
            names: Vec::new(),
            kind: None,
            georeference: None,
            content: Content::Features { begun: false },
        };
        scanner.start_record();
        match scanner.peek()? {
            Some(b'{') => scanner.consume(1),
            other => return Err(scanner.unexpected(other, "a GeoJSON object, which begins with `{`")),
        }
        if scanner.skip_space()? == Some(b'}') {
            scanner.consume(1);
            root.content = Content::Single(Some(scanner.take_record()));
            return Ok(root);
        }
        loop {
            if root.read_member(scanner)? {
                scanner.take_record();
                return Ok(root);
            }
            if scanner.one_of([b',', b'}'], "`,` or `}` behind a member")? == b'}' {
                root.content = Content::Single(Some(scanner.take_record()));
                return root.check_single();
            }
        }
    }

    /// Its reference system; longitude and latitude where it names none.
    pub(super) fn georeference(&self) -> Georeference {
        self.georeference.clone().unwrap_or_else(Georeference::lon_lat)
    }

    /// Whether it has `features`.
    pub(super) fn is_collection(&self) -> bool {
        match self.content {
            Content::Features { .. } | Content::Ended => true,
            Content::Single(_) => false,
        }
    }

    /// Moves the next feature, or the single object, to `bytes`.
    pub(super) fn next_value(&mut self, scanner: &mut Scanner, bytes: &mut Vec<u8>) -> Result<Option<(Place, Role, Taken)>, FormatError> {
        match &mut self.content {
            Content::Single(kept) => Ok(kept.take().map(|kept| {
                *bytes = kept;
                (self.place, Role::Any, Taken::Whole)
            })),
            Content::Ended => Ok(None),
            Content::Features { begun } => {
                if next_item(scanner, *begun)? {
                    *begun = true;
                    let place = scanner.place();
                    let taken = scanner.take_value(bytes)?;
                    return Ok(Some((place, Role::Feature, taken)));
                }
                self.content = Content::Ended;
                self.read_rest(scanner)?;
                Ok(None)
            }
        }
    }

    /// Members behind `features`.
    fn read_rest(&mut self, scanner: &mut Scanner) -> Result<(), FormatError> {
        while scanner.one_of([b',', b'}'], "`,` or `}` behind a member")? == b',' {
            self.read_member(scanner)?;
        }
        match self.kind.as_deref() {
            Some("FeatureCollection") => Ok(()),
            other => Err(FormatError::broken(
                self.place,
                describe_kind(other),
                "the type `FeatureCollection`",
            )),
        }
    }

    /// Reads one member; `true` when it is `features`, of which only the opening bracket is read.
    fn read_member(&mut self, scanner: &mut Scanner) -> Result<bool, FormatError> {
        let name = self.read_name(scanner)?;
        let place = scanner.place();
        if name == "features" {
            self.check_features(scanner)?;
            return Ok(true);
        }
        let mut bytes = Vec::new();
        if scanner.take_value(&mut bytes)? != Taken::Whole || scanner.record_is_full() {
            return Err(FormatError::broken(place, format!("a long or deep member `{name}`"), "a small one"));
        }
        self.check_member(&name, place, &bytes)?;
        Ok(false)
    }

    fn read_name(&mut self, scanner: &mut Scanner) -> Result<String, FormatError> {
        match scanner.skip_space()? {
            Some(b'"') => {}
            other => return Err(scanner.unexpected(other, "the name of a member in quotes")),
        }
        let place = scanner.place();
        let mut bytes = Vec::new();
        scanner.take_value(&mut bytes)?;
        let name: String = serde_json::from_slice(&bytes).map_err(|error| fault::in_root(&error, place, &bytes))?;
        if self.names.contains(&name) {
            return Err(FormatError::broken(place, format!("a second member `{name}`"), "each member once"));
        }
        if self.names.len() >= MAX_MEMBERS {
            return Err(FormatError::broken(place, "too many members", format!("at most {MAX_MEMBERS}")));
        }
        self.names.push(name.clone());
        scanner.one_of([b':', b':'], "`:` behind the name of a member")?;
        scanner.skip_space()?;
        Ok(name)
    }

    fn check_features(&self, scanner: &mut Scanner) -> Result<(), FormatError> {
        if let Some(kind) = &self.kind
            && kind != "FeatureCollection"
        {
            return Err(FormatError::broken(
                scanner.place(),
                format!("`features` in an object of the type `{kind}`"),
                "the type `FeatureCollection`",
            ));
        }
        self.refuse_foreign("features", scanner.place())?;
        scanner.one_of([b'[', b'['], "an array as `features`").map(|_| ())
    }

    /// RFC 7946, section 7.1: members of other objects may not stand in a collection.
    fn refuse_foreign(&self, name: &str, place: Place) -> Result<(), FormatError> {
        let is_foreign = |name: &str| ["coordinates", "geometry", "geometries", "properties"].contains(&name);
        let is_collection = self.names.iter().any(|name| name == "features");
        if is_collection && (is_foreign(name) || self.names.iter().any(|name| is_foreign(name))) {
            return Err(FormatError::broken(
                place,
                "members of a feature or a geometry in a collection",
                "`features` only",
            ));
        }
        Ok(())
    }

    fn check_member(&mut self, name: &str, place: Place, bytes: &[u8]) -> Result<(), FormatError> {
        let broken = |error: serde_json::Error| fault::in_root(&error, place, bytes);
        match name {
            "type" => self.kind = Some(serde_json::from_slice(bytes).map_err(broken)?),
            "crs" => self.take_crs(&serde_json::from_slice(bytes).map_err(broken)?, place)?,
            "bbox" => BboxSeed
                .deserialize(&mut serde_json::Deserializer::from_slice(bytes))
                .map_err(broken)?,
            _ => {
                serde_json::from_slice::<IgnoredAny>(bytes).map_err(broken)?;
                self.refuse_foreign(name, place)?;
            }
        }
        Ok(())
    }

    /// A system named behind the features comes too late to be used, unless it is the one that holds without a name.
    fn take_crs(&mut self, crs: &serde_json::Value, place: Place) -> Result<(), FormatError> {
        let georeference = read_crs(crs, place)?;
        let is_late = self.names.iter().any(|name| name == "features");
        if is_late && georeference.name() != Georeference::lon_lat().name() {
            let given = format!("the reference system {} behind the features", georeference.name());
            return Err(FormatError::broken(place, given, "it before them, or named on import"));
        }
        self.georeference = Some(georeference);
        Ok(())
    }

    /// A collection without `features` says so better here than as an unknown type.
    fn check_single(self) -> Result<Self, FormatError> {
        match self.kind.as_deref() {
            Some("FeatureCollection") => Err(FormatError::broken(
                self.place,
                "a collection without `features`",
                "an array `features`",
            )),
            _ => Ok(self),
        }
    }
}

const MAX_MEMBERS: usize = 1_000;

fn describe_kind(kind: Option<&str>) -> String {
    kind.map_or_else(
        || "`features` in an object without `type`".to_owned(),
        |kind| format!("the type `{kind}`"),
    )
}

/// Goes to the next item of an array; `false` at its end.
fn next_item(scanner: &mut Scanner, begun: bool) -> Result<bool, FormatError> {
    if !begun && scanner.skip_space()? == Some(b']') {
        scanner.consume(1);
        return Ok(false);
    }
    if begun && scanner.one_of([b',', b']'], "`,` or `]` behind a feature")? == b']' {
        return Ok(false);
    }
    match scanner.skip_space()? {
        Some(b',' | b']' | b'}' | b':') | None => {
            let given = scanner.peek()?;
            Err(scanner.unexpected(given, "a feature"))
        }
        Some(_) => Ok(true),
    }
}

/// GeoJSON of 2008 could name a reference system; such files are still written.
fn read_crs(crs: &serde_json::Value, place: Place) -> Result<Georeference, FormatError> {
    if crs.is_null() {
        return Ok(Georeference::lon_lat());
    }
    let Some(name) = crs.pointer("/properties/name").and_then(serde_json::Value::as_str) else {
        return Err(FormatError::broken(
            place,
            format!("the reference system {crs}"),
            "its name in properties.name",
        ));
    };
    Georeference::by_name(name)
}
