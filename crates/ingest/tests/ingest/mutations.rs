//! Mutated files of every kind: no bytes make the reader panic, and where they are cut changes nothing.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use poolkeeper_ingest::{ImportError, ImportOptions, Imported, Ingest};
use proptest::prelude::*;

fn files() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/imports");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn read(bytes: &[u8], piece_bytes: usize) -> Result<Imported, ImportError> {
    let mut ingest = Ingest::with_options(ImportOptions::default());
    for piece in bytes.chunks(piece_bytes) {
        ingest.feed(piece)?;
    }
    ingest.finish()
}

/// Bytes that mean something in some format.
const MARKS: &[u8] = b",;\t\"\n\r{}[]:0129.-/eET@x\x00\xff\xfe\xef\x1f\x8b";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn mutated_files_read_the_same_in_any_pieces(
        at in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_u8..4), 0..12),
        keep in 1_usize..6_000,
        piece_bytes in 1_usize..700,
    ) {
        let files = files();
        let mut bytes = at.get(&files).clone();
        bytes.truncate(keep);
        for (place, mark, change) in changes {
            let place = place.index(bytes.len().max(1)).min(bytes.len());
            let mark = *mark.get(MARKS);
            match change {
                0 => bytes.insert(place, mark),
                1 if place < bytes.len() => drop(bytes.remove(place)),
                2 if place < bytes.len() => drop(bytes.drain(place..(place + 40).min(bytes.len()))),
                _ => bytes.splice(place..place, [mark; 3]).for_each(drop),
            }
        }
        let whole = read(&bytes, bytes.len().max(1));
        prop_assert_eq!(&read(&bytes, piece_bytes), &whole);
        // Each row of the table is a row of the file.
        if let Ok(Imported { report, .. }) = whole {
            prop_assert!(report.added_up <= report.rows);
            prop_assert!(report.repeated <= report.lines);
        }
    }
}
