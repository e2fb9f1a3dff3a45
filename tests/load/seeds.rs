//! How many cases a property is tried with, and which: a run is like any other.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// So many cases, always the same. `PROPTEST_CASES` has more of them, `PROPTEST_RNG_SEED` others.
pub fn fixed(cases: u32) -> ProptestConfig {
    let asked = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    ProptestConfig {
        cases: asked("PROPTEST_CASES").map_or(cases, |cases: u64| cases.try_into().unwrap()),
        rng_seed: RngSeed::Fixed(asked("PROPTEST_RNG_SEED").unwrap_or(0)),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
