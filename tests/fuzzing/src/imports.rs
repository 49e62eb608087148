//! Files of counts: where their bytes are cut changes nothing, and nothing is counted that the file has not.

use flate2::Compression;
use flate2::write::GzEncoder;
use poolkeeper_core::model::DomainName;
use poolkeeper_ingest::{ImportError, ImportOptions, Imported, Ingest, Mapping, RepeatedRows, RowPeriod};
use std::io::Write;

/// How a compressed file begins.
const GZIP: &[u8] = b"\x1f\x8b";

fn read(bytes: &[u8], piece_bytes: usize, options: &ImportOptions) -> Result<Imported, ImportError> {
    let mut ingest = Ingest::with_options(options.clone());
    for piece in bytes.chunks(piece_bytes.max(1)) {
        ingest.feed(piece)?;
    }
    ingest.finish()
}

/// The first byte chooses options and the size of the pieces; the others are the file.
pub fn plain(bytes: &[u8]) {
    let Some((choice, file)) = bytes.split_first() else {
        return;
    };
    check(file, *choice, false);
}

/// Bytes that may be zstd or a ZIP archive: the first byte chooses which begins them.
pub fn archive(bytes: &[u8]) {
    let [choice, file @ ..] = bytes else { return };
    let start: &[u8] = if choice & 1 == 0 {
        b"\x28\xb5\x2f\xfd"
    } else {
        b"PK\x03\x04"
    };
    let file = [start, file].concat();
    let whole = read(&file, file.len(), &ImportOptions::default());
    let in_pieces = read(&file, 1 + usize::from(choice >> 1), &ImportOptions::default());
    // Where bytes are damaged, the text before the damage may have a problem of its own.
    assert_eq!(whole.as_ref().ok(), in_pieces.as_ref().ok(), "cut in other places");
}

/// The second byte damages the compressed file, if it is not 0.
pub fn gzip(bytes: &[u8]) {
    let [choice, damage, file @ ..] = bytes else { return };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(file).expect("memory takes it");
    let mut compressed = encoder.finish().expect("memory takes it");
    if *damage != 0 {
        let at = usize::from(*damage) * 7 % compressed.len();
        compressed[at] ^= choice | 1;
        compressed.truncate(compressed.len() - usize::from(*damage % 3));
    } else if !file.starts_with(GZIP) && read(file, file.len(), &ImportOptions::default()).is_ok() {
        let unpacked = read(&compressed, compressed.len(), &ImportOptions::default());
        let plain = read(file, file.len(), &ImportOptions::default());
        assert_eq!(
            unpacked.map(|imported| imported.table),
            plain.map(|imported| imported.table)
        );
    }
    check(&compressed, *choice, *damage != 0);
}

fn check(file: &[u8], choice: u8, is_damaged: bool) {
    let options = ImportOptions {
        mapping: Mapping {
            repeated_rows: if choice & 1 == 0 {
                RepeatedRows::KeepOne
            } else {
                RepeatedRows::Add
            },
            row_period: (choice & 2 != 0).then_some(RowPeriod::Month),
            domain: (choice & 4 != 0).then(|| DomainName::as_sent("one.example")),
            ..Mapping::default()
        },
        ..ImportOptions::default()
    };
    let whole = read(file, file.len(), &options);
    let in_pieces = read(file, 1 + usize::from(choice >> 3), &options);
    if is_damaged && whole.is_err() {
        // The text before the damage may have a problem of its own.
        assert!(in_pieces.is_err(), "cut in other places");
        return;
    }
    assert_eq!(whole, in_pieces, "cut in other places");
    if let Ok(Imported { report, .. }) = whole {
        assert!(report.added_up <= report.rows);
        assert!(report.repeated <= report.lines);
    }
}
