//! Unpacks ZIP as it streams in. The list at an archive's end cannot be read first, so the members are read by the header
//! before each. Own code, because libraries seek.

use super::problem::{ImportError, UnsupportedEncoding};
use super::unpacked::{Unpacked, UnpackedSink, damaged, in_steps};
use flate2::{Crc, Decompress, FlushDecompress, Status};

/// The bytes of a member's header, before its name.
const HEADER_BYTES: usize = 30;

/// Bytes unpacked at once.
const UNPACKED_BYTES: usize = 64 * 1024;

/// What the names of traffic files end in. A name without an ending is read too.
const ENDINGS: [&str; 7] = ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "log"];

/// A decoder of an archive.
#[derive(Debug, Default)]
pub(super) struct ZipDecoder {
    /// Bytes not yet read: less than a header.
    pending: Vec<u8>,
    place: ZipPlace,
}

#[derive(Debug, Default)]
enum ZipPlace {
    /// Before a member's header, or the list of members.
    #[default]
    Header,
    Member(Box<ZipMember>),
    /// After a member whose checksum and sizes come behind it.
    Descriptor {
        crc: u32,
    },
    /// In the list of members at the end.
    End,
}

/// A member that is read.
#[derive(Debug)]
struct ZipMember {
    /// `None` if it is stored as it is.
    inflate: Option<Decompress>,
    /// Bytes left of a stored member.
    left: u64,
    crc: Crc,
    /// `None` if it comes behind the member.
    expected_crc: Option<u32>,
    is_read: bool,
    is_done: bool,
}

impl ZipDecoder {
    pub(super) fn unpack(&mut self, bytes: &[u8], to: UnpackedSink<'_>) -> Result<(), ImportError> {
        if matches!(self.place, ZipPlace::End) {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        self.pending = in_steps(pending, bytes, |bytes| self.step(bytes, to))?;
        Ok(())
    }

    /// Ends the input.
    pub(super) fn finish(self) -> Result<(), ImportError> {
        if matches!(self.place, ZipPlace::End) {
            Ok(())
        } else {
            Err(damaged())
        }
    }

    /// Reads a header or a part of a member; returns its length, or `None` when more bytes are needed.
    fn step(&mut self, bytes: &[u8], to: UnpackedSink<'_>) -> Result<Option<usize>, ImportError> {
        match &mut self.place {
            ZipPlace::End => Ok(None),
            ZipPlace::Header => self.begin_member(bytes, to),
            ZipPlace::Descriptor { crc } => {
                let Some((length, found)) = descriptor(bytes) else {
                    return Ok(None);
                };
                if found != *crc {
                    return Err(damaged());
                }
                self.place = ZipPlace::Header;
                Ok(Some(length))
            }
            ZipPlace::Member(member) => {
                let read = member.read(bytes, to)?;
                let is_done = member.is_done;
                if is_done {
                    let crc = member.crc.sum();
                    self.place = match member.expected_crc {
                        Some(expected) if expected != crc => return Err(damaged()),
                        Some(_) => ZipPlace::Header,
                        None => ZipPlace::Descriptor { crc },
                    };
                }
                Ok(read.or(is_done.then_some(0)))
            }
        }
    }

    fn begin_member(&mut self, bytes: &[u8], to: UnpackedSink<'_>) -> Result<Option<usize>, ImportError> {
        match bytes {
            [b'P', b'K', 1, 2, ..] | [b'P', b'K', 5 | 6, 5..=7, ..] => {
                self.place = ZipPlace::End;
                return Ok(Some(bytes.len()));
            }
            [b'P', b'K', 3, 4, ..] => {}
            [_, _, _, _, ..] => return Err(damaged()),
            _ => return Ok(None),
        }
        let Some(header) = bytes.get(..HEADER_BYTES) else {
            return Ok(None);
        };
        let u16_at = |at: usize| {
            header
                .get(at..)
                .and_then(<[u8]>::first_chunk)
                .map_or(0, |two| u16::from_le_bytes(*two))
        };
        let u32_at = |at: usize| {
            header
                .get(at..)
                .and_then(<[u8]>::first_chunk)
                .map_or(0, |four| u32::from_le_bytes(*four))
        };
        let (flags, method, crc, packed) = (u16_at(6), u16_at(8), u32_at(14), u32_at(18));
        let (name_bytes, extra_bytes) = (usize::from(u16_at(26)), usize::from(u16_at(28)));
        let length = HEADER_BYTES + name_bytes + extra_bytes;
        let Some(rest) = bytes.get(HEADER_BYTES..length) else {
            return Ok(None);
        };
        let (name, extra) = rest.split_at_checked(name_bytes).unwrap_or_default();
        let name = String::from_utf8_lossy(name);
        if flags & 1 == 1 {
            return Err(ImportError::Unreadable(UnsupportedEncoding::Encrypted));
        }
        if name == "[Content_Types].xml" || name == "mimetype" || name.starts_with("xl/") {
            return Err(ImportError::Unreadable(UnsupportedEncoding::Workbook));
        }
        let has_descriptor = flags & 8 != 0;
        let inflate = match method {
            0 if !has_descriptor => None,
            8 => Some(Decompress::new(false)),
            _ => return Err(ImportError::Unreadable(UnsupportedEncoding::ArchiveMethod)),
        };
        let is_read = is_traffic(&name);
        if is_read {
            to(Unpacked::Member(&name))?;
        } else if !name.ends_with('/') {
            to(Unpacked::LeftOut(&name))?;
        }
        self.place = ZipPlace::Member(Box::new(ZipMember {
            left: if packed == u32::MAX {
                large_size(extra)
            } else {
                u64::from(packed)
            },
            is_done: inflate.is_none() && packed == 0,
            inflate,
            crc: Crc::new(),
            expected_crc: (!has_descriptor).then_some(crc),
            is_read,
        }));
        Ok(Some(length))
    }
}

impl ZipMember {
    /// Reads a part of the member; returns the length of its packed bytes, or `None` when more bytes are needed.
    fn read(&mut self, bytes: &[u8], to: UnpackedSink<'_>) -> Result<Option<usize>, ImportError> {
        let Some(inflate) = &mut self.inflate else {
            let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
            self.left -= length as u64;
            self.is_done = self.left == 0;
            self.give(bytes.get(..length).unwrap_or_default(), to)?;
            return Ok((length > 0).then_some(length));
        };
        let mut unpacked = vec![0; UNPACKED_BYTES];
        let before = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(bytes, &mut unpacked, FlushDecompress::None);
        let (read, written) = (inflate.total_in() - before.0, inflate.total_out() - before.1);
        self.is_done = status.map_err(|_| damaged())? == Status::StreamEnd;
        unpacked.truncate(usize::try_from(written).unwrap_or(usize::MAX));
        self.give(&unpacked, to)?;
        // Without new bytes, the decoder may still hold text that did not fit.
        Ok((read > 0 || written > 0).then_some(usize::try_from(read).unwrap_or(usize::MAX)))
    }

