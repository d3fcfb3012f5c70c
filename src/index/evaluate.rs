//! Runs a plan over a shard, a block of 256 rows at a time, in Kleene's logic: one bitmap of "true", one of "false", neither is "unknown".
use super::columns::{BLOCK, BLOCK_WORDS, Column, Data, Interval, Numbers, Zone, count_bounds, pack};
use super::layer::Layer;
use super::plan::{CodeSet, ColumnTest, Node, Plan};
use super::shard::Shard;

/// Bits of a block's rows.
pub(super) type Words = [u64; BLOCK_WORDS];

const NONE: Words = [0; BLOCK_WORDS];

struct Truth {
    yes: Words,
    no: Words,
}

/// Visits each block with matching rows of a layer's shards.
pub(super) fn scan_layer(layer: &Layer, plan: &Plan, mut visit: impl FnMut(usize, usize, Words)) {
    let mut one = |number: usize| scan(plan, &layer.shards[number], |block, words| visit(number, block, words));
    match &plan.area {
        Some(area) => layer.directory.near(area).into_iter().for_each(&mut one),
        None => (0..layer.shards.len()).for_each(&mut one),
    }
}

/// Visits each block with matching rows.
fn scan(plan: &Plan, shard: &Shard, mut visit: impl FnMut(usize, Words)) {
    let mut run = |block: usize, mut rows: Words| {
        if plan.nodes.iter().any(|node| is_hopeless(node, shard, block)) {
            return;
        }
        for node in &plan.nodes {
            let truth = truth(node, shard, block, &rows);
            rows = both(&rows, &truth.yes);
            if rows == NONE {
                return;
            }
        }
        visit(block, rows);
    };
    match &plan.area {
        Some(area) => shard.near(area, run),
        None => (0..shard.blocks()).for_each(|block| {
            let rows = shard.live_words(block);
            if rows != NONE {
                run(block, rows);
            }
        }),
    }
}

/// Rows of a block, among those wanted, for which a node is true, and those for which it is unknown.
pub(super) fn judge_block(node: &Node, shard: &Shard, block: usize, wanted: &Words) -> (Words, Words) {
    let truth = truth(node, shard, block, wanted);
    let yes = both(wanted, &truth.yes);
    let unknown = std::array::from_fn(|at| wanted[at] & !truth.yes[at] & !truth.no[at]);
    (yes, unknown)
}

/// Whether the block's zone shows that no row of it can pass.
fn is_hopeless(node: &Node, shard: &Shard, block: usize) -> bool {
    match node {
        Node::Constant(truth) => *truth != Some(true),
        Node::All(parts) => parts.iter().any(|part| is_hopeless(part, shard, block)),
        Node::Any(parts) => parts.iter().all(|part| is_hopeless(part, shard, block)),
        Node::Not(_) | Node::Within(_) | Node::Words { .. } => false,
        Node::Test { column, test } => {
            let Some(column) = shard.table.columns.get(*column) else {
                return true;
            };
            let zone = column.zones.get(block);
            let outside = |min: f64, max: f64| zone.is_none_or(|Zone { low, high, .. }| *low > max || *high < min);
            match test {
                ColumnTest::Number { min, max } => outside(*min, *max),
                ColumnTest::Days { from, to } => outside(f64::from(*from), f64::from(*to)),
                ColumnTest::Codes(set) => zone.is_none_or(|zone| zone.codes & set.folded == 0),
                ColumnTest::Flag(_) | ColumnTest::Contains(_) | ColumnTest::Known(true) => zone.is_none(),
                ColumnTest::Known(false) => false,
            }
        }
    }
}

/// Truth of a node for the rows wanted; what it says of others means nothing.
fn truth(node: &Node, shard: &Shard, block: usize, wanted: &Words) -> Truth {
    match node {
        Node::Constant(truth) => {
            let all = |on: bool| if on { [u64::MAX; BLOCK_WORDS] } else { NONE };
            Truth {
                yes: all(*truth == Some(true)),
                no: all(*truth == Some(false)),
            }
        }
        Node::All(parts) => {
            let mut whole = Truth {
                yes: [u64::MAX; BLOCK_WORDS],
                no: NONE,
            };
            for part in parts {
                let open = std::array::from_fn(|at| wanted[at] & !whole.no[at]);
                let part = truth(part, shard, block, &open);
                whole.no = std::array::from_fn(|at| whole.no[at] | (part.no[at] & open[at]));
                whole.yes = both(&whole.yes, &part.yes);
            }
            whole.yes = std::array::from_fn(|at| whole.yes[at] & !whole.no[at]);
            whole
        }
        Node::Any(parts) => {
            let mut whole = Truth {
                yes: NONE,
                no: [u64::MAX; BLOCK_WORDS],
            };
            for part in parts {
                let open = std::array::from_fn(|at| wanted[at] & !whole.yes[at]);
                let part = truth(part, shard, block, &open);
                whole.yes = std::array::from_fn(|at| whole.yes[at] | (part.yes[at] & open[at]));
                whole.no = both(&whole.no, &part.no);
            }
            whole.no = std::array::from_fn(|at| whole.no[at] & !whole.yes[at]);
            whole
        }
        Node::Not(part) => {
            let Truth { yes, no } = truth(part, shard, block, wanted);
            Truth { yes: no, no: yes }
        }
        Node::Test { column, test } => match shard.table.columns.get(*column) {
            Some(column) => test_column(column, test, block, wanted),
            None => Truth { yes: NONE, no: NONE },
        },
        Node::Within(region) => decided(wanted, block, |row| {
            let around = shard.row_span(row).degrees();
            around.is_some_and(|around| region.holds(&around, &shard.table.arena, shard.table.places[row]))
        }),
        Node::Words { words, columns } => decided(wanted, block, |row| {
            words.iter().all(|word| {
                let in_column = |column: &usize| match &shard.table.columns[*column].data {
                    Data::Text(texts) => contains(texts.text(row), word),
                    _ => false,
                };
                contains(shard.table.codes.text(row), word) || columns.iter().any(in_column)
            })
        }),
    }
}

