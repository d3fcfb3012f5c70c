//! One attribute of many rows side by side: packed numbers, codes, days, flags and texts with a bitmap of what is known.
mod bits;
mod column;
mod numbers;
mod texts;

pub(super) use bits::{Bits, pack};
pub use column::Cell;
pub(super) use column::{Column, Data, Interval, Zone};
pub(super) use numbers::{Numbers, count_bounds};
pub(super) use texts::Texts;

/// Rows of a block: what is skipped or scanned as a whole.
pub(super) const BLOCK: usize = 256;

/// Words of a block's bitmap.
pub(super) const BLOCK_WORDS: usize = BLOCK / 64;
