//! Which named columns a collection's view has, the same in every store.
use crate::domain::catalogue::{Catalogue, Kind};

/// Columns that every view has; an attribute of such a name gets an underscore.
const TAKEN: [&str; 8] = ["fid", "ogc_fid", "geom", "id", "code", "version", "revision", "changed_at"];

/// One column of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in SQL, not quoted.
    pub name: String,
    /// Keys that lead to the value within the attributes.
    pub path: Vec<String>,
    /// What it holds.
    pub holds: Holds,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A number in the base unit.
    Number,
    /// Yes or no.
    Flag,
    /// A code or a text.
    Text,
    /// A day.
    Date,
}

/// The columns of a collection, in the catalogue's order. A range becomes two, `_min` and `_max`.
pub fn columns(catalogue: &Catalogue, collection: &str) -> Vec<Column> {
    catalogue
        .attributes_of(collection)
        .flat_map(|attribute| {
            let key = attribute.key.as_str();
            let name = if TAKEN.contains(&key) { format!("{key}_") } else { key.to_owned() };
            let single = |holds| {
                vec![Column {
                    name: name.clone(),
                    path: vec![key.to_owned()],
                    holds,
                }]
            };
            match attribute.kind {
                Kind::Number(_) => single(Holds::Number),
                Kind::Flag => single(Holds::Flag),
                Kind::Code { .. } | Kind::Text { .. } => single(Holds::Text),
                Kind::Date => single(Holds::Date),
                Kind::Range(_) => ["min", "max"]
                    .map(|end| Column {
                        name: format!("{name}_{end}"),
                        path: vec![key.to_owned(), end.to_owned()],
                        holds: Holds::Number,
                    })
                    .to_vec(),
            }
        })
        .collect()
}

/// A name as SQL writes it.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL writes it.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
