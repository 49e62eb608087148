//! What is found in a compressed file.

use super::problem::{ImportError, UnsupportedEncoding};

/// What is found in a file.
pub(super) enum Unpacked<'a> {
    Bytes(&'a [u8]),
    /// A file of an archive begins.
    Member(&'a str),
    /// A file of an archive is not read, because of its name.
    LeftOut(&'a str),
}

/// Takes what is found.
pub(super) type UnpackedSink<'a> = &'a mut dyn FnMut(Unpacked<'_>) -> Result<(), ImportError>;

/// The problem of a file that is damaged or cut off.
pub(super) const fn damaged() -> ImportError {
    ImportError::Unreadable(UnsupportedEncoding::Damaged)
}

/// Takes steps through the bytes that are there as long as one is whole; returns those that are not read yet.
pub(super) fn in_steps(
    mut pending: Vec<u8>,
    bytes: &[u8],
    mut step: impl FnMut(&[u8]) -> Result<Option<usize>, ImportError>,
) -> Result<Vec<u8>, ImportError> {
    pending.extend_from_slice(bytes);
    let mut read = 0;
    while let Some(length) = step(pending.get(read..).unwrap_or_default())? {
        read += length;
    }
    pending.drain(..read.min(pending.len()));
    Ok(pending)
}
