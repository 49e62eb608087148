//! What names an account by its bytes.

use poolkeeper_core::checked_lines::fnv;

/// What names an account by its bytes.
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("{:016x}-{}", fnv(bytes), bytes.len())
}
