//! See the target `import_archive` of `poolkeeper-fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| poolkeeper_fuzzing::Target::named("import_archive").run(bytes));