fn both(left: &Words, right: &Words) -> Words {
    std::array::from_fn(|at| left[at] & right[at])
}

/// Truth of a test that is never unknown.
fn decided(wanted: &Words, block: usize, test: impl Fn(usize) -> bool) -> Truth {
    let yes = each(wanted, block, test);
    Truth {
        yes,
        no: std::array::from_fn(|at| !yes[at]),
    }
}

/// Asks row by row, only for those wanted.
fn each(wanted: &Words, block: usize, test: impl Fn(usize) -> bool) -> Words {
    std::array::from_fn(|at| {
        let start = block * BLOCK + at * 64;
        super::found::ones(wanted[at])
            .filter(|bit| test(start + usize::from(*bit)))
            .fold(0, |word, bit| word | 1 << bit)
    })
}

#[expect(clippy::needless_bitwise_bool, reason = "no branch: the compiler makes vectors of it")]
fn test_column(column: &Column, test: &ColumnTest, block: usize, wanted: &Words) -> Truth {
    let known: Words = std::array::from_fn(|at| column.known.word(block * BLOCK_WORDS + at));
    if let ColumnTest::Known(wanted) = test {
        let unknown = known.map(|word| !word);
        return if *wanted {
            Truth { yes: known, no: unknown }
        } else {
            Truth { yes: unknown, no: known }
        };
    }
    let asked = both(wanted, &known);
    let passed = match (test, &column.data) {
        (ColumnTest::Number { min, max }, Data::Number(numbers)) => test_numbers(numbers, [*min, *max], block, &asked),
        (ColumnTest::Number { min, max }, Data::Range(interval)) => each(&asked, block, |row| overlaps(interval, row, *min, *max)),
        (ColumnTest::Codes(set), Data::Code8(codes)) => test_codes(codes, set, block, &asked),
        (ColumnTest::Codes(set), Data::Code16(codes)) => lanes(codes, block, &asked, |code| set.has(code)),
        (ColumnTest::Days { from, to }, Data::Days(days)) => lanes(days, block, &asked, |day| (day >= *from) & (day <= *to)),
        (ColumnTest::Flag(flag), Data::Flag(flags)) => std::array::from_fn(|at| {
            let word = flags.word(block * BLOCK_WORDS + at);
            if *flag { word } else { !word }
        }),
        (ColumnTest::Contains(part), Data::Text(texts)) => each(&asked, block, |row| contains(texts.text(row), part)),
        _ => return Truth { yes: NONE, no: NONE },
    };
    Truth {
        yes: both(&passed, &known),
        no: std::array::from_fn(|at| known[at] & !passed[at]),
    }
}

#[expect(clippy::needless_bitwise_bool, reason = "no branch: the compiler makes vectors of it")]
fn test_numbers(numbers: &Numbers, [min, max]: [f64; 2], block: usize, asked: &Words) -> Words {
    match numbers {
        Numbers::Float(values) => lanes(values, block, asked, |value| (value >= min) & (value <= max)),
        Numbers::Decimal { scale, counts } => match count_bounds(min, max, *scale) {
            Some((low, high)) => lanes(counts, block, asked, |count| (count >= low) & (count <= high)),
            None => NONE,
        },
    }
}

fn test_codes(codes: &[u8], set: &CodeSet, block: usize, asked: &Words) -> Words {
    let table = set.table();
    lanes(codes, block, asked, |code| table[usize::from(code)])
}

/// Tests 64 values at a time without a branch, where any of the 64 is asked for.
#[inline]
fn lanes<T: Copy>(values: &[T], block: usize, asked: &Words, test: impl Fn(T) -> bool) -> Words {
    std::array::from_fn(|at| {
        if asked[at] == 0 {
            return 0;
        }
        let start = (block * BLOCK + at * 64).min(values.len());
        let end = (start + 64).min(values.len());
        let mut hits = [0u8; 64];
        for (hit, value) in hits.iter_mut().zip(&values[start..end]) {
            *hit = u8::from(test(*value));
        }
        pack(&hits)
    })
}

/// Whether an interval with its own open ends has a number in common with a closed one.
fn overlaps(interval: &Interval, row: usize, min: f64, max: f64) -> bool {
    let range = interval.range(row);
    let below = range.min.is_none_or(|low| low < max || (range.min_inclusive && low <= max));
    let above = range.max.is_none_or(|high| high > min || (range.max_inclusive && high >= min));
    below && above
}

/// Whether a text contains a lower-cased one, ignoring case.
fn contains(text: &str, part: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(part);
    }
    let part = part.as_bytes();
    part.is_empty() || text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_ignored_in_every_script() {
        assert!(contains("Straße 7", "straße"));
        assert!(contains("P-0417", "p-04"));
        assert!(contains("ÄRGER", "ärg"));
        assert!(!contains("abc", "abcd"));
        assert!(contains("abc", ""));
    }
}
