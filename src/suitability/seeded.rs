//! Property tests that try the same cases every time.
use proptest::test_runner::{Config, RngSeed};

pub(super) fn cases(count: u32) -> Config {
    Config {
        rng_seed: RngSeed::Fixed(20_260_301),
        failure_persistence: None,
        ..Config::with_cases(count)
    }
}
