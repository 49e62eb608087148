//! Which rows of a long list are in the document.

use std::ops::Range;

/// How many rows are drawn beyond each edge, so that a quick scroll shows no gap.
const OVERSCAN: usize = 6;
/// How many rows are added in one frame at most. This keeps frames short on tall screens.
const ROWS_PER_FRAME: usize = 8;

/// The rows of the document after this frame.
///
/// They are the rows of `wanted` that are there `now`, and up to `ROWS_PER_FRAME` more, those on screen first. The
/// result reaches `wanted` after a few frames.
#[must_use]
pub fn advanced(now: &Range<usize>, on_screen: &Range<usize>, wanted: &Range<usize>) -> Range<usize> {
    let kept = now.start.max(wanted.start)..now.end.min(wanted.end);
    // After a long jump no row is kept, and the new ones start at the top of the screen.
    let kept = if kept.is_empty() {
        on_screen.start..on_screen.start
    } else {
        kept
    };
    let above = kept.start.saturating_sub(wanted.start);
    let below = wanted.end.saturating_sub(kept.end);
    let (above, below) = if kept.start > on_screen.start {
        let above = above.min(ROWS_PER_FRAME);
        (above, below.min(ROWS_PER_FRAME.saturating_sub(above)))
    } else {
        let below = below.min(ROWS_PER_FRAME);
        (above.min(ROWS_PER_FRAME.saturating_sub(below)), below)
    };
    kept.start.saturating_sub(above)..kept.end.saturating_add(below)
}

/// The rows on screen, wholly or in part.
#[must_use]
pub fn on_screen(scroll_top_px: f64, height_px: f64, row_px: f64, count: usize) -> Range<usize> {
    visible(scroll_top_px, height_px, row_px, count, 0)
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

/// Where to scroll to show a row in full; `None` when it already is. The header covers `head_px`.
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

/// The row that a key moves to from `at` (`None`: no row yet); `None` for keys that the table does not handle.
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

    /// 1,440 px hold 40 rows of 36 px; two more may show in part, and six are wanted beyond each edge.
    fn tall(scroll_top_px: f64) -> (Range<usize>, Range<usize>) {
        let (height, row, count) = (1_440.0, 36.0, 100_000);
        (
            on_screen(scroll_top_px, height, row, count),
            wanted(scroll_top_px, height, row, count),
        )
    }

    #[test]
    fn after_a_leap_rows_come_from_the_top_of_the_screen_a_few_a_frame() {
        let (on_screen, wanted) = tall(36_000.0);
        assert_eq!((on_screen.clone(), wanted.clone()), (1_000..1_042, 994..1_048));
        let frames = std::iter::successors(Some(0..54), |now| Some(advanced(now, &on_screen, &wanted)));
        let ends = [1_008, 1_016, 1_024, 1_032, 1_040].map(|end| 1_000..end);
        let frames = frames.skip(1).take(8).collect::<Vec<_>>();
        assert_eq!(frames.get(..5), Some(ends.as_slice()));
        // The rows below the screen come before those above it, as most people scroll down.
        assert_eq!(frames.get(5..), Some([1_000..1_048, 994..1_048, 994..1_048].as_slice()));
    }

    #[test]
    fn a_scroll_keeps_the_rows_that_stay_and_draws_few_new_ones() {
        let (on_screen, wanted) = tall(36_000.0 + 20.0 * 36.0);
        assert_eq!((on_screen.clone(), wanted.clone()), (1_020..1_062, 1_014..1_068));
        assert_eq!(advanced(&(994..1_048), &on_screen, &wanted), 1_014..1_056);
        // Upwards: what is on screen first.
        let (on_screen, wanted) = tall(36_000.0 - 10.0 * 36.0);
        assert_eq!((on_screen.clone(), wanted.clone()), (990..1_032, 984..1_038));
        assert_eq!(advanced(&(994..1_048), &on_screen, &wanted), 986..1_038);
        assert_eq!(advanced(&(986..1_038), &on_screen, &wanted), 984..1_038);
        // Fewer rows than before, as after a filter; then none.
        assert_eq!(advanced(&(994..1_048), &(0..3), &(0..3)), 0..3);
        assert_eq!(advanced(&(0..3), &(0..0), &(0..0)), 0..0);
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
        // The last row in sight, of which four of 36 px show.
        assert_eq!(scroll_to(10, 0.0, 400.0, 36.0, 36.0), Some(11.0 * 36.0 - 364.0));
    }
}
