//! See the target `notes` of `poolkeeper-fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| poolkeeper_fuzzing::Target::named("notes").run(bytes));
