//! zstd and ZIP. The archives are made here, byte by byte, as the formats' documents have them.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use crate::imports::{BASELINE, assert_daily, file, notes, read_bytes};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use poolkeeper_ingest::{ImportError, ImportOptions, Imported, Ingest, UnsupportedEncoding};
use std::io::Write;

fn read(bytes: &[u8]) -> Result<Imported, ImportError> {
    read_bytes(bytes, &ImportOptions::default())
}

/// A frame of blocks that are stored as they are (RFC 8878): a window of 1 MB, no checksum.
fn zstd_frame(text: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50];
    let blocks: Vec<_> = text.chunks(1_000).collect();
    for (at, block) in blocks.iter().enumerate() {
        let is_last = u32::from(at + 1 == blocks.len());
        let header = is_last | u32::try_from(block.len()).unwrap() << 3;
        frame.extend(&header.to_le_bytes()[..3]);
        frame.extend(*block);
    }
    frame
}

/// Blocks of one repeated byte, 128 KB each.
fn zstd_bomb(blocks: u32) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50];
    for at in 0..blocks {
        let header = u32::from(at + 1 == blocks) | 1 << 1 | (128 * 1024) << 3;
        frame.extend(&header.to_le_bytes()[..3]);
        frame.push(b'\n');
    }
    frame
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// How a member of an archive is written.
#[derive(Clone, Copy, PartialEq)]
enum Member {
    Stored,
    Deflated,
    /// With its checksum and sizes behind it, as programs write that stream.
    Streamed,
}

fn zip(members: &[(&str, &[u8], Member)]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, text, how) in members {
        let mut crc = flate2::Crc::new();
        crc.update(text);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        let (method, body) = match how {
            Member::Stored => (0_u16, text.to_vec()),
            _ => (8, encoder.finish().unwrap()),
        };
        let is_streamed = *how == Member::Streamed;
        let sizes = [
            crc.sum(),
            u32::try_from(body.len()).unwrap(),
            u32::try_from(text.len()).unwrap(),
        ];
        archive.extend(b"PK\x03\x04\x14\0");
        archive.extend(u16::to_le_bytes(if is_streamed { 8 } else { 0 }));
        archive.extend(method.to_le_bytes());
        archive.extend([0; 4]);
        for size in sizes {
            archive.extend(u32::to_le_bytes(if is_streamed { 0 } else { size }));
        }
        archive.extend(u16::to_le_bytes(u16::try_from(name.len()).unwrap()));
        archive.extend([0, 0]);
        archive.extend(name.as_bytes());
        archive.extend(body);
        if is_streamed {
            archive.extend(b"PK\x07\x08");
            sizes.iter().for_each(|size| archive.extend(size.to_le_bytes()));
        }
    }
    // The list of members is not read.
    archive.extend(b"PK\x01\x02");
    archive.extend([0; 42]);
    archive.extend(b"PK\x05\x06");
    archive.extend([0; 18]);
    archive
}

fn unreadable(problem: UnsupportedEncoding) -> Result<Imported, ImportError> {
    Err(ImportError::Unreadable(problem))
}

#[test]
fn zstd_is_unpacked_and_damage_is_found() {
    let text = file("00-baseline.csv");
    let frame = zstd_frame(&text);
    assert_daily(&read(&frame).unwrap(), &BASELINE, 14, "zstd");
    // Several frames, with one between that is skipped.
    let (first, second) = text.split_at(700);
    let skipped = b"\x53\x2a\x4d\x18\x05\0\0\0hello".to_vec();
    let frames = [zstd_frame(first), skipped, zstd_frame(second)].concat();
    assert_daily(&read(&frames).unwrap(), &BASELINE, 14, "frames");
    for cut in [4, 5, 8, 700, frame.len() - 1] {
        assert_eq!(read(&frame[..cut]), unreadable(UnsupportedEncoding::Damaged), "{cut}");
    }
    let mut wrong = frame.clone();
    wrong[6] |= 3 << 1;
    assert_eq!(read(&wrong), unreadable(UnsupportedEncoding::Damaged));
    assert_eq!(
        read(&[frame.clone(), b"more".to_vec()].concat()),
        unreadable(UnsupportedEncoding::Damaged)
    );
    // A window of 64 MB: 2^(10 + 16) bytes.
    let mut large = frame.clone();
    large[5] = 16 << 3;
    assert_eq!(read(&large), unreadable(UnsupportedEncoding::LargeWindow));
    assert_eq!(
        read(&zstd_frame(&frame)),
        unreadable(UnsupportedEncoding::TwiceCompressed)
    );
}

