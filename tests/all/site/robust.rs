//! How firm the first place is, beside sampling and trying of the test's own: assemblies compete like single carriers.
use serde_json::{Value, json};
use zaiti::domain::viewer::Role;
use zaiti::inventory::GroundLimits;

use super::Demo;

/// `SplitMix64`, by its description (Steele, Lea, Flood 2014).
struct Chance(u64);

impl Chance {
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 11) as f64 + 1.0) / (1_u64 << 53) as f64
    }

    /// A Dirichlet sample is gamma numbers side by side; one of a whole shape is a sum of as many exponential ones. Shapes are 20 times the weights.
    fn gamma(&mut self, weight: f64) -> f64 {
        let (mut product, mut left) = (1.0, (20.0 * weight).round().max(1.0));
        while left > 0.5 {
            product *= self.share();
            left -= 1.0;
        }
        -f64::ln(product)
    }
}

struct Listed {
    codes: Vec<String>,
    worths: Vec<Vec<f64>>,
    weights: Vec<f64>,
    is_set: Vec<bool>,
}

fn listed(answer: &Value) -> Listed {
    let results = answer["results"].as_array().unwrap();
    let worths = |item: &Value| {
        item["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| point["worth"].as_f64().unwrap())
            .collect()
    };
    Listed {
        codes: results.iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect(),
        worths: results.iter().map(worths).collect(),
        weights: answer["wishes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|wish| wish["weight"].as_f64().unwrap())
            .collect(),
        is_set: results.iter().map(|item| item["assembly"].is_object()).collect(),
    }
}

impl Listed {
    /// The first of those with the largest sum under some weights.
    fn leader(&self, weights: &[f64]) -> usize {
        let sum = |worths: &[f64]| worths.iter().zip(weights).map(|(worth, weight)| weight * worth).sum::<f64>();
        let mut best = 0;
        for at in 1..self.codes.len() {
            if sum(&self.worths[at]) > sum(&self.worths[best]) {
                best = at;
            }
        }
        best
    }

    /// Weights with one at a share, and the others in their proportion.
    fn weights_with(&self, wish: usize, share: f64) -> Vec<f64> {
        let rest = 1.0 - self.weights[wish];
        let weight = |(at, weight): (usize, &f64)| if at == wish { share } else { weight * (1.0 - share) / rest };
        self.weights.iter().enumerate().map(weight).collect()
    }
}

/// The demo's requirement of a site for a four-storey plant, with other weights and a lower bound of its own: large parcels are few, so that sets compete.
fn requirement((weights, min): ([f64; 3], f64)) -> Value {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo/requirements/f_ic_packaging.json");
    let mut requirement: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    requirement["limit"] = json!(10_000);
    requirement["needs"][0]["min"] = json!(min);
    for (at, weight) in weights.into_iter().enumerate() {
        requirement["wishes"][at]["weight"] = json!(weight);
    }
    requirement
}

const CASES: [([f64; 3], f64); 5] = [
    ([40.0, 40.0, 20.0], 90.0),
    ([1.0, 1.0, 6.0], 90.0),
    ([1.0, 0.0, 2.0], 60.0),
    ([1.0, 5.0, 3.0], 40.0),
    ([4.0, 1.0, 2.0], 30.0),
];

#[tokio::test]
async fn shares_of_the_first_place_are_what_plain_sampling_gives() {
    const SEED: u64 = u64::from_be_bytes(*b"\0\0Zaiti1");
    const SAMPLES: usize = 2_000;
    let demo = Demo::open(GroundLimits::default()).await;
    let mut leading_sets = 0;
    for case in CASES {
        let answer = demo.ask(Role::Staff, &requirement(case));
        let listed = listed(&answer);
        assert!(listed.is_set.contains(&true) && listed.codes.len() > 2, "{:?}", listed.codes);
        let mut chance = Chance(SEED);
        let mut firsts = vec![0_usize; listed.codes.len()];
        for _ in 0..SAMPLES {
            let drawn: Vec<f64> = listed
                .weights
                .iter()
                .map(|weight| if *weight > 0.0 { chance.gamma(*weight) } else { 0.0 })
                .collect();
            firsts[listed.leader(&drawn)] += 1;
        }
        let robustness = &answer["robustness"];
        assert_eq!(
            (&robustness["samples"], &robustness["compared"]),
            (&json!(SAMPLES), &json!(listed.codes.len()))
        );
        let told = robustness["first"].as_array().unwrap();
        assert_eq!(told.len(), listed.codes.len().min(10));
        for (at, one) in told.iter().enumerate() {
            let share = firsts[at] as f64 / SAMPLES as f64;
            assert_eq!((&one["code"], &one["share"]), (&json!(listed.codes[at]), &json!(share)), "{case:?}");
            leading_sets += if listed.is_set[at] { firsts[at] } else { 0 };
        }
        let others = firsts.iter().skip(10).sum::<usize>() as f64 / SAMPLES as f64;
        assert_eq!(robustness["others"], json!(others));
    }
    assert!(
        leading_sets > 100,
        "sets lead in {leading_sets} samples: that they take part shows nothing"
    );
}

#[tokio::test]
async fn the_first_place_changes_at_the_weights_that_are_told() {
    const A_LITTLE: f64 = 1e-6;
    let demo = Demo::open(GroundLimits::default()).await;
    let mut checked = 0;
    for case in CASES {
        let answer = demo.ask(Role::Staff, &requirement(case));
        let listed = listed(&answer);
        for (wish, change) in answer["robustness"]["changes"].as_array().unwrap().iter().enumerate() {
            let leads = |share: f64| listed.codes[listed.leader(&listed.weights_with(wish, share))].as_str();
            let now = listed.weights[wish];
            for (side, away) in [("below", -A_LITTLE), ("above", A_LITTLE)] {
                let end = if side == "below" { 0.0 } else { 1.0 };
                let Some(at) = change[side]["weight"].as_f64() else {
                    assert_eq!(leads(end), listed.codes[0], "{case:?} {wish} {side}");
                    continue;
                };
                checked += 1;
                // Up to there the first stays, and just behind it the one that is named leads.
                for step in 1..50 {
                    let share = now + (at - now) * f64::from(step) / 50.0;
                    assert_eq!(leads(share), listed.codes[0], "{case:?} {wish} {side} {share}");
                }
                assert_eq!(leads(at + away), change[side]["code"], "{case:?} {wish} {side} {at}");
            }
        }
    }
    assert!(checked > 4, "only {checked} changes");
}
