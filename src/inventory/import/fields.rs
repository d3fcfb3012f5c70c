//! Which fields a file has, learned from its first rows.
use std::collections::HashSet;

use super::columns::text_of;
use super::run::{ImportError, Job, open};

/// The fields of a file.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// Their names, in order.
    pub(super) names: Vec<String>,
    /// The file lists its fields: it has no others.
    pub(super) are_listed: bool,
    /// The field that tells the rows apart, by its name and by what stands in it.
    pub(super) code: Option<String>,
    /// Good rows that were looked at.
    pub(super) rows: usize,
}

/// Rows looked at.
const ROWS: usize = 500;

/// Fields that hold a permanent name of a row, the most telling first.
const CODE_FIELDS: [&str; 16] = [
    "code",
    "载体编号",
    "地块编号",
    "厂房编号",
    "单元编号",
    "宗地代码",
    "DKBH",
    "ZDDM",
    "LOC_ID",
    "osm_id",
    "gml_id",
    "bldg_id",
    "OBJECTID",
    "fid",
    "id",
    "编号",
];

impl Fields {
    /// Looks at the first rows of the job's file, and on from there as long as a field that it must have was not met.
    pub(super) fn of(job: &Job) -> Result<Self, ImportError> {
        let source = open(&job.path, &job.read)?;
        let mut fields = Self {
            are_listed: !source.fields.is_empty(),
            names: source.fields,
            code: None,
            rows: 0,
        };
        let mut known: HashSet<String> = fields.names.iter().cloned().collect();
        let mut candidates = Candidates::default();
        for (position, feature) in source.features.flatten().enumerate() {
            if position >= ROWS && (fields.are_listed || job.mapping.required().all(|field| known.contains(field))) {
                break;
            }
            fields.rows += 1;
            if position < ROWS {
                candidates.look_at(&feature.properties);
            }
            for (name, _) in feature.properties {
                if !known.contains(&name) {
                    known.insert(name.clone());
                    fields.names.push(name);
                }
            }
        }
        fields.code = candidates.best();
        Ok(fields)
    }

    /// Whether the file has a field of this name, as far as is known.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|field| field == name)
    }
}

/// Fields whose names promise that they tell rows apart. Many a file has a `code` that is a class of things.
#[derive(Default)]
struct Candidates(Vec<Candidate>);

struct Candidate {
    rank: usize,
    field: String,
    values: usize,
    distinct: HashSet<String>,
}

impl Candidates {
    fn look_at(&mut self, properties: &[(String, serde_json::Value)]) {
        for (field, json) in properties {
            let Some(rank) = CODE_FIELDS.iter().position(|name| field.eq_ignore_ascii_case(name)) else {
                continue;
            };
            let Some(text) = text_of(json) else { continue };
            let known = self.0.iter().position(|candidate| candidate.field == *field);
            let at = known.unwrap_or_else(|| {
                self.0.push(Candidate {
                    rank,
                    field: field.clone(),
                    values: 0,
                    distinct: HashSet::new(),
                });
                self.0.len() - 1
            });
            self.0[at].values += 1;
            self.0[at].distinct.insert(text);
        }
    }

    /// The most telling whose values do not repeat; a few that do are rows to refuse, not a reason to take another field.
    fn best(self) -> Option<String> {
        let tells = |candidate: &Candidate| candidate.distinct.len() * 2 > candidate.values;
        let good = self.0.into_iter().filter(tells);
        good.min_by_key(|candidate| candidate.rank).map(|candidate| candidate.field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_code_that_is_a_class_of_things_is_no_code() {
        let best = |rows: &[(i32, i32)]| {
            let mut candidates = Candidates::default();
            for (code, id) in rows {
                candidates.look_at(&[("OSM_ID".to_owned(), json!(id)), ("code".to_owned(), json!(code))]);
            }
            candidates.best()
        };
        assert_eq!(best(&[(8200, 1), (8200, 2), (8202, 3), (8202, 4)]).as_deref(), Some("OSM_ID"));
        assert_eq!(
            best(&[(1, 7), (2, 7), (2, 7)]).as_deref(),
            Some("code"),
            "one row twice is a row to refuse"
        );
        assert_eq!(best(&[(1, 7), (1, 7)]), None);
    }
}
