//! Gates as sets of rows: who fails none, who fails exactly one and which, who is open. Word by word, 64 rows at a time.
//!
//! Every gate is asked of every row, without stopping at the first that fails: only so near misses and relaxations are exact.

/// What an unknown value means for a gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// It stays open: the carrier is neither admitted nor excluded, and the value is a question for the survey.
    #[default]
    Open,
    /// Taken as passed, and said so.
    Accept,
    /// Taken as failed.
    Refuse,
}

/// What one gate says of all rows; a row that neither passes nor is unknown fails.
#[derive(Clone, Copy, Debug)]
pub struct Verdict<'a> {
    /// Rows that pass.
    pub passed: &'a [u64],
    /// Rows whose value is unknown.
    pub unknown: &'a [u64],
    /// What unknown means here.
    pub rule: Unknown,
}

impl Verdict<'_> {
    /// Rows of a word that fail, and those that are open.
    fn word(&self, at: usize, live: u64) -> (u64, u64) {
        let (passed, unknown) = (self.passed[at], self.unknown[at]);
        match self.rule {
            Unknown::Open => (live & !passed & !unknown, live & unknown),
            Unknown::Accept => (live & !passed & !unknown, 0),
            Unknown::Refuse => (live & !passed, 0),
        }
    }

    /// Rows among these that fail.
    pub fn failed(&self, live: &[u64]) -> Vec<u64> {
        (0..live.len()).map(|at| self.word(at, live[at]).0).collect()
    }
}

/// The sets that all gates together make of the rows asked about. `matched`, `open` and the rest (who fails) are disjoint and complete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Fail none and are open in none.
    pub matched: Vec<u64>,
    /// Fail none, but are open in at least one.
    pub open: Vec<u64>,
    /// Fail exactly one.
    pub once: Vec<u64>,
    /// Those of `once` that are open in another.
    pub once_open: Vec<u64>,
    /// By gate: rows that fail this one and no other.
    pub only: Vec<Vec<u64>>,
}

/// Counts failures with two bits a row (none, one, more), as a carry-save adder does.
pub fn tally(live: &[u64], gates: &[Verdict<'_>]) -> Tally {
    let words = live.len();
    let (mut ones, mut more, mut open) = (vec![0; words], vec![0; words], vec![0; words]);
    for gate in gates {
        for (at, live) in live.iter().enumerate() {
            let (failed, unknown) = gate.word(at, *live);
            more[at] |= ones[at] & failed;
            ones[at] |= failed;
            open[at] |= unknown;
        }
    }
    let once: Vec<u64> = each(words, |at| ones[at] & !more[at]);
    Tally {
        matched: each(words, |at| live[at] & !ones[at] & !open[at]),
        open: each(words, |at| live[at] & !ones[at] & open[at]),
        once_open: each(words, |at| once[at] & open[at]),
        only: gates
            .iter()
            .map(|gate| each(words, |at| if once[at] == 0 { 0 } else { once[at] & gate.word(at, live[at]).0 }))
            .collect(),
        once,
    }
}

/// Rows that fail none and are open in none of the gates but those left out: what a facet counts.
pub fn matched_without(live: &[u64], gates: &[Verdict<'_>], left_out: impl Fn(usize) -> bool) -> Vec<u64> {
    let mut rows = live.to_vec();
    for (_, gate) in gates.iter().enumerate().filter(|(number, _)| !left_out(*number)) {
        for (at, row) in rows.iter_mut().enumerate() {
            let (failed, unknown) = gate.word(at, *row);
            *row &= !failed & !unknown;
        }
    }
    rows
}

/// How many bits are set.
pub fn count(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

fn each(words: usize, word: impl Fn(usize) -> u64) -> Vec<u64> {
    (0..words).map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULES: [Unknown; 3] = [Unknown::Open, Unknown::Accept, Unknown::Refuse];

    proptest! {
        #![proptest_config(super::super::seeded::cases(500))]

        /// Against counting row by row.
        #[test]
        fn sets_are_what_counting_gives(
            live in proptest::collection::vec(any::<u64>(), 2),
            gates in proptest::collection::vec((any::<[u64; 2]>(), any::<[u64; 2]>(), 0..3usize), 0..5)
        ) {
            let verdicts: Vec<_> = gates
                .iter()
                .map(|(passed, unknown, rule)| Verdict { passed, unknown, rule: RULES[*rule] })
                .collect();
            let clean: Vec<([u64; 2], [u64; 2])> = gates.iter().map(|(passed, unknown, _)| {
                (*passed, std::array::from_fn(|at| unknown[at] & !passed[at]))
            }).collect();
            let verdicts: Vec<_> = verdicts.iter().zip(&clean).map(|(verdict, (passed, unknown))| Verdict { passed, unknown, ..*verdict }).collect();
            let found = tally(&live, &verdicts);
            for row in 0..128 {
                let bit = |words: &[u64]| words[row / 64] >> (row % 64) & 1 == 1;
                let states: Vec<Option<bool>> = verdicts.iter().map(|gate| match (bit(gate.passed), bit(gate.unknown), gate.rule) {
                    (true, ..) | (false, true, Unknown::Accept) => Some(true),
                    (false, true, Unknown::Open) => None,
                    (false, true, Unknown::Refuse) | (false, false, _) => Some(false),
                }).collect();
                let failed = states.iter().filter(|state| **state == Some(false)).count();
                let open = states.iter().any(Option::is_none);
                prop_assert_eq!(bit(&found.matched), bit(&live) && failed == 0 && !open);
                prop_assert_eq!(bit(&found.open), bit(&live) && failed == 0 && open);
                prop_assert_eq!(bit(&found.once), bit(&live) && failed == 1);
                prop_assert_eq!(bit(&found.once_open), bit(&live) && failed == 1 && open);
                for (gate, only) in found.only.iter().enumerate() {
                    prop_assert_eq!(bit(only), bit(&live) && failed == 1 && states[gate] == Some(false));
                    let others = states.iter().enumerate().all(|(other, state)| other == gate || *state == Some(true));
                    prop_assert_eq!(bit(&matched_without(&live, &verdicts, |number| number == gate)), bit(&live) && others);
                }
            }
        }
    }
}
