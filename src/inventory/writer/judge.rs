//! One edit against the state before it: may it be, and what does it become?
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::catalogue::{Attribute, Publish};
use crate::domain::edit::{Change, Edit, FieldNote, Outcome};
use crate::domain::geometry::Shape;
use crate::domain::ids::{AttributeKey, Revision, Version};
use crate::domain::lifecycle::{Step, TransitionRefused};
use crate::domain::record::{CODE_CHARS, Closure, Provenance, Record};
use crate::domain::value::Value;
use crate::domain::viewer::{Role, Visibility};
use crate::inventory::families::{PARENT, parents_of};

use super::derive::{STATUS, is_derived, recompute};
use super::draft::{Draft, GEOMETRY, Superseded};
use super::lines::Line;
use super::merge::{Fields, Since, merge};
use super::wish::{Refused, Stop, Verdict, Wish};

/// Lowest role that may create and close records and change outlines.
const KEEPER: Role = Role::Steward;

/// Kind of a refusal because the life-cycle has no such step.
pub const FORBIDDEN: &str = "forbidden-transition";

/// Judges an edit and, where it may be, writes it into the draft. `lines` are the stored lines of its record, where the record has moved on.
pub fn judge(draft: &mut Draft<'_>, wish: &Wish, lines: &[Line]) -> Verdict {
    let edit = match &wish.edit {
        Ok(edit) => edit,
        Err(refused) => return Verdict::Decided(refused.clone().into()),
    };
    if wish.held.is_some() {
        return hold(draft, edit);
    }
    let case = Case {
        edit,
        role: wish.role,
        must_match: wish.must_match,
        lines,
    };
    let judged = match &edit.change {
        Change::Create {
            code,
            geometry,
            attributes,
        } => case.create(draft, code, (geometry, attributes)),
        Change::Set { attributes, geometry } => case.set(
            draft,
            Fields {
                attributes: attributes.clone(),
                geometry: geometry.clone(),
            },
        ),
        Change::Close { reason, successors } => case.close(draft, reason, successors),
    };
    judged.map_or_else(Verdict::from, Verdict::Decided)
}

/// Keeps an edit for a person, whatever its author may write. One that is about nothing is returned all the same.
fn hold(draft: &Draft<'_>, edit: &Edit) -> Verdict {
    let fields = match &edit.change {
        Change::Create { attributes, .. } => attributes.keys().cloned().chain([GEOMETRY.into()]).collect(),
        Change::Set { attributes, geometry } => touched(attributes, geometry.as_ref()),
        Change::Close { .. } => vec![STATUS.into()],
    };
    if draft.record(edit.record).is_none() && !matches!(edit.change, Change::Create { .. }) {
        return Verdict::from(Stop::from(unknown_record(edit)));
    }
    Verdict::from(Stop::Proposed(fields))
}

fn unknown_record(edit: &Edit) -> Refused {
    Refused::new("unknown-record", format!("given {}, expected the id of a record", edit.record))
}

/// All fields that are set.
fn touched(attributes: &BTreeMap<AttributeKey, Option<Value>>, geometry: Option<&Shape>) -> Vec<AttributeKey> {
    attributes.keys().cloned().chain(geometry.map(|_| GEOMETRY.into())).collect()
}

/// An edit, who made it, and what happened to its record.
struct Case<'a> {
    edit: &'a Edit,
    role: Role,
    must_match: Option<Version>,
    lines: &'a [Line],
}

