//! Import: rows of a file in, a report out; one transaction.
//!
//! Read in this order: [`Mapping`] (which field is which attribute), `fields` (what a file has), `columns` (a mapping at work), `plan` (rows become edits), [`import`], [`ImportReport`].
//!
//! The same file twice changes nothing the second time: a row's code, made by the mapping's template, is its identity.
//! A blank cell leaves the record's value as it is. What cannot be read is refused with its place, what was given and what was expected.
mod columns;
mod fields;
mod mapping;
mod overlay;
mod plan;
mod report;
mod run;
#[cfg(test)]
mod tests;

pub use mapping::{Mapping, MappingError, Others, Rule};
pub use overlay::NewOverlay;
pub use plan::Faulty;
pub use report::{ImportReport, Mend, Refusal};
pub use run::{ImportError, Job, Progress, import};
