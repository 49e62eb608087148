//! Encodings. Windows-1252 differs from Unicode in 27 characters, so its table is here.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A file's encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextEncoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, with the lower byte of each unit first.
    Utf16LittleEndian,
    /// UTF-16, with the higher byte of each unit first.
    Utf16BigEndian,
    /// Windows-1252, the western European encoding of older programs.
    Windows1252,
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16LittleEndian | Self::Utf16BigEndian => "UTF-16",
            Self::Windows1252 => "Windows-1252",
        })
    }
}

/// The characters of bytes 0x80 to 0x9f of Windows-1252. Five bytes have none; they are control characters.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The character of a byte of Windows-1252.
pub(super) fn windows_1252(byte: u8) -> char {
    let special = byte.checked_sub(0x80).and_then(|at| WINDOWS_1252.get(usize::from(at)));
    special.copied().unwrap_or(char::from(byte))
}

/// Text of unknown encoding: UTF-8 if it is valid, else Windows-1252.
pub(super) fn decode_cell(bytes: &[u8]) -> (Cow<'_, str>, TextEncoding) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), TextEncoding::Utf8),
        Err(_) => (
            Cow::Owned(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
            TextEncoding::Windows1252,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the encoding's standard table has it.
    #[test]
    fn windows_1252_has_its_own_characters() {
        assert_eq!(decode_cell(b"gr\xfcn"), ("grün".into(), TextEncoding::Windows1252));
        assert_eq!(decode_cell(b"\x80\x93\x9f\xff").0, "€“Ÿÿ");
        assert_eq!(decode_cell("grün".as_bytes()), ("grün".into(), TextEncoding::Utf8));
    }
}
