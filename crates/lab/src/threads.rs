//! Parts of the domains side by side, where there are threads.

use std::ops::Range;

/// Cuts a range into so many parts of about the same length; none is empty.
pub(super) fn cut(range: Range<usize>, parts: usize) -> Vec<Range<usize>> {
    let each = range.len().div_ceil(parts.max(1)).max(1);
    let starts = range.clone().step_by(each);
    starts.map(|start| start..range.end.min(start + each)).collect()
}

/// Does something for each part and gives the results in the parts' order: on threads where there are several parts.
#[cfg(not(target_family = "wasm"))]
pub(super) fn each<T: Send>(parts: &[Range<usize>], run: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
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

/// Does something for each part and gives the results in the parts' order.
#[cfg(target_family = "wasm")]
pub(super) fn each<T>(parts: &[Range<usize>], run: impl Fn(Range<usize>) -> T) -> Vec<T> {
    parts.iter().cloned().map(run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_the_range_in_order() {
        for (len, parts) in [(0, 3), (1, 3), (7, 3), (9, 3), (10, 1), (5, 0)] {
            let cut = cut(4..4 + len, parts);
            assert!(cut.len() <= parts.max(1) && cut.iter().all(|part| !part.is_empty()));
            assert!(cut.into_iter().flatten().eq(4..4 + len));
        }
        assert_eq!(each(&cut(0..7, 3), |part| part.sum::<usize>()), [3, 12, 6]);
    }
}
