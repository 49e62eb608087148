//! See the target `record_of_changes` of `poolkeeper-fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| poolkeeper_fuzzing::Target::named("record_of_changes").run(bytes));
