//! Unpacks zstd as it streams in, a block at a time, so that memory is bounded by the window.

use super::problem::{ImportError, UnsupportedEncoding};
use super::unpacked::{Unpacked, UnpackedSink, damaged, in_steps};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The largest window: that of the highest common level is 8 MB.
const MAX_WINDOW_BYTES: u64 = 32 << 20;

/// The first bytes of a frame, and the last three of one that is skipped.
const FRAME: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const SKIPPED: [u8; 3] = [0x2a, 0x4d, 0x18];

/// A decoder of one or more frames.
#[derive(Default)]
pub(super) struct ZstdDecoder {
    decoder: FrameDecoder,
    /// Bytes not yet decoded: less than a block.
    pending: Vec<u8>,
    place: FramePlace,
}

/// Where the pending bytes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum FramePlace {
    /// Before a frame.
    #[default]
    Between,
    /// In a frame, before a block.
    Block { has_checksum: bool },
    /// In a frame that is skipped.
    Skipped { left: usize },
}

impl std::fmt::Debug for ZstdDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ZstdDecoder")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl ZstdDecoder {
    pub(super) fn unpack(&mut self, bytes: &[u8], to: UnpackedSink<'_>) -> Result<(), ImportError> {
        let pending = std::mem::take(&mut self.pending);
        self.pending = in_steps(pending, bytes, |bytes| self.step(bytes, to))?;
        Ok(())
    }

    /// Ends the input.
    pub(super) fn finish(self) -> Result<(), ImportError> {
        if self.pending.is_empty() && self.place == FramePlace::Between {
            Ok(())
        } else {
            Err(damaged())
        }
    }

    /// Reads a frame's header or a block; returns its length, or `None` when it is incomplete.
    fn step(&mut self, bytes: &[u8], to: UnpackedSink<'_>) -> Result<Option<usize>, ImportError> {
        match self.place {
            FramePlace::Between => self.begin_frame(bytes),
            FramePlace::Skipped { left } => {
                let length = left.min(bytes.len());
                self.place = match left - length {
                    0 => FramePlace::Between,
                    left => FramePlace::Skipped { left },
                };
                Ok((length > 0 || left == 0).then_some(length))
            }
            FramePlace::Block { has_checksum } => self.read_block(bytes, has_checksum, to),
        }
    }

    fn begin_frame(&mut self, bytes: &[u8]) -> Result<Option<usize>, ImportError> {
        if let [0x50..=0x5f, b, c, d, rest @ ..] = bytes
            && [*b, *c, *d] == SKIPPED
        {
            let Some(length) = rest.first_chunk::<4>() else {
                return Ok(None);
            };
            let left = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| damaged())?;
            self.place = FramePlace::Skipped { left };
            return Ok(Some(8));
        }
        let known = bytes.len().min(FRAME.len());
        if bytes.get(..known) != FRAME.get(..known) && !(known < 4 && matches!(bytes, [0x50..=0x5f, ..])) {
            return Err(damaged());
        }
        let Some(descriptor) = bytes.get(4) else {
            return Ok(None);
        };
        let (is_single, has_checksum) = (descriptor & 0x20 != 0, descriptor & 0x04 != 0);
        let dictionary_bytes = [0, 1, 2, 4].get(usize::from(descriptor & 3)).copied().unwrap_or(4);
        let size_bytes = match descriptor >> 6 {
            0 => usize::from(is_single),
            flag => 1 << flag,
        };
        let length = 5 + usize::from(!is_single) + dictionary_bytes + size_bytes;
        let Some(mut header) = bytes.get(..length) else {
            return Ok(None);
        };
        if !is_single && window_bytes(bytes.get(5).copied().unwrap_or(0)) > MAX_WINDOW_BYTES {
            return Err(ImportError::Unreadable(UnsupportedEncoding::LargeWindow));
        }
        self.decoder.set_max_window_size(MAX_WINDOW_BYTES);
        self.decoder.init(&mut header).map_err(|_| damaged())?;
        self.place = FramePlace::Block { has_checksum };
        Ok(Some(length))
    }

    fn read_block(
        &mut self,
        bytes: &[u8],
        has_checksum: bool,
        to: UnpackedSink<'_>,
    ) -> Result<Option<usize>, ImportError> {
        let [a, b, c, ..] = *bytes else {
            return Ok(None);
        };
        let header = u32::from_le_bytes([a, b, c, 0]);
        let (is_last, kind) = (header & 1 == 1, header >> 1 & 3);
        let size = usize::try_from(header >> 3).map_err(|_| damaged())?;
        // A block of one repeated byte has only this byte.
        let content = if kind == 1 { 1 } else { size };
        let length = 3 + content + if is_last && has_checksum { 4 } else { 0 };
        let Some(mut block) = bytes.get(..length) else {
            return Ok(None);
        };
        let decoded = self
            .decoder
            .decode_blocks(&mut block, BlockDecodingStrategy::UptoBlocks(1));
        let is_finished = decoded.map_err(|_| damaged())?;
        if is_finished != is_last {
            return Err(damaged());
        }
        if let Some(text) = self.decoder.collect().filter(|text| !text.is_empty()) {
            to(Unpacked::Bytes(&text))?;
        }
        if is_last {
            let of_text = self.decoder.get_calculated_checksum();
            if has_checksum && self.decoder.get_checksum_from_data() != of_text {
                return Err(damaged());
            }
            self.place = FramePlace::Between;
        }
        Ok(Some(length))
    }
}

/// The size of a window, by its byte in a frame's header.
fn window_bytes(descriptor: u8) -> u64 {
    let base = 1_u64 << (10 + u32::from(descriptor >> 3));
    base + base / 8 * u64::from(descriptor & 7)
}
