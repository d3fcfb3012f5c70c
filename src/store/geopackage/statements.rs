//! The statements on the tables that hold records.
use crate::store::tables::Table;

/// The statements on one table. Parameters have the same numbers everywhere: 1 id, 2 version, 3 revision, 4 `changed_at_us`, 5 attributes, 6 provenance, 7 closed,
/// 8 code, 9 expected version, 10 shape, from 11 on the columns between code and version.
#[derive(Debug)]
pub struct Statements {
    /// A new record.
    pub insert: String,
    /// A new state with the same shape.
    pub update: String,
    /// A new state with a new shape.
    pub update_with_shape: String,
    /// Version by id.
    pub version: String,
    /// One whole record by id.
    pub record: String,
    /// Whole records by range of fid.
    pub range: String,
}

impl Statements {
    /// Those of a table.
    pub fn of(table: Table) -> Self {
        let (name, middle) = (table.name(), table.middle());
        let numbers: String = joined((11..11 + middle.len()).map(|number| format!(", ?{number}")));
        let set: String = match table {
            Table::OverlayFeatures => String::new(),
            Table::Parcels | Table::Buildings | Table::Units => {
                joined(middle.iter().zip(11..).map(|(column, number)| format!(", {column} = ?{number}")))
            }
        };
        let collection = match table {
            Table::OverlayFeatures => "collection".to_owned(),
            Table::Parcels | Table::Buildings | Table::Units => format!("'{name}'"),
        };
        let update = |shape: &str| {
            format!(
                "UPDATE {name} SET version = ?2, revision = ?3, changed_at_us = ?4, attributes = ?5, provenance = ?6, closed = ?7{set}{shape} WHERE id = ?1 AND version = ?9"
            )
        };
        let select =
            format!("SELECT id, {collection}, code, geom, version, revision, changed_at_us, attributes, provenance, closed FROM {name}");
        Self {
            insert: format!(
                "INSERT INTO {name} (id, version, revision, changed_at_us, attributes, provenance, closed, code, geom, {}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?10{numbers})",
                middle.join(", ")
            ),
            update: update(""),
            update_with_shape: update(", geom = ?10"),
            version: format!("SELECT version FROM {name} WHERE id = ?1"),
            record: format!("{select} WHERE id = ?1"),
            range: format!("{select} WHERE fid BETWEEN ?1 AND ?2 ORDER BY fid"),
        }
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().concat()
}
