//! The one writer: judges edits, commits them together, publishes, answers.
//!
//! Read in this order: `wish` (what is judged), `task` (the queue and the commit), `judge` (one edit against the state before it),
//! `lines` and `merge` (what to do when the record has moved on), `derive` (values computed from others), `draft` (the state while a batch is judged), `bulk`, `decide`.
//!
//! Everything but `task` and the reading of `lines` is pure: the same draft, wish and lines give the same outcome.
mod bulk;
mod catch_up;
mod decide;
mod derive;
mod draft;
mod judge;
mod lines;
mod merge;
mod recent;
mod task;
mod wish;

pub use bulk::{Bulk, BulkReport};
pub(super) use decide::{Approval, Ruled, Ruling, written_as};
pub use decide::{Hold, NOT_ALONE};
pub(super) use draft::GEOMETRY;
pub(super) use task::{Queue, Start, Task, start};
pub(super) use wish::Wish;
pub use wish::{Held, Refused};
