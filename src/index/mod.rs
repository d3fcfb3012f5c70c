//! The read model: an immutable snapshot of all records in memory, and the evaluator of queries over it.
//!
//! [`Snapshot`] is one revision. Readers clone it (one pointer) and keep it from start to end; a writer makes the next one with [`Snapshot::apply`], which shares all that did not change.
//!
//! Deliberately absent: IO, locks, who may see what (a floor above decides which attributes and conditions reach this module).
mod arena;
mod columns;
mod counting;
mod distance;
mod edit;
mod evaluate;
mod exact;
mod facet;
mod found;
mod grid;
mod json;
mod judge;
mod layer;
mod load;
mod lookup;
mod members;
mod plan;
mod reader;
mod region;
mod row;
mod schema;
mod search;
mod shard;
mod snapshot;
mod table;
mod totals;
mod wkb_reader;
mod write;

pub use arena::{GridPoints, GridRing, RingKind};
pub use columns::Cell;
pub use facet::{Bin, CodeCount, Facet, FacetCounts};
pub use found::{Found, Matches, RowRef};
pub use judge::{Judged, RowSet};
pub use load::{Builder, Fill};
pub use members::{Columns, Members};
pub use reader::ColumnReader;
pub use row::Row;
pub use schema::{date_of, day_text};
pub use snapshot::Snapshot;
