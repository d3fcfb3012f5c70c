//! Which targets are visited a second time, to see how far the first visits can be trusted.
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Of a hundred targets that were visited, so many are visited again.
const PERCENT: usize = 5;

/// Draws from the codes: at least one where there is any. The same campaign, zone and codes give the same sample: the order is that of a hash over them.
pub fn draw<'a>(campaign: Uuid, zone: Option<&str>, codes: impl Iterator<Item = &'a str>) -> Vec<String> {
    let rank = |code: &str| {
        let mut hasher = Sha256::new();
        hasher.update(campaign.as_bytes());
        hasher.update(zone.unwrap_or_default().as_bytes());
        hasher.update([0]);
        hasher.update(code.as_bytes());
        hasher.finalize()
    };
    let mut ranked: Vec<_> = codes.map(|code| (rank(code), code)).collect();
    ranked.sort_unstable();
    let wanted = (ranked.len() * PERCENT).div_ceil(100);
    let mut drawn: Vec<String> = ranked.into_iter().take(wanted).map(|(_, code)| code.to_owned()).collect();
    drawn.sort_unstable();
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_of_a_hundred_rounded_up_and_always_the_same() {
        let codes: Vec<String> = (0..41).map(|at| format!("P-{at:04}")).collect();
        let of = |campaign: u128, zone, count: usize| draw(Uuid::from_u128(campaign), zone, codes[..count].iter().map(String::as_str));
        for (count, wanted) in [(0, 0), (1, 1), (20, 1), (21, 2), (41, 3)] {
            assert_eq!(of(1, None, count).len(), wanted, "of {count}");
        }
        assert_eq!(of(1, Some("a"), 41), of(1, Some("a"), 41));
        assert_ne!(of(1, Some("a"), 41), of(2, Some("a"), 41));
        assert_ne!(of(1, Some("a"), 41), of(1, Some("b"), 41));
        let backwards = draw(Uuid::from_u128(1), None, codes.iter().rev().map(String::as_str));
        assert_eq!(backwards, of(1, None, 41));
    }
}
