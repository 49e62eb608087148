//! Checks the lab against slow models. `cargo xtask test` runs these in wasm too.

mod backtest;
mod calibrate;
mod compare;
mod domain;
mod sweep;
