//! Runs parts of a range on several threads, if the target has threads.

use std::ops::Range;

/// Splits a range into at most this many parts of about equal length; none is empty.
pub(super) fn split(range: Range<usize>, parts: usize) -> Vec<Range<usize>> {
    let part_len = range.len().div_ceil(parts.max(1)).max(1);
    let starts = range.clone().step_by(part_len);
    starts.map(|start| start..range.end.min(start + part_len)).collect()
}

/// Runs a function for each part, each on its own thread; returns the results in the parts' order.
#[cfg(not(target_family = "wasm"))]
pub(super) fn map_each<T: Send>(parts: &[Range<usize>], run: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let [first, others @ ..] = parts else {
        return Vec::new();
    };
    let run = &run;
    std::thread::scope(|scope| {
        let others: Vec<_> = others
            .iter()
            .map(|part| scope.spawn(move || run(part.clone())))
            .collect();
        let first = run(first.clone());
        let others = others.into_iter().map(|thread| match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        std::iter::once(first).chain(others).collect()
    })
}

/// Runs a function for each part; returns the results in the parts' order.
#[cfg(target_family = "wasm")]
pub(super) fn map_each<T>(parts: &[Range<usize>], run: impl Fn(Range<usize>) -> T) -> Vec<T> {
    parts.iter().cloned().map(run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_the_range_in_order() {
        for (len, parts) in [(0, 3), (1, 3), (7, 3), (9, 3), (10, 1), (5, 0)] {
            let parts_of_range = split(4..4 + len, parts);
            assert!(parts_of_range.len() <= parts.max(1) && parts_of_range.iter().all(|part| !part.is_empty()));
            assert!(parts_of_range.into_iter().flatten().eq(4..4 + len));
        }
        assert_eq!(map_each(&split(0..7, 3), |part| part.sum::<usize>()), [3, 12, 6]);
    }
}
