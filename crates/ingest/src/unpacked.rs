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