/// The format’s own program wrote the baseline at level 19, with a checksum.
#[test]
fn a_frame_of_the_formats_own_program_is_read() {
    let bytes = file("00-baseline.csv.zst");
    assert_daily(&read(&bytes).unwrap(), &BASELINE, 14, "its own");
    let mut wrong = bytes.clone();
    let last = wrong.len() - 1;
    wrong[last] ^= 1;
    assert_eq!(read(&wrong), unreadable(UnsupportedEncoding::Damaged));
}

#[test]
fn the_files_of_an_archive_are_read_as_one() {
    let text = String::from_utf8(file("00-baseline.csv")).unwrap();
    let header = text.lines().next().unwrap();
    let rows: Vec<_> = text.lines().skip(1).collect();
    let part = |rows: &[&str]| format!("{header}\n{}", rows.join("\n"));
    let (first, second) = (part(&rows[..20]), part(&rows[20..]));
    for how in [Member::Stored, Member::Deflated, Member::Streamed] {
        let archive = zip(&[
            ("april/", b"", Member::Stored),
            ("april/a.csv", first.as_bytes(), how),
            ("april/b.csv", second.as_bytes(), how),
        ]);
        assert_daily(&read(&archive).unwrap(), &BASELINE, 14, "archive");
    }
    let archive = zip(&[
        ("a.csv", first.as_bytes(), Member::Streamed),
        ("readme.pdf", b"%PDF", Member::Deflated),
        (
            "b.csv",
            format!("{second}\n2026-04-01,a..b,1,1,0,0\n").as_bytes(),
            Member::Deflated,
        ),
    ]);
    let imported = read(&archive).unwrap();
    assert_eq!(
        notes(&imported)[0],
        "1 file in the archive is left out, such as “readme.pdf”."
    );
    assert_eq!(
        imported.report.rejected.shown[0].to_string(),
        "b.csv, line 24: “a..b” is not a domain name"
    );
}

#[test]
fn archives_that_cannot_be_read_say_why() {
    let text = file("00-baseline.csv");
    let archive = zip(&[("a.csv", &text, Member::Deflated)]);
    for cut in [4, 20, 40, archive.len() - 70] {
        assert_eq!(read(&archive[..cut]), unreadable(UnsupportedEncoding::Damaged), "{cut}");
    }
    let changed = |at: usize, byte: u8| {
        let mut archive = archive.clone();
        archive[at] = byte;
        read(&archive)
    };
    // The flags, the method and the checksum.
    assert_eq!(changed(6, 1), unreadable(UnsupportedEncoding::Encrypted));
    assert_eq!(changed(8, 12), unreadable(UnsupportedEncoding::ArchiveMethod));
    assert_eq!(changed(14, archive[14] ^ 1), unreadable(UnsupportedEncoding::Damaged));
    let workbook = zip(&[
        ("[Content_Types].xml", b"<x/>", Member::Deflated),
        ("xl/a.xml", b"<x/>", Member::Deflated),
    ]);
    assert_eq!(read(&workbook), unreadable(UnsupportedEncoding::Workbook));
    let other = zip(&[("photo.jpg", b"x", Member::Stored)]);
    let members = vec!["photo.jpg".to_owned()];
    assert_eq!(read(&other), Err(ImportError::NoTrafficInArchive { members }));
    let twice = zip(&[("a.csv", &packed(&text), Member::Stored)]);
    assert_eq!(read(&twice), unreadable(UnsupportedEncoding::TwiceCompressed));
}

/// 4 KB that become 128 MB, and a file of ordinary rows that is packed well.
#[test]
fn what_becomes_too_large_is_refused() {
    let bomb = zstd_bomb(1_024);
    assert_eq!(bomb.len(), 6 + 4 * 1_024);
    let mut ingest = Ingest::with_options(ImportOptions::default());
    let problem = ImportError::Unreadable(UnsupportedEncoding::TooDense);
    assert_eq!(ingest.feed(&bomb), Err(problem));
    let mut text = "date,domain,processed,delivered,bounced,complained\n".to_owned();
    (0..20_000).for_each(|at| text.push_str(&format!("2026-04-01,d{}.example,1,1,0,0\n", at % 100)));
    let archive = zip(&[("a.csv", text.as_bytes(), Member::Streamed)]);
    assert_eq!(read(&archive).unwrap().report.domains, 100);
}