impl Case<'_> {
    fn create(
        &self,
        draft: &mut Draft<'_>,
        code: &str,
        (geometry, attributes): (&Shape, &BTreeMap<AttributeKey, Value>),
    ) -> Result<Outcome, Stop> {
        check_code(draft, code)?;
        if draft.record(self.edit.record).is_some() {
            return Err(Refused::new(
                "record-exists",
                format!("given {}, expected an id that no record has", self.edit.record),
            )
            .into());
        }
        let values = attributes.iter().map(|(key, value)| (key, Some(value)));
        let mut blocked = self.blocked(draft, code, values)?;
        if self.role < KEEPER {
            blocked.extend(attributes.keys().cloned());
            blocked.push(GEOMETRY.into());
        }
        proposed(blocked)?;
        let provenance = attributes.keys().map(|key| (key.clone(), self.provenance())).collect();
        let mut record = Record {
            id: self.edit.record,
            collection: self.edit.collection.clone(),
            code: code.to_owned(),
            geometry: geometry.clone(),
            version: Version(0),
            revision: Revision(0),
            changed_at: draft.now(),
            attributes: attributes.clone(),
            provenance,
            closed: None,
        };
        self.check_parent(draft, &record)?;
        self.check_status(draft, None, &record)?;
        recompute(draft, None, &mut record);
        let version = draft.put(self.edit, None, (record, Superseded::new()));
        Ok(Outcome::Applied { version })
    }

    fn set(&self, draft: &mut Draft<'_>, fields: Fields) -> Result<Outcome, Stop> {
        let before = self.record(draft)?;
        let values = fields.attributes.iter().map(|(key, value)| (key, value.as_ref()));
        let mut blocked = self.blocked(draft, &before.code, values)?;
        if fields.geometry.is_some() && self.role < KEEPER {
            blocked.push(GEOMETRY.into());
        }
        blocked.extend(self.unpublished(draft, &before, &fields));
        if before.closed.is_some() {
            // The world has moved on: a steward decides which successor the observation belongs to.
            blocked = touched(&fields.attributes, fields.geometry.as_ref());
        }
        proposed(blocked)?;
        let (fields, superseded, moved_on) = self.merged(draft, &before, fields)?;
        let after = self.after(draft, &before, fields);
        self.check_parent(draft, &after)?;
        self.check_status(draft, Some(&before), &after)?;
        let is_same = after.attributes == before.attributes && after.geometry == before.geometry && after.provenance == before.provenance;
        let late: Vec<AttributeKey> = superseded.keys().cloned().collect();
        // What was seen and no longer holds is a line of the history all the same.
        let version = if is_same && late.is_empty() {
            before.version
        } else {
            draft.put(self.edit, Some(&before), (after, superseded))
        };
        Ok(if moved_on {
            Outcome::Merged { version, superseded: late }
        } else {
            Outcome::Applied { version }
        })
    }

    fn close(&self, draft: &mut Draft<'_>, reason: &str, successors: &[String]) -> Result<Outcome, Stop> {
        let before = self.record(draft)?;
        if before.closed.is_some() {
            return Err(Refused::new("already-closed", format!("{} is closed already", before.code)).into());
        }
        if self.role < KEEPER {
            return Err(Stop::Proposed(vec![STATUS.into()]));
        }
        if reason.is_empty() {
            return Err(Refused::new("empty-reason", "given no reason, expected why the record is closed").into());
        }
        if let Some(unknown) = successors
            .iter()
            .find(|code| draft.id_by_code(code).is_none_or(|id| id == before.id))
        {
            return Err(Refused::new("unknown-successor", format!("given {unknown}, expected the code of another record")).into());
        }
        let children = draft.children(&before.code).len();
        if children > 0 {
            let detail = format!(
                "{children} open records lie in {}; close them or give them another parent first",
                before.code
            );
            return Err(Refused::new("has-children", detail).into());
        }
        let nothing = Fields {
            attributes: BTreeMap::new(),
            geometry: None,
        };
        let (_, _, moved_on) = self.merged(draft, &before, nothing)?;
        let base = self.edit.base_version.filter(|_| moved_on).unwrap_or(before.version);
        let changed = self.since(draft, base).changed;
        if !changed.is_empty() {
            return Err(Stop::Conflict(before.version, changed.into_iter().collect()));
        }
        let mut after = Record::clone(&before);
        after.closed = Some(Closure {
            reason: reason.to_owned(),
            successors: successors.to_vec(),
        });
        let version = draft.put(self.edit, Some(&before), (after, Superseded::new()));
        Ok(Outcome::Applied { version })
    }

    /// The record as it is now, if it is the one that the author means.
    fn record(&self, draft: &Draft<'_>) -> Result<Arc<Record>, Stop> {
        let Some(record) = draft.record(self.edit.record) else {
            return Err(unknown_record(self.edit).into());
        };
        if record.collection != self.edit.collection {
            let detail = format!(
                "given {}, expected {}, where {} is",
                self.edit.collection, record.collection, record.code
            );
            return Err(Refused::new("wrong-collection", detail).into());
        }
        if self.must_match.is_some_and(|version| version != record.version) {
            return Err(Stop::Mismatch(record.version));
        }
        Ok(record)
    }

    /// Checks what is set against the catalogue; gives back what only somebody of a higher role may set.
    fn blocked<'v>(
        &self,
        draft: &Draft<'_>,
        code: &str,
        values: impl Iterator<Item = (&'v AttributeKey, Option<&'v Value>)>,
    ) -> Result<Vec<AttributeKey>, Stop> {
        let mut blocked = Vec::new();
        for (key, value) in values {
            let attribute = self.attribute(draft, key)?;
            if is_derived(draft, attribute, code) {
                return Err(Refused::new("derived-attribute", format!("{key} is computed from other values, nobody sets it")).into());
            }
            if let Some(value) = value {
                let given = value.to_json().to_string();
                let checked = value.clone().check(attribute, draft.catalogue(), &given);
                checked.map_err(|error| Refused::new("bad-value", error.to_string()))?;
            }
            if self.role < attribute.editable_by {
                blocked.push(key.clone());
            }
        }
        Ok(blocked)
    }

    /// What a visit found that anyone could see at once, and that somebody has to approve first.
    fn unpublished(&self, draft: &Draft<'_>, before: &Record, fields: &Fields) -> Vec<AttributeKey> {
        let visited = |note: &FieldNote| note.visit.is_some() && note.approved_by.is_none();
        if self.role >= KEEPER || !self.edit.field.as_ref().is_some_and(visited) {
            return Vec::new();
        }
        let waits = |key: &AttributeKey| {
            let attribute = draft.catalogue().attribute(self.edit.collection.as_str(), key.as_str());
            attribute.is_some_and(|attribute| attribute.visibility == Visibility::Public && attribute.publish == Publish::OnApproval)
        };
        let new = fields
            .attributes
            .iter()
            .filter(|(key, value)| before.attributes.get(*key) != value.as_ref());
        new.map(|(key, _)| key).filter(|key| waits(key)).cloned().collect()
    }

    fn attribute<'d>(&self, draft: &Draft<'d>, key: &AttributeKey) -> Result<&'d Attribute, Stop> {
        match draft.catalogue().attribute(self.edit.collection.as_str(), key.as_str()) {
            Some(attribute) if self.role.sees(attribute.visibility) => Ok(attribute),
            _ => Err(Refused::unknown_attribute(key.as_str(), &self.edit.collection).into()),
        }
    }

    /// What is left to write, what a later word stands against, and whether the record has moved on since the author saw it.
    fn merged(&self, draft: &Draft<'_>, now: &Record, fields: Fields) -> Result<(Fields, Superseded, bool), Stop> {
        let Some(base) = self.edit.base_version.filter(|base| *base != now.version) else {
            return Ok((fields, Superseded::new(), false));
        };
        if base > now.version || base.0 == 0 {
            let detail = format!("given {}, expected a version up to {}", base.0, now.version.0);
            return Err(Refused::new("unknown-version", detail).into());
        }
        let since = self.since(draft, base);
        let merged = merge(draft.catalogue(), self.edit, now, (fields, &since));
        merged
            .map(|(fields, superseded)| (fields, superseded, true))
            .map_err(|conflicts| Stop::Conflict(now.version, conflicts))
    }

    fn since(&self, draft: &Draft<'_>, base: Version) -> Since {
        let lines = self.lines.iter().cloned().chain(draft.lines(self.edit.record));
        Since::of(base, self.edit.field.as_ref(), lines)
    }

    fn after(&self, draft: &Draft<'_>, before: &Record, fields: Fields) -> Record {
        let mut after = before.clone();
        for (key, value) in fields.attributes {
            match value {
                Some(value) => {
                    after.provenance.insert(key.clone(), self.provenance());
                    after.attributes.insert(key, value);
                }
                None => {
                    after.provenance.remove(&key);
                    after.attributes.remove(&key);
                }
            }
        }
        if let Some(geometry) = fields.geometry {
            after.geometry = geometry;
        }
        recompute(draft, Some(before), &mut after);
        after
    }

    fn provenance(&self) -> Provenance {
        Provenance {
            observed_at: self.edit.observed_at,
            evidence: self.edit.evidence,
            author: self.edit.author.clone(),
        }
    }

    /// A parent must exist, be open, and be of the right collection.
    fn check_parent(&self, draft: &Draft<'_>, after: &Record) -> Result<(), Stop> {
        let Some(expected) = parents_of(after.collection.as_str()) else {
            return Ok(());
        };
        let Some(Value::Text(code) | Value::Code(code)) = after.attributes.get(PARENT) else {
            return Ok(());
        };
        let sets_parent = match &self.edit.change {
            Change::Create { .. } => true,
            Change::Set { attributes, .. } => attributes.contains_key(PARENT),
            Change::Close { .. } => false,
        };
        let parent = draft.id_by_code(code).and_then(|id| draft.record(id));
        let is_right = parent.is_some_and(|parent| parent.collection.as_str() == expected && parent.closed.is_none());
        if is_right || !sets_parent {
            return Ok(());
        }
        Err(Refused::new(
            "unknown-parent",
            format!("given {code}, expected the code of an open record of {expected}"),
        )
        .into())
    }

    /// A change of state takes a way of the life-cycle, with the facts that it needs.
    fn check_status(&self, draft: &Draft<'_>, before: Option<&Record>, after: &Record) -> Result<(), Stop> {
        let Some(lifecycle) = draft.catalogue().lifecycle(after.collection.as_str()) else {
            return Ok(());
        };
        let (from, to) = (before.and_then(status), status(after));
        let (Some(to), true) = (to, self.sets_status()) else {
            return Ok(());
        };
        let step = Step { from, to, role: self.role };
        lifecycle.check(step, &after.attributes).map_err(|refused| match &refused {
            TransitionRefused::NotAllowed { .. } => Stop::Proposed(vec![STATUS.into()]),
            TransitionRefused::NoWay { .. } | TransitionRefused::UnknownState { .. } => Refused::new(FORBIDDEN, refused.to_string()).into(),
            TransitionRefused::Missing { .. } => Refused::new("missing-facts", refused.to_string()).into(),
        })
    }

    fn sets_status(&self) -> bool {
        match &self.edit.change {
            Change::Create { attributes, .. } => attributes.contains_key(STATUS),
            Change::Set { attributes, .. } => attributes.contains_key(STATUS),
            Change::Close { .. } => false,
        }
    }
}

