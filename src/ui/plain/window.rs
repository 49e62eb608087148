//! Which rows of a long list are on screen. Pure.

use std::ops::Range;

/// Rows drawn beyond each edge, so that a quick scroll shows no gap.
const OVERSCAN: usize = 6;
/// Rows drawn anew in one frame at most, so that no frame takes long on however tall a screen. The rest come in the next ones.
pub const ROWS_A_FRAME: usize = 16;

/// Whether a scroll went so far that no row stays: all rows on screen have to be drawn anew.
#[must_use]
pub fn is_leap(from_px: f64, to_px: f64, height_px: f64) -> bool {
    (to_px - from_px).abs() >= height_px.max(1.0)
}

/// How many rows may be drawn after this frame: few after a leap, more with each frame after it until all `wanted` are there.
#[must_use]
pub const fn allowed(before: usize, leapt: bool, wanted: usize) -> usize {
    if leapt {
        ROWS_A_FRAME
    } else if before < wanted {
        before.saturating_add(ROWS_A_FRAME)
    } else {
        before
    }
}

/// The rows to draw for a scroll position: all that are wanted, or as many from the top of the screen as are allowed.
#[must_use]
pub fn drawn(scroll_top_px: f64, height_px: f64, row_px: f64, count: usize, allowed: usize) -> Range<usize> {
    let all = wanted(scroll_top_px, height_px, row_px, count);
    if all.len() <= allowed {
        return all;
    }
    let top = visible(scroll_top_px, height_px, row_px, count, 0).start;
    top..all.end.min(top.saturating_add(allowed))
}

/// The rows on screen and some beyond each edge.
#[must_use]
pub fn wanted(scroll_top_px: f64, height_px: f64, row_px: f64, count: usize) -> Range<usize> {
    visible(scroll_top_px, height_px, row_px, count, OVERSCAN)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixel positions, clamped to zero and above"
)]
fn visible(scroll_top_px: f64, height_px: f64, row_px: f64, count: usize, beyond: usize) -> Range<usize> {
    let row_px = row_px.max(1.0);
    let first = (scroll_top_px.max(0.0) / row_px) as usize;
    let shown = (height_px.max(0.0) / row_px) as usize + 2;
    let start = first.saturating_sub(beyond).min(count);
    let end = first.saturating_add(shown).saturating_add(beyond).min(count);
    start..end
}

/// Where to scroll so that a row is wholly on screen; `None` when it already is. `head_px` is covered by the header.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "row numbers are far below 2^52")]
pub fn scroll_to(row: usize, scroll_top_px: f64, height_px: f64, row_px: f64, head_px: f64) -> Option<f64> {
    let top = row as f64 * row_px;
    let room = (height_px - head_px).max(row_px);
    if top < scroll_top_px {
        Some(top)
    } else if top + row_px > scroll_top_px + room {
        Some(top + row_px - room)
    } else {
        None
    }
}

/// The row a key leads to from `at` (none yet: the first); `None` for keys that are not the table's.
#[must_use]
pub fn moved(key: &str, at: Option<usize>, count: usize, page: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let to = match (key, at) {
        ("ArrowDown", None) | ("Home", _) => 0,
        ("End", _) => last,
        ("ArrowDown", Some(at)) => at.saturating_add(1),
        ("ArrowUp", at) => at.unwrap_or(0).saturating_sub(1),
        ("PageDown", at) => at.unwrap_or(0).saturating_add(page.max(1)),
        ("PageUp", at) => at.unwrap_or(0).saturating_sub(page.max(1)),
        _ => return None,
    };
    Some(to.min(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_near_the_screen_are_drawn() {
        assert_eq!(visible(0.0, 360.0, 36.0, 100_000, 8), 0..20);
        assert_eq!(visible(36_000.0, 360.0, 36.0, 100_000, 8), 992..1_020);
        assert_eq!(visible(36_000.0, 360.0, 36.0, 100_000, 0), 1_000..1_012);
        assert_eq!(visible(3_599_640.0, 360.0, 36.0, 100_000, 8), 99_982..100_000);
        assert_eq!(visible(-50.0, 360.0, 36.0, 3, 8), 0..3);
        assert_eq!(visible(1e9, 360.0, 36.0, 3, 8), 3..3);
    }

    #[test]
    fn after_a_leap_rows_come_from_the_top_of_the_screen() {
        // 1,440 px hold 40 rows of 36 px; two more may show in part, and six are wanted beyond each edge.
        assert_eq!(wanted(36_000.0, 1_440.0, 36.0, 100_000), 994..1_048);
        assert_eq!(drawn(36_000.0, 1_440.0, 36.0, 100_000, 16), 1_000..1_016);
        assert_eq!(drawn(36_000.0, 1_440.0, 36.0, 100_000, 48), 1_000..1_048);
        assert_eq!(drawn(36_000.0, 1_440.0, 36.0, 100_000, 64), 994..1_048);
        assert_eq!(drawn(3_599_640.0, 360.0, 36.0, 100_000, 16), 99_984..100_000);
        let frames = std::iter::successors(Some(allowed(64, true, 54)), |before| Some(allowed(*before, false, 54)));
        assert_eq!(frames.take(5).collect::<Vec<_>>(), [16, 32, 48, 64, 64]);
    }

    #[test]
    fn a_leap_leaves_no_row_on_screen() {
        assert!(!is_leap(1_000.0, 1_359.0, 360.0));
        assert!(is_leap(1_000.0, 1_360.0, 360.0));
        assert!(is_leap(1_000.0, 640.0, 360.0));
        assert!(!is_leap(0.0, 0.0, 0.0));
    }

    #[test]
    fn keys_move_within_the_list() {
        assert_eq!(moved("ArrowDown", None, 5, 3), Some(0));
        assert_eq!(moved("ArrowDown", Some(4), 5, 3), Some(4));
        assert_eq!(moved("PageDown", Some(0), 5, 3), Some(3));
        assert_eq!(moved("PageUp", Some(1), 5, 3), Some(0));
        assert_eq!(moved("End", Some(1), 5, 3), Some(4));
        assert_eq!(moved("ArrowDown", None, 0, 3), None);
        assert_eq!(moved("x", Some(1), 5, 3), None);
    }

    #[test]
    fn scrolling_brings_a_row_wholly_into_view() {
        assert_eq!(scroll_to(3, 0.0, 400.0, 36.0, 36.0), None);
        assert_eq!(scroll_to(0, 100.0, 400.0, 36.0, 36.0), Some(0.0));
        assert_eq!(scroll_to(20, 0.0, 400.0, 36.0, 36.0), Some(21.0 * 36.0 - 364.0));
    }
}
