//! Turns a file's bytes into UTF-8 as they stream in.
//!
//! The standard library decodes UTF-16. A library of encodings would add its tables of East Asian ones to the page's
//! download.

use super::encoding::{TextEncoding, decode_cell, windows_1252};
use super::problem::{ImportError, UnsupportedEncoding};

/// Bytes that show the encoding.
const START_BYTES: usize = 6;

/// Decodes a file's bytes to UTF-8. Bytes of other one-byte encodings pass unchanged.
#[derive(Debug, Default)]
pub(super) struct TextDecoder {
    /// The first bytes, until the encoding is known.
    start: Vec<u8>,
    /// `None` until the encoding is known. It is Windows-1252 only if a person said so.
    encoding: Option<TextEncoding>,
    /// The encoding that a person said.
    chosen: Option<TextEncoding>,
    /// A byte of half a unit, and a unit of half a character.
    half_unit: Option<u8>,
    half_pair: Option<u16>,
}

impl TextDecoder {
    /// A decoder for text in an encoding, or in the one that the first bytes show.
    pub(super) fn new(chosen: Option<TextEncoding>) -> Self {
        Self {
            chosen,
            ..Self::default()
        }
    }

    /// The encoding, once it is known.
    pub(super) fn encoding(&self) -> Option<TextEncoding> {
        self.encoding
    }

    /// Decodes the next bytes, and appends the text.
    pub(super) fn decode(&mut self, bytes: &[u8], to: &mut Vec<u8>) -> Result<(), ImportError> {
        match self.encoding {
            Some(TextEncoding::Utf16LittleEndian) => self.decode_utf16(bytes, u16::from_le_bytes, to),
            Some(TextEncoding::Utf16BigEndian) => self.decode_utf16(bytes, u16::from_be_bytes, to),
            Some(TextEncoding::Windows1252) => bytes.iter().for_each(|byte| push_char(windows_1252(*byte), to)),
            Some(TextEncoding::Utf8) => to.extend_from_slice(bytes),
            None => {
                self.start.extend_from_slice(bytes);
                if self.start.len() >= START_BYTES {
                    return self.begin(to);
                }
            }
        }
        Ok(())
    }

    /// Ends the input.
    pub(super) fn finish(&mut self, to: &mut Vec<u8>) -> Result<(), ImportError> {
        if self.encoding.is_none() {
            self.begin(to)?;
        }
        if self.half_unit.take().is_some() || self.half_pair.take().is_some() {
            push_char(char::REPLACEMENT_CHARACTER, to);
        }
        Ok(())
    }

    /// Finds the encoding by the first bytes, and decodes them.
    fn begin(&mut self, to: &mut Vec<u8>) -> Result<(), ImportError> {
        let start = std::mem::take(&mut self.start);
        let (encoding, mark_bytes) = match start.as_slice() {
            [0xd0, 0xcf, 0x11, 0xe0, ..] => {
                return Err(ImportError::Unreadable(UnsupportedEncoding::Workbook));
            }
            [b'P', b'A', b'R', b'1', ..] | [b'A', b'R', b'R', b'O', b'W', b'1', ..] => {
                return Err(ImportError::Unreadable(UnsupportedEncoding::Columnar));
            }
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'P', b'K', 3, 4, ..] => {
                return Err(ImportError::Unreadable(UnsupportedEncoding::TwiceCompressed));
            }
            [0xff, 0xfe, ..] => (TextEncoding::Utf16LittleEndian, 2),
            [0xfe, 0xff, ..] => (TextEncoding::Utf16BigEndian, 2),
            [(1..), 0, (1..), 0, ..] => (TextEncoding::Utf16LittleEndian, 0),
            [0, (1..), 0, (1..), ..] => (TextEncoding::Utf16BigEndian, 0),
            [0xef, 0xbb, 0xbf, ..] => (TextEncoding::Utf8, 3),
            _ => (TextEncoding::Utf8, 0),
        };
        self.encoding = Some(self.chosen.unwrap_or(encoding));
        self.decode(start.get(mark_bytes..).unwrap_or_default(), to)
    }

    fn decode_utf16(&mut self, bytes: &[u8], unit: fn([u8; 2]) -> u16, to: &mut Vec<u8>) {
        let mut bytes = bytes.iter().copied();
        let half_unit = self.half_unit.take();
        let mut next = half_unit.or_else(|| bytes.next());
        let mut units = Vec::with_capacity(bytes.len() / 2 + 2);
        units.extend(self.half_pair.take());
        while let Some(first) = next {
            let Some(second) = bytes.next() else {
                self.half_unit = Some(first);
                break;
            };
            units.push(unit([first, second]));
            next = bytes.next();
        }
        if units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            self.half_pair = units.pop();
        }
        for char in char::decode_utf16(units) {
            push_char(char.unwrap_or(char::REPLACEMENT_CHARACTER), to);
        }
    }
}

fn push_char(char: char, to: &mut Vec<u8>) {
    to.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Decodes a whole text of unknown encoding: UTF-8, UTF-16 or Windows-1252, without its byte order mark.
///
/// # Errors
/// [`ImportError::Unreadable`] when the bytes are no text.
pub fn decode_text(bytes: &[u8]) -> Result<String, ImportError> {
    let (mut decoder, mut text) = (TextDecoder::default(), Vec::new());
    decoder.decode(bytes, &mut text)?;
    decoder.finish(&mut text)?;
    Ok(decode_cell(&text).0.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(pieces: &[&[u8]]) -> String {
        let (mut decoder, mut text) = (TextDecoder::default(), Vec::new());
        for piece in pieces {
            decoder.decode(piece, &mut text).unwrap();
        }
        decoder.finish(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn utf16_reads_the_same_in_any_pieces() {
        let text = "dätum,€,𝄞\n";
        for (units, mark) in [
            (u16::to_le_bytes as fn(u16) -> [u8; 2], vec![0xff, 0xfe]),
            (u16::to_be_bytes, vec![0xfe, 0xff]),
        ] {
            let mut bytes = mark;
            bytes.extend(text.encode_utf16().flat_map(units));
            for at in 0..bytes.len() {
                assert_eq!(decode(&[&bytes[..at], &bytes[at..]]), text, "cut at {at}");
            }
            let single: Vec<_> = bytes.chunks(1).collect();
            assert_eq!(decode(&single), text);
            assert_eq!(decode(&[&bytes[..bytes.len() - 1]]), "dätum,€,𝄞\u{fffd}");
        }
        let unmarked: Vec<u8> = "date\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&[&unmarked]), "date\n");
        assert_eq!(decode(&[b"\xef\xbb", b"\xbfab"]), "ab");
        assert_eq!(decode(&[b"a"]), "a");
    }
}
