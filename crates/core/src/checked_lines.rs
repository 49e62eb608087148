//! Numbered lines with checksums: what files are made of that are only appended to.
//!
//! The first line of such a file names its format. Every other line holds its number from 1, the length of its text in bytes, a
//! checksum of number and text, and the text. Only a last line that is incomplete may be dropped: nobody was told that it is
//! stored. Everything else that does not read is damage.

/// FNV-1a: tells one text from another. It is no protection against purpose. Each step can be undone, so that one changed byte
/// always changes it.
#[must_use]
pub fn fnv<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A line with its end. The text must be free of line ends, as JSON is.
///
/// # Examples
/// ```
/// use poolkeeper_core::checked_lines::{CheckedLines, checked_line};
///
/// let bytes = [checked_line(1, "a"), checked_line(2, "b")].concat();
/// let read = CheckedLines::read(bytes.as_bytes(), 1, |text| Some(text.to_vec()));
/// assert_eq!(read.items, [b"a", b"b"]);
/// ```
#[must_use]
pub fn checked_line(number: u64, text: &str) -> String {
    format!("{number} {} {} {text}\n", text.len(), checksum(number, text.as_bytes()))
}

/// Any single changed byte changes it.
fn checksum(number: u64, text: &[u8]) -> String {
    format!("{:016x}", fnv(text.iter().chain(&number.to_le_bytes())))
}

/// What some lines hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedLines<T> {
    /// What the whole lines up to the first damage hold.
    pub items: Vec<T>,
    /// Bytes of those lines.
    pub whole_bytes: usize,
    /// Whether the last of them is there without its line end.
    pub lacks_line_end: bool,
    /// What is wrong with the line after them, if anything.
    pub damage: Option<&'static str>,
}

impl<T> CheckedLines<T> {
    /// Reads lines of which the first has this number. `read_text` gives `None` for a text that it does not know.
    #[must_use]
    pub fn read(bytes: &[u8], first: u64, read_text: impl Fn(&[u8]) -> Option<T>) -> Self {
        let mut found = Self {
            items: Vec::new(),
            whole_bytes: 0,
            lacks_line_end: false,
            damage: None,
        };
        let mut rest = bytes;
        while !rest.is_empty() {
            let number = first + found.items.len() as u64;
            let end = rest.iter().position(|byte| *byte == b'\n');
            let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
            match text_of(line, number)
                .and_then(|text| read_text(text).ok_or("this version does not know what it says"))
            {
                // Without its line end too: all of it is there.
                Ok(item) => found.items.push(item),
                Err(_) if end.is_none() && is_beginning(line, number) => break,
                Err(problem) => {
                    found.damage = Some(problem);
                    break;
                }
            }
            found.lacks_line_end = end.is_none();
            rest = after.strip_prefix(b"\n").unwrap_or_default();
        }
        found.whole_bytes = bytes.len() - rest.len();
        found
    }
}

fn text_of(line: &[u8], number: u64) -> Result<&[u8], &'static str> {
    let mut fields = line.splitn(4, |byte| *byte == b' ');
    let mut field = || fields.next().unwrap_or_default();
    let (found_number, length, sum, text) = (field(), field(), field(), field());
    if found_number != number.to_string().as_bytes() {
        return Err("its number is not the next one");
    }
    if length != text.len().to_string().as_bytes() || sum != checksum(number, text).as_bytes() {
        return Err("its checksum does not match");
    }
    Ok(text)
}

/// Whether a line may be the beginning of a whole one.
fn is_beginning(line: &[u8], number: u64) -> bool {
    let start = format!("{number} ");
    let Some(rest) = line.strip_prefix(start.as_bytes()) else {
        return start.as_bytes().starts_with(line);
    };
    let mut fields = rest.splitn(3, |byte| *byte == b' ');
    let (length, sum, text) = (fields.next().unwrap_or_default(), fields.next(), fields.next());
    let length_text = std::str::from_utf8(length).unwrap_or("?");
    let is_number = length_text.bytes().all(|byte| byte.is_ascii_digit());
    let is_sum = |sum: &[u8]| sum.len() <= 16 && sum.iter().all(u8::is_ascii_hexdigit);
    let is_short = |text: &[u8]| length_text.parse().is_ok_and(|length: usize| text.len() < length);
    is_number && sum.is_none_or(is_sum) && text.is_none_or(is_short)
}