/// State of a record.
pub fn status(record: &Record) -> Option<&str> {
    match record.attributes.get(STATUS)? {
        Value::Code(code) => Some(code),
        Value::Number(_) | Value::Range(_) | Value::Flag(_) | Value::Text(_) | Value::Date(_) => None,
    }
}

/// Sorted and without repetition, so that answers are the same whatever the order of checks.
fn proposed(mut fields: Vec<AttributeKey>) -> Result<(), Stop> {
    fields.sort();
    fields.dedup();
    if fields.is_empty() { Ok(()) } else { Err(Stop::Proposed(fields)) }
}

fn check_code(draft: &Draft<'_>, code: &str) -> Result<(), Refused> {
    let is_plain = !code.is_empty()
        && code.chars().count() <= CODE_CHARS
        && !code.chars().any(|c| c.is_control() || c.is_whitespace() || "/?#%".contains(c));
    if !is_plain || uuid::Uuid::parse_str(code).is_ok() {
        let detail = format!("given {code:?}, expected 1 to {CODE_CHARS} characters without blanks and / ? # %, not a UUID");
        return Err(Refused::new("bad-code", detail));
    }
    if draft.id_by_code(code).is_some() {
        return Err(Refused::new(
            "code-taken",
            format!("given {code}, expected a code that no record has or had"),
        ));
    }
    Ok(())
}
