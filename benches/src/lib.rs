//! What the benchmarks share: made traffic, and the sweeps they time.

pub mod sweep_bench;
pub mod traffic;
