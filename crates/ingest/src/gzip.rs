//! Unpacks gzip as it streams in.

use super::problem::{ImportError, UnsupportedEncoding};
use flate2::write::MultiGzDecoder;
use std::io::Write;

/// Packed bytes unpacked at once. They become 4 MB at most, because a byte of deflate holds 1,032 bytes at most.
const PACKED_BYTES: usize = 4 * 1024;

/// The first bytes of gzip.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Unpacks bytes that are gzip, and passes on others.
#[derive(Debug, Default)]
pub(super) enum GzipDecoder {
    /// Nothing read, or one byte that could begin gzip.
    #[default]
    Start,
    /// The first byte of gzip was read.
    Begun,
    /// Not gzip.
    Plain,
    Packed(Box<MultiGzDecoder<Vec<u8>>>),
}

impl GzipDecoder {
    /// Unpacks the next bytes, and gives them to `to`.
    pub(super) fn unpack(
        &mut self,
        bytes: &[u8],
        to: &mut dyn FnMut(&[u8]) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let [first, second] = MAGIC;
        match (&mut *self, bytes) {
            (Self::Plain, bytes) => to(bytes),
            (_, []) => Ok(()),
            (Self::Packed(decoder), bytes) => {
                for packed in bytes.chunks(PACKED_BYTES) {
                    decoder.write_all(packed).map_err(|_| damaged())?;
                    to(&std::mem::take(decoder.get_mut()))?;
                }
                Ok(())
            }
            (Self::Start, [byte]) if *byte == first => {
                *self = Self::Begun;
                Ok(())
            }
            (Self::Start, [one, two, ..]) if [*one, *two] == MAGIC => {
                *self = Self::packed();
                self.unpack(bytes, to)
            }
            (Self::Begun, [byte, ..]) if *byte == second => {
                *self = Self::packed();
                self.unpack(&[first], to)?;
                self.unpack(bytes, to)
            }
            (Self::Begun, bytes) => {
                *self = Self::Plain;
                to(&[first])?;
                to(bytes)
            }
            (Self::Start, bytes) => {
                *self = Self::Plain;
                to(bytes)
            }
        }
    }

    /// Ends the input.
    pub(super) fn finish(self, mut to: impl FnMut(&[u8]) -> Result<(), ImportError>) -> Result<(), ImportError> {
        match self {
            Self::Start | Self::Plain => Ok(()),
            Self::Begun => to(MAGIC.get(..1).unwrap_or_default()),
            Self::Packed(decoder) => to(&decoder.finish().map_err(|_| damaged())?),
        }
    }

    fn packed() -> Self {
        Self::Packed(Box::new(MultiGzDecoder::new(Vec::new())))
    }
}

const fn damaged() -> ImportError {
    ImportError::Unreadable(UnsupportedEncoding::DamagedGzip)
}