    fn give(&mut self, bytes: &[u8], to: UnpackedSink<'_>) -> Result<(), ImportError> {
        self.crc.update(bytes);
        if self.is_read && !bytes.is_empty() {
            to(Unpacked::Bytes(bytes))?;
        }
        Ok(())
    }
}

/// Whether a member is a file of traffic by its name.
fn is_traffic(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    let is_hidden = file.is_empty() || file.starts_with('.') || name.starts_with("__MACOSX/");
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    !is_hidden && ending.is_none_or(|ending| ENDINGS.contains(&ending.as_str()))
}

/// The packed size of a member of more than 4 GB, which is the second number of a field of the header.
fn large_size(mut extra: &[u8]) -> u64 {
    while let Some((head, rest)) = extra.split_first_chunk::<4>() {
        let [kind_low, kind_high, low, high] = *head;
        let field = rest
            .get(..usize::from(u16::from_le_bytes([low, high])))
            .unwrap_or_default();
        if u16::from_le_bytes([kind_low, kind_high]) == 1 {
            let packed = field.get(8..).and_then(<[u8]>::first_chunk);
            return packed.map_or(0, |size| u64::from_le_bytes(*size));
        }
        extra = rest.get(field.len()..).unwrap_or_default();
    }
    0
}

/// The length and the checksum of what is behind a member. The signature is optional, and the sizes have 4 or 8 bytes; the
/// next header's signature shows which. `None` when more bytes are needed.
fn descriptor(bytes: &[u8]) -> Option<(usize, u32)> {
    let marked = usize::from(bytes.starts_with(b"PK\x07\x08")) * 4;
    let crc = bytes.get(marked..).and_then(<[u8]>::first_chunk)?;
    let small = marked + 12;
    let next = bytes.get(small..small + 4)?;
    let is_small = matches!(next, [b'P', b'K', 1, 2] | [b'P', b'K', 3, 4]);
    let length = if is_small { small } else { marked + 20 };
    bytes.get(..length)?;
    Some((length, u32::from_le_bytes(*crc)))
}
