//! Unpacks gzip, zstd and ZIP as they stream in.

use super::problem::{ImportError, UnsupportedEncoding};
use super::unpacked::{Unpacked, UnpackedSink, damaged};
use super::zip::ZipDecoder;
use super::zstd::ZstdDecoder;
use flate2::write::MultiGzDecoder;
use std::io::Write;

/// Packed bytes unpacked at once. They become 4 MB at most, because a byte of deflate holds 1,032 bytes at most.
const PACKED_BYTES: usize = 4 * 1024;

/// Bytes that show whether a file is compressed.
const START_BYTES: usize = 4;

/// Unpacked bytes may be this many times the packed ones.
const MAX_RATIO: u64 = 1_000;

/// Fewer unpacked bytes than these are never too many.
const MIN_LIMITED_BYTES: u64 = 100_000_000;

/// Unpacks bytes that are compressed, and passes on others.
#[derive(Debug, Default)]
pub(super) struct Unpacker {
    packing: Packing,
    packed: u64,
    unpacked: u64,
}

#[derive(Debug)]
enum Packing {
    /// The first bytes, which may be too few to tell.
    Unknown(Vec<u8>),
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zstd(Box<ZstdDecoder>),
    Zip(Box<ZipDecoder>),
}

impl Default for Packing {
    fn default() -> Self {
        Self::Unknown(Vec::new())
    }
}

impl Packing {
    /// The packing that the first bytes show.
    fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            [0x28, 0xb5, 0x2f, 0xfd] => Self::Zstd(Box::default()),
            b"PK\x03\x04" => Self::Zip(Box::default()),
            _ => Self::Plain,
        }
    }

    fn unpack(&mut self, bytes: &[u8], to: UnpackedSink<'_>) -> Result<(), ImportError> {
        match self {
            Self::Unknown(_) | Self::Plain => to(Unpacked::Bytes(bytes)),
            Self::Gzip(decoder) => bytes.chunks(PACKED_BYTES).try_for_each(|packed| {
                decoder.write_all(packed).map_err(|_| damaged())?;
                to(Unpacked::Bytes(&std::mem::take(decoder.get_mut())))
            }),
            Self::Zstd(decoder) => decoder.unpack(bytes, to),
            Self::Zip(decoder) => decoder.unpack(bytes, to),
        }
    }
}

impl Unpacker {
    /// Unpacks the next bytes, and gives them to `to`.
    pub(super) fn unpack(&mut self, bytes: &[u8], to: UnpackedSink<'_>) -> Result<(), ImportError> {
        if let Packing::Unknown(start) = &mut self.packing {
            start.extend_from_slice(bytes);
            let Some(magic) = start.get(..START_BYTES) else {
                return Ok(());
            };
            let packing = Packing::of(magic);
            let start = std::mem::take(start);
            self.packing = packing;
            return self.pass(&start, to);
        }
        self.pass(bytes, to)
    }

    /// Unpacks bytes of a known packing, and refuses those that become too many.
    fn pass(&mut self, bytes: &[u8], to: UnpackedSink<'_>) -> Result<(), ImportError> {
        if matches!(self.packing, Packing::Plain) {
            return to(Unpacked::Bytes(bytes));
        }
        self.packed += bytes.len() as u64;
        let (packed, total) = (self.packed, &mut self.unpacked);
        self.packing.unpack(bytes, &mut |found| {
            if let Unpacked::Bytes(bytes) = &found {
                *total += bytes.len() as u64;
                if *total > MIN_LIMITED_BYTES && *total > packed.saturating_mul(MAX_RATIO) {
                    return Err(ImportError::Unreadable(UnsupportedEncoding::TooDense));
                }
            }
            to(found)
        })
    }

    /// Ends the input.
    pub(super) fn finish(mut self, to: UnpackedSink<'_>) -> Result<(), ImportError> {
        if let Packing::Unknown(start) = &mut self.packing {
            let start = std::mem::take(start);
            self.packing = Packing::of(&start);
            self.pass(&start, to)?;
        }
        match self.packing {
            Packing::Unknown(_) | Packing::Plain => Ok(()),
            Packing::Gzip(decoder) => to(Unpacked::Bytes(&decoder.finish().map_err(|_| damaged())?)),
            Packing::Zstd(decoder) => decoder.finish(),
            Packing::Zip(decoder) => decoder.finish(),
        }
    }
}
