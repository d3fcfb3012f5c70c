//! Why this order, and how firm it is.
use serde_json::{Value as Json, json};

use crate::suitability::{Scored, explain, pairwise, robust, topsis};

use super::answer::Standing;
use super::assembly::{Site, Sites};
use super::{Place, Work};

/// Carriers that are compared for the robustness: the best of all that match.
pub(super) const MOST_COMPARED: usize = 2_000;

/// Carriers whose chance of the first place is told.
const TOLD: usize = 10;

impl Work<'_> {
    /// What one carrier has before the next, the largest differences first.
    pub(super) fn beats(&self, one: &Standing<'_>, next: &Standing<'_>) -> Json {
        let differences = explain::differences(&self.asked.scale, one.worths, next.worths);
        let because = differences.into_iter().map(|(wish, points)| {
            let wish = &self.asked.wishes[wish];
            json!({"wish": wish.path, "about": wish.about, "points": points})
        });
        json!({"code": next.code, "by": one.score - next.score, "because": because.collect::<Vec<_>>()})
    }

    /// How firm the order is, of carriers and of sets of parcels that rank among them. `matched` need not be in order behind its first few.
    pub(super) fn robustness(&self, matched: &[Scored<'_, Place>], sites: Option<&Sites>) -> Json {
        let scale = &self.asked.scale;
        let sites = sites.into_iter().flat_map(|sites| &sites.found).map(Site::standing);
        let mut best: Vec<Standing<'_>> = matched.iter().map(Standing::of).chain(sites).collect();
        if best.len() > MOST_COMPARED {
            best.select_nth_unstable_by(MOST_COMPARED - 1, |one, two| one.order(two));
            best.truncate(MOST_COMPARED);
        }
        best.sort_unstable_by(|one, two| one.order(two));
        let worths: Vec<&[f64]> = best.iter().map(|standing| standing.worths).collect();
        let counts = robust::firsts(scale, &worths, robust::SAMPLES, robust::SEED);
        let share = |count: usize| count as f64 / robust::SAMPLES as f64;
        let first = best.iter().zip(&counts).take(TOLD);
        let changes = explain::holds(scale, &worths);
        let each = self.asked.wishes.iter().zip(scale.weights()).zip(changes);
        let tipping = |at: Option<explain::Tipping>| at.map(|at| json!({"weight": at.weight, "code": best[at.carrier].code}));
        json!({
            "samples": robust::SAMPLES,
            "compared": best.len(),
            "first": first.map(|(scored, count)| json!({"code": scored.code, "share": share(*count)})).collect::<Vec<_>>(),
            "others": share(counts.iter().skip(TOLD).sum()),
            "changes": each.map(|((wish, weight), hold)| json!({
                "wish": wish.path, "about": wish.about, "weight": weight, "below": tipping(hold.below), "above": tipping(hold.above),
            })).collect::<Vec<_>>(),
            "second_opinion": self.second_opinion(&best),
        })
    }

    fn second_opinion(&self, best: &[Standing<'_>]) -> Json {
        let nearness: Vec<f64> = best
            .iter()
            .map(|standing| topsis::nearness(&self.asked.scale, standing.worths))
            .collect();
        let mut order: Vec<usize> = (0..best.len()).collect();
        order.sort_by(|one, two| {
            let by_code = || best[*one].code.cmp(best[*two].code);
            nearness[*two].total_cmp(&nearness[*one]).then_with(by_code)
        });
        let first: Vec<_> = order.iter().take(self.asked.limit).map(|at| best[*at].code).collect();
        json!({"method": "topsis", "tau": topsis::kendall_tau(&order), "first": first})
    }

    pub(super) fn consistency(&self) -> Json {
        let told = |ratio| json!({"ratio": ratio, "is_consistent": ratio <= pairwise::TOLERABLE});
        self.asked.consistency.map_or(Json::Null, told)
    }

    /// What the asker should know before relying on the answer.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Some(ratio) = self.asked.consistency.filter(|ratio| *ratio > pairwise::TOLERABLE) {
            warnings.push(format!(
                "the comparisons contradict each other: consistency ratio {ratio:.2}, at most {} is usual",
                pairwise::TOLERABLE
            ));
        }
        let mut short: Vec<(usize, usize)> = self
            .nearest
            .borrow()
            .iter()
            .map(|(gate, nearest)| (*gate, nearest.left_off))
            .collect();
        short.sort_unstable();
        for (gate, left_off) in short.into_iter().filter(|(_, left_off)| *left_off > 0) {
            warnings.push(format!(
                "{}: the largest hall was not looked for at {left_off} carriers that lack nothing else, after {} others; some of them may miss less than \
                 the near misses that are listed",
                self.asked.gates[gate].path,
                self.sites.limits().largest
            ));
        }
        warnings
    }
}
