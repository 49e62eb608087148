//! FNV-1a: tells one account or record from another. It is no protection against purpose.

/// The hash of some bytes. Each step can be undone, so that one changed byte always changes it.
pub(super) fn fnv<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// What names an account by its bytes.
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("{:016x}-{}", fnv(bytes), bytes.len())
}
