//! One filter over all rows of a collection, in three values, and sets of rows for those who combine them.
use super::columns::{BLOCK, BLOCK_WORDS};
use super::evaluate::{Words, judge_block, scan_layer};
use super::found::{Matches, RowRef, ones};
use super::layer::Layer;
use super::lookup::Locator;
use super::plan::{Node, Plan};
use crate::domain::query::Filter;

/// A set of open rows of one collection: the bitmaps of its shards end to end, so that sets of one snapshot can be combined word by word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSet {
    layer: u16,
    /// Word at which each shard begins, and the end.
    starts: Vec<usize>,
    words: Vec<u64>,
}

/// Rows for which a filter is true, and those for which it is unknown; for all other open rows it is false.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// True.
    pub passed: RowSet,
    /// Unknown.
    pub unknown: RowSet,
}

impl RowSet {
    /// Nothing, with room for all rows of a layer.
    pub(super) fn none(number: u16, layer: &Layer) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for shard in &layer.shards {
            end += shard.blocks() * BLOCK_WORDS;
            starts.push(end);
        }
        Self {
            layer: number,
            starts,
            words: vec![0; end],
        }
    }

    /// All open rows.
    pub(super) fn live(number: u16, layer: &Layer) -> Self {
        let mut all = Self::none(number, layer);
        for (at, shard) in layer.shards.iter().enumerate() {
            (0..shard.blocks()).for_each(|block| all.put(at, block, shard.live_words(block)));
        }
        all
    }

    fn put(&mut self, shard: usize, block: usize, words: Words) {
        let start = self.starts[shard] + block * BLOCK_WORDS;
        self.words[start..start + BLOCK_WORDS].copy_from_slice(&words);
    }

    /// The rows as bits.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Other rows of the same snapshot and collection.
    ///
    /// # Panics
    /// With another number of words.
    #[must_use]
    pub fn with(&self, words: Vec<u64>) -> Self {
        assert_eq!(words.len(), self.words.len(), "sets of one collection have the same length");
        Self {
            layer: self.layer,
            starts: self.starts.clone(),
            words,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Takes a row in.
    pub fn add(&mut self, row: RowRef) {
        if let Some(at) = self.word_of(row) {
            self.words[at] |= 1 << (row.row % 64);
        }
    }

    /// Whether a row is one of them.
    pub fn contains(&self, row: RowRef) -> bool {
        self.word_of(row).is_some_and(|at| self.words[at] >> (row.row % 64) & 1 == 1)
    }

    fn word_of(&self, row: RowRef) -> Option<usize> {
        let at = self.starts.get(row.shard as usize)? + usize::from(row.row) / 64;
        (row.layer == self.layer && at < self.words.len()).then_some(at)
    }

    /// Whether a row is one of other rows of the same snapshot and collection, given as bits.
    pub fn is_among(&self, words: &[u64], row: RowRef) -> bool {
        let word = self.word_of(row).and_then(|at| words.get(at));
        word.is_some_and(|word| word >> (row.row % 64) & 1 == 1)
    }

    /// The rows, in the order in which they lie in memory.
    pub fn iter(&self) -> impl Iterator<Item = RowRef> + '_ {
        self.among(&self.words)
    }

    /// Other rows of the same snapshot and collection, given as bits.
    pub fn among<'a>(&'a self, words: &'a [u64]) -> impl Iterator<Item = RowRef> + 'a {
        self.starts.windows(2).enumerate().flat_map(move |(shard, span)| {
            words[span[0]..span[1]].iter().enumerate().flat_map(move |(at, word)| {
                ones(*word).map(move |bit| RowRef::at(self.layer, Locator::new(shard, at * 64 + usize::from(bit))))
            })
        })
    }

    /// The same rows as counting takes them.
    pub(super) fn matches(&self) -> Matches {
        Matches {
            layer: self.layer,
            shards: self.starts.windows(2).map(|span| self.words[span[0]..span[1]].to_vec()).collect(),
            count: self.count(),
        }
    }
}

/// Judges every open row.
pub(super) fn judge(number: u16, layer: &Layer, filter: &Filter) -> Judged {
    let mut judged = Judged {
        passed: RowSet::none(number, layer),
        unknown: RowSet::none(number, layer),
    };
    let node = Node::of(&layer.schema, filter);
    if matches!(node, Node::Within(_)) {
        // Never unknown, and the rows near the region are found faster than all rows are asked.
        let plan = Plan::new(&layer.schema, std::iter::once(filter));
        scan_layer(layer, &plan, |shard, block, words| judged.passed.put(shard, block, words));
        return judged;
    }
    for (at, shard) in layer.shards.iter().enumerate() {
        for block in 0..shard.table.len().div_ceil(BLOCK) {
            let live = shard.live_words(block);
            let (yes, unknown) = judge_block(&node, shard, block, &live);
            judged.passed.put(at, block, yes);
            judged.unknown.put(at, block, unknown);
        }
    }
    judged
}
