//! Smaller halls that more carriers have room for.
use serde_json::{Value as Json, json};

use super::offers::{Count, offered};
use super::{SuitError, Work};
use crate::suitability::fit::{Search, Setback};
use crate::suitability::requirement::Fits;

/// At which number of carriers a hall is offered.
const TARGETS: [usize; 3] = [1, 5, MOST];
/// The last of them.
pub(super) const MOST: usize = 20;
/// A hall that is nowhere found at the first attempt is shrunk by this share again: the search goes by steps of the angle.
const SHRINK: f64 = 0.995;
/// Attempts for one offer.
const ATTEMPTS: usize = 3;

impl Work<'_> {
    /// Halls of the same form that fit somewhere, each counted by asking for it.
    pub(super) fn hall_offers(&self, number: usize, fits: &Fits) -> Result<Vec<Json>, SuitError> {
        let nearest = self.nearest(number, fits)?;
        let mut found: Vec<(Fits, Count)> = Vec::new();
        for target in TARGETS {
            let Some((_, _, Some(largest))) = nearest.known.get(target - 1) else {
                break;
            };
            let mut share = largest.share;
            for _ in 0..ATTEMPTS {
                let Some(smaller) = shrunk(fits, share) else { break };
                if found.last().is_some_and(|(known, _)| known.width_m <= smaller.width_m) {
                    break;
                }
                let count = self.would_hold(number, &smaller)?;
                if count != Count::default() {
                    found.push((smaller, count));
                    break;
                }
                share *= SHRINK;
            }
        }
        let gate = &self.asked.gates[number];
        let offer = |(fits, count): (Fits, Count)| {
            let member = format!("{}.fits", gate.path);
            offered(gate, json!({"member": member, "to": document(&fits), "unit": "m"}), count)
        };
        Ok(found.into_iter().map(offer).collect())
    }
}

/// All lengths of a hall shrunk to a share and rounded down: the sides to three digits, a court to a decimetre. `None` where nothing is left.
fn shrunk(fits: &Fits, share: f64) -> Option<Fits> {
    const DIGITS: f64 = 3.0;
    const SHORTEST_M: f64 = 1.0;
    // A hall that fits exactly is lost to rounding.
    let share = share * (1.0 - 1e-4);
    let down = |metres: f64, decimals: f64| {
        let scale = 10f64.powf(decimals);
        (metres * share * scale).floor() / scale
    };
    let side = |metres: f64| down(metres, (DIGITS - 1.0 - (metres * share).log10().floor()).max(0.0));
    let smaller = Fits {
        width_m: side(fits.width_m),
        depth_m: side(fits.depth_m),
        court_m: down(fits.court_m, 1.0),
        ..fits.clone()
    };
    (smaller.width_m >= SHORTEST_M && smaller.depth_m >= SHORTEST_M).then_some(smaller)
}

/// A need of a hall as it is written.
fn document(fits: &Fits) -> Json {
    let mut json = json!({"width_m": fits.width_m, "depth_m": fits.depth_m});
    if fits.step_deg.total_cmp(&Search::default().step_deg()).is_ne() {
        json["step_deg"] = json!(fits.step_deg);
    }
    match &fits.setback {
        Setback::Uniform(metres) if *metres == 0.0 => {}
        Setback::Uniform(metres) => json["setback_m"] = json!(metres),
        Setback::PerEdge(each) => json["setback_m"] = json!(each),
    }
    if fits.halls > 1 {
        json["halls"] = json!(fits.halls);
        json["court_m"] = json!(fits.court_m);
    }
    json
}
