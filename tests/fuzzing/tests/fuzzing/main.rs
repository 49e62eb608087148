//! The committed corpora of the fuzz targets, as a test: each seed and each input that once failed.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

use poolkeeper_fuzzing::TARGETS;
use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

/// Cut short, and with each of some bytes in it changed: what a fuzzer tries first.
fn variants(seed: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let step = seed.len() / 24 + 1;
    (0..seed.len()).step_by(step).flat_map(move |at| {
        let mut flipped = seed.to_vec();
        if let Some(byte) = flipped.get_mut(at) {
            *byte ^= 0x11;
        }
        [seed.get(..at).unwrap_or_default().to_vec(), flipped]
    })
}

/// One test: the memory that a target takes is that of the whole process.
#[test]
fn every_target_keeps_its_promises_on_its_corpus() {
    let mut broken = Vec::new();
    for target in &TARGETS {
        let seeds = entries(&corpora().join(target.name));
        assert!(!seeds.is_empty(), "{} has no corpus", target.name);
        let mut run = |bytes: &[u8], what: String| {
            if catch_unwind(|| target.run(bytes)).is_err() {
                broken.push(what);
            }
        };
        run(b"", format!("{}, no bytes", target.name));
        for path in seeds {
            let seed = std::fs::read(&path).unwrap();
            assert!(seed.len() < 10_000, "{} is too large to commit", path.display());
            run(&seed, path.display().to_string());
            for (at, bytes) in variants(&seed).enumerate() {
                run(&bytes, format!("{}, variant {at}", path.display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn each_target_has_a_corpus_and_a_program() {
    let named: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let names = |folder: &Path| -> BTreeSet<String> {
        entries(folder)
            .iter()
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&corpora()), named);
    assert_eq!(names(&corpora().join("../fuzz_targets")), named);
}
