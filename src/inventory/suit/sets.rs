//! Gates as sets of rows of one collection.
use crate::domain::query::{Filter, Region};
use crate::index::{Judged, RowSet, Snapshot};
use crate::suitability::requirement::{On, Requirement};
use crate::suitability::tally::{Tally, Verdict, tally};

/// What the gates make of a collection.
pub(super) struct Sets {
    /// Rows that are looked at.
    pub live: RowSet,
    /// By gate.
    pub verdicts: Vec<Judged>,
    /// All gates together.
    pub tally: Tally,
}

impl Sets {
    pub(super) fn new(snapshot: &Snapshot, asked: &Requirement, number: usize) -> Self {
        let collection = &asked.seeks[number];
        let live = match &asked.within {
            None => snapshot.rows(collection),
            Some(polygons) => {
                snapshot
                    .judge(collection, &Filter::Within(Region::Polygon(polygons.clone())))
                    .passed
            }
        };
        let nobody = || live.with(vec![0; live.words().len()]);
        let verdicts = asked.gates.iter().map(|gate| match &gate.on[number] {
            On::NotAsked => Judged {
                passed: live.clone(),
                unknown: nobody(),
            },
            On::Filter(filter) => snapshot.judge(collection, filter),
            On::Each => Judged {
                passed: nobody(),
                unknown: live.clone(),
            },
        });
        let verdicts: Vec<Judged> = verdicts.collect();
        let tally = tally(live.words(), &views(asked, &verdicts));
        Self { live, verdicts, tally }
    }

    /// Rows of a bitmap.
    pub(super) fn rows(&self, words: &[u64]) -> RowSet {
        self.live.with(words.to_vec())
    }
}

/// The verdicts with the rules of their gates.
pub(super) fn views<'a>(asked: &Requirement, verdicts: &'a [Judged]) -> Vec<Verdict<'a>> {
    let view = |(judged, gate): (&'a Judged, &crate::suitability::requirement::Gate)| Verdict {
        passed: judged.passed.words(),
        unknown: judged.unknown.words(),
        rule: gate.unknown,
    };
    verdicts.iter().zip(&asked.gates).map(view).collect()
}
